//! All that the registry knows, as a fold over the entries of the spine: the same at a start and in normal work.

use crate::chain::{Chain, Link, Taken};
use crate::device::{Device, DeviceKeys, Ended, Share};
use crate::frame::Frame;
use crate::registered::Registered;
use statement::{
    Authority, Body, CborError, DeviceId, Digest, Enrolled, Envelope, EnvelopeError, Kept, Key, KeyError,
    KeyId, Name, Operator, PayloadError, Record, Site, Statement, Token,
};
use std::collections::{BTreeMap, HashMap};

/// All that the registry knows.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The next frame number.
    pub frames: u64,
    /// The next ordinal.
    pub next: u64,
    /// Operators, every version, oldest first.
    pub operators: BTreeMap<Name, Vec<Operator>>,
    /// Sites, every version, oldest first.
    pub sites: BTreeMap<Name, Vec<Site>>,
    /// Devices.
    pub devices: HashMap<DeviceId, Device>,
    /// Which device has a key.
    pub keys: HashMap<KeyId, DeviceId>,
    /// Tokens that count, with how often they may still be used.
    pub tokens: BTreeMap<Name, Token>,
    /// Keys that may vouch.
    pub authorities: BTreeMap<KeyId, Authority>,
    /// What people registered, filed and contested.
    pub registered: Registered,
    /// Digest over the leaf hashes of the last frame: what tells this spine from another of the same length.
    pub(crate) tail: Digest,
    /// How many versions of operators and sites there are: what the grounds of sites are made of.
    pub(crate) placed: u64,
    /// Whether erased entries were folded: then chains cannot be followed from the spine alone.
    pub(crate) gone: bool,
}

/// Why a frame cannot be folded: it is not what a registry writes.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    /// It begins elsewhere.
    #[error("frame {frame} begins with entry {found}, expected entry {expected}")]
    Order {
        /// Which frame.
        frame: u64,
        /// What was found.
        found: u64,
        /// What was expected.
        expected: u64,
    },
    /// A frame or record in another form.
    #[error("entry {ordinal}: {error}")]
    Cbor {
        /// Which entry.
        ordinal: u64,
        /// What is wrong.
        error: CborError,
    },
    /// A statement without its envelope.
    #[error("entry {ordinal}: {error}")]
    Envelope {
        /// Which entry.
        ordinal: u64,
        /// What is wrong.
        error: EnvelopeError,
    },
    /// A statement in another form.
    #[error("entry {ordinal}: {error}")]
    Payload {
        /// Which entry.
        ordinal: u64,
        /// What is wrong.
        error: PayloadError,
    },
    /// A key that is none.
    #[error("entry {ordinal}: {error}")]
    Key {
        /// Which entry.
        ordinal: u64,
        /// What is wrong.
        error: KeyError,
    },
    /// A statement that a registry would not have admitted.
    #[error("entry {ordinal}: {why}")]
    Unlawful {
        /// Which entry.
        ordinal: u64,
        /// Why not.
        why: String,
    },
}

impl State {
    /// Folds one more frame.
    ///
    /// # Errors
    ///
    /// [`FoldError`]: the frame is not what this registry wrote; what was folded before it stands.
    pub fn fold(&mut self, frame: &Frame) -> Result<(), FoldError> {
        self.fold_with(frame, &frame.leaves())
    }

    /// Folds one more frame, whose leaf hashes are known.
    pub(crate) fn fold_with(&mut self, frame: &Frame, leaves: &[Digest]) -> Result<(), FoldError> {
        if frame.first != self.next {
            return Err(FoldError::Order { frame: self.frames, found: frame.first, expected: self.next });
        }
        for (ordinal, entry) in (frame.first..).zip(&frame.entries) {
            match entry {
                Kept::Statement(bytes) => self.fold_statement(ordinal, bytes)?,
                Kept::Record(bytes) => {
                    let record =
                        Record::from_cbor(bytes).map_err(|error| FoldError::Cbor { ordinal, error })?;
                    self.fold_record(ordinal, &record)?;
                }
                // The snapshot that was taken before it was erased knows what it was; without that, the chains have holes.
                Kept::Hash(_) => self.gone = true,
            }
        }
        self.passed(frame, leaves);
        Ok(())
    }

    /// Takes note of a frame whose entries are known.
    pub(crate) fn passed(&mut self, frame: &Frame, leaves: &[Digest]) {
        self.next = frame.end();
        self.frames += 1;
        self.tail = tail(leaves);
    }

    fn fold_statement(&mut self, ordinal: u64, bytes: &[u8]) -> Result<(), FoldError> {
        let envelope = Envelope::parse(bytes).map_err(|error| FoldError::Envelope { ordinal, error })?;
        let statement =
            Statement::from_cbor(envelope.payload).map_err(|error| FoldError::Payload { ordinal, error })?;
        let unlawful = |why: String| FoldError::Unlawful { ordinal, why };
        let device = self.devices.get_mut(&statement.device);
        let device =
            device.ok_or_else(|| unlawful(format!("device {} is not enrolled", statement.device)))?;
        let link = Link::of(&statement, Digest::of(bytes));
        match device.chain.offer(&link) {
            Ok(Taken::New) => Ok(()),
            // It was admitted; what it was held against then is not there any more.
            _ if self.gone => {
                device.chain.trust(&link);
                Ok(())
            }
            Ok(Taken::Duplicate) => Err(unlawful(format!("statement {} is there twice", link.sequence))),
            Err(refusal) => Err(unlawful(refusal.to_string())),
        }
    }

    /// Folds a record.
    pub(crate) fn fold_record(&mut self, ordinal: u64, record: &Record) -> Result<(), FoldError> {
        self.placed += u64::from(matches!(record.body, Body::Operator(_) | Body::Site(_)));
        match &record.body {
            Body::Operator(operator) => {
                self.operators.entry(operator.id.clone()).or_default().push(operator.clone());
            }
            Body::Site(site) => self.sites.entry(site.id.clone()).or_default().push(site.clone()),
            Body::Enrolled(enrolled) => self.enrol(ordinal, enrolled, record.at_ms)?,
            Body::Rotated(rotated) => {
                self.end_keys(rotated.device, None, Ended { at_ms: record.at_ms, revoked: false });
                self.add_key(ordinal, rotated.device, &rotated.key)?;
            }
            Body::Revoked(revoked) => {
                self.end_keys(revoked.device, revoked.key, Ended { at_ms: record.at_ms, revoked: true });
            }
            Body::Token(token) => {
                self.tokens.insert(token.id.clone(), token.clone());
            }
            Body::TokenEnded(id) => {
                self.tokens.remove(id);
            }
            Body::Authority(authority) => {
                self.authorities.insert(authority.key.id(), authority.clone());
            }
            Body::AuthorityEnded(id) => {
                self.authorities.remove(id);
            }
            Body::Erased(_) => {}
            Body::Registered(_)
            | Body::Approved(_)
            | Body::Filed(_)
            | Body::Contested(_)
            | Body::Answered(_) => {
                self.registered.fold(ordinal, record);
            }
        }
        Ok(())
    }

    fn enrol(&mut self, ordinal: u64, enrolled: &Enrolled, at_ms: u64) -> Result<(), FoldError> {
        if let Some(id) = &enrolled.token
            && let Some(token) = self.tokens.get_mut(id)
        {
            token.uses = token.uses.saturating_sub(1);
        }
        let voucher = enrolled.vouch.as_ref().and_then(|v| self.authorities.get(&v.voucher));
        let device = Device {
            site: enrolled.site.clone(),
            label: enrolled.label.clone(),
            grade: voucher.map_or_else(|| "token".to_owned(), |authority| authority.kind.clone()),
            keys: Vec::new(),
            chain: Chain::default(),
            enrolled_ms: at_ms,
            share: Share::default(),
        };
        self.devices.insert(enrolled.device, device);
        self.add_key(ordinal, enrolled.device, &enrolled.key)
    }

    fn add_key(&mut self, ordinal: u64, id: DeviceId, key: &[u8]) -> Result<(), FoldError> {
        let bytes = key.try_into().map_err(|_| KeyError::Length { found: key.len() });
        let key = bytes.and_then(Key::kept).map_err(|error| FoldError::Key { ordinal, error })?;
        self.keys.insert(key.id(), id);
        if let Some(device) = self.devices.get_mut(&id) {
            device.keys.push(DeviceKeys { key, ended: None });
        }
        Ok(())
    }

    fn end_keys(&mut self, id: DeviceId, only: Option<KeyId>, ended: Ended) {
        let Some(device) = self.devices.get_mut(&id) else { return };
        for key in &mut device.keys {
            let named = only.is_none_or(|only| key.key.id() == only);
            let stronger = key.ended.is_none_or(|before| ended.revoked && !before.revoked);
            if named && stronger {
                key.ended = Some(ended);
            }
        }
    }

    /// The present version of a site.
    #[must_use]
    pub fn site(&self, id: &Name) -> Option<&Site> {
        self.sites.get(id).and_then(|versions| versions.last())
    }

    /// The present version of an operator.
    #[must_use]
    pub fn operator(&self, id: &Name) -> Option<&Operator> {
        self.operators.get(id).and_then(|versions| versions.last())
    }
}

/// Digest over the leaf hashes of a frame, the same before and after an erasure.
pub(crate) fn tail(leaves: &[Digest]) -> Digest {
    Digest::of(&leaves.iter().flat_map(|leaf| leaf.0).collect::<Vec<u8>>())
}
