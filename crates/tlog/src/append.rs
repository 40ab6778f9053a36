//! Adding entries to a log that lies in tiles: which objects to write, and the new root.
//!
//! The caller writes the objects, makes them durable, and only then signs the new head. Writing them does not disturb
//! the log as it stands: no object of the old head changes, so a crash in between leaves the old head whole, and doing
//! it again writes the same bytes. Must not write, delete or sign anything itself.

use crate::bundle::{encode_bundle, parse_bundle};
use crate::edge::{Head, StoredError, Tiles, edge_root, read, read_edge};
use crate::hash::{Hash, leaf_hash};
use crate::proof::{MAX_SIZE, ProofError};
use crate::tile::{Place, TILE_HEIGHT, TILE_WIDTH, Tile};
use crate::tree;

/// What adding entries comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The head of the log with the entries.
    pub head: Head,
    /// What to write before the head may be signed: names and bytes.
    pub objects: Vec<(String, Vec<u8>)>,
    /// Beginnings of the names of partial tiles whose full tile is among the objects, such as `tile/0/000.p/`. What
    /// begins so may be removed once the new checkpoint is published, and not before.
    pub filled: Vec<String>,
}

/// Adds entries to the log that has this head.
///
/// # Errors
///
/// [`StoredError`] if the tiles of the head are missing or damaged or do not hash to its root, or an entry is longer
/// than [`crate::MAX_ENTRY`].
pub fn append<T: Tiles, E: AsRef<[u8]>>(
    tiles: &T,
    head: Head,
    entries: &[E],
) -> Result<Appended, StoredError<T::Error>> {
    let size = u64::try_from(entries.len()).ok().and_then(|added| head.size.checked_add(added));
    let size = size.filter(|size| *size <= MAX_SIZE).ok_or(ProofError::TooLarge(u64::MAX))?;
    let edge = read_edge(tiles, head)?;
    let before = entries_before(tiles, head, edge.first().map_or(&[], Vec::as_slice))?;
    let mut writer = Writer { size: head.size, ..Writer::default() };
    writer.bundles(&before, entries)?;
    for (level, hashes) in edge.into_iter().enumerate() {
        writer
            .rows
            .push(Row { from: head.size >> (TILE_HEIGHT * u32::try_from(level).unwrap_or(7)), hashes });
    }
    entries.iter().for_each(|entry| writer.push(leaf_hash(entry.as_ref())));
    Ok(writer.finish(size))
}

/// The entries of the partial bundle at the end of the log, checked against their hashes.
fn entries_before<T: Tiles>(
    tiles: &T,
    head: Head,
    hashes: &[Hash],
) -> Result<Vec<Vec<u8>>, StoredError<T::Error>> {
    let Some(tile) = Tile::of_row(Place::Entries, head.size >> TILE_HEIGHT, head.size) else {
        return Ok(Vec::new());
    };
    let (bytes, tile) = read(tiles, tile)?;
    let damaged = |why: String| StoredError::Damaged { tile, why };
    let entries = parse_bundle(&bytes, tile.width).map_err(|error| damaged(error.to_string()))?;
    match entries.iter().zip(hashes).position(|(entry, hash)| leaf_hash(entry) != *hash) {
        Some(at) => Err(damaged(format!("entry {at} does not have the hash that tile/0 has for it"))),
        None => Ok(entries.into_iter().take(hashes.len()).map(<[u8]>::to_vec).collect()),
    }
}

/// The last tile of a level, as it grows.
#[derive(Default)]
struct Row {
    /// Hashes of this level in the old head.
    from: u64,
    /// Hashes of the tile that is not full yet.
    hashes: Vec<Hash>,
}

#[derive(Default)]
struct Writer {
    size: u64,
    rows: Vec<Row>,
    /// Hashes that each row has now, full tiles included.
    counts: Vec<u64>,
    objects: Vec<(String, Vec<u8>)>,
    filled: Vec<String>,
}

impl Writer {
    fn bundles<E: AsRef<[u8]>>(
        &mut self,
        before: &[Vec<u8>],
        entries: &[E],
    ) -> Result<(), crate::bundle::BundleError> {
        if entries.is_empty() {
            return Ok(());
        }
        let all: Vec<&[u8]> =
            before.iter().map(Vec::as_slice).chain(entries.iter().map(AsRef::as_ref)).collect();
        for (index, bundle) in (self.size >> TILE_HEIGHT..).zip(all.chunks(usize::from(TILE_WIDTH))) {
            let width = u16::try_from(bundle.len()).unwrap_or(TILE_WIDTH);
            let tile = Tile { place: Place::Entries, index, width };
            self.note_filled(tile, self.size);
            self.objects.push((tile.to_string(), encode_bundle(bundle)?));
        }
        Ok(())
    }

    /// Takes note of partial tiles that this full tile takes the place of; `from` is what the row had before.
    fn note_filled(&mut self, tile: Tile, from: u64) {
        if tile.is_full() && Tile::of_row(tile.place, tile.index, from).is_some() {
            self.filled.push(tile.partials());
        }
    }

    fn push(&mut self, leaf: Hash) {
        let mut carried = Some(leaf);
        let mut level = 0;
        while let Some(hash) = carried.take() {
            if self.rows.len() <= level {
                self.rows.push(Row::default());
            }
            while self.counts.len() < self.rows.len() {
                let from = self.rows.get(self.counts.len()).map_or(0, |row| row.from);
                self.counts.push(from);
            }
            carried = self.push_at(level, hash);
            level += 1;
        }
    }

    /// Adds a hash to a level; gives the root of the tile if that filled it.
    fn push_at(&mut self, level: usize, hash: Hash) -> Option<Hash> {
        let (row, count) = (self.rows.get_mut(level)?, self.counts.get_mut(level)?);
        row.hashes.push(hash);
        *count += 1;
        if row.hashes.len() < usize::from(TILE_WIDTH) {
            return None;
        }
        let place = Place::Level(u8::try_from(level).unwrap_or(u8::MAX));
        let (hashes, from) = (std::mem::take(&mut row.hashes), row.from);
        let tile = Tile { place, index: (*count - 1) >> TILE_HEIGHT, width: TILE_WIDTH };
        self.objects.push((tile.to_string(), bytes(&hashes)));
        self.note_filled(tile, from);
        Some(tree::root(&hashes))
    }

    /// Writes the partial tiles that grew, and tells the new head.
    fn finish(mut self, size: u64) -> Appended {
        for (level, (row, count)) in self.rows.iter().zip(&self.counts).enumerate() {
            let place = Place::Level(u8::try_from(level).unwrap_or(u8::MAX));
            let tile = Tile::of_row(place, count >> TILE_HEIGHT, *count);
            if let Some(tile) = tile.filter(|_| *count != row.from) {
                self.objects.push((tile.to_string(), bytes(&row.hashes)));
            }
        }
        let edge: Vec<Vec<Hash>> = self.rows.into_iter().map(|row| row.hashes).collect();
        Appended { head: Head { size, root: edge_root(&edge) }, objects: self.objects, filled: self.filled }
    }
}

fn bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}
