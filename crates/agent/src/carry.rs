//! By hand: statements out of a spool into one file, receipts from one file back into it.
//!
//! Out goes a CBOR sequence of envelopes (RFC 8742), as a registry takes it; back come C2SP tlog-proofs, one after the other,
//! each after a line with the number of its statement and its length in bytes. Must not let go of anything without a verified
//! receipt.

use crate::disk::Disk;
use crate::receipt::{Log, Receipted, Refused};
use crate::spool::{Spool, SpoolError};
use std::io::{self, Write};
use tlog::MAX_RECEIPT;

/// Statements that are written at once.
const AT_ONCE: usize = 256;
/// Bytes that are written at once.
const BYTES_AT_ONCE: usize = 1 << 20;
/// Most characters of the line before a receipt.
const MAX_LINE: usize = 40;

/// What a file of receipts came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Statements that were let go of.
    pub released: usize,
    /// Receipts for numbers that do not wait here.
    pub others: usize,
    /// Receipts that prove nothing: number of the statement and why.
    pub refused: Vec<(u64, Refused)>,
}

/// A receipt with the number of its statement.
pub type Numbered<'r> = (u64, &'r [u8]);

/// Writes all statements that wait; gives how many.
///
/// # Errors
///
/// [`SpoolError`]; nothing is let go of here in any case.
pub fn export<D: Disk>(spool: &mut Spool<D>, out: &mut impl Write) -> Result<usize, SpoolError> {
    let (mut from, mut count) = (0, 0);
    loop {
        let batch = spool.hand_out(from, AT_ONCE, BYTES_AT_ONCE)?;
        let Some(last) = batch.sequences.last() else { return Ok(count) };
        out.write_all(&batch.body)?;
        from = last.saturating_add(1);
        count += batch.sequences.len();
    }
}

/// Puts receipts into one file.
///
/// # Errors
///
/// If it cannot be written.
pub fn write_receipts<'r>(
    receipts: impl IntoIterator<Item = Numbered<'r>>,
    out: &mut impl Write,
) -> io::Result<()> {
    for (sequence, receipt) in receipts {
        writeln!(out, "{sequence} {}", receipt.len())?;
        out.write_all(receipt)?;
    }
    Ok(())
}

/// Takes a file of receipts apart.
///
/// # Errors
///
/// If a line before a receipt is none, a length is beyond what a receipt may have, or the file ends early.
pub fn read_receipts(mut file: &[u8]) -> io::Result<Vec<Numbered<'_>>> {
    let mut all = Vec::new();
    while !file.is_empty() {
        let (receipt, rest) = first_receipt(file).ok_or_else(|| {
            let at = all.len();
            let why =
                format!("receipt {at} has no number and length of at most {MAX_RECEIPT}, or is cut off");
            io::Error::new(io::ErrorKind::InvalidData, why)
        })?;
        all.push(receipt);
        file = rest;
    }
    Ok(all)
}

fn first_receipt(file: &[u8]) -> Option<(Numbered<'_>, &[u8])> {
    let end = file.iter().take(MAX_LINE).position(|byte| *byte == b'\n')?;
    let (line, rest) = file.split_at_checked(end)?;
    let (sequence, length) = std::str::from_utf8(line).ok()?.split_once(' ')?;
    let length: usize = length.parse().ok().filter(|length| *length <= MAX_RECEIPT)?;
    let (receipt, rest) = rest.get(1..)?.split_at_checked(length)?;
    Some(((sequence.parse().ok()?, receipt), rest))
}

/// Lets go of what receipts that were carried here prove.
///
/// # Errors
///
/// [`SpoolError`].
pub fn import_receipts<D: Disk>(
    spool: &mut Spool<D>,
    log: &Log,
    file: &[u8],
) -> Result<Imported, SpoolError> {
    let mut imported = Imported::default();
    let mut proven: Vec<Receipted> = Vec::new();
    for (sequence, receipt) in read_receipts(file)? {
        let waits = spool.waiting(sequence).next() == Some(sequence);
        let Some(statement) = spool.statement(sequence)?.filter(|_| waits) else {
            imported.others += 1;
            continue;
        };
        match log.verify_carried(&statement, receipt) {
            Ok(receipted) => proven.push(receipted),
            Err(why) => imported.refused.push((sequence, why)),
        }
    }
    imported.released = spool.release(&proven)?;
    Ok(imported)
}
