//! Encrypts a file sector by sector with AES-256-GCM, by `aes-gcm`, and writes it to disk.

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use std::io::{Seek, Write};

fn main() {
    let options = runner::Options::read();
    let target = options.scratch("encrypted");
    let start =
        || (Aes256Gcm::new(&[7; 32].into()), std::fs::File::create(&target.0).expect("a file"), 0_u64);
    ciphers::stream(&options, 4096, start, |(cipher, out, count), sector| {
        *count += 1;
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&count.to_le_bytes());
        let tag = cipher
            .encrypt_inout_detached(&Nonce::from(nonce), b"disk", sector.as_mut().into())
            .expect("a sector");
        let _ = out.write_all(sector).and_then(|()| out.write_all(&tag));
        if *count % 4096 == 0 {
            let _ = out.rewind();
        }
    });
}
