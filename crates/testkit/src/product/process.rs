//! One process of the product.

use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Longest time that a process may take to end when it is asked to.
const ENDING: Duration = Duration::from_secs(30);
/// Time between two looks.
const GLANCE: Duration = Duration::from_millis(10);

/// A process whose output goes into a file. It is killed when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a program; what it prints is added to the file `log`.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn start<S: AsRef<OsStr>>(
        program: &Path,
        args: impl IntoIterator<Item = S>,
        log: &Path,
    ) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.args(args);
        Self::of(command, log)
    }

    /// Starts a command; what it prints is added to the file `log`.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn of(mut command: Command, log: &Path) -> io::Result<Self> {
        let out = OpenOptions::new().create(true).append(true).open(log)?;
        let child =
            command.env("NO_COLOR", "1").stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out).spawn()?;
        Ok(Self { child, log: log.to_owned() })
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// All that it and its forerunners have printed.
    #[must_use]
    pub fn said(&self) -> String {
        std::fs::read(&self.log).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default()
    }

    /// How it ended, if it has.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Kills it where it stands (SIGKILL).
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn kill(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }

    /// Asks it to end (SIGTERM) and waits until it has.
    ///
    /// # Errors
    ///
    /// What the system says, or that it does not end.
    pub fn terminate(&mut self) -> io::Result<ExitStatus> {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let (None, Some(id)) = (self.ended()?, id) {
            kill_process(id, Signal::TERM)?;
        }
        self.wait(ENDING)
    }

    /// Waits until it has ended by itself.
    ///
    /// # Errors
    ///
    /// What the system says, or that it does not end in this time.
    pub fn wait(&mut self, longest: Duration) -> io::Result<ExitStatus> {
        let until = Instant::now() + longest;
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            if Instant::now() > until {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "the process does not end"));
            }
            std::thread::sleep(GLANCE);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.kill();
    }
}
