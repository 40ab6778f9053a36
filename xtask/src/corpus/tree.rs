//! The processes of one run, as `/proc` shows them: what the root started, and what those started.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Set in the environment of every process of a run, so that orphans are found too.
pub const MARK: &str = "OVERT_CORPUS_RUN";

/// Clock ticks in a second: `USER_HZ` is 100 on every architecture that Linux gives user space.
const TICKS: f64 = 100.0;

/// Processes: number, and start in ticks since boot.
pub type Members = Vec<(u32, u64)>;

/// One line of `/proc/PID/stat`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stat {
    state: char,
    parent: u32,
    session: u32,
    /// Own and reaped children's processor time, ticks.
    ticks: u64,
    start: u64,
}

/// Follows a run's processes.
pub struct Tree {
    mark: String,
    sessions: BTreeSet<u32>,
    members: BTreeMap<u32, u64>,
    strangers: BTreeSet<(u32, u64)>,
}

impl Tree {
    /// Of the session leader `root`; `mark` is the value of [`MARK`].
    pub fn new(root: u32, mark: String) -> Self {
        Self { mark, sessions: BTreeSet::from([root]), members: BTreeMap::new(), strangers: BTreeSet::new() }
    }

    /// Looks again; gives the members that live.
    pub fn update(&mut self) -> Vec<u32> {
        let all = processes();
        let mut grown = true;
        while grown {
            grown = false;
            for (pid, stat) in &all {
                if !self.is_member(*pid, stat) && self.belongs(*pid, stat) {
                    self.members.insert(*pid, stat.start);
                    grown = true;
                }
            }
        }
        all.iter().filter(|(p, s)| self.is_member(**p, s) && s.state != 'Z').map(|(p, _)| *p).collect()
    }

    fn is_member(&self, pid: u32, stat: &Stat) -> bool {
        self.members.get(&pid) == Some(&stat.start)
    }

    fn belongs(&mut self, pid: u32, stat: &Stat) -> bool {
        if self.sessions.contains(&stat.session) || self.members.contains_key(&stat.parent) {
            return true;
        }
        if stat.parent != 1 || !self.strangers.insert((pid, stat.start)) {
            return false;
        }
        let environment = std::fs::read(PathBuf::from(format!("/proc/{pid}/environ"))).unwrap_or_default();
        let wanted = format!("{MARK}={}", self.mark);
        environment.split(|b| *b == 0).any(|entry| entry == wanted.as_bytes())
    }

    /// Every member so far: process number and start, in ticks since boot.
    pub fn members(&self) -> &BTreeMap<u32, u64> {
        &self.members
    }

    /// Processor seconds used so far by members that live and by those that they reaped.
    pub fn seconds(&mut self) -> f64 {
        self.update();
        let ticks: u64 =
            processes().iter().filter(|(p, s)| self.is_member(**p, s)).map(|(_, s)| s.ticks).sum();
        ticks as f64 / TICKS
    }
}

fn processes() -> BTreeMap<u32, Stat> {
    let Ok(folder) = std::fs::read_dir("/proc") else { return BTreeMap::new() };
    folder
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter_map(|pid| Some((pid, parse(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?)))
        .collect()
}

/// Fields are counted after the name, which may hold spaces and parentheses.
fn parse(line: &str) -> Option<Stat> {
    let fields: Vec<&str> = line.get(line.rfind(')')? + 1..)?.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    Some(Stat {
        state: fields.first()?.chars().next()?,
        parent: u32::try_from(number(1)?).ok()?,
        session: u32::try_from(number(3)?).ok()?,
        ticks: number(11)? + number(12)? + number(13)? + number(14)?,
        start: number(19)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_shift_the_fields() {
        let line = "7 (a) (b c) S 3 7 9 0 -1 0 1 2 3 4 10 20 30 40 20 0 1 0 555 1 1";
        let stat = parse(line).unwrap();
        assert_eq!(stat, Stat { state: 'S', parent: 3, session: 9, ticks: 100, start: 555 });
    }

    #[test]
    fn a_truncated_line_is_no_process() {
        assert_eq!(parse("7 (a) S 3"), None);
        assert_eq!(parse(""), None);
    }
}
