//! Merkle tree, tiles, checkpoints, notes, proofs in the C2SP formats.
