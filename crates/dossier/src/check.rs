//! Checks a dossier in one pass: container, contents, log, signatures, and that every table and page follows from the entries.

use crate::archive::ArchiveError;
use crate::contents::{CONTENTS, Contents, ContentsError};
use crate::gather::Gather;
use crate::opened::Opened;
use crate::papers::compare_papers;
use crate::tell::{File, tell};
use registry::Rules;
use statement::person::{FILING, signed_by};
use statement::{Bundle, BundleError, DeviceId, Sheaf};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use tlog::Policy;
use verify::{Keys, ReadError, Report, Signatures, Summary};

/// Name of the member with the entries.
pub const LOG: &str = "log.overt";
/// Name of the member with the policy of the log.
pub const POLICY: &str = "trust.policy";
/// Most bytes of one file beside the log.
pub const MAX_FILE: u64 = 256 << 20;
/// Most files that are named one by one.
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

/// Checks signatures, here or on other threads.
pub trait SignatureChecks {
    /// Takes the signatures of one batch.
    fn take(&mut self, signatures: Signatures);
    /// Waits for all of them: device and number of each statement whose signature does not hold.
    fn end(&mut self) -> Vec<(DeviceId, u64)>;
}

/// Checks them one batch after the other.
#[derive(Debug, Default)]
pub struct InPlace(Vec<(DeviceId, u64)>);

impl SignatureChecks for InPlace {
    fn take(&mut self, signatures: Signatures) {
        self.0.extend(signatures.check());
    }

    fn end(&mut self) -> Vec<(DeviceId, u64)> {
        std::mem::take(&mut self.0)
    }
}

/// Checks a dossier. `trusted` is the policy that the caller knows; without it the one inside counts, and the report says so.
///
/// # Errors
///
/// [`CheckError`].
pub fn check<R: Read>(
    from: R,
    trusted: Option<&Policy>,
    rules: &Rules,
    signatures: &mut dyn SignatureChecks,
) -> Result<Checked, CheckError> {
    let mut opened = Opened::begin(from)?;
    let own = policy(&opened.policy)?;
    let mut gather = Gather::new(opened.contents.scope.clone(), rules)?;
    let first = opened.piece()?.ok_or(ReadError::Piece { piece: 0, at: 0 })?;
    let mut reader = verify::Reader::new(&first, trusted.unwrap_or(&own), Keys::default())?;
    gather.checkpoint = Bundle::from_cbor(&first)?.checkpoint;
    while let Some(piece) = opened.piece()? {
        signatures.take(reader.sheaf(&piece)?);
        gather.take(&Sheaf::from_cbor(&piece)?)?;
    }
    reader.forged(&signatures.end());
    let (mut report, summary) = reader.finish();
    if trusted.is_none() {
        report.open("whose log it is: the policy inside the file was used; give your own with --policy");
    }
    let (contents, found, mut files) = opened.rest()?;
    compare_listing(&mut report, &contents, &found);
    if let Some(typesetter) = &contents.typesetter {
        compare_papers(&mut report, &gather, typesetter, &mut files);
    }
    let with_pdf = contents.typesetter.is_some();
    compare_files(&mut report, &tell(&gather, &contents.made_by, with_pdf), &files);
    persons(&mut report, &gather);
    Ok(Checked { report, summary, contents })
}

/// Reads a policy.
///
/// # Errors
///
/// [`CheckError::Policy`].
pub fn policy(text: &[u8]) -> Result<Policy, CheckError> {
    Policy::parse(text).map_err(|e| CheckError::Policy(e.to_string()))
}

/// Signatures of persons under filings. Whose keys they are is not in a dossier.
fn persons(report: &mut Report, gather: &Gather<'_>) {
    let mut keys = BTreeSet::new();
    let mut signed = 0;
    for filing in &gather.filings {
        let Some(signature) = &filing.body.signature else { continue };
        match signed_by(signature, FILING, filing.body.document.as_bytes()) {
            Ok(key) => {
                signed += 1;
                keys.insert(key.to_string());
            }
            Err(error) => report
                .fails(format!("filing {} version {}: {error}", filing.body.obligation, filing.body.version)),
        }
    }
    if signed > 0 {
        let keys: Vec<String> = keys.into_iter().take(MAX_NAMED).collect();
        report.holds_that(format!("{signed} filings are signed by the keys of persons: {}", keys.join(" ")));
        report.open("whose these keys are: ask the persons for their fingerprints (ssh-keygen -l)");
    }
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
            Some(content) => match difference(content, &file.content) {
                Some(how) => format!("does not follow from the entries: it {how}"),
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
        report.holds_that(format!(
            "all {} tables and pages follow from the entries, byte by byte",
            derived.len()
        ));
    }
}

/// How a file differs from what follows from the entries; none if it does not.
pub fn difference(found: &[u8], derived: &[u8]) -> Option<String> {
    match found.iter().zip(derived).position(|(a, b)| a != b) {
        Some(at) => Some(format!("differs from byte {at} on")),
        None if found.len() != derived.len() => Some("has another length".to_owned()),
        None => None,
    }
}
