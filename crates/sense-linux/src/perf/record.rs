//! The records of a perf ring, parsed from bytes.
//!
//! Layout from `include/uapi/linux/perf_event.h` for `sample_type = IP | TID | TIME` with `sample_id_all`:
//! every record but the sample ends in `pid, tid, time`.

/// One record that matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A sampled program counter; address 0 stands for the kernel.
    Sample {
        /// Process.
        pid: u32,
        /// Thread.
        tid: u32,
        /// Program counter in user mode, or 0.
        address: u64,
        /// Nanoseconds on the event's clock.
        time: u64,
    },
    /// A process or thread was started.
    Fork {
        /// Process.
        pid: u32,
        /// Thread.
        tid: u32,
        /// Process that started it.
        parent: u32,
        /// Nanoseconds on the event's clock.
        time: u64,
    },
    /// A thread ended; the process too when `tid == pid` (or nearly so).
    Exit {
        /// Process.
        pid: u32,
        /// Thread.
        tid: u32,
        /// Nanoseconds on the event's clock.
        time: u64,
    },
    /// A thread changed its name.
    Comm {
        /// Process.
        pid: u32,
        /// Thread.
        tid: u32,
        /// Whether by executing another program.
        exec: bool,
        /// The new name.
        name: String,
        /// Nanoseconds on the event's clock.
        time: u64,
    },
    /// Executable memory was mapped.
    Map(Box<Map>),
    /// The kernel dropped this many records.
    Lost(u64),
}

/// Executable memory that was mapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map {
    /// Process.
    pub pid: u32,
    /// First address.
    pub start: u64,
    /// Bytes.
    pub length: u64,
    /// Offset of `start` in the file.
    pub offset: u64,
    /// Device, major and minor.
    pub device: (u32, u32),
    /// Inode; 0 for anonymous memory.
    pub inode: u64,
    /// `PROT_*` bits.
    pub protection: u32,
    /// Path as the kernel names it.
    pub path: String,
    /// Nanoseconds on the event's clock.
    pub time: u64,
}

impl Record {
    /// Time on the event's clock; records without one come first.
    pub fn time(&self) -> u64 {
        match self {
            Self::Sample { time, .. }
            | Self::Fork { time, .. }
            | Self::Exit { time, .. }
            | Self::Comm { time, .. } => *time,
            Self::Map(map) => map.time,
            Self::Lost(_) => 0,
        }
    }
}

/// Bytes of a record's header: type u32, misc u16, size u16.
pub const HEADER: usize = 8;

const LOST: u32 = 2;
const COMM: u32 = 3;
const EXIT: u32 = 4;
const FORK: u32 = 7;
const SAMPLE: u32 = 9;
const MMAP2: u32 = 10;
const LOST_SAMPLES: u32 = 13;
const MISC_CPUMODE: u16 = 7;
const MISC_USER: u16 = 2;
const MISC_EXEC: u16 = 1 << 13;
const MISC_BUILD_ID: u16 = 1 << 14;
/// `pid, tid, time` at the end of records that are not samples.
const TRAILER: usize = 16;

/// Parses every record of `bytes` in order; stops at the first whose size makes no sense.
pub fn parse_all(mut bytes: &[u8], records: &mut Vec<Record>) {
    while let Some(size) = u16_at(bytes, 6).map(usize::from) {
        let Some((record, rest)) = bytes.split_at_checked(size).filter(|_| size >= HEADER) else { return };
        records.extend(parse(record));
        bytes = rest;
    }
}

fn parse(record: &[u8]) -> Option<Record> {
    let (kind, misc) = (u32_at(record, 0)?, u16_at(record, 4)?);
    let body = record.get(HEADER..)?;
    match kind {
        SAMPLE => {
            let user = misc & MISC_CPUMODE == MISC_USER;
            let address = if user { u64_at(body, 0)? } else { 0 };
            Some(Record::Sample {
                pid: u32_at(body, 8)?,
                tid: u32_at(body, 12)?,
                address,
                time: u64_at(body, 16)?,
            })
        }
        FORK | EXIT => task(kind, body),
        COMM => {
            let end = body.len().checked_sub(TRAILER)?;
            let name = text(body.get(8..end)?);
            let exec = misc & MISC_EXEC != 0;
            Some(Record::Comm {
                pid: u32_at(body, 0)?,
                tid: u32_at(body, 4)?,
                exec,
                name,
                time: u64_at(body, end + 8)?,
            })
        }
        MMAP2 => map(misc, body).map(Box::new).map(Record::Map),
        LOST => Some(Record::Lost(u64_at(body, 8)?)),
        LOST_SAMPLES => Some(Record::Lost(u64_at(body, 0)?)),
        _ => None,
    }
}

fn task(kind: u32, body: &[u8]) -> Option<Record> {
    let (pid, tid, time) = (u32_at(body, 0)?, u32_at(body, 8)?, u64_at(body, 16)?);
    Some(match kind {
        FORK => Record::Fork { pid, tid, parent: u32_at(body, 4)?, time },
        _ => Record::Exit { pid, tid, time },
    })
}

fn map(misc: u16, body: &[u8]) -> Option<Map> {
    // With a build-id in place of the inode the file cannot be told; it is not asked for.
    let inode = if misc & MISC_BUILD_ID == 0 { u64_at(body, 40)? } else { 0 };
    let end = body.len().checked_sub(TRAILER)?;
    Some(Map {
        pid: u32_at(body, 0)?,
        start: u64_at(body, 8)?,
        length: u64_at(body, 16)?,
        offset: u64_at(body, 24)?,
        device: (u32_at(body, 32)?, u32_at(body, 36)?),
        inode,
        protection: u32_at(body, 56)?,
        path: text(body.get(64..end)?),
        time: u64_at(body, end + 8)?,
    })
}

fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(kind: u32, misc: u16, body: &[u8]) -> Vec<u8> {
        let size = u16::try_from(body.len() + HEADER).unwrap();
        [&kind.to_ne_bytes()[..], &misc.to_ne_bytes(), &size.to_ne_bytes(), body].concat()
    }

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|w| w.to_ne_bytes()).collect()
    }

    #[test]
    fn a_sample_in_the_kernel_has_address_zero() {
        let body = words(&[0x1000, 0, 7, 8, 99, 0]);
        let mut records = Vec::new();
        parse_all(&[record(SAMPLE, 2, &body), record(SAMPLE, 1, &body)].concat(), &mut records);
        assert_eq!(records[0], Record::Sample { pid: 7, tid: 8, address: 0x1000, time: 99 });
        assert_eq!(records[1], Record::Sample { pid: 7, tid: 8, address: 0, time: 99 });
    }

    #[test]
    fn executing_another_program_is_told_from_a_mere_change_of_name() {
        let mut body = words(&[7, 8]);
        body.extend(b"xz\0\0\0\0\0\0");
        body.extend(words(&[7, 8, 55, 0]));
        let mut records = Vec::new();
        parse_all(&record(COMM, MISC_EXEC, &body), &mut records);
        let expected = Record::Comm { pid: 7, tid: 8, exec: true, name: "xz".into(), time: 55 };
        assert_eq!(records, [expected]);
    }

    #[test]
    fn forks_exits_maps_and_losses_are_read() {
        let fork = record(FORK, 0, &words(&[9, 7, 9, 7, 5, 0, 9, 9, 5, 0]));
        let mut map = words(&[9, 9, 0x4000, 0, 0x1000, 0, 0x2000, 0, 0xfe, 1, 77, 0, 0, 0, 5, 2]);
        map.extend(b"/bin/xz\0");
        map.extend(words(&[9, 9, 6, 0]));
        let lost = record(LOST, 0, &words(&[0, 0, 3, 0, 9, 9, 6, 0]));
        let mut records = Vec::new();
        parse_all(&[fork, record(MMAP2, 2, &map), lost].concat(), &mut records);
        assert_eq!(records[0], Record::Fork { pid: 9, tid: 9, parent: 7, time: 5 });
        let Record::Map(map) = &records[1] else { panic!("{:?}", records[1]) };
        assert_eq!((map.start, map.length, map.offset, map.inode), (0x4000, 0x1000, 0x2000, 77));
        assert_eq!((map.path.as_str(), map.time, map.protection), ("/bin/xz", 6, 5));
        assert_eq!(records[2], Record::Lost(3));
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_a_bounded_number_of_records(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let mut records = Vec::new();
            parse_all(&bytes, &mut records);
            prop_assert!(records.len() <= bytes.len() / HEADER);
        }
    }
}
