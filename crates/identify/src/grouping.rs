//! Which processes make one workload.
//!
//! A container, pod, job or service is one workload. Elsewhere the process tree decides: short-lived work
//! belongs to whatever keeps starting it, and a child belongs to a busy or same-program parent. An idle shell
//! or supervisor does not merge its children: they are separate work that happens to share a parent.

use crate::ledger::Ledger;
use crate::unit::{self, Unit};
use facts::{ProcessKey, UnitKind};
use std::collections::{BTreeMap, BTreeSet};

/// A process that lived for less than this part of the window is short-lived work of its parent.
const SHORT_LIVED: f64 = 0.7;
/// How far up the tree to climb; deeper trees are cut there.
const MAX_CLIMB: usize = 64;
/// A process with at least this part of one core is at work itself.
pub(crate) const AT_WORK: f64 = 0.02;

/// The processes of one workload, and what to call it.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub kind: UnitKind,
    pub name: String,
    pub lead: ProcessKey,
    pub members: Vec<ProcessKey>,
}

/// Processor time of each process in the window, milliseconds.
pub(crate) type Times = BTreeMap<ProcessKey, u64>;

struct Tree<'a> {
    ledger: &'a Ledger,
    times: &'a Times,
    by_pid: BTreeMap<u32, Vec<ProcessKey>>,
    span: (u64, u64),
}

/// Groups every process that used processor time in the window.
pub(crate) fn group(ledger: &Ledger, times: &Times) -> Vec<Group> {
    let tree = Tree::new(ledger, times);
    let mut groups: BTreeMap<(Option<Unit>, ProcessKey), Vec<ProcessKey>> = BTreeMap::new();
    let mut leads: BTreeMap<Unit, ProcessKey> = BTreeMap::new();
    for key in times.iter().filter(|(_, ms)| **ms > 0).map(|(key, _)| *key) {
        let unit = tree.unit(key);
        let lead = match &unit {
            Some(unit) => *leads.entry(unit.clone()).or_insert(key),
            None => tree.lead(key),
        };
        groups.entry((unit, lead)).or_default().push(key);
    }
    groups.into_iter().map(|((unit, lead), members)| tree.named(unit, lead, members)).collect()
}

impl<'a> Tree<'a> {
    fn new(ledger: &'a Ledger, times: &'a Times) -> Self {
        let mut by_pid: BTreeMap<u32, Vec<ProcessKey>> = BTreeMap::new();
        for key in ledger.known.keys() {
            by_pid.entry(key.pid).or_default().push(*key);
        }
        Self { ledger, times, by_pid, span: ledger.span() }
    }

    fn unit(&self, key: ProcessKey) -> Option<Unit> {
        let process = self.ledger.known.get(&key)?.process.as_ref()?;
        unit::from_cgroup(&process.cgroup)
    }

    /// The process that was parent of `key` when it started: pid reuse is ruled out by start times.
    fn parent(&self, key: ProcessKey) -> Option<ProcessKey> {
        let process = self.ledger.known.get(&key)?.process.as_ref()?;
        let candidates = self.by_pid.get(&process.parent)?;
        candidates.iter().copied().filter(|p| p.start <= key.start && *p != key).max_by_key(|p| p.start)
    }

    fn lead(&self, key: ProcessKey) -> ProcessKey {
        let mut lead = key;
        let mut here = key;
        let mut seen = BTreeSet::from([key]);
        for _ in 0..MAX_CLIMB {
            let Some(parent) = self.parent(here).filter(|p| p.pid > 1 && seen.insert(*p)) else { break };
            if self.unit(parent).is_some() || (self.reaper(parent) && !self.same_program(here, parent)) {
                break;
            }
            if self.short_lived(here)
                || self.same_program(here, parent)
                || self.at_work(parent)
                || self.drives(parent, here)
            {
                lead = parent;
            } else {
                break;
            }
            here = parent;
        }
        lead
    }

    /// Login shells' ancestors and service managers start everything and are nobody's workload.
    fn reaper(&self, key: ProcessKey) -> bool {
        const NAMES: [&str; 12] = [
            "systemd",
            "init",
            "sshd",
            "login",
            "tmux: server",
            "tmux",
            "screen",
            "dockerd",
            "containerd",
            "containerd-shim",
            "conmon",
            "slurmstepd",
        ];
        self.ledger
            .known
            .get(&key)
            .is_some_and(|known| !self.at_work(key) && NAMES.iter().any(|n| known.program().starts_with(n)))
    }

    fn short_lived(&self, key: ProcessKey) -> bool {
        let (from, to) = self.span;
        let Some(known) = self.ledger.known.get(&key) else { return false };
        let Some(ended) = known.ended_ms else { return false };
        let lived = ended.saturating_sub(known.first_ms.max(from));
        (lived as f64) < SHORT_LIVED * to.saturating_sub(from) as f64
    }

    fn same_program(&self, a: ProcessKey, b: ProcessKey) -> bool {
        let exe = |key| self.ledger.known.get(&key).and_then(|k| k.process.as_ref()?.exe.as_deref());
        matches!((exe(a), exe(b)), (Some(a), Some(b)) if a == b && !is_shell(a))
    }

    /// Whether an idle parent keeps several children of one program at work, as a build tool or a job runner
    /// does. Shells and interpreters are left out: they may start unrelated work side by side.
    fn drives(&self, parent: ProcessKey, child: ProcessKey) -> bool {
        let Some(known) = self.ledger.known.get(&parent) else { return false };
        if is_shell(known.program()) || is_interpreter(known.program()) {
            return false;
        }
        let alike = |key: &&ProcessKey| {
            **key != child && self.parent(**key) == Some(parent) && self.same_program(**key, child)
        };
        self.times.keys().filter(|key| self.at_work(**key)).any(|key| alike(&key))
    }

    fn at_work(&self, key: ProcessKey) -> bool {
        let (from, to) = self.span;
        let ms = self.times.get(&key).copied().unwrap_or(0);
        ms as f64 > AT_WORK * to.saturating_sub(from).max(1) as f64
    }

    fn named(&self, unit: Option<Unit>, lead: ProcessKey, mut members: Vec<ProcessKey>) -> Group {
        members.sort_by_key(|key| (std::cmp::Reverse(self.times.get(key).copied()), *key));
        let program = |key: &ProcessKey| self.ledger.known.get(key).map_or("unknown", |k| k.program());
        let (kind, name) = match unit {
            Some(unit) => (unit.kind, unit.name),
            None => (UnitKind::Process, program(&lead).to_owned()),
        };
        Group { kind, name, lead, members }
    }
}

/// Two shells are no evidence of one piece of work.
fn is_shell(exe: &str) -> bool {
    matches!(crate::ledger::base(exe), "bash" | "dash" | "sh" | "zsh" | "fish" | "ksh" | "busybox")
}

fn is_interpreter(program: &str) -> bool {
    ["python", "perl", "ruby", "node", "java", "php", "pytest"].iter().any(|name| program.starts_with(name))
}
