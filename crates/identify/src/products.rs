//! Features that join two readings, where the meaning lies in their coming together.
//!
//! A linear score adds readings up; it cannot say "hashing, and nothing to hash". Each product here states one such
//! argument that holds for any program. Must not look at names.

use crate::component::Component;
use crate::features::{Features, Group, rate};
use code::Class;
use signatures::Book;

/// Bytes taken in per processor second, log10, up to which hash functions and ciphers work on next to nothing: they
/// go through 20 to 4,000 MB in that time.
const UNFED_LOG10: f64 = 5.0;
/// The same, from which on they work on data: 5 MB, a quarter of what a slow one manages.
const FED_LOG10: f64 = 6.7;
/// Instructions made for hashes and ciphers stand among others that feed them; a quarter of them is all of the work.
const FULL_SHARE: f64 = 0.25;

/// Hash functions and ciphers by their primitive in the book. Checks of integrity are none.
const DIGESTS: [&str; 24] = [
    "sha256",
    "sha512",
    "sha2-iv32",
    "sha2-iv64",
    "sha1",
    "sha1-ripemd",
    "ripemd160",
    "md5",
    "md-roots",
    "sm3",
    "tiger",
    "streebog",
    "whirlpool",
    "keccak",
    "blake3",
    "blake512",
    "blake2b",
    "aes-table",
    "chacha",
    "des",
    "blowfish",
    "twofish",
    "camellia",
    "bcrypt",
];

impl Features {
    /// Adds what two readings say together.
    pub(crate) fn products(&mut self, part: &Component) {
        self.hashes(part);
        self.numbers(part);
    }

    /// Hashing and ciphering beside what was taken in: who searches or mines makes up what it hashes.
    fn hashes(&mut self, part: &Component) {
        let (hashing, quiet) = (hashing(part), quietness(part));
        self.put(Group::DataRate, "hashing:of-nothing", hashing * quiet);
        self.put(Group::DataRate, "hashing:of-data", hashing * (1.0 - quiet));
        let (digest, unfed) = (digest(part), unfed(part));
        self.put(Group::DataRate, "digest:unfed", digest * unfed);
        self.put(Group::DataRate, "digest:fed", digest * (1.0 - unfed));
    }

    /// Kinds of arithmetic that only several instructions together make out.
    fn numbers(&mut self, part: &Component) {
        let linear = part.class(Class::Fma) + part.class(Class::FloatMultiply) + part.class(Class::Dot);
        let wide = part.class(Class::WideMultiply) + part.class(Class::Carry) + part.class(Class::Ifma);
        self.put(Group::HotCode, "linear:single", linear.sqrt() * part.hot.single.sqrt());
        self.put(Group::HotCode, "linear:double", linear.sqrt() * part.hot.double.sqrt());
        self.put(Group::HotCode, "field:wide", wide.sqrt());
        let jit = part.class(Class::RoundingMode).sqrt() * part.hot.anonymous;
        self.put(Group::HotCode, "jit:rounding", (4.0 * jit).min(1.0));
        // Engines over columns and indexes compare whole vectors and count the bits of the outcome.
        let compare = part.class(Class::Compare) + part.class(Class::VectorCompare);
        let counted = (part.class(Class::BitCount) * compare).sqrt();
        self.put(Group::HotCode, "compares:counted", (4.0 * counted).min(1.0));
    }
}

/// 1 when next to nothing is read or received per processor second, 0 where there is data to work on.
fn unfed(part: &Component) -> f64 {
    let totals = &part.totals;
    let taken = totals.read.max(totals.disk_read).saturating_add(totals.received);
    let rate = (1.0 + taken as f64 / part.seconds.max(0.01)).log10();
    ((FED_LOG10 - rate) / (FED_LOG10 - UNFED_LOG10)).clamp(0.0, 1.0)
}

/// How much of the work is hashing or ciphering, 0 to 1: by instructions made for it, by constants, or half as sure
/// by the mixing of bits.
fn digest(part: &Component) -> f64 {
    let made = part.class(Class::Sha) + part.class(Class::Sha512) + part.class(Class::Aes);
    let book = Book::shipped();
    let is_digest = |name: &str| book.constant(name).is_some_and(|c| DIGESTS.contains(&c.primitive.as_str()));
    let beside = part.constants.iter().filter(|(name, _)| is_digest(name)).map(|(_, share)| share.sqrt());
    let known = beside.fold(0.0, f64::max);
    (made / FULL_SHARE).min(1.0).max(known).max(hashing(part) / 2.0)
}

/// Part of the decoded instructions that mix bits the way hash functions do, 0 to 1.
pub(crate) fn hashing(part: &Component) -> f64 {
    [
        Class::Xor,
        Class::Rotate,
        Class::Shift,
        Class::Logic,
        Class::Sha,
        Class::Sha512,
        Class::Aes,
        Class::VectorXor,
        Class::VectorRotate,
        Class::VectorShift,
        Class::VectorLogic,
    ]
    .into_iter()
    .map(|class| part.class(class))
    .sum::<f64>()
    .min(1.0)
}

/// 1 when next to nothing is read, written, sent or received per processor second, 0 from 100 MB/s on.
pub(crate) fn quietness(part: &Component) -> f64 {
    let t = &part.totals;
    (1.0 - rate(t.read + t.written + t.sent + t.received, part.seconds)).max(0.0)
}
