//! An SMT solver as a child process, where one is installed.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Solvers that are looked for, in order, with the arguments that make them read SMT-LIB from standard input.
const KNOWN: [(&str, &[&str]); 2] =
    [("cvc5", &["--lang", "smt2", "--produce-models"]), ("z3", &["-in", "-smt2"])];
/// Longest answer to one question.
const PATIENCE: Duration = Duration::from_secs(20);

/// A solver that was found.
pub struct Solver {
    /// Its name.
    pub name: &'static str,
    arguments: &'static [&'static str],
}

impl Solver {
    /// The first known solver that can be started.
    pub fn find() -> Option<Self> {
        KNOWN.into_iter().find_map(|(name, arguments)| {
            let mut command = Command::new(name);
            let found = command
                .arg("--version")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            found.is_ok_and(|s| s.success()).then_some(Self { name, arguments })
        })
    }

    /// Asks one question. A solver that fails, or takes too long, gives no answer rather than a wrong one.
    pub fn ask(&self, question: &str) -> Result<String, String> {
        let mut child = Command::new(self.name)
            .args(self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("{} cannot be started: {e}", self.name))?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(question.as_bytes()).map_err(|e| format!("{} does not read: {e}", self.name))?;
        }
        let begun = Instant::now();
        while child.try_wait().map_err(|e| e.to_string())?.is_none() {
            if begun.elapsed() > PATIENCE {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("{} took more than {} s", self.name, PATIENCE.as_secs()));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let output = child.wait_with_output().map_err(|e| e.to_string())?;
        String::from_utf8(output.stdout).map_err(|_| format!("{} answered no text", self.name))
    }
}
