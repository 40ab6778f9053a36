//! A bundle, piece by piece: each batch against the log, each statement against its device's key and chain.
//!
//! The reader goes through the pieces in order and is quick; the signatures of a piece come out as [`Signatures`], which any
//! thread can check. Memory: one piece at a time, and one line per device.

use crate::keys::Keys;
use crate::report::Report;
use crate::summary::Summary;
use statement::{
    Bundle, BundleError, CborError, DeviceId, Digest, Envelope, Kept, Key, MAX_PIECE, Manifest, Purpose,
    Record, Sheaf, Signed, Statement, verify_batch,
};
use std::collections::HashMap;
use tlog::{CheckpointError, Hash, Head, Policy, SignedCheckpoint, leaf_hash, verify_inclusion};

/// Most troubles that are named one by one.
const MAX_NAMED: usize = 20;

/// Why a bundle cannot be read on.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A piece is no byte string, or longer than allowed.
    #[error("piece {piece} at byte {at} is not a CBOR byte string of at most {MAX_PIECE} bytes")]
    Piece {
        /// Which piece, from 0.
        piece: u64,
        /// Where in the file.
        at: u64,
    },
    /// A piece in another form.
    #[error("piece {piece}: {error}")]
    Bundle {
        /// Which piece.
        piece: u64,
        /// What is wrong.
        error: BundleError,
    },
    /// A manifest in another form.
    #[error("piece {piece}: {error}")]
    Manifest {
        /// Which piece.
        piece: u64,
        /// What is wrong.
        error: CborError,
    },
    /// No checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

/// Where a device's chain stands in the reader.
struct Last {
    sequence: u64,
    digest: Digest,
}

/// Reads a bundle.
pub struct Reader {
    keys: Keys,
    head: Head,
    report: Report,
    summary: Summary,
    chains: HashMap<DeviceId, Last>,
    troubles: u64,
    due: u64,
    next_index: Option<u64>,
}

/// Signatures of one piece, to be checked on any thread.
pub struct Signatures {
    signed: Vec<Signed>,
    named: Vec<(DeviceId, u64)>,
}

impl Signatures {
    /// Checks them; gives device and number of each statement whose signature does not hold.
    #[must_use]
    pub fn check(&self) -> Vec<(DeviceId, u64)> {
        verify_batch(&self.signed).into_iter().filter_map(|i| self.named.get(i).copied()).collect()
    }
}

/// The length of the piece that begins `bytes`, with the length of its head; none while more bytes are needed.
///
/// # Errors
///
/// [`ReadError::Piece`].
pub fn pieces(bytes: &[u8], piece: u64, at: u64) -> Result<Option<(usize, usize)>, ReadError> {
    let wrong = || ReadError::Piece { piece, at };
    let Some(first) = bytes.first() else { return Ok(None) };
    let extra = match first {
        0x40..=0x57 => return Ok(Some((1, usize::from(first - 0x40)))),
        0x58 => 1,
        0x59 => 2,
        0x5a => 4,
        _ => return Err(wrong()),
    };
    let Some(length) = bytes.get(1..=extra) else { return Ok(None) };
    let length = length.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
    if length > MAX_PIECE { Err(wrong()) } else { Ok(Some((1 + extra, length))) }
}

impl Reader {
    /// Begins with the first piece: the checkpoint is held against the policy.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub fn new(first: &[u8], policy: &Policy, keys: Keys) -> Result<Self, ReadError> {
        let bundle = Bundle::from_cbor(first).map_err(|error| ReadError::Bundle { piece: 0, error })?;
        let checkpoint = SignedCheckpoint::parse(bundle.checkpoint.as_bytes())?;
        let mut report = Report::default();
        report.judged(&policy.evaluate(&checkpoint, &[]));
        Ok(Self {
            keys,
            head: checkpoint.checkpoint().head(),
            report,
            summary: Summary::default(),
            chains: HashMap::new(),
            troubles: 0,
            due: bundle.sheaves,
            next_index: None,
        })
    }

    /// Reads a further piece: its batch is held against the log; what it says of keys is learnt.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub fn sheaf(&mut self, piece: &[u8]) -> Result<Signatures, ReadError> {
        let number = self.summary.batches + 1;
        let sheaf = Sheaf::from_cbor(piece).map_err(|error| ReadError::Bundle { piece: number, error })?;
        let manifest = Manifest::from_cbor(&sheaf.manifest)
            .map_err(|error| ReadError::Manifest { piece: number, error })?;
        self.summary.batches += 1;
        self.batch(&sheaf, &manifest);
        for seen in &manifest.dispositions {
            *self.summary.dispositions.entry(seen.disposition).or_default() += u64::from(seen.count);
        }
        let mut out = Signatures { signed: Vec::new(), named: Vec::new() };
        for entry in &sheaf.entries {
            match entry {
                Kept::Hash(_) => self.summary.hashes += 1,
                Kept::Record(bytes) => match Record::from_cbor(bytes) {
                    Ok(record) => {
                        self.summary.records += 1;
                        self.keys.learn(&record);
                    }
                    Err(error) => self.trouble(format!("a record of leaf {}: {error}", sheaf.index)),
                },
                Kept::Statement(bytes) => self.said(bytes, sheaf.index, &mut out),
            }
        }
        Ok(out)
    }

    fn batch(&mut self, sheaf: &Sheaf, manifest: &Manifest) {
        let index = sheaf.index;
        if self.next_index.is_some_and(|next| index < next) {
            self.trouble(format!("leaf {index} comes after a later one"));
        }
        self.next_index = Some(index.saturating_add(1));
        let leaves: Vec<Hash> = sheaf.entries.iter().map(|e| Hash(e.leaf().0)).collect();
        if u32::try_from(leaves.len()) != Ok(manifest.count) || tlog::root(&leaves).0 != manifest.root.0 {
            self.trouble(format!("the entries of leaf {index} are not those that were sealed"));
        }
        let path: Vec<Hash> = sheaf.path.iter().map(|d| Hash(d.0)).collect();
        if let Err(error) =
            verify_inclusion(leaf_hash(&sheaf.manifest), index, self.head.size, &path, self.head.root)
        {
            self.trouble(format!("leaf {index} is not shown to be in the log: {error}"));
        }
    }

    fn said(&mut self, bytes: &[u8], leaf: u64, out: &mut Signatures) {
        let read = Envelope::parse(bytes).map_err(|e| e.to_string()).and_then(|envelope| {
            let statement = Statement::from_cbor(envelope.payload).map_err(|e| e.to_string())?;
            Ok((envelope, statement))
        });
        let (envelope, statement) = match read {
            Ok(read) => read,
            Err(error) => return self.trouble(format!("a statement of leaf {leaf}: {error}")),
        };
        self.summary.statements += 1;
        self.summary.count(&statement);
        let named = (statement.device, statement.sequence);
        match self.keys.find(envelope.key) {
            None => self.summary.without_key += 1,
            Some((device, _)) if device != statement.device => {
                self.trouble(format!(
                    "statement {} of device {} is signed by device {device}",
                    named.1, named.0
                ));
            }
            Some((_, key)) => out.add(&key, &envelope, named),
        }
        self.follow(&statement, envelope.digest());
    }

    /// Follows the chain of a device as far as it is here in order.
    fn follow(&mut self, statement: &Statement, digest: Digest) {
        let (device, sequence) = (statement.device, statement.sequence);
        let last = self.chains.insert(device, Last { sequence, digest });
        let Some(last) = last else { return };
        if sequence == last.sequence + 1 && statement.previous != last.digest {
            self.trouble(format!(
                "statement {sequence} of device {device} does not follow statement {}",
                last.sequence
            ));
        } else if sequence <= last.sequence {
            // Late ones come after later ones; they close what was counted as missing.
            self.summary.missing = self.summary.missing.saturating_sub(1);
            self.chains.insert(device, last);
        } else {
            self.summary.missing += sequence - last.sequence - 1;
        }
    }

    /// Takes note of signatures that do not hold.
    pub fn forged(&mut self, forged: &[(DeviceId, u64)]) {
        for (device, sequence) in forged {
            self.trouble(format!("the signature of statement {sequence} of device {device} does not hold"));
        }
    }

    fn trouble(&mut self, text: String) {
        self.troubles += 1;
        if self.troubles <= u64::try_from(MAX_NAMED).unwrap_or(0) {
            self.report.fails(text);
        }
    }

    /// Ends: the report and what was there.
    #[must_use]
    pub fn finish(mut self) -> (Report, Summary) {
        self.summary.devices = u64::try_from(self.chains.len()).unwrap_or(u64::MAX);
        let summary = &self.summary;
        if self.troubles > u64::try_from(MAX_NAMED).unwrap_or(0) {
            self.report
                .fails(format!("{} more like these", self.troubles - u64::try_from(MAX_NAMED).unwrap_or(0)));
        }
        if summary.batches != self.due {
            self.report.fails(format!("the bundle ends after {} of {} batches", summary.batches, self.due));
        }
        if self.troubles == 0 {
            self.report.holds_that(format!(
                "all {} batches are in the log of {} leaves, with all their entries",
                summary.batches, self.head.size
            ));
            let checked = summary.statements - summary.without_key;
            self.report.holds_that(format!(
                "{checked} statements of {} devices are signed by their devices, in order",
                summary.devices
            ));
        }
        if summary.without_key > 0 {
            self.report.open(format!(
                "signatures of {} statements: the records of their keys are not in the bundle",
                summary.without_key
            ));
        }
        if summary.hashes > 0 {
            self.report.open(format!("{} entries are not shown: only their hashes are here", summary.hashes));
        }
        if summary.missing > 0 {
            self.report
                .open(format!("{} statements are missing between those that are here", summary.missing));
        }
        (self.report, self.summary)
    }
}

impl Signatures {
    fn add(&mut self, key: &Key, envelope: &Envelope<'_>, named: (DeviceId, u64)) {
        self.signed.push(Signed::new(key, &envelope.signed(Purpose::Statement), &envelope.signature));
        self.named.push(named);
    }
}
