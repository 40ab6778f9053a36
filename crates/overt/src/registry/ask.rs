//! Asking a running registry: address, token, JSON.

use super::failed;
use super::folder::{self, DataArgs};
use crate::Failure;
use crate::table::printable;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::PathBuf;
use std::time::Duration;
use ureq::Body;
use ureq::http::Response;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Most bytes of an answer.
const MAX_ANSWER: u64 = 256 << 20;

/// Whom to ask, and as whom.
#[derive(Clone, Debug, clap::Args)]
pub struct AskArgs {
    #[command(flatten)]
    pub data: DataArgs,
    /// Address of the registry
    #[arg(long, value_name = "URL", env = "OVERT_REGISTRY", default_value = "http://127.0.0.1:7440")]
    pub registry: String,
    /// File with the token; otherwise OVERT_TOKEN, or the administrator's in the data folder
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
}

/// A connection with a token.
pub struct Ask {
    agent: ureq::Agent,
    base: String,
    token: Option<String>,
}

impl AskArgs {
    /// Gets ready to ask.
    pub fn open(&self) -> Result<Ask, Failure> {
        let config = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).http_status_as_error(false);
        let base = self.registry.trim_end_matches('/').to_owned();
        Ok(Ask { agent: config.build().into(), base, token: self.token()? })
    }

    fn token(&self) -> Result<Option<String>, Failure> {
        if let Some(path) = &self.token_file {
            let token = folder::read_secret(path)?;
            return token.map(Some).ok_or_else(|| Failure::Usage(format!("{} is not there", path.display())));
        }
        if let Ok(token) = std::env::var("OVERT_TOKEN") {
            return Ok(Some(token.trim().to_owned()));
        }
        folder::read_secret(&self.data.folder()?.join("registry/admin.token"))
    }
}

impl Ask {
    /// Asks for bytes.
    pub fn get(&self, path: &str) -> Result<Vec<u8>, Failure> {
        self.good(self.question(path)?)
    }

    /// Asks for bytes; none where the answer has this status.
    pub fn get_unless(&self, status: u16, path: &str) -> Result<Option<Vec<u8>>, Failure> {
        let answer = self.question(path)?;
        if answer.status().as_u16() == status { Ok(None) } else { self.good(answer).map(Some) }
    }

    fn question(&self, path: &str) -> Result<Response<Body>, Failure> {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        request.call().map_err(|e| self.silent(&e))
    }

    /// Asks for a document.
    pub fn document<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        let bytes = self.get(path)?;
        serde_json::from_slice(&bytes)
            .map_err(|e| failed("the registry answers something else than expected", e))
    }

    /// Sends a document with a method of HTTP.
    pub fn send(&self, method: &str, path: &str, body: &impl Serialize) -> Result<Vec<u8>, Failure> {
        let body = serde_json::to_vec(body).map_err(|e| failed("cannot write the request", e))?;
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("content-type", "application/json");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(body).map_err(|e| failed("cannot write the request", e))?;
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .build();
        self.good(ureq::Agent::from(agent).run(request).map_err(|e| self.silent(&e))?)
    }

    fn silent(&self, error: &ureq::Error) -> Failure {
        let base = printable(&self.base);
        Failure::Usage(format!(
            "no registry answers at {base}: {error}; start one with `overt up`, or say --registry URL"
        ))
    }

    /// The bytes of an answer if it is one of success.
    fn good(&self, mut answer: Response<Body>) -> Result<Vec<u8>, Failure> {
        let status = answer.status();
        let body = answer.body_mut().with_config().limit(MAX_ANSWER).read_to_vec();
        let body = body.map_err(|e| failed("the answer was cut off", e))?;
        if status.is_success() {
            return Ok(body);
        }
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        let text = |field: &str| {
            problem.get(field).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
        };
        let detail = [text("title"), text("detail")]
            .into_iter()
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join(": ");
        let hint = if status.as_u16() == 401 && self.token.is_none() {
            "; give a token with --token-file FILE or OVERT_TOKEN"
        } else {
            ""
        };
        Err(Failure::Usage(format!("the registry answers {}: {}{hint}", status.as_u16(), printable(&detail))))
    }
}
