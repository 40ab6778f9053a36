//! `/proc/PID/status`, `/proc/PID/io` and `/proc/PID/smaps_rollup`.

use super::{field, number};

/// What overt uses of `status`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Real user number.
    pub uid: u32,
    /// Resident memory, bytes.
    pub resident: u64,
    /// Memory in hugetlb pages, bytes.
    pub hugetlb: u64,
    /// Voluntary context switches of this thread.
    pub waits: u64,
    /// Involuntary context switches of this thread.
    pub preempted: u64,
}

/// Reads `status`, in one pass; lines that are missing (kernel threads have no memory) count as 0.
pub fn parse(text: &[u8]) -> Status {
    let mut status = Status::default();
    for line in text.split(|b| *b == b'\n') {
        let Some(colon) = line.iter().position(|b| *b == b':') else { continue };
        let (name, value) = line.split_at(colon);
        let value = value.get(1..).and_then(number);
        match (name, value) {
            (b"Uid", Some(n)) => status.uid = u32::try_from(n).unwrap_or(u32::MAX),
            (b"VmRSS", Some(n)) => status.resident = n.saturating_mul(1024),
            (b"HugetlbPages", Some(n)) => status.hugetlb = n.saturating_mul(1024),
            (b"voluntary_ctxt_switches", Some(n)) => status.waits = n,
            (b"nonvoluntary_ctxt_switches", Some(n)) => status.preempted = n,
            _ => {}
        }
    }
    status
}

/// Bytes moved by a process since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Io {
    /// By read calls.
    pub read: u64,
    /// By write calls.
    pub written: u64,
    /// Read and write calls.
    pub calls: u64,
    /// From storage.
    pub disk_read: u64,
    /// To storage.
    pub disk_written: u64,
}

/// Reads `io`.
pub fn parse_io(text: &[u8]) -> Option<Io> {
    Some(Io {
        read: field(text, b"rchar")?,
        written: field(text, b"wchar")?,
        calls: field(text, b"syscr")?.saturating_add(field(text, b"syscw")?),
        disk_read: field(text, b"read_bytes")?,
        disk_written: field(text, b"write_bytes")?,
    })
}

/// Anonymous huge pages in `smaps_rollup`, bytes.
pub fn huge_pages(text: &[u8]) -> Option<u64> {
    Some(field(text, b"AnonHugePages")?.saturating_mul(1024))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn status_and_io_give_their_figures() {
        let text = b"Name:\tUid: 7\nUid:\t1000\t0\t0\t0\nVmRSS:\t  2048 kB\nHugetlbPages:\t 4 kB\n\
            voluntary_ctxt_switches:\t5\nnonvoluntary_ctxt_switches:\t6\n";
        let status = parse(text);
        assert_eq!(status.uid, 1000);
        assert_eq!((status.resident, status.hugetlb), (2 << 20, 4096));
        assert_eq!((status.waits, status.preempted), (5, 6));
        let io =
            parse_io(b"rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 5\nwrite_bytes: 6\n").unwrap();
        assert_eq!((io.read, io.written, io.calls, io.disk_read, io.disk_written), (1, 2, 7, 5, 6));
        assert_eq!(parse_io(b"rchar: 1\n"), None);
        assert_eq!(huge_pages(b"Rss: 9 kB\nAnonHugePages:   2048 kB\n"), Some(2 << 20));
    }

    proptest! {
        #[test]
        fn any_status_is_survived(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let status = parse(&bytes);
            prop_assert!(status.resident.is_multiple_of(1024) || status.resident == u64::MAX);
        }
    }
}
