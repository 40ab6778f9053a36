//! `/proc/PID/maps`: where a process has what mapped.

use std::rc::Rc;

/// One mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// First address.
    pub start: u64,
    /// First address after it.
    pub end: u64,
    /// Offset of `start` in the file.
    pub offset: u64,
    /// Whether it may be read.
    pub readable: bool,
    /// Whether it may be written.
    pub writable: bool,
    /// Whether it may be executed.
    pub executable: bool,
    /// Whether writes go to others too.
    pub shared: bool,
    /// Device of the file, as major × 2^20 + minor; 0 for anonymous memory.
    pub device: u64,
    /// Inode of the file; 0 for anonymous memory.
    pub inode: u64,
    /// Path as the kernel names it; empty for anonymous memory.
    pub path: Rc<str>,
}

impl Mapping {
    /// Whether an address lies in it.
    pub fn holds(&self, address: u64) -> bool {
        self.start <= address && address < self.end
    }

    /// Whether it is a file.
    pub fn is_file(&self) -> bool {
        self.inode != 0
    }

    /// Whether it is private memory that no file stands behind.
    pub fn is_private_anonymous(&self) -> bool {
        !self.is_file() && !self.shared && (self.path.is_empty() || self.path.starts_with("[heap"))
    }
}

/// Device number in the form of [`Mapping::device`].
pub fn device(major: u64, minor: u64) -> u64 {
    (major << 20) | (minor & 0xf_ffff)
}

/// Reads one line: `start-end perms offset major:minor inode path`.
pub fn parse_line(line: &[u8]) -> Option<Mapping> {
    let mut rest = line;
    let (start, end) = split_once(word(&mut rest)?, b'-')?;
    let permissions = word(&mut rest)?;
    let offset = hex(word(&mut rest)?)?;
    let (major, minor) = split_once(word(&mut rest)?, b':')?;
    let inode = super::number(word(&mut rest)?)?;
    let path = String::from_utf8_lossy(rest.trim_ascii_start());
    let (start, end) = (hex(start)?, hex(end)?);
    let has = |at: usize, flag: u8| permissions.get(at) == Some(&flag);
    (start < end).then(|| Mapping {
        start,
        end,
        offset,
        readable: has(0, b'r'),
        writable: has(1, b'w'),
        executable: has(2, b'x'),
        shared: has(3, b's'),
        device: device(hex(major).unwrap_or(0), hex(minor).unwrap_or(0)),
        inode,
        path: path.into(),
    })
}

fn word<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let text = rest.trim_ascii_start();
    let end = text.iter().position(|b| *b == b' ').unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    *rest = after;
    (!word.is_empty()).then_some(word)
}

fn split_once(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let place = text.iter().position(|b| *b == at)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

fn hex(text: &[u8]) -> Option<u64> {
    u64::from_str_radix(std::str::from_utf8(text).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_gives_its_mapping_with_blanks_in_the_path() {
        let line = b"7f00-7f10 r-xp 00001000 fe:01 123                        /opt/my app (deleted)";
        let mapping = parse_line(line).unwrap();
        assert_eq!((mapping.start, mapping.end, mapping.offset), (0x7f00, 0x7f10, 0x1000));
        assert!(mapping.executable && mapping.readable && !mapping.writable && !mapping.shared);
        assert_eq!(&*mapping.path, "/opt/my app (deleted)");
        assert_eq!((mapping.device, mapping.inode), (device(0xfe, 1), 123));
    }

    #[test]
    fn anonymous_memory_and_backward_ranges_are_told_apart() {
        assert!(parse_line(b"1000-2000 rwxp 0 00:00 0 ").unwrap().is_private_anonymous());
        assert_eq!(parse_line(b"2000-1000 rwxp 0 00:00 0 "), None);
        assert_eq!(parse_line(b"2000"), None);
    }

    proptest! {
        #[test]
        fn any_line_is_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Some(mapping) = parse_line(&bytes) {
                prop_assert!(mapping.start < mapping.end);
            }
        }
    }
}
