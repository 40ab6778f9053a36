//! A program that was started in a session of its own, and that is stopped with all it started.

use super::throttle::{lock, signal};
use super::tree::{MARK, Tree};
use rustix::process::Signal;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant, SystemTime};

/// After this long a polite request to stop is no longer waited for.
const POLITE: Duration = Duration::from_millis(800);
/// Killing takes effect within this time, or something is stuck in the kernel.
const KILLED: Duration = Duration::from_secs(10);
/// How much of a program's output is searched for its ready text: the end of the file.
const READY_WINDOW: usize = 1 << 20;

/// Set when the harness is asked to stop: what it started is in sessions of its own and would outlive it.
static ASKED: LazyLock<Arc<AtomicBool>> = LazyLock::new(|| {
    let asked = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        // Without a handler the signal simply ends the harness, as it would have.
        let _ = signal_hook::flag::register(signal, Arc::clone(&asked));
    }
    asked
});

/// Fails once the harness was asked to stop.
///
/// # Errors
///
/// It was.
pub fn go_on() -> Result<(), String> {
    if ASKED.load(Ordering::Relaxed) { Err("interrupted".to_owned()) } else { Ok(()) }
}

/// A running program.
pub struct Started {
    child: Child,
    tree: Arc<Mutex<Tree>>,
    output: PathBuf,
    /// When it was started.
    pub at: SystemTime,
}

impl Started {
    /// Starts `words` in folder `work`; its output goes to `output`.
    ///
    /// # Errors
    ///
    /// Those of starting a program, in words.
    pub fn new(words: &[String], work: &Path, output: PathBuf) -> Result<Self, String> {
        let refused = |e: std::io::Error| format!("cannot start {words:?}: {e}");
        let file = File::create(&output).map_err(refused)?;
        let mark = output.display().to_string();
        let child = Command::new("setsid")
            .args(words)
            .current_dir(work)
            .env(MARK, &mark)
            .stdin(Stdio::null())
            .stdout(file.try_clone().map_err(refused)?)
            .stderr(file)
            .spawn()
            .map_err(refused)?;
        let tree = Arc::new(Mutex::new(Tree::new(child.id(), mark)));
        Ok(Self { child, tree, output, at: SystemTime::now() })
    }

    /// Its process number, also its session.
    pub fn root(&self) -> u32 {
        self.child.id()
    }

    /// Its processes.
    pub fn tree(&self) -> Arc<Mutex<Tree>> {
        Arc::clone(&self.tree)
    }

    /// Processor seconds so far.
    pub fn seconds(&self) -> f64 {
        lock(&self.tree, Tree::seconds)
    }

    /// What it has printed last.
    pub fn said(&self) -> String {
        let bytes = std::fs::read(&self.output).unwrap_or_default();
        let from = bytes.len().saturating_sub(READY_WINDOW);
        String::from_utf8_lossy(bytes.get(from..).unwrap_or_default()).into_owned()
    }

    /// Whether it still runs.
    pub fn running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits until it has printed `text`; gives the moment.
    ///
    /// # Errors
    ///
    /// It ended first, or `patience` seconds passed.
    pub fn wait_for(&mut self, text: &str, patience: f64) -> Result<SystemTime, String> {
        let begun = Instant::now();
        loop {
            go_on()?;
            if self.said().contains(text) {
                return Ok(SystemTime::now());
            }
            if !self.running() {
                return Err(format!("ended before it printed '{text}': {}", self.last_words()));
            }
            if begun.elapsed().as_secs_f64() > patience {
                return Err(format!("did not print '{text}' in {patience} s: {}", self.last_words()));
            }
            lock(&self.tree, Tree::update);
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    ///
    /// It failed, or the harness was asked to stop.
    pub fn finish(&mut self) -> Result<(), String> {
        loop {
            go_on()?;
            match self.child.try_wait().map_err(|e| e.to_string())? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(format!("ended with {status}: {}", self.last_words())),
                None => lock(&self.tree, Tree::update),
            };
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The end of its output, for a message.
    pub fn last_words(&self) -> String {
        let said = self.said();
        let lines: Vec<&str> = said.lines().rev().filter(|l| !l.trim().is_empty()).take(3).collect();
        let line: String = lines.into_iter().rev().collect::<Vec<_>>().join(" | ");
        line.chars().take(400).collect()
    }

    /// Stops it and all that it started.
    pub fn stop(&mut self) {
        let begun = Instant::now();
        loop {
            let members = lock(&self.tree, Tree::update);
            let reaped = !self.running();
            if (members.is_empty() && reaped) || begun.elapsed() > KILLED {
                return;
            }
            signal(&members, Signal::CONT);
            let gently = begun.elapsed() < POLITE;
            signal(&members, if gently { Signal::TERM } else { Signal::KILL });
            std::thread::sleep(Duration::from_millis(40));
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        self.stop();
    }
}
