//! What a registry's spine holds at the end, counted entry by entry.

use registry::Frame;
use registry::store::Store;
use statement::{DeviceId, Digest, Envelope, Kept, Statement};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use store_sqlite::{EmbeddedStore, Options};

/// Bytes of frames that are read at once.
const READ: usize = 8 << 20;

/// Statements of a spine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How often each is there.
    pub times: BTreeMap<Digest, u64>,
    /// The numbers of each device, in the order in which they were admitted.
    pub sequences: BTreeMap<DeviceId, Vec<u64>>,
}

impl Tally {
    /// Counts what the store in a folder of a registry holds, which must not run.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn of(data: &Path) -> io::Result<Self> {
        let folder = data.join("registry/store");
        let store = EmbeddedStore::open(&folder, Options::default()).map_err(io::Error::other)?;
        let (count, mut at, mut tally) = (store.count().map_err(io::Error::other)?, 0, Self::default());
        while at < count {
            for bytes in store.read(at, READ).map_err(io::Error::other)? {
                tally.frame(&Frame::from_cbor(&bytes).map_err(io::Error::other)?)?;
                at += 1;
            }
        }
        Ok(tally)
    }

    fn frame(&mut self, frame: &Frame) -> io::Result<()> {
        for entry in &frame.entries {
            let Kept::Statement(bytes) = entry else { continue };
            let envelope = Envelope::parse(bytes).map_err(io::Error::other)?;
            let statement = Statement::from_cbor(envelope.payload).map_err(io::Error::other)?;
            *self.times.entry(Digest::of(bytes)).or_default() += 1;
            self.sequences.entry(statement.device).or_default().push(statement.sequence);
        }
        Ok(())
    }

    /// How many of these are not there.
    #[must_use]
    pub fn lost(&self, said: &BTreeSet<Digest>) -> usize {
        said.iter().filter(|digest| !self.times.contains_key(digest)).count()
    }

    /// How many are there twice: as the same bytes, or as the same number of a device.
    #[must_use]
    pub fn duplicates(&self) -> usize {
        let bytes = self.times.values().filter(|times| **times > 1).count();
        let numbers: usize =
            self.sequences.values().map(|all| all.len() - all.iter().collect::<BTreeSet<_>>().len()).sum();
        bytes.max(numbers)
    }
}
