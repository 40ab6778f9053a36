//! Registrations: what people say of operators, sites, devices and workloads; every version, and a second person's word.

mod listing;

pub use listing::{__path_list, list};

use super::{Running, day, name, object_of_site, record::carry_out};
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Kind as Problems, Problem};
use access::{Action, Object};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use registry::{Command, CommandError};
use serde::{Deserialize, Serialize};
use statement::{Approval, Body, Kind, MAX_REGISTRATIONS, Name, Registration};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What is to be registered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wishes {
    /// At most 512; all of them are recorded, or none.
    #[schema(min_items = 1, max_items = 512)]
    pub registrations: Vec<Wish>,
}

/// One of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// `operator`, `site`, `device` or `workload`.
    pub kind: String,
    /// Its name: a-z 0-9 . _ -
    pub id: String,
    /// The operator of a site, the site of a device or workload; left out for an operator.
    pub within: Option<String>,
    /// The first day on which it is true, YYYY-MM-DD.
    pub from: String,
    /// The last day, where one is known.
    pub until: Option<String>,
    /// The enrolled device that is meant, for devices.
    pub device: Option<String>,
    /// Fields by their names in the dictionary, `rulebook/fields.toml`.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// What became of them.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct RegisteredCount {
    /// New versions.
    pub recorded: usize,
    /// Those that said what their last version says.
    pub unchanged: usize,
    /// New versions that count only once a second person has approved them.
    pub awaiting: usize,
}

/// A second person's word, as it is given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApprovalWish {
    /// Whether it is approved; otherwise the version before it stays in force.
    pub approved: bool,
    /// What the person says to it.
    #[serde(default)]
    pub note: String,
}

/// Register versions. What says the same as the last version is left out; nothing is overwritten.
#[utoipa::path(
    post, path = "/api/v1/registrations", tag = "registrations", operation_id = "register", request_body = Wishes,
    responses(
        (status = 200, description = "What became of them", body = RegisteredCount),
        (status = 400, description = "Not a registration", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Refused; nothing was recorded", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn register(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Json(wishes): Json<Wishes>,
) -> Result<Json<RegisteredCount>, Problem> {
    if wishes.registrations.len() > MAX_REGISTRATIONS {
        let found = wishes.registrations.len();
        let why = format!("{found} registrations, expected at most {MAX_REGISTRATIONS}");
        return Err(Problem::with(Problems::Refused, why));
    }
    let read: Vec<Registration> = wishes.registrations.into_iter().map(read).collect::<Result<_, _>>()?;
    // Who may write is asked once for each owner, not once for each device.
    let mut owners: Vec<(Action, Object)> = Vec::new();
    for registration in &read {
        let needed = owner(
            &service.registry().core().state,
            registration.kind,
            &registration.id,
            registration.within.as_ref(),
        );
        if !owners.contains(&needed) {
            owners.push(needed);
        }
    }
    for (action, object) in &owners {
        app.authorise(&caller, *action, object).await?;
    }
    let asked = read.len();
    match carry_out_registrations(&app, service, caller.name, read).await? {
        None => Ok(Json(RegisteredCount { unchanged: asked, ..RegisteredCount::default() })),
        Some(versions) => Ok(Json(RegisteredCount {
            recorded: versions.len(),
            unchanged: asked - versions.len(),
            awaiting: versions.iter().filter(|v| v.awaits_approval).count(),
        })),
    }
}

async fn carry_out_registrations(
    app: &App,
    service: std::sync::Arc<crate::service::Service>,
    by: String,
    read: Vec<Registration>,
) -> Result<Option<Vec<Registration>>, Problem> {
    let recorded = app
        .blocking(move |_| {
            service.record(&by, vec![Command::Register(read)]).map_err(|e| super::not_taken(&e))
        })
        .await??
        .pop();
    match recorded {
        Some(Ok((_, Body::Registered(versions)))) => Ok(Some(versions)),
        Some(Err(CommandError::Unchanged)) => Ok(None),
        Some(Err(error)) => Err(super::refused(&error)),
        _ => Err(Problem::new(Problems::Internal)),
    }
}

fn read(wish: Wish) -> Result<Registration, Problem> {
    let device = wish.device.as_deref().map(super::device_id).transpose()?;
    Ok(Registration {
        kind: kind(&wish.kind)?,
        id: name(&wish.id)?,
        version: 0,
        within: wish.within.as_deref().map(name).transpose()?,
        from: day("from", &wish.from)?,
        until: wish.until.as_deref().map(|text| day("until", text)).transpose()?,
        device,
        fields: wish.fields.into_iter().collect(),
        awaits_approval: false,
    })
}

pub(super) fn kind(word: &str) -> Result<Kind, Problem> {
    let unknown = || format!("kind: expected operator, site, device or workload, found '{word}'");
    Kind::named(word).ok_or_else(|| Problem::with(Problems::Malformed, unknown()))
}

/// What writing a registration is to the access policies. Of what is not there, nobody's.
fn owner(state: &registry::State, kind: Kind, id: &Name, within: Option<&Name>) -> (Action, Object) {
    let nobody = || Object::of_operator("");
    match kind {
        Kind::Operator => (Action::WriteOperator, Object::of_operator(id.to_string())),
        Kind::Site => (Action::WriteSite, object_of_site(state, id).unwrap_or_else(nobody)),
        Kind::Device | Kind::Workload => {
            let site = within.and_then(|site| object_of_site(state, site));
            (Action::WriteDevice, site.unwrap_or_else(nobody))
        }
    }
}

/// What a version is to them when it is read.
pub(super) fn object(state: &registry::State, version: &Registration) -> Object {
    owner(state, version.kind, &version.id, version.within.as_ref()).1
}

/// Give the second person's word for a version. Whoever registered it cannot.
#[utoipa::path(
    post, path = "/api/v1/registrations/{kind}/{id}/{version}/approval", tag = "registrations", operation_id = "approve",
    params(
        ("kind" = String, Path, description = "`operator`, `site`, `device` or `workload`"),
        ("id" = String, Path, description = "Its name"),
        ("version" = u32, Path, description = "The version"),
    ),
    request_body = ApprovalWish,
    responses(
        (status = 204, description = "Recorded"),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such registration", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The same person, or no such version", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn approve(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Path((word, id, version)): Path<(String, String, u32)>,
    Json(wish): Json<ApprovalWish>,
) -> Result<StatusCode, Problem> {
    let (kind, id) = (kind(&word)?, name(&id)?);
    let found = {
        let core = service.registry().core();
        core.state.registered.last(kind, &id).map(|last| object(&core.state, &last.registration))
    };
    app.authorise_found(&caller, Action::ApproveRegistration, found.as_ref()).await?;
    let approval = Approval { kind, id, version, approved: wish.approved, note: wish.note };
    carry_out(&app, service, caller.name, Command::Approve(approval)).await?;
    Ok(StatusCode::NO_CONTENT)
}
