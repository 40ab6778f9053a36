//! Examining the log: every bundle and every tile against the leaves, and the leaves against the promised root.

use super::{Examination, RESTORE, REWRITTEN};
use crate::index::{self, EVERY};
use crate::stage;
use crate::store::{Store, StoreError};
use statement::Manifest;
use std::collections::HashMap;
use tlog::{Hash, Head, Place, StoredTree, TILE_WIDTH, Tile, encode_bundle, leaf_hash, root};

/// Hashes of a full tile.
const FULL: usize = TILE_WIDTH as usize;

/// The manifests of the log, each held against its place in the tree.
pub fn manifests(
    store: &impl Store,
    head: Head,
    found: &mut Examination,
) -> Result<Vec<Manifest>, StoreError> {
    let staged = staged(store, head, found);
    // What was promised may not have come to its place yet.
    let get = |name: &str| Ok(store.get(name)?.or_else(|| staged.get(name).cloned()));
    let tiles = |tile: Tile| get(&tile.to_string());
    let tree = StoredTree::open(&tiles, head);
    if let Err(error) = &tree {
        found.trouble("tiles".to_owned(), error.to_string(), REWRITTEN);
    }
    // What the promised root says of a leaf; none where the tiles do not lead there.
    let stands = |leaf: u64| tree.as_ref().ok().and_then(|tree| tree.leaf(leaf).ok());
    let mut all: Vec<Manifest> = Vec::new();
    let mut rows = Rows { store, staged: &staged, rows: Vec::new() };
    for bundle in 0..head.size.div_ceil(EVERY) {
        let mut entries = match index::manifests(get, bundle, head.size) {
            Ok(entries) => entries,
            Err(error) => {
                found.trouble(format!("bundle {bundle} of leaves"), error.to_string(), REWRITTEN);
                return Ok(all);
            }
        };
        let here = usize::try_from(head.size - bundle * EVERY).unwrap_or(usize::MAX);
        entries.truncate(here);
        rows.bundle(bundle, &entries, found)?;
        for (leaf, (manifest, bytes)) in (bundle * EVERY..).zip(entries) {
            let hash = leaf_hash(&bytes);
            let stands = stands(leaf).unwrap_or(hash);
            if stands != hash {
                let text = format!("has hash {hash}, the log says {stands}");
                found.trouble(format!("leaf {leaf}"), text, REWRITTEN);
            }
            rows.push(0, stands, found)?;
            let first = all.last().map_or(0, Manifest::end);
            if manifest.first != first {
                let text = format!("begins with entry {}, expected {first}", manifest.first);
                found.trouble(format!("leaf {leaf}"), text, REWRITTEN);
            }
            all.push(manifest);
        }
    }
    rows.finish(head, found)?;
    Ok(all)
}

/// What was promised and has perhaps not come to its place.
fn staged(store: &impl Store, head: Head, found: &mut Examination) -> HashMap<String, Vec<u8>> {
    match stage::kept(store, head) {
        Ok(objects) => objects.into_iter().map(|o| (o.name, o.value)).collect(),
        Err(error) => {
            found.trouble("stage".to_owned(), error.to_string(), RESTORE);
            HashMap::new()
        }
    }
}

/// The tiles as they must be, row by row, as far as they are not complete.
struct Rows<'a, S> {
    store: &'a S,
    staged: &'a HashMap<String, Vec<u8>>,
    /// For each level the number of complete tiles, and the hashes after them.
    rows: Vec<(u64, Vec<Hash>)>,
}

impl<S: Store> Rows<'_, S> {
    /// Compares a bundle with all its earlier forms.
    fn bundle(
        &self,
        index: u64,
        entries: &[(Manifest, Vec<u8>)],
        found: &mut Examination,
    ) -> Result<(), StoreError> {
        let bytes: Vec<&[u8]> = entries.iter().map(|(_, bytes)| bytes.as_slice()).collect();
        let form = |width: usize| encode_bundle(bytes.get(..width).unwrap_or_default()).unwrap_or_default();
        self.compare(Place::Entries, index, bytes.len(), form, found)
    }

    fn push(&mut self, level: usize, hash: Hash, found: &mut Examination) -> Result<(), StoreError> {
        if self.rows.len() <= level {
            self.rows.push((0, Vec::new()));
        }
        let Some((index, hashes)) = self.rows.get_mut(level) else { return Ok(()) };
        hashes.push(hash);
        if hashes.len() < FULL {
            return Ok(());
        }
        let (at, full) = (*index, std::mem::take(hashes));
        *index += 1;
        self.tile(level, at, &full, found)?;
        self.push(level + 1, root(&full), found)
    }

    /// Compares what is not complete, and the root with the promised one.
    fn finish(&mut self, head: Head, found: &mut Examination) -> Result<(), StoreError> {
        let rows = std::mem::take(&mut self.rows);
        for (level, (index, hashes)) in rows.iter().enumerate() {
            self.tile(level, *index, hashes, found)?;
        }
        let edge = |tile: Tile| {
            let Place::Level(level) = tile.place else { return Ok::<_, StoreError>(None) };
            let row = rows.get(usize::from(level)).filter(|(index, _)| *index == tile.index);
            Ok(row.map(|(_, hashes)| bytes(hashes)))
        };
        if let Err(error) = StoredTree::open(&edge, head) {
            found.trouble("leaves".to_owned(), error.to_string(), REWRITTEN);
        }
        Ok(())
    }

    fn tile(
        &self,
        level: usize,
        index: u64,
        hashes: &[Hash],
        found: &mut Examination,
    ) -> Result<(), StoreError> {
        let place = Place::Level(u8::try_from(level).unwrap_or(u8::MAX));
        let form = |width: usize| bytes(hashes.get(..width).unwrap_or_default());
        self.compare(place, index, hashes.len(), form, found)
    }

    /// Compares a tile of `width`, and the smaller ones that it grew from, with the form that each must have.
    fn compare(
        &self,
        place: Place,
        index: u64,
        width: usize,
        form: impl Fn(usize) -> Vec<u8>,
        found: &mut Examination,
    ) -> Result<(), StoreError> {
        let Some(own) = u16::try_from(width).ok().filter(|w| *w > 0) else { return Ok(()) };
        let own = Tile { place, index, width: own };
        let mut names = self.store.list(&own.partials())?;
        names.push(own.to_string());
        names.sort_unstable();
        names.dedup();
        for name in names {
            let Some(tile) = name.parse::<Tile>().ok().filter(|t| t.width <= own.width) else { continue };
            let stands = self.store.get(&name)?.or_else(|| self.staged.get(&name).cloned());
            let trouble = match stands {
                None => "is not there",
                Some(bytes) if bytes != form(usize::from(tile.width)) => "is not what the leaves make it",
                Some(_) => continue,
            };
            found.trouble(name, trouble.to_owned(), REWRITTEN);
        }
        Ok(())
    }
}

fn bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}
