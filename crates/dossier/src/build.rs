//! Puts a dossier together from its entries.

use crate::archive::{ArchiveError, Writer};
use crate::check::{LOG, POLICY};
use crate::contents::{CONTENTS, Contents, Listed, SCHEMA};
use crate::gather::Gather;
use crate::papers::{Unset, set};
use crate::tell::tell;
use statement::Digest;
use std::io::{Read, Write};

/// The entries as they are to be put in: a bundle that was written elsewhere.
pub struct Entries<R> {
    /// Where they are read from.
    pub from: R,
    /// Their length in bytes.
    pub bytes: u64,
    /// Their CRC-32.
    pub crc: u32,
    /// Their SHA-256.
    pub sha256: Digest,
}

/// A dossier that was written.
pub struct Built<W> {
    /// Where it was written.
    pub out: W,
    /// Documents that could not be set and are not in it.
    pub unset: Vec<Unset>,
}

/// Writes a dossier: contents, policy, entries, and every file that follows from the entries. Documents are
/// in it where the typesetter is built in.
///
/// # Errors
///
/// [`ArchiveError`].
pub fn build<R: Read, W: Write>(
    out: W,
    gather: &Gather<'_>,
    policy: &[u8],
    mut entries: Entries<R>,
    made_by: &str,
) -> Result<Built<W>, ArchiveError> {
    let typesetter = documents::typesetter();
    let mut files = tell(gather, made_by, typesetter.is_some());
    let (papers, unset) = if typesetter.is_some() { set(gather) } else { (Vec::new(), Vec::new()) };
    files.extend(papers);
    let named = |name: &str, content: &[u8]| Listed {
        name: name.to_owned(),
        bytes: content.len() as u64,
        sha256: Digest::of(content).to_string(),
    };
    let log = Listed { name: LOG.to_owned(), bytes: entries.bytes, sha256: entries.sha256.to_string() };
    let contents = Contents {
        schema: SCHEMA.to_owned(),
        made_by: made_by.to_owned(),
        typesetter,
        scope: gather.scope.clone(),
        files: [named(POLICY, policy), log]
            .into_iter()
            .chain(files.iter().map(|f| named(&f.name, &f.content)))
            .collect(),
    };
    let mut writer = Writer::new(out);
    writer.add(CONTENTS, contents.text().as_bytes())?;
    writer.add(POLICY, policy)?;
    writer.copy(LOG, entries.bytes, entries.crc, &mut entries.from)?;
    for file in &files {
        writer.add(&file.name, &file.content)?;
    }
    Ok(Built { out: writer.finish()?, unset })
}
