//! Signatures of persons: the form that `ssh-keygen -Y sign` writes (OpenSSH, PROTOCOL.sshsig), by Ed25519 keys in a file or on a
//! security key. People have such keys, and whoever is handed a document can check its signature without overt.
//!
//! Must not say who somebody is: a signature names a key, and whose it is has to be known from elsewhere.

use crate::bytes::Digest;
use crate::key::{Key, KeyError};
use ssh_key::public::KeyData;
use ssh_key::{HashAlg, LineEnding, SshSig};
use std::fmt;

/// What filings are signed as: `ssh-keygen -Y sign -n overt.filing`. A signature for something else is none for a filing.
pub const FILING: &str = "overt.filing";
/// Most bytes of a signature in its armour. One by a security key has about 400.
pub const MAX_SIGNATURE: usize = 4 << 10;
/// Bytes of an Ed25519 signature (RFC 8032).
const ED25519: usize = 64;
/// The flag of a security key that somebody touched it (OpenSSH, PROTOCOL.u2f).
const PRESENT: u8 = 1;

/// The key that signed, as `ssh-keygen -l` names it: `SHA256:…`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fingerprint(String);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a signature of a person is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PersonError {
    /// Longer than any is.
    #[error("signature of {found} bytes, expected at most {MAX_SIGNATURE}")]
    Length {
        /// What was found.
        found: usize,
    },
    /// Not in the form.
    #[error("not a signature as `ssh-keygen -Y sign` writes it: {why}")]
    Form {
        /// What the reader says.
        why: String,
    },
    /// For something else.
    #[error("signature for '{found}', expected '{expected}' (ssh-keygen -Y sign -n {expected})")]
    Purpose {
        /// What was found.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
    /// Of a kind that is not checked here.
    #[error("signature by a key of kind {found}, expected ssh-ed25519 or sk-ssh-ed25519@openssh.com")]
    Kind {
        /// What was found.
        found: String,
    },
    /// A key that may not sign.
    #[error("signature of a person: {0}")]
    Key(#[from] KeyError),
    /// A security key that nobody touched.
    #[error("the security key did not ask for a touch, expected one for each signature")]
    Untouched,
    /// Of another document, or by another key.
    #[error("the signature by {by} is not of this document")]
    Wrong {
        /// Whose it says to be.
        by: Fingerprint,
    },
}

/// The key that a signature names, without checking anything: for showing what was checked before.
///
/// # Errors
///
/// [`PersonError`]: no signature at all.
pub fn key_of(signature: &str) -> Result<Fingerprint, PersonError> {
    read(signature).map(|read| fingerprint(&read))
}

/// Checks the signature of a document, for what `purpose` names; gives the key that signed.
///
/// # Errors
///
/// [`PersonError`].
pub fn signed_by(
    signature: &str,
    purpose: &'static str,
    document: &[u8],
) -> Result<Fingerprint, PersonError> {
    let read = read(signature)?;
    if read.namespace() != purpose {
        let found = read.namespace().chars().filter(|c| !c.is_control()).take(64).collect();
        return Err(PersonError::Purpose { found, expected: purpose });
    }
    let by = fingerprint(&read);
    let message = SshSig::signed_data(purpose, read.hash_alg(), document).map_err(form)?;
    let (key, message) = signed(&read, message)?;
    let bytes = read.signature_bytes().get(..ED25519).and_then(|b| <[u8; ED25519]>::try_from(b).ok());
    let holds = bytes.is_some_and(|bytes| key.verify(&message, &bytes));
    if holds { Ok(by) } else { Err(PersonError::Wrong { by }) }
}

fn form(error: ssh_key::Error) -> PersonError {
    PersonError::Form { why: error.to_string() }
}

/// Reads the armour. The reader itself holds a signature to the one length that its kind has.
fn read(signature: &str) -> Result<SshSig, PersonError> {
    if signature.len() > MAX_SIGNATURE {
        return Err(PersonError::Length { found: signature.len() });
    }
    let read = SshSig::from_pem(signature).map_err(form)?;
    // The reader passes over lengths that say too much; what is written otherwise is refused.
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    if bare(&read.to_pem(LineEnding::LF).map_err(form)?) != bare(signature) {
        return Err(PersonError::Form { why: "it is not written in its one form".to_owned() });
    }
    if read.signature().algorithm() != read.public_key().algorithm() {
        return Err(PersonError::Form { why: "key and signature are of two kinds".to_owned() });
    }
    Ok(read)
}

fn fingerprint(read: &SshSig) -> Fingerprint {
    Fingerprint(read.public_key().fingerprint(HashAlg::Sha256).to_string())
}

/// The key, and what it signed: a security key adds what it was used for, that it was touched, and a counter.
fn signed(read: &SshSig, message: Vec<u8>) -> Result<(Key, Vec<u8>), PersonError> {
    match read.public_key() {
        KeyData::Ed25519(key) => Ok((Key::from_bytes(key.as_ref())?, message)),
        KeyData::SkEd25519(key) => {
            let trailer = read.signature_bytes().get(ED25519..).unwrap_or_default();
            if trailer.first().is_none_or(|flags| flags & PRESENT == 0) {
                return Err(PersonError::Untouched);
            }
            let used_for = Digest::of(key.application().as_bytes());
            let whole = [&used_for.0, trailer, &Digest::of(&message).0].concat();
            Ok((Key::from_bytes(key.public_key().as_ref())?, whole))
        }
        other => Err(PersonError::Kind { found: other.algorithm().to_string() }),
    }
}
