//! Bundles: runs of sealed batches with their proofs, for whoever verifies offline.

use super::{Running, no_receipt, object_of};
use crate::app::App;
use crate::caller::Caller;
use crate::openapi::Octets;
use crate::problem::{Kind, Problem};
use crate::service::Service;
use access::{Action, Actor, Object};
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use statement::{Bundle, Envelope, Kept, Sheaf, Statement, to_cbor};
use std::collections::HashMap;
use utoipa::IntoParams;

/// Most batches of one bundle: at most 65,536 statements of the usual size.
const MAX_LEAVES: u64 = 256;
/// Most bytes of one bundle.
const MAX_BYTES: usize = 64 << 20;

/// Which batches.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Range {
    /// The first leaf of the log.
    pub first: u64,
    /// How many leaves, at most 256.
    #[param(minimum = 1, maximum = 256)]
    pub count: u64,
}

/// A run of sealed batches with their proofs. What the caller may not read stands as its hash: the proofs hold all the same.
#[utoipa::path(
    get, path = "/api/v1/bundle", tag = "statements", operation_id = "bundle", params(Range),
    responses(
        (status = 200, description = "A bundle, for `overt verify`", body = Octets, content_type = "application/vnd.overt.bundle"),
        (status = 400, description = "A question that makes no sense", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not sealed yet", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Too long for one bundle: ask for fewer leaves", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn read(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Query(range): Query<Range>,
) -> Result<Response, Problem> {
    if caller.actor == Actor::Nobody {
        return Err(Problem::new(Kind::Unauthenticated));
    }
    if !(1..=MAX_LEAVES).contains(&range.count) {
        return Err(Problem::with(
            Kind::Malformed,
            format!("count: found {}, expected 1 to {MAX_LEAVES}", range.count),
        ));
    }
    let may = app.clone();
    let bytes = app.blocking(move |_| write(&service, &may, &caller, &range)).await??;
    Ok(([(header::CONTENT_TYPE, "application/vnd.overt.bundle")], bytes).into_response())
}

fn write(service: &Service, app: &App, caller: &Caller, range: &Range) -> Result<Vec<u8>, Problem> {
    let note = String::from_utf8(service.registry().published().note).unwrap_or_default();
    let about = format!("leaves {} to {}", range.first, range.first.saturating_add(range.count) - 1);
    let mut out = piece(&to_cbor(&Bundle::new(note, about, range.count)));
    let mut known = HashMap::new();
    for leaf in range.first..range.first.saturating_add(range.count) {
        let mut sheaf = service.registry().sheaf(leaf).map_err(|e| no_receipt(&e))?;
        withhold(&mut sheaf, service, app, caller, &mut known);
        out.extend(piece(&to_cbor(&sheaf)));
        if out.len() > MAX_BYTES {
            return Err(Problem::with(
                Kind::TooLarge,
                format!("more than {MAX_BYTES} bytes; ask for fewer leaves"),
            ));
        }
    }
    Ok(out)
}

/// Puts hashes in the place of what the caller may not read.
fn withhold(
    sheaf: &mut Sheaf,
    service: &Service,
    app: &App,
    caller: &Caller,
    known: &mut HashMap<statement::DeviceId, bool>,
) {
    let all = caller.actor == Actor::Administrator;
    for entry in &mut sheaf.entries {
        let shown = match &*entry {
            Kept::Hash(_) => true,
            Kept::Record(bytes) => all || is_shown(bytes, service, app, caller),
            Kept::Statement(bytes) => speaker(bytes).is_some_and(|device| {
                *known.entry(device).or_insert_with(|| {
                    let object = object_of(&service.registry().core().state, device);
                    object.is_some_and(|object| app.may(caller, Action::ReadStatement, &object))
                })
            }),
        };
        if !shown {
            *entry = Kept::Hash(entry.leaf());
        }
    }
}

fn speaker(bytes: &[u8]) -> Option<statement::DeviceId> {
    let envelope = Envelope::parse(bytes).ok()?;
    Statement::from_cbor(envelope.payload).ok().map(|s| s.device)
}

/// Records of keys are needed to check signatures. Those of tokens are not for everybody; what was recorded of
/// operators and sites, registered, filed and contested is for those who may read it with the persons in it.
fn is_shown(bytes: &[u8], service: &Service, app: &App, caller: &Caller) -> bool {
    use statement::Body;
    let Ok(record) = statement::Record::from_cbor(bytes) else { return false };
    let core = service.registry().core();
    let may = |action, object: Option<Object>| object.is_some_and(|object| app.may(caller, action, &object));
    match &record.body {
        Body::Operator(operator) => {
            may(Action::ReadRecord, Some(Object::of_operator(operator.id.to_string())))
        }
        Body::Site(site) => {
            let object = Object::of_site(site.operator.to_string(), site.id.to_string());
            may(Action::ReadRecord, Some(object))
        }
        Body::Enrolled(_) | Body::Rotated(_) | Body::Revoked(_) => true,
        Body::Registered(versions) => {
            let mut objects: Vec<Object> =
                versions.iter().map(|v| super::registration::object(&core.state, v)).collect();
            objects.dedup();
            objects.into_iter().all(|object| may(Action::ReadPersonal, Some(object)))
        }
        Body::Approved(approval) => {
            let last = core.state.registered.last(approval.kind, &approval.id);
            may(Action::ReadPersonal, last.map(|v| super::registration::object(&core.state, &v.registration)))
        }
        Body::Filed(filed) => {
            let object = super::filing::object(&core.state, &filed.operator, filed.site.as_ref());
            may(Action::ReadFiling, Some(object))
        }
        Body::Contested(contested) => may(Action::ReadStatement, object_of(&core.state, contested.device)),
        Body::Answered(answered) => {
            let matter = core.state.registered.matters.get(&answered.id);
            may(Action::ReadStatement, matter.and_then(|m| object_of(&core.state, m.contested.device)))
        }
        _ => false,
    }
}

/// One piece of the file: a CBOR byte string.
fn piece(bytes: &[u8]) -> Vec<u8> {
    to_cbor(&minicbor::bytes::ByteVec::from(bytes.to_vec()))
}
