//! Replacing the device's key at a registry, safe to be cut short at every step.
//!
//! Must not make keys: that is `key`.

use crate::api::{Registry, Trouble};
use crate::daemon::AgentError;
use crate::key::Keys;

/// Begins or finishes the replacement of the key.
///
/// The new key is on the disk before it is sent. If the answer was lost, the same key is sent again; if the registry no longer
/// takes the old key's word, the new key is asked to replace itself, which holds only if it is the device's key already.
///
/// # Errors
///
/// [`AgentError`]; both keys are then still there, and this can be done again.
pub fn replace_key<R: Registry>(keys: &mut Keys, registry: &R, at_ms: u64) -> Result<(), AgentError> {
    let request = keys.replace(at_ms)?;
    if let Err(trouble) = registry.replace_key(keys.device(), &request) {
        let refused = matches!(trouble, Trouble::Refused { .. });
        let already = keys.replaced_already(at_ms).filter(|_| refused);
        let taken = already.is_some_and(|request| registry.replace_key(keys.device(), &request).is_ok());
        if !taken {
            return Err(AgentError::Replacing(trouble));
        }
    }
    Ok(keys.replaced()?)
}
