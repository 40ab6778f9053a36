//! Where things lie: work folder, scratch, environments, binaries.

use super::Record;
use super::recipe::Recipe;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Absolute paths that every run needs.
pub struct Places {
    /// Generated inputs, shared by all runs.
    pub work: PathBuf,
    /// Parent of each run's own folder; this call's own.
    pub scratch: PathBuf,
    /// Python environments.
    pub venvs: PathBuf,
    /// Folder that holds `node_modules`.
    pub npm: PathBuf,
    /// Renamed, stripped and packed copies.
    pub disguised: PathBuf,
    /// The corpus's own programs.
    pub programs: PathBuf,
    /// The corpus folder of the repository.
    pub corpus: PathBuf,
    /// Where recordings go.
    pub out: PathBuf,
    /// The binary that looks, when this run looks.
    pub overt: Option<PathBuf>,
    /// The pool on loopback, when a recipe needs it.
    pub pool: Option<PathBuf>,
}

impl Places {
    /// Makes the folders and builds the binaries that `chosen` needs.
    ///
    /// # Errors
    ///
    /// Folders that cannot be made, binaries that cannot be built.
    pub fn prepare(options: &Record, chosen: &[Recipe]) -> Result<Self, Box<dyn Error>> {
        let root = std::env::current_dir()?;
        let base = root.join("target/corpus");
        let overt = match (&options.overt, options.no_look) {
            (_, true) => None,
            (Some(path), _) => Some(path.canonicalize()?),
            (None, _) => Some(built(&["--release", "-p", "overt", "--bin", "overt"], "release", "overt")?),
        };
        let pool = match &options.stratum_server {
            Some(path) => Some(path.canonicalize()?),
            None if chosen.iter().any(|r| r.server.is_some()) => {
                Some(built(&["-p", "testkit", "--bin", "stratum-server"], "debug", "stratum-server")?)
            }
            None => None,
        };
        let places = Self {
            work: base.join("work"),
            scratch: base.join("scratch").join(std::process::id().to_string()),
            venvs: base.join("venv"),
            npm: base.join("npm"),
            disguised: base.join("disguised"),
            programs: absolute(&root, options.programs.as_deref(), "corpus/programs/target/release"),
            corpus: root.join("corpus"),
            out: absolute(&root, Some(&options.out), "corpus"),
            overt,
            pool,
        };
        for folder in [&places.work, &places.scratch, &places.venvs, &places.npm, &places.disguised] {
            std::fs::create_dir_all(folder)?;
        }
        Ok(places)
    }

    /// Removes this call's own folder.
    pub fn clear(&self) {
        let _ = std::fs::remove_dir_all(&self.scratch);
    }

    /// The interpreter of an environment; `system` is Debian's own.
    pub fn python(&self, venv: &str) -> PathBuf {
        match venv {
            "system" => PathBuf::from("/usr/bin/python3"),
            name => self.venvs.join(name).join("bin/python"),
        }
    }
}

fn absolute(root: &Path, given: Option<&Path>, default: &str) -> PathBuf {
    root.join(given.unwrap_or(Path::new(default)))
}

fn built(arguments: &[&str], profile: &str, name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let status = Command::new("cargo").arg("build").arg("--quiet").args(arguments).status()?;
    if !status.success() {
        return Err(format!("cargo build {} ended with {status}", arguments.join(" ")).into());
    }
    let metadata = cargo_metadata::MetadataCommand::new().no_deps().exec()?;
    Ok(metadata.target_directory.join(profile).join(name).into_std_path_buf())
}
