//! Witnesses: a registry publishes nothing that too few of them have signed.

use super::{PATIENCE, load, number, overt, prove, registry, status, until, whole};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use testkit::product::{Process, RegistryProcess, Web, free_port};

/// A witness with its folder and its port.
struct Witness {
    name: &'static str,
    data: PathBuf,
    address: String,
    log: String,
    process: Option<Process>,
}

impl Witness {
    fn new(folder: &TempDir, name: &'static str, log: &str) -> Self {
        let data = folder.path().join(name);
        let address = format!("127.0.0.1:{}", free_port().unwrap());
        Self { name, data, address, log: log.to_owned(), process: None }
    }

    fn start(&mut self) {
        let (name, data) = (format!("{}.example/w", self.name), self.data.to_str().unwrap());
        let args =
            ["witness", "--data", data, "--name", &name, "--log", &self.log, "--listen", &self.address];
        let log = self.data.with_extension("log");
        self.process = Some(Process::start(Path::new(env!("CARGO_BIN_EXE_overt")), args, &log).unwrap());
        let web = Web::new(&format!("http://{}", self.address), PATIENCE, None);
        until("the witness", || web.get("/").ok().filter(|a| a.status == 200));
    }

    fn kill(&mut self) {
        self.process.take().unwrap().kill().unwrap();
    }

    /// Its line in a policy.
    fn line(&self) -> String {
        let web = Web::new(&format!("http://{}", self.address), PATIENCE, None);
        let key = web.get("/").unwrap().text();
        format!("witness {} {} http://{}\n", self.name, key.trim(), self.address)
    }
}

/// A registry that asks two witnesses of which one has to sign.
fn witnessed(folder: &TempDir) -> (RegistryProcess, [Witness; 2]) {
    let mut registry = registry(folder, "data");
    registry.start().unwrap();
    let policy = registry.web().get("/policy").unwrap().text();
    let log = policy.lines().find_map(|line| line.strip_prefix("log ")).unwrap().to_owned();
    registry.stop().unwrap();
    let mut witnesses = [Witness::new(folder, "one", &log), Witness::new(folder, "two", &log)];
    witnesses.iter_mut().for_each(Witness::start);
    let lines: String = witnesses.iter().map(Witness::line).collect();
    let path = folder.path().join("witnesses.policy");
    std::fs::write(&path, format!("{lines}group any any one two\nquorum any\n")).unwrap();
    registry.option("--policy", &path);
    registry.start().unwrap();
    (registry, witnesses)
}

#[test]
fn one_of_two_witnesses_is_enough_and_without_any_nothing_is_published() {
    let folder = tempfile::tempdir().unwrap();
    let (mut registry, mut witnesses) = witnessed(&folder);
    let load = load(&registry, 4);
    let (web, admin) = (registry.web(), registry.admin().unwrap());
    load.during(&web, 1, PATIENCE, || {
        until("receipts", || (load.proven() >= 10).then_some(()));
        witnesses[0].kill();
        let before = load.proven();
        until("receipts with one witness", || (load.proven() >= before + 10).then_some(()));
        witnesses[1].kill();
        until("the status to say so", || status(&admin)["unwitnessed_ms"].as_u64());
        let waiting = status(&admin);
        let names = waiting["witnesses"].to_string();
        assert!(!names.contains("cosigned"), "{names}");
        let (_, said) =
            overt(&["status", "--registry", registry.url(), "--data", registry.data().to_str().unwrap()]);
        assert!(said.contains("witness"), "{said}");
        let (published, proven) = (number(&waiting, "published"), load.proven());
        // The load may wait for receipts with all that it has to say.
        let wish = serde_json::json!({ "title": "Another", "kind": null });
        admin.document("PUT", "/api/v1/operators/another", &wish).unwrap().good().unwrap();
        let entries = number(&status(&admin), "entries");
        assert!(entries > published, "{entries} entries, {published} published");
        std::thread::sleep(std::time::Duration::from_secs(3));
        assert_eq!(number(&status(&admin), "published"), published, "published without a witness");
        assert_eq!(load.proven(), proven, "a receipt without a witness");
        witnesses[1].start();
        until("receipts again", || (load.proven() >= proven + 10).then_some(()));
        assert!(status(&admin)["unwitnessed_ms"].is_null());
    });
    whole(load);
    registry.stop().unwrap();
    let (code, said) = registry.command(&["fsck"]).unwrap();
    assert_eq!(code, 0, "{said}");
    let policy = registry.data().join("registry/trust.policy");
    let store = registry.data().join("registry/store");
    let (code, said) = overt(&["verify", store.to_str().unwrap(), "--policy", policy.to_str().unwrap()]);
    assert_eq!(code, 0, "{said}");
}

#[test]
fn a_rolled_back_registry_gets_no_signature_and_its_status_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let (mut registry, _witnesses) = witnessed(&folder);
    let first = load(&registry, 5);
    prove(&first, &registry.web(), 10);
    whole(first);
    registry.stop().unwrap();
    // An older copy of the whole folder, its lock too: nothing on this disk tells that there was more.
    let (now, older) = (registry.data().to_owned(), folder.path().join("older"));
    let duplicate = |from: &Path, to: &Path| {
        assert!(std::process::Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
    };
    duplicate(&now, &older);
    registry.start().unwrap();
    let second = load(&registry, 6);
    prove(&second, &registry.web(), 10);
    whole(second);
    registry.stop().unwrap();
    std::fs::remove_dir_all(&now).unwrap();
    duplicate(&older, &now);
    registry.start().unwrap();
    let admin = registry.admin().unwrap();
    let published = number(&status(&admin), "published");
    // Something has to be sealed before a witness is asked.
    let wish = serde_json::json!({ "title": "Another", "kind": null });
    admin.document("PUT", "/api/v1/operators/another", &wish).unwrap().good().unwrap();
    let said = until("the witnesses to refuse", || {
        let said = status(&admin)["witnesses"].to_string();
        (said.matches("rolled back").count() == 2).then_some(said)
    });
    assert!(said.contains("has cosigned"), "{said}");
    assert_eq!(number(&status(&admin), "published"), published, "a fork was published");
}
