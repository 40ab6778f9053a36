//! Signs and checks messages as an update service does, by `ed25519-dalek`; every message is read from a socket.

use ed25519_dalek::{Signer, SigningKey, Verifier};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

fn main() {
    let options = runner::Options::read();
    options.run(|thread, shift| {
        let key = SigningKey::from_bytes(&[thread as u8 + 1; 32]);
        let (mut client, mut server) = UnixStream::pair().expect("a socket pair");
        let mut message = [0; 512];
        let mut random = runner::Random(thread as u64);
        while shift.goes_on() {
            random.fill(&mut message);
            client.write_all(&message).and_then(|()| server.read_exact(&mut message)).expect("a socket");
            let signature = key.sign(&message);
            key.verifying_key().verify(&message, &signature).expect("signed");
            server
                .write_all(&signature.to_bytes())
                .and_then(|()| client.read_exact(&mut message[..64]))
                .expect("a socket");
        }
    });
}
