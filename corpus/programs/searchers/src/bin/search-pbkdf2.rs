//! Looks for a WPA passphrase: PBKDF2-HMAC-SHA-1 with 4096 rounds.

fn main() {
    searchers::search(&runner::Options::read(), 1, |candidate| {
        pbkdf2::pbkdf2_hmac_array::<sha1::Sha1, 32>(candidate, b"some network", 4096) == [0x5a; 32]
    });
}
