//! ELF files of other people: build-ids and names, read in small bounded pieces.
//!
//! A file may lie in every field. Nothing here allocates by what a file claims; tables are streamed through a
//! fixed buffer, and names are cut at a bound.

use crate::procfs::maps::{Mapping, device};
use object::LittleEndian as LE;
use object::elf::{self, FileHeader64, ProgramHeader64, SectionHeader64, Sym64};
use object::pod::{Pod, from_bytes};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};

/// Most program or section headers that are looked at.
const HEADERS: u16 = 256;
/// Most bytes of notes that are searched for a build-id.
const NOTES: usize = 4_096;
/// Most bytes of a symbol table that are streamed.
const SYMBOLS: u64 = 24 * 1024 * 1024;
/// A symbol without a size names what follows it up to here, bytes.
const REACH: u64 = 64 * 1024;
/// Bytes of symbol table read at a time; a multiple of a symbol's 24 bytes.
const CHUNK: usize = 24 * 10_920;
/// Largest page of the supported machines, bytes.
const PAGE: u64 = 64 * 1024;
/// Longest name that is kept, bytes.
const NAME: usize = 200;

/// Opens the file behind a mapping, only if it is that very file (device and inode).
pub fn open_mapped(pid: u32, mapping: &Mapping) -> Option<File> {
    if !mapping.is_file() {
        return None;
    }
    let through_kernel = format!("/proc/{pid}/map_files/{:x}-{:x}", mapping.start, mapping.end);
    let path = mapping.path.strip_suffix(" (deleted)").unwrap_or(&mapping.path);
    let in_its_root = format!("/proc/{pid}/root{path}");
    [through_kernel.as_str(), path, in_its_root.as_str()].into_iter().find_map(|path| {
        // Never waits on a pipe or device that took the path over.
        let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path).ok()?;
        let meta = file.metadata().ok()?;
        let (major, minor) = (libc::major(meta.dev()), libc::minor(meta.dev()));
        let same = meta.ino() == mapping.inode
            && (path == through_kernel || device(major.into(), minor.into()) == mapping.device);
        (same && meta.is_file()).then_some(file)
    })
}

/// A fixed-size structure at `offset`.
fn structure<T: Pod, R>(file: &File, offset: u64, size: usize, take: impl Fn(&T) -> R) -> Option<R> {
    // The largest structure read here is a header of 64 bytes; eight-byte words keep it aligned.
    let mut words = [0u64; 8];
    let bytes = object::pod::bytes_of_slice_mut(&mut words).get_mut(..size)?;
    file.read_exact_at(bytes, offset).ok()?;
    from_bytes::<T>(bytes).ok().map(|(value, _)| take(value))
}

fn header(file: &File) -> Option<FileHeader64<LE>> {
    let header = structure(file, 0, 64, |h: &FileHeader64<LE>| *h)?;
    let ident = header.e_ident;
    let ok = ident.magic == elf::ELFMAG && ident.class == elf::ELFCLASS64 && ident.data == elf::ELFDATA2LSB;
    ok.then_some(header)
}

/// `count` structures of `size` bytes from `offset` on, in one read.
fn structures<T: Pod + Copy>(file: &File, offset: u64, count: u16, size: usize) -> Vec<T> {
    let mut words = vec![0u64; usize::from(count.min(HEADERS)) * size / 8];
    let bytes = object::pod::bytes_of_slice_mut(&mut words);
    let read = file.read_at(bytes, offset).unwrap_or(0);
    let whole = bytes.get(..read).unwrap_or_default().chunks_exact(size);
    whole.map_while(|chunk| from_bytes::<T>(chunk).ok().map(|(value, _)| *value)).collect()
}

/// Where the parts of a file go in memory.
pub fn programs(file: &File) -> Vec<ProgramHeader64<LE>> {
    let Some(header) = header(file) else { return Vec::new() };
    structures(file, header.e_phoff.get(LE), header.e_phnum.get(LE), 56)
}

fn sections(file: &File, header: &FileHeader64<LE>) -> Vec<SectionHeader64<LE>> {
    structures(file, header.e_shoff.get(LE), header.e_shnum.get(LE), 64)
}

/// The GNU build-id in hex.
pub fn build_id(file: &File) -> Option<String> {
    let notes = programs(file).into_iter().filter(|p| p.p_type.get(LE) == elf::PT_NOTE);
    notes.take(8).find_map(|note| {
        let length = usize::try_from(note.p_filesz.get(LE)).ok()?.min(NOTES);
        let mut bytes = vec![0; length];
        let read = file.read_at(&mut bytes, note.p_offset.get(LE)).ok()?;
        gnu_build_id(bytes.get(..read)?)
    })
}

/// Finds the build-id among notes: `name size, description size, type, name, description`, padded to 4.
fn gnu_build_id(mut notes: &[u8]) -> Option<String> {
    let word = |notes: &[u8], at: usize| Some(u32::from_le_bytes(*notes.get(at..)?.first_chunk()?));
    loop {
        let (name, description, kind) = (word(notes, 0)?, word(notes, 4)?, word(notes, 8)?);
        let name_end = 12usize.checked_add(usize::try_from(name).ok()?.checked_next_multiple_of(4)?)?;
        let end = name_end.checked_add(usize::try_from(description).ok()?)?;
        if kind == elf::NT_GNU_BUILD_ID.0 && notes.get(12..16) == Some(b"GNU\0") && description <= 64 {
            return Some(notes.get(name_end..end)?.iter().map(|b| format!("{b:02x}")).collect());
        }
        notes = notes.get(end.checked_next_multiple_of(4)?..)?;
    }
}

/// The nearest function at or below each of `offsets` (offsets in the file), in the same order. `budget` is
/// how many bytes of symbol tables may still be read.
pub fn names(file: &File, offsets: &[u64], budget: &mut u64) -> Vec<Option<String>> {
    let nothing = || vec![None; offsets.len()];
    let Some(header) = header(file) else { return nothing() };
    let segments = programs(file);
    let addresses: Vec<Option<u64>> = offsets.iter().map(|o| address_of(&segments, *o)).collect();
    let sections = sections(file, &header);
    let table = [elf::SHT_SYMTAB, elf::SHT_DYNSYM].into_iter().find_map(|kind| {
        sections.iter().find(|s| s.sh_type.get(LE) == kind && s.sh_size.get(LE) <= SYMBOLS.min(*budget))
    });
    let Some(table) = table else { return nothing() };
    *budget = budget.saturating_sub(table.sh_size.get(LE));
    let Some(strings) = sections.get(table.sh_link.get(LE) as usize) else { return nothing() };
    let mut sorted: Vec<u64> = addresses.iter().flatten().copied().collect();
    sorted.sort_unstable();
    sorted.dedup();
    let found = nearest(file, table, &sorted);
    let name = |address: &Option<u64>| {
        let at = sorted.binary_search(&(*address)?).ok()?;
        name_at(file, strings, (*found.get(at)?)?)
    };
    addresses.iter().map(name).collect()
}

fn address_of(segments: &[ProgramHeader64<LE>], offset: u64) -> Option<u64> {
    segments.iter().filter(|s| s.p_type.get(LE) == elf::PT_LOAD).find_map(|s| {
        let into = offset.checked_sub(s.p_offset.get(LE))?;
        (into < s.p_filesz.get(LE)).then(|| s.p_vaddr.get(LE).wrapping_add(into))
    })
}

/// The address in the file's own terms at which a code mapping from `offset` on begins. It begins on a page, the
/// segment need not: then the page's first bytes are also the last of the segment before.
fn address_of_code(segments: &[ProgramHeader64<LE>], offset: u64) -> Option<u64> {
    let code = segments.iter().filter(|s| s.p_type.get(LE) == elf::PT_LOAD && s.p_flags.get(LE).0 & 1 != 0);
    code.map(|s| (s.p_offset.get(LE), s.p_filesz.get(LE), s.p_vaddr.get(LE)))
        .find(|(begin, size, _)| offset.saturating_add(PAGE) > *begin && offset < begin.saturating_add(*size))
        .map(|(begin, _, address)| address.wrapping_add(offset.wrapping_sub(begin)))
}

/// Streams the table once; for each address, in ascending order, the name offset of the nearest function at or below.
fn nearest(file: &File, table: &SectionHeader64<LE>, addresses: &[u64]) -> Vec<Option<u32>> {
    let mut best: Vec<Option<(u64, u32)>> = vec![None; addresses.len()];
    let (mut offset, mut left) = (table.sh_offset.get(LE), table.sh_size.get(LE).min(SYMBOLS));
    let mut words = vec![0u64; CHUNK / 8];
    while left >= 24 {
        let take = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
        let Some(bytes) = object::pod::bytes_of_slice_mut(&mut words).get_mut(..take) else { break };
        let Ok(read) = file.read_at(bytes, offset) else { break };
        for symbol in bytes.get(..read).unwrap_or_default().chunks_exact(24) {
            if let Ok((symbol, _)) = from_bytes::<Sym64<LE>>(symbol) {
                consider(symbol, addresses, &mut best);
            }
        }
        if read < 24 {
            break;
        }
        let whole = u64::try_from(read / 24 * 24).unwrap_or(left);
        (offset, left) = (offset.saturating_add(whole), left.saturating_sub(whole));
    }
    best.into_iter().map(|b| b.map(|b| b.1)).collect()
}

/// Offers a symbol to the addresses, which are in ascending order.
fn consider(symbol: &Sym64<LE>, addresses: &[u64], best: &mut [Option<(u64, u32)>]) {
    // STT_FUNC and STT_GNU_IFUNC; and written in assembly, where many have no type.
    let function = matches!(symbol.st_info.0 & 15, 0 | 2 | 10);
    if !function || symbol.st_shndx.get(LE).0 == 0 {
        return;
    }
    let (value, size) = (symbol.st_value.get(LE), symbol.st_size.get(LE));
    let end = value.saturating_add(if size == 0 { REACH } else { size });
    let first = addresses.partition_point(|a| *a < value);
    for (address, best) in addresses.iter().zip(best).skip(first) {
        if *address >= end {
            break;
        }
        if best.is_none_or(|(have, _)| value >= have) {
            *best = Some((value, symbol.st_name.get(LE)));
        }
    }
}

/// Reads what the file holds for `address` of a process that has `code` mapped from it; gives how much.
pub fn read_data(
    file: &File,
    segments: &[ProgramHeader64<LE>],
    code: &Mapping,
    address: u64,
    buffer: &mut [u8],
) -> Option<usize> {
    let bias = code.start.wrapping_sub(address_of_code(segments, code.offset)?);
    let wanted = address.wrapping_sub(bias);
    let (into, segment) = segments.iter().filter(|s| s.p_type.get(LE) == elf::PT_LOAD).find_map(|s| {
        let into = wanted.checked_sub(s.p_vaddr.get(LE))?;
        (into < s.p_filesz.get(LE)).then_some((into, s))
    })?;
    let length = usize::try_from(segment.p_filesz.get(LE) - into).ok()?.min(buffer.len());
    file.read_at(buffer.get_mut(..length)?, segment.p_offset.get(LE).checked_add(into)?).ok()
}

fn name_at(file: &File, strings: &SectionHeader64<LE>, name: u32) -> Option<String> {
    let mut bytes = [0; NAME];
    let offset = strings.sh_offset.get(LE).checked_add(u64::from(name))?;
    let read = file.read_at(&mut bytes, offset).ok()?;
    let text = bytes.get(..read)?.split(|b| *b == 0).next()?;
    (!text.is_empty()).then(|| String::from_utf8_lossy(text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;

    #[test]
    fn a_build_id_is_found_behind_other_notes() {
        let mut notes = Vec::new();
        for (name, kind, description) in [(b"XYZ\0", 1u32, &b"abc"[..]), (b"GNU\0", 3, &b"\x01\xff"[..])] {
            let length = u32::try_from(description.len()).unwrap();
            notes.extend([4u32.to_le_bytes(), length.to_le_bytes(), kind.to_le_bytes()].concat());
            notes.extend(name);
            notes.extend(description);
            notes.resize(notes.len().next_multiple_of(4), 0);
        }
        assert_eq!(gnu_build_id(&notes).as_deref(), Some("01ff"));
    }

    #[test]
    fn the_own_test_program_names_its_functions() {
        let file = File::open("/proc/self/exe").unwrap();
        let header = header(&file).unwrap();
        let entry = header.e_entry.get(LE);
        let segments = programs(&file);
        let load = segments.iter().filter(|s| s.p_type.get(LE) == elf::PT_LOAD);
        let offset = load
            .map(|s| (s.p_vaddr.get(LE), s.p_offset.get(LE), s.p_filesz.get(LE)))
            .find(|s| entry >= s.0 && entry < s.0 + s.2)
            .map(|s| entry - s.0 + s.1)
            .unwrap();
        assert_eq!(
            names(&file, &[offset, u64::MAX], &mut u64::MAX.clone()),
            [Some("_start".to_owned()), None]
        );
    }

    fn temporary(bytes: &[u8], name: &str) -> File {
        let path = std::env::temp_dir().join(format!("overt-elf-{}-{name}", std::process::id()));
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&path).unwrap();
        file.write_all(bytes).unwrap();
        std::fs::remove_file(&path).unwrap();
        file
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_file_that_lies_everywhere_is_survived(
            mut bytes in proptest::collection::vec(any::<u8>(), 64..600),
            offsets in proptest::collection::vec(any::<u64>(), 1..4),
        ) {
            bytes[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
            bytes[32..48].copy_from_slice(&[64, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0]);
            let file = temporary(&bytes, "lies");
            build_id(&file);
            prop_assert_eq!(names(&file, &offsets, &mut u64::MAX.clone()).len(), offsets.len());
        }

        #[test]
        fn any_notes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Some(id) = gnu_build_id(&bytes) {
                prop_assert!(id.len() <= 128);
            }
        }
    }
}
