//! The entries of a dossier in a file of their own while it is made: they may be longer than memory.

use crate::Failure;
use crate::registry::bundle::piece;
use crate::registry::failed;
use sha2::{Digest as _, Sha256};
use statement::{Bundle, Digest, Sheaf, to_cbor};
use std::fs::File;
use std::io::{BufReader, BufWriter, Chain, Cursor, Read, Write};
use std::path::{Path, PathBuf};

/// Batches that are being written.
pub struct EntriesFile {
    path: PathBuf,
    out: BufWriter<File>,
    count: u64,
}

/// Batches that were written, and what is in front of them.
pub struct Finished {
    path: PathBuf,
    head: Vec<u8>,
    bytes: u64,
    crc: u32,
    sha256: Digest,
}

fn wrong(path: &Path) -> impl Fn(std::io::Error) -> Failure + '_ {
    move |e| failed(format!("cannot write {}", path.display()), e)
}

impl EntriesFile {
    /// Begins a file beside the dossier.
    pub fn create(output: &Path) -> Result<Self, Failure> {
        let path = output.with_extension("part");
        let out = BufWriter::new(File::create(&path).map_err(wrong(&path))?);
        Ok(Self { path, out, count: 0 })
    }

    /// Adds a batch.
    pub fn add(&mut self, sheaf: &Sheaf) -> Result<(), Failure> {
        self.count += 1;
        self.out.write_all(&piece(&to_cbor(sheaf))).map_err(wrong(&self.path))
    }

    /// Removes it.
    pub fn discard(self) {
        // What is left behind is only in the way.
        let _ = std::fs::remove_file(&self.path);
    }

    /// Puts the head in front, under the checkpoint that all proofs lead to.
    pub fn finish(mut self, note: &str, about: &str) -> Result<Finished, Failure> {
        self.out.flush().map_err(wrong(&self.path))?;
        let head = piece(&to_cbor(&Bundle::new(note.to_owned(), about.to_owned(), self.count)));
        let mut finished = Finished { path: self.path, head, bytes: 0, crc: 0, sha256: Digest([0; 32]) };
        let (mut crc, mut sha256, mut chunk) = (crc32fast::Hasher::new(), Sha256::new(), vec![0; 1 << 20]);
        let mut from = finished.reader()?;
        loop {
            let read = from.read(&mut chunk).map_err(wrong(&finished.path))?;
            let Some(bytes) = chunk.get(..read).filter(|b| !b.is_empty()) else { break };
            crc.update(bytes);
            sha256.update(bytes);
            finished.bytes += u64::try_from(read).unwrap_or(0);
        }
        finished.crc = crc.finalize();
        finished.sha256 = Digest(sha256.finalize().into());
        Ok(finished)
    }
}

impl Finished {
    fn reader(&self) -> Result<Chain<Cursor<Vec<u8>>, BufReader<File>>, Failure> {
        let file = File::open(&self.path).map_err(wrong(&self.path))?;
        Ok(Cursor::new(self.head.clone()).chain(BufReader::with_capacity(1 << 20, file)))
    }

    /// The entries as the dossier takes them.
    pub fn open(&self) -> Result<::dossier::Entries<impl Read + use<>>, Failure> {
        let (bytes, crc, sha256) = (self.bytes, self.crc, self.sha256);
        Ok(::dossier::Entries { from: self.reader()?, bytes, crc, sha256 })
    }

    /// Removes the file.
    pub fn discard(self) {
        // What is left behind is only in the way.
        let _ = std::fs::remove_file(&self.path);
    }
}
