//! A device's chain by the device's own numbers: where it stands, its statements, their receipts.

use super::submission::{found_statement, proof, whole};
use super::{Running, device_id, no_receipt};
use crate::app::App;
use crate::caller::Caller;
use crate::openapi::Octets;
use crate::problem::{Kind, Problem};
use crate::service::Service;
use access::{Action, Object};
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use registry::ReceiptError;
use serde::{Deserialize, Serialize};
use statement::DeviceId;
use utoipa::{IntoParams, ToSchema};

/// Most receipts of one answer.
const MAX_RECEIPTS: u64 = 256;

/// Where a chain stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Position {
    /// The next number.
    pub next: u64,
    /// Digest of the statement before it, 64 hexadecimal digits.
    pub digest: String,
}

/// Where the chain of a device stands: for a device that lost its memory. Digests only, so it is for anyone.
#[utoipa::path(
    get, path = "/api/v1/devices/{device}/position", tag = "devices", operation_id = "position",
    params(("device" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "Where it stands", body = Position),
        (status = 404, description = "No such device", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn position(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Path(device): Path<String>,
) -> Result<Json<Position>, Problem> {
    app.authorise(&caller, Action::ReadReceipt, &Object::of_operator("")).await?;
    let id = device_id(&device)?;
    let core = service.registry().core();
    let chain = core.state.devices.get(&id).map(|d| &d.chain).ok_or(Problem::new(Kind::NotFound))?;
    let digest = chain.last.unwrap_or(statement::Digest::NONE).to_string();
    Ok(Json(Position { next: chain.next, digest }))
}

/// The receipt of a device's statement by the device's own number.
#[utoipa::path(
    get, path = "/api/v1/devices/{device}/receipts/{sequence}", tag = "devices", operation_id = "device-receipt",
    params(("device" = String, Path, description = "Its id"), ("sequence" = u64, Path, description = "The statement's number")),
    responses(
        (status = 200, description = "A C2SP tlog-proof", body = String, content_type = "text/plain"),
        (status = 404, description = "Not sealed yet, or no such statement", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn receipt(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Path((device, sequence)): Path<(String, u64)>,
) -> Result<Response, Problem> {
    app.authorise(&caller, Action::ReadReceipt, &Object::of_operator("")).await?;
    let id = device_id(&device)?;
    let finder = service.clone();
    let found = app.blocking(move |_| finder.ordinal_of(id, sequence)).await?;
    let ordinal = found
        .map_err(|_| Problem::new(Kind::Unavailable))?
        .ok_or(Problem::new(Kind::NotFound).after_seconds(1))?;
    proof(&app, service, ordinal).await
}

/// Which numbers.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Numbers {
    /// The first number.
    pub from: u64,
    /// How many numbers, at most 256.
    #[param(minimum = 1, maximum = 256)]
    pub count: u64,
}

/// The receipts of a run of a device's statements, as far as they are sealed: each after a line with the statement's number
/// and the receipt's length in bytes. Numbers that are missing in the chain are left out.
#[utoipa::path(
    get, path = "/api/v1/devices/{device}/receipts", tag = "devices", operation_id = "device-receipts",
    params(("device" = String, Path, description = "Its id"), Numbers),
    responses(
        (status = 200, description = "C2SP tlog-proofs, one after the other", body = String, content_type = "text/plain"),
        (status = 400, description = "A question that makes no sense", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such device", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn receipts(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Path(device): Path<String>,
    Query(numbers): Query<Numbers>,
) -> Result<Response, Problem> {
    app.authorise(&caller, Action::ReadReceipt, &Object::of_operator("")).await?;
    let id = device_id(&device)?;
    if !(1..=MAX_RECEIPTS).contains(&numbers.count) {
        let why = format!("count: found {}, expected 1 to {MAX_RECEIPTS}", numbers.count);
        return Err(Problem::with(Kind::Malformed, why));
    }
    let file = app.blocking(move |_| run_of_receipts(&service, id, &numbers)).await??;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], file).into_response())
}

fn run_of_receipts(service: &Service, device: DeviceId, numbers: &Numbers) -> Result<String, Problem> {
    let next = service.registry().core().state.devices.get(&device).map(|d| d.chain.next);
    let end = numbers.from.saturating_add(numbers.count).min(next.ok_or(Problem::new(Kind::NotFound))?);
    let mut file = String::new();
    for sequence in numbers.from..end {
        let ordinal = service.ordinal_of(device, sequence).map_err(|_| Problem::new(Kind::Unavailable))?;
        let Some(ordinal) = ordinal else { continue };
        match service.registry().receipt(ordinal) {
            Ok(receipt) => file += &format!("{sequence} {}\n{receipt}", receipt.len()),
            // Later ones are sealed later, but for those that came late.
            Err(ReceiptError::NotYet { .. }) => {}
            Err(error) => return Err(no_receipt(&error)),
        }
    }
    Ok(file)
}

/// A device's statement as it was signed, by the device's own number.
#[utoipa::path(
    get, path = "/api/v1/devices/{device}/statements/{sequence}", tag = "devices", operation_id = "device-statement",
    params(("device" = String, Path, description = "Its id"), ("sequence" = u64, Path, description = "The statement's number")),
    responses(
        (status = 200, description = "The envelope (COSE_Sign1)", body = Octets, content_type = "application/cose"),
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such statement, or it was erased", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn statement(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Path((device, sequence)): Path<(String, u64)>,
) -> Result<Response, Problem> {
    let id = device_id(&device)?;
    let found = app.blocking(move |_| {
        let ordinal = service.ordinal_of(id, sequence).map_err(|_| Problem::new(Kind::Unavailable))?;
        ordinal.map_or(Ok(None), |ordinal| found_statement(&service, ordinal))
    });
    whole(&app, &caller, found.await??).await
}
