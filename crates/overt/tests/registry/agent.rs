//! This machine's agent beside a registry, let in by the commands that an operator types.

use std::path::Path;
use tempfile::TempDir;
use testkit::product::{AgentProcess, RegistryProcess};

/// An agent that is enrolled and not started.
pub fn enrolled(registry: &RegistryProcess, folder: &TempDir) -> AgentProcess {
    let admin = |args: &[&str]| {
        let all = [&["admin", "--registry", registry.url()], args].concat();
        let (code, said) = registry.command(&all).unwrap();
        assert_eq!(code, 0, "{said}");
        said
    };
    admin(&["operator", "acme", "--title", "Acme"]);
    admin(&["site", "hall", "--operator", "acme", "--place", "OPEN"]);
    let role = ["--role", "enrolment", "--operator", "acme", "--site", "hall", "--uses", "1"];
    let said = admin(&[&["token", "door"], &role[..]].concat());
    let token = said.lines().next().unwrap().to_owned();
    let policy = registry.web().get("/policy").unwrap().good().unwrap().body;
    let overt = Path::new(env!("CARGO_BIN_EXE_overt"));
    let agent = AgentProcess::new(overt, &folder.path().join("device"), registry.url());
    agent.enrol("hall", &token, &policy).unwrap();
    agent
}
