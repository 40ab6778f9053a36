//! Where a registry and an agent keep what is theirs, and the secrets among it.

use super::failed;
use crate::Failure;
use ed25519_zebra::{SigningKey, VerificationKey};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use tlog::VerifierKey;

/// Options that say where things are kept.
#[derive(Clone, Debug, clap::Args)]
pub struct DataArgs {
    /// The folder; otherwise /var/lib/overt for root, ~/.local/share/overt for others
    #[arg(long, value_name = "DIR", env = "OVERT_DATA")]
    pub data: Option<PathBuf>,
}

impl DataArgs {
    /// The folder.
    pub fn folder(&self) -> Result<PathBuf, Failure> {
        if let Some(folder) = &self.data {
            return Ok(folder.clone());
        }
        if rustix::process::geteuid().is_root() {
            return Ok(PathBuf::from("/var/lib/overt"));
        }
        let share = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|p| p.is_absolute());
        let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/share"));
        let share =
            share.or_else(home).ok_or_else(|| Failure::Usage("no home folder: say --data DIR".to_owned()))?;
        Ok(share.join("overt"))
    }
}

/// Makes a folder that only its owner may look into.
pub fn private(folder: &Path) -> Result<(), Failure> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|e| failed(format!("cannot make the folder {}", folder.display()), e))
}

/// Writes a small secret that only its owner may read: whole, or not at all.
pub fn write_secret(path: &Path, text: &str) -> Result<(), Failure> {
    let wrong = |e: std::io::Error| failed(format!("cannot write {}", path.display()), e);
    let new = path.with_extension("new");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new).map_err(wrong)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(wrong)?;
    fs::rename(&new, path).map_err(wrong)
}

/// Reads a secret; refuses one that others can read.
pub fn read_secret(path: &Path) -> Result<Option<String>, Failure> {
    let wrong = |e: std::io::Error| failed(format!("cannot read {}", path.display()), e);
    match fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(wrong(error)),
        Ok(meta) if meta.permissions().mode() & 0o077 != 0 => {
            let path = path.display();
            return Err(Failure::Usage(format!(
                "{path} can be read by others: chmod 600 {path}, and replace what it holds"
            )));
        }
        Ok(_) => {}
    }
    fs::read_to_string(path).map(|text| Some(text.trim().to_owned())).map_err(wrong)
}

/// The key in a file of 64 hexadecimal digits; made if there is none.
pub fn signing_key(path: &Path) -> Result<SigningKey, Failure> {
    if let Some(text) = read_secret(path)? {
        let seed: statement::Digest = text.parse().map_err(|e| failed(path.display(), e))?;
        return Ok(SigningKey::from(seed.0));
    }
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|e| failed("the system gives no randomness", e))?;
    write_secret(path, &format!("{}\n", statement::Digest(seed)))?;
    Ok(SigningKey::from(seed))
}

/// A word in a file that is made once, like the name of a log.
pub fn remembered(
    path: &Path,
    given: Option<&str>,
    make: impl FnOnce() -> String,
) -> Result<String, Failure> {
    match (fs::read_to_string(path), given) {
        (Ok(kept), Some(given)) if kept.trim() != given => Err(Failure::Usage(format!(
            "{} says '{}', not '{given}': a log keeps its name for as long as it lives",
            path.display(),
            kept.trim()
        ))),
        (Ok(kept), _) => Ok(kept.trim().to_owned()),
        (Err(_), given) => {
            let word = given.map_or_else(make, str::to_owned);
            fs::write(path, format!("{word}\n")).map_err(|e| failed(path.display(), e))?;
            Ok(word)
        }
    }
}

/// The verifier of a log's key.
pub fn verifier(origin: &str, key: &SigningKey) -> Result<VerifierKey, Failure> {
    VerifierKey::log(origin, VerificationKey::from(key).into()).map_err(|e| failed(format!("'{origin}'"), e))
}
