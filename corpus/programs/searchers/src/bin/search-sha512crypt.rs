//! Looks for the password behind a `$6$` hash of a shadow file, by `sha-crypt`.

fn main() {
    let params = sha_crypt::Params::new(1000).expect("parameters");
    searchers::search(&runner::Options::read(), 1, |candidate| {
        sha_crypt::sha512_crypt(candidate, b"saltsaltsalt", params) == [0x5a; 64]
    });
}
