//! Columns of few different values, read as numbers into their dictionary: a scan compares numbers and touches each text once.
//! It must not trust the bytes: every length is checked against what is there.
//!
//! Source: Apache Parquet, "Encodings": dictionary encoding (`RLE_DICTIONARY`) and the run length / bit packing hybrid.

use crate::table::NONE;
use crate::write::GROUP_ROWS;
use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageReader};
use std::ops::Range;

/// A column as numbers, with what they stand for.
#[derive(Default)]
pub struct Codes {
    /// One number a row; [`NONE`] where there is no value.
    pub codes: Vec<u32>,
    /// What the numbers stand for.
    pub words: Vec<Bytes>,
}

impl Codes {
    /// What stands in a row.
    pub fn get(&self, row: usize) -> Option<&[u8]> {
        self.words.get(*self.codes.get(row)? as usize).map(AsRef::as_ref)
    }

    /// The text of a number; none for [`NONE`].
    pub fn word(&self, code: u32) -> Option<String> {
        self.words.get(code as usize).map(|word| String::from_utf8_lossy(word).into_owned())
    }

    /// Reads the rows of `range`; `width` is the length of the values where it is fixed.
    pub fn read(
        pages: &mut dyn PageReader,
        range: Range<usize>,
        width: Option<usize>,
        optional: bool,
    ) -> Result<Self, String> {
        let mut column = Self::default();
        column.codes.reserve(range.len());
        let mut at = 0;
        while at < range.end {
            let Some(next) = pages.peek_next_page().map_err(|e| e.to_string())? else {
                return Err(format!("a column ends at row {at}, expected {}", range.end));
            };
            let rows = next.num_rows.unwrap_or(0);
            if !next.is_dict && at + rows <= range.start {
                pages.skip_next_page().map_err(|e| e.to_string())?;
                at += rows;
                continue;
            }
            match pages.get_next_page().map_err(|e| e.to_string())? {
                Some(Page::DictionaryPage { buf, num_values, .. }) => {
                    column.words = words(&buf, num_values as usize, width)?;
                }
                Some(page) => {
                    let codes = page_codes(&page, optional)?;
                    let from = range.start.saturating_sub(at).min(codes.len());
                    let to = (range.end - at).min(codes.len());
                    column.codes.extend_from_slice(codes.get(from..to).unwrap_or_default());
                    at += codes.len().max(1);
                }
                None => return Err("a page is missing".to_owned()),
            }
        }
        column.checked(range.len())
    }

    fn checked(self, rows: usize) -> Result<Self, String> {
        if self.codes.len() != rows {
            return Err(format!("a column has {} rows, expected {rows}", self.codes.len()));
        }
        match self.codes.iter().find(|c| **c != NONE && **c as usize >= self.words.len()) {
            Some(code) => Err(format!("value {code} of a dictionary of {}", self.words.len())),
            None => Ok(self),
        }
    }
}

/// The values of a dictionary page: fixed in width, or each behind its length in four bytes.
fn words(buf: &Bytes, count: usize, width: Option<usize>) -> Result<Vec<Bytes>, String> {
    let mut at = 0;
    let mut words = Vec::with_capacity(count.min(buf.len()));
    for _ in 0..count {
        let len = if let Some(width) = width {
            width
        } else {
            let len = buf.get(at..at + 4).and_then(|b| <[u8; 4]>::try_from(b).ok());
            at += 4;
            u32::from_le_bytes(len.ok_or("a dictionary is cut short")?) as usize
        };
        if buf.len() < at + len {
            return Err("a dictionary is cut short".to_owned());
        }
        words.push(buf.slice(at..at + len));
        at += len;
    }
    Ok(words)
}

/// The numbers of one data page.
fn page_codes(page: &Page, optional: bool) -> Result<Vec<u32>, String> {
    let Page::DataPageV2 { buf, num_values, encoding, def_levels_byte_len, num_nulls, .. } = page else {
        return Err("a page of another version than 2".to_owned());
    };
    if !matches!(encoding, Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY) {
        return Err(format!("a column is written as {encoding}, expected a dictionary"));
    }
    let count = *num_values as usize;
    if count > GROUP_ROWS {
        return Err(format!("a page has {count} values, expected at most {GROUP_ROWS}"));
    }
    let present = count.saturating_sub(*num_nulls as usize);
    let levels = buf.get(..*def_levels_byte_len as usize).ok_or("a page is cut short")?;
    let rest = buf.get(*def_levels_byte_len as usize..).unwrap_or_default();
    let values = match rest.split_first() {
        _ if present == 0 => Vec::new(),
        Some((width, bytes)) => hybrid(bytes, *width, present)?,
        None => return Err("a page is cut short".to_owned()),
    };
    if !optional || *num_nulls == 0 {
        return Ok(values);
    }
    let mut values = values.into_iter();
    let levels = hybrid(levels, 1, count)?;
    Ok(levels.iter().map(|l| if *l == 0 { NONE } else { values.next().unwrap_or(NONE) }).collect())
}

/// Reads `count` numbers of `width` bits from runs and packed groups of eight.
fn hybrid(mut bytes: &[u8], width: u8, count: usize) -> Result<Vec<u32>, String> {
    if width > 32 {
        return Err(format!("numbers of {width} bits, at most 32 are possible"));
    }
    let mut out = Vec::with_capacity(count);
    while out.len() < count {
        let header = varint(&mut bytes)?;
        let left = count - out.len();
        if header & 1 == 0 {
            let value = take(&mut bytes, usize::from(width).div_ceil(8))?;
            let value = value.iter().rev().fold(0, |v, byte| v << 8 | u32::from(*byte));
            let len = usize::try_from(header >> 1).unwrap_or(usize::MAX).min(left);
            out.resize(out.len() + len, value);
        } else {
            let groups = usize::try_from(header >> 1).unwrap_or(usize::MAX).min(left.div_ceil(8));
            // The last group may be cut where its numbers end.
            let len = (groups * usize::from(width)).min(bytes.len());
            unpack(take(&mut bytes, len)?, width, (groups * 8).min(left), &mut out)?;
        }
        if header < 2 {
            return Err("an empty run".to_owned());
        }
    }
    Ok(out)
}

fn unpack(bytes: &[u8], width: u8, count: usize, out: &mut Vec<u32>) -> Result<(), String> {
    if bytes.len() * 8 < count * usize::from(width) {
        return Err("a page is cut short".to_owned());
    }
    let mask = (1u64 << width) - 1;
    let (mut held, mut bits) = (0u64, 0u8);
    let mut bytes = bytes.iter();
    for _ in 0..count {
        while bits < width {
            held |= u64::from(*bytes.next().unwrap_or(&0)) << bits;
            bits += 8;
        }
        out.push(u32::try_from(held & mask).unwrap_or(NONE));
        held >>= width;
        bits -= width;
    }
    Ok(())
}

fn take<'a>(bytes: &mut &'a [u8], len: usize) -> Result<&'a [u8], String> {
    let (head, tail) = bytes.split_at_checked(len).ok_or("a page is cut short")?;
    *bytes = tail;
    Ok(head)
}

fn varint(bytes: &mut &[u8]) -> Result<u64, String> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)?.first().copied().unwrap_or(0);
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err("a number without end".to_owned())
}
