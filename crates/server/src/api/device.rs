//! Devices as the registry knows them: keys, grades, revocation.

use super::{Running, device_id, object_of};
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Kind, Problem};
use access::{Action, Object};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use registry::{Command, Device};
use serde::{Deserialize, Serialize};
use statement::{DeviceId, Revoked};
use utoipa::{IntoParams, ToSchema};

/// Most devices of one page.
const PAGE: usize = 1_000;

/// A device as the registry knows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceRecord {
    /// Its id.
    pub device: String,
    /// What people call it.
    pub label: String,
    /// Who answers for it.
    pub operator: String,
    /// Where it stands.
    pub site: String,
    /// How its first key was vouched for: `token`, `authority` or `tpm`.
    pub grade: String,
    /// When it was enrolled, milliseconds since 1970.
    pub enrolled_ms: u64,
    /// Its keys, first to last.
    pub keys: Vec<KeyRecord>,
    /// The number of its next statement.
    pub next: u64,
    /// End of its last interval, milliseconds since 1970.
    pub until_ms: u64,
    /// Statements that are missing in its chain.
    pub missing: u64,
}

/// A key of a device.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyRecord {
    /// Its short name, 16 hexadecimal digits.
    pub id: String,
    /// The public key, 64 hexadecimal digits.
    pub key: String,
    /// When it ended, milliseconds since 1970.
    pub ended_ms: Option<u64>,
    /// Whether it was revoked rather than replaced.
    pub revoked: bool,
}

/// Which devices.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Only those of this site.
    pub site: Option<String>,
    /// Only those after this device, for the next page.
    pub after: Option<String>,
}

/// Why a key no longer counts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// Only this key, 16 hexadecimal digits; the whole device where left out.
    pub key: Option<String>,
    /// Why.
    pub why: String,
}

/// Devices that the caller may see, in order of their ids.
#[utoipa::path(
    get, path = "/api/v1/devices", tag = "devices", operation_id = "devices", params(Which),
    responses(
        (status = 200, description = "At most 1,000; ask again after the last", body = Vec<DeviceRecord>),
        (status = 400, description = "A question that makes no sense", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Json<Vec<DeviceRecord>>, Problem> {
    if matches!(caller.actor, access::Actor::Nobody) {
        return Err(Problem::new(Kind::Unauthenticated));
    }
    let after = which.after.as_deref().map(device_id).transpose()?;
    let may = app.clone();
    let devices = app
        .blocking(move |_| {
            let core = service.registry().core();
            let mut ids: Vec<DeviceId> =
                core.state.devices.keys().filter(|id| after.is_none_or(|a| **id > a)).copied().collect();
            ids.sort_unstable();
            let seen = ids.into_iter().filter_map(|id| {
                let device = core.state.devices.get(&id)?;
                let sited = which.site.as_ref().is_none_or(|site| device.site.as_str() == site);
                let object = object_of(&core.state, id)?;
                (sited && may.may(&caller, Action::ReadRecord, &object)).then(|| record(id, device, &object))
            });
            seen.take(PAGE).collect()
        })
        .await?;
    Ok(Json(devices))
}

fn record(id: DeviceId, device: &Device, object: &Object) -> DeviceRecord {
    let keys = device.keys.iter().map(|k| KeyRecord {
        id: k.key.id().to_string(),
        key: statement::Digest(k.key.to_bytes()).to_string(),
        ended_ms: k.ended.map(|e| e.at_ms),
        revoked: k.ended.is_some_and(|e| e.revoked),
    });
    DeviceRecord {
        device: id.to_string(),
        label: device.label.clone(),
        operator: operator_of(object),
        site: device.site.to_string(),
        grade: device.grade.clone(),
        enrolled_ms: device.enrolled_ms,
        keys: keys.collect(),
        next: device.chain.next,
        until_ms: device.chain.until_ms,
        missing: device.chain.missing(),
    }
}

fn operator_of(object: &Object) -> String {
    match object {
        Object::Holding { operator, .. } => operator.clone(),
        Object::Registry => String::new(),
    }
}

/// One device.
#[utoipa::path(
    get, path = "/api/v1/devices/{device}", tag = "devices", operation_id = "device",
    params(("device" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "The device", body = DeviceRecord),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such device", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn read(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Path(device): Path<String>,
) -> Result<Json<DeviceRecord>, Problem> {
    let id = device_id(&device)?;
    let found = {
        let core = service.registry().core();
        object_of(&core.state, id).zip(core.state.devices.get(&id).cloned())
    };
    app.authorise_found(&caller, Action::ReadRecord, found.as_ref().map(|(object, _)| object)).await?;
    let (object, device) = found.ok_or(Problem::new(Kind::NotFound))?;
    Ok(Json(record(id, &device, &object)))
}

/// Revoke a key, or a whole device. It is in the log, and nothing signed with it is admitted any more.
#[utoipa::path(
    delete, path = "/api/v1/devices/{device}", tag = "devices", operation_id = "revoke",
    params(("device" = String, Path, description = "Its id")), request_body = Revocation,
    responses(
        (status = 204, description = "Revoked"),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such device", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No such key", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn revoke(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Path(device): Path<String>,
    Json(wish): Json<Revocation>,
) -> Result<StatusCode, Problem> {
    let id = device_id(&device)?;
    let object = object_of(&service.registry().core().state, id);
    app.authorise_found(&caller, Action::RevokeKey, object.as_ref()).await?;
    let key = wish.key.map(|k| k.parse()).transpose();
    let key = key.map_err(|e: statement::NotHex| Problem::with(Kind::Malformed, format!("key: {e}")))?;
    let command = Command::Revoke(Revoked { device: id, key, why: wish.why });
    super::record::carry_out(&app, service, caller.name, command).await?;
    Ok(StatusCode::NO_CONTENT)
}
