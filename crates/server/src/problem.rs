//! Errors as problem details (RFC 9457): what is wrong, in words for whoever asked, and nothing of the inside.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// Media type of a problem (RFC 9457, section 6.1).
pub const MEDIA_TYPE: &str = "application/problem+json";
/// Where the types of problems are explained: a path on the same server, as RFC 9457, section 3.1.1, allows.
const TYPES: &str = "/problems/";
/// Most characters of a detail: what was found may be repeated in it.
const MAX_DETAIL: usize = 500;

/// Status, name, title and advice of each kind, in the order of [`Kind::ALL`].
const ROWS: [Row; 13] = [
    (
        StatusCode::BAD_REQUEST,
        "malformed",
        "The request cannot be read",
        "Mend the request; the detail says what was found and what was expected.",
    ),
    (
        StatusCode::UNAUTHORIZED,
        "unauthenticated",
        "A valid token is needed",
        "Send a token as 'Authorization: Bearer ovt_...'. An expired, revoked or unknown token is answered the same way.",
    ),
    (
        StatusCode::FORBIDDEN,
        "forbidden",
        "This role may not do that",
        "Ask whoever issued the token. Whether the thing exists is told only to those who may see it.",
    ),
    (StatusCode::NOT_FOUND, "not-found", "There is no such thing", "Check the address."),
    (StatusCode::METHOD_NOT_ALLOWED, "method", "Not with this method", "The header Allow names the methods."),
    (
        StatusCode::REQUEST_TIMEOUT,
        "timeout",
        "The request did not arrive or could not be answered in time",
        "Send it again, in smaller parts if it is large.",
    ),
    (
        StatusCode::CONFLICT,
        "conflict",
        "Something else is there already",
        "Read what is there, and decide anew.",
    ),
    (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large", "Send it in smaller parts."),
    (
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "media-type",
        "The body has another media type than expected",
        "The description of the API names the media type.",
    ),
    (
        StatusCode::UNPROCESSABLE_ENTITY,
        "refused",
        "Understood and refused",
        "The detail says why; where the reason is a provision of law, the article is named.",
    ),
    (
        StatusCode::TOO_MANY_REQUESTS,
        "too-many",
        "Too many requests",
        "Wait as many seconds as the header Retry-After says.",
    ),
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "Something failed here",
        "Nothing is wrong with the request. The operator of this registry finds the reason in its log.",
    ),
    (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not ready to answer", "Send it again a little later."),
];

/// A row.
type Row = (StatusCode, &'static str, &'static str, &'static str);
/// Which kind of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request cannot be read.
    Malformed,
    /// No valid credential.
    Unauthenticated,
    /// The credential does not allow it.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// Not with this method.
    Method,
    /// The request did not arrive in time.
    Timeout,
    /// Something else is there already.
    Conflict,
    /// The body is too large.
    TooLarge,
    /// The body has the wrong media type.
    MediaType,
    /// The request was understood and refused for what it says.
    Refused,
    /// Too many requests.
    TooMany,
    /// Something failed here.
    Internal,
    /// Not ready, or too busy.
    Unavailable,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Malformed,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::Method,
        Self::Timeout,
        Self::Conflict,
        Self::TooLarge,
        Self::MediaType,
        Self::Refused,
        Self::TooMany,
        Self::Internal,
        Self::Unavailable,
    ];

    fn row(self) -> Row {
        Self::ALL.iter().position(|kind| *kind == self).and_then(|at| ROWS.get(at)).copied().unwrap_or((
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "",
            "",
        ))
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(self) -> StatusCode {
        self.row().0
    }

    /// Its name: the last part of the type.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// What it is, in a line.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.row().2
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(self) -> &'static str {
        self.row().3
    }

    /// The kind that an answer of this status is.
    #[must_use]
    pub fn of(status: StatusCode) -> Self {
        let fallback = if status.is_server_error() { Self::Internal } else { Self::Malformed };
        Self::ALL.into_iter().find(|kind| kind.status() == status).unwrap_or(fallback)
    }
}

/// A problem, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Where this type of problem is explained.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference")]
    kind: String,
    /// What it is, in a line.
    title: String,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What was found and what was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The provision behind a refusal that has a legal reason, such as `de/enefg-11`.
    #[serde(skip_serializing_if = "Option::is_none")]
    article: Option<String>,
    #[serde(skip)]
    retry_after: Option<u64>,
}

impl Problem {
    /// A problem without detail.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self {
            kind: format!("{TYPES}{}", kind.name()),
            title: kind.title().to_owned(),
            status: kind.status().as_u16(),
            detail: None,
            article: None,
            retry_after: None,
        }
    }

    /// A problem with a detail for whoever asked.
    pub fn with(kind: Kind, detail: impl AsRef<str>) -> Self {
        let clean: String = detail.as_ref().chars().filter(|c| !c.is_control()).take(MAX_DETAIL).collect();
        Self { detail: (!clean.is_empty()).then_some(clean), ..Self::new(kind) }
    }

    /// The same, refused for this provision.
    #[must_use]
    pub fn by_article(mut self, article: impl Into<String>) -> Self {
        self.article = Some(article.into());
        self
    }

    /// The same, to be tried again after so many seconds.
    #[must_use]
    pub fn after_seconds(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response();
        let mut set = |name: HeaderName, value: HeaderValue| response.headers_mut().insert(name, value);
        if let Some(seconds) = self.retry_after {
            set(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            set(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"overt\""));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_gives_its_kind_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of(kind.status()), kind);
        }
        assert_eq!(Kind::of(StatusCode::BAD_GATEWAY), Kind::Internal);
        assert_eq!(Kind::of(StatusCode::IM_A_TEAPOT), Kind::Malformed);
    }

    #[test]
    fn a_detail_is_bounded_and_one_line() {
        let problem = Problem::with(Kind::Malformed, format!("a\r\n{}", "b".repeat(10_000)));
        let json = serde_json::to_value(&problem).unwrap();
        assert_eq!(json["detail"].as_str().unwrap().len(), MAX_DETAIL);
        assert!(json["detail"].as_str().unwrap().starts_with("ab"));
        assert_eq!(json["type"], "/problems/malformed");
        assert_eq!(json.get("article"), None);
    }
}
