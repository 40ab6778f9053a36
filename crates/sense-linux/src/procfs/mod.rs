//! Reads the files of `/proc`: one reused buffer, bounded sizes, plain parsers.
//!
//! Every parser takes bytes and gives `None` for what it does not understand; a process chooses much of what
//! stands there (its name, its mappings' paths), so nothing is trusted and nothing panics.

pub mod cgroup;
pub mod maps;
pub mod stat;
pub mod status;
pub mod users;

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;

/// Largest file that is read whole, bytes; longer ones are cut there.
const LIMIT: usize = 64 * 1024;
/// Longest argument list that is recorded, bytes.
const ARGUMENTS_LIMIT: usize = 16 * 1024;

/// Reads files below a `/proc`.
pub struct Reader {
    root: String,
    path: String,
    buffer: Vec<u8>,
}

impl Reader {
    /// A reader of the tree at `root`, usually `/proc`.
    pub fn new(root: &str) -> Self {
        Self { root: root.to_owned(), path: String::with_capacity(64), buffer: vec![0; 4096] }
    }

    fn path_of(&mut self, pid: u32, name: &str) -> &str {
        self.path.clear();
        let _ = write!(self.path, "{}/{pid}/{name}", self.root);
        &self.path
    }

    /// Opens `/proc/PID/name` for reading.
    pub fn open(&mut self, pid: u32, name: &str) -> io::Result<File> {
        File::open(self.path_of(pid, name))
    }

    /// The bytes of `/proc/PID/name`, at most [`LIMIT`].
    pub fn read(&mut self, pid: u32, name: &str) -> io::Result<&[u8]> {
        let file = self.open(pid, name)?;
        fill(file, &mut self.buffer, LIMIT)
    }

    /// The bytes of a file below the root that belongs to no process, at most [`LIMIT`].
    pub fn read_global(&mut self, name: &str) -> io::Result<&[u8]> {
        self.path.clear();
        let _ = write!(self.path, "{}/{name}", self.root);
        fill(File::open(&self.path)?, &mut self.buffer, LIMIT)
    }

    /// Where the link `/proc/PID/name` points.
    pub fn link(&mut self, pid: u32, name: &str) -> io::Result<PathBuf> {
        std::fs::read_link(self.path_of(pid, name))
    }

    /// Process numbers present now, at most `limit`.
    pub fn list(&self, limit: usize) -> io::Result<Vec<u32>> {
        let entries = std::fs::read_dir(&self.root)?;
        Ok(entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).take(limit).collect())
    }

    /// `/proc/PID/stat`, parsed.
    pub fn stat(&mut self, pid: u32) -> Option<stat::Stat> {
        stat::parse(self.read(pid, "stat").ok()?)
    }

    /// `/proc/PID/cmdline`, parsed.
    pub fn arguments(&mut self, pid: u32) -> Option<Vec<String>> {
        let bytes = self.read(pid, "cmdline").ok()?;
        let bytes = bytes.get(..bytes.len().min(ARGUMENTS_LIMIT)).unwrap_or(bytes);
        let bytes = bytes.strip_suffix(b"\0").unwrap_or(bytes);
        Some(bytes.split(|b| *b == 0).map(|a| String::from_utf8_lossy(a).into_owned()).collect())
    }
}

/// Reads until the end or `limit` into a buffer that only grows.
fn fill(mut file: File, buffer: &mut Vec<u8>, limit: usize) -> io::Result<&[u8]> {
    let mut length = 0;
    while length < limit {
        if length == buffer.len() {
            buffer.resize((buffer.len() * 2).clamp(4096, limit), 0);
        }
        let room = buffer.get_mut(length..).unwrap_or_default();
        match file.read(room) {
            Ok(0) => break,
            Ok(n) => length += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        // One short read is the end for the small files of /proc: saves a system call.
        if length < buffer.len() && length < 4096 {
            break;
        }
    }
    Ok(buffer.get(..length).unwrap_or_default())
}

/// The decimal number at the front of `text`, after blanks.
pub fn number(text: &[u8]) -> Option<u64> {
    let digits = text.trim_ascii_start();
    let end = digits.iter().position(|b| !b.is_ascii_digit()).unwrap_or(digits.len());
    std::str::from_utf8(digits.get(..end)?).ok()?.parse().ok()
}

/// The number after `name` at the start of a line, for instance `VmRSS:   1234 kB`.
pub fn field(text: &[u8], name: &[u8]) -> Option<u64> {
    text.split(|b| *b == b'\n').find_map(|line| number(line.strip_prefix(name)?.strip_prefix(b":")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let text = b"VmRSSx:\t1 kB\nVmRSS:\t   1234 kB\n";
        assert_eq!(field(text, b"VmRSS"), Some(1234));
        assert_eq!(field(text, b"Vm"), None);
        assert_eq!(field(b"VmRSS:\tmany\n", b"VmRSS"), None);
        assert_eq!(number(b"99999999999999999999999"), None);
    }

    #[test]
    fn the_observer_reads_its_own_entry() {
        let mut reader = Reader::new("/proc");
        let pid = std::process::id();
        let stat = reader.stat(pid).unwrap();
        assert!(stat.threads >= 1 && stat.start > 0);
        assert!(reader.list(100_000).unwrap().contains(&pid));
        assert!(!reader.arguments(pid).unwrap().is_empty());
    }
}
