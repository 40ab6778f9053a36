//! Looks for the password behind a wallet's scrypt hash (N=4096, r=8).

fn main() {
    let params = scrypt::Params::new(12, 8, 1).expect("parameters");
    searchers::search(&runner::Options::read(), 1, |candidate| {
        let mut out = [0; 32];
        scrypt::scrypt(candidate, b"wallet salt", &params, &mut out).expect("a length");
        out == [0x5a; 32]
    });
}
