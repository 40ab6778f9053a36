//! Cosignatures of type 0x04: a witness signs a checkpoint together with the time it saw it (tlog-cosignature).
//!
//! Must not decide whether the tree grew: that is `witness`.

use crate::checkpoint::Checkpoint;
use crate::key::{KeyError, KeyKind, Standing};
use crate::note::NoteSignature;
use crate::proof::MAX_SIZE;
use ed25519_zebra::{Signature, SigningKey, VerificationKey, VerificationKeyBytes};

/// Largest time: 2^63 - 1 seconds since 1970-01-01T00:00:00Z (tlog-cosignature, "Format").
const MAX_TIME: u64 = MAX_SIZE;

/// Cosigns the text of a checkpoint. `time` is in seconds since 1970-01-01T00:00:00Z, at most 2^63 - 1 (later ones are
/// written as that).
///
/// # Errors
///
/// [`KeyError::Name`] if the name cannot stand in a note.
pub fn cosign(
    checkpoint: &Checkpoint,
    name: &str,
    key: &SigningKey,
    time: u64,
) -> Result<NoteSignature, KeyError> {
    let time = time.min(MAX_TIME);
    let signature = key.sign(message(&checkpoint.to_string(), time).as_bytes());
    let bytes = [time.to_be_bytes().as_slice(), &signature.to_bytes()].concat();
    NoteSignature::of(name, KeyKind::Cosigner, VerificationKeyBytes::from(key).as_ref(), bytes)
}

/// What a witness's key has to say of a signature over this text.
pub(crate) fn check(key: &VerificationKey, text: &str, bytes: &[u8]) -> Standing {
    let Some((time, signature)) = bytes.split_first_chunk::<8>() else {
        return Standing::Bad;
    };
    let time = u64::from_be_bytes(*time);
    match Signature::from_slice(signature) {
        // What is cosigned is a checkpoint: the same bytes under another text mean nothing.
        Ok(signature)
            if time <= MAX_TIME
                && Checkpoint::from_text(text).is_ok()
                && key.verify(&signature, message(text, time).as_bytes()).is_ok() =>
        {
            Standing::Cosigned(time)
        }
        _ => Standing::Bad,
    }
}

fn message(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}
