//! Contested findings: what is said against them, what is answered, and how often that changed an outcome.

mod shown;

pub use shown::MatterRecord;

use super::{Running, device_id, name, object_of, record::carry_out};
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Kind, Problem};
use access::{Action, Actor, Object};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use registry::{Command, Matter};
use serde::{Deserialize, Serialize};
use shown::{record, state};
use statement::{Answered, Contested, Outcome};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Most matters of one page.
const PAGE: usize = 1_000;

/// What is said against a finding.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContestWish {
    /// A name for this matter: a-z 0-9 . _ -
    pub id: String,
    /// The device, 32 hexadecimal digits.
    pub device: String,
    /// The workload, 16 hexadecimal digits; all of the device's where left out.
    pub workload: Option<String>,
    /// The first statement by its number.
    pub first: u64,
    /// The last statement by its number.
    pub last: u64,
    /// What is said against it, at most 8 KiB.
    pub grounds: String,
    /// Material by name, each with its SHA-256.
    #[serde(default)]
    pub material: BTreeMap<String, String>,
}

/// An answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerWish {
    /// `upheld`, `overturned`, `partly-overturned`, `more-asked`; `withdrawn` by whoever contested.
    pub outcome: String,
    /// The reasons, at most 8 KiB.
    pub reasons: String,
    /// Whether the operator agrees that the case serves to make identification better.
    #[serde(default)]
    pub for_evaluation: bool,
}

/// Which matters.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Only those about this device.
    pub device: Option<String>,
    /// Only those after this name, for the next page.
    pub after: Option<String>,
}

/// How many findings were contested, and what became of them.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct ContestCounts {
    /// All that were contested.
    pub contested: u64,
    /// Those that are open.
    pub open: u64,
    /// Of the open ones, those whose answer is overdue.
    pub overdue: u64,
    /// How the others ended, by outcome.
    pub outcomes: BTreeMap<String, u64>,
}

/// Contest a finding.
#[utoipa::path(
    post, path = "/api/v1/contests", tag = "contests", operation_id = "contest", request_body = ContestWish,
    responses(
        (status = 201, description = "Recorded; an answer is due within thirty days", body = MatterRecord),
        (status = 400, description = "Not a matter", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such device", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn contest(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Json(wish): Json<ContestWish>,
) -> Result<(StatusCode, Json<MatterRecord>), Problem> {
    let contested = read(wish)?;
    let object = object_of(&service.registry().core().state, contested.device);
    app.authorise_found(&caller, Action::Contest, object.as_ref()).await?;
    let id = contested.id.clone();
    carry_out(&app, service.clone(), caller.name, Command::Contest(contested)).await?;
    let core = service.registry().core();
    let matter = core.state.registered.matters.get(&id).ok_or(Problem::new(Kind::Internal))?;
    Ok((StatusCode::CREATED, Json(record(matter, true))))
}

fn read(wish: ContestWish) -> Result<Contested, Problem> {
    let hex = |what: &str, e: statement::NotHex| Problem::with(Kind::Malformed, format!("{what}: {e}"));
    let workload = wish.workload.map(|w| w.parse()).transpose().map_err(|e| hex("workload", e))?;
    let digest = |(name, text): (String, String)| -> Result<_, Problem> {
        Ok((name, text.parse().map_err(|e| hex("material", e))?))
    };
    Ok(Contested {
        id: name(&wish.id)?,
        device: device_id(&wish.device)?,
        workload,
        first: wish.first,
        last: wish.last,
        grounds: wish.grounds,
        material: wish.material.into_iter().map(digest).collect::<Result<_, _>>()?,
        due_ms: 0,
    })
}

/// Contested findings of devices that the caller may see.
#[utoipa::path(
    get, path = "/api/v1/contests", tag = "contests", operation_id = "contests", params(Which),
    responses(
        (status = 200, description = "At most 1,000; ask again after the last", body = Vec<MatterRecord>),
        (status = 400, description = "A question that makes no sense", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Json<Vec<MatterRecord>>, Problem> {
    if caller.actor == Actor::Nobody {
        return Err(Problem::new(Kind::Unauthenticated));
    }
    let device = which.device.as_deref().map(device_id).transpose()?;
    let after = which.after.as_deref().map(name).transpose()?;
    let may = app.clone();
    let list = app.blocking(move |_| {
        let core = service.registry().core();
        let wanted = |m: &&Matter| {
            device.is_none_or(|d| m.contested.device == d)
                && after.as_ref().is_none_or(|after| m.contested.id > *after)
        };
        let shown = |m: &Matter| {
            let object = object_of(&core.state, m.contested.device)?;
            let seen = may.may(&caller, Action::ReadHistory, &object);
            let whole = m.by == caller.name || may.may(&caller, Action::ReadStatement, &object);
            seen.then(|| record(m, whole))
        };
        core.state.registered.matters.values().filter(wanted).filter_map(shown).take(PAGE).collect()
    });
    Ok(Json(list.await?))
}

/// Answer a contested finding, or take it back.
#[utoipa::path(
    post, path = "/api/v1/contests/{id}/answers", tag = "contests", operation_id = "answer",
    params(("id" = String, Path, description = "Its name")), request_body = AnswerWish,
    responses(
        (status = 204, description = "Recorded"),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such matter", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is closed", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn answer(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Path(id): Path<String>,
    Json(wish): Json<AnswerWish>,
) -> Result<StatusCode, Problem> {
    let id = name(&id)?;
    let expected = || format!("outcome: expected {}", Outcome::ALL.map(Outcome::word).join(", "));
    let outcome = Outcome::named(&wish.outcome).ok_or_else(|| Problem::with(Kind::Malformed, expected()))?;
    let object: Option<Object> = {
        let core = service.registry().core();
        let matter = core.state.registered.matters.get(&id);
        matter.and_then(|m| object_of(&core.state, m.contested.device))
    };
    let action = if outcome == Outcome::Withdrawn { Action::Contest } else { Action::AnswerContest };
    app.authorise_found(&caller, action, object.as_ref()).await?;
    let (reasons, for_evaluation) = (wish.reasons, wish.for_evaluation);
    let answered = Answered { id, outcome, reasons, for_evaluation };
    carry_out(&app, service, caller.name, Command::Answer(answered)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How many findings were contested and what became of them: counts only, for anyone.
#[utoipa::path(
    get, path = "/api/v1/contests/counts", tag = "contests", operation_id = "contest-counts",
    responses((status = 200, description = "Counts", body = ContestCounts))
)]
pub async fn counts(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
) -> Result<Json<ContestCounts>, Problem> {
    app.authorise(&caller, Action::ReadLog, &Object::Registry).await?;
    let core = service.registry().core();
    let mut counts = ContestCounts::default();
    for matter in core.state.registered.matters.values() {
        counts.contested += 1;
        if matter.closed() {
            *counts.outcomes.entry(state(matter)).or_default() += 1;
        } else {
            counts.open += 1;
            counts.overdue += u64::from(state(matter) == "overdue");
        }
    }
    Ok(Json(counts))
}
