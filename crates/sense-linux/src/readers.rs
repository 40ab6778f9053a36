//! The readers of foreign bytes on their own, so that any bytes can be fed to them; used by `fuzz-targets` only.
//!
//! Each function runs the very readers that the sensors run, and returns how many things they made of the bytes. It
//! must not read anything itself.

use crate::{elf, net, perf, procfs};
use std::fs::File;

/// Bytes of symbol tables that one fed file may cost.
const SYMBOLS: u64 = 1 << 20;

/// Reads the bytes as each of the text files below `/proc`.
#[must_use]
pub fn proc_texts(text: &[u8]) -> usize {
    let mappings = text.split(|b| *b == b'\n').filter_map(procfs::maps::parse_line);
    let orderly =
        mappings.inspect(|m| assert!(m.start < m.end, "a mapping that ends before it begins")).count();
    assert!(!procfs::cgroup::parse(text).is_empty(), "a cgroup without a path");
    let _ = procfs::status::parse(text);
    let others = [
        procfs::stat::parse(text).is_some(),
        procfs::status::parse_io(text).is_some(),
        procfs::status::huge_pages(text).is_some(),
    ];
    let sockets = net::tables::parse(text).count();
    let users = procfs::users::parse(text).len();
    orderly + sockets + users + others.iter().filter(|found| **found).count()
}

/// Reads the bytes as one packet from its network header on; gives the bytes of its payload.
#[must_use]
pub fn packet(bytes: &[u8]) -> usize {
    net::header::parse(bytes).map_or(0, |packet| packet.payload.len())
}

/// Reads the bytes as records of the kernel's sampling buffer.
#[must_use]
pub fn samples(bytes: &[u8]) -> usize {
    let mut records = Vec::new();
    perf::record::parse_all(bytes, &mut records);
    records.len()
}

/// Reads a file as ELF: build-id, segments, and the names at `offsets`.
#[must_use]
pub fn elf(file: &File, offsets: &[u64]) -> usize {
    let mut budget = SYMBOLS;
    let names = elf::names(file, offsets, &mut budget);
    assert_eq!(names.len(), offsets.len(), "a name for each offset, or none");
    names.iter().flatten().count() + usize::from(elf::build_id(file).is_some()) + elf::programs(file).len()
}
