//! Finding the frame or the leaf of an entry without a table of all: one mark every 256, and a search between two marks.

use crate::frame::Frame;
use crate::store::{Store, StoreError};
use statement::Manifest;
use tlog::{Place, TILE_WIDTH, Tile, parse_bundle};

/// One mark for so many frames or leaves; leaves lie in bundles of as many.
pub const EVERY: u64 = TILE_WIDTH as u64;

/// The first ordinal of every 256th frame or leaf.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks(pub Vec<u64>);

impl Marks {
    /// Takes note of frame or leaf `number`, which begins with entry `first`.
    pub fn note(&mut self, number: u64, first: u64) {
        if number.is_multiple_of(EVERY) && u64::try_from(self.0.len()) == Ok(number / EVERY) {
            self.0.push(first);
        }
    }

    /// The numbers among which is the one that holds an entry: from the mark before it to the next mark.
    #[must_use]
    pub fn around(&self, ordinal: u64, count: u64) -> std::ops::Range<u64> {
        let after = self.0.partition_point(|first| *first <= ordinal);
        let from = u64::try_from(after.saturating_sub(1)).unwrap_or(0) * EVERY;
        from..count.min(from.saturating_add(EVERY))
    }
}

/// Reads one frame.
pub fn frame(store: &impl Store, number: u64) -> Result<Frame, StoreError> {
    let damaged = |why: String| StoreError::Damaged { what: format!("frame {number}"), why };
    let frames = store.read(number, 1)?;
    let bytes = frames.first().ok_or_else(|| damaged("it is not there".to_owned()))?;
    Frame::from_cbor(bytes).map_err(|e| damaged(e.to_string()))
}

/// The ordinal of the first entry of a frame, read from its head alone.
fn first(store: &impl Store, number: u64) -> Result<u64, StoreError> {
    let frames = store.read(number, 1)?;
    frames.first().and_then(|bytes| Frame::first_of(bytes)).ok_or_else(|| {
        let why = "it is not there, or does not begin as a frame".to_owned();
        StoreError::Damaged { what: format!("frame {number}"), why }
    })
}

/// The number of the frame that holds an entry; the entry has been admitted.
pub fn frame_of(store: &impl Store, marks: &Marks, count: u64, ordinal: u64) -> Result<u64, StoreError> {
    let mut range = marks.around(ordinal, count);
    // The last frame whose first entry is not beyond the one that is sought.
    while range.end - range.start > 1 {
        let middle = range.start + (range.end - range.start) / 2;
        if first(store, middle)? <= ordinal {
            range.start = middle;
        } else {
            range.end = middle;
        }
    }
    Ok(range.start)
}

/// The manifests of one bundle of leaves, beginning with leaf `256 * index`, of a log of `size` leaves. `get` reads objects.
pub fn manifests(
    get: impl Fn(&str) -> Result<Option<Vec<u8>>, StoreError>,
    index: u64,
    size: u64,
) -> Result<Vec<(Manifest, Vec<u8>)>, StoreError> {
    let damaged = |why: String| StoreError::Damaged { what: format!("bundle {index} of leaves"), why };
    let width = u16::try_from(size.saturating_sub(index * EVERY).min(EVERY)).unwrap_or(TILE_WIDTH);
    let tile = Tile { place: Place::Entries, index, width };
    let whole = Tile { width: TILE_WIDTH, ..tile };
    let (bytes, width) = match get(&tile.to_string())? {
        Some(bytes) => (bytes, width),
        // A bundle that was completed since then takes the place of its beginnings.
        None => (get(&whole.to_string())?.ok_or_else(|| damaged("it is not there".to_owned()))?, TILE_WIDTH),
    };
    let entries = parse_bundle(&bytes, width).map_err(|e| damaged(e.to_string()))?;
    let read = |entry: &[u8]| {
        Manifest::from_cbor(entry).map(|m| (m, entry.to_vec())).map_err(|e| damaged(e.to_string()))
    };
    entries.into_iter().map(read).collect()
}

/// The leaf whose batch holds an entry, with its manifest; the entry is among those of a log of `size` leaves.
pub fn leaf_of(
    store: &impl Store,
    marks: &Marks,
    size: u64,
    ordinal: u64,
) -> Result<Option<(u64, Manifest, Vec<u8>)>, StoreError> {
    let range = marks.around(ordinal, size);
    if range.is_empty() {
        return Ok(None);
    }
    let all = manifests(|name| store.get(name), range.start / EVERY, size)?;
    let holds = |manifest: &Manifest| (manifest.first..manifest.end()).contains(&ordinal);
    let found = all.into_iter().zip(range.start..).find(|((manifest, _), _)| holds(manifest));
    Ok(found.map(|((manifest, bytes), index)| (index, manifest, bytes)))
}
