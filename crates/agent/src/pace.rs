//! How much to spend: more while something is undecided, little once nothing new happens.

use facts::{Finding, Looked};
use std::time::Duration;

/// What one mode of looking costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Samples a second for the whole machine. A `cpu-clock` sample costs the machine about 14 µs in a virtual
    /// machine, so 200 a second are 0.14 % of two cores.
    pub rate: u32,
    /// Time between two emptyings of the kernel's buffers.
    pub drain: Duration,
    /// Length of a slice.
    pub slice: Duration,
}

impl Budget {
    /// For one look of a few seconds.
    pub const LOOK: Self =
        Self { rate: 200, drain: Duration::from_millis(100), slice: Duration::from_millis(500) };
    /// For looking continuously, while a workload is new or its finding changes.
    pub const DECIDING: Self =
        Self { rate: 120, drain: Duration::from_millis(400), slice: Duration::from_secs(2) };
    /// For looking continuously, once nothing new happens.
    pub const STEADY: Self = Self { rate: 16, drain: Duration::from_secs(3), slice: Duration::from_secs(6) };
}

/// Chooses the budget from what was found.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    last: Vec<(u32, String)>,
    unchanged_ms: u64,
}

/// Findings that stay the same for this long are settled.
const SETTLED_MS: u64 = 6_000;
/// A workload below this part of one core does not keep the pace up.
const MATTERS: f64 = 0.05;

impl Pace {
    /// Takes in the findings after `elapsed_ms` more milliseconds, and says what to spend next.
    pub fn next(&mut self, looked: &Looked, elapsed_ms: u64) -> Budget {
        let mut now: Vec<(u32, String)> =
            looked.workloads.iter().filter(|w| w.cpu_share >= MATTERS).map(summary).collect();
        now.sort();
        if now.iter().all(|w| self.last.contains(w)) {
            self.unchanged_ms += elapsed_ms;
        } else {
            self.unchanged_ms = 0;
        }
        self.last = now;
        if self.unchanged_ms >= SETTLED_MS { Budget::STEADY } else { Budget::DECIDING }
    }
}

fn summary(finding: &Finding) -> (u32, String) {
    (finding.pids.iter().min().copied().unwrap_or(0), finding.activity.name().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use facts::{Activity, Arch, Machine, Privilege, TokenLink, TokenState, UnitKind, Weight};

    fn looked(activity: Activity) -> Looked {
        let finding = Finding {
            name: "a".into(),
            unit: UnitKind::Process,
            pids: vec![7],
            user: String::new(),
            cpu_share: 1.0,
            activity,
            algorithm: None,
            probability: 0.9,
            weight: Weight::new(1.0),
            strength: String::new(),
            mixture: vec![],
            readings: vec![],
            token_link: TokenLink { state: TokenState::NotSeen, why: vec![] },
            evidence: vec![],
        };
        let machine = Machine {
            arch: Arch::X86_64,
            kernel: String::new(),
            cpus: 2,
            memory: 0,
            privilege: Privilege::Machine,
        };
        Looked { machine, interval_s: 1.0, coverage: vec![], workloads: vec![finding] }
    }

    #[test]
    fn a_settled_machine_costs_less_and_a_change_costs_more_again() {
        let mut pace = Pace::default();
        let mut budget = Budget::DECIDING;
        for _ in 0..8 {
            budget = pace.next(&looked(Activity::Media), 1_000);
        }
        assert_eq!(budget, Budget::STEADY);
        assert_eq!(pace.next(&looked(Activity::Mining), 1_000), Budget::DECIDING);
    }
}
