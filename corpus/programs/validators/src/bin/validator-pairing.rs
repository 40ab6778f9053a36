//! Checks drand-like beacons and light-client updates: two pairings for each signature, by the pure Rust `bls12_381`.

use bls12_381::{G1Affine, G1Projective, G2Affine, G2Prepared, G2Projective, Gt, Scalar, multi_miller_loop};
use sha2::{Digest, Sha256};

fn main() {
    let options = runner::Options::read();
    options.run(|number, shift| {
        let secret = Scalar::from(number as u64 + 77);
        let key = G1Affine::from(G1Projective::generator() * secret);
        let mut round = 0_u64;
        while shift.goes_on() {
            round += 1;
            let digest = Sha256::digest(round.to_le_bytes());
            let scalar = Scalar::from(u64::from_le_bytes(digest[..8].try_into().unwrap_or_default()));
            let message = G2Affine::from(G2Projective::generator() * scalar);
            let signature = G2Affine::from(G2Projective::from(message) * secret);
            let terms =
                [(&-G1Affine::generator(), &G2Prepared::from(signature)), (&key, &G2Prepared::from(message))];
            assert_eq!(multi_miller_loop(&terms).final_exponentiation(), Gt::identity());
        }
    });
}
