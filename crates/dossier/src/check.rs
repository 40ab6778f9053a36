//! Checks a dossier in one pass: container, contents, log, signatures, and that every table and page follows from the entries.

use crate::archive::{ArchiveError, Reader};
use crate::contents::{CONTENTS, Contents, ContentsError, MAX_CONTENTS};
use crate::gather::Gather;
use crate::tell::{File, tell};
use registry::Rules;
use sha2::{Digest as _, Sha256};
use statement::{BundleError, Digest, Manifest, Sheaf};
use std::collections::BTreeMap;
use std::io::Read;
use tlog::Policy;
use verify::{Keys, ReadError, Report, Signatures, Summary};

/// Name of the member with the entries.
pub const LOG: &str = "log.overt";
/// Name of the member with the policy of the log.
pub const POLICY: &str = "trust.policy";
/// Most bytes of one file beside the log.
pub const MAX_FILE: u64 = 256 << 20;
/// Bytes that are read at once.
const READ: usize = 1 << 20;
/// The report of verification steps by the kind that `verify` makes.
const MAX_NAMED: usize = 20;

/// Why a dossier cannot be read on. What was found before it stands in no report: a dossier that cannot be read proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The container.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The contents.
    #[error(transparent)]
    Contents(#[from] ContentsError),
    /// The entries.
    #[error("{LOG}: {0}")]
    Log(#[from] ReadError),
    /// A batch in another form.
    #[error("{LOG}: {0}")]
    Sheaf(#[from] BundleError),
    /// A policy that is none.
    #[error("{POLICY}: {0}")]
    Policy(String),
    /// A member that is not where it belongs.
    #[error("found {found}, expected {expected}")]
    Member {
        /// What was found.
        found: String,
        /// What was expected.
        expected: String,
    },
}

/// What came out.
pub struct Checked {
    /// Step by step.
    pub report: Report,
    /// What was in the log.
    pub summary: Summary,
    /// What it is about.
    pub contents: Contents,
}

/// Checks a dossier. `trusted` is the policy that the caller knows; without it the one inside counts, and the report says so.
/// `signatures` checks a batch of signatures and may do so elsewhere; it gives what does not hold.
///
/// # Errors
///
/// [`CheckError`].
pub fn check<R: Read>(
    from: R,
    trusted: Option<&Policy>,
    rules: &Rules,
    signatures: &mut dyn FnMut(Signatures) -> Vec<(statement::DeviceId, u64)>,
) -> Result<Checked, CheckError> {
    let mut archive = Reader::new(from);
    expect(&mut archive, CONTENTS)?;
    let contents = Contents::read(&archive.whole(MAX_CONTENTS)?)?;
    expect(&mut archive, POLICY)?;
    let inside = archive.whole(MAX_FILE)?;
    let mut found = vec![listed(POLICY, &inside)];
    let own = policy(&inside)?;
    expect(&mut archive, LOG)?;
    let mut gather = Gather::new(contents.scope.clone(), rules)?;
    let mut log = Log { buffer: Vec::new(), at: 0, piece: 0, hash: Sha256::new() };
    let mut reader = log.begin(&mut archive, trusted.unwrap_or(&own))?;
    while let Some(piece) = log.next(&mut archive)? {
        let made = reader.sheaf(&piece)?;
        reader.forged(&signatures(made));
        gather_sheaf(&mut gather, &Sheaf::from_cbor(&piece)?)?;
    }
    found.push((LOG.to_owned(), log.at, hex(&log.hash.finalize())));
    let (mut report, summary) = reader.finish();
    if trusted.is_none() {
        report.open("whose log it is: the policy inside the file was used; give your own with --policy".to_owned());
    }
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    while let Some(member) = archive.next_member()? {
        let content = archive.whole(MAX_FILE)?;
        found.push(listed(&member.name, &content));
        files.insert(member.name, content);
    }
    compare_listing(&mut report, &contents, &found);
    compare_files(&mut report, &tell(&gather), &files);
    Ok(Checked { report, summary, contents })
}

/// Takes the entries of a batch in; what the batch says of its rulebooks too.
///
/// # Errors
///
/// [`CheckError::Log`].
pub fn gather_sheaf(gather: &mut Gather<'_>, sheaf: &Sheaf) -> Result<(), CheckError> {
    let manifest = Manifest::from_cbor(&sheaf.manifest).map_err(|error| ReadError::Manifest { piece: sheaf.index, error })?;
    gather.rulebooks.extend(manifest.rulebooks.iter().copied());
    for (ordinal, entry) in (manifest.first..).zip(&sheaf.entries) {
        gather.entry(ordinal, entry);
    }
    Ok(())
}

/// Reads a policy.
///
/// # Errors
///
/// [`CheckError::Policy`].
pub fn policy(text: &[u8]) -> Result<Policy, CheckError> {
    let text = std::str::from_utf8(text).map_err(|e| CheckError::Policy(e.to_string()))?;
    Policy::parse(text).map_err(|e| CheckError::Policy(e.to_string()))
}

fn expect<R: Read>(archive: &mut Reader<R>, name: &str) -> Result<(), CheckError> {
    let member = archive.next_member()?.map(|m| m.name);
    if member.as_deref() == Some(name) {
        return Ok(());
    }
    let found = member.unwrap_or_else(|| "the end of the file".to_owned());
    Err(CheckError::Member { found, expected: name.to_owned() })
}

/// The pieces of the log as they come out of the container.
struct Log {
    buffer: Vec<u8>,
    at: u64,
    piece: u64,
    hash: Sha256,
}

impl Log {
    fn begin<R: Read>(&mut self, archive: &mut Reader<R>, policy: &Policy) -> Result<verify::Reader, CheckError> {
        let first = self.next(archive)?.ok_or(ReadError::Piece { piece: 0, at: 0 })?;
        Ok(verify::Reader::new(&first, policy, Keys::default())?)
    }

    fn next<R: Read>(&mut self, archive: &mut Reader<R>) -> Result<Option<Vec<u8>>, CheckError> {
        let mut chunk = vec![0; READ];
        loop {
            let wrong = ReadError::Piece { piece: self.piece, at: self.at };
            if let Some((head, length)) = verify::pieces(&self.buffer, self.piece, self.at)?
                && let Some(piece) = self.buffer.get(head..head + length)
            {
                let piece = piece.to_vec();
                self.buffer.drain(..head + length);
                self.piece += 1;
                return Ok(Some(piece));
            }
            let read = archive.read(&mut chunk)?;
            if read == 0 {
                return if self.buffer.is_empty() { Ok(None) } else { Err(wrong.into()) };
            }
            let read = chunk.get(..read).unwrap_or_default();
            self.hash.update(read);
            self.at += read.len() as u64;
            self.buffer.extend_from_slice(read);
        }
    }
}

fn listed(name: &str, content: &[u8]) -> (String, u64, String) {
    (name.to_owned(), content.len() as u64, Digest::of(content).to_string())
}

fn hex(bytes: &[u8]) -> String {
    let mut digest = [0; 32];
    digest.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    Digest(digest).to_string()
}

fn compare_listing(report: &mut Report, contents: &Contents, found: &[(String, u64, String)]) {
    let mut wrong = 0;
    for (name, bytes, sha256) in found {
        let same = contents.files.iter().find(|f| f.name == *name);
        if same.is_none_or(|f| f.bytes != *bytes || f.sha256 != *sha256) {
            wrong += 1;
            report.fails(format!("{name} is not the file that {CONTENTS} names"));
        }
    }
    if contents.files.len() != found.len() {
        wrong += 1;
        report.fails(format!("{CONTENTS} names {} files, there are {}", contents.files.len(), found.len()));
    }
    if wrong == 0 {
        report.holds_that(format!("all {} files are those that {CONTENTS} names", found.len()));
    }
}

/// Every derived file follows from the entries, byte by byte.
fn compare_files(report: &mut Report, derived: &[File], found: &BTreeMap<String, Vec<u8>>) {
    let mut wrong = 0;
    for file in derived {
        let why = match found.get(&file.name) {
            None => "is missing".to_owned(),
            Some(content) => match content.iter().zip(&file.content).position(|(a, b)| a != b) {
                Some(at) => format!("does not follow from the entries: it differs from byte {at} on"),
                None if content.len() != file.content.len() => "does not follow from the entries: it has another length".to_owned(),
                None => continue,
            },
        };
        wrong += 1;
        if wrong <= MAX_NAMED {
            report.fails(format!("{} {why}", file.name));
        }
    }
    for name in found.keys().filter(|name| !derived.iter().any(|f| f.name == **name)) {
        wrong += 1;
        if wrong <= MAX_NAMED {
            report.fails(format!("{name} does not follow from the entries: nothing there gives such a file"));
        }
    }
    if wrong == 0 {
        report.holds_that(format!("all {} tables and pages follow from the entries, byte by byte", derived.len()));
    }
}
