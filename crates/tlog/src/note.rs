//! Signed notes: a text and the signatures under it (signed-note).
//!
//! Must not know what the text says.

use crate::key::{KeyError, KeyKind, Standing, VerifierKey, check_name, key_id};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_zebra::{SigningKey, VerificationKeyBytes};

/// Most bytes of a note's text.
pub const MAX_TEXT: usize = 64 * 1024;
/// Most signatures under a note; the document wants at least 16 accepted.
pub const MAX_SIGNATURES: usize = 64;
/// Most bytes of one signature, key ID included; the document expects up to nearly 5 kB.
pub const MAX_SIGNATURE: usize = 5 * 1024;
/// Most bytes of a whole note.
pub const MAX_NOTE: usize = 512 * 1024;

/// What opens a signature line.
const MARK: &str = "\u{2014} ";

/// A signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    /// Name of the key.
    pub name: String,
    /// ID of the key.
    pub id: u32,
    /// What the key signed with: the bytes after the ID; at least one.
    pub bytes: Vec<u8>,
}

/// A text with signatures, none of which has been looked at yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// Why bytes are no note, or a note is not to be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Longer than [`MAX_NOTE`], or a text longer than [`MAX_TEXT`].
    #[error("the note is longer than {MAX_NOTE} bytes, or its text than {MAX_TEXT}")]
    TooLong,
    /// Not text, or text with control characters.
    #[error("the note is not UTF-8 without control characters but newline")]
    Characters,
    /// No text, empty line and signature lines.
    #[error("this is no signed note, expected a text, an empty line, and signature lines")]
    Form,
    /// A line under the text that is no signature.
    #[error("line {0} under the text is no signature, expected a dash, name, and base64")]
    Signature(usize),
    /// More signatures than are looked at.
    #[error("the note has more than {MAX_SIGNATURES} signatures")]
    TooMany,
    /// A name that no signature can carry.
    #[error(transparent)]
    Name(#[from] KeyError),
    /// A signature of a known key that is none.
    #[error("the signature of {0:?} does not fit the text")]
    Forged(String),
    /// No signature of a known key.
    #[error("the note has no signature of a known key")]
    Unsigned,
}

/// A known key that a note bears a good signature of, or one that cannot be checked here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified<'k> {
    /// The key.
    pub key: &'k VerifierKey,
    /// [`Standing::Bad`] never occurs here.
    pub standing: Standing,
}

impl NoteSignature {
    /// The line, newline included.
    #[must_use]
    pub fn line(&self) -> String {
        let bytes = [&self.id.to_be_bytes(), self.bytes.as_slice()].concat();
        format!("{MARK}{} {}\n", self.name, STANDARD.encode(bytes))
    }

    /// Reads lines, each with its newline: what is under a note's text, or what a witness answers with.
    ///
    /// # Errors
    ///
    /// [`NoteError`] if a line is no signature, or there is none or too many.
    pub fn read_lines(lines: &str) -> Result<Vec<Self>, NoteError> {
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Form)?;
        let mut signatures = Vec::new();
        for (at, line) in lines.split('\n').enumerate() {
            if at >= MAX_SIGNATURES {
                return Err(NoteError::TooMany);
            }
            signatures.push(read_line(line).ok_or(NoteError::Signature(at + 1))?);
        }
        Ok(signatures)
    }

    pub(crate) fn of(name: &str, kind: KeyKind, public: &[u8], bytes: Vec<u8>) -> Result<Self, KeyError> {
        check_name(name)?;
        Ok(Self { name: name.to_owned(), id: key_id(name, kind.byte(), public), bytes })
    }
}

fn read_line(line: &str) -> Option<NoteSignature> {
    let (name, encoded) = line.strip_prefix(MARK)?.split_once(' ')?;
    check_name(name).ok()?;
    if encoded.len() > MAX_SIGNATURE.div_ceil(3) * 4 {
        return None;
    }
    let bytes = STANDARD.decode(encoded).ok()?;
    let (id, bytes) = bytes.split_first_chunk::<4>().filter(|(_, bytes)| !bytes.is_empty())?;
    Some(NoteSignature { name: name.to_owned(), id: u32::from_be_bytes(*id), bytes: bytes.to_vec() })
}

impl Note {
    /// A note that nobody has signed yet. The text ends in a newline.
    ///
    /// # Errors
    ///
    /// [`NoteError`] if it is too long, does not end in a newline, or has control characters.
    pub fn new(text: String) -> Result<Self, NoteError> {
        if text.len() > MAX_TEXT {
            return Err(NoteError::TooLong);
        }
        if text.contains(|c: char| c < ' ' && c != '\n') {
            return Err(NoteError::Characters);
        }
        if !text.ends_with('\n') {
            return Err(NoteError::Form);
        }
        Ok(Self { text, signatures: Vec::new() })
    }

    /// Reads a note.
    ///
    /// # Errors
    ///
    /// [`NoteError`] if it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE {
            return Err(NoteError::TooLong);
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| NoteError::Characters)?;
        // The last empty line parts text and signatures; texts may have empty lines of their own.
        let end = whole.rfind("\n\n").ok_or(NoteError::Form)?;
        let (text, lines) = whole.split_at_checked(end + 1).ok_or(NoteError::Form)?;
        let note = Self::new(text.to_owned())?;
        let lines = lines.strip_prefix('\n').ok_or(NoteError::Form)?;
        Ok(Self { signatures: NoteSignature::read_lines(lines)?, ..note })
    }

    /// The text that is signed, final newline included. Believe it only after [`Note::verify`].
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, in their order.
    #[must_use]
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds a signature of type 0x01, as a log signs.
    ///
    /// # Errors
    ///
    /// [`NoteError`] if the name cannot stand in a note or there are too many signatures.
    pub fn sign(&mut self, name: &str, key: &SigningKey) -> Result<(), NoteError> {
        let bytes = key.sign(self.text.as_bytes()).to_bytes().to_vec();
        let public = VerificationKeyBytes::from(key);
        self.add(NoteSignature::of(name, KeyKind::Log, public.as_ref(), bytes)?)
    }

    /// Adds a signature made elsewhere, unless the very same is there.
    ///
    /// # Errors
    ///
    /// [`NoteError::TooMany`].
    pub fn add(&mut self, signature: NoteSignature) -> Result<(), NoteError> {
        if self.signatures.contains(&signature) {
            return Ok(());
        }
        if self.signatures.len() >= MAX_SIGNATURES {
            return Err(NoteError::TooMany);
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// What the note's signatures by this key come to; none if it bears none. One bad signature makes all bad; of
    /// several cosignatures the latest counts.
    #[must_use]
    pub fn standing(&self, key: &VerifierKey) -> Option<Standing> {
        let by_key = self.signatures.iter().filter(|s| s.id == key.id() && s.name == key.name());
        by_key.map(|signature| key.check(&self.text, &signature.bytes)).reduce(|one, other| {
            match (one, other) {
                (Standing::Cosigned(a), Standing::Cosigned(b)) => Standing::Cosigned(a.max(b)),
                (Standing::Bad, _) | (_, Standing::Bad) => Standing::Bad,
                (one, _) => one,
            }
        })
    }

    /// The known keys that signed. Signatures of other keys are passed over.
    ///
    /// # Errors
    ///
    /// [`NoteError::Forged`] if a signature of a known key does not fit, [`NoteError::Unsigned`] if no signature of a
    /// known key could be checked and fits.
    pub fn verify<'k>(&self, keys: &'k [VerifierKey]) -> Result<Vec<Verified<'k>>, NoteError> {
        let standings = keys.iter().filter_map(|key| Some(Verified { key, standing: self.standing(key)? }));
        let found: Vec<Verified<'k>> = standings.collect();
        if let Some(bad) = found.iter().find(|verified| verified.standing == Standing::Bad) {
            return Err(NoteError::Forged(bad.key.name().to_owned()));
        }
        if found.iter().all(|verified| verified.standing == Standing::Unchecked) {
            return Err(NoteError::Unsigned);
        }
        Ok(found)
    }
}

impl std::fmt::Display for Note {
    /// The bytes that [`Note::parse`] reads.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\n{}", self.text, self.signatures.iter().map(NoteSignature::line).collect::<String>())
    }
}
