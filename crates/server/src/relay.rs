//! The HTTP side of a relay: takes what devices of a site say and ask, and hands it to whoever keeps or forwards it.
//!
//! Only what devices need has a route: nobody reaches the registry's other doors through a relay. Must not hold a token, and
//! must not know what a body means.

use crate::problem::{Kind, Problem};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Most requests that are worked on at once; the others wait.
const AT_ONCE: usize = 64;
/// Headers of a request that go on to the registry.
const ASKED: [HeaderName; 1] = [header::CONTENT_TYPE];
/// Headers of an answer that go back to the device.
const ANSWERED: [HeaderName; 4] = [header::CONTENT_TYPE, header::RETRY_AFTER, header::DATE, header::ETAG];

/// A request of a device.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `GET`, `POST` or `PUT`.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Headers that matter.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What it is answered.
#[derive(Clone, Debug, Default)]
pub struct Answered {
    /// HTTP status.
    pub status: u16,
    /// Headers; those that do not matter are left out on the way.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What stands behind the HTTP side. Both block.
pub trait Relaying: Send + Sync + 'static {
    /// Keeps statements: they are on the disk when this returns.
    ///
    /// # Errors
    ///
    /// A problem, if nothing of the body was kept.
    fn keep(&self, body: &[u8]) -> Result<usize, Problem>;

    /// Asks the registry.
    ///
    /// # Errors
    ///
    /// A problem, if it does not answer.
    fn ask(&self, asked: Asked) -> Result<Answered, Problem>;
}

struct Shared<R> {
    relaying: R,
    seats: Semaphore,
}

/// The routes of a relay.
pub fn router<R: Relaying>(relaying: R) -> Router {
    let shared = Arc::new(Shared { relaying, seats: Semaphore::new(AT_ONCE) });
    Router::new()
        .route("/api/v1/statements", post(keep::<R>))
        .route("/api/v1/devices", post(pass::<R>))
        .route("/api/v1/devices/{device}/keys", post(pass::<R>))
        .route("/api/v1/devices/{device}/position", get(pass::<R>))
        .route("/api/v1/devices/{device}/receipts", get(pass::<R>))
        .route("/api/v1/devices/{device}/receipts/{sequence}", get(pass::<R>))
        .route("/api/v1/evidence/{digest}", put(pass::<R>))
        .route("/checkpoint", get(pass::<R>))
        .route("/policy", get(pass::<R>))
        .route("/tile/{*path}", get(pass::<R>))
        .route("/healthz", get(|| async { "ok\n" }))
        .layer(DefaultBodyLimit::max(registry::MAX_BODY))
        .with_state(shared)
}

async fn keep<R: Relaying>(State(shared): State<Arc<Shared<R>>>, body: Bytes) -> Response {
    let kept = work(shared, move |relaying| relaying.keep(&body)).await;
    match kept {
        Ok(count) => {
            // The relay knows no ordinals: 0 stands for them, and receipts tell the rest.
            let accepted = if count == 0 {
                vec![]
            } else {
                vec![serde_json::json!({ "index": 0, "count": count, "first": 0 })]
            };
            let body =
                serde_json::json!({ "accepted": accepted, "duplicates": [], "refused": [], "wanted": [] });
            axum::Json(body).into_response()
        }
        Err(problem) => problem.into_response(),
    }
}

async fn pass<R: Relaying>(State(shared): State<Arc<Shared<R>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, registry::MAX_BODY).await else {
        return Problem::new(Kind::TooLarge).into_response();
    };
    let path = parts.uri.path_and_query().map_or_else(|| parts.uri.path().to_owned(), ToString::to_string);
    let headers = named(&parts.headers, &ASKED);
    let asked = Asked { method: parts.method.to_string(), path, headers, body: body.to_vec() };
    match work(shared, move |relaying| relaying.ask(asked)).await {
        Ok(answered) => response(answered),
        Err(problem) => problem.into_response(),
    }
}

fn named(headers: &HeaderMap, names: &[HeaderName]) -> Vec<(String, String)> {
    let one = |name: &HeaderName| Some((name.to_string(), headers.get(name)?.to_str().ok()?.to_owned()));
    names.iter().filter_map(one).collect()
}

fn response(answered: Answered) -> Response {
    let mut response = answered.body.into_response();
    *response.status_mut() = StatusCode::from_u16(answered.status).unwrap_or(StatusCode::BAD_GATEWAY);
    for name in &ANSWERED {
        let found = answered.headers.iter().find(|(known, _)| known == name.as_str());
        if let Some(value) = found.and_then(|(_, value)| HeaderValue::from_str(value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Does blocking work on a thread for it, when there is a seat.
async fn work<R: Relaying, T: Send + 'static>(
    shared: Arc<Shared<R>>,
    what: impl FnOnce(&R) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let _seat = shared.seats.acquire().await.map_err(|_| Problem::new(Kind::Unavailable))?;
    let relaying = Arc::clone(&shared);
    let done = tokio::task::spawn_blocking(move || what(&relaying.relaying)).await;
    done.map_err(|_| Problem::new(Kind::Internal))?
}
