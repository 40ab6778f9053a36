//! What went wrong with a file, in words that name the file and say what to do. Must not decide whether to go on.

use registry::store::StoreError;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::Path;

/// A failure of the operating system with what helps against it.
#[derive(Debug)]
pub(crate) struct Trouble {
    error: io::Error,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match advice(self.error.kind()) {
            Some(advice) => write!(f, "{}; {advice}", self.error),
            None => write!(f, "{}", self.error),
        }
    }
}

impl std::error::Error for Trouble {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

fn advice(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "free some space or move the store to a larger disk: nothing acknowledged is lost"
        }
        ErrorKind::ReadOnlyFilesystem => {
            "mount it writable: a disk that turned read-only by itself is failing, look into the kernel's log"
        }
        ErrorKind::PermissionDenied => {
            "give the account this runs as the right to read and write there, or run it as the store's owner"
        }
        ErrorKind::NotFound => "a part of the store is missing: `overt fsck` tells what else is",
        _ => return None,
    })
}

/// Turns a failure of the operating system into one of the store: `failed("writing", path)`.
pub(crate) fn failed<'a>(doing: &'a str, path: &'a Path) -> impl FnOnce(io::Error) -> StoreError + 'a {
    move |error| StoreError::medium(format!("{doing} {}", path.display()), Trouble { error })
}

/// A file that is not what was written.
pub(crate) fn damaged(path: &Path, offset: u64, why: impl fmt::Display) -> StoreError {
    StoreError::Damaged { what: format!("{} at byte {offset}", path.display()), why: why.to_string() }
}

/// Something that does not fit this program or this moment, and what to do.
pub(crate) fn refused(what: impl fmt::Display, advice: impl fmt::Display) -> StoreError {
    StoreError::medium(what, advice.to_string())
}
