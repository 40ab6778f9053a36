//! Evidence that was asked for and has not come yet. Forgotten at an end: whoever still wants it asks again.

use super::Service;
use super::witnesses::unpoisoned;
use registry::RollbackSeen;
use statement::{DeviceId, Digest};
use std::collections::HashMap;
use std::sync::Mutex;

/// Most pieces that are waited for.
const MAX_ASKED: usize = 10_000;
/// Most pieces that one answer asks a device for.
const MAX_WANTED: usize = 16;

/// Which pieces are waited for, and from whom.
#[derive(Default)]
pub(crate) struct Asked(Mutex<HashMap<Digest, DeviceId>>);

impl Service {
    /// Asks a device for a piece of evidence.
    ///
    /// # Errors
    ///
    /// A sentence, if too many are waited for.
    pub fn want(&self, device: DeviceId, digest: Digest) -> Result<(), String> {
        let mut asked = unpoisoned(self.inner.asked.0.lock());
        if asked.len() >= MAX_ASKED && !asked.contains_key(&digest) {
            return Err(format!("{MAX_ASKED} pieces of evidence are waited for already"));
        }
        asked.insert(digest, device);
        Ok(())
    }

    /// What these devices are to be asked for.
    #[must_use]
    pub fn wanted(&self, devices: &[DeviceId]) -> Vec<Digest> {
        let asked = unpoisoned(self.inner.asked.0.lock());
        let theirs = asked.iter().filter(|(_, device)| devices.contains(device));
        theirs.take(MAX_WANTED).map(|(digest, _)| *digest).collect()
    }

    /// From whom a piece is waited for.
    #[must_use]
    pub fn asked_for(&self, digest: Digest) -> Option<DeviceId> {
        unpoisoned(self.inner.asked.0.lock()).get(&digest).copied()
    }

    /// A piece has come.
    pub fn came(&self, digest: Digest) {
        unpoisoned(self.inner.asked.0.lock()).remove(&digest);
    }

    /// A client shows the last checkpoint that it has seen, in base64.
    ///
    /// # Errors
    ///
    /// A sentence, if this log has signed it and does not stand by it: the registry has stopped.
    pub fn seen(&self, base64: &str) -> Result<(), String> {
        let Some(note) = tlog::from_base64(base64) else { return Ok(()) };
        let config = &self.inner.config;
        let key = ed25519_zebra::VerificationKey::from(&config.key);
        self.inner.registry.seen(&note, &config.origin, key).map_err(|error: RollbackSeen| error.to_string())
    }

    /// The log's key in the form of a note verifier.
    #[must_use]
    pub fn log_key(&self) -> String {
        self.inner.own_key().first().map(ToString::to_string).unwrap_or_default()
    }

    /// The policy by which this registry publishes.
    #[must_use]
    pub fn policy_text(&self) -> String {
        self.inner.config.policy_text.clone()
    }
}
