//! The lock: one value in a SQLite database of its own, changed only by compare-and-swap.
//!
//! SQLite is asked for the strictest it has: a rollback journal and `synchronous = EXTRA`, which also syncs the folder after
//! the journal is gone, so that a committed swap cannot come back undone after a power cut. Must not hold anything else.

use crate::trouble::refused;
use registry::store::StoreError;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, params};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The file in its folder.
pub(crate) const FILE: &str = "lock.sqlite";
/// How long another process may hold the database before a call fails.
const PATIENCE: Duration = Duration::from_secs(5);

const SETUP: &str = "pragma journal_mode = delete; pragma synchronous = extra; \
    create table if not exists lock (one integer primary key check (one = 1), value blob not null) strict;";

/// The lock.
pub(crate) struct Lock {
    file: PathBuf,
    /// None after an error: SQLite is opened anew, which rolls back what a failure left half done.
    connection: Mutex<Option<Connection>>,
}

impl Lock {
    /// Opens the lock in `folder`, or makes it.
    pub(crate) fn open(folder: &Path) -> Result<Self, StoreError> {
        let lock = Self { file: folder.join(FILE), connection: Mutex::new(None) };
        lock.with(|_| Ok(()))?;
        Ok(lock)
    }

    /// Its value.
    pub(crate) fn value(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.with(value)
    }

    /// Sets it to `new` if it is `old`.
    pub(crate) fn swap(&self, old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError> {
        let changed = self.with(|connection| match old {
            Some(old) => connection
                .execute("update lock set value = ?2 where one = 1 and value = ?1", params![old, new]),
            None => connection
                .execute("insert into lock (one, value) values (1, ?1) on conflict do nothing", params![new]),
        })?;
        if changed == 1 {
            return Ok(());
        }
        let found = self.value()?;
        Err(StoreError::Conflict { what: "the lock", found: words(found.as_deref()), expected: words(old) })
    }

    fn with<T>(&self, call: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let mut slot = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = match slot.take() {
            Some(connection) => connection,
            None => connect(&self.file).map_err(|error| self.failed(error))?,
        };
        let answer = call(&connection).map_err(|error| self.failed(error))?;
        *slot = Some(connection);
        Ok(answer)
    }

    fn failed(&self, error: rusqlite::Error) -> StoreError {
        let advice = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                return StoreError::Damaged { what: self.file.display().to_string(), why: error.to_string() };
            }
            Some(ErrorCode::DiskFull) => "free some space on its disk",
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                "give the account this runs as the right to write the file and its folder"
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "end the other program that has it open"
            }
            _ => return StoreError::medium(format!("the lock {}", self.file.display()), error),
        };
        refused(format!("the lock {}", self.file.display()), format!("{error}; {advice}"))
    }
}

/// The lock of a folder that is only looked at; none if it has none.
pub(crate) fn look(folder: &Path) -> rusqlite::Result<Looked> {
    let connection = Connection::open_with_flags(folder.join(FILE), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(PATIENCE)?;
    let check = connection.query_row("pragma integrity_check(1)", [], |row| row.get::<_, String>(0))?;
    Ok(Looked { value: value(&connection)?, check })
}

/// What was seen of a lock.
pub(crate) struct Looked {
    /// Its value.
    pub(crate) value: Option<Vec<u8>>,
    /// What SQLite says of its file: `ok`, or what is wrong.
    pub(crate) check: String,
}

fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(PATIENCE)?;
    connection.execute_batch(SETUP)?;
    Ok(connection)
}

fn value(connection: &Connection) -> rusqlite::Result<Option<Vec<u8>>> {
    connection.query_row("select value from lock where one = 1", [], |row| row.get(0)).optional()
}

fn words(value: Option<&[u8]>) -> String {
    match value {
        Some(value) => format!("{} bytes with CRC-32C {:08x}", value.len(), crc32c::crc32c(value)),
        None => "no value".to_owned(),
    }
}
