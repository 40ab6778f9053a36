//! Signs and checks documents with RSA-2048 and PKCS #1 v1.5, by `rsa`.

use rsa::rand_core::OsRng;
use rsa::{Pkcs1v15Sign, RsaPrivateKey};

fn main() {
    let options = runner::Options::read();
    let key = RsaPrivateKey::new(&mut OsRng, 2048).expect("a key");
    options.run(|thread, shift| {
        let mut digest = [thread as u8; 32];
        while shift.goes_on() {
            let signature = key.sign(Pkcs1v15Sign::new_unprefixed(), &digest).expect("a signature");
            key.to_public_key().verify(Pkcs1v15Sign::new_unprefixed(), &digest, &signature).expect("signed");
            digest[..32].copy_from_slice(&signature[..32]);
        }
    });
}
