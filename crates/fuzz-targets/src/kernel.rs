//! What the kernel hands on of strangers: their files, the texts under `/proc`, packets, sampled records.

use sense_linux::readers;
use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};

/// The texts below `/proc`, of which a process chooses names and paths.
pub fn proc_texts(bytes: &[u8]) {
    let things = readers::proc_texts(bytes);
    assert!(things <= bytes.len() + 3, "{things} things of {} bytes", bytes.len());
}

/// One of each text.
pub fn proc_seeds() -> Vec<Vec<u8>> {
    let texts = [
        "7f00-7f10 r-xp 00001000 fe:01 123      /opt/my app (deleted)\n1000-2000 rwxp 0 00:00 0 \n",
        "7 (a ) b) S 1 7 7 0 -1 4194560 10 20 30 40 250 50 700 300 20 0 4 0 99 10485760 500 18446744073709551615\n",
        "Name:\tx\nUid:\t0\t0\t0\t0\nVmRSS:\t  4096 kB\nThreads:\t8\nNSpid:\t7\t1\n",
        "rchar: 10\nwchar: 20\nsyscr: 3\nsyscw: 4\nread_bytes: 30\nwrite_bytes: 40\ncancelled_write_bytes: 0\n",
        "Rss: 100 kB\nAnonHugePages: 2048 kB\nShared_Hugetlb: 0 kB\nPrivate_Hugetlb: 4096 kB\n",
        "12:cpu:/docker/abc\n1:name=systemd:/docker/abc/init\n0::/system.slice/ssh.service\n",
        "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n",
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
         0: 0100007F:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 1\n",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

/// A packet from its network header on.
pub fn packet(bytes: &[u8]) {
    assert!(readers::packet(bytes) <= bytes.len(), "a payload longer than its packet");
}

/// TCP and UDP over IPv4 and IPv6.
pub fn packet_seeds() -> Vec<Vec<u8>> {
    let tcp = b"\x9c\x40\x0d\x05\0\0\0\x64\0\0\0\0\x50\x18\xff\xff\0\0\0\0{\"id\":1}";
    let udp = b"\x9c\x40\x76\x5f\0\x10\0\0abcdefgh";
    let four = |protocol: u8, rest: &[u8]| {
        let total = u8::try_from(20 + rest.len()).unwrap_or(u8::MAX);
        let head = [0x45, 0, 0, total, 0, 0, 0x40, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        [&head[..], rest].concat()
    };
    let six = |protocol: u8, rest: &[u8]| {
        let length = u8::try_from(rest.len()).unwrap_or(u8::MAX);
        let head = [0x60, 0, 0, 0, 0, length, protocol, 64];
        [&head[..], &[0xfd; 16], &[0xfe; 16], rest].concat()
    };
    vec![four(6, tcp), four(17, udp), six(6, tcp), six(17, udp)]
}

/// Records of the sampling buffer.
pub fn samples(bytes: &[u8]) {
    assert!(readers::samples(bytes) <= bytes.len() / 8, "more records than their headers have room for");
}

/// One record of each kind, with bodies of zeros and of ones.
pub fn sample_seeds() -> Vec<Vec<u8>> {
    let record = |kind: u32, misc: u16, body: &[u8]| {
        let size = u16::try_from(8 + body.len()).unwrap_or(8);
        [&kind.to_le_bytes()[..], &misc.to_le_bytes(), &size.to_le_bytes(), body].concat()
    };
    let kinds = [(3, 0x2000), (4, 0), (7, 0), (9, 2), (9, 1), (10, 2), (10, 0x4002), (13, 0), (2, 0)];
    let all = |fill: u8, length: usize| {
        kinds.iter().flat_map(|(kind, misc)| record(*kind, *misc, &vec![fill; length])).collect::<Vec<u8>>()
    };
    vec![all(0, 40), all(1, 88), all(0xff, 16)]
}

/// A file that lies in its headers. The first eight bytes choose the offset that is asked for.
pub fn elf(bytes: &[u8]) {
    let (offset, content) = match bytes.split_first_chunk::<8>() {
        Some((first, rest)) => (u64::from_le_bytes(*first), rest),
        None => (0, bytes),
    };
    if let Some(file) = holding(content) {
        let _ = readers::elf(&file, &[offset, 0, u64::MAX]);
    }
}

/// A file without a name that holds `content`; one for each thread, so that it costs little.
fn holding(content: &[u8]) -> Option<File> {
    thread_local! {
        static FILE: RefCell<Option<File>> = const { RefCell::new(None) };
    }
    FILE.with_borrow_mut(|kept| {
        let mut file = match kept.take() {
            Some(file) => file,
            None => nameless()?,
        };
        file.set_len(0).ok()?;
        file.seek(SeekFrom::Start(0)).ok()?;
        file.write_all(content).ok()?;
        *kept = file.try_clone().ok();
        Some(file)
    })
}

fn nameless() -> Option<File> {
    let thread = std::thread::current();
    let name = format!("overt-fuzz-{}-{:?}", std::process::id(), thread.id());
    let path = std::env::temp_dir().join(name);
    let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path).ok()?;
    std::fs::remove_file(&path).ok()?;
    Some(file)
}

/// A file with a loaded segment, a build-id, one function and its name.
pub fn elf_seeds() -> Vec<Vec<u8>> {
    let word = |value: u64| value.to_le_bytes();
    let half = |value: u32| value.to_le_bytes();
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0".to_vec();
    // Entry, program headers at 64, section headers at 256; sizes and counts.
    file.extend([word(0x40_0000), word(64), word(256)].concat());
    file.extend(b"\0\0\0\0\x40\0\x38\0\x02\0\x40\0\x03\0\x02\0");
    // A loaded segment of the whole file, and the notes at 176.
    file.extend([half(1), half(5)].concat());
    file.extend([word(0), word(0x40_0000), word(0x40_0000), word(0x200), word(0x200), word(4096)].concat());
    file.extend([half(4), half(4)].concat());
    file.extend([word(176), word(0x40_00b0), word(0x40_00b0), word(20), word(20), word(4)].concat());
    file.extend(b"\x04\0\0\0\x04\0\0\0\x03\0\0\0GNU\0\xde\xad\xbe\xef");
    file.resize(200, 0);
    // One symbol at 200: name 1, a function in section 1, at 0x400010, 32 bytes; names at 232.
    file.extend([half(1), u32::from_le_bytes([0x12, 0, 1, 0]).to_le_bytes()].concat());
    file.extend([word(0x40_0010), word(32)].concat());
    file.resize(232, 0);
    file.extend(b"\0hash_block\0");
    file.resize(256, 0);
    let section = |kind: u32, offset: u64, size: u64, link: u32, entry: u64| {
        let head = [half(0), half(kind)].concat();
        let places = [word(0), word(0), word(offset), word(size)].concat();
        [head, places, [half(link), half(0)].concat(), word(8).to_vec(), word(entry).to_vec()].concat()
    };
    file.extend([section(0, 0, 0, 0, 0), section(2, 200, 24, 2, 24), section(3, 232, 12, 0, 0)].concat());
    vec![[&word(0x14)[..], &file].concat()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_file_is_read_to_its_build_id_and_its_function() {
        let seeds = elf_seeds();
        let file = holding(&seeds[0][8..]).unwrap();
        // Two segments, one build-id, one name.
        assert_eq!(readers::elf(&file, &[0x14]), 4);
    }

    #[test]
    fn the_seed_packets_reach_their_payloads() {
        assert!(packet_seeds().iter().all(|seed| readers::packet(seed) > 0));
    }

    #[test]
    fn the_seed_texts_and_records_are_understood() {
        // The texts that give a plain record instead of things to count.
        let plain: [&[u8]; 2] = [b"Name", b"12:"];
        for seed in proc_seeds().iter().filter(|seed| !plain.iter().any(|p| seed.starts_with(p))) {
            assert!(readers::proc_texts(seed) > 0, "{}", String::from_utf8_lossy(seed));
        }
        assert!(sample_seeds().iter().any(|seed| readers::samples(seed) >= 5));
    }
}
