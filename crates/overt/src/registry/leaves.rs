//! The log of a running registry under one checkpoint: its manifests, its tiles, and where in it a moment is.
//!
//! Must not follow the log as it grows: all that is asked is of the checkpoint that was there at first.

use super::ask::Ask;
use super::failed;
use crate::Failure;
use serde::Deserialize;
use statement::{DeviceId, Manifest};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use tlog::{Hash, Head, Place, SignedCheckpoint, StoredTree, TILE_WIDTH, Tile, parse_bundle};

/// Bundles of manifests that are kept in memory, 256 manifests each.
const MAX_KEPT: usize = 64;
/// Devices of one page of a registry's answer.
const PAGE: usize = 1_000;

/// The log under one checkpoint.
pub struct Leaves<'a> {
    ask: &'a Ask,
    note: String,
    head: Head,
    kept: RefCell<BTreeMap<u64, Rc<Vec<Manifest>>>>,
}

impl<'a> Leaves<'a> {
    /// The log as it stands now.
    pub fn open(ask: &'a Ask) -> Result<Self, Failure> {
        let note = ask.get("/checkpoint")?;
        let checkpoint = SignedCheckpoint::parse(&note).map_err(|e| failed("the checkpoint", e))?;
        let note = String::from_utf8(note).map_err(|e| failed("the checkpoint", e))?;
        Ok(Self { ask, note, head: checkpoint.checkpoint().head(), kept: RefCell::default() })
    }

    /// The signed checkpoint.
    pub fn note(&self) -> &str {
        &self.note
    }

    /// What it says.
    pub fn head(&self) -> Head {
        self.head
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.head.size
    }

    /// The path of a leaf to the checkpoint, from the log's tiles.
    pub fn path(&self, leaf: u64) -> Result<Vec<Hash>, Failure> {
        let tiles = |tile: Tile| self.ask.get_unless(404, &format!("/{tile}")).map_err(|e| e.to_string());
        let tree = StoredTree::open(&tiles, self.head).map_err(|e| failed("the log", e))?;
        tree.inclusion(leaf, self.head.size).map_err(|e| failed("the log", e))
    }

    /// The first leaf whose last entry was admitted at this moment or later, milliseconds since 1970.
    pub fn first_until(&self, ms: u64) -> Result<u64, Failure> {
        let (mut low, mut high) = (0, self.size());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.manifest(middle)?.until_ms < ms { low = middle + 1 } else { high = middle }
        }
        Ok(low)
    }

    /// The leaves before another that hold what was admitted at a moment.
    pub fn at(&self, ms: u64, before: u64) -> Result<Vec<u64>, Failure> {
        let mut all = Vec::new();
        for leaf in self.first_until(ms)?..before.min(self.size()) {
            if self.manifest(leaf)?.from_ms > ms {
                break;
            }
            all.push(leaf);
        }
        Ok(all)
    }

    fn manifest(&self, leaf: u64) -> Result<Manifest, Failure> {
        let (index, at) = (leaf / u64::from(TILE_WIDTH), usize::try_from(leaf % u64::from(TILE_WIDTH)));
        let kept = self.kept.borrow().get(&index).cloned();
        let manifests = match kept {
            Some(manifests) => manifests,
            None => self.read(index)?,
        };
        let found = at.ok().and_then(|at| manifests.get(at).cloned());
        found.ok_or_else(|| failed("the log", format!("leaf {leaf} is not there")))
    }

    fn read(&self, index: u64) -> Result<Rc<Vec<Manifest>>, Failure> {
        let missing = || failed("the log", format!("bundle {index} of leaves is not there"));
        let tile = Tile::of_row(Place::Entries, index, self.size()).ok_or_else(missing)?;
        // A partial bundle is gone when there is the full one.
        let (bytes, width) = match self.ask.get_unless(404, &format!("/{tile}"))? {
            Some(bytes) => (bytes, tile.width),
            None => {
                (self.ask.get_unless(404, &format!("/{}", tile.full()))?.ok_or_else(missing)?, TILE_WIDTH)
            }
        };
        let entries = parse_bundle(&bytes, width).map_err(|e| failed(tile, e))?;
        let manifests: Result<Vec<Manifest>, _> = entries.into_iter().map(Manifest::from_cbor).collect();
        let manifests = Rc::new(manifests.map_err(|e| failed(tile, e))?);
        let mut kept = self.kept.borrow_mut();
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(index, Rc::clone(&manifests));
        Ok(manifests)
    }
}

/// When the records of the keys of some devices were written.
pub struct Records {
    /// Milliseconds since 1970.
    pub written_ms: BTreeSet<u64>,
}

#[derive(Deserialize)]
struct Device {
    device: String,
    enrolled_ms: u64,
    keys: Vec<DeviceKey>,
}

#[derive(Deserialize)]
struct DeviceKey {
    ended_ms: Option<u64>,
}

impl Records {
    /// Asks for all devices that the caller may see.
    pub fn of(ask: &Ask, devices: &BTreeSet<DeviceId>) -> Result<Self, Failure> {
        let (mut written_ms, mut after) = (BTreeSet::new(), String::new());
        loop {
            let page: Vec<Device> = ask.document(&format!("/api/v1/devices{after}"))?;
            let Some(last) = page.last() else { return Ok(Self { written_ms }) };
            after = format!("?after={}", last.device);
            let full = page.len() >= PAGE;
            for device in page {
                if device.device.parse().is_ok_and(|id| devices.contains(&id)) {
                    written_ms.insert(device.enrolled_ms);
                    // A key ends with the record of the next one, or of its revocation.
                    written_ms.extend(device.keys.iter().filter_map(|key| key.ended_ms));
                }
            }
            if !full {
                return Ok(Self { written_ms });
            }
        }
    }
}
