//! Fixed-length byte strings, each with its own type: shown in hexadecimal, CBOR byte strings on the wire.

use minicbor::bytes::ByteArray;
use minicbor::decode::{Decoder, Error};
use minicbor::encode::{self, Encoder, Write};
use minicbor::{Decode, Encode};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// Text that is not the hexadecimal form of so many bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("found {found} characters that are not the expected {expected} hexadecimal digits")]
pub struct NotHex {
    /// How many characters there were.
    pub found: usize,
    /// How many digits were expected.
    pub expected: usize,
}

macro_rules! fixed {
    ($(#[$doc:meta])* $name:ident, $length:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $length]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = NotHex;

            fn from_str(text: &str) -> Result<Self, NotHex> {
                from_hex(text).map(Self)
            }
        }

        impl<C> Encode<C> for $name {
            fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> Decode<'b, C> for $name {
            fn decode(d: &mut Decoder<'b>, context: &mut C) -> Result<Self, Error> {
                ByteArray::<$length>::decode(d, context).map(|bytes| Self(bytes.into()))
            }
        }
    };
}

fixed!(
    /// A SHA-256 digest.
    Digest, 32
);
fixed!(
    /// A device: the first 16 bytes of the SHA-256 of the public key that it was first enrolled with. Keys rotate, it stays.
    DeviceId, 16
);
fixed!(
    /// A key: the first 8 bytes of the SHA-256 of the public key. Finds it, vouches for nothing.
    KeyId, 8
);
fixed!(
    /// Random bytes under a signature, so that what is signed cannot be guessed from its hash.
    Nonce, 16
);
fixed!(
    /// One workload on one device, the same for as long as it keeps its name and kind.
    WorkloadId, 8
);

impl Digest {
    /// No digest: what comes before the first.
    pub const NONE: Self = Self([0; 32]);

    /// SHA-256 of bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The hash of a leaf of a Merkle tree, `SHA-256(0x00 || bytes)` (RFC 9162, section 2.1.1).
    #[must_use]
    pub fn leaf(bytes: &[u8]) -> Self {
        Self(Sha256::new().chain_update([0]).chain_update(bytes).finalize().into())
    }

    /// Its first bytes.
    pub(crate) fn first<const N: usize>(&self) -> [u8; N] {
        const { assert!(N <= 32, "a digest has 32 bytes") };
        std::array::from_fn(|i| self.0.get(i).copied().unwrap_or_default())
    }
}

impl WorkloadId {
    /// The workload of a kind and name on a device.
    #[must_use]
    pub fn of(device: DeviceId, unit: facts::UnitKind, name: &str) -> Self {
        let hash = Sha256::new().chain_update(device.0).chain_update(unit.name()).chain_update([0]);
        Self(Digest(hash.chain_update(name).finalize().into()).first())
    }
}

fn from_hex<const N: usize>(text: &str) -> Result<[u8; N], NotHex> {
    let wrong = || NotHex { found: text.chars().count(), expected: N * 2 };
    if text.len() != N * 2 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    let mut out = [0; N];
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).map_err(|_| wrong())?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
    }
    Ok(out)
}
