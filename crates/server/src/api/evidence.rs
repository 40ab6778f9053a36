//! Evidence that stays on devices: asked for by digest, handed in once, checked against the digest.

use super::{Running, device_id, object_of};
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Kind, Problem};
use access::Action;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use registry::store::{Object, Store};
use statement::Digest;

fn digest(text: &str) -> Result<Digest, Problem> {
    text.parse().map_err(|e: statement::NotHex| Problem::with(Kind::Malformed, format!("digest: {e}")))
}

/// Ask a device for the evidence behind a statement: it is told with the answer to its next submission.
#[utoipa::path(
    post, path = "/api/v1/devices/{device}/evidence/{digest}", tag = "evidence", operation_id = "want-evidence",
    params(("device" = String, Path, description = "Its id"), ("digest" = String, Path, description = "The digest that a statement names")),
    responses(
        (status = 202, description = "The device will be asked"),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such device", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn want(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Path((device, wanted)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let (id, wanted) = (device_id(&device)?, digest(&wanted)?);
    let object = object_of(&service.registry().core().state, id);
    app.authorise_found(&caller, Action::ReadEvidence, object.as_ref()).await?;
    service.want(id, wanted).map_err(|why| Problem::with(Kind::TooMany, why))?;
    Ok(StatusCode::ACCEPTED)
}

/// Hand in evidence that was asked for. Its digest is its name, so nothing else can be handed in.
#[utoipa::path(
    put, path = "/api/v1/evidence/{digest}", tag = "evidence", operation_id = "put-evidence",
    params(("digest" = String, Path, description = "SHA-256 of the body")),
    request_body(content = serde_json::Value, content_type = "application/json", description = "The evidence as the device keeps it"),
    responses(
        (status = 204, description = "Kept"),
        (status = 404, description = "Nobody asked for it", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The body has another digest", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn put(
    State(app): State<App>,
    Extension(service): Running,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let wanted = digest(&name)?;
    let device = service.asked_for(wanted).ok_or(Problem::new(Kind::NotFound))?;
    let found = Digest::of(&body);
    if found != wanted {
        return Err(Problem::with(Kind::Refused, format!("the body has digest {found}, expected {wanted}")));
    }
    app.blocking(move |store| {
        let object = Object { name: format!("evidence/{device}/{wanted}"), value: body.to_vec() };
        store.put(&[object]).map(|()| service.came(wanted))
    })
    .await?
    .map_err(|_| Problem::new(Kind::Unavailable))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Evidence that a device handed in.
#[utoipa::path(
    get, path = "/api/v1/evidence/{digest}", tag = "evidence", operation_id = "evidence",
    params(("digest" = String, Path, description = "The digest that a statement names")),
    responses(
        (status = 200, description = "As the device keeps it", content_type = "application/json"),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not here: ask the device for it", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn get(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let wanted = digest(&name)?;
    let found =
        app.blocking(move |store| find(store, wanted)).await?.map_err(|_| Problem::new(Kind::Unavailable))?;
    let device = found.as_ref().and_then(|name| name.split('/').nth(1)).and_then(|id| id.parse().ok());
    let object = device.and_then(|id| object_of(&service.registry().core().state, id));
    app.authorise_found(&caller, Action::ReadEvidence, object.as_ref()).await?;
    let name = found.ok_or(Problem::new(Kind::NotFound))?;
    let value =
        app.blocking(move |store| store.get(&name)).await?.map_err(|_| Problem::new(Kind::Unavailable))?;
    let value = value.ok_or(Problem::new(Kind::NotFound))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], value).into_response())
}

fn find(store: &dyn Store, wanted: Digest) -> Result<Option<String>, registry::store::StoreError> {
    let end = format!("/{wanted}");
    Ok(store.list("evidence/")?.into_iter().find(|name| name.ends_with(&end)))
}
