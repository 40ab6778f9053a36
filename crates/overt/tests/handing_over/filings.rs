//! Filings: what falls due, is filled, signed, handed in and amended, against a real registry.

use crate::{PATIENCE, World};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// An operator with a site that a second person approved, and a workload that mines.
fn registered() -> World {
    let world = World::new();
    let base = "[[operator]]\nid = \"acme\"\ntitle = \"Acme\"\nfrom = 2026-01-01\nfields = { \"party.legal_name\" = \"Acme Ltd\", \"party.reg_no\" = \"123\" }\n\
                [[site]]\nid = \"hall\"\noperator = \"acme\"\nplace = \"OPEN\"\nfrom = 2026-01-01\nfields = { \"site.name\" = \"Hall\", \"site.start_date\" = \"2026-01-01\" }\n\
                [[workload]]\nid = \"mine\"\nsite = \"hall\"\nfrom = 2026-01-01\nfields = { \"work.activity\" = \"mining\", \"work.start\" = \"2026-01-01\", \"work.coin\" = \"XMR\" }\n";
    let file = world.path("base.toml");
    std::fs::write(&file, base).unwrap();
    world.good(&["register", file.to_str().unwrap(), "--yes"]);
    let (code, said) = world.run(&["due", "--operator", "acme", "--site", "hall"]);
    assert!(
        code == 2 && said.contains("second person"),
        "what waits for approval is no reason to say that nothing is due: {said}"
    );
    let second = world.token("second", "operator");
    world.good(&["register", "approve", "site", "hall", "1", "--token-file", &second]);
    world
}

#[test]
fn what_falls_due_is_listed_filled_handed_in_and_shown_as_filed() {
    let world = registered();
    let of = ["--operator", "acme", "--site", "hall"];
    let due = world.good(&[&["due"], &of[..], &["--from", "2026-07-01", "--to", "2026-12-31"]].concat());
    assert!(due.contains("open.token-report") || due.contains("open.site-report"), "{due}");
    let report = if due.contains("open.site-report") { "open.site-report" } else { "open.token-report" };
    let out = world.path("filing");
    let filing = world.good(
        &[&["file", report], &of[..], &["--period", "2026-Q3", "--out", out.to_str().unwrap()]].concat(),
    );
    assert!(filing.contains("Not handed in"), "{filing}");
    let html = std::fs::read_to_string(out.join("filing.html")).unwrap();
    assert!(html.contains("<table") && !html.contains("<script"), "{html}");
    let (code, said) =
        world.run(&[&["file", report], &of[..], &["--period", "2026-Q3", "--submit"]].concat());
    assert!(code == 2 && said.contains("checked-by"), "nobody has checked it: {said}");
    let hand_in = |why: &[&str]| {
        world.run(
            &[
                &["file", report],
                &of[..],
                &["--period", "2026-Q3", "--checked-by", "A. Person", "--submit"],
                why,
            ]
            .concat(),
        )
    };
    let (code, said) = hand_in(&[]);
    assert!(code == 0 && said.contains("version 1"), "{said}");
    assert_eq!(hand_in(&[]).0, 2, "an amendment says why");
    let (code, said) = hand_in(&["--why", "a meter was read wrong"]);
    assert!(code == 0 && said.contains("version 2"), "{said}");
    let due = world.good(&[&["due"], &of[..], &["--from", "2026-07-01", "--to", "2026-12-31"]].concat());
    assert!(due.contains("amended (version 2)"), "{due}");
}

/// Signs a file as a person does, with OpenSSH and a key that is made for it.
fn signed(world: &World, file: &Path) -> String {
    let key = world.path("person");
    let keygen = |args: &[&str]| assert!(Command::new("ssh-keygen").args(args).status().unwrap().success());
    keygen(&["-q", "-t", "ed25519", "-N", "", "-f", key.to_str().unwrap()]);
    keygen(&["-q", "-Y", "sign", "-n", "overt.filing", "-f", key.to_str().unwrap(), file.to_str().unwrap()]);
    format!("{}.sig", file.display())
}

#[test]
fn a_filing_is_signed_by_a_persons_own_key_and_the_dossier_shows_by_which() {
    let world = registered();
    let out = world.path("filing");
    let of = ["file", "open.token-report", "--operator", "acme", "--site", "hall", "--period", "2026-Q3"];
    world.good(&[&of[..], &["--out", out.to_str().unwrap()]].concat());
    let file = out.join("filing.json");
    let signature = signed(&world, &file);
    let hand_in = |signature: &str| {
        let with = ["--document", file.to_str().unwrap(), "--signature", signature];
        world.run(&[&of[..], &with, &["--checked-by", "A. Person", "--submit"]].concat())
    };
    let other = world.path("other.sig");
    std::fs::write(&other, std::fs::read_to_string(&signature).unwrap().replace("U1NIU0lH", "U1NIU0lI"))
        .unwrap();
    let (code, said) = hand_in(other.to_str().unwrap());
    assert!(code == 2 && said.contains("ssh-keygen -Y sign"), "{code} {said}");
    let (code, said) = hand_in(&signature);
    assert!(code == 0 && said.contains("version 1"), "{said}");
    let wrong = world.run(&[&of[..7], &["2026-Q2", "--document", file.to_str().unwrap()]].concat());
    assert!(wrong.0 == 2 && wrong.1.contains("not what is asked for"), "{}", wrong.1);
    // What was handed in just now is in the log with the next batch.
    let end = Instant::now() + PATIENCE;
    let mut checked = world.verify(&world.dossier("signed.zip"));
    while !checked.1.contains("SHA256:") && Instant::now() < end {
        std::fs::remove_file(world.path("signed.zip")).unwrap();
        checked = world.verify(&world.dossier("signed.zip"));
    }
    assert!(checked.0 == 0 && checked.1.contains("signed by the keys of persons: SHA256:"), "{}", checked.1);
}
