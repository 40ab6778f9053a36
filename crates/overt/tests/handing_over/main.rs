//! What leaves a registry for others: dossiers, filings, contested findings, differences.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod cases;
mod filings;
mod mailing;
mod pages;
mod shapes;

use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use testkit::Fleet;
use testkit::load::Load;
use testkit::product::RegistryProcess;

const PATIENCE: Duration = Duration::from_secs(60);

/// A registry in which three devices of `acme` at `hall` have spoken since ten days ago.
struct World {
    folder: TempDir,
    registry: RegistryProcess,
}

/// Runs overt with nothing but what is said.
fn offline(args: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_overt"));
    command.args(args).env("NO_COLOR", "1").env_remove("OVERT_TOKEN").env_remove("OVERT_DATA");
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8(said).unwrap())
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let overt = Path::new(env!("CARGO_BIN_EXE_overt"));
        let mut registry = RegistryProcess::new(overt, &folder.path().join("data")).unwrap();
        registry.start().unwrap();
        let now = server::service::now_ms();
        let fleet = Fleet::new(1, 3, "OPEN", now - 10 * 86_400_000, now).unwrap();
        let load = Load::begin(fleet, &registry.admin().unwrap()).unwrap();
        load.during(&registry.web(), 1, PATIENCE, || {
            let end = Instant::now() + PATIENCE;
            while load.proven() < 30 && Instant::now() < end {
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        assert!(load.end().proven >= 30);
        Self { folder, registry }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs overt against the registry; gives the exit code and all that was said.
    fn run(&self, args: &[&str]) -> (i32, String) {
        let data = self.registry.data().to_str().unwrap();
        offline(&[args, &["--registry", self.registry.url(), "--data", data]].concat())
    }

    fn good(&self, args: &[&str]) -> String {
        let (code, said) = self.run(args);
        assert_eq!(code, 0, "{args:?}: {said}");
        said
    }

    fn days(&self) -> (String, String) {
        let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let before = today.saturating_sub(jiff::Span::new().days(12));
        (before.to_string(), today.to_string())
    }

    fn dossier(&self, name: &str) -> PathBuf {
        let (path, (from, to)) = (self.path(name), self.days());
        let out = path.to_str().unwrap();
        self.good(&["dossier", "build", "--operator", "acme", "--from", &from, "--to", &to, "-o", out]);
        path
    }

    fn verify(&self, file: &Path) -> (i32, String) {
        let policy = self.registry.data().join("registry/trust.policy");
        let args = ["verify", file.to_str().unwrap(), "--policy", policy.to_str().unwrap()];
        offline(&args)
    }

    fn device(&self) -> String {
        let devices: Value = self.registry.admin().unwrap().get("/api/v1/devices").unwrap().json();
        devices[0]["device"].as_str().unwrap().to_owned()
    }

    fn token(&self, name: &str, role: &str) -> String {
        let wish = serde_json::json!({ "name": name, "role": role, "operator": "acme" });
        let answer = self.registry.admin().unwrap().document("POST", "/api/v1/tokens", &wish).unwrap();
        let file = self.path(name);
        std::fs::write(&file, answer.good().unwrap().json()["token"].as_str().unwrap()).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        file.to_str().unwrap().to_owned()
    }
}

#[test]
fn a_dossier_verifies_offline_with_less_in_it_too_and_not_when_it_was_changed() {
    let mut world = World::new();
    let device = world.device();
    let party = world.token("party", "operator");
    world.good(&[
        "contest",
        "raise",
        "matter-1",
        "--device",
        &device,
        "--statements",
        "0..3",
        "--grounds",
        "It was a benchmark.",
        "--token-file",
        &party,
    ]);
    let whole = world.dossier("whole.zip");
    let (code, said) = world.verify(&whole);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("follow from the entries, byte by byte"), "{said}");
    assert!(said.contains("This does not prove"), "{said}");
    let less = world.path("less.zip");
    let args = [
        "dossier",
        "redact",
        whole.to_str().unwrap(),
        "-o",
        less.to_str().unwrap(),
        "--device",
        &device,
        "--contests",
    ];
    let (code, said) = offline(&args);
    assert_eq!(code, 0, "{said}");
    world.registry.stop().unwrap();
    let (code, said) = world.verify(&less);
    assert!(code == 0 && said.contains("are not shown"), "offline, and what is left out is said: {said}");
    let mut bytes = std::fs::read(&whole).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    let changed = world.path("changed.zip");
    std::fs::write(&changed, bytes).unwrap();
    let (code, said) = world.verify(&changed);
    assert!(code == 1 && said.contains("NOT verified"), "{code}: {said}");
    assert!(
        !world.path("whole.part").exists() && !world.path("whole.whole").exists(),
        "nothing is left lying about"
    );
}

#[test]
fn a_dossier_of_nothing_is_refused_and_says_why() {
    let world = World::new();
    let out = world.path("none.zip");
    let out = out.to_str().unwrap();
    let ask = |args: &[&str]| world.run(&[&["dossier", "build", "-o", out], args].concat());
    for (args, why) in [
        (vec!["--operator", "nobody", "--from", "2026-01-01", "--to", "2026-01-31"], "nothing of operator"),
        (vec!["--operator", "acme", "--from", "2026-02-01", "--to", "2026-01-31"], "expected 1 to"),
        (vec!["--operator", "acme", "--from", "2026-02-30", "--to", "2026-03-31"], "2026-02-30"),
        (
            vec!["--operator", "acme", "--from", "2026-01-01", "--to", "2026-01-31", "--zone", "Mars"],
            "time zone",
        ),
    ] {
        let (code, said) = ask(&args);
        assert!(code == 2 && said.contains(why), "{code}: {said}");
    }
    assert!(!Path::new(out).exists());
}

#[test]
fn a_matter_is_raised_answered_and_counted() {
    let world = World::new();
    let device = world.device();
    let party = world.token("party", "operator");
    let raise = |id: &str| {
        world.run(&[
            "contest",
            "raise",
            id,
            "--device",
            &device,
            "--statements",
            "0..3",
            "--grounds",
            "No.",
            "--token-file",
            &party,
        ])
    };
    assert_eq!(raise("matter-1").0, 0);
    let (code, said) = raise("matter-1");
    assert!(code == 2 && said.contains("is there already"), "{code}: {said}");
    let list = world.good(&["contest", "list"]);
    assert!(list.contains("matter-1") && list.contains("open"), "{list}");
    world.good(&["contest", "answer", "matter-1", "--outcome", "overturned", "--reasons", "It was."]);
    let stats = world.good(&["stats"]);
    assert!(stats.contains("Contested findings: 1") && stats.contains("overturned: 1"), "{stats}");
}

#[test]
fn devices_that_nobody_registered_and_that_fell_silent_are_differences_and_alerts_once() {
    let world = World::new();
    let of = ["--operator", "acme", "--site", "hall", "--last", "12d"];
    let found = world.good(&[&["differences"], &of[..]].concat());
    assert!(found.contains("unregistered-device"), "{found}");
    let lines = world.good(&[&["differences", "--json"], &of[..]].concat());
    for line in lines.lines() {
        let difference: Value = serde_json::from_str(line).unwrap();
        assert_eq!(difference["schema"], "overt.difference/1");
        assert!(difference["coverage"].is_object() && difference["sentence"]["zh"].is_string(), "{line}");
    }
    let state = world.path("alerts.json");
    let alerts = [&["alerts", "--state", state.to_str().unwrap()], &of[..]].concat();
    world.good(&alerts);
    let again = world.good(&alerts);
    assert!(again.contains("Nothing new"), "{again}");
    let (code, said) =
        world.run(&[&alerts[..], &["--acknowledge", "no-such-key", "--by", "A. Person"]].concat());
    assert!(code == 2 && said.contains("open are"), "{said}");
}
