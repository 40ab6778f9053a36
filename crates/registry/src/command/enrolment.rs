//! Who is let in, with which key, and until when.
//!
//! Must not believe a request that no key of the device has signed.

use super::{CommandError, short, unknown};
use crate::state::State;
use statement::{Body, DeviceId, Digest, Enrol, Enrolled, Key, Name, Revoked, Rotate, Rotated, Site};

/// By how much the time of a request may differ from the registry's clock, in milliseconds: one day, since devices wait.
const REQUEST_MS: u64 = 86_400_000;

pub(super) fn enrol(state: &State, request: &[u8], now_ms: u64) -> Result<Body, CommandError> {
    let (request, key) = Enrol::open(request)?;
    timely(request.at_ms, now_ms)?;
    let site = state.site(&request.site).ok_or_else(|| unknown("site", &request.site))?;
    let device = key.device();
    if state.devices.contains_key(&device) || state.keys.contains_key(&key.id()) {
        return Err(CommandError::Exists { what: "device", name: device.to_string() });
    }
    let token = match (&request.token, &request.vouch) {
        (Some(token), _) => Some(admitting(state, token, site, now_ms)?),
        (None, Some(_)) => None,
        (None, None) => return Err(CommandError::Nobody),
    };
    if let Some(vouch) = &request.vouch {
        let authority = state.authorities.get(&vouch.voucher).filter(|a| a.operator == site.operator);
        let authority = authority.ok_or_else(|| unknown("authority", &vouch.voucher))?;
        authority.key.verify(&Enrol::vouched(&request.key, &request.site, &request.label), vouch)?;
    }
    let (key, site, label, vouch) = (request.key, request.site, request.label, request.vouch);
    Ok(Body::Enrolled(Enrolled { device, key, site, label, token, vouch }))
}

/// The name of the one-time token whose text this is.
fn admitting(state: &State, text: &str, site: &Site, now_ms: u64) -> Result<Name, CommandError> {
    let why = |why| CommandError::Token { why };
    let secret = Digest::of(text.as_bytes());
    let token =
        state.tokens.values().find(|t| t.secret == secret).ok_or(why("it is not known, or has been used"))?;
    let sited = token.sites.is_empty() || token.sites.contains(&site.id);
    match () {
        () if token.role != "enrolment" => Err(why("it is not one for enrolment")),
        () if token.uses == 0 => Err(why("it has been used")),
        () if token.until_ms.is_some_and(|until| until < now_ms) => Err(why("it has ended")),
        () if token.operator.as_ref().is_some_and(|o| *o != site.operator) || !sited => {
            Err(why("it is for another operator or site"))
        }
        () => Ok(token.id.clone()),
    }
}

pub(super) fn rotate(state: &State, bytes: Vec<u8>, now_ms: u64) -> Result<Body, CommandError> {
    // A request that came before, sent again because nobody said that it had: the old key does not count any more.
    if let Some(key) = Rotate::key(&bytes)?.filter(|key| state.keys.contains_key(key)) {
        return Err(CommandError::Exists { what: "key", name: key.to_string() });
    }
    let present = |id: DeviceId| -> Option<Key> { state.devices.get(&id).and_then(|d| d.key()).copied() };
    let (request, key) = Rotate::open(&bytes, present)?;
    timely(request.at_ms, now_ms)?;
    if state.keys.contains_key(&key.id()) {
        return Err(CommandError::Exists { what: "key", name: key.id().to_string() });
    }
    Ok(Body::Rotated(Rotated { device: request.device, key: request.key, request: bytes }))
}

fn timely(at_ms: u64, now_ms: u64) -> Result<(), CommandError> {
    if at_ms.abs_diff(now_ms) <= REQUEST_MS { Ok(()) } else { Err(CommandError::Time { found_ms: at_ms }) }
}

pub(super) fn revoke(state: &State, revoked: Revoked) -> Result<Body, CommandError> {
    short("reason", &revoked.why)?;
    let device = state.devices.get(&revoked.device).ok_or_else(|| unknown("device", &revoked.device))?;
    if let Some(key) = revoked.key
        && !device.keys.iter().any(|k| k.key.id() == key)
    {
        return Err(unknown("key", &key));
    }
    Ok(Body::Revoked(revoked))
}
