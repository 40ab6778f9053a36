//! The audit log: who did what to what, allowed or refused and by which policies. One JSON object a line, appended, never changed.
//!
//! A thread of its own writes it. An entry is acknowledged when it would survive a power cut; what cannot be written is not done
//! (the caller answers that it is not available). Secrets have no field here.

mod file;

pub use file::AuditFile;

use access::{Action, Decision, Object, Role};
use jiff::Timestamp;
use serde::Serialize;
use std::path::PathBuf;
use std::thread;
use tokio::sync::{mpsc, oneshot};

/// Entries that may wait for the thread; whoever comes then waits.
const QUEUE: usize = 4096;
/// Most entries that are written with one sync.
const BATCH: usize = 1024;
/// Most characters of a name in an entry.
const MAX_TEXT: usize = 256;

/// Why there is no audit log.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// A file failed.
    #[error("audit log {path}: {error}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The thread is not there.
    #[error("the thread of the audit log has ended")]
    Ended,
    /// Writing failed earlier in the same batch.
    #[error("the audit log could not be written")]
    Written,
}

/// One line.
#[derive(Debug, Serialize)]
struct Line<'a> {
    time: String,
    who: String,
    role: &'static str,
    action: &'static str,
    object: String,
    allowed: bool,
    policies: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    errors: &'a [String],
    peer: String,
}

/// What is written down.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// When.
    pub time: Timestamp,
    /// The name of the credential.
    pub who: &'a str,
    /// As what.
    pub role: Role,
    /// What.
    pub action: Action,
    /// To what.
    pub object: &'a Object,
    /// What was decided.
    pub decision: &'a Decision,
    /// From where.
    pub peer: std::net::SocketAddr,
}

struct Wait {
    line: Vec<u8>,
    written: oneshot::Sender<bool>,
}

/// Writes entries; cheap to clone.
#[derive(Clone, Debug)]
pub struct Audit {
    queue: mpsc::Sender<Wait>,
}

impl Audit {
    /// Starts the thread that writes to this file.
    ///
    /// # Errors
    ///
    /// [`AuditError`] if there can be no thread.
    pub fn start(mut file: AuditFile) -> Result<Self, AuditError> {
        let (queue, mut waiting) = mpsc::channel(QUEUE);
        let write = move || {
            while let Some(first) = waiting.blocking_recv() {
                write_batch(&mut file, first, &mut waiting);
            }
        };
        thread::Builder::new().name("audit".to_owned()).spawn(write).map_err(|_| AuditError::Ended)?;
        Ok(Self { queue })
    }

    /// Writes an entry down; it is durable when this returns `Ok`.
    ///
    /// # Errors
    ///
    /// [`AuditError`] if it may not be.
    pub async fn write(&self, entry: &Entry<'_>) -> Result<(), AuditError> {
        let line = Line {
            time: entry.time.to_string(),
            who: short(entry.who),
            role: entry.role.name(),
            action: entry.action.name(),
            object: short(&entry.object.to_string()),
            allowed: entry.decision.allowed,
            policies: &entry.decision.policies,
            errors: &entry.decision.errors,
            peer: entry.peer.to_string(),
        };
        let mut line = serde_json::to_vec(&line).map_err(|_| AuditError::Written)?;
        line.push(b'\n');
        let (written, done) = oneshot::channel();
        self.queue.send(Wait { line, written }).await.map_err(|_| AuditError::Ended)?;
        match done.await {
            Ok(true) => Ok(()),
            Ok(false) => Err(AuditError::Written),
            Err(_) => Err(AuditError::Ended),
        }
    }
}

fn write_batch(file: &mut AuditFile, first: Wait, waiting: &mut mpsc::Receiver<Wait>) {
    let mut batch = vec![first];
    while batch.len() < BATCH {
        let Ok(next) = waiting.try_recv() else { break };
        batch.push(next);
    }
    let lines: Vec<u8> = batch.iter().flat_map(|wait| wait.line.iter().copied()).collect();
    let good = file.append(&lines).is_ok();
    for wait in batch {
        // Whoever asked may have gone.
        let _ = wait.written.send(good);
    }
}

fn short(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}
