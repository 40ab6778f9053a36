//! Operators, sites, authorities and erasures: versions in the log, none overwritten.

use super::{Running, name, not_taken, object_of_site, refused};
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Kind, Problem};
use crate::service::{Service, nonce, now_ms};
use access::{Action, Object};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use registry::{Command, EraseError};
use serde::{Deserialize, Serialize};
use statement::{Authority, Body, Erased, Name, Operator, Site, Voucher};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// An operator.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OperatorRecord {
    /// Its name for people.
    pub title: String,
    /// Its kind by the rulebook's vocabulary: `company`, `sole-proprietor`, `individual`, `public-body`.
    pub kind: Option<String>,
    /// Version, from 1; given by the registry.
    #[serde(default)]
    #[schema(read_only)]
    pub version: u32,
}

/// A site.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteRecord {
    /// Who answers for it.
    pub operator: String,
    /// Code of the place, for instance `CN-SC`.
    pub place: String,
    /// Declared facts by the rulebook's vocabulary, as text: `yes`, `no`, a number, or a choice.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
    /// Version, from 1; given by the registry.
    #[serde(default)]
    #[schema(read_only)]
    pub version: u32,
}

/// A key that may vouch for devices.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorityWish {
    /// For devices of which operator.
    pub operator: String,
    /// `ed25519` or `p256`.
    pub algorithm: String,
    /// The public key in hexadecimal: 32 bytes, or a point in SEC1 form.
    pub key: String,
    /// `authority`, or `tpm` for a key that lives in one device's TPM.
    pub kind: String,
    /// What people call it.
    pub label: String,
}

/// Which entries are to be erased.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// The first ordinal.
    pub first: u64,
    /// How many, at most 1,000,000.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub count: u64,
    /// The request or the rule.
    pub why: String,
}

/// How many were erased.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasedCount {
    /// Statements whose content is gone now.
    pub erased: u64,
}

/// Most entries of one erasure.
const MAX_ERASED: u64 = 1_000_000;

/// Records one wish.
pub(super) async fn carry_out(
    app: &App,
    service: Arc<Service>,
    by: String,
    command: Command,
) -> Result<Body, Problem> {
    app.blocking(move |_| {
        let mut recorded = service.record(&by, vec![command]).map_err(|e| not_taken(&e))?;
        let (_, body) = recorded.pop().ok_or(Problem::new(Kind::Internal))?.map_err(|e| refused(&e))?;
        Ok(body)
    })
    .await?
}

/// Write a version of an operator.
#[utoipa::path(
    put, path = "/api/v1/operators/{operator}", tag = "records", operation_id = "write-operator",
    params(("operator" = String, Path, description = "Its name here")), request_body = OperatorRecord,
    responses(
        (status = 200, description = "The new version", body = OperatorRecord),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn write_operator(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Path(operator): Path<String>,
    Json(wish): Json<OperatorRecord>,
) -> Result<Json<OperatorRecord>, Problem> {
    let id = name(&operator)?;
    app.authorise(&caller, Action::WriteOperator, &Object::of_operator(operator)).await?;
    let command = Command::Operator(Operator { id, version: 0, title: wish.title, kind: wish.kind });
    match carry_out(&app, service, caller.name, command).await? {
        Body::Operator(o) => Ok(Json(OperatorRecord { title: o.title, kind: o.kind, version: o.version })),
        _ => Err(Problem::new(Kind::Internal)),
    }
}

/// The present version of an operator.
#[utoipa::path(
    get, path = "/api/v1/operators/{operator}", tag = "records", operation_id = "operator",
    params(("operator" = String, Path, description = "Its name here")),
    responses(
        (status = 200, description = "The operator", body = OperatorRecord),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such operator", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn read_operator(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Path(operator): Path<String>,
) -> Result<Json<OperatorRecord>, Problem> {
    let id = name(&operator)?;
    let found = service.registry().core().state.operator(&id).cloned();
    let object = found.as_ref().map(|_| Object::of_operator(operator));
    app.authorise_found(&caller, Action::ReadRecord, object.as_ref()).await?;
    let found = found.ok_or(Problem::new(Kind::NotFound))?;
    Ok(Json(OperatorRecord { title: found.title, kind: found.kind, version: found.version }))
}

/// Write a version of a site. Statements that come from now on are judged by it; what was judged stays.
#[utoipa::path(
    put, path = "/api/v1/sites/{site}", tag = "records", operation_id = "write-site",
    params(("site" = String, Path, description = "Its name here")), request_body = SiteRecord,
    responses(
        (status = 200, description = "The new version", body = SiteRecord),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A place or fact that the rulebook does not know", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn write_site(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Path(site): Path<String>,
    Json(wish): Json<SiteRecord>,
) -> Result<Json<SiteRecord>, Problem> {
    let (id, operator) = (name(&site)?, name(&wish.operator)?);
    // Whoever takes over a site must be allowed to write what it was as well as what it becomes.
    let before = object_of_site(&service.registry().core().state, &id);
    for object in before.into_iter().chain([Object::of_site(wish.operator.clone(), site)]) {
        app.authorise(&caller, Action::WriteSite, &object).await?;
    }
    let facts = wish.facts.into_iter().collect();
    let command = Command::Site(Site { id, version: 0, operator, place: wish.place, facts });
    match carry_out(&app, service, caller.name, command).await? {
        Body::Site(site) => Ok(Json(site_record(site))),
        _ => Err(Problem::new(Kind::Internal)),
    }
}

/// The present version of a site.
#[utoipa::path(
    get, path = "/api/v1/sites/{site}", tag = "records", operation_id = "site",
    params(("site" = String, Path, description = "Its name here")),
    responses(
        (status = 200, description = "The site", body = SiteRecord),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such site", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn read_site(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Path(site): Path<String>,
) -> Result<Json<SiteRecord>, Problem> {
    let id = name(&site)?;
    let (object, found) = {
        let core = service.registry().core();
        (object_of_site(&core.state, &id), core.state.site(&id).cloned())
    };
    app.authorise_found(&caller, Action::ReadRecord, object.as_ref()).await?;
    found.map(|site| Json(site_record(site))).ok_or(Problem::new(Kind::NotFound))
}

fn site_record(site: Site) -> SiteRecord {
    SiteRecord {
        operator: site.operator.to_string(),
        place: site.place,
        facts: site.facts.into_iter().collect(),
        version: site.version,
    }
}

/// Let a key vouch for devices of an operator.
#[utoipa::path(
    post, path = "/api/v1/authorities", tag = "records", operation_id = "vouch", request_body = AuthorityWish,
    responses(
        (status = 201, description = "It may vouch now"),
        (status = 400, description = "Not a key", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A weak key, or no such operator", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn vouch(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Json(wish): Json<AuthorityWish>,
) -> Result<StatusCode, Problem> {
    let operator: Name = name(&wish.operator)?;
    app.authorise(&caller, Action::WriteOperator, &Object::of_operator(wish.operator.clone())).await?;
    let malformed = |why: &str| Problem::with(Kind::Malformed, why);
    let bytes =
        crate::token::bytes_of_hex(&wish.key).ok_or_else(|| malformed("key: expected hexadecimal digits"))?;
    let key = match wish.algorithm.as_str() {
        "ed25519" => Voucher::Ed25519(bytes),
        "p256" => Voucher::P256(bytes),
        _ => return Err(malformed("algorithm: expected ed25519 or p256")),
    };
    if !matches!(wish.kind.as_str(), "authority" | "tpm") {
        return Err(malformed("kind: expected authority or tpm"));
    }
    let authority = Authority { key, operator, kind: wish.kind, label: wish.label };
    carry_out(&app, service, caller.name, Command::Authority(authority)).await?;
    Ok(StatusCode::CREATED)
}

/// Erase the content of statements. Their hashes stay, and every proof about others holds.
#[utoipa::path(
    post, path = "/api/v1/erasures", tag = "records", operation_id = "erase", request_body = Erasure,
    responses(
        (status = 200, description = "Erased", body = ErasedCount),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Not all of them are sealed", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn erase(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Json(wish): Json<Erasure>,
) -> Result<Json<ErasedCount>, Problem> {
    app.authorise(&caller, Action::Erase, &Object::of_operator("")).await?;
    if wish.count > MAX_ERASED {
        return Err(Problem::with(
            Kind::Refused,
            format!("{} entries, expected at most {MAX_ERASED}", wish.count),
        ));
    }
    let erased = Erased { first: wish.first, count: wish.count, why: wish.why };
    let outcome =
        app.blocking(move |_| service.registry().erase(erased, &caller.name, now_ms(), nonce())).await?;
    match outcome {
        Ok(erased) => Ok(Json(ErasedCount { erased })),
        Err(error @ EraseError::Range { .. }) => Err(Problem::with(Kind::Refused, error.to_string())),
        Err(EraseError::Record(error)) => Err(not_taken(&error)),
        Err(EraseError::Store(_)) => Err(Problem::new(Kind::Unavailable)),
    }
}
