//! A witness over HTTP (C2SP tlog-witness): cosigns what only grew, remembers what it cosigned before it answers.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tlog::witness::{Answer, Request, Witness};
use tlog::{Hash, Head};

/// Most bytes of a request: a checkpoint with its signatures and a proof.
const MAX_BODY: usize = 640 << 10;

/// What a witness remembers: one line for each log, `size root origin`.
#[derive(Debug)]
pub struct Memory {
    path: PathBuf,
    heads: BTreeMap<String, Head>,
}

/// Why the memory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// The file.
    #[error("{path}: {error}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A line that is none.
    #[error(
        "{path}: line {line} is not 'size root origin'; a witness without its memory would cosign forks, so it does not start"
    )]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
}

impl Memory {
    /// Reads what was remembered.
    ///
    /// # Errors
    ///
    /// [`MemoryError`].
    pub fn open(path: &Path) -> Result<Self, MemoryError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(MemoryError::File { path: path.to_owned(), error }),
        };
        let mut heads = BTreeMap::new();
        for (number, line) in text.lines().enumerate() {
            let wrong = || MemoryError::Line { path: path.to_owned(), line: number + 1 };
            let (size, rest) = line.split_once(' ').ok_or_else(wrong)?;
            let (root, origin) = rest.split_once(' ').ok_or_else(wrong)?;
            let size = size.parse().map_err(|_| wrong())?;
            let root = Hash::from_base64(root).ok_or_else(wrong)?;
            heads.insert(origin.to_owned(), Head { size, root });
        }
        Ok(Self { path: path.to_owned(), heads })
    }

    fn remember(&mut self, origin: &str, head: Head) -> io::Result<()> {
        let before = self.heads.insert(origin.to_owned(), head);
        let written = self.write();
        if written.is_err() {
            match before {
                Some(head) => drop(self.heads.insert(origin.to_owned(), head)),
                None => drop(self.heads.remove(origin)),
            }
        }
        written
    }

    /// Writes all of it anew, durable before it returns.
    fn write(&self) -> io::Result<()> {
        let new = self.path.with_extension("new");
        let mut file = File::create(&new)?;
        for (origin, head) in &self.heads {
            writeln!(file, "{} {} {origin}", head.size, head.root.to_base64())?;
        }
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
            _ => Ok(()),
        }
    }
}

struct Shared {
    witness: Witness,
    memory: Mutex<Memory>,
    now_s: fn() -> u64,
}

/// The routes of a witness: `POST /add-checkpoint`, and its key at `/`.
pub fn router(witness: Witness, memory: Memory, now_s: fn() -> u64) -> Router {
    let shared = Arc::new(Shared { witness, memory: Mutex::new(memory), now_s });
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/", get(key))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(shared)
}

async fn key(State(shared): State<Arc<Shared>>) -> Result<String, StatusCode> {
    let key = shared.witness.verifier_key().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(format!("{key}\n"))
}

async fn add_checkpoint(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let answered = tokio::task::spawn_blocking(move || decide(&shared, &body)).await;
    match answered {
        Ok(answer) => {
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, [(header::CONTENT_TYPE, answer.content_type)], answer.body).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Decides, and remembers before it answers. One at a time: two answers must not come from one memory.
fn decide(shared: &Shared, body: &[u8]) -> Answer {
    let request = match Request::parse(body) {
        Ok(request) => request,
        Err(error) => return Witness::malformed(&error),
    };
    let mut memory = shared.memory.lock().unwrap_or_else(PoisonError::into_inner);
    let stored = memory.heads.get(&request.checkpoint.checkpoint().origin).copied();
    let decision = shared.witness.decide(&request, stored, (shared.now_s)());
    if let Some(change) = decision.change
        && memory.remember(&change.origin, change.to).is_err()
    {
        let body = "the memory cannot be written\n".to_owned();
        return Answer { status: 500, content_type: tlog::witness::TEXT_TYPE, body };
    }
    decision.answer
}

/// Serves routes in clear until `end` comes.
///
/// # Errors
///
/// What the system says.
pub async fn serve(
    listener: tokio::net::TcpListener,
    router: Router,
    end: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router).with_graceful_shutdown(end).await
}
