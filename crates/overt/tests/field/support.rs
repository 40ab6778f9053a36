//! Calls of the program, and registries that run for one test.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// The program.
pub fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_overt"));
    command.args(args).env("NO_COLOR", "1").env_remove("OVERT_TOKEN").env_remove("OVERT_REGISTRY");
    command
}

/// Runs it; it has to succeed. Gives standard output.
pub fn overt(args: &[&str]) -> String {
    let output = outcome(args);
    assert!(output.status.success(), "{args:?}: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// Runs it, however it ends.
pub fn outcome(args: &[&str]) -> Output {
    program(args).output().unwrap()
}

/// What was printed.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A recording of the corpus.
pub fn recording(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus/recordings").join(name);
    path.to_str().unwrap().to_owned()
}

/// Something of the program that runs until it is dropped.
pub struct Running {
    child: Child,
    /// Its address.
    pub url: String,
}

impl Running {
    /// Starts a command that says where it listens.
    pub fn start(args: &[&str]) -> Self {
        let mut child = program(args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let line = lines.find(|line| line.contains("listens on")).expect("it says where it listens");
        let url = line.split_whitespace().find(|word| word.starts_with("http")).unwrap().to_owned();
        // What is said later is read, so that the program never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url }
    }

    /// Ends it cleanly, as dropping it does.
    pub fn end(self) {
        drop(self);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let id = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        let _ = self.child.wait();
    }
}

/// A folder with a registry's data.
pub struct World {
    folder: tempfile::TempDir,
}

impl World {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// The registry's data.
    pub fn data(&self) -> String {
        self.path("data")
    }

    /// The registry's trust policy.
    pub fn policy(&self) -> String {
        PathBuf::from(self.data()).join("registry/trust.policy").to_str().unwrap().to_owned()
    }

    /// Starts the registry.
    pub fn serve(&self) -> Running {
        self.serve_on("127.0.0.1:0")
    }

    /// Starts the registry on an address.
    pub fn serve_on(&self, address: &str) -> Running {
        Running::start(&["serve", "--data", &self.data(), "--listen", address])
    }

    /// Makes an operator, a site and a token that lets `uses` devices in.
    pub fn hall(&self, registry: &Running, uses: &str) -> String {
        let ask = ["--data", &self.data(), "--registry", &registry.url];
        let admin = |args: &[&str]| overt(&[&["admin"], &ask[..], args].concat());
        admin(&["operator", "acme", "--title", "Acme", "--kind", "company"]);
        admin(&["site", "hall", "--operator", "acme", "--place", "OPEN"]);
        let token =
            ["token", "first", "--role", "enrolment", "--operator", "acme", "--site", "hall", "--uses", uses];
        admin(&token).trim().to_owned()
    }

    /// Enrols a device whose agent has a folder of its own.
    pub fn enrol(&self, device: &str, url: &str, token: &str) {
        let data = self.path(device);
        overt(&["enrol", "--data", &data, "--registry", url, "--site", "hall", "--token", token]);
    }
}
