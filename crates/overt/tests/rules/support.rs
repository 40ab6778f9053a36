//! Calls of `overt`, and folders of rulebooks to spoil.

use serde_json::Value;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

pub fn overt(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_overt"))
        .args(args)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub fn said(args: &[&str]) -> String {
    let output = overt(args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

pub fn json(args: &[&str]) -> Value {
    serde_json::from_str(&said(args)).unwrap()
}

/// The call is refused with exit code 2 and nothing on standard output; one message holds every word.
pub fn refused(args: &[&str], words: &[&str]) {
    let output = overt(args);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {message}");
    assert!(output.stdout.is_empty(), "{args:?} printed an answer");
    for word in words {
        assert!(message.contains(word), "{args:?} said nothing of '{word}': {message}");
    }
}

/// A folder that is gone with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("overt-rules-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// A copy of a shipped rulebook.
    pub fn copy(name: &str, of: &str) -> Self {
        let folder = Self::new(name);
        let from = format!("{}/../../rulebook/{of}", env!("CARGO_MANIFEST_DIR"));
        for entry in std::fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, folder.0.join(path.file_name().unwrap())).unwrap();
        }
        folder
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub fn append(&self, name: &str, more: &str) {
        let path = self.0.join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text + more).unwrap();
    }

    pub fn replace(&self, name: &str, old: &str, new: &str) {
        let path = self.0.join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{name} does not hold '{old}'");
        std::fs::write(&path, text.replacen(old, new, 1)).unwrap();
    }

    pub fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A provision for the model rulebook that forbids mining under a condition.
pub fn provision(condition: &str) -> String {
    format!(
        "\n@id(\"test.one\")\n@instrument(\"open-model\")\n@article(\"Test 1\")\n@title(\"Test\")\n@text(\"Test.\")\n@grade(\"VP\")\n\
         permit (principal, action == Action::\"prohibited\", resource == Activity::\"mining\")\nwhen {{ {condition} }};\n"
    )
}

/// Real work to look at; ends with the test.
pub struct Busy(Child);

impl Busy {
    pub fn hashing() -> Self {
        let zeros = std::fs::File::open("/dev/zero").unwrap();
        Self(Command::new("sha256sum").stdin(zeros).stdout(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
