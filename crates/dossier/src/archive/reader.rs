//! Reads a container once, and refuses whatever overt does not write.

use super::{ArchiveError, CENTRAL, LOCAL_BYTES, MAX_MEMBERS, MAX_NAME, Member, directory, local};
use std::io::{self, Read};

/// Reads a container, member by member, once.
pub struct Reader<R> {
    from: R,
    at: u64,
    members: Vec<Member>,
    /// What is left of the present member, and the CRC-32 of what was read.
    left: u64,
    crc: crc32fast::Hasher,
}

impl<R: Read> Reader<R> {
    /// Begins at the first byte.
    pub fn new(from: R) -> Self {
        Self { from, at: 0, members: Vec::new(), left: 0, crc: crc32fast::Hasher::new() }
    }

    /// The next member; none after the last, when everything behind it was found to be as it has to be.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`].
    pub fn next_member(&mut self) -> Result<Option<Member>, ArchiveError> {
        self.end_member()?;
        let mut head = vec![0; 4];
        self.exactly(&mut head)?;
        if head == CENTRAL.to_le_bytes() {
            return self.tail().map(|()| None);
        }
        head.resize(LOCAL_BYTES, 0);
        self.exactly(head.get_mut(4..).unwrap_or_default())?;
        let number = |at: usize| {
            head.get(at..at + 4).map_or(0, |b| b.iter().rev().fold(0_u32, |n, b| n << 8 | u32::from(*b)))
        };
        let (crc, length) = (number(14), usize::try_from(number(26) & 0xffff).unwrap_or(usize::MAX));
        if !(1..=MAX_NAME).contains(&length) || self.members.len() >= MAX_MEMBERS {
            return Err(self.form("not the header of a member in the form that overt writes".to_owned()));
        }
        let mut rest = vec![0; length + 20];
        self.exactly(&mut rest)?;
        let name = rest.get(..length).and_then(|n| std::str::from_utf8(n).ok()).filter(|n| named(n));
        let name =
            name.ok_or_else(|| self.form("a member whose name overt does not write".to_owned()))?.to_owned();
        let size = rest
            .get(length + 4..length + 12)
            .map_or(0, |b| b.iter().rev().fold(0, |n: u64, b| n << 8 | u64::from(*b)));
        head.extend(rest);
        let offset = self.at - head.len() as u64;
        let member = Member { name, size, crc, offset };
        if local(&member) != head {
            return Err(
                self.form(format!("the header of {} is not in the form that overt writes", member.name))
            );
        }
        if self.members.iter().any(|m| m.name == member.name) {
            return Err(self.form(format!("{} is there twice", member.name)));
        }
        (self.left, self.crc) = (size, crc32fast::Hasher::new());
        self.members.push(member.clone());
        Ok(Some(member))
    }

    /// Reads on in the present member; nothing at its end.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`].
    pub fn read(&mut self, into: &mut [u8]) -> Result<usize, ArchiveError> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(into.len());
        if most == 0 {
            return Ok(0);
        }
        let read = self.from.read(into.get_mut(..most).unwrap_or_default())?;
        if read == 0 {
            return Err(self.form("the file ends within a member".to_owned()));
        }
        self.crc.update(into.get(..read).unwrap_or_default());
        self.left -= read as u64;
        self.at += read as u64;
        Ok(read)
    }

    /// All of the present member, if it is at most so long.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`].
    pub fn whole(&mut self, most: u64) -> Result<Vec<u8>, ArchiveError> {
        if self.left > most {
            return Err(self.form(format!("a member of {} bytes, expected at most {most}", self.left)));
        }
        let mut all = vec![0; usize::try_from(self.left).unwrap_or(0)];
        let mut done = 0;
        while done < all.len() {
            done += self.read(all.get_mut(done..).unwrap_or_default())?;
        }
        Ok(all)
    }

    fn end_member(&mut self) -> Result<(), ArchiveError> {
        let mut skipped = [0; 8192];
        while self.left > 0 {
            self.read(&mut skipped)?;
        }
        let found = std::mem::take(&mut self.crc).finalize();
        match self.members.last() {
            Some(m) if m.crc != found => {
                Err(ArchiveError::Content { name: m.name.clone(), found, expected: m.crc })
            }
            _ => Ok(()),
        }
    }

    /// What follows the last member is given by the members.
    fn tail(&mut self) -> Result<(), ArchiveError> {
        let expected = directory(&self.members, self.at - 4);
        let mut found = Vec::new();
        let most = expected.len() as u64;
        self.from.by_ref().take(most).read_to_end(&mut found)?;
        let rest = expected.get(4..).unwrap_or_default();
        let wrong = rest.iter().zip(&found).position(|(a, b)| a != b);
        let wrong = wrong.or_else(|| (rest.len() != found.len()).then_some(rest.len().min(found.len())));
        match wrong {
            None => Ok(()),
            Some(at) => {
                self.at += at as u64;
                Err(self.form("the directory at the end of the file is not that of its members".to_owned()))
            }
        }
    }

    fn exactly(&mut self, into: &mut [u8]) -> Result<(), ArchiveError> {
        match self.from.read_exact(into) {
            Ok(()) => {
                self.at += into.len() as u64;
                Ok(())
            }
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                Err(self.form("the file ends too early".to_owned()))
            }
            Err(e) => Err(e.into()),
        }
    }

    const fn form(&self, what: String) -> ArchiveError {
        ArchiveError::Form { at: self.at, what }
    }
}

fn named(name: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    name.chars().all(good) && !name.starts_with('/') && !name.contains("..") && !name.contains("//")
}
