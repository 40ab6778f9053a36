//! A body of statements taken apart and verified: all that can be done without knowing what else arrives.
//!
//! The costly half of admission, free of any lock: many bodies can be checked at once, and by several admitters.

use crate::refusal::Refusal;
use crate::registry::Registry;
use crate::state::State;
use crate::store::Store;
use statement::{
    DeviceId, Digest, Envelope, EnvelopeError, Key, KeyId, Purpose, Signed, Statement, split, verify_batch,
};
use std::collections::HashMap;

/// Most statements of one body.
pub const MAX_STATEMENTS: usize = 4_096;
/// Most bytes of one body.
pub const MAX_BODY: usize = 8 << 20;

/// Whose key it is; none if nobody's.
pub type Found = Option<(DeviceId, Key)>;

/// A body, taken apart.
pub struct Opened<'a> {
    envelopes: Vec<Envelope<'a>>,
}

/// A verified body.
pub struct Checked {
    /// Its statements in order, or why one is none.
    pub items: Vec<Result<Genuine, Refusal>>,
}

/// A statement whose signature holds.
#[derive(Clone, Debug)]
pub struct Genuine {
    /// The whole envelope.
    pub bytes: Vec<u8>,
    /// Which key signed it.
    pub key: KeyId,
    /// What it says.
    pub statement: Statement,
    /// Its digest, as the next statement names it.
    pub digest: Digest,
    /// Its leaf hash.
    pub leaf: Digest,
}

impl<'a> Opened<'a> {
    /// Takes a body apart: a CBOR sequence of at most [`MAX_STATEMENTS`] envelopes.
    ///
    /// # Errors
    ///
    /// [`EnvelopeError`].
    pub fn new(body: &'a [u8]) -> Result<Self, EnvelopeError> {
        Ok(Self { envelopes: split(body, MAX_STATEMENTS)? })
    }

    /// Whose keys the envelopes name, in their order. The only step that looks at the state.
    #[must_use]
    pub fn find(&self, state: &State) -> Vec<Found> {
        let key = |envelope: &Envelope<'_>| {
            let id = state.keys.get(&envelope.key)?;
            let device = state.devices.get(id)?;
            device.keys.iter().find(|k| k.key.id() == envelope.key).map(|k| (*id, k.key))
        };
        self.envelopes.iter().map(key).collect()
    }

    /// The same in parts of at most so many statements, in order.
    pub fn parts(&self, most: usize) -> impl Iterator<Item = Self> + '_ {
        self.envelopes.chunks(most.max(1)).map(|part| Self { envelopes: part.to_vec() })
    }

    /// Bytes of all its statements.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.envelopes.iter().map(|e| e.bytes.len()).sum()
    }

    /// The most statements that one device has here, by the keys that the envelopes name.
    #[must_use]
    pub fn crowd(&self) -> usize {
        let mut keys: Vec<KeyId> = self.envelopes.iter().map(|e| e.key).collect();
        keys.sort_unstable();
        keys.chunk_by(PartialEq::eq).map(<[KeyId]>::len).max().unwrap_or(0)
    }

    /// Whether each is beyond what is left of its device's share, so that its signature need not be verified: verifying is
    /// what a flood would cost. Nothing is taken from the share here, so nobody can use up that of another.
    #[must_use]
    pub fn beyond(&self, found: &[Found], state: &State, now_ms: u64) -> Vec<bool> {
        let mut left: HashMap<DeviceId, u64> = HashMap::new();
        let beyond = found.iter().map(|found| {
            let Some((id, device)) = found.and_then(|(id, _)| Some((id, state.devices.get(&id)?))) else {
                return false;
            };
            let left = left.entry(id).or_insert_with(|| device.share.left(now_ms));
            let beyond = *left == 0;
            *left = left.saturating_sub(1);
            beyond
        });
        beyond.collect()
    }

    /// Verifies all signatures together, then reads what they cover.
    #[must_use]
    pub fn check(&self, found: &[Found]) -> Checked {
        self.check_within(found, &[])
    }

    /// The same without those that are [beyond](Self::beyond) their device's share.
    #[must_use]
    pub fn check_within(&self, found: &[Found], beyond: &[bool]) -> Checked {
        let mut signed = Vec::with_capacity(self.envelopes.len());
        let mut places = Vec::with_capacity(self.envelopes.len());
        let is_beyond = |place: usize| beyond.get(place).copied().unwrap_or(false);
        for (place, (envelope, found)) in self.envelopes.iter().zip(found).enumerate() {
            if let Some((_, key)) = found.as_ref().filter(|_| !is_beyond(place)) {
                signed.push(Signed::new(key, &envelope.signed(Purpose::Statement), &envelope.signature));
                places.push(place);
            }
        }
        let mut forged = vec![false; self.envelopes.len()];
        for failed in verify_batch(&signed) {
            if let Some(slot) = places.get(failed).and_then(|place| forged.get_mut(*place)) {
                *slot = true;
            }
        }
        let all = self.envelopes.iter().zip(found).zip(forged).enumerate();
        let item = |(place, ((envelope, found), forged)): (usize, ((&Envelope<'a>, &Found), bool))| {
            if is_beyond(place) {
                Err(Refusal::Rate { after_s: 1 })
            } else {
                genuine(envelope, found.as_ref(), forged)
            }
        };
        Checked { items: all.map(item).collect() }
    }
}

impl<S: Store> Registry<S> {
    /// Takes a body apart and verifies it. Any number may do so at once.
    ///
    /// # Errors
    ///
    /// [`EnvelopeError`]: the whole body is refused.
    pub fn check(&self, body: &[u8]) -> Result<Checked, EnvelopeError> {
        let opened = Opened::new(body)?;
        let found = opened.find(&self.core().state);
        Ok(opened.check(&found))
    }

    /// Verifies a part of a body as [`check`](Self::check) does, but for what is beyond the shares that its devices have at
    /// this time.
    pub fn check_part(&self, part: &Opened<'_>, now_ms: u64) -> Checked {
        let (found, beyond) = {
            let core = self.core();
            let found = part.find(&core.state);
            let beyond = part.beyond(&found, &core.state, now_ms);
            (found, beyond)
        };
        part.check_within(&found, &beyond)
    }
}

fn genuine(
    envelope: &Envelope<'_>,
    found: Option<&(DeviceId, Key)>,
    forged: bool,
) -> Result<Genuine, Refusal> {
    let key = envelope.key;
    let (device, _) = found.ok_or(Refusal::UnknownKey { key })?;
    if forged {
        return Err(Refusal::Signature { key });
    }
    let statement = Statement::from_cbor(envelope.payload)?;
    if statement.device != *device {
        return Err(Refusal::OtherDevice { found: statement.device, expected: *device });
    }
    Ok(Genuine {
        bytes: envelope.bytes.to_vec(),
        key,
        statement,
        digest: envelope.digest(),
        leaf: Digest::leaf(envelope.bytes),
    })
}
