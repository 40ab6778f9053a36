//! A snapshot of the state, so that a start need not read the spine from its beginning, and so that what a device said last
//! is known even after it was erased.

use crate::chain::Chain;
use crate::device::{Device, DeviceKeys, Ended, Share};
use crate::frame::{summed, unsummed};
use crate::index::Marks;
use crate::registered::{Filing, Matter, Version};
use crate::state::State;
use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};
use statement::{
    Authority, CborError, DeviceId, Digest, Key, KeyError, Name, Operator, Site, Token, from_cbor, to_cbor,
};

/// The version of this form.
const SNAPSHOT_VERSION: u8 = 1;
/// What the names of snapshots begin with.
pub const FOLDER: &str = "state/";

/// A snapshot.
#[derive(Encode, Decode)]
#[cbor(map)]
pub struct Snapshot {
    #[n(0)]
    version: u8,
    #[n(1)]
    frames: u64,
    #[n(2)]
    next: u64,
    #[n(3)]
    operators: Vec<Operator>,
    #[n(4)]
    sites: Vec<Site>,
    #[n(5)]
    devices: Vec<KeptDevice>,
    #[n(6)]
    tokens: Vec<Token>,
    #[n(7)]
    authorities: Vec<Authority>,
    #[n(8)]
    frame_marks: Vec<u64>,
    #[n(9)]
    leaf_marks: Vec<u64>,
    #[n(10)]
    tail: Digest,
    #[n(11)]
    versions: Option<Vec<Version>>,
    #[n(12)]
    filings: Option<Vec<Filing>>,
    #[n(13)]
    matters: Option<Vec<Matter>>,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct KeptDevice {
    #[n(0)]
    id: DeviceId,
    #[n(1)]
    site: Name,
    #[n(2)]
    label: String,
    #[n(3)]
    grade: String,
    #[n(4)]
    keys: Vec<KeptKey>,
    #[n(5)]
    chain: Chain,
    #[n(6)]
    enrolled_ms: u64,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct KeptKey {
    #[n(0)]
    key: ByteArray<32>,
    #[n(1)]
    ended: Option<Ended>,
}

/// Why a snapshot is no use; the spine still has everything.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Another form.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// Another version.
    #[error("snapshot of version {found}, expected {SNAPSHOT_VERSION}")]
    Version {
        /// What was found.
        found: u8,
    },
    /// A key that is none.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// The name of the snapshot that was taken after so many frames.
#[must_use]
pub fn name(frames: u64) -> String {
    format!("{FOLDER}{frames:020}")
}

/// Whether two states of the same spine know the same; of chains only if `chained`.
#[must_use]
pub fn agree(a: &State, b: &State, chained: bool) -> bool {
    let none = Marks::default();
    let bare = |state: &State| {
        let mut state = state.clone();
        if !chained {
            state.devices.values_mut().for_each(|device| device.chain = Chain::default());
        }
        write(&state, &none, &none)
    };
    bare(a) == bare(b)
}

/// Writes a state with the marks of its frames and leaves, and after it the SHA-256 of that.
#[must_use]
pub fn write(state: &State, frame_marks: &Marks, leaf_marks: &Marks) -> Vec<u8> {
    let mut devices: Vec<KeptDevice> = state.devices.iter().map(|(id, device)| kept(*id, device)).collect();
    devices.sort_by_key(|d| d.id);
    summed(to_cbor(&Snapshot {
        version: SNAPSHOT_VERSION,
        frames: state.frames,
        next: state.next,
        operators: state.operators.values().flatten().cloned().collect(),
        sites: state.sites.values().flatten().cloned().collect(),
        devices,
        tokens: state.tokens.values().cloned().collect(),
        authorities: state.authorities.values().cloned().collect(),
        frame_marks: frame_marks.0.clone(),
        leaf_marks: leaf_marks.0.clone(),
        tail: state.tail,
        versions: some(state.registered.versions.values().flatten().cloned().collect()),
        filings: some(state.registered.filings.clone()),
        matters: some(state.registered.matters.values().cloned().collect()),
    }))
}

/// None where there is nothing, as in snapshots of before.
fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

fn kept(id: DeviceId, device: &Device) -> KeptDevice {
    let key = |k: &DeviceKeys| KeptKey { key: k.key.to_bytes().into(), ended: k.ended };
    KeptDevice {
        id,
        site: device.site.clone(),
        label: device.label.clone(),
        grade: device.grade.clone(),
        keys: device.keys.iter().map(key).collect(),
        chain: device.chain.clone(),
        enrolled_ms: device.enrolled_ms,
    }
}

/// Reads a snapshot.
///
/// # Errors
///
/// [`SnapshotError`].
pub fn read(bytes: &[u8]) -> Result<(State, Marks, Marks), SnapshotError> {
    let snapshot: Snapshot = from_cbor(unsummed(bytes, "snapshot")?, "snapshot")?;
    if snapshot.version != SNAPSHOT_VERSION {
        return Err(SnapshotError::Version { found: snapshot.version });
    }
    let (frames, next, tail) = (snapshot.frames, snapshot.next, snapshot.tail);
    let mut state = State { frames, next, tail, ..State::default() };
    for operator in snapshot.operators {
        state.operators.entry(operator.id.clone()).or_default().push(operator);
    }
    for site in snapshot.sites {
        state.sites.entry(site.id.clone()).or_default().push(site);
    }
    state.tokens = snapshot.tokens.into_iter().map(|t| (t.id.clone(), t)).collect();
    state.authorities = snapshot.authorities.into_iter().map(|a| (a.key.id(), a)).collect();
    snapshot.versions.into_iter().flatten().for_each(|version| state.registered.add(version));
    state.registered.filings = snapshot.filings.unwrap_or_default();
    let matters = snapshot.matters.into_iter().flatten();
    state.registered.matters = matters.map(|m| (m.contested.id.clone(), m)).collect();
    for device in snapshot.devices {
        take(&mut state, device)?;
    }
    Ok((state, Marks(snapshot.frame_marks), Marks(snapshot.leaf_marks)))
}

impl State {
    /// The state that a snapshot keeps.
    ///
    /// # Errors
    ///
    /// [`SnapshotError`].
    pub fn from_snapshot(bytes: &[u8]) -> Result<Self, SnapshotError> {
        read(bytes).map(|(state, _, _)| state)
    }
}

fn take(state: &mut State, kept: KeptDevice) -> Result<(), SnapshotError> {
    let mut keys = Vec::with_capacity(kept.keys.len());
    for key in kept.keys {
        let read = Key::kept(key.key.into())?;
        state.keys.insert(read.id(), kept.id);
        keys.push(DeviceKeys { key: read, ended: key.ended });
    }
    let device = Device {
        site: kept.site,
        label: kept.label,
        grade: kept.grade,
        keys,
        chain: kept.chain,
        enrolled_ms: kept.enrolled_ms,
        share: Share::default(),
    };
    state.devices.insert(kept.id, device);
    Ok(())
}
