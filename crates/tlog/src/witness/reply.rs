//! What a log makes of a witness's answer to `add-checkpoint` (tlog-witness).
//!
//! Must not send anything.

use crate::checkpoint::SignedCheckpoint;
use crate::key::{Standing, VerifierKey};
use crate::note::{MAX_NOTE, NoteError, NoteSignature};
use crate::number::decimal;

/// A witness's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Good cosignatures of known keys, to be added to the checkpoint; at least one.
    Cosigned(Vec<NoteSignature>),
    /// The witness last cosigned a checkpoint of this size: ask again with a proof from there. If that is the size that
    /// was asked for, the witness holds another root of it, which is a fork.
    LastSize(u64),
}

/// Why a witness's answer is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// It refused.
    #[error("the witness answered {status}: {why}")]
    Refused {
        /// Status code of HTTP.
        status: u16,
        /// The beginning of what it said.
        why: String,
    },
    /// Not what the document says an answer is.
    #[error("the witness's answer cannot be read: {0}")]
    Form(#[from] NoteError),
    /// A conflict without a size.
    #[error("the witness answered 409 without the size it has")]
    NoSize,
}

/// Longest part of a refusal that is kept, characters.
const MAX_WHY: usize = 200;

/// Reads a witness's answer to a request for this checkpoint. Cosignatures of keys that are not among `keys`, or that
/// cannot be checked here, are passed over.
///
/// # Errors
///
/// [`ReplyError`]: it refused, or no good cosignature of a known key is there.
pub fn read_reply(
    status: u16,
    body: &[u8],
    checkpoint: &SignedCheckpoint,
    keys: &[VerifierKey],
) -> Result<Reply, ReplyError> {
    if body.len() > MAX_NOTE {
        return Err(NoteError::TooLong.into());
    }
    match status {
        200 => cosignatures(body, checkpoint, keys).map(Reply::Cosigned),
        409 => size(body).map(Reply::LastSize).ok_or(ReplyError::NoSize),
        _ => {
            let text = String::from_utf8_lossy(body);
            let why = text.trim().chars().filter(|c| !c.is_control()).take(MAX_WHY).collect();
            Err(ReplyError::Refused { status, why })
        }
    }
}

fn size(body: &[u8]) -> Option<u64> {
    decimal(std::str::from_utf8(body).ok()?.strip_suffix('\n')?)
}

fn cosignatures(
    body: &[u8],
    checkpoint: &SignedCheckpoint,
    keys: &[VerifierKey],
) -> Result<Vec<NoteSignature>, ReplyError> {
    let text = checkpoint.note().text();
    let lines = std::str::from_utf8(body).map_err(|_| NoteError::Characters)?;
    let mut good = Vec::new();
    for signature in NoteSignature::read_lines(lines)? {
        let key = keys.iter().find(|key| key.id() == signature.id && key.name() == signature.name);
        match key.map(|key| key.check(text, &signature.bytes)) {
            Some(Standing::Cosigned(_)) => good.push(signature),
            Some(Standing::Bad) => return Err(NoteError::Forged(signature.name).into()),
            _ => {}
        }
    }
    if good.is_empty() { Err(NoteError::Unsigned.into()) } else { Ok(good) }
}
