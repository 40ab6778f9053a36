//! The device's secret key on its disk, and how it is replaced without a moment in which neither the old nor the new one counts.
//!
//! The file has mode 0600 in a folder of mode 0700, and one that others can read is refused. A new key is on the disk before
//! anybody hears of it, and takes the old one's place only after the registry took it. Must not send anything itself.

use crate::disk::{make_private, private};
use statement::{DeviceId, DeviceKey, Enrol, Name, Nonce, Rotate, Vouch};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// The key in use.
const FILE: &str = "device.key";
/// The key that is to replace it.
const NEXT: &str = "device.key.next";
/// What a key file begins with.
const MAGIC: &str = "overt-device-key-1";
/// Most bytes of a key file.
const MOST: u64 = 1_024;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The disk.
    #[error("{path}: {error}")]
    Disk {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        error: io::Error,
    },
    /// Others can read it.
    #[error("{path} has mode {mode:04o}: others can read the secret key; expected 0600")]
    Open {
        /// Which file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// Something else.
    #[error("{path} is not a device key: expected '{MAGIC}', the device and the seed, each on its line")]
    Form {
        /// Which file.
        path: PathBuf,
    },
    /// No randomness.
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
}

/// The keys of a device.
#[derive(Debug)]
pub struct Keys {
    folder: PathBuf,
    device: DeviceId,
    key: DeviceKey,
    next: Option<DeviceKey>,
}

impl Keys {
    /// Reads the key in a folder, and makes one if there is none.
    ///
    /// # Errors
    ///
    /// [`KeyFileError`].
    pub fn open(folder: &Path) -> Result<Self, KeyFileError> {
        make_private(folder).map_err(|error| KeyFileError::Disk { path: folder.to_owned(), error })?;
        let (device, key) = match read(&folder.join(FILE))? {
            Some(known) => known,
            None => {
                let seed = random()?;
                let key = DeviceKey::from_seed(seed);
                write(folder, FILE, key.public().device(), seed)?;
                (key.public().device(), key)
            }
        };
        let next = read(&folder.join(NEXT))?.map(|(_, key)| key);
        Ok(Self { folder: folder.to_owned(), device, key, next })
    }

    /// The device.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        self.device
    }

    /// The key in use.
    #[must_use]
    pub fn key(&self) -> &DeviceKey {
        &self.key
    }

    /// The signed request to be enrolled.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::Random`].
    pub fn enrolment(
        &self,
        site: Name,
        label: &str,
        token: Option<String>,
        vouch: Option<Vouch>,
        at_ms: u64,
    ) -> Result<Vec<u8>, KeyFileError> {
        let key = self.key.public().to_bytes().to_vec();
        let request = Enrol { key, site, label: label.to_owned(), at_ms, nonce: nonce()?, token, vouch };
        Ok(request.sign(&self.key))
    }

    /// Whether a replacement was begun, of which it is not known whether the registry took it.
    #[must_use]
    pub fn replacing(&self) -> bool {
        self.next.is_some()
    }

    /// Begins or goes on with a replacement: the signed request. The new key is on the disk when this returns.
    ///
    /// # Errors
    ///
    /// [`KeyFileError`].
    pub fn replace(&mut self, at_ms: u64) -> Result<Vec<u8>, KeyFileError> {
        let next = match self.next.take() {
            Some(next) => next,
            None => {
                let seed = random()?;
                write(&self.folder, NEXT, self.device, seed)?;
                DeviceKey::from_seed(seed)
            }
        };
        let request = Rotate::new(self.device, &next, at_ms).sign(&self.key);
        self.next = Some(next);
        Ok(request)
    }

    /// A request by which the new key replaces itself: a registry that takes it has the new key already, whatever became
    /// of its answer. None if no replacement was begun.
    #[must_use]
    pub fn replaced_already(&self, at_ms: u64) -> Option<Vec<u8>> {
        self.next.as_ref().map(|next| Rotate::new(self.device, next, at_ms).sign(next))
    }

    /// The registry took the new key: it takes the old one's place.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::Disk`]; the old one is then still in use here, and this can be tried again.
    pub fn replaced(&mut self) -> Result<(), KeyFileError> {
        let Some(next) = self.next.clone() else { return Ok(()) };
        let (from, to) = (self.folder.join(NEXT), self.folder.join(FILE));
        fs::rename(&from, &to)
            .and_then(|()| File::open(&self.folder)?.sync_all())
            .map_err(|error| KeyFileError::Disk { path: to, error })?;
        (self.key, self.next) = (next, None);
        Ok(())
    }
}

/// A random nonce.
///
/// # Errors
///
/// [`KeyFileError::Random`].
pub fn nonce() -> Result<Nonce, KeyFileError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(KeyFileError::Random)?;
    Ok(Nonce(bytes))
}

fn random() -> Result<[u8; 32], KeyFileError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(KeyFileError::Random)?;
    Ok(seed)
}

fn read(path: &Path) -> Result<Option<(DeviceId, DeviceKey)>, KeyFileError> {
    use std::os::unix::fs::PermissionsExt as _;
    let failed = |error| KeyFileError::Disk { path: path.to_owned(), error };
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(failed)?,
    };
    let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeyFileError::Open { path: path.to_owned(), mode });
    }
    let mut text = String::new();
    file.take(MOST).read_to_string(&mut text).map_err(failed)?;
    let mut lines = text.lines();
    let magic = lines.next() == Some(MAGIC);
    let device = lines.next().and_then(|line| line.strip_prefix("device ")?.parse::<DeviceId>().ok());
    let seed = lines.next().and_then(|line| line.strip_prefix("seed ")?.parse::<statement::Digest>().ok());
    match (magic, device, seed, lines.next()) {
        (true, Some(device), Some(seed), None) => Ok(Some((device, DeviceKey::from_seed(seed.0)))),
        _ => Err(KeyFileError::Form { path: path.to_owned() }),
    }
}

/// Writes a key file in one step: there is all of it or none.
fn write(folder: &Path, name: &str, device: DeviceId, seed: [u8; 32]) -> Result<(), KeyFileError> {
    let path = folder.join(name);
    let unfinished = folder.join(format!("{name}.unfinished"));
    let text = format!("{MAGIC}\ndevice {device}\nseed {}\n", statement::Digest(seed));
    let done = || -> io::Result<()> {
        // One that was left behind could have another mode.
        match fs::remove_file(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = private().create_new(true).open(&unfinished)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&unfinished, &path)?;
        File::open(folder)?.sync_all()
    };
    done().map_err(|error| KeyFileError::Disk { path: path.clone(), error })
}
