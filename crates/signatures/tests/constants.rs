//! Values in the shipped book of constants, computed anew from their definitions.

use signatures::{Book, Constant};

fn names(found: &[&Constant]) -> Vec<String> {
    found.iter().map(|c| c.name.clone()).collect()
}

fn table32(words: &[u32]) -> Vec<String> {
    let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    names(&Book::shipped().table(&bytes))
}

fn immediate(value: u64) -> Option<&'static str> {
    Book::shipped().immediate(value).map(|c| c.name.as_str())
}

/// The first 32 bits of the fraction of the cube root: floor(cbrt(n * 2^96)) modulo 2^32.
fn cube_root_fraction(n: u128) -> u32 {
    let (mut low, mut high) = (0u128, 1u128 << 36);
    while low + 1 < high {
        let middle = (low + high) / 2;
        if middle * middle * middle <= n << 96 { low = middle } else { high = middle }
    }
    low as u32
}

fn primes() -> impl Iterator<Item = u128> {
    (2u128..).filter(|n| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0))
}

fn crc_table(polynomial: u32) -> Vec<u32> {
    (0..256u32).map(|i| (0..8).fold(i, |c, _| (c >> 1) ^ if c & 1 == 1 { polynomial } else { 0 })).collect()
}

fn times(mut a: u8, mut b: u8) -> u8 {
    let mut product = 0;
    while b != 0 {
        product ^= if b & 1 == 1 { a } else { 0 };
        a = (a << 1) ^ if a & 0x80 != 0 { 0x1b } else { 0 };
        b >>= 1;
    }
    product
}

fn aes_sbox() -> Vec<u8> {
    let inverse = |x: u8| (0..=255u8).find(|y| times(x, *y) == 1).unwrap_or(0);
    (0..=255u8).map(inverse).map(|i| (0..5).fold(0x63, |s, turn| s ^ i.rotate_left(turn))).collect()
}

/// Round constants from the degree-8 shift register of FIPS 202, section 3.2.5.
fn keccak_rounds() -> Vec<u64> {
    let mut register = 1u16;
    let mut bit = || {
        let out = register & 1;
        register = (register << 1) ^ if register & 0x80 != 0 { 0x171 } else { 0 };
        out == 1
    };
    let mut round = || (0..7).fold(0u64, |rc, i| if bit() { rc | 1 << ((1u64 << i) - 1) } else { rc });
    (0..24).map(|_| round()).collect()
}

#[test]
fn the_book_holds_at_least_120_constants_each_with_its_source() {
    let all = Book::shipped().constants();
    assert!(all.len() >= 120, "{}", all.len());
    for constant in all {
        assert!(!constant.source.is_empty() && !constant.what.is_empty(), "{}", constant.name);
        assert_eq!(Book::shipped().constant(&constant.name), Some(constant));
    }
}

#[test]
fn sha256_is_known_by_cube_roots_of_primes_in_tables_and_immediates() {
    let k: Vec<u32> = primes().take(64).map(cube_root_fraction).collect();
    assert_eq!(k[0], 0x428a_2f98);
    for piece in k.chunks(8) {
        assert_eq!(table32(piece), ["sha256-k"]);
        let swapped: Vec<u32> = piece.iter().map(|w| w.swap_bytes()).collect();
        assert_eq!(table32(&swapped), ["sha256-k"], "most significant byte first");
    }
    assert!(k.iter().all(|w| immediate(u64::from(*w)) == Some("sha256-k")));
}

#[test]
fn md5_is_known_by_its_sines() {
    let t: Vec<u32> = (1..=64).map(|i| (f64::from(i).sin().abs() * 4_294_967_296.0) as u32).collect();
    assert_eq!(t[0], 0xd76a_a478);
    assert!(t.chunks(16).all(|piece| table32(piece) == ["md5-t"]));
    assert!(t.iter().all(|w| immediate(u64::from(*w)) == Some("md5-t")));
}

#[test]
fn keccak_is_known_by_its_shift_register() {
    let rounds = keccak_rounds();
    assert_eq!(rounds[2], 0x8000_0000_0000_808a);
    let bytes: Vec<u8> = rounds.iter().flat_map(|w| w.to_le_bytes()).collect();
    assert_eq!(names(&Book::shipped().table(&bytes)), ["keccak-rc"]);
    assert_eq!(immediate(rounds[2]), Some("keccak-rc"));
}

#[test]
fn aes_is_known_by_its_boxes_and_tables() {
    let sbox = aes_sbox();
    assert_eq!(names(&Book::shipped().table(&sbox)), ["aes-sbox"]);
    let te0: Vec<u32> =
        sbox.iter().map(|s| u32::from_be_bytes([times(*s, 2), *s, *s, times(*s, 3)])).collect();
    assert!(table32(&te0).contains(&"aes-te0".to_owned()));
    let te1: Vec<u32> = te0.iter().map(|w| w.rotate_right(8)).collect();
    assert!(table32(&te1).contains(&"aes-te1".to_owned()));
}

#[test]
fn checksums_are_known_by_their_polynomials() {
    assert_eq!(table32(&crc_table(0xedb8_8320)), ["crc32-table"]);
    assert_eq!(table32(&crc_table(0x82f6_3b78)), ["crc32c-table"]);
    assert_eq!(immediate(0xedb8_8320), Some("crc32-table"));
}

/// -p^-1 modulo 2^64 by Newton's iteration.
fn montgomery_inverse(p: u64) -> u64 {
    (0..6).fold(1u64, |x, _| x.wrapping_mul(2u64.wrapping_sub(p.wrapping_mul(x)))).wrapping_neg()
}

#[test]
fn fields_are_known_by_the_montgomery_inverse_of_their_modulus() {
    for (lowest, name) in [
        (0xffff_fffe_ffff_fc2f, "secp256k1-p"),
        (0xb9fe_ffff_ffff_aaab, "bls12-381-p"),
        (0x3c20_8c16_d87c_fd47, "bn254-p"),
        (0x43e1_f593_f000_0001, "bn254-r"),
        (0xf3b9_cac2_fc63_2551, "p256-n"),
    ] {
        assert_eq!(immediate(montgomery_inverse(lowest)), Some(name));
    }
    assert_eq!(montgomery_inverse(0xb9fe_ffff_ffff_aaab), 0x89f3_fffc_fffc_fffd);
}

#[test]
fn a_constant_that_fills_a_vector_register_is_found() {
    assert_eq!(table32(&[0x428a_2f98; 8]), ["sha256-k"]);
    assert_eq!(
        names(&Book::shipped().table(&0x1bd1_1bda_a9fc_1a22u64.to_le_bytes().repeat(4))),
        ["skein-parity"]
    );
}

#[test]
fn a_sign_extended_immediate_is_the_same_constant() {
    assert_eq!(immediate(0xffff_ffff_ca62_c1d6), Some("sha1-k"));
    assert_eq!(immediate(0x1234_5678_ca62_c1d6), None);
}

#[test]
fn each_table_is_named_once_wherever_it_lies() {
    let mut bytes = vec![0x90u8; 4096];
    for at in [100, 1003, 4000] {
        bytes[at..at + 16].copy_from_slice(b"expand 32-byte k");
    }
    assert_eq!(names(&Book::shipped().table(&bytes)), ["chacha-sigma"]);
}

#[test]
fn plain_data_and_small_numbers_are_no_constants() {
    let counting: Vec<u8> = (0..=255).cycle().take(4096).collect();
    let words: Vec<u8> = (0..1024u32).flat_map(u32::to_le_bytes).collect();
    let wide: Vec<u8> = (0..512u64).flat_map(u64::to_le_bytes).collect();
    let text = "the quick brown fox jumps over the lazy dog ".repeat(64);
    for bytes in [&[0u8; 4096], &[0xffu8; 4096], &counting[..], &words[..], &wide[..], text.as_bytes()] {
        assert_eq!(names(&Book::shipped().table(bytes)), Vec::<String>::new());
    }
    assert!((0..=0xffff).all(|n| immediate(n).is_none()));
    assert!((0..64).all(|n| immediate(1 << n).is_none() && immediate((1u64 << n) - 1).is_none()));
}

#[test]
fn weak_constants_say_so() {
    let specific = |name: &str| Book::shipped().constant(name).map(|c| c.specific).expect(name);
    for weak in ["golden64", "fnv32", "log2e-f32", "siphash-iv", "pcg-lcg"] {
        assert!(specific(weak) <= 0.3, "{weak}");
    }
    for strong in ["sha256-k", "randomx-gen4", "kheavyhash-pow", "bls12-381-p", "poseidon-goldilocks"] {
        assert!(specific(strong) >= 0.9, "{strong}");
    }
}
