//! Asking a registry over HTTP, with a client that is not the product's.

use std::io;
use std::time::Duration;
use ureq::http::Request;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

/// Most bytes of an answer.
const MAX_ANSWER: u64 = 256 << 20;

/// What was answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as a document; null if it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body, if it is one of success.
    ///
    /// # Errors
    ///
    /// The status and the body, as a sentence.
    pub fn good(self) -> io::Result<Self> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        Err(io::Error::other(format!("status {}: {}", self.status, self.text())))
    }
}

/// Asks one registry.
#[derive(Clone, Debug)]
pub struct Web {
    agent: ureq::Agent,
    base: String,
    token: Option<String>,
}

impl Web {
    /// Asks at an address, as nobody; no answer may take longer than `patience`. `roots` are certificates in PEM that are
    /// believed in the place of the usual ones.
    #[must_use]
    pub fn new(base: &str, patience: Duration, roots: Option<&[u8]>) -> Self {
        let mut tls = TlsConfig::builder();
        if let Some(pem) = roots {
            let certificate = |item| match item {
                Ok(PemItem::Certificate(certificate)) => Some(certificate),
                _ => None,
            };
            let all: Vec<_> = parse_pem(pem).filter_map(certificate).collect();
            tls = tls.root_certs(RootCerts::new_with_certs(&all));
        }
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(patience))
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .proxy(None)
            .tls_config(tls.build());
        Self { agent: config.build().into(), base: base.trim_end_matches('/').to_owned(), token: None }
    }

    /// The same, as the owner of a token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.trim().to_owned()), ..self.clone() }
    }

    /// Asks.
    ///
    /// # Errors
    ///
    /// If no whole answer comes.
    pub fn get(&self, path: &str) -> io::Result<Answer> {
        self.ask("GET", path, &[], &[])
    }

    /// Sends a body with headers.
    ///
    /// # Errors
    ///
    /// If no whole answer comes; it may have been taken all the same.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<Answer> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(body.to_vec()).map_err(io::Error::other)?;
        let mut answer = self.agent.run(request).map_err(io::Error::other)?;
        let status = answer.status().as_u16();
        let body =
            answer.body_mut().with_config().limit(MAX_ANSWER).read_to_vec().map_err(io::Error::other)?;
        Ok(Answer { status, body })
    }

    /// Sends a document.
    ///
    /// # Errors
    ///
    /// If no whole answer comes.
    pub fn document(&self, method: &str, path: &str, document: &serde_json::Value) -> io::Result<Answer> {
        let body = document.to_string();
        self.ask(method, path, &[("content-type", "application/json")], body.as_bytes())
    }
}
