//! What a difference needs before it is one: persistence, size and strength, in one place.
//!
//! Every default is documented where it stands; `docs/differences.md` says the same to people. Must not decide anything.

use serde::{Deserialize, Serialize};

/// Milliseconds of a minute.
pub(crate) const MINUTE_MS: u64 = 60_000;

/// The bounds. Shares and probabilities from 0 to 1, weights in bans (log10 of a likelihood ratio).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// Statements that must show the same. Default 3: one statement is one look, and one look can be wrong.
    pub least_statements: u64,
    /// Time that they must cover together, milliseconds. Default 3 minutes.
    pub least_seen_ms: u64,
    /// Part of the statements with this workload that must show it. Default a half: what comes and goes within one
    /// workload is doubt, not work.
    pub least_steady: f64,
    /// Least part of the device's processor time that it takes. Default 2 %; work that may earn a token needs no share.
    pub least_share: f64,
    /// Least processor time, in cores. Default 0.02 of one core.
    pub least_cores: f64,
    /// Mean probability of the activity over the period. Default 0.8.
    pub least_probability: f64,
    /// Weight for "this, and nothing that was declared". Default 1.5 bans: about 30 to 1, in the upper half of the
    /// word "moderate" on the forensic scale, where the families that thresholds were chosen on gave no false one. It is the smaller of what the probabilities say and what the evaluation bears.
    pub least_weight: f64,
    /// Weight for "this algorithm, and not the declared one". Default 0.8 bans, "weak": there is about one
    /// family for each algorithm, so that little more can be shown. It is listed as a question; alerts ask for 1 ban.
    pub least_algorithm: f64,
    /// Weight of the evidence itself, the strongest item of each kind added, names left out. Default 1 ban.
    pub least_evidence: f64,
    /// Time in which work may lie outside of its declared hours unnoticed, milliseconds. Default 15
    /// minutes: jobs run over.
    pub slack_ms: u64,
    /// Cores that a device must be busy with for it to work out of hours, whatever it does. Default 0.2: updates and
    /// log rotation stay below.
    pub busy_cores: f64,
    /// Power above what was declared that is still let pass. Default 10 %: supplies and meters are no better.
    pub power_tolerance: f64,
    /// Time over which power is averaged, milliseconds. Default 15 minutes, the interval of most tariffs.
    pub power_window_ms: u64,
    /// Windows of too much power that make a difference. Default 2.
    pub power_windows: u64,
    /// Time without a statement after which a device is silent, milliseconds. Default 15 minutes.
    pub silence_ms: u64,
    /// Part of a site's devices that must be silent at once for the site, and not each of them, to be silent. Default a half.
    pub site_silent: f64,
    /// Devices that this takes at least. Default 3.
    pub site_silent_least: usize,
    /// Time without a sensor that was there before, milliseconds. Default 30 minutes.
    pub coverage_ms: u64,
    /// Time of looking, with code sampled, after which declared work that never showed is said. Default one hour.
    pub never_ms: u64,
    /// Below this many cores of unexplained work a device is idle. Default 0.02.
    pub idle_cores: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            least_statements: 3,
            least_seen_ms: 3 * MINUTE_MS,
            least_steady: 0.5,
            least_share: 0.02,
            least_cores: 0.02,
            least_probability: 0.8,
            least_weight: 1.5,
            least_algorithm: 0.8,
            least_evidence: 1.0,
            slack_ms: 15 * MINUTE_MS,
            busy_cores: 0.2,
            power_tolerance: 0.1,
            power_window_ms: 15 * MINUTE_MS,
            power_windows: 2,
            silence_ms: 15 * MINUTE_MS,
            site_silent: 0.5,
            site_silent_least: 3,
            coverage_ms: 30 * MINUTE_MS,
            never_ms: 60 * MINUTE_MS,
            idle_cores: 0.02,
        }
    }
}
