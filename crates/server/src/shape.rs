//! The shape of every answer: counted, in time, with the headers that keep browsers from guessing, errors as problem details.

use crate::app::App;
use crate::caller::Peer;
use crate::problem::{self, Kind, Problem};
use axum::body::to_bytes;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Instant;

/// Most bytes of an error that is turned into a problem.
const MAX_TEXT: usize = 4096;
/// Route of whatever no route answers.
const NO_ROUTE: &str = "none";

/// Counts an answer and sets its headers.
pub async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let tls = request.extensions().get::<Peer>().is_some_and(|peer| peer.tls);
    let mut response = next.run(request).await;
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    app.metrics().answered(route, &method, response.status().as_u16(), start.elapsed());
    set_headers(&mut response, tls);
    response
}

fn set_headers(response: &mut Response, tls: bool) {
    let headers = response.headers_mut();
    let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::X_FRAME_OPTIONS, "DENY");
    if tls {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    let mut default = |name, value| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    default(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    // What one may see, a shared cache must not show to another.
    default(header::CACHE_CONTROL, "no-store");
}

/// Ends what takes too long: a body that trickles in, a store that hangs.
pub async fn deadline(State(app): State<App>, request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(app.deadline(), next.run(request)).await;
    answer.unwrap_or_else(|_| Problem::new(Kind::Timeout).into_response())
}

/// Turns errors of the framework into problem details, and tells nothing of what failed inside.
pub async fn problems(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let media_type = response.headers().get(header::CONTENT_TYPE);
    if !is_error || media_type.is_some_and(|found| found == problem::MEDIA_TYPE) {
        return response;
    }
    let allow = response.headers().get(header::ALLOW).cloned();
    let detail = if status.is_client_error() {
        let bytes = to_bytes(response.into_body(), MAX_TEXT).await.unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    } else {
        String::new()
    };
    let mut response = Problem::with(Kind::of(status), detail).into_response();
    *response.status_mut() = status;
    if let Some(allow) = allow {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

/// Whatever no route answers.
pub async fn nothing_there() -> Problem {
    Problem::new(Kind::NotFound)
}
