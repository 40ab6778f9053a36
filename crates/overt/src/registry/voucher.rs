//! The public key of an authority or a TPM, as a person has it: a PEM file, or hexadecimal digits.
//!
//! Must not read private keys.

use super::failed;
use crate::Failure;
use statement::Voucher;
use std::path::Path;

/// What stands before and after a public key in PEM (RFC 7468, section 13).
const PEM: (&str, &str) = ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----");
/// What comes before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410, section 4).
const ED25519: &[u8] = &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// What comes before the uncompressed point of a P-256 key in one (RFC 5480, section 2).
const P256: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// Bytes of an uncompressed point.
const POINT: usize = 65;
/// Most bytes of a file with a public key.
const MAX_FILE: u64 = 4_096;

/// The key in a file, or the digits themselves. `algorithm` is needed for digits, and checked where the file says it.
pub fn read(key: &str, algorithm: Option<&str>) -> Result<Voucher, Failure> {
    let path = Path::new(key);
    let text = if path.is_file() {
        let length = path.metadata().map_err(|e| failed(key, e))?.len();
        if length > MAX_FILE {
            return Err(failed(
                key,
                format!("found {length} bytes, expected a public key of at most {MAX_FILE}"),
            ));
        }
        std::fs::read_to_string(path).map_err(|e| failed(key, e))?
    } else {
        key.to_owned()
    };
    let voucher = parse(&text, algorithm).map_err(|why| failed(key, why))?;
    voucher.check().map_err(|e| failed(key, e))?;
    Ok(voucher)
}

fn parse(text: &str, algorithm: Option<&str>) -> Result<Voucher, String> {
    let text = text.trim();
    let voucher = match text.strip_prefix(PEM.0) {
        Some(rest) => info(rest.strip_suffix(PEM.1).ok_or("the PEM block has no end")?)?,
        None if text.starts_with("-----BEGIN") => {
            return Err(format!("found another PEM block, expected '{}'", PEM.0));
        }
        None => {
            let bytes = digits(text).ok_or("expected a public key in PEM, or hexadecimal digits")?;
            if algorithm == Some("p256") { Voucher::P256(bytes) } else { Voucher::Ed25519(bytes) }
        }
    };
    match algorithm {
        Some(wanted) if wanted != name(&voucher) => {
            Err(format!("found a key for {}, expected one for {wanted}", name(&voucher)))
        }
        _ => Ok(voucher),
    }
}

/// The key in a SubjectPublicKeyInfo.
fn info(base64: &str) -> Result<Voucher, String> {
    let base64: String = base64.split_whitespace().collect();
    let der = tlog::from_base64(&base64).ok_or("the PEM block is not base64")?;
    let after =
        |head: &[u8], length| der.strip_prefix(head).filter(|key| key.len() == length).map(<[u8]>::to_vec);
    let ed25519 = after(ED25519, 32).map(Voucher::Ed25519);
    let p256 = || after(P256, POINT).map(Voucher::P256);
    ed25519.or_else(p256).ok_or_else(|| "found another kind of key, expected Ed25519 or P-256".to_owned())
}

fn digits(text: &str) -> Option<Vec<u8>> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let hex = text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit()) && !text.is_empty();
    hex.then(|| text.as_bytes().chunks(2).map(byte).collect()).flatten()
}

/// The word for a key's algorithm.
pub fn name(voucher: &Voucher) -> &'static str {
    match voucher {
        Voucher::Ed25519(_) => "ed25519",
        Voucher::P256(_) => "p256",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ED: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAZA+C8BC57f8HIgt7pEuDRcbJT8DlooD4eHDs6t49E18=\n-----END PUBLIC KEY-----\n";
    const EC: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEBodK0AAPJCUz3ugEjpbhXYtzmbCL\n\
                      i4yVJITUgHgWx6nbAJErrFPpD81hnSzvmcnpG6NqYx5VvbhxUsK+15P+Kw==\n-----END PUBLIC KEY-----\n";

    #[test]
    fn pem_says_its_algorithm_and_digits_need_one() {
        assert_eq!(name(&parse(ED, None).unwrap()), "ed25519");
        assert_eq!(name(&parse(EC, None).unwrap()), "p256");
        assert!(parse(EC, None).unwrap().check().is_ok());
        let hex: String = parse(EC, None).unwrap().bytes().iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(parse(&hex, Some("p256")), parse(EC, Some("p256")));
    }

    #[test]
    fn another_algorithm_a_private_key_and_half_a_byte_are_refused() {
        for (text, algorithm) in [(ED, Some("p256")), (EC, Some("ed25519")), ("abc", None), ("", None)] {
            assert!(parse(text, algorithm).is_err(), "{text}");
        }
        assert!(parse("-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----", None).is_err());
        assert!(parse("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", None).is_err());
    }
}
