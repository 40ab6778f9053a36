//! Bytes of a file as UTF-8: marks of byte order are taken away, UTF-16 that has one is decoded, and no row is endless.
//!
//! Must not guess: text in another encoding is refused with what it looks like, because a wrong guess would register
//! names that nobody has.

use crate::mistake::Fault;
use std::cell::Cell;
use std::io::{Error, ErrorKind, Read, Result};
use std::rc::Rc;

/// Bytes that are read at once.
const PIECE: usize = 64 << 10;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Unknown,
    Utf8,
    Utf16 { big: bool },
}

/// A reader of UTF-8, whatever the source says with a byte order mark.
pub struct Decoded<R> {
    inner: R,
    form: Form,
    piece: Vec<u8>,
    raw: Vec<u8>,
    ready: Vec<u8>,
    at: usize,
    ended: bool,
    left: Rc<Cell<usize>>,
}

impl<R: Read> Decoded<R> {
    /// Reads a source; `left` are the bytes that may be read before somebody sets it again.
    pub fn new(inner: R, left: Rc<Cell<usize>>) -> Self {
        Self {
            inner,
            form: Form::Unknown,
            piece: vec![0; PIECE],
            raw: Vec::new(),
            ready: Vec::new(),
            at: 0,
            ended: false,
            left,
        }
    }

    /// Reads on until something is ready or the source has ended.
    fn fill(&mut self) -> Result<()> {
        while self.at >= self.ready.len() && !self.ended {
            self.at = 0;
            self.ready.clear();
            let count = loop {
                match self.inner.read(&mut self.piece) {
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    other => break other?,
                }
            };
            self.raw.extend_from_slice(self.piece.get(..count).unwrap_or_default());
            self.ended = count == 0;
            if self.form == Form::Unknown && (self.raw.len() >= 3 || self.ended) {
                self.recognise();
            }
            match self.form {
                Form::Unknown => {}
                Form::Utf8 => std::mem::swap(&mut self.ready, &mut self.raw),
                Form::Utf16 { big } => self.decode(big)?,
            }
        }
        Ok(())
    }

    fn recognise(&mut self) {
        let (form, mark) = match self.raw.get(..2) {
            Some([0xff, 0xfe]) => (Form::Utf16 { big: false }, 2),
            Some([0xfe, 0xff]) => (Form::Utf16 { big: true }, 2),
            _ if self.raw.starts_with(&[0xef, 0xbb, 0xbf]) => (Form::Utf8, 3),
            _ => (Form::Utf8, 0),
        };
        self.form = form;
        self.raw.drain(..mark);
    }

    /// Decodes whole characters; half of a pair waits for its other half.
    fn decode(&mut self, big: bool) -> Result<()> {
        let unit = |pair: &[u8]| match *pair {
            [a, b] if big => u16::from_be_bytes([a, b]),
            [a, b] => u16::from_le_bytes([a, b]),
            _ => 0,
        };
        let units: Vec<u16> = self.raw.chunks_exact(2).map(unit).collect();
        let waits = usize::from(!self.ended && units.last().is_some_and(|u| (0xd800..0xdc00).contains(u)));
        let whole = units.len() - waits;
        let text = String::from_utf16(units.get(..whole).unwrap_or_default());
        let odd = self.ended && self.raw.len() % 2 == 1;
        let text = text.ok().filter(|_| !odd);
        let text = text.ok_or_else(|| Error::new(ErrorKind::InvalidData, "the UTF-16 is broken"))?;
        self.raw.drain(..whole * 2);
        self.ready = text.into_bytes();
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        self.fill()?;
        let ready = self.ready.get(self.at..).unwrap_or_default();
        let count = ready.len().min(into.len());
        if count > self.left.get() {
            self.left.set(0);
            return Err(Error::other("an endless row"));
        }
        self.left.set(self.left.get() - count);
        if let (Some(to), Some(from)) = (into.get_mut(..count), ready.get(..count)) {
            to.copy_from_slice(from);
        }
        self.at += count;
        Ok(count)
    }
}

/// What bytes that are not UTF-8 look like. A guess for the message only.
pub fn looks_like(bytes: &[u8]) -> Fault {
    let fault = |looks, iconv| Fault::Encoding { looks, iconv };
    if bytes.contains(&0) {
        return fault("UTF-16 without a byte order mark", "UTF-16LE");
    }
    let high = bytes.iter().filter(|b| **b >= 0x80).count();
    let cyrillic = bytes.iter().filter(|b| **b >= 0xe0).count();
    // Characters of level 1 of GB 2312: first byte B0 to D7, second A1 to FE.
    let (mut pairs, mut rest) = (0, bytes);
    while let [first, tail @ ..] = rest {
        rest = match tail {
            [second, after @ ..] if (0xb0..=0xd7).contains(first) && (0xa1..=0xfe).contains(second) => {
                pairs += 1;
                after
            }
            [_, after @ ..] if *first >= 0x81 => after,
            _ => tail,
        };
    }
    if pairs * 3 >= high && pairs > 0 {
        fault("GB18030 or GBK", "GB18030")
    } else if cyrillic * 2 > high && high > 2 {
        fault("Windows-1251 (Cyrillic)", "WINDOWS-1251")
    } else {
        fault("Windows-1252 or another of its family", "WINDOWS-1252")
    }
}
