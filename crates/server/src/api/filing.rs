//! Filings: what a person has checked and signed, every version of it.

use super::{Running, day, name, object_of_site};
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Kind, Problem};
use crate::service::Service;
use access::{Action, Actor, Object};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use registry::{Command, Filing};
use serde::{Deserialize, Serialize};
use statement::{Body, Digest, Filed, Kept, Name, Record};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Most filings of one page, newest first.
const PAGE: usize = 1_000;

/// A filing as it is handed in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FilingWish {
    /// The obligation, for instance `ru.miner-report`.
    pub obligation: String,
    /// Whose filing it is.
    pub operator: String,
    /// For which site, where it is for one.
    pub site: Option<String>,
    /// First day that it covers, YYYY-MM-DD.
    pub from: String,
    /// Last day that it covers.
    pub to: String,
    /// Digest of the rulebook that it follows, 64 hexadecimal digits.
    pub rulebook: String,
    /// Who checked it, as the person signs.
    pub checked_by: String,
    /// Why it amends the version before; asked for where there is one.
    #[serde(default)]
    pub why: String,
    /// The filing as JSON text, at most 2 MiB.
    pub document: String,
    /// The person's signature of exactly that text, as `ssh-keygen -Y sign -n overt.filing` writes it.
    pub signature: Option<String>,
}

/// A filing in the registry.
#[derive(Debug, Serialize, ToSchema)]
pub struct FilingRecord {
    /// The obligation.
    pub obligation: String,
    /// Whose filing it is.
    pub operator: String,
    /// For which site, where it is for one.
    pub site: Option<String>,
    /// First day that it covers.
    pub from: String,
    /// Last day that it covers.
    pub to: String,
    /// Version, from 1; a higher one amends the one before.
    pub version: u32,
    /// Digest of the rulebook that it follows.
    pub rulebook: String,
    /// Who checked it.
    pub checked_by: String,
    /// Why it amends the version before.
    pub why: String,
    /// SHA-256 of the document.
    pub document: String,
    /// Fingerprint of the key that the person signed with, where there is a signature: `SHA256:…` as `ssh-keygen -l` names it.
    pub signed_by: Option<String>,
    /// The signature.
    pub signature: Option<String>,
    /// Who handed it in.
    pub by: String,
    /// When, milliseconds since 1970.
    pub at_ms: u64,
    /// The ordinal of its record in the log.
    pub ordinal: u64,
}

/// Which filings.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Only those of this operator.
    pub operator: Option<String>,
    /// Only those for this site.
    pub site: Option<String>,
    /// Only those of this obligation.
    pub obligation: Option<String>,
    /// Only those before this ordinal, for the next page.
    pub before: Option<u64>,
}

/// Hand in a filing that a person has checked and signed. A further one for the same period amends the one before, which stays.
#[utoipa::path(
    post, path = "/api/v1/filings", tag = "filings", operation_id = "file", request_body = FilingWish,
    responses(
        (status = 201, description = "Recorded", body = FilingRecord),
        (status = 400, description = "Not a filing", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "There is one for this period: say why it is amended", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn file(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Json(wish): Json<FilingWish>,
) -> Result<(StatusCode, Json<FilingRecord>), Problem> {
    let filed = read(wish)?;
    let object = object(&service.registry().core().state, &filed.operator, filed.site.as_ref());
    app.authorise(&caller, Action::File, &object).await?;
    let by = caller.name.clone();
    let taken = app
        .blocking(move |_| service.record(&by, vec![Command::File(filed)]).map_err(|e| super::not_taken(&e)))
        .await??
        .pop();
    let (ordinal, body) = taken.ok_or(Problem::new(Kind::Internal))?.map_err(|e| super::refused(&e))?;
    let Body::Filed(filed) = body else { return Err(Problem::new(Kind::Internal)) };
    let document = Digest::of(filed.document.as_bytes());
    let filing = Filing { filed, document, by: caller.name, at_ms: crate::service::now_ms(), ordinal };
    Ok((StatusCode::CREATED, Json(record(&filing))))
}

fn read(wish: FilingWish) -> Result<Filed, Problem> {
    let malformed = |what: String| Problem::with(Kind::Malformed, what);
    let rulebook = wish.rulebook.parse();
    if serde_json::from_str::<serde::de::IgnoredAny>(&wish.document).is_err() {
        return Err(malformed("document: expected JSON".to_owned()));
    }
    Ok(Filed {
        obligation: wish.obligation,
        operator: name(&wish.operator)?,
        site: wish.site.as_deref().map(name).transpose()?,
        from: day("from", &wish.from)?,
        to: day("to", &wish.to)?,
        version: 0,
        rulebook: rulebook.map_err(|e: statement::NotHex| malformed(format!("rulebook: {e}")))?,
        checked_by: wish.checked_by,
        why: wish.why,
        document: wish.document,
        signature: wish.signature,
    })
}

/// What a filing is to the access policies: of a site, or of the operator as a whole.
pub(super) fn object(state: &registry::State, operator: &Name, site: Option<&Name>) -> Object {
    match site {
        None => Object::of_operator(operator.to_string()),
        Some(site) => object_of_site(state, site).unwrap_or_else(|| Object::of_operator("")),
    }
}

fn record(filing: &Filing) -> FilingRecord {
    let f = &filing.filed;
    FilingRecord {
        obligation: f.obligation.clone(),
        operator: f.operator.to_string(),
        site: f.site.as_ref().map(ToString::to_string),
        from: f.from.to_string(),
        to: f.to.to_string(),
        version: f.version,
        rulebook: f.rulebook.to_string(),
        checked_by: f.checked_by.clone(),
        why: f.why.clone(),
        document: filing.document.to_string(),
        signed_by: f
            .signature
            .as_deref()
            .and_then(|s| statement::person::key_of(s).ok())
            .map(|by| by.to_string()),
        signature: f.signature.clone(),
        by: filing.by.clone(),
        at_ms: filing.at_ms,
        ordinal: filing.ordinal,
    }
}

/// Filings that the caller may see, newest first, without their documents.
#[utoipa::path(
    get, path = "/api/v1/filings", tag = "filings", operation_id = "filings", params(Which),
    responses(
        (status = 200, description = "At most 1,000; ask again before the last", body = Vec<FilingRecord>),
        (status = 400, description = "A question that makes no sense", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Json<Vec<FilingRecord>>, Problem> {
    if caller.actor == Actor::Nobody {
        return Err(Problem::new(Kind::Unauthenticated));
    }
    let may = app.clone();
    let list = app.blocking(move |_| {
        let core = service.registry().core();
        let wanted = |f: &&Filing| {
            which.operator.as_ref().is_none_or(|o| f.filed.operator.as_str() == o)
                && which.site.as_ref().is_none_or(|s| f.filed.site.as_ref().is_some_and(|f| f.as_str() == s))
                && which.obligation.as_ref().is_none_or(|o| f.filed.obligation == *o)
                && which.before.is_none_or(|before| f.ordinal < before)
        };
        let seen = |f: &&Filing| {
            let object = object(&core.state, &f.filed.operator, f.filed.site.as_ref());
            may.may(&caller, Action::ReadFiling, &object)
        };
        core.state
            .registered
            .filings
            .iter()
            .rev()
            .filter(wanted)
            .filter(seen)
            .take(PAGE)
            .map(record)
            .collect()
    });
    Ok(Json(list.await?))
}

/// The document of a filing.
#[utoipa::path(
    get, path = "/api/v1/filings/{ordinal}", tag = "filings", operation_id = "filing",
    params(("ordinal" = u64, Path, description = "The ordinal of its record")),
    responses(
        (status = 200, description = "The document as it was signed", body = serde_json::Value, content_type = "application/json"),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such filing, or it was erased", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn read_document(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Path(ordinal): Path<u64>,
) -> Result<Response, Problem> {
    let found = app.blocking(move |_| document(&service, ordinal)).await??;
    app.authorise_found(&caller, Action::ReadFiling, found.as_ref().map(|(object, _)| object)).await?;
    let text = found.map(|(_, text)| text).unwrap_or_default();
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}

fn document(service: &Arc<Service>, ordinal: u64) -> Result<Option<(Object, String)>, Problem> {
    let known = {
        let core = service.registry().core();
        core.state.registered.filings.iter().any(|f| f.ordinal == ordinal)
    };
    if !known {
        return Ok(None);
    }
    let entries = service.registry().entries(ordinal, 1).map_err(|_| Problem::new(Kind::Unavailable))?;
    let Some(Kept::Record(bytes)) = entries.into_iter().next() else { return Ok(None) };
    let Ok(Record { body: Body::Filed(filed), .. }) = Record::from_cbor(&bytes) else { return Ok(None) };
    let object = object(&service.registry().core().state, &filed.operator, filed.site.as_ref());
    Ok(Some((object, filed.document)))
}
