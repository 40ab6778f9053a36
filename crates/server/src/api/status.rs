//! How the registry stands, whom it trusts, and the rulebooks it judges by.

use super::Running;
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Kind, Problem};
use access::{Action, Object};
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How the registry stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Status {
    /// The log's origin.
    pub origin: String,
    /// The log's key, in the form of a note verifier.
    pub log_key: String,
    /// Devices that are enrolled.
    pub devices: usize,
    /// Entries of all time.
    pub entries: u64,
    /// Entries that the published log covers.
    pub published: u64,
    /// Leaves of the published log.
    pub leaves: u64,
    /// Entries that wait to be sealed.
    pub waiting: usize,
    /// When it was last published since the start, milliseconds since 1970.
    pub published_ms: Option<u64>,
    /// Since when a checkpoint waits for witnesses.
    pub unwitnessed_ms: Option<u64>,
    /// Statements admitted since the start.
    pub accepted: u64,
    /// Statements that came again.
    pub duplicates: u64,
    /// Statements refused, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Entries that the history holds.
    pub history: u64,
    /// Rulebooks that are in force, with their digests.
    pub rulebooks: BTreeMap<String, String>,
    /// Witnesses, with the size that each cosigned last or why not.
    pub witnesses: BTreeMap<String, String>,
    /// What is wrong, if anything.
    pub trouble: Option<String>,
}

/// How the registry stands.
#[utoipa::path(
    get, path = "/api/v1/status", tag = "registry", operation_id = "status",
    responses(
        (status = 200, description = "How it stands", body = Status),
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn read(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
) -> Result<Json<Status>, Problem> {
    app.authorise(&caller, Action::ReadStatus, &Object::Registry).await?;
    let standing = service.standing();
    let rulebooks =
        service.registry().rules().books().map(|(b, d)| (b.jurisdiction.clone(), d.to_string())).collect();
    let witness = |(name, w): (&String, &crate::service::WitnessStanding)| {
        (name.clone(), w.trouble.clone().unwrap_or_else(|| format!("cosigned {} leaves", w.size)))
    };
    Ok(Json(Status {
        origin: service.config().origin.clone(),
        log_key: service.log_key(),
        devices: standing.devices,
        entries: standing.entries,
        published: standing.published,
        leaves: standing.leaves,
        waiting: standing.waiting,
        published_ms: Some(standing.published_ms).filter(|ms| *ms > 0),
        unwitnessed_ms: Some(standing.unwitnessed_ms).filter(|ms| *ms > 0),
        accepted: standing.tallies.accepted,
        duplicates: standing.tallies.duplicates,
        refused: standing.tallies.refused.iter().map(|(reason, n)| ((*reason).to_owned(), *n)).collect(),
        history: standing.history,
        rulebooks,
        witnesses: standing.witnesses.iter().map(witness).collect(),
        trouble: standing.trouble,
    }))
}

/// The policy by which this registry publishes: its own key and its witnesses. Whoever verifies takes it from somebody they trust.
#[utoipa::path(
    get, path = "/policy", tag = "log", operation_id = "policy",
    responses((status = 200, description = "A C2SP tlog-policy", body = String, content_type = "text/plain"))
)]
pub async fn policy(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
) -> Result<Response, Problem> {
    app.authorise(&caller, Action::ReadRulebook, &Object::Registry).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], service.policy_text()).into_response())
}

/// The text of a rulebook by its digest: what a judgement is made again with.
#[utoipa::path(
    get, path = "/api/v1/rulebooks/{digest}", tag = "registry", operation_id = "rulebook",
    params(("digest" = String, Path, description = "SHA-256 in hexadecimal, as manifests name it")),
    responses(
        (status = 200, description = "The files of the rulebook by name", content_type = "application/json"),
        (status = 404, description = "This registry never judged by it", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn rulebook(
    State(app): State<App>,
    caller: Caller,
    Path(digest): Path<String>,
) -> Result<Response, Problem> {
    app.authorise(&caller, Action::ReadRulebook, &Object::Registry).await?;
    let digest: statement::Digest =
        digest.parse().map_err(|e: statement::NotHex| Problem::with(Kind::Malformed, e.to_string()))?;
    let found = app.blocking(move |store| store.get(&format!("rulebook/{digest}"))).await?;
    let text = found.map_err(|_| Problem::new(Kind::Unavailable))?.ok_or(Problem::new(Kind::NotFound))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}
