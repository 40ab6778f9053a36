//! What people registered, filed and contested, as a fold over records: every version with who wrote it and when.
//!
//! Must not decide which version counts on a day: the registry keeps them all, what is asked of them is answered elsewhere.

use minicbor::{Decode, Encode};
use statement::{
    Answered, Approval, Body, Contested, DeviceId, Digest, Filed, Kind, Name, Record, Registration,
};
use std::collections::BTreeMap;

/// One version of a registration.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Version {
    /// What was registered.
    #[n(0)]
    pub registration: Registration,
    /// Who registered it: the label of a token.
    #[n(1)]
    pub by: String,
    /// When, milliseconds since 1970.
    #[n(2)]
    pub at_ms: u64,
    /// The record's ordinal.
    #[n(3)]
    pub ordinal: u64,
    /// A second person's word, where it was given.
    #[n(4)]
    pub word: Option<Word>,
}

/// A second person's word.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Word {
    /// Whether it was approved.
    #[n(0)]
    pub approved: bool,
    /// Who said so.
    #[n(1)]
    pub by: String,
    /// When, milliseconds since 1970.
    #[n(2)]
    pub at_ms: u64,
    /// What the person said to it.
    #[n(3)]
    pub note: String,
}

impl Version {
    /// Whether it counts: nobody has to approve it, or somebody has.
    #[must_use]
    pub fn counts(&self) -> bool {
        match &self.word {
            Some(word) => word.approved,
            None => !self.registration.awaits_approval,
        }
    }
}

/// One version of a filing, without its document, which is in the record.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Filing {
    /// The filing; its document is left out.
    #[n(0)]
    pub filed: Filed,
    /// SHA-256 of the document.
    #[n(1)]
    pub document: Digest,
    /// Who handed it in: the label of a token.
    #[n(2)]
    pub by: String,
    /// When, milliseconds since 1970.
    #[n(3)]
    pub at_ms: u64,
    /// The record's ordinal.
    #[n(4)]
    pub ordinal: u64,
}

/// A contested finding with what was answered so far.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Matter {
    /// What is contested and why.
    #[n(0)]
    pub contested: Contested,
    /// Who contested: the label of a token.
    #[n(1)]
    pub by: String,
    /// When, milliseconds since 1970.
    #[n(2)]
    pub at_ms: u64,
    /// The record's ordinal.
    #[n(3)]
    pub ordinal: u64,
    /// Answers, oldest first.
    #[n(4)]
    pub answers: Vec<Reply>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Reply {
    /// The answer.
    #[n(0)]
    pub answered: Answered,
    /// Who gave it.
    #[n(1)]
    pub by: String,
    /// When, milliseconds since 1970.
    #[n(2)]
    pub at_ms: u64,
    /// The record's ordinal.
    #[n(3)]
    pub ordinal: u64,
}

impl Matter {
    /// Whether it is closed.
    #[must_use]
    pub fn closed(&self) -> bool {
        self.answers.last().is_some_and(|reply| reply.answered.outcome.closes())
    }
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct Registered {
    /// Registrations, every version, oldest first.
    pub versions: BTreeMap<(Kind, Name), Vec<Version>>,
    /// Filings, oldest first.
    pub filings: Vec<Filing>,
    /// Contested findings.
    pub matters: BTreeMap<Name, Matter>,
    /// Which device each registration of a device means.
    pub devices: BTreeMap<DeviceId, Name>,
}

impl Registered {
    /// Folds one more record; other records leave it as it is.
    pub(crate) fn fold(&mut self, ordinal: u64, record: &Record) {
        let (by, at_ms) = (record.by.clone(), record.at_ms);
        match &record.body {
            Body::Registered(versions) => {
                for registration in versions {
                    let version = Version {
                        registration: registration.clone(),
                        by: by.clone(),
                        at_ms,
                        ordinal,
                        word: None,
                    };
                    self.add(version);
                }
            }
            Body::Approved(approval) => self.approve(approval, by, at_ms),
            Body::Filed(filed) => {
                let document = Digest::of(filed.document.as_bytes());
                let filed = Filed { document: String::new(), ..filed.clone() };
                self.filings.push(Filing { filed, document, by, at_ms, ordinal });
            }
            Body::Contested(contested) => {
                let contested = contested.clone();
                let id = contested.id.clone();
                self.matters.insert(id, Matter { contested, by, at_ms, ordinal, answers: Vec::new() });
            }
            Body::Answered(answered) => {
                if let Some(matter) = self.matters.get_mut(&answered.id) {
                    matter.answers.push(Reply { answered: answered.clone(), by, at_ms, ordinal });
                }
            }
            _ => {}
        }
    }

    /// Takes a version in.
    pub(crate) fn add(&mut self, version: Version) {
        let registration = &version.registration;
        if let Some(device) = registration.device {
            self.devices.insert(device, registration.id.clone());
        }
        self.versions.entry((registration.kind, registration.id.clone())).or_default().push(version);
    }

    fn approve(&mut self, approval: &Approval, by: String, at_ms: u64) {
        let versions = self.versions.get_mut(&(approval.kind, approval.id.clone()));
        let version = versions.into_iter().flatten().find(|v| v.registration.version == approval.version);
        if let Some(version) = version {
            version.word = Some(Word { approved: approval.approved, by, at_ms, note: approval.note.clone() });
        }
    }

    /// The last version of a registration, whether it counts yet or not.
    #[must_use]
    pub fn last(&self, kind: Kind, id: &Name) -> Option<&Version> {
        self.versions.get(&(kind, id.clone()))?.last()
    }
}
