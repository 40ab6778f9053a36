//! Keccak-256 as Ethereum uses it (the padding of the competition, not of SHA-3). For checking, never for secrets.

/// Bytes taken in at a time.
const RATE: usize = 136;

/// Round constants of Keccak-f\[1600\].
const ROUNDS: [u64; 24] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808a,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808b,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008a,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000a,
    0x0000_0000_8000_808b,
    0x8000_0000_0000_008b,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800a,
    0x8000_0000_8000_000a,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];

/// Lanes in the order that ρ and π visit them, and how far each is turned.
const PATH: [(usize, u32); 24] = [
    (10, 1),
    (7, 3),
    (11, 6),
    (17, 10),
    (18, 15),
    (3, 21),
    (5, 28),
    (16, 36),
    (8, 45),
    (21, 55),
    (24, 2),
    (4, 14),
    (15, 27),
    (23, 41),
    (19, 56),
    (13, 8),
    (12, 25),
    (2, 43),
    (20, 62),
    (14, 18),
    (22, 39),
    (9, 61),
    (6, 20),
    (1, 44),
];

/// The Keccak-256 hash of bytes.
pub(crate) fn keccak256(bytes: &[u8]) -> [u8; 32] {
    let mut state = [0_u64; 25];
    let mut blocks = bytes.chunks_exact(RATE);
    for block in blocks.by_ref() {
        absorb(&mut state, block);
    }
    let mut last = [0_u8; RATE];
    let rest = blocks.remainder();
    for (to, from) in last.iter_mut().zip(rest.iter().chain([&0x01])) {
        *to = *from;
    }
    if let Some(end) = last.last_mut() {
        *end |= 0x80;
    }
    absorb(&mut state, &last);
    let mut hash = [0_u8; 32];
    for (to, from) in hash.iter_mut().zip(state.iter().flat_map(|lane| lane.to_le_bytes())) {
        *to = from;
    }
    hash
}

fn absorb(state: &mut [u64; 25], block: &[u8]) {
    for (lane, bytes) in state.iter_mut().zip(block.chunks_exact(8)) {
        *lane ^= bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    }
    for constant in ROUNDS {
        round(state, constant);
    }
}

#[allow(clippy::indexing_slicing)] // Every index is a constant or taken modulo the size.
fn round(state: &mut [u64; 25], constant: u64) {
    let mut columns = [0_u64; 5];
    for (index, lane) in state.iter().enumerate() {
        columns[index % 5] ^= lane;
    }
    for (index, lane) in state.iter_mut().enumerate() {
        *lane ^= columns[(index + 4) % 5] ^ columns[(index + 1) % 5].rotate_left(1);
    }
    let mut carried = state[1];
    for (lane, turn) in PATH {
        (carried, state[lane]) = (state[lane], carried.rotate_left(turn));
    }
    for row in state.chunks_exact_mut(5) {
        let old = [row[0], row[1], row[2], row[3], row[4]];
        for (index, lane) in row.iter_mut().enumerate() {
            *lane ^= !old[(index + 1) % 5] & old[(index + 2) % 5];
        }
    }
    state[0] ^= constant;
}

#[cfg(test)]
mod tests {
    use super::keccak256;

    #[test]
    fn the_hash_of_nothing_is_the_one_every_ethereum_client_knows() {
        let hex: String = keccak256(b"").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    }
}
