//! Pages for people, in a real browser: what can be asserted of them as they are laid out.
//!
//! `OVERT_WITHOUT_BROWSER=1` leaves these out. `OVERT_PICTURES=FOLDER` keeps a picture of each view.

use crate::World;
use std::path::{Path, PathBuf};
use testkit::browser::{Browser, View};

const CHECK: &str = include_str!("page.js");

fn left_out() -> bool {
    let out = std::env::var_os("OVERT_WITHOUT_BROWSER").is_some_and(|value| value == "1");
    if out {
        eprintln!("left out: OVERT_WITHOUT_BROWSER=1");
    }
    out
}

/// Narrow and wide, light and dark, and on paper.
fn views() -> Vec<View> {
    let screen = |width| [false, true].map(|dark| View { width, dark, print: false });
    let mut all: Vec<View> = [360, 1280].into_iter().flat_map(screen).collect();
    all.push(View { width: 718, dark: false, print: true });
    all
}

/// What is wrong with a page in any view.
fn complaints(browser: &mut Browser, page: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for view in views() {
        let loaded = browser.open(page, view).unwrap();
        let wrong: Vec<String> = serde_json::from_value(browser.evaluate(CHECK).unwrap()).unwrap();
        let asked = loaded.requests.iter().map(|url| format!("asks for {url}"));
        let said = loaded.said.iter().map(|text| format!("the browser says: {text}"));
        let here = format!("{} {view:?}", page.display());
        all.extend(wrong.into_iter().chain(asked).chain(said).map(|why| format!("{here}: {why}")));
        if let Some(folder) = std::env::var_os("OVERT_PICTURES") {
            let dark = if view.dark { "dark" } else { "light" };
            let name = page.iter().rev().take(3).map(|p| p.to_string_lossy()).collect::<Vec<_>>().join("-");
            let path = PathBuf::from(folder).join(format!("{name}-{}-{dark}.png.base64", view.width));
            std::fs::write(path, browser.picture().unwrap()).unwrap();
        }
    }
    all
}

#[test]
fn filings_of_every_rulebook_are_readable_pages_that_ask_for_nothing() {
    if left_out() {
        return;
    }
    let mut browser = Browser::start().unwrap();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../filing/tests/golden");
    let mut pages = Vec::new();
    for place in std::fs::read_dir(golden).unwrap() {
        for filing in std::fs::read_dir(place.unwrap().path()).unwrap() {
            pages.push(filing.unwrap().path().join("filing.html"));
        }
    }
    pages.retain(|page| page.is_file());
    assert!(pages.len() >= 20, "{pages:?}");
    let wrong: Vec<String> = pages.iter().flat_map(|page| complaints(&mut browser, page)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_first_page_of_a_dossier_is_readable_and_asks_for_nothing() {
    if left_out() {
        return;
    }
    let world = World::new();
    let party = world.token("party", "operator");
    let device = world.device();
    let raise = ["contest", "raise", "matter-1", "--device", &device, "--statements", "0..3"];
    world.good(&[&raise[..], &["--grounds", "It was a benchmark.", "--token-file", &party]].concat());
    let dossier = world.dossier("whole.zip");
    let page = world.path("summary.html");
    std::fs::write(&page, member(&dossier, "summary.html")).unwrap();
    let wrong = complaints(&mut Browser::start().unwrap(), &page);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A file of an archive, as any program unpacks it.
pub fn member(archive: &Path, name: &str) -> Vec<u8> {
    let script =
        "import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))";
    let mut command = std::process::Command::new("/usr/bin/python3");
    let output = command.args(["-c", script]).arg(archive).arg(name).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn a_page_that_is_wrong_is_complained_about() {
    if left_out() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("wrong.html");
    let html = "<!doctype html><html><head><meta charset=utf-8><style>p{width:900px;color:#999;background:#fff}</style></head>\
                <body><h2>算力</h2><p>text</p><img src=\"https://192.0.2.1/x.png\"><script>console.log(1)</script></body></html>";
    std::fs::write(&page, html).unwrap();
    let wrong = complaints(&mut Browser::start().unwrap(), &page).join("\n");
    for why in [
        "no lang",
        "no title",
        "px wide in",
        "expected one h1",
        "contrast 2.8",
        "Chinese",
        "asks for https://192.0.2.1",
        "the browser says",
    ] {
        assert!(wrong.contains(why), "{why} is missing in {wrong}");
    }
}
