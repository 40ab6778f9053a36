//! The files of the audit log: appended to, synced, and turned over by size.

use super::AuditError;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Bytes after which a file is turned over.
const MOST_BYTES: u64 = 64 << 20;
/// Turned-over files that are kept beside the one that is written: 2 GiB of log in all.
const KEPT: usize = 31;

/// The file that is written, and how it is turned over: `audit.jsonl`, then `audit.jsonl.1` and so on, the oldest last.
#[derive(Debug)]
pub struct AuditFile {
    path: PathBuf,
    file: File,
    bytes: u64,
    most_bytes: u64,
    kept: usize,
}

impl AuditFile {
    /// Opens or makes the file; only its owner may read it.
    ///
    /// # Errors
    ///
    /// [`AuditError::File`].
    pub fn open(path: &Path) -> Result<Self, AuditError> {
        Self::open_with(path, MOST_BYTES, KEPT)
    }

    /// The same with other bounds: bytes of a file, and turned-over files that are kept.
    ///
    /// # Errors
    ///
    /// [`AuditError::File`].
    pub fn open_with(path: &Path, most_bytes: u64, kept: usize) -> Result<Self, AuditError> {
        let wrong = |error| AuditError::File { path: path.to_owned(), error };
        let (file, bytes) = open(path).map_err(wrong)?;
        Ok(Self { path: path.to_owned(), file, bytes, most_bytes, kept })
    }

    /// Appends whole lines and syncs them.
    ///
    /// # Errors
    ///
    /// [`AuditError::File`]; the lines may be there in part then, and the next ones begin on a new line.
    pub fn append(&mut self, lines: &[u8]) -> Result<(), AuditError> {
        self.try_append(lines).map_err(|error| AuditError::File { path: self.path.clone(), error })
    }

    fn try_append(&mut self, lines: &[u8]) -> std::io::Result<()> {
        let more = lines.len() as u64;
        if self.bytes > 0 && self.bytes + more > self.most_bytes {
            self.turn_over()?;
        }
        let written = self.file.write_all(lines).and_then(|()| self.file.sync_data());
        if written.is_err() {
            // What was written of it is not known: look again, so that no line begins in the middle of another.
            (self.file, self.bytes) = open(&self.path)?;
            return written;
        }
        self.bytes += more;
        Ok(())
    }

    fn turn_over(&mut self) -> std::io::Result<()> {
        for number in (1..self.kept).rev() {
            rename(&self.numbered(number), &self.numbered(number + 1))?;
        }
        if self.kept > 0 {
            rename(&self.path, &self.numbered(1))?;
        } else {
            std::fs::remove_file(&self.path)?;
        }
        (self.file, self.bytes) = open(&self.path)?;
        Ok(())
    }

    fn numbered(&self, number: usize) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(format!(".{number}"));
        PathBuf::from(name)
    }
}

/// Opens for appending; a line that was torn by a crash is ended.
fn open(path: &Path) -> std::io::Result<(File, u64)> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    let mut bytes = file.metadata()?.len();
    if bytes > 0 {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
            bytes += 1;
        }
    }
    Ok((file, bytes))
}

fn rename(from: &Path, to: &Path) -> std::io::Result<()> {
    match std::fs::rename(from, to) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn files_turn_over_by_size_and_the_oldest_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let mut file = AuditFile::open_with(&path, 10, 2).unwrap();
        for line in ["1234567\n", "2234567\n", "3234567\n", "4234567\n"] {
            file.append(line.as_bytes()).unwrap();
        }
        assert_eq!(names(folder.path()), ["audit.jsonl", "audit.jsonl.1", "audit.jsonl.2"]);
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(
            (read("audit.jsonl"), read("audit.jsonl.1"), read("audit.jsonl.2")),
            ("4234567\n".into(), "3234567\n".into(), "2234567\n".into())
        );
    }

    #[test]
    fn a_line_torn_by_a_crash_is_ended_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        std::fs::write(&path, "{\"a\":1}\n{\"b\"").unwrap();
        AuditFile::open(&path).unwrap().append(b"{\"c\":3}\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"a\":1}\n{\"b\"\n{\"c\":3}\n");
    }

    #[test]
    fn only_the_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        AuditFile::open(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
