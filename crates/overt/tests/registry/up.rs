//! `overt up` from nothing to proofs that a stranger can check.

use super::{number, overt, registry, status, until};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use testkit::product::{Process, RegistryProcess, Web, free_port};

struct Up {
    folder: TempDir,
    process: Process,
    url: String,
    web: Web,
}

impl Up {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("127.0.0.1:{}", free_port().unwrap());
        let url = format!("http://{address}");
        let data = folder.path().join("data");
        let args = ["up", "--data", data.to_str().unwrap(), "--listen", &address, "--interval", "1s"];
        let log = folder.path().join("log");
        let process = Process::start(Path::new(env!("CARGO_BIN_EXE_overt")), args, &log).unwrap();
        let web = Web::new(&url, Duration::from_secs(10), None);
        until("readiness", || web.get("/readyz").ok().filter(|a| a.status == 200));
        let token = std::fs::read_to_string(data.join("registry/admin.token")).unwrap();
        let web = web.with_token(&token);
        Self { folder, process, url, web }
    }

    /// Keeps an answer as a file.
    fn keep(&self, path: &str, name: &str) -> String {
        let file = self.folder.path().join(name);
        std::fs::write(&file, self.web.get(path).unwrap().good().unwrap().body).unwrap();
        file.to_str().unwrap().to_owned()
    }

    /// The ordinal of a statement that is published.
    fn statement(&self) -> u64 {
        until("a published statement", || {
            let published = number(&status(&self.web), "published");
            let is_one = |n: &u64| self.web.get(&format!("/api/v1/statements/{n}")).unwrap().status == 200;
            (0..published).find(is_one)
        })
    }
}

fn spoilt(file: &str, name: &str, spoil: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut bytes = std::fs::read(file).unwrap();
    spoil(&mut bytes);
    let path = Path::new(file).with_file_name(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn up_states_seals_and_proves_what_a_stranger_verifies_offline() {
    let mut up = Up::start();
    let ordinal = up.statement();
    let policy = up.keep("/policy", "trust.policy");
    let statement = up.keep(&format!("/api/v1/statements/{ordinal}"), "statement.cose");
    let receipt = up.keep(&format!("/api/v1/receipts/{ordinal}"), "statement.cose.tlog-proof");
    let leaves = number(&status(&up.web), "leaves");
    let bundle = up.keep(&format!("/api/v1/bundle?first=0&count={leaves}"), "all.overt");
    let address = format!("{}/", up.url);
    assert_eq!(overt(&["verify", &address, "--policy", &policy]).0, 0);
    let (code, said) =
        overt(&["status", "--registry", &up.url, "--data", up.folder.path().join("data").to_str().unwrap()]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("Wrong      nothing") && said.lines().count() <= 10, "{said}");
    let ended = up.process.terminate().unwrap();
    assert!(ended.success(), "{ended}: {}", up.process.said());

    // The registry is gone: what follows needs files only.
    let (code, said) = overt(&["verify", &statement]);
    assert!(code == 0 && said.contains("Verified"), "{said}");
    let (code, said) = overt(&["verify", &bundle]);
    assert!(code == 0 && said.contains("Verified"), "{said}");
    let store = up.folder.path().join("data/registry/store");
    let (code, said) = overt(&["verify", store.to_str().unwrap(), "--policy", &policy]);
    assert!(code == 0 && said.contains("Verified"), "{said}");

    let forged = spoilt(&statement, "forged.cose", |bytes| *bytes.last_mut().unwrap() ^= 1);
    let (code, said) = overt(&["verify", &forged, "--receipt", &receipt]);
    assert!(code == 1 && said.contains("NOT verified"), "{code}: {said}");
    let forged = spoilt(&bundle, "forged.overt", |bytes| *bytes.last_mut().unwrap() ^= 1);
    let (code, said) = overt(&["verify", &forged]);
    assert!(code == 1 && said.contains("NOT verified"), "{code}: {said}");
    let stranger = spoilt(&policy, "other.policy", |text| {
        *text = b"log other.example/log+c5bc0ba2+ATDBZ0GKTLlUTnZPNUNEVjFPUzFqMTlMMWk0SmVTSjE=\nquorum none\n"
            .to_vec();
    });
    let (code, said) = overt(&["verify", &statement, "--policy", &stranger]);
    assert_ne!(code, 0, "{said}");
}

#[test]
fn a_second_up_over_the_same_folder_is_refused_and_the_first_goes_on() {
    let up = Up::start();
    let data = up.folder.path().join("data");
    let address = format!("127.0.0.1:{}", free_port().unwrap());
    let (code, said) = overt(&["up", "--data", data.to_str().unwrap(), "--listen", &address]);
    assert_eq!(code, 2, "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert_eq!(up.web.get("/readyz").unwrap().status, 200);
}

#[test]
fn what_up_began_serve_goes_on_with() {
    let mut up = Up::start();
    up.statement();
    assert!(up.process.terminate().unwrap().success());
    let mut serve: RegistryProcess = registry(&up.folder, "data");
    serve.start().unwrap();
    let after = status(&serve.admin().unwrap());
    assert!(number(&after, "published") > 0 && after["trouble"].is_null(), "{after}");
    serve.stop().unwrap();
    assert_eq!(serve.command(&["fsck"]).unwrap().0, 0);
}
