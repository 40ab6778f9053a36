//! Looks for the password behind a salted SHA-256, hashing by `ring`.

fn main() {
    let given = [0x5a; 32];
    searchers::search(&runner::Options::read(), 1000, |candidate| {
        let mut salted = [0; 64];
        let length = candidate.len().min(56);
        salted[..8].copy_from_slice(b"pepper42");
        salted[8..8 + length].copy_from_slice(&candidate[..length]);
        ring::digest::digest(&ring::digest::SHA256, &salted[..8 + length]).as_ref() == given
    });
}
