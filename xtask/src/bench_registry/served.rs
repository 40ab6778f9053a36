//! A real registry as a process of its own, and what the system says of it.

use super::Result;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(120);
/// Most bytes of an answer.
const MAX_ANSWER: u64 = 64 << 20;

/// A registry that runs.
pub struct Served {
    child: Child,
    url: String,
    agent: ureq::Agent,
}

impl Drop for Served {
    fn drop(&mut self) {
        // Ended already, or now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Builds the binary.
pub fn release() -> Result<PathBuf> {
    let status = crate::cargo().args(["build", "--release", "--package", "overt"]).status()?;
    if !status.success() {
        return Err("the release build failed".into());
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    Ok(target.join("release/overt"))
}

impl Served {
    /// Starts it with a store in a folder, on a free port.
    pub fn start(binary: &Path, folder: &Path) -> Result<Self> {
        let mut child = Command::new(binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()?;
        let (mut line, mut said) = (String::new(), BufReader::new(child.stdout.take().ok_or("no output")?));
        said.read_line(&mut line)?;
        // A registry that finds nobody listening any more would end.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        let url =
            line.split_whitespace().find(|w| w.starts_with("http://")).ok_or("the registry did not start")?;
        let agent = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).build();
        Ok(Self { child, url: url.to_owned(), agent: agent.into() })
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its address for people.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it listens.
    pub fn address(&self) -> Result<std::net::SocketAddr> {
        Ok(self.url.trim_start_matches("http://").parse()?)
    }

    /// Asks it something.
    pub fn send(&self, method: &str, path: &str, token: Option<&str>, body: &[u8]) -> Result<Vec<u8>> {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        if let Some(token) = token {
            request = request
                .header("authorization", format!("Bearer {token}"))
                .header("content-type", "application/json");
        }
        let mut answer = self.agent.run(request.body(body)?)?;
        Ok(answer.body_mut().with_config().limit(MAX_ANSWER).read_to_vec()?)
    }

    /// Hands in a body; gives the ordinal of its last statement and how many were accepted.
    pub fn submit(&self, body: &[u8]) -> Result<(u64, usize)> {
        let answer: serde_json::Value =
            serde_json::from_slice(&self.send("POST", "/api/v1/statements", None, body)?)?;
        let runs = answer.get("accepted").and_then(serde_json::Value::as_array).ok_or("no answer")?;
        let number = |run: &serde_json::Value, name: &str| {
            run.get(name).and_then(serde_json::Value::as_u64).unwrap_or(0)
        };
        let count: u64 = runs.iter().map(|run| number(run, "count")).sum();
        let last = runs.last().map_or(0, |run| number(run, "first") + number(run, "count") - 1);
        let refused = answer.get("refused").and_then(serde_json::Value::as_array);
        match refused.and_then(|r| r.first()) {
            Some(first) => Err(format!("a statement was refused: {first}").into()),
            None => Ok((last, usize::try_from(count)?)),
        }
    }

    /// Whether an entry is proved.
    pub fn has_receipt(&self, ordinal: u64) -> bool {
        self.send("GET", &format!("/api/v1/receipts/{ordinal}"), None, &[]).is_ok()
    }

    /// Ends it as an operator would, so that the history is on the disk.
    pub fn stop(mut self) -> Result<()> {
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.child.id())?).ok_or("no process")?;
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { Err(format!("the registry ended with {status}").into()) }
    }
}

/// A line of `/proc/PID/status`, in MiB.
pub fn memory(pid: u32, name: &str) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|l| l.strip_prefix(name)).ok_or("no such line")?;
    let kib: u64 = line.trim_matches(|c: char| !c.is_ascii_digit()).parse()?;
    Ok(kib >> 10)
}

/// Bytes of all files in a folder.
pub fn bytes(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        sum += if meta.is_dir() { bytes(&entry.path())? } else { meta.len() };
    }
    Ok(sum)
}
