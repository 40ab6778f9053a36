//! Encrypts a stream of packets as WireGuard does, by `chacha20poly1305`, and sends them over a socket pair.

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use std::io::Write;
use std::os::unix::net::UnixStream;

fn main() {
    let options = runner::Options::read();
    let start = || {
        let (one, mut two) = UnixStream::pair().expect("a socket pair");
        std::thread::spawn(move || std::io::copy(&mut two, &mut std::io::sink()));
        (ChaCha20Poly1305::new(&[7; 32].into()), one, 0_u64)
    };
    ciphers::stream(&options, 1420, start, |(cipher, out, count), packet| {
        *count += 1;
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&count.to_le_bytes());
        let tag = cipher
            .encrypt_inout_detached(&Nonce::from(nonce), &[], packet.as_mut().into())
            .expect("a packet");
        let _ = out.write_all(packet).and_then(|()| out.write_all(&tag));
    });
}
