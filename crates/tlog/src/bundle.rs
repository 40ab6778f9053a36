//! Entry bundles: up to 256 entries, each after its length in two bytes, high byte first (tlog-tiles, "Log entries").
//!
//! Must not know what an entry means.

use crate::tile::TILE_WIDTH;

/// Most bytes of an entry: what two bytes of length can say.
pub const MAX_ENTRY: usize = 65_535;

/// Why bytes are no bundle, or entries fit in none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// An entry that its two bytes of length cannot announce.
    #[error("an entry of {0} bytes is longer than {MAX_ENTRY}")]
    EntryTooLong(usize),
    /// The last entry ends before its announced length.
    #[error("the bundle ends within entry {0}")]
    Cut(usize),
    /// Another number of entries than the name says.
    #[error("the bundle has another number of entries than the {0} that its name says")]
    Count(u16),
}

/// The bundle of these entries.
///
/// # Errors
///
/// [`BundleError::EntryTooLong`].
pub fn encode_bundle<E: AsRef<[u8]>>(entries: &[E]) -> Result<Vec<u8>, BundleError> {
    let mut bundle = Vec::with_capacity(entries.iter().map(|entry| entry.as_ref().len() + 2).sum());
    for entry in entries.iter().map(AsRef::as_ref) {
        let length = u16::try_from(entry.len()).map_err(|_| BundleError::EntryTooLong(entry.len()))?;
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(entry);
    }
    Ok(bundle)
}

/// The entries of a bundle that has `width` of them, which its name says.
///
/// # Errors
///
/// [`BundleError`] if it is cut or has another number.
pub fn parse_bundle(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, BundleError> {
    let (mut entries, mut rest) = (Vec::with_capacity(usize::from(width.min(TILE_WIDTH))), bytes);
    while !rest.is_empty() {
        let cut = BundleError::Cut(entries.len());
        if entries.len() >= usize::from(width) {
            return Err(BundleError::Count(width));
        }
        let (length, after) = rest.split_first_chunk::<2>().ok_or(cut)?;
        let (entry, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or(cut)?;
        entries.push(entry);
        rest = after;
    }
    if entries.len() == usize::from(width) { Ok(entries) } else { Err(BundleError::Count(width)) }
}
