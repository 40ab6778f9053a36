//! The container: a ZIP file (APPNOTE 6.3.10) in exactly one form, so that every byte of it is either content or given.
//!
//! Members are stored, not compressed; every one has the ZIP64 fields; times, attributes and comments are fixed. Any ZIP
//! program opens it. Reading goes once through the file and refuses whatever is not in this form, so nothing can hide between
//! members and nothing can expand.

use std::io::{self, Read, Write};

/// Most members.
pub const MAX_MEMBERS: usize = 65_000;
/// Most bytes of a member's name.
pub const MAX_NAME: usize = 200;

/// Version needed to extract: 4.5, for ZIP64 (section 4.4.3.2).
const VERSION: u16 = 45;
/// Bit 11: names are UTF-8 (section 4.4.4).
const FLAGS: u16 = 0x0800;
/// 1980-01-01, the first day that the format knows.
const DAY: u16 = 0x0021;
const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END64: u32 = 0x0606_4b50;
const LOCATOR64: u32 = 0x0706_4b50;
const END: u32 = 0x0605_4b50;
/// Bytes of a local header before the name.
const LOCAL_BYTES: usize = 30;

/// A member as the container names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name: letters, digits and `. _ - /`.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// CRC-32 of its content.
    pub crc: u32,
    offset: u64,
}

/// Why a container cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It could not be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is not in the one form.
    #[error("at byte {at}: {what}")]
    Form {
        /// Where.
        at: u64,
        /// What was found and expected.
        what: String,
    },
    /// The content of a member is not what its header says.
    #[error("{name}: its content was changed (CRC-32 {found:08x}, expected {expected:08x})")]
    Content {
        /// Which member.
        name: String,
        /// What was found.
        found: u32,
        /// What was expected.
        expected: u32,
    },
}

/// Writes a container.
pub struct Writer<W> {
    out: W,
    at: u64,
    members: Vec<Member>,
}

impl<W: Write> Writer<W> {
    /// A container without members.
    pub const fn new(out: W) -> Self {
        Self { out, at: 0, members: Vec::new() }
    }

    /// Adds a member whose content is read from elsewhere; `size` and `crc` must be known before.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`]: it could not be written, or the content is not as long as was said.
    pub fn copy(&mut self, name: &str, size: u64, crc: u32, content: &mut impl Read) -> Result<(), ArchiveError> {
        let member = Member { name: name.to_owned(), size, crc, offset: self.at };
        let head = local(&member);
        self.out.write_all(&head)?;
        let copied = io::copy(&mut content.take(size.saturating_add(1)), &mut self.out)?;
        if copied != size {
            let what = format!("{name} has another length than {size} bytes");
            return Err(ArchiveError::Form { at: self.at, what });
        }
        self.at += u64::try_from(head.len()).unwrap_or(0) + size;
        self.members.push(member);
        Ok(())
    }

    /// Adds a member.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`].
    pub fn add(&mut self, name: &str, mut content: &[u8]) -> Result<(), ArchiveError> {
        let size = u64::try_from(content.len()).unwrap_or(u64::MAX);
        self.copy(name, size, crc32fast::hash(content), &mut content)
    }

    /// Ends it.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`].
    pub fn finish(mut self) -> Result<W, ArchiveError> {
        self.out.write_all(&directory(&self.members, self.at))?;
        self.out.flush()?;
        Ok(self.out)
    }
}

fn local(member: &Member) -> Vec<u8> {
    let mut out = Vec::with_capacity(LOCAL_BYTES + 20 + member.name.len());
    out.extend(LOCAL.to_le_bytes());
    common(&mut out, member, 20);
    out.extend(member.name.as_bytes());
    for field in [1_u16, 16] {
        out.extend(field.to_le_bytes());
    }
    out.extend(member.size.to_le_bytes());
    out.extend(member.size.to_le_bytes());
    out
}

/// What local and central headers have in common (sections 4.3.7 and 4.3.12), up to the length of the extra field.
fn common(out: &mut Vec<u8>, member: &Member, extra: u16) {
    for field in [VERSION, FLAGS, 0, 0, DAY] {
        out.extend(field.to_le_bytes());
    }
    for field in [member.crc, u32::MAX, u32::MAX] {
        out.extend(field.to_le_bytes());
    }
    out.extend(u16::try_from(member.name.len()).unwrap_or(u16::MAX).to_le_bytes());
    out.extend(extra.to_le_bytes());
}

/// Everything after the last member.
fn directory(members: &[Member], start: u64) -> Vec<u8> {
    let mut out = Vec::new();
    for member in members {
        out.extend(CENTRAL.to_le_bytes());
        out.extend(VERSION.to_le_bytes());
        common(&mut out, member, 28);
        // No comment, first disk, no attributes.
        out.extend([0; 10]);
        out.extend(u32::MAX.to_le_bytes());
        out.extend(member.name.as_bytes());
        out.extend(1_u16.to_le_bytes());
        out.extend(24_u16.to_le_bytes());
        for field in [member.size, member.size, member.offset] {
            out.extend(field.to_le_bytes());
        }
    }
    let (count, size) = (members.len() as u64, out.len() as u64);
    out.extend(END64.to_le_bytes());
    out.extend(44_u64.to_le_bytes());
    out.extend([VERSION.to_le_bytes(), VERSION.to_le_bytes()].concat());
    out.extend([0; 8]);
    for field in [count, count, size, start] {
        out.extend(field.to_le_bytes());
    }
    out.extend(LOCATOR64.to_le_bytes());
    out.extend(0_u32.to_le_bytes());
    out.extend((start + size).to_le_bytes());
    out.extend(1_u32.to_le_bytes());
    out.extend(END.to_le_bytes());
    out.extend([0; 4]);
    let short = u16::try_from(count).unwrap_or(u16::MAX);
    out.extend([short.to_le_bytes(), short.to_le_bytes()].concat());
    out.extend([u32::MAX.to_le_bytes(), u32::MAX.to_le_bytes()].concat());
    out.extend([0; 2]);
    out
}

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
        let number = |at: usize| head.get(at..at + 4).map_or(0, |b| b.iter().rev().fold(0_u32, |n, b| n << 8 | u32::from(*b)));
        let (crc, length) = (number(14), usize::try_from(number(26) & 0xffff).unwrap_or(usize::MAX));
        if !(1..=MAX_NAME).contains(&length) || self.members.len() >= MAX_MEMBERS {
            return Err(self.form("not the header of a member in the form that overt writes".to_owned()));
        }
        let mut rest = vec![0; length + 20];
        self.exactly(&mut rest)?;
        let name = rest.get(..length).and_then(|n| std::str::from_utf8(n).ok()).filter(|n| named(n));
        let name = name.ok_or_else(|| self.form("a member whose name overt does not write".to_owned()))?.to_owned();
        let size = rest.get(length + 4..length + 12).map_or(0, |b| b.iter().rev().fold(0, |n: u64, b| n << 8 | u64::from(*b)));
        head.extend(rest);
        let offset = self.at - head.len() as u64;
        let member = Member { name, size, crc, offset };
        if local(&member) != head {
            return Err(self.form(format!("the header of {} is not in the form that overt writes", member.name)));
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
