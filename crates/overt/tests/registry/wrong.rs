//! Wrong calls and wrong input: one clear error each, exit code 2, nothing changed.

use super::{load, number, overt, prove, registry, status, whole};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;
use testkit::product::RegistryProcess;

/// Each call ends with exit code 2 and one message that holds the word beside it.
fn refused(cases: &[(&[&str], &str)]) {
    let mut wrong = Vec::new();
    for (args, word) in cases {
        let (code, said) = overt(args);
        let one = said.matches("error:").count() == 1 && !said.contains("panicked");
        if code != 2 || !one || !said.contains(word) {
            wrong.push(format!("{args:?}: exit code {code}, expected '{word}': {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn write(folder: &TempDir, name: &str, bytes: &[u8]) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

#[test]
fn what_cannot_be_started_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let occupied = TcpListener::bind("127.0.0.1:0").unwrap();
    let occupied = occupied.local_addr().unwrap().to_string();
    let (data, file) = (path(&folder, "data"), write(&folder, "file", b"no folder"));
    let (bad, missing) = (write(&folder, "bad.policy", b"quorum everybody\n"), path(&folder, "missing"));
    let pem = write(&folder, "bad.pem", b"no certificate");
    let key = "registry.example/log+00000000+AAAA";
    refused(&[
        (&["up", "--data", &data, "--listen", "127.0.0.1"], "--listen"),
        (&["up", "--data", &data, "--listen", "127.0.0.1:99999"], "--listen"),
        (&["up", "--data", &data, "--listen", &occupied], "cannot listen on"),
        (&["up", "--data", &data, "--listen", "192.0.2.1:1"], "no certificate"),
        (&["up", "--data", &data, "--listen", "127.0.0.1:0", "--place", "XX-NOWHERE"], "XX-NOWHERE"),
        (&["up", "--data", &data, "--interval", "1ms"], "between 1s and 1h"),
        (&["up", "--data", &data, "--consolidate", "0"], "--consolidate"),
        (&["up", "--data", &data, "--spool", "0"], "--spool"),
        (&["up", "--data", &file, "--listen", "127.0.0.1:0"], "cannot make the folder"),
        (&["up", "--data", "/proc/none", "--listen", "127.0.0.1:0"], "cannot make the folder"),
        (&["serve", "--data", &data, "--listen", &occupied], "cannot listen on"),
        (&["serve", "--data", &data, "--listen", "0.0.0.0:0"], "has no certificate"),
        (&["serve", "--data", &data, "--tls-cert", &pem], "--tls-key"),
        (
            &["serve", "--data", &data, "--listen", "127.0.0.1:0", "--tls-cert", &pem, "--tls-key", &pem],
            "bad.pem",
        ),
        (&["serve", "--data", &data, "--policy", &missing], "missing"),
        (&["serve", "--data", &data, "--policy", &bad], "policy"),
        (&["serve", "--data", &data, "--origin", "another/name"], "keeps its name"),
        (&["serve", "--data", &data, "--cadence", "soon"], "--cadence"),
        (&["serve", "--data", &file], "cannot make the folder"),
        (&["serve", "--data", &path(&folder, "fresh"), "--origin", "two words"], "origin"),
        (&["witness", "--data", &data, "--name", "w.example/one"], "--log"),
        (&["witness", "--data", &data, "--log", key], "--name"),
        (&["witness", "--data", &data, "--name", "w.example/one", "--log", "no key"], "no key"),
        (&["witness", "--data", &data, "--name", "two words", "--log", key], "error"),
        (&["witness", "--data", &file, "--name", "w.example/one", "--log", key], "cannot make the folder"),
        (
            &["witness", "--data", &data, "--name", "w.example/one", "--log", key, "--listen", "here"],
            "--listen",
        ),
    ]);
}

#[test]
fn an_agent_that_cannot_begin_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let (data, file, missing) =
        (path(&folder, "data"), write(&folder, "file", b"x"), path(&folder, "missing"));
    let policy = write(&folder, "good.policy", b"quorum none\n");
    let bad = write(&folder, "bad.policy", b"quorum everybody\n");
    let nobody = "http://127.0.0.1:9";
    refused(&[
        (&["agent", "--data", &data], "--policy FILE"),
        (&["agent", "--data", &data, "--policy", &missing], "missing"),
        (&["agent", "--data", &data, "--policy", &bad], "bad.policy"),
        (&["agent", "--data", &file, "--policy", &policy], "cannot make the folder"),
        (&["agent", "--data", &data, "--policy", &policy, "--registry", "ftp://here"], "is not the address"),
        (&["agent", "--data", &data, "--policy", &policy, "--registry", "http://192.0.2.1"], "in clear"),
        (&["agent", "--data", &data, "--policy", &policy, "--roots", &missing], "missing"),
        (&["agent", "--data", &data, "--policy", &policy, "--roots", &file], "root certificates"),
        (&["agent", "--data", &data, "--policy", &policy, "--interval", "2h"], "between 1s and 1h"),
        (&["agent", "--data", &data, "--policy", &policy, "--consolidate", "9999"], "--consolidate"),
        (&["enrol", "--data", &data], "--site"),
        (&["enrol", "--data", &data, "--site", "hall"], "nobody vouches"),
        (&["enrol", "--data", &data, "--site", "No Site", "--token", "ovt_x"], "--site"),
        (&["enrol", "--data", &data, "--site", "hall", "--token", "x", "--registry", nobody], "not enrolled"),
        (&["enrol", "--data", &data, "--site", "hall", "--voucher", "11"], "--signature"),
        (&["enrol", "--data", &data, "--site", "hall", "--voucher", "zz", "--signature", &file], "--voucher"),
        (
            &[
                "enrol",
                "--data",
                &data,
                "--site",
                "hall",
                "--voucher",
                "1122334455667788",
                "--signature",
                &missing,
            ],
            "missing",
        ),
        (&["enrol", "--data", &data, "--site", "hall", "--to-be-signed", "/proc/none/x"], "/proc/none/x"),
        (&["enrol", "--data", &file, "--site", "hall", "--token", "x"], "cannot make the folder"),
        (
            &["enrol", "--data", &data, "--site", "hall", "--token", "x", "--registry", "http://192.0.2.1"],
            "in clear",
        ),
    ]);
}

/// A registry with some proven statements, and files about one of them.
struct Given {
    folder: TempDir,
    registry: RegistryProcess,
}

impl Given {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut registry = registry(&folder, "data");
        registry.start().unwrap();
        let load = load(&registry, 7);
        prove(&load, &registry.web(), 20);
        whole(load);
        Self { folder, registry }
    }

    fn keep(&self, path: &str, name: &str) -> String {
        let answer = self.registry.admin().unwrap().get(path).unwrap().good().unwrap();
        write(&self.folder, name, &answer.body)
    }
}

#[test]
fn a_running_registry_is_asked_wrongly() {
    let given = Given::new();
    let (data, url) = (given.registry.data().to_str().unwrap(), given.registry.url());
    let open = write(&given.folder, "open.token", b"ovt_x");
    std::fs::set_permissions(Path::new(&open), PermissionsExt::from_mode(0o644)).unwrap();
    let closed = write(&given.folder, "closed.token", b"ovt_x");
    std::fs::set_permissions(Path::new(&closed), PermissionsExt::from_mode(0o600)).unwrap();
    let missing = path(&given.folder, "missing");
    let stranger = "00112233445566778899aabbccddeeff";
    let status = |rest: &[&'static str]| [&["status", "--data", data, "--registry", url], rest].concat();
    let history = |rest: &[&'static str]| [&["history", "--data", data, "--registry", url], rest].concat();
    let admin = |rest: &[&'static str]| [&["admin", "--data", data, "--registry", url], rest].concat();
    let backup = |rest: &[&'static str]| [&["backup", "--data", data, "--registry", url], rest].concat();
    refused(&[
        (&["status", "--data", data, "--registry", "http://127.0.0.1:9"], "no registry answers"),
        (&["status", "--data", data, "--registry", "nonsense"], "no registry answers"),
        (&["status", "--data", &missing, "--registry", url], "401"),
        (&["status", "--registry", url, "--token-file", &open], "chmod 600"),
        (&["status", "--registry", url, "--token-file", &closed], "401"),
        (&["status", "--registry", url, "--token-file", &missing], "is not there"),
        (&status(&["--lines", "3"]), "--lines"),
        (&history(&["--from", "2026-01-02", "--to", "2026-01-01"]), "from"),
        (&history(&["--device", "nobody"]), "device"),
        (&history(&["--device", stranger]), "device"),
        (&history(&["--activity", "idling-about"]), "idling-about"),
        (&history(&["--from", "yesterday-ish"]), "--from"),
        (&history(&["--format", "papyrus"]), "--format"),
        (&admin(&["operator", "Not A Name", "--title", "x"]), "Not A Name"),
        (&admin(&["site", "attic", "--operator", "nobody", "--place", "OPEN"]), "nobody"),
        (&admin(&["site", "attic", "--operator", "acme", "--place", "XX-NOWHERE"]), "XX-NOWHERE"),
        (
            &admin(&["site", "attic", "--operator", "acme", "--place", "OPEN", "--fact", "no-equals"]),
            "NAME=VALUE",
        ),
        (&admin(&["token", "t", "--role", "emperor"]), "emperor"),
        (&admin(&["revoke", stranger, "--why", "lost"]), "404"),
        (&admin(&["revoke", "../tokens", "--why", "lost"]), "../tokens"),
        (&admin(&["end-token", "never-made"]), "404"),
        (&admin(&["authority", "no key", "--operator", "acme"]), "key"),
        (&admin(&["erase", "999999999", "--why", "asked"]), "999999999"),
        (&admin(&["operator", "acme"]), "--title"),
        (&backup(&["/proc/none"]), "/proc/none"),
        (&backup(&["/etc"]), "/etc"),
        (&backup(&[]), "TO"),
    ]);
    // Nothing of this has changed anything.
    let now = super::status(&given.registry.admin().unwrap());
    assert!(now["trouble"].is_null(), "{now}");
    assert_eq!(number(&now, "devices"), 3);
}

#[test]
fn files_that_prove_nothing_are_refused() {
    let given = Given::new();
    let entries = number(&status(&given.registry.admin().unwrap()), "published");
    let admin = given.registry.admin().unwrap();
    let is_statement = |n: &u64| admin.get(&format!("/api/v1/statements/{n}")).unwrap().status == 200;
    let mut two = (0..entries).rev().filter(is_statement);
    let (one, other) = (two.next().unwrap(), two.next().unwrap());
    let statement = given.keep(&format!("/api/v1/statements/{one}"), "s.cose");
    let receipt = given.keep(&format!("/api/v1/receipts/{one}"), "s.proof");
    let foreign = given.keep(&format!("/api/v1/receipts/{other}"), "other.proof");
    let bundle = given.keep("/api/v1/bundle?first=0&count=1", "b.overt");
    let policy = given.keep("/policy", "p.policy");
    let cut = std::fs::read(&bundle).unwrap();
    let cut = write(&given.folder, "cut.overt", &cut[..cut.len() / 2]);
    let noise = write(&given.folder, "noise", b"neither CBOR nor a note");
    let (empty, missing) = (write(&given.folder, "empty", b""), path(&given.folder, "missing"));
    let bad = write(&given.folder, "bad.policy", b"quorum everybody\n");
    refused(&[
        (&["verify", &missing, "--policy", &policy], "missing"),
        (&["verify", &receipt, "--policy", &policy], "is a receipt"),
        (&["verify", &statement, "--policy", &policy], "--receipt FILE"),
        (&["verify", &statement, "--receipt", &receipt], "whom to believe"),
        (&["verify", &statement, "--receipt", &receipt, "--policy", &bad], "bad.policy"),
        (&["verify", &statement, "--receipt", &receipt, "--policy", &missing], "missing"),
        (&["verify", &statement, "--receipt", &receipt, "--log-key", "no key"], "--log-key"),
        (
            &["verify", &statement, "--receipt", &receipt, "--policy", &policy, "--device-key", "zz"],
            "--device-key",
        ),
        (&["verify", &cut, "--policy", &policy], "cut.overt"),
        (&["verify", "http://127.0.0.1:9/", "--policy", &policy], "127.0.0.1:9"),
        (&["verify", &path(&given.folder, ""), "--policy", &policy], "checkpoint"),
        (&["fsck", "--data", &missing], "holds no registry"),
        (&["fsck", "--data", given.registry.data().to_str().unwrap()], "one process at a time"),
        (&["restore", "--data", &path(&given.folder, "new"), &missing], "not restored"),
        (&["restore", "--data", &path(&given.folder, "new"), &noise], "not restored"),
        (&["restore", "--data", given.registry.data().to_str().unwrap(), &missing], "not restored"),
    ]);
    // What can be read and does not hold is another answer: exit code 1.
    for args in [
        ["verify", &statement, "--receipt", &foreign, "--policy", &policy],
        ["verify", &noise, "--receipt", &receipt, "--policy", &policy],
        ["verify", &empty, "--receipt", &receipt, "--policy", &policy],
        ["verify", &statement, "--receipt", &noise, "--policy", &policy],
    ] {
        let (code, said) = overt(&args);
        assert!(code == 1 && said.contains("NOT verified"), "{args:?}: {code}: {said}");
    }
}
