//! The container: a ZIP file (APPNOTE 6.3.10) in exactly one form, so that every byte of it is either content or given.
//!
//! Members are stored, not compressed; every one has the ZIP64 fields; times, attributes and comments are fixed. Any ZIP
//! program opens it. Reading goes once through the file and refuses whatever is not in this form, so nothing can hide between
//! members and nothing can expand.

mod reader;

pub use reader::Reader;

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
    pub fn copy(
        &mut self,
        name: &str,
        size: u64,
        crc: u32,
        content: &mut impl Read,
    ) -> Result<(), ArchiveError> {
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
