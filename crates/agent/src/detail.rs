//! The full findings of an interval, as `overt look --json` has them: the bulky evidence behind a statement.
//!
//! Must not decide what of it is told: that is `summary`.

use facts::{Coverage, Finding, Looked, Sensor, UnitKind};
use std::collections::BTreeMap;
use wire::look::Document;

/// Most workloads that are kept in full.
const MOST: usize = 512;

/// What was found in an interval, in full: of each workload what was found last, of each sensor the weakest state.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    last: Option<Looked>,
    findings: BTreeMap<(UnitKind, String), Finding>,
    coverage: BTreeMap<Sensor, Coverage>,
}

impl Detail {
    /// Takes in what a slice shows.
    pub fn absorb(&mut self, looked: Looked) {
        let Looked { machine, interval_s, coverage, workloads } = looked;
        for finding in workloads {
            let key = (finding.unit, finding.name.clone());
            if self.findings.len() < MOST || self.findings.contains_key(&key) {
                self.findings.insert(key, finding);
            }
        }
        for line in coverage {
            match self.coverage.get_mut(&line.sensor) {
                Some(held) if held.state >= line.state => {}
                Some(held) => *held = line,
                None => {
                    self.coverage.insert(line.sensor, line);
                }
            }
        }
        self.last = Some(Looked { machine, interval_s, coverage: Vec::new(), workloads: Vec::new() });
    }

    /// The document of the interval that began at `from_ms` (milliseconds since 1970) and lasted `duration_ms`; none if
    /// nothing was found that needs one.
    #[must_use]
    pub fn document(self, from_ms: u64, duration_ms: u64) -> Option<String> {
        let mut looked = self.last.filter(|_| !self.findings.is_empty())?;
        looked.interval_s = std::time::Duration::from_millis(duration_ms).as_secs_f64();
        looked.coverage = self.coverage.into_values().collect();
        looked.workloads = self.findings.into_values().collect();
        looked.workloads.sort_by(|a, b| b.cpu_share.total_cmp(&a.cpu_share));
        let started = jiff::Timestamp::from_millisecond(i64::try_from(from_ms).ok()?).ok()?;
        Document::<()>::new(&started.to_string(), &looked).to_json().ok()
    }
}
