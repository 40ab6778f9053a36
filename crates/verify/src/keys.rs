//! The keys of devices, as the records of a log tell them.

use statement::{Body, DeviceId, Key, KeyId, Record};
use std::collections::HashMap;

/// Keys by their id, with the device of each.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    keys: HashMap<KeyId, (DeviceId, Key)>,
    revoked: HashMap<KeyId, u64>,
}

impl Keys {
    /// Adds a key that the caller vouches for, as that of the device which it was first enrolled with.
    pub fn trust(&mut self, key: Key, device: DeviceId) {
        self.keys.insert(key.id(), (device, key));
    }

    /// Takes note of what a record says about keys.
    pub fn learn(&mut self, record: &Record) {
        match &record.body {
            Body::Enrolled(enrolled) => self.add(&enrolled.key, enrolled.device),
            Body::Rotated(rotated) => self.add(&rotated.key, rotated.device),
            Body::Revoked(revoked) => {
                let named =
                    |id: &KeyId, of: &DeviceId| *of == revoked.device && revoked.key.is_none_or(|k| k == *id);
                let ended: Vec<KeyId> =
                    self.keys.iter().filter(|(id, (of, _))| named(id, of)).map(|(id, _)| *id).collect();
                self.revoked.extend(ended.into_iter().map(|id| (id, record.at_ms)));
            }
            _ => {}
        }
    }

    fn add(&mut self, bytes: &[u8], device: DeviceId) {
        if let Ok(key) = Key::from_bytes(bytes) {
            self.keys.insert(key.id(), (device, key));
        }
    }

    /// The key of this id and its device.
    #[must_use]
    pub fn find(&self, id: KeyId) -> Option<(DeviceId, Key)> {
        self.keys.get(&id).copied()
    }

    /// When a key was revoked, milliseconds since 1970.
    #[must_use]
    pub fn revoked(&self, id: KeyId) -> Option<u64> {
        self.revoked.get(&id).copied()
    }
}
