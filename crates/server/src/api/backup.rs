//! A copy of the store while it runs.

use super::Running;
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Kind, Problem};
use access::{Action, Object};
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Deserialize;
use std::path::PathBuf;
use utoipa::ToSchema;

/// Where the copy is to lie.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupWish {
    /// An empty or missing folder on the registry's machine, as an absolute path.
    pub folder: String,
}

/// Copy the store into a folder on the registry's machine. Secrets are not in it.
#[utoipa::path(
    post, path = "/api/v1/backups", tag = "registry", operation_id = "backup", request_body = BackupWish,
    responses(
        (status = 201, description = "It is there, durable"),
        (status = 400, description = "Not an absolute path", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The folder cannot be used", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn make(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Json(wish): Json<BackupWish>,
) -> Result<StatusCode, Problem> {
    app.authorise(&caller, Action::Backup, &Object::Registry).await?;
    let folder = PathBuf::from(&wish.folder);
    if !folder.is_absolute() || wish.folder.contains('\0') {
        return Err(Problem::with(Kind::Malformed, "folder: expected an absolute path"));
    }
    let outcome = app.blocking(move |_| service.backup(&folder)).await?;
    outcome.map(|()| StatusCode::CREATED).map_err(|why| Problem::with(Kind::Refused, why))
}
