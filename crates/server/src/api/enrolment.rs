//! Enrolment of devices, one or many, and the replacement of their keys: requests that devices sign.

use super::{Running, device_id, not_taken, refused};
use crate::app::App;
use crate::caller::Caller;
use crate::openapi::Octets;
use crate::problem::{Kind, Problem};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use registry::Command;
use serde::Serialize;
use statement::Body;
use utoipa::ToSchema;

/// A device that was enrolled.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnrolledDevice {
    /// Its id, 32 hexadecimal digits.
    pub device: String,
    /// Who answers for it.
    pub operator: String,
    /// Where it stands.
    pub site: String,
    /// Ordinal of the record.
    pub ordinal: u64,
}

/// Enrol a device. The request is signed with the device's own key, and a one-time token or an authority in it vouches for it.
#[utoipa::path(
    post, path = "/api/v1/devices", tag = "devices", operation_id = "enrol",
    request_body(content = Octets, content_type = "application/cose", description = "The signed request"),
    responses(
        (status = 201, description = "Enrolled", body = EnrolledDevice),
        (status = 400, description = "No request, or its signature does not hold", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The device is there already", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Nobody vouches for it", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn enrol(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    body: Bytes,
) -> Result<(StatusCode, Json<EnrolledDevice>), Problem> {
    let by = caller.name.clone();
    let answer = app
        .blocking(move |_| {
            let mut recorded =
                service.record(&by, vec![Command::Enrol(body.to_vec())]).map_err(|e| not_taken(&e))?;
            let (ordinal, body) =
                recorded.pop().ok_or(Problem::new(Kind::Internal))?.map_err(|e| refused(&e))?;
            let Body::Enrolled(enrolled) = body else { return Err(Problem::new(Kind::Internal)) };
            let operator =
                service.registry().core().state.site(&enrolled.site).map(|s| s.operator.to_string());
            let (device, site) = (enrolled.device.to_string(), enrolled.site.to_string());
            Ok(EnrolledDevice { device, operator: operator.unwrap_or_default(), site, ordinal })
        })
        .await??;
    Ok((StatusCode::CREATED, Json(answer)))
}

/// One answer to a request of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnrolledOrNot {
    /// The device, if it was enrolled.
    pub device: Option<String>,
    /// Why not, if it was not.
    pub refused: Option<String>,
}

/// Enrol many devices at once; each request stands for itself, and is vouched for on its own.
#[utoipa::path(
    post, path = "/api/v1/devices/batch", tag = "devices", operation_id = "enrol-batch",
    request_body(content = Octets, content_type = "application/cbor-seq", description = "A CBOR sequence of at most 4,096 signed requests"),
    responses(
        (status = 200, description = "What became of each, in order", body = Vec<EnrolledOrNot>),
        (status = 400, description = "Not a sequence of requests; nothing was taken", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn batch(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    body: Bytes,
) -> Result<Json<Vec<EnrolledOrNot>>, Problem> {
    let by = caller.name.clone();
    let answers = app
        .blocking(move |_| {
            let requests = statement::split(&body, registry::MAX_STATEMENTS);
            let requests = requests.map_err(|e| Problem::with(Kind::Malformed, e.to_string()))?;
            let wishes = requests.iter().map(|r| Command::Enrol(r.bytes.to_vec())).collect();
            service.record(&by, wishes).map_err(|e| not_taken(&e))
        })
        .await??;
    let answer = |recorded: registry::Recorded| match recorded {
        Ok((_, Body::Enrolled(enrolled))) => {
            EnrolledOrNot { device: Some(enrolled.device.to_string()), refused: None }
        }
        Ok(_) => EnrolledOrNot { device: None, refused: Some("not an enrolment".to_owned()) },
        Err(error) => EnrolledOrNot { device: None, refused: Some(error.to_string()) },
    };
    Ok(Json(answers.into_iter().map(answer).collect()))
}

/// Replace a device's key. The request is signed with the old key and proves that the device has the new one.
#[utoipa::path(
    post, path = "/api/v1/devices/{device}/keys", tag = "devices", operation_id = "rotate",
    params(("device" = String, Path, description = "Its id")),
    request_body(content = Octets, content_type = "application/cose", description = "The signed request"),
    responses(
        (status = 201, description = "Replaced"),
        (status = 400, description = "No request, or a signature does not hold", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn rotate(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Path(device): Path<String>,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    device_id(&device)?;
    super::record::carry_out(&app, service, caller.name, Command::Rotate(body.to_vec())).await?;
    Ok(StatusCode::CREATED)
}
