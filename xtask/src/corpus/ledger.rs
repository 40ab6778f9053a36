//! The ledger of recordings: what each file holds, what it truly was, and how it came about.

use super::recipe::Recipe;
use facts::{Activity, TokenState};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::path::{Path, PathBuf};

const HEAD: &str =
    "# Written by `cargo xtask corpus record`. What each recording holds, and what produced it.\n\n";

/// One recording.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// File name below `recordings/`.
    pub file: String,
    pub program: String,
    pub family: String,
    pub run: String,
    pub activity: Activity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<String>,
    pub token_link: TokenState,
    #[serde(default)]
    pub evasion: Vec<String>,
    /// Processes of the labelled workload, the busiest first.
    pub pids: Vec<u32>,
    /// When the work began, milliseconds after the observation began; 0 when it ran before.
    pub began_ms: u64,
    /// Processor seconds of the labelled workload in the recording.
    pub cpu_s: f64,
    /// Package and version.
    pub version: String,
    /// The command line as the recipe gives it.
    pub command: String,
    /// Of the file.
    pub sha256: String,
}

#[derive(Default, Serialize, Deserialize)]
struct Book {
    #[serde(default)]
    recording: Vec<Entry>,
}

/// The ledger file and the folder it describes.
pub struct Ledger {
    path: PathBuf,
    /// Where the recordings lie.
    pub folder: PathBuf,
    book: Book,
}

impl Ledger {
    /// Opens `out/recordings.toml`, or begins one.
    ///
    /// # Errors
    ///
    /// A ledger that cannot be read.
    pub fn open(out: &Path) -> Result<Self, Box<dyn Error>> {
        let path = out.join("recordings.toml");
        let book = match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Book::default(),
            Err(e) => return Err(format!("{}: {e}", path.display()).into()),
        };
        Ok(Self { path, folder: out.join("recordings"), book })
    }

    /// Whether this run has been recorded and the file is there.
    pub fn holds(&self, recipe: &Recipe) -> bool {
        let file = file_name(recipe);
        self.book.recording.iter().any(|e| e.file == file) && self.folder.join(&file).exists()
    }

    /// Enters a recording, in place of an earlier one of the same run, and writes the ledger.
    ///
    /// # Errors
    ///
    /// Those of writing, in words.
    pub fn enter(&mut self, entry: Entry) -> Result<(), String> {
        self.book.recording.retain(|e| e.file != entry.file);
        self.book.recording.push(entry);
        self.book.recording.sort_by(|a, b| a.file.cmp(&b.file));
        let text = toml::to_string(&self.book).map_err(|e| e.to_string())?;
        std::fs::write(&self.path, format!("{HEAD}{text}"))
            .map_err(|e| format!("{}: {e}", self.path.display()))
    }
}

/// `program--run.json.gz`.
pub fn file_name(recipe: &Recipe) -> String {
    format!("{}.json.gz", recipe.title())
}
