//! What of a process's hot code is handed out in a slice: each image and each window of code once.

use super::Hot;
use super::mappings::MAPPINGS;
use crate::elf;
use crate::procfs::maps::Mapping;
use facts::{Code, Image, ImageKind, ProcessKey};
use std::collections::HashMap;

impl Hot {
    /// Executable mappings in which samples fell and that were not handed out yet.
    pub fn new_images(&mut self, process: ProcessKey, hits: &HashMap<u64, u32>) -> Vec<Image> {
        let mut images = Vec::new();
        for address in hits.keys().filter(|a| **a != 0) {
            let Some(mapping) = self.mapping(*address).filter(|m| m.executable).cloned() else { continue };
            if self.announced.len() < MAPPINGS && self.announced.insert((mapping.start, mapping.inode)) {
                images.push(image(process, &mapping));
            }
        }
        images.sort_by_key(|i| i.start);
        images
    }

    /// Windows that were not handed out yet.
    pub fn new_code(&mut self, process: ProcessKey) -> Vec<Code> {
        let fresh = self.windows.iter_mut().filter(|(_, w)| w.fresh);
        fresh
            .map(|(address, window)| {
                window.fresh = false;
                Code { process, address: *address, bytes: window.bytes.clone() }
            })
            .collect()
    }
}

fn image(process: ProcessKey, mapping: &Mapping) -> Image {
    let kind = if mapping.is_file() {
        let build_id = elf::open_mapped(process.pid, mapping).and_then(|file| elf::build_id(&file));
        ImageKind::File { path: mapping.path.to_string(), build_id }
    } else if mapping.path.starts_with("[vdso") || mapping.path.starts_with("[vsyscall") {
        ImageKind::Kernel
    } else {
        ImageKind::Anonymous
    };
    Image {
        process,
        start: mapping.start,
        end: mapping.end,
        offset: mapping.offset,
        writable: mapping.writable,
        kind,
    }
}
