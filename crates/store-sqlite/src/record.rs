//! The record: how one frame lies in a segment file. Must not read or write files.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | length of the frame, little endian |
//! | 8 | number of the frame, little endian |
//! | 4 | CRC-32C (RFC 3720) of these twelve bytes |
//! | 4 | CRC-32C of these twelve bytes and of the frame |
//! | … | the frame |
//!
//! The head has a checksum of its own so that its length can be believed when the frame is torn. Without it, a flipped bit in
//! a length would look like a torn tail and cost every frame behind it; and to tell the two apart by looking for records
//! further on would let a device write such records *into* its statement.

use registry::store::MAX_FRAME;

/// Bytes of a record before its frame.
pub(crate) const HEAD: usize = 20;
/// Most bytes of a record.
pub(crate) const MAX_RECORD: usize = HEAD + MAX_FRAME;

/// What stands before a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// Bytes of the frame.
    pub(crate) length: u32,
    /// Its number in the spine.
    pub(crate) number: u64,
    /// The checksum of head and frame.
    sum: u32,
}

impl Head {
    /// Reads a head; none if it is not one.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (number, rest) = rest.split_first_chunk::<8>()?;
        let (own, rest) = rest.split_first_chunk::<4>()?;
        let (sum, _) = rest.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length);
        let number = u64::from_le_bytes(*number);
        let fits = length as usize <= MAX_FRAME
            && u32::from_le_bytes(*own) == crc32c::crc32c(&named(length, number));
        fits.then_some(Self { length, number, sum: u32::from_le_bytes(*sum) })
    }

    /// Whether this is the frame that was written after the head.
    pub(crate) fn holds(&self, frame: &[u8]) -> bool {
        frame.len() == self.length as usize && sum(self.length, self.number, frame) == self.sum
    }

    /// Bytes of the whole record.
    pub(crate) fn record(&self) -> u64 {
        HEAD as u64 + u64::from(self.length)
    }
}

/// The record of a frame, which is at most [`MAX_FRAME`] bytes.
pub(crate) fn encode(number: u64, frame: &[u8]) -> Vec<u8> {
    let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
    let named = named(length, number);
    let mut record = Vec::with_capacity(HEAD + frame.len());
    record.extend_from_slice(&named);
    record.extend_from_slice(&crc32c::crc32c(&named).to_le_bytes());
    record.extend_from_slice(&sum(length, number, frame).to_le_bytes());
    record.extend_from_slice(frame);
    record
}

fn named(length: u32, number: u64) -> [u8; 12] {
    let mut named = [0; 12];
    let (first, second) = named.split_at_mut(4);
    first.copy_from_slice(&length.to_le_bytes());
    second.copy_from_slice(&number.to_le_bytes());
    named
}

fn sum(length: u32, number: u64, frame: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&named(length, number)), frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back() {
        let record = encode(7, b"frame");
        let head = Head::parse(&record).unwrap();
        assert_eq!((head.length, head.number, head.record()), (5, 7, record.len() as u64));
        assert!(head.holds(b"frame"));
    }

    #[test]
    fn zeros_are_no_record() {
        assert_eq!(Head::parse(&[0; HEAD]), None);
    }

    #[test]
    fn any_flipped_bit_is_seen() {
        let record = encode(1, b"some frame");
        for bit in 0..record.len() * 8 {
            let mut wrong = record.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert!(!Head::parse(&wrong).is_some_and(|head| head.holds(&wrong[HEAD..])), "bit {bit}");
        }
    }

    #[test]
    fn the_checksum_is_castagnolis() {
        // RFC 3720, B.4: 32 bytes of zeros.
        assert_eq!(crc32c::crc32c(&[0; 32]), 0x8a91_36aa);
    }
}
