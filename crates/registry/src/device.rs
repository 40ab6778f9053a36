//! A device as the registry knows it: where it stands, its keys, its chain, and its share of the registry's time.

use crate::chain::Chain;
use minicbor::{Decode, Encode};
use statement::{Key, KeyId, Name};

/// By how much the clock of a device may be off when one of its keys is replaced, in milliseconds.
const ROTATION_MS: u64 = 300_000;
/// Statements that a device may send at once: 34 days of minutes, for one that was offline.
const BURST: u64 = 50_000;
/// Statements a second that its share grows by.
const REFILL: u64 = 1;

/// One device.
#[derive(Clone, Debug)]
pub struct Device {
    /// The site where it stands.
    pub site: Name,
    /// What people call it.
    pub label: String,
    /// How its first key was vouched for: `token`, `authority` or `tpm`.
    pub grade: String,
    /// Its keys, first to last.
    pub keys: Vec<DeviceKeys>,
    /// Where its chain stands.
    pub chain: Chain,
    /// When it was enrolled, milliseconds since 1970.
    pub enrolled_ms: u64,
    /// Its share of the registry's time. Not part of what is kept: it begins full at every start.
    pub share: Share,
}

/// One key of a device.
#[derive(Clone, Debug)]
pub struct DeviceKeys {
    /// The key.
    pub key: Key,
    /// Until when it counts, if it no longer does.
    pub ended: Option<Ended>,
}

/// Since when a key does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Ended {
    /// When, milliseconds since 1970.
    #[n(0)]
    pub at_ms: u64,
    /// Whether it was revoked: then nothing signed with it is admitted any more, whatever date it bears.
    #[n(1)]
    pub revoked: bool,
}

impl Device {
    /// When a key ended for a statement that ends at `until_ms`; none if it counts.
    #[must_use]
    pub fn ended(&self, key: KeyId, until_ms: u64) -> Option<u64> {
        let ended = self.keys.iter().find(|k| k.key.id() == key)?.ended?;
        let late = until_ms > ended.at_ms.saturating_add(ROTATION_MS);
        (ended.revoked || late).then_some(ended.at_ms)
    }

    /// The key that counts now.
    #[must_use]
    pub fn key(&self) -> Option<&Key> {
        self.keys.iter().rev().find(|k| k.ended.is_none()).map(|k| &k.key)
    }
}

/// A share that is used up and grows again.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    left: u64,
    at_ms: u64,
}

impl Default for Share {
    fn default() -> Self {
        Self { left: BURST, at_ms: 0 }
    }
}

impl Share {
    /// Takes one; otherwise tells in how many seconds there is one.
    ///
    /// # Errors
    ///
    /// The seconds to wait.
    pub fn take(&mut self, now_ms: u64) -> Result<(), u64> {
        if self.grown(now_ms) > 0 {
            self.left = self.left(now_ms);
            self.at_ms = now_ms;
        }
        self.left = self.left.checked_sub(1).ok_or(1_u64)?;
        Ok(())
    }

    /// How many there are at a time.
    #[must_use]
    pub fn left(&self, now_ms: u64) -> u64 {
        self.left.saturating_add(self.grown(now_ms)).min(BURST)
    }

    fn grown(&self, now_ms: u64) -> u64 {
        now_ms.saturating_sub(self.at_ms) / 1_000 * REFILL
    }
}
