//! Statements: handing them in, reading them, and their receipts by ordinal.

use super::{Running, no_receipt, object_of};
use crate::app::App;
use crate::caller::Caller;
use crate::openapi::Octets;
use crate::problem::{Kind, Problem};
use crate::service::{Service, SubmitError};
use access::{Action, Object};
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use registry::Outcome;
use serde::{Deserialize, Serialize};
use statement::{DeviceId, Kept};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Header in which a client shows the last checkpoint that it has seen, in base64.
const SEEN: &str = "overt-checkpoint";

/// Bytes from which on a body is large.
const LARGE: usize = 64 << 10;

/// What became of a body of statements.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Submitted {
    /// Runs that became entries of the registry: durable, not yet proved.
    pub accepted: Vec<Run>,
    /// Runs that were there already.
    pub duplicates: Vec<Again>,
    /// What was not admitted, each with its reason.
    pub refused: Vec<Refused>,
    /// Digests of evidence that somebody with the right to it has asked these devices for.
    pub wanted: Vec<String>,
    /// When they were admitted by the registry's clock, milliseconds since 1970.
    pub at_ms: u64,
}

/// Statements that became entries, one after the other.
#[derive(Debug, Serialize, ToSchema)]
pub struct Run {
    /// Place of the first in the body.
    pub index: usize,
    /// How many.
    pub count: usize,
    /// Ordinal of the first.
    pub first: u64,
}

/// Statements that were there already.
#[derive(Debug, Serialize, ToSchema)]
pub struct Again {
    /// Place of the first in the body.
    pub index: usize,
    /// How many.
    pub count: usize,
}

/// In which form.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// A C2SP tlog-proof, with the cosignatures of witnesses.
    #[default]
    TlogProof,
    /// A COSE receipt (RFC 9942); the proof within the batch is in its header `overt-extra`.
    Cose,
}

/// In which form.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct As {
    /// `tlog-proof` where left out.
    #[serde(default)]
    #[param(inline)]
    pub format: Format,
}

/// A statement that was not admitted.
#[derive(Debug, Serialize, ToSchema)]
pub struct Refused {
    /// Its place in the body.
    pub index: usize,
    /// The reason in one word, which never changes.
    pub reason: &'static str,
    /// What was found and what was expected.
    pub detail: String,
    /// Whether the same statement may be admitted later.
    pub later: bool,
}

/// Hand in statements. Each is signed by its device, so no token is needed: whoever brings them, a relay for instance, adds
/// and takes nothing. Accepted means durable; the proof is the receipt.
#[utoipa::path(
    post, path = "/api/v1/statements", tag = "statements", operation_id = "submit",
    request_body(content = Octets, content_type = "application/cbor-seq",
        description = "A CBOR sequence of at most 4,096 statements in their envelopes, 8 MiB together"),
    params(("overt-checkpoint" = Option<String>, Header, description = "The last checkpoint that this client has seen, in base64: a registry that was rolled back learns of it and stops")),
    responses(
        (status = 200, description = "What became of each", body = Submitted),
        (status = 400, description = "Not a sequence of statements; nothing was taken", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Too long", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "It could not be made durable; send it again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn submit(
    State(app): State<App>,
    Extension(service): Running,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Submitted>, Problem> {
    let seen = headers.get(SEEN).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let _place = if body.len() > LARGE { Some(app.large().await?) } else { None };
    let answer = app.blocking(move |_| take(&service, seen.as_deref(), &body)).await??;
    count(&app, &answer);
    Ok(Json(answer))
}

fn take(service: &Service, seen: Option<&str>, body: &[u8]) -> Result<Submitted, Problem> {
    if let Some(seen) = seen {
        service.seen(seen).map_err(|e| Problem::with(Kind::Unavailable, e))?;
    }
    let answer = service.submit(body).map_err(|error| match error {
        SubmitError::TooLarge { .. } => Problem::with(Kind::TooLarge, error.to_string()),
        SubmitError::Body(_) => Problem::with(Kind::Malformed, error.to_string()),
        SubmitError::Ending => Problem::with(Kind::Unavailable, error.to_string()),
        SubmitError::Admit(error) => super::not_taken(&error),
    })?;
    let mut submitted = Submitted { at_ms: answer.at_ms, ..Submitted::default() };
    answer.outcomes.into_iter().enumerate().for_each(|(index, outcome)| submitted.add(index, outcome));
    submitted.wanted = service.wanted(&answer.devices).iter().map(ToString::to_string).collect();
    Ok(submitted)
}

impl Submitted {
    fn add(&mut self, index: usize, outcome: Outcome) {
        match outcome {
            Outcome::Accepted(ordinal) => match self.accepted.last_mut() {
                Some(run) if run.index + run.count == index && run.first + run.count as u64 == ordinal => {
                    run.count += 1
                }
                _ => self.accepted.push(Run { index, count: 1, first: ordinal }),
            },
            Outcome::Duplicate => match self.duplicates.last_mut() {
                Some(run) if run.index + run.count == index => run.count += 1,
                _ => self.duplicates.push(Again { index, count: 1 }),
            },
            Outcome::Refused(refusal) => self.refused.push(Refused {
                index,
                reason: refusal.code(),
                detail: refusal.to_string(),
                later: refusal.passes(),
            }),
        }
    }
}

fn count(app: &App, answer: &Submitted) {
    let sum =
        |counts: &mut dyn Iterator<Item = usize>| u64::try_from(counts.sum::<usize>()).unwrap_or(u64::MAX);
    app.metrics().submitted("accepted", sum(&mut answer.accepted.iter().map(|r| r.count)));
    app.metrics().submitted("duplicate", sum(&mut answer.duplicates.iter().map(|r| r.count)));
    app.metrics().submitted("refused", sum(&mut std::iter::once(answer.refused.len())));
    answer.refused.iter().for_each(|r| app.metrics().refused(r.reason));
}

/// A statement as it was signed.
#[utoipa::path(
    get, path = "/api/v1/statements/{ordinal}", tag = "statements", operation_id = "statement",
    params(("ordinal" = u64, Path, description = "Its place among all entries of the registry")),
    responses(
        (status = 200, description = "The envelope (COSE_Sign1)", body = Octets, content_type = "application/cose"),
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such statement, or it was erased", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn read(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Path(ordinal): Path<u64>,
) -> Result<Response, Problem> {
    let found = app.blocking(move |_| found_statement(&service, ordinal)).await??;
    whole(&app, &caller, found).await
}

/// A statement as an answer, if the caller may read it.
pub(super) async fn whole(
    app: &App,
    caller: &Caller,
    found: Option<(Object, Vec<u8>)>,
) -> Result<Response, Problem> {
    app.authorise_found(caller, Action::ReadStatement, found.as_ref().map(|(object, _)| object)).await?;
    let bytes = found.map(|(_, bytes)| bytes).unwrap_or_default();
    Ok(([(header::CONTENT_TYPE, "application/cose")], bytes).into_response())
}

/// The statement of an ordinal with what it is to the access policies.
pub(super) fn found_statement(service: &Service, ordinal: u64) -> Result<Option<(Object, Vec<u8>)>, Problem> {
    if ordinal >= service.registry().core().state.next {
        return Ok(None);
    }
    let entries = service.registry().entries(ordinal, 1).map_err(|_| Problem::new(Kind::Unavailable))?;
    let Some(Kept::Statement(bytes)) = entries.into_iter().next() else { return Ok(None) };
    let device: Option<DeviceId> = statement::Envelope::parse(&bytes)
        .ok()
        .and_then(|e| statement::Statement::from_cbor(e.payload).ok())
        .map(|s| s.device);
    let object = device.and_then(|id| object_of(&service.registry().core().state, id));
    Ok(object.map(|object| (object, bytes)))
}

/// The receipt of an entry: hashes only, so it is for anyone.
#[utoipa::path(
    get, path = "/api/v1/receipts/{ordinal}", tag = "statements", operation_id = "receipt",
    params(("ordinal" = u64, Path, description = "The entry's place among all"), As),
    responses(
        (status = 200, description = "A C2SP tlog-proof whose extra data is the proof within the batch; or the same as a COSE receipt", content(
            (String = "text/plain"), (Octets = "application/cose"))),
        (status = 400, description = "A format that there is not", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not sealed yet, or no such entry", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn receipt(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Path(ordinal): Path<u64>,
    Query(form): Query<As>,
) -> Result<Response, Problem> {
    app.authorise(&caller, Action::ReadReceipt, &Object::of_operator("")).await?;
    if form.format == Format::TlogProof {
        return proof(&app, service, ordinal).await;
    }
    let bytes = app.blocking(move |_| service.cose_receipt(ordinal)).await?.map_err(|e| no_receipt(&e))?;
    Ok(([(header::CONTENT_TYPE, "application/cose")], bytes).into_response())
}

/// The receipt of an entry as an answer.
pub(super) async fn proof(app: &App, service: Arc<Service>, ordinal: u64) -> Result<Response, Problem> {
    let proof = app.blocking(move |_| service.registry().receipt(ordinal)).await?;
    let text = proof.map_err(|e| no_receipt(&e))?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}
