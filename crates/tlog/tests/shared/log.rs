//! A log whose objects lie in a map.

use std::collections::BTreeMap;
use std::convert::Infallible;
use tlog::{Head, Tile, Tiles, append};

#[derive(Clone, Debug)]
pub struct Log {
    pub head: Head,
    pub objects: BTreeMap<String, Vec<u8>>,
    pub filled: Vec<String>,
}

impl Default for Log {
    fn default() -> Self {
        Self { head: Head::empty(), objects: BTreeMap::new(), filled: Vec::new() }
    }
}

impl Tiles for Log {
    type Error = Infallible;

    fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.objects.get(&tile.to_string()).cloned())
    }
}

impl Log {
    pub fn of(size: u64) -> Self {
        let mut log = Self::default();
        log.grow(size);
        log
    }

    /// Adds `count` entries.
    pub fn grow(&mut self, count: u64) {
        let size = self.head.size;
        let entries: Vec<Vec<u8>> = (size..size + count).map(super::plain::entry).collect();
        let appended = append(self, self.head, &entries).unwrap();
        self.head = appended.head;
        self.objects.extend(appended.objects);
        self.filled.extend(appended.filled);
    }

    /// Removes partial tiles that a full one took the place of.
    pub fn drop_filled(&mut self) {
        let filled = std::mem::take(&mut self.filled);
        self.objects.retain(|name, _| !filled.iter().any(|start| name.starts_with(start)));
    }

    /// Removes those, and narrower forms of partial tiles that are still growing.
    pub fn tidy(&mut self) {
        self.drop_filled();
        let names: Vec<Tile> = self.objects.keys().map(|name| name.parse().unwrap()).collect();
        let wider = |tile: &Tile| {
            names.iter().any(|t| t.place == tile.place && t.index == tile.index && t.width > tile.width)
        };
        self.objects.retain(|name, _| !wider(&name.parse().unwrap()));
    }
}
