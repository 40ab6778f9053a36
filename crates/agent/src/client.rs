//! A registry over HTTP: blocking, with TLS by rustls; in clear only to this machine, unless another is allowed by name.
//!
//! Must not try again: how often and when is for who asks.

use crate::api::{
    Answer, CBOR_SEQ, COSE, Enrolled, MAX_ANSWER, MAX_RECEIPTS, MAX_SEEN, PositionAnswer, Registry, SEEN,
    Trouble, path,
};
use crate::carry::read_receipts;
use crate::clock::skew_ms;
use crate::machine::wall_ms;
use crate::spool::Position;
use serde::de::DeserializeOwned;
use statement::{DeviceId, Digest};
use std::sync::Mutex;
use std::time::Duration;
use tlog::{MAX_RECEIPT, TILE_WIDTH, Tile, to_base64};
use ureq::http::{Request, Response, Uri};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body, RequestBuilder};

/// Longest wait for one answer.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest time that an answer may ask us to wait.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);
/// Wait where an answer asks for one without saying how long.
const SOME_WAIT: Duration = Duration::from_secs(5);
/// Most bytes of a problem document.
const MAX_PROBLEM: u64 = 64 << 10;
/// Most characters of a problem that are shown.
const SHOWN: usize = 300;

/// Where a registry is and how it is believed to be it.
#[derive(Clone, Debug, Default)]
pub struct Endpoint {
    /// Its address: `https://host[:port]`, or `http://` for this machine.
    pub url: String,
    /// Root certificates in PEM, in the place of the usual ones.
    pub roots: Option<Vec<u8>>,
    /// Hosts besides this machine to which `http://` is allowed.
    pub clear_hosts: Vec<String>,
}

/// Why an endpoint cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not an address.
    #[error(
        "'{0}' is not the address of a registry: expected https://host[:port], or http:// for this machine"
    )]
    Address(String),
    /// In clear to somewhere else.
    #[error("http:// to '{0}' sends everything in clear: expected https://, or the host allowed by name")]
    Clear(String),
    /// No certificates.
    #[error("the file of root certificates has none that can be read")]
    Roots,
}

/// A client of one registry.
#[derive(Debug)]
pub struct Client {
    agent: Agent,
    base: String,
    skew: Mutex<Option<i64>>,
}

impl Client {
    /// A client; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`EndpointError`].
    pub fn new(endpoint: &Endpoint) -> Result<Self, EndpointError> {
        let base = endpoint.url.trim_end_matches('/').to_owned();
        let uri: Uri = base.parse().map_err(|_| EndpointError::Address(base.clone()))?;
        let host = uri.host().ok_or_else(|| EndpointError::Address(base.clone()))?;
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if loopback(host) || endpoint.clear_hosts.iter().any(|h| h == host) => {}
            Some("http") => return Err(EndpointError::Clear(host.to_owned())),
            _ => return Err(EndpointError::Address(base)),
        }
        let mut tls = TlsConfig::builder();
        if let Some(pem) = &endpoint.roots {
            tls = tls.root_certs(roots(pem)?);
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(TIMEOUT))
            .timeout_connect(Some(CONNECT))
            .proxy(None)
            .user_agent(concat!("overt/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls.build());
        Ok(Self { agent: config.build().into(), base, skew: Mutex::new(None) })
    }

    fn get(&self, path: &str) -> Result<Response<Body>, Trouble> {
        let request = self.agent.get(self.at(path));
        self.timed(|| request.call())
    }

    fn post(
        &self,
        path: &str,
        kind: &str,
        seen: Option<&str>,
        body: &[u8],
    ) -> Result<Response<Body>, Trouble> {
        let mut request = self.agent.post(self.at(path)).content_type(kind);
        if let Some(note) = seen.filter(|note| note.len() <= MAX_SEEN) {
            request = request.header(SEEN, to_base64(note.as_bytes()));
        }
        self.send(request, body)
    }

    fn send(
        &self,
        request: RequestBuilder<ureq::typestate::WithBody>,
        body: &[u8],
    ) -> Result<Response<Body>, Trouble> {
        self.timed(|| request.send(body))
    }

    /// Passes on a request as it is, for a relay: the answer whatever its status.
    ///
    /// # Errors
    ///
    /// [`Trouble`], if there is no answer, or one of more than `most` bytes.
    pub fn pass(&self, request: Request<Vec<u8>>, most: u64) -> Result<Response<Vec<u8>>, Trouble> {
        let (mut parts, body) = request.into_parts();
        let uri = self.at(&parts.uri.to_string()).parse();
        parts.uri = uri.map_err(|_| Trouble::Answer("the path makes no address".to_owned()))?;
        let answer = self.timed(|| match body.is_empty() {
            true => self.agent.run(Request::from_parts(parts, ())),
            false => self.agent.run(Request::from_parts(parts, body)),
        });
        let (parts, body) = answer?.into_parts();
        let body = bytes(Response::from_parts(parts.clone(), body), most)?;
        Ok(Response::from_parts(parts, body))
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Asks, and takes the registry's clock from the answer.
    fn timed(
        &self,
        ask: impl FnOnce() -> Result<Response<Body>, ureq::Error>,
    ) -> Result<Response<Body>, Trouble> {
        let sent = wall_ms();
        let response = ask().map_err(|error| Trouble::Unreachable(error.to_string()))?;
        if let Some(date) = response.headers().get("date").and_then(|date| date.to_str().ok())
            && let Ok(date) = jiff::fmt::rfc2822::parse(date)
            && let Ok(mut skew) = self.skew.lock()
        {
            *skew = Some(skew_ms(sent, wall_ms(), date.timestamp().as_second()));
        }
        Ok(response)
    }
}

impl Registry for Client {
    fn enrol(&self, request: &[u8]) -> Result<Enrolled, Trouble> {
        document(good(self.post(path::DEVICES, COSE, None, request)?)?)
    }

    fn replace_key(&self, device: DeviceId, request: &[u8]) -> Result<(), Trouble> {
        good(self.post(&path::keys(device), COSE, None, request)?).map(|_| ())
    }

    fn position(&self, device: DeviceId) -> Result<Position, Trouble> {
        let answer: PositionAnswer = document(good(self.get(&path::position(device))?)?)?;
        let wrong = || Trouble::Answer(format!("'{}' is no digest", answer.digest.escape_debug()));
        answer.position().ok_or_else(wrong)
    }

    fn statements(&self, body: &[u8], seen: Option<&str>) -> Result<Answer, Trouble> {
        document(good(self.post(path::STATEMENTS, CBOR_SEQ, seen, body)?)?)
    }

    fn receipt(&self, device: DeviceId, sequence: u64) -> Result<Option<Vec<u8>>, Trouble> {
        let most = u64::try_from(MAX_RECEIPT).unwrap_or(u64::MAX);
        optional(self.get(&path::receipt(device, sequence))?, most)
    }

    fn receipts(&self, device: DeviceId, from: u64, count: u64) -> Result<Vec<(u64, Vec<u8>)>, Trouble> {
        let most = u64::try_from(MAX_RECEIPT).unwrap_or(u64::MAX) * MAX_RECEIPTS;
        let file = bytes(good(self.get(&path::receipts(device, from, count))?)?, most)?;
        let receipts = read_receipts(&file).map_err(|error| Trouble::Answer(error.to_string()))?;
        Ok(receipts.into_iter().map(|(sequence, receipt)| (sequence, receipt.to_vec())).collect())
    }

    fn evidence(&self, digest: Digest, piece: &[u8]) -> Result<(), Trouble> {
        let request =
            self.agent.put(self.at(&path::evidence(digest))).content_type("application/octet-stream");
        good(self.send(request, piece)?).map(|_| ())
    }

    fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, Trouble> {
        // 32 bytes a hash; bundles of entries are not asked for.
        optional(self.get(&path::tile(tile))?, u64::from(TILE_WIDTH) * 32)
    }

    fn skew_ms(&self) -> Option<i64> {
        self.skew.lock().ok().and_then(|skew| *skew)
    }
}

fn loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn roots(pem: &[u8]) -> Result<RootCerts, EndpointError> {
    let certificate = |item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    };
    let all: Vec<_> = parse_pem(pem).filter_map(certificate).collect();
    if all.is_empty() { Err(EndpointError::Roots) } else { Ok(RootCerts::new_with_certs(&all)) }
}

/// The body where there is one, none for 404.
fn optional(response: Response<Body>, most: u64) -> Result<Option<Vec<u8>>, Trouble> {
    if response.status().as_u16() == 404 {
        return Ok(None);
    }
    bytes(good(response)?, most).map(Some)
}

/// The response if it is one of success.
fn good(response: Response<Body>) -> Result<Response<Body>, Trouble> {
    let status = response.status().as_u16();
    if (200..300).contains(&status) {
        return Ok(response);
    }
    if matches!(status, 429 | 502..=504) {
        let asked = response.headers().get("retry-after").and_then(|v| v.to_str().ok()?.parse().ok());
        let after = asked.map_or(SOME_WAIT, Duration::from_secs).min(LONGEST_WAIT);
        return Err(Trouble::Later { after, why: said(response) });
    }
    let detail = said(response);
    Err(Trouble::Refused { status, detail })
}

/// What the body of a refusal says.
fn said(response: Response<Body>) -> String {
    bytes(response, MAX_PROBLEM).map(|body| problem(&body)).unwrap_or_default()
}

/// What a problem document says (RFC 9457).
fn problem(body: &[u8]) -> String {
    let document: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name| document.get(name).and_then(serde_json::Value::as_str);
    let said = [text("title"), text("detail")].into_iter().flatten().collect::<Vec<_>>().join(": ");
    said.chars().filter(|c| !c.is_control()).take(SHOWN).collect()
}

fn document<T: DeserializeOwned>(response: Response<Body>) -> Result<T, Trouble> {
    serde_json::from_slice(&bytes(response, MAX_ANSWER)?).map_err(|error| Trouble::Answer(error.to_string()))
}

fn bytes(response: Response<Body>, most: u64) -> Result<Vec<u8>, Trouble> {
    let body = response.into_body().into_with_config().limit(most).read_to_vec();
    body.map_err(|error| match error {
        ureq::Error::BodyExceedsLimit(_) => Trouble::Answer(format!("it has more than {most} bytes")),
        other => Trouble::Unreachable(other.to_string()),
    })
}
