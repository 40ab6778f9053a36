//! This machine's agent beside a registry, enrolled by the commands that an operator types.

use super::overt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use testkit::product::{Process, RegistryProcess};
use tlog::SignedCheckpoint;

/// An agent's folder with an enrolled device.
pub struct Enrolled {
    data: PathBuf,
    policy: PathBuf,
}

impl Enrolled {
    /// Operator, site and token are made, and the device is enrolled.
    pub fn begin(registry: &RegistryProcess, folder: &TempDir) -> Self {
        let data = folder.path().join("device");
        let policy = folder.path().join("agent.policy");
        std::fs::write(&policy, registry.web().get("/policy").unwrap().good().unwrap().body).unwrap();
        let admin = |args: &[&str]| {
            let all = [&["admin", "--registry", registry.url()], args].concat();
            let (code, said) = registry.command(&all).unwrap();
            assert_eq!(code, 0, "{said}");
            said
        };
        admin(&["operator", "acme", "--title", "Acme"]);
        admin(&["site", "hall", "--operator", "acme", "--place", "OPEN"]);
        let said = admin(&[
            "token",
            "door",
            "--role",
            "enrolment",
            "--operator",
            "acme",
            "--site",
            "hall",
            "--uses",
            "1",
        ]);
        let token = said.lines().next().unwrap().to_owned();
        let data_text = data.to_str().unwrap();
        let (code, said) = overt(&[
            "enrol",
            "--data",
            data_text,
            "--registry",
            registry.url(),
            "--site",
            "hall",
            "--token",
            &token,
        ]);
        assert_eq!(code, 0, "{said}");
        Self { data, policy }
    }

    /// Starts the agent.
    pub fn start(&self, url: &str) -> Process {
        let (data, policy) = (self.data.to_str().unwrap(), self.policy.to_str().unwrap());
        let args = ["agent", "--data", data, "--registry", url, "--policy", policy, "--interval", "1s"];
        let log = self.data.with_extension("log");
        Process::start(Path::new(env!("CARGO_BIN_EXE_overt")), args, &log).unwrap()
    }

    /// Leaves of the largest checkpoint that the agent has seen.
    pub fn seen(&self) -> u64 {
        let note = std::fs::read(self.data.join("agent/log/checkpoint")).unwrap_or_default();
        SignedCheckpoint::parse(&note).map_or(0, |signed| signed.checkpoint().size)
    }
}
