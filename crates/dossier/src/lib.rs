//! Dossiers: one file for an inspector or a court, with statements, records, proofs, judgements, filings and a page for people,
//! that verifies offline.
//!
//! A dossier is a run of log entries with their proofs, and files that follow from them. Building and checking are the same
//! fold: what does not follow from the entries, byte by byte, does not hold. So there is nothing to sign: the log's checkpoint
//! and its witnesses vouch for the entries, and the entries for everything else.
//!
//! Pure: streams are arguments. Must not fetch entries, and must not hold all of them in memory.

mod archive;
mod build;
mod check;
mod contents;
mod document;
mod gather;
mod lists;
mod opened;
mod page;
mod papers;
mod read;
mod sum;
mod tell;
mod words;

pub use archive::{ArchiveError, MAX_MEMBERS, Member, Reader, Writer};
pub use build::{Built, Entries, build};
pub use check::{CheckError, Checked, InPlace, LOG, MAX_FILE, POLICY, SignatureChecks, check, policy};
pub use contents::{CONTENTS, Contents, ContentsError, Listed, MAX_DAYS, SCHEMA, Scope};
pub use gather::Gather;
pub use opened::Opened;
pub use papers::Unset;
pub use sum::{DeviceSeen, Heading, Sum, Written};
pub use tell::{File, tell};
pub use words::LIMITS;
