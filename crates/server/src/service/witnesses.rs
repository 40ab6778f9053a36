//! Asking witnesses for cosignatures (C2SP tlog-witness): each is sent the checkpoint with a proof that the log only grew.

use super::Inner;
use std::sync::PoisonError;
use std::time::Duration;
use tlog::witness::{Reply, Request, read_reply};
use tlog::{Party, SignedCheckpoint, VerifierKey};

/// How long one witness may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How often a witness is asked anew when it knows another size than we thought.
const ATTEMPTS: usize = 3;

/// The checkpoint with the cosignatures of all witnesses of the policy that could be reached.
pub fn collect(inner: &Inner, checkpoint: &SignedCheckpoint) -> SignedCheckpoint {
    let mut cosigned = checkpoint.clone();
    for witness in inner.config.policy.witnesses() {
        let Some(url) = witness.url() else { continue };
        match ask(inner, witness, url, checkpoint) {
            Ok(signatures) => {
                for signature in signatures {
                    // A signature that is there already, or one too many, changes nothing.
                    let _ = cosigned.add(signature);
                }
                inner.watching.witnessed(&witness.name(), Ok(checkpoint.checkpoint().size));
            }
            Err(why) => inner.watching.witnessed(&witness.name(), Err(why)),
        }
    }
    cosigned
}

fn ask(
    inner: &Inner,
    witness: &Party,
    url: &str,
    checkpoint: &SignedCheckpoint,
) -> Result<Vec<tlog::NoteSignature>, String> {
    let size = checkpoint.checkpoint().size;
    let keys: [VerifierKey; 1] = [witness.key().clone()];
    let address = format!("{}/add-checkpoint", url.trim_end_matches('/'));
    for _ in 0..ATTEMPTS {
        let old = inner.watching.witness_size(&witness.name()).min(size);
        let proof = inner.registry.consistency(old, size).map_err(|e| e.to_string())?;
        let request = Request { old, proof, checkpoint: checkpoint.clone() };
        let (status, body) = post(&address, &request.to_string())?;
        match read_reply(status, &body, checkpoint, &keys).map_err(|e| e.to_string())? {
            Reply::Cosigned(signatures) => return Ok(signatures),
            Reply::LastSize(known) if known > size => {
                return Err(format!(
                    "has cosigned {known} leaves of this log, which has {size}: was the store rolled back?"
                ));
            }
            Reply::LastSize(known) => inner.watching.set_witness_size(&witness.name(), known),
        }
    }
    Err("keeps naming another size".to_owned())
}

fn post(address: &str, body: &str) -> Result<(u16, Vec<u8>), String> {
    let config = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).http_status_as_error(false);
    let agent: ureq::Agent = config.build().into();
    let mut answer = agent.post(address).send(body).map_err(|e| e.to_string())?;
    let status = answer.status().as_u16();
    let limit = u64::try_from(tlog::MAX_NOTE).unwrap_or(u64::MAX);
    let body = answer.body_mut().with_config().limit(limit).read_to_vec().map_err(|e| e.to_string())?;
    Ok((status, body))
}

impl Inner {
    /// The log's own key, which the policy need not name.
    pub(crate) fn own_key(&self) -> Vec<VerifierKey> {
        let key = ed25519_zebra::VerificationKey::from(&self.config.key);
        VerifierKey::log(&self.config.origin, key.into()).into_iter().collect()
    }
}

/// Keeps the poisoned-lock rule in one place for this module's users.
pub(crate) fn unpoisoned<T>(result: Result<T, PoisonError<T>>) -> T {
    result.unwrap_or_else(PoisonError::into_inner)
}
