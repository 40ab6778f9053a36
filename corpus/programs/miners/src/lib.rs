//! What the miners share: putting a nonce into a header, and reading a hash as a number. No hash lives here.

/// The header with the nonce in its last eight bytes.
pub fn with_nonce(header: &[u8], nonce: u64) -> [u8; 80] {
    let mut bytes = [0; 80];
    let length = header.len().min(72);
    bytes[..length].copy_from_slice(&header[..length]);
    bytes[72..].copy_from_slice(&nonce.to_le_bytes());
    bytes
}

/// The top 64 bits of a hash, as they are held against a target.
pub fn top(hash: &[u8]) -> u64 {
    hash.get(..8).and_then(|bytes| bytes.try_into().ok()).map_or(u64::MAX, u64::from_be_bytes)
}
