//! A dossier as it is read: contents and policy first, then the log piece by piece, then the other files.

use crate::archive::Reader;
use crate::check::{CheckError, LOG, MAX_FILE, POLICY};
use crate::contents::{CONTENTS, Contents, MAX_CONTENTS};
use sha2::{Digest as _, Sha256};
use statement::Digest;
use std::collections::BTreeMap;
use std::io::Read;
use verify::ReadError;

/// Bytes that are read at once.
const READ: usize = 1 << 20;
/// Most files that a dossier may hold beside the log, together in memory.
const MAX_TOGETHER: u64 = 512 << 20;

/// Name, length and SHA-256 of a file as it was found.
pub type Found = (String, u64, String);
/// Files by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A dossier that is being read.
pub struct Opened<R> {
    archive: Reader<R>,
    /// What it says it holds.
    pub contents: Contents,
    /// The policy inside.
    pub policy: Vec<u8>,
    buffer: Vec<u8>,
    chunk: Vec<u8>,
    start: usize,
    at: u64,
    piece: u64,
    hash: Sha256,
}

impl<R: Read> Opened<R> {
    /// Reads contents and policy.
    ///
    /// # Errors
    ///
    /// [`CheckError`].
    pub fn begin(from: R) -> Result<Self, CheckError> {
        let mut archive = Reader::new(from);
        expect(&mut archive, CONTENTS)?;
        let contents = Contents::read(&archive.whole(MAX_CONTENTS)?)?;
        expect(&mut archive, POLICY)?;
        let policy = archive.whole(MAX_FILE)?;
        expect(&mut archive, LOG)?;
        let (buffer, chunk, hash) = (Vec::new(), vec![0; READ], Sha256::new());
        Ok(Self { archive, contents, policy, buffer, chunk, start: 0, at: 0, piece: 0, hash })
    }

    /// The next piece of the log: first its head, then batch by batch; none at its end.
    ///
    /// # Errors
    ///
    /// [`CheckError`].
    pub fn piece(&mut self) -> Result<Option<Vec<u8>>, CheckError> {
        loop {
            let left = self.buffer.get(self.start..).unwrap_or_default();
            if let Some((head, length)) = verify::pieces(left, self.piece, self.at)?
                && let Some(piece) = left.get(head..head + length)
            {
                let piece = piece.to_vec();
                self.start += head + length;
                self.piece += 1;
                return Ok(Some(piece));
            }
            let read = self.archive.read(&mut self.chunk)?;
            if read == 0 {
                let wrong = ReadError::Piece { piece: self.piece, at: self.at };
                return if left.is_empty() { Ok(None) } else { Err(wrong.into()) };
            }
            let read = self.chunk.get(..read).unwrap_or_default();
            self.hash.update(read);
            self.at += read.len() as u64;
            self.buffer.drain(..self.start);
            self.start = 0;
            self.buffer.extend_from_slice(read);
        }
    }

    /// The other files, and how all were found.
    ///
    /// # Errors
    ///
    /// [`CheckError`].
    pub fn rest(mut self) -> Result<(Contents, Vec<Found>, Files), CheckError> {
        while self.piece()?.is_some() {}
        let digest = Digest(self.hash.finalize().into());
        let mut found = vec![listed(POLICY, &self.policy), (LOG.to_owned(), self.at, digest.to_string())];
        let (mut files, mut together) = (Files::new(), 0);
        while let Some(member) = self.archive.next_member()? {
            let content = self.archive.whole(MAX_FILE.min(MAX_TOGETHER - together))?;
            together += content.len() as u64;
            found.push(listed(&member.name, &content));
            files.insert(member.name, content);
        }
        Ok((self.contents, found, files))
    }
}

fn expect<R: Read>(archive: &mut Reader<R>, name: &str) -> Result<(), CheckError> {
    let member = archive.next_member()?.map(|m| m.name);
    if member.as_deref() == Some(name) {
        return Ok(());
    }
    let found = member.unwrap_or_else(|| "the end of the file".to_owned());
    Err(CheckError::Member { found, expected: name.to_owned() })
}

fn listed(name: &str, content: &[u8]) -> Found {
    (name.to_owned(), content.len() as u64, Digest::of(content).to_string())
}
