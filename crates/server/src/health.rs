//! Whether the registry is up, whether it can serve, what it counted, and what its problems mean.

use crate::app::App;
use crate::caller::Caller;
use crate::metrics;
use crate::problem::{Kind, Problem};
use access::{Action, Object};
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

/// Whether the process answers at all.
#[utoipa::path(get, path = "/healthz", tag = "health", operation_id = "healthz",
    responses((status = 200, description = "It does", body = String, content_type = "text/plain")))]
pub async fn healthz(State(app): State<App>, caller: Caller) -> Result<&'static str, Problem> {
    app.authorise(&caller, Action::ReadHealth, &Object::Registry).await?;
    Ok("ok\n")
}

/// Whether requests should be sent here: the store answers and nothing is shutting down.
#[utoipa::path(get, path = "/readyz", tag = "health", operation_id = "readyz",
    responses(
        (status = 200, description = "They should", body = String, content_type = "text/plain"),
        (status = 503, description = "Not now", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn readyz(State(app): State<App>, caller: Caller) -> Result<&'static str, Problem> {
    app.authorise(&caller, Action::ReadHealth, &Object::Registry).await?;
    if !app.is_ready() {
        return Err(Problem::with(Kind::Unavailable, "starting or shutting down"));
    }
    let store = app.blocking(|store| store.lock().map(|_| ())).await?;
    store.map_err(|_| Problem::with(Kind::Unavailable, "the store does not answer"))?;
    Ok("ready\n")
}

/// Counters as OpenMetrics.
#[utoipa::path(get, path = "/metrics", tag = "health", operation_id = "metrics", security(("token" = [])),
    responses(
        (status = 200, description = "OpenMetrics 1.0", body = String, content_type = "application/openmetrics-text"),
        (status = 401, description = "No valid token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not with this role", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn read_metrics(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    app.authorise(&caller, Action::ReadMetrics, &Object::Registry).await?;
    Ok(([(header::CONTENT_TYPE, metrics::MEDIA_TYPE)], app.metrics().text()).into_response())
}

/// What a type of problem means and what to do about it.
#[utoipa::path(get, path = "/problems/{name}", tag = "health", operation_id = "problem",
    params(("name" = String, Path, description = "The last part of a problem's `type`")),
    responses(
        (status = 200, description = "An explanation", body = String, content_type = "text/plain"),
        (status = 404, description = "No such type", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn problem(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<String, Problem> {
    app.authorise(&caller, Action::ReadOpenapi, &Object::Registry).await?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    let kind = kind.ok_or_else(|| Problem::new(Kind::NotFound))?;
    Ok(format!("{} ({})\n\n{}\n", kind.title(), kind.status().as_u16(), kind.advice()))
}
