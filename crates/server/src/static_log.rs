//! The log as static files (C2SP tlog-tiles): the checkpoint and the tiles, for anyone, to be kept by any cache.
//!
//! Only names that are tiles reach the store: whatever else lies there is not served.

use crate::app::App;
use crate::caller::Caller;
use crate::openapi::Octets;
use crate::problem::{Kind, Problem};
use crate::token::hexadecimal;
use access::{Action, Object};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use tlog::Tile;

/// Name of the checkpoint's object.
const CHECKPOINT: &str = "checkpoint";
/// A checkpoint is followed by the next within seconds.
const CHECKPOINT_CACHE: &str = "public, max-age=1, must-revalidate";
/// A full tile never changes and never goes.
const FULL_CACHE: &str = "public, max-age=31536000, immutable";
/// A partial tile never changes, but goes when it is full.
const PARTIAL_CACHE: &str = "public, max-age=600";
/// Bytes of a SHA-256 that an entity tag shows: enough to tell values apart.
const TAG_BYTES: usize = 16;

/// The signed checkpoint of the log.
#[utoipa::path(
    get, path = "/checkpoint", tag = "log", operation_id = "checkpoint",
    responses(
        (status = 200, description = "The checkpoint (C2SP tlog-checkpoint) with its cosignatures", body = String, content_type = "text/plain"),
        (status = 304, description = "Unchanged since If-None-Match"),
        (status = 404, description = "Nothing is published yet", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn checkpoint(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    app.authorise(&caller, Action::ReadLog, &Object::Registry).await?;
    let value = object(&app, CHECKPOINT.to_owned()).await?;
    Ok(answer(&headers, value, "text/plain; charset=utf-8", CHECKPOINT_CACHE))
}

/// A tile of hashes, or a bundle of entries.
#[utoipa::path(
    get, path = "/tile/{path}", tag = "log", operation_id = "tile",
    params(("path" = String, Path,
        description = "The name of a tile after `tile/`, such as `0/x001/234`, `1/000.p/5` or `entries/000` (C2SP tlog-tiles). Slashes may stand as they are.")),
    responses(
        (status = 200, description = "The hashes or entries, in binary", body = Octets, content_type = "application/octet-stream"),
        (status = 304, description = "Unchanged since If-None-Match"),
        (status = 404, description = "No such tile", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn tile(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    app.authorise(&caller, Action::ReadLog, &Object::Registry).await?;
    let tile: Tile = format!("tile/{path}").parse().map_err(|_| Problem::new(Kind::NotFound))?;
    let value = object(&app, tile.to_string()).await?;
    let cache = if tile.is_full() { FULL_CACHE } else { PARTIAL_CACHE };
    Ok(answer(&headers, value, "application/octet-stream", cache))
}

async fn object(app: &App, name: String) -> Result<Vec<u8>, Problem> {
    let found = app.blocking(move |store| store.get(&name)).await?;
    found.map_err(|_| Problem::new(Kind::Unavailable))?.ok_or_else(|| Problem::new(Kind::NotFound))
}

fn answer(asked: &HeaderMap, value: Vec<u8>, media_type: &'static str, cache: &'static str) -> Response {
    let digest = Sha256::digest(&value);
    let tag = format!("\"{}\"", hexadecimal(digest.get(..TAG_BYTES).unwrap_or_default()));
    let mut response = if matches(asked, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, media_type)], value).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    // Anybody's page may check this log.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// Whether `If-None-Match` names this tag (RFC 9110, section 13.1.2: compared weakly, `*` for any).
fn matches(asked: &HeaderMap, tag: &str) -> bool {
    let values = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}
