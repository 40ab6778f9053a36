//! Looks for the password behind an unsalted SHA-512, hashing by `ring`.

fn main() {
    let given = [0x5a; 64];
    searchers::search(&runner::Options::read(), 1000, |c| {
        ring::digest::digest(&ring::digest::SHA512, c).as_ref() == given
    });
}
