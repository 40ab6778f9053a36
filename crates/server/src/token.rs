//! Bearer tokens: `ovt_<name>_<secret>`, the secret 32 random bytes in hexadecimal, shown once and never stored.
//!
//! What is stored is SHA-256 of the secret. A slow hash (Argon2 and its like) is for secrets that people choose and that can be
//! tried out; 256 random bits cannot, so that one fast hash is as safe and cannot be used to keep the registry busy.
//! Digests are compared in constant time.

use access::{Actor, Role};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt;
use std::sync::RwLock;
use subtle::ConstantTimeEq;

/// What a token begins with, so that scanners for leaked secrets find it.
const PREFIX: &str = "ovt_";
/// Bytes of a secret: 256 bits.
const SECRET_BYTES: usize = 32;
/// Most characters of a token's name: as many as the registry's names have.
const MAX_NAME: usize = 64;

/// What the registry holds of a token or client certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Its name, `a-z 0-9 . _ -`: what the audit log calls its holder.
    pub name: String,
    /// SHA-256 of the secret, or of the client certificate in DER.
    pub digest: [u8; 32],
    /// What it gives, resolved against the registry as it is now.
    pub actor: Actor,
    /// From when on it no longer counts; none for never.
    pub expires: Option<Timestamp>,
    /// What people call it.
    pub label: String,
}

/// Where tokens are kept. Called for every request on the threads that serve them: answers come from memory.
/// Whatever was revoked is not found.
pub trait Tokens: Send + Sync {
    /// The token of this name.
    fn named(&self, name: &str) -> Option<Credential>;

    /// What a client certificate stands for, by SHA-256 of its DER form. TLS has checked it against the authorities already.
    fn certified(&self, digest: &[u8; 32]) -> Option<Credential>;
}

/// A token that was just made. Its text holds the secret: it is shown once, to whoever asked for it.
pub struct NewToken {
    name: String,
    secret: [u8; SECRET_BYTES],
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// A name that is none.
    #[error("'{0}' is not a name for a token: expected 1 to 64 of a-z 0-9 . _ -")]
    Name(String),
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes: {0}")]
    Randomness(String),
}

impl NewToken {
    /// Makes a token of this name.
    ///
    /// # Errors
    ///
    /// [`TokenError`] if the name is none, or without randomness.
    pub fn make(name: &str) -> Result<Self, TokenError> {
        if !is_name(name) {
            return Err(TokenError::Name(name.chars().take(MAX_NAME).collect()));
        }
        let mut secret = [0; SECRET_BYTES];
        getrandom::fill(&mut secret).map_err(|e| TokenError::Randomness(e.to_string()))?;
        Ok(Self { name: name.to_owned(), secret })
    }

    /// What is stored of it.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.secret).into()
    }

    /// The whole token, with its secret.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}_{}", self.name, hexadecimal(&self.secret))
    }
}

impl fmt::Debug for NewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewToken({})", self.name)
    }
}

/// A token as somebody presented it: only its form has been checked.
pub struct Presented {
    /// Its name.
    pub name: String,
    digest: [u8; 32],
}

impl Presented {
    /// Reads `ovt_<name>_<secret>`; none if it is not of that form.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (name, secret) = text.strip_prefix(PREFIX)?.rsplit_once('_')?;
        let secret = from_hexadecimal(secret)?;
        is_name(name).then(|| Self { name: name.to_owned(), digest: Sha256::digest(secret).into() })
    }

    /// Whether the secret is the one of this credential, in constant time.
    #[must_use]
    pub fn matches(&self, credential: &Credential) -> bool {
        self.digest.ct_eq(&credential.digest).into()
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Presented({})", self.name)
    }
}

/// Tokens in memory: for one process, and for tests.
#[derive(Debug, Default)]
pub struct MemoryTokens {
    named: RwLock<HashMap<String, Credential>>,
}

impl MemoryTokens {
    /// Makes a token and keeps its digest; gives its text.
    ///
    /// # Errors
    ///
    /// [`TokenError`].
    pub fn issue(&self, name: &str, actor: Actor, expires: Option<Timestamp>) -> Result<String, TokenError> {
        let token = NewToken::make(name)?;
        let label = actor.role().to_string();
        self.keep(Credential { name: name.to_owned(), digest: token.digest(), actor, expires, label });
        Ok(token.reveal())
    }

    /// Keeps a credential, in the place of one of the same name.
    pub fn keep(&self, credential: Credential) {
        let mut named = self.named.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        named.insert(credential.name.clone(), credential);
    }

    fn find(&self, is: impl Fn(&Credential) -> bool) -> Option<Credential> {
        let named = self.named.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        named.values().find(|credential| is(credential)).cloned()
    }
}

impl Tokens for MemoryTokens {
    fn named(&self, name: &str) -> Option<Credential> {
        let named = self.named.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        named.get(name).cloned()
    }

    fn certified(&self, digest: &[u8; 32]) -> Option<Credential> {
        self.find(|credential| credential.digest == *digest && credential.actor.role() != Role::Nobody)
    }
}

fn is_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-'))
}

/// Lower-case hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    text
}

/// The bytes of hexadecimal digits, at most 1,024 of them.
pub(crate) fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    if !rest.is_empty() || pairs.len() > 512 {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

fn from_hexadecimal(text: &str) -> Option<[u8; SECRET_BYTES]> {
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let mut bytes = [0; SECRET_BYTES];
    if pairs.len() != SECRET_BYTES || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(tokens: &MemoryTokens, text: &str) -> bool {
        Presented::read(text).is_some_and(|p| tokens.named(&p.name).is_some_and(|c| p.matches(&c)))
    }

    #[test]
    fn a_token_is_known_by_its_secret_and_only_by_it() {
        let tokens = MemoryTokens::default();
        let text = tokens.issue("a_b.c-1", Actor::Administrator, None).unwrap();
        let other = NewToken::make("a_b.c-1").unwrap().reveal();
        assert!(kept(&tokens, &text));
        assert!(!kept(&tokens, &other), "another secret under the same name");
        assert!(!format!("{tokens:?}").contains(text.rsplit_once('_').unwrap().1), "the secret is stored");
    }

    #[test]
    fn what_is_not_a_token_is_not_read() {
        let secret = "0".repeat(64);
        let good = format!("ovt_a_{secret}");
        assert!(Presented::read(&good).is_some());
        for bad in [
            String::new(),
            "ovt_".into(),
            secret.clone(),
            format!("ovt__{secret}"),
            format!("ovx_a_{secret}"),
            format!("ovt_A_{secret}"),
            format!("ovt_a_{}", &secret[1..]),
            format!("ovt_a_{secret}0"),
            format!("ovt_a_{}g", &secret[1..]),
            format!("ovt_a_{}A", &secret[1..]),
            format!("ovt_{}_{secret}", "a".repeat(65)),
        ] {
            assert!(Presented::read(&bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn secrets_do_not_show_when_printed() {
        let token = NewToken::make("a").unwrap();
        let text = token.reveal();
        let secret = text.rsplit_once('_').unwrap().1;
        assert!(!format!("{token:?} {:?}", Presented::read(&text)).contains(secret));
    }
}
