//! `overt register` as its users have it: files, dry runs, what is missing, a second person's word.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod wrong;

use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;
use testkit::product::RegistryProcess;

/// A registry that runs, and files beside it.
struct World {
    folder: TempDir,
    registry: RegistryProcess,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let overt = Path::new(env!("CARGO_BIN_EXE_overt"));
        let mut registry = RegistryProcess::new(overt, &folder.path().join("data")).unwrap();
        registry.start().unwrap();
        Self { folder, registry }
    }

    /// With an operator and a site.
    fn with_hall(place: &str) -> Self {
        let world = Self::new();
        let text = format!(
            "[[operator]]\nid = \"acme\"\ntitle = \"Acme Ltd\"\nkind = \"company\"\n\
             [[site]]\nid = \"hall\"\noperator = \"acme\"\nplace = \"{place}\"\n"
        );
        let file = world.file("base.toml", text);
        world.good(&[&file, "--yes"]);
        world
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Runs `overt register` as somebody; gives exit code, answer, and what was said beside it.
    fn run(&self, token: Option<&str>, args: &[&str], input: &str) -> (i32, String, String) {
        // Options of a command stand after its name.
        let words = ["missing", "show", "approve", "new"];
        let (before, after) = args.split_at(usize::from(args.first().is_some_and(|a| words.contains(a))));
        let mut command = Command::new(env!("CARGO_BIN_EXE_overt"));
        command.arg("register").args(before).args(after);
        command.args(["--registry", self.registry.url()]).arg("--data").arg(self.registry.data());
        command.env("NO_COLOR", "1").env_remove("OVERT_TOKEN").env_remove("OVERT_DATA");
        token.map(|token| command.env("OVERT_TOKEN", token));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    fn good(&self, args: &[&str]) -> String {
        let (code, answer, said) = self.run(None, args, "");
        assert_eq!(code, 0, "{args:?}: {answer}{said}");
        answer
    }

    fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.good(&[args, &["--json"]].concat())).unwrap()
    }

    fn token(&self, name: &str) -> String {
        let admin = self.registry.admin().unwrap();
        let wish = serde_json::json!({ "name": name, "role": "operator", "operator": "acme" });
        let answer = admin.document("POST", "/api/v1/tokens", &wish).unwrap().good().unwrap();
        answer.json()["token"].as_str().unwrap().to_owned()
    }
}

#[test]
fn a_fleet_is_shown_applied_and_then_no_difference() {
    let world = World::with_hall("CN-SC");
    let fleet = "id,model,serial\nrack-1,S21,SN1\nrack-2,S21,SN2\n";
    let file = world.file("fleet.csv", fleet);
    let args = [&file, "--site", "hall"];
    let shown = world.good(&[&args[..], &["--dry-run"]].concat());
    assert!(shown.contains("2 new, 0 changed, 0 ended, 0 unchanged"), "{shown}");
    assert_eq!(world.json(&["show", "device", "rack-1"])["registrations"], serde_json::json!([]));
    assert!(world.good(&[&args[..], &["--yes"]].concat()).contains("Recorded 2 registrations"));
    assert!(world.good(&[&args[..], &["--yes"]].concat()).contains("0 new, 0 changed, 0 ended, 2 unchanged"));

    let changed = world.file("fleet.csv", fleet.replace("S21,SN2", "S21 Pro,SN2"));
    let shown = world.json(&[&changed, "--site", "hall", "--dry-run"]);
    assert_eq!((shown["changed"].as_u64(), shown["unchanged"].as_u64()), (Some(1), Some(1)));
    let turn = &shown["lines"][0]["turns"][0];
    assert_eq!(
        (&turn["name"], &turn["old"], &turn["new"]),
        (&"device.model".into(), &"S21".into(), &"S21 Pro".into())
    );
    world.good(&[&changed, "--site", "hall", "--yes"]);
    let versions = world.json(&["show", "device", "rack-2"])["registrations"].clone();
    let models: Vec<&str> =
        versions.as_array().unwrap().iter().map(|v| v["fields"]["device.model"].as_str().unwrap()).collect();
    assert_eq!(models, ["S21", "S21 Pro"], "the version before is kept");
}

#[test]
fn more_devices_than_fit_one_request_are_applied_and_read_back() {
    let world = World::with_hall("CN-SC");
    let rows: String = (0..1300).map(|n| format!("rack-{n},hall,SN{n}\n")).collect();
    let file = world.file("fleet.csv", format!("id,site,serial\n{rows}"));
    let said = world.json(&[&file, "--yes"]);
    assert_eq!((said["recorded"].as_u64(), said["stopped"].is_null()), (Some(1300), true), "{said}");
    let shown = world.json(&[&file, "--dry-run"]);
    assert_eq!((shown["new"].as_u64(), shown["unchanged"].as_u64()), (Some(0), Some(1300)));
}

#[test]
fn what_is_missing_is_said_with_its_reason_and_goes_when_it_is_registered() {
    let world = World::with_hall("NO");
    let work = "[[workload]]\nid = \"w\"\nsite = \"hall\"\nfields = { work.activity = \"training\" }\n";
    world.good(&[&world.file("work.toml", work), "--yes"]);
    let text = world.good(&["missing", "--site", "hall"]);
    for part in [
        "Declared: training.",
        "site.address",
        "no.registration",
        "Norwegian Communications Authority",
        "not legal advice",
    ] {
        assert!(text.contains(part), "no '{part}': {text}");
    }
    let fields = |said: &Value| -> Vec<String> {
        said["missing"].as_array().unwrap().iter().map(|g| g["field"].as_str().unwrap().to_owned()).collect()
    };
    assert!(fields(&world.json(&["missing", "--site", "hall"])).contains(&"site.address".to_owned()));
    let site = "[[site]]\nid = \"hall\"\noperator = \"acme\"\nfields = { site.address = \"1 Mill Road\" }\n";
    world.good(&[&world.file("site.toml", site), "--yes"]);
    assert!(!fields(&world.json(&["missing", "--site", "hall"])).contains(&"site.address".to_owned()));
}

#[test]
fn where_the_rulebook_asks_for_a_second_person_a_version_counts_after_the_word() {
    let world = World::with_hall("OPEN");
    let (ann, bo) = (world.token("ann"), world.token("bo"));
    let site = "[[site]]\nid = \"hall\"\noperator = \"acme\"\nfields = { site.address = \"1 Mill Road\" }\n";
    let file = world.file("site.toml", site);
    let (code, said, _) = world.run(Some(&ann), &[&file, "--yes"], "");
    assert!(code == 0 && said.contains("once a second person approves"), "{said}");
    let last =
        || world.json(&["show", "site", "hall"])["registrations"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last()["counts"], false);
    let version = last()["version"].to_string();
    let (code, _, said) = world.run(Some(&ann), &["approve", "site", "hall", &version], "");
    assert!(code == 2 && said.contains("error:"), "whoever registered it cannot: {said}");
    let (code, said, _) = world.run(Some(&bo), &["approve", "site", "hall", &version, "--note", "seen"], "");
    assert!(code == 0 && said.contains("Approved"), "{said}");
    assert_eq!((&last()["counts"], &last()["word"]["note"]), (&true.into(), &"seen".into()));
}

#[test]
fn nodes_of_slurm_become_a_table_to_check_and_then_devices() {
    let world = World::with_hall("CN-SC");
    let nodes = "NodeName=gpu[01-02] Gres=gpu:h100:8\n";
    let (code, table, said) = world.run(None, &["--from", "slurm", "-", "--site", "hall"], nodes);
    assert_eq!(
        (code, table.as_str()),
        (
            0,
            "id,site,from,device.class,device.count,device.model\ngpu01,hall,,gpu,8,h100\ngpu02,hall,,gpu,8,h100\n"
        ),
        "{said}"
    );
    let file = world.file("checked.csv", table);
    world.good(&[&file, "--yes"]);
    let again = world.file("nodes.txt", nodes);
    let shown = world.good(&["--from", "slurm", &again, "--site", "hall", "--apply", "--yes"]);
    assert!(shown.contains("0 new, 0 changed, 0 ended, 2 unchanged"), "{shown}");
}
