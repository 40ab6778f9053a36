//! An agent as a process, with its folder.

use super::process::Process;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use tlog::SignedCheckpoint;

/// An agent that is started and ended, again and again, over one folder. It states every second, if nothing else is said.
#[derive(Debug)]
pub struct AgentProcess {
    prefix: Vec<OsString>,
    overt: PathBuf,
    data: PathBuf,
    url: String,
    roots: Option<PathBuf>,
    interval: String,
    process: Option<Process>,
}

impl AgentProcess {
    /// An agent that is not started yet: `overt` is the program, `data` its folder, `url` its registry.
    #[must_use]
    pub fn new(overt: &Path, data: &Path, url: &str) -> Self {
        let (overt, data, url) = (overt.to_owned(), data.to_owned(), url.to_owned());
        Self { prefix: Vec::new(), overt, data, url, roots: None, interval: "1s".to_owned(), process: None }
    }

    /// Runs it by another program, for instance `ip netns exec NAME`, and believes other roots.
    pub fn elsewhere(&mut self, prefix: &[&str], roots: &Path) {
        self.prefix = prefix.iter().map(OsString::from).collect();
        self.roots = Some(roots.to_owned());
    }

    /// Lets it state so often, as `overt agent --interval` has it.
    pub fn every(&mut self, interval: &str) {
        interval.clone_into(&mut self.interval);
    }

    /// The number of its process, if it runs.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }

    /// Its folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Sends it to another address.
    pub fn turn_to(&mut self, url: &str) {
        url.clone_into(&mut self.url);
    }

    fn command(&self, name: &str) -> Command {
        let mut words = self.prefix.iter().cloned().chain([self.overt.clone().into_os_string()]);
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).arg(name).arg("--data").arg(&self.data).args(["--registry", &self.url]);
        if let Some(roots) = &self.roots {
            command.arg("--roots").arg(roots);
        }
        command
    }

    /// Enrols it at a site with a token, and keeps the log's policy.
    ///
    /// # Errors
    ///
    /// That it is not let in, with what it said.
    pub fn enrol(&self, site: &str, token: &str, policy: &[u8]) -> io::Result<()> {
        let output = self.command("enrol").args(["--site", site, "--token", token]).output()?;
        if !output.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        std::fs::write(self.data.join("agent/trust.policy"), policy)
    }

    /// Starts it.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn start(&mut self) -> io::Result<()> {
        let mut command = self.command("agent");
        command.args(["--interval", &self.interval]);
        self.process = Some(Process::of(command, &self.data.with_extension("log"))?);
        Ok(())
    }

    /// Kills it where it stands.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn kill(&mut self) -> io::Result<()> {
        self.process.take().map_or(Ok(()), |mut process| process.kill())
    }

    /// Ends it cleanly.
    ///
    /// # Errors
    ///
    /// That it does not end, or not well.
    pub fn stop(&mut self) -> io::Result<()> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        let status = process.terminate()?;
        if status.success() {
            return Ok(());
        }
        Err(io::Error::other(format!("the agent ended with {status}: {}", self.said())))
    }

    /// What it and its forerunners have printed.
    #[must_use]
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.data.with_extension("log")).unwrap_or_default()
    }

    /// Leaves of the largest checkpoint that it has seen.
    #[must_use]
    pub fn seen(&self) -> u64 {
        let note = std::fs::read(self.data.join("agent/log/checkpoint")).unwrap_or_default();
        SignedCheckpoint::parse(&note).map_or(0, |signed| signed.checkpoint().size)
    }
}
