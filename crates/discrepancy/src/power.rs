//! Power against what was declared of a device or a site.
//!
//! Energy of statements, spread over windows of the length that tariffs use. Must not guess energy that nobody measured.

use crate::said::Said;
use crate::thresholds::Thresholds;
use std::collections::BTreeMap;

/// Energy by window, and the part of the window that was measured.
#[derive(Clone, Debug, Default)]
pub(crate) struct Load {
    windows: BTreeMap<u64, Window>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Window {
    mj: f64,
    measured_ms: f64,
    first: Option<(u64, u64)>,
    last: Option<(u64, u64)>,
    statements: u64,
}

/// Windows above a limit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Over {
    pub from_ms: u64,
    pub to_ms: u64,
    pub windows: u64,
    pub hours: f64,
    pub mean_w: f64,
    pub peak_w: f64,
    pub excess_kwh: f64,
    pub statements: u64,
    pub ordinals: Vec<u64>,
    pub sequences: Option<(u64, u64)>,
}

/// Part of a window that has to be measured for it to count.
const MEASURED: f64 = 0.5;

impl Load {
    /// Takes in the energy of a statement; long ones are spread over the windows that they cover.
    pub fn add(&mut self, said: &Said, window_ms: u64) {
        let Some(energy) = &said.energy else { return };
        let length = u64::from(said.duration_ms).max(1);
        let (mut at, end, window_ms) = (said.from_ms, said.until_ms(), window_ms.max(1));
        while at < end {
            let next = (at / window_ms + 1).saturating_mul(window_ms).min(end);
            let part = (next - at) as f64 / length as f64;
            let window = self.windows.entry(at / window_ms * window_ms).or_default();
            window.mj += energy.millijoules as f64 * part;
            window.measured_ms += (next - at) as f64;
            window.statements += 1;
            window.first.get_or_insert((said.ordinal, said.sequence));
            window.last = Some((said.ordinal, said.sequence));
            at = next;
        }
    }

    /// Adds the load of another device window by window; both have to be measured to be whole.
    pub fn join(&mut self, other: &Self, window_ms: u64) {
        for (at, window) in &other.windows {
            let own = self.windows.entry(*at).or_default();
            // Mean power over the measured part stands for the window.
            own.mj += window.mj / window.measured_ms.max(1.0) * window_ms as f64;
            own.measured_ms = window_ms as f64;
            own.statements += window.statements;
            own.first = own.first.or(window.first);
            own.last = window.last.or(own.last);
        }
    }

    /// The windows in which mean power was above `watts` and the tolerance, if they are enough.
    pub fn over(&self, watts: f64, t: &Thresholds) -> Option<Over> {
        let measured = |w: &&(u64, Window)| w.1.measured_ms >= MEASURED * t.power_window_ms as f64;
        let power = |w: &Window| w.mj / w.measured_ms.max(1.0);
        let all: Vec<(u64, Window)> = self.windows.iter().map(|(at, w)| (*at, *w)).collect();
        let over: Vec<&(u64, Window)> = all
            .iter()
            .filter(measured)
            .filter(|(_, w)| power(w) > watts * (1.0 + t.power_tolerance))
            .collect();
        let (first, last) = (over.first()?, over.last()?);
        let windows = over.len() as u64;
        let statements: u64 = over.iter().map(|(_, w)| w.statements).sum();
        if windows < t.power_windows || statements < t.least_statements {
            return None;
        }
        let hours: f64 = over.iter().map(|(_, w)| w.measured_ms / 3.6e6).sum();
        let kwh: f64 = over.iter().map(|(_, w)| w.mj / 3.6e9).sum();
        let sequences = first.1.first.zip(last.1.last).map(|(a, b)| (a.1, b.1));
        let ends = over.iter().flat_map(|(_, w)| [w.first, w.last]).flatten().map(|(ordinal, _)| ordinal);
        let mut ordinals: Vec<u64> = ends.take(crate::difference::MAX_ORDINALS).collect();
        ordinals.dedup();
        Some(Over {
            from_ms: first.0,
            to_ms: last.0.saturating_add(t.power_window_ms),
            windows,
            hours,
            mean_w: kwh / hours.max(1e-9) * 1_000.0,
            peak_w: over.iter().map(|(_, w)| power(w)).fold(0.0, f64::max),
            excess_kwh: (kwh - hours * watts / 1_000.0).max(0.0),
            statements,
            ordinals,
            sequences,
        })
    }
}
