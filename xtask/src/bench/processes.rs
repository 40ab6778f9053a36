//! Programs that are started, ended without fail, and whose processor time is read.

use std::io::{Error, ErrorKind, Result};
use std::process::{Child, Command};
use std::time::Duration;

/// One tick of `/proc/PID/stat`: USER_HZ is 100 on every architecture that overt knows.
const TICK: Duration = Duration::from_millis(10);

/// A program that ends at the latest when this goes out of scope.
pub struct Running(Child);

impl Running {
    /// Starts it.
    pub fn start(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        command.spawn().map(Self).map_err(|e| Error::new(e.kind(), format!("cannot start {name}: {e}")))
    }

    /// Its process number.
    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Waits for its own end, which must be a success.
    pub fn finish(mut self) -> Result<()> {
        let status = self.0.wait()?;
        if status.success() { Ok(()) } else { Err(Error::other(format!("the work failed ({status})"))) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Processor time of a running process with all its threads.
///
/// The larger of two accounts: ticks include threads that have ended, and the scheduler's nanoseconds lose nothing to
/// rounding.
pub fn cpu_of(pid: u32) -> Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    if state(&stat) == Some("Z") {
        return Err(Error::new(ErrorKind::NotFound, "it has ended"));
    }
    let ticks = ticks(&stat, 11)?;
    let mut precise = 0;
    for task in std::fs::read_dir(format!("/proc/{pid}/task"))?.flatten() {
        let text = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        precise += text.split_whitespace().next().and_then(|ns| ns.parse::<u64>().ok()).unwrap_or(0);
    }
    Ok(ticks.max(Duration::from_nanos(precise)))
}

/// The load average of the last minute.
pub fn load() -> Result<f64> {
    let text = std::fs::read_to_string("/proc/loadavg")?;
    text.split_whitespace().next().and_then(|load| load.parse().ok()).ok_or_else(|| malformed("load average"))
}

/// Processor time of all children that were waited for.
pub fn children_cpu() -> Result<Duration> {
    ticks(&std::fs::read_to_string("/proc/self/stat")?, 13)
}

/// Peak of resident memory, bytes.
pub fn peak_of(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kib = line.and_then(|l| l.trim().strip_suffix("kB")).and_then(|n| n.trim().parse::<u64>().ok());
    kib.map(|kib| kib * 1024).ok_or_else(|| malformed("VmHWM"))
}

fn malformed(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("no {what} where it was expected"))
}

/// The fields after the name, which may hold brackets and blanks.
fn fields(stat: &str) -> impl Iterator<Item = &str> {
    stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace()
}

fn state(stat: &str) -> Option<&str> {
    fields(stat).next()
}

/// Two fields of ticks, added: user and system time, the first at `at` behind the name.
fn ticks(stat: &str, at: usize) -> Result<Duration> {
    let pair: Vec<u32> = fields(stat).skip(at).take(2).filter_map(|t| t.parse().ok()).collect();
    match pair.as_slice() {
        [user, system] => Ok(TICK * user.saturating_add(*system)),
        _ => Err(malformed("processor time")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "7 (a ) b) S 1 7 7 0 -1 4194560 10 20 30 40 250 50 700 300 20 0 1 0 99";

    #[test]
    fn own_and_childrens_time_are_read_behind_a_name_with_brackets() {
        assert_eq!(ticks(STAT, 11).unwrap(), Duration::from_secs(3));
        assert_eq!(ticks(STAT, 13).unwrap(), Duration::from_secs(10));
        assert_eq!(state(STAT), Some("S"));
        assert!(ticks("7 (a) S 1", 11).is_err());
    }

    #[test]
    fn this_process_has_a_peak_of_memory() {
        assert!(peak_of(std::process::id()).unwrap() > 100_000);
    }
}
