//! The three things an inspector used to look for, held against the evidence: power above a limit, special equipment, a
//! concentrated site. They ship to be compared with, not to be used.

use crate::backtest::Record;
use crate::value::Value;
use facts::Activity;
use serde::Serialize;
use std::collections::BTreeMap;

/// Probability from which the evidence counts as saying that a device mines, or that it does not.
const DECIDED: f64 = 0.9;
/// Most devices that are told apart.
const MAX_DEVICES: usize = 1_000_000;

/// One of the three tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OldTest {
    /// Mean power above a limit.
    Power,
    /// A machine that can do nothing else.
    Equipment,
    /// Many machines at one site.
    Concentration,
}

impl OldTest {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Power, Self::Equipment, Self::Concentration];

    /// The test in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Power => "power above a limit",
            Self::Equipment => "special equipment",
            Self::Concentration => "concentrated site",
        }
    }
}

/// Where the tests draw their lines. No statute states these figures: they are choices to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Lines {
    /// Watts above which one device is suspect.
    pub power_w: f64,
    /// Devices of one owner at one place above which a site is suspect.
    pub devices: usize,
}

impl Default for Lines {
    /// A kilowatt, the class of one mining machine or of a server with one accelerator; and ten devices.
    fn default() -> Self {
        Self { power_w: 1000.0, devices: 10 }
    }
}

/// How a test did against the evidence, in devices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Score {
    /// It mines, and the test says so.
    pub found: u64,
    /// It mines, and the test does not see it.
    pub missed: u64,
    /// It does not mine, and the test says that it does.
    pub wrongly_called: u64,
    /// Of those, the ones that train or run models.
    pub wrongly_called_ai: u64,
    /// It does not mine, and the test does not say so.
    pub cleared: u64,
    /// What the test asks for was not recorded.
    pub not_applicable: u64,
}

/// What was recorded of one device.
#[derive(Clone, Debug, Default)]
struct Device {
    hours: f64,
    wh: f64,
    weight: f64,
    mining: f64,
    ai: f64,
    dedicated: Option<bool>,
}

/// Gathers history by device.
#[derive(Clone, Debug, Default)]
pub struct OldTests {
    devices: BTreeMap<(String, String, String), Device>,
}

/// The comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OldTestsReport {
    /// The lines that were drawn.
    pub lines: Lines,
    /// Devices on which the evidence is clear.
    pub decided: u64,
    /// Devices on which it is not: they are left out.
    pub undecided: u64,
    /// Each test.
    pub scores: BTreeMap<OldTest, Score>,
    /// Devices that a test gets wrong: owner, place, device, and the test. At most [`SHOWN`] of each kind.
    pub examples: Vec<Example>,
}

/// Most examples of each kind of mistake.
pub const SHOWN: usize = 5;

/// A device that a test gets wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Example {
    /// The test.
    pub test: OldTest,
    /// Whether a mine was missed; otherwise an honest device was called a mine.
    pub missed: bool,
    /// Who answers for it.
    pub owner: String,
    /// Where it stands.
    pub place: String,
    /// The device.
    pub device: String,
    /// Its likeliest work by the evidence.
    pub does: &'static str,
    /// Mean power where measured, W.
    pub power_w: Option<f64>,
}

impl OldTests {
    /// Adds a recorded finding that lasted `interval_s` seconds.
    pub fn add(&mut self, record: &Record, interval_s: f64) {
        let key = (record.owner.clone(), record.case.place.clone(), record.device.clone());
        if !self.devices.contains_key(&key) && self.devices.len() >= MAX_DEVICES {
            return;
        }
        let device = self.devices.entry(key).or_default();
        let hours = interval_s / 3600.0;
        if record.energy_wh > 0.0 {
            device.hours += hours;
            device.wh += record.energy_wh;
        }
        // Without energy every hour counts alike.
        let weight = if record.energy_wh > 0.0 { record.energy_wh } else { hours };
        device.weight += weight;
        for reading in &record.readings {
            match reading.activity {
                Activity::Mining => device.mining += weight * reading.probability,
                Activity::Training | Activity::Inference => device.ai += weight * reading.probability,
                _ => {}
            }
        }
        if let Some(Value::YesNo(dedicated)) = record.case.facts.get("device.dedicated") {
            device.dedicated = Some(*dedicated);
        }
    }

    /// Holds the tests against the evidence.
    #[must_use]
    pub fn report(&self, lines: Lines) -> OldTestsReport {
        let mut sites: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (owner, place, _) in self.devices.keys() {
            *sites.entry((owner, place)).or_default() += 1;
        }
        let scores = OldTest::ALL.map(|t| (t, Score::default())).into();
        let mut report = OldTestsReport { lines, decided: 0, undecided: 0, scores, examples: Vec::new() };
        for ((owner, place, name), device) in &self.devices {
            let share = if device.weight > 0.0 { device.mining / device.weight } else { 0.0 };
            let mines = if share >= DECIDED {
                true
            } else if share <= 1.0 - DECIDED && device.weight > 0.0 {
                false
            } else {
                report.undecided += 1;
                continue;
            };
            report.decided += 1;
            let power_w = (device.hours > 0.0).then(|| device.wh / device.hours);
            let crowd = sites.get(&(owner.as_str(), place.as_str())).copied().unwrap_or_default();
            let ai = device.ai / device.weight >= 0.5;
            for test in OldTest::ALL {
                let says = match test {
                    OldTest::Power => power_w.map(|w| w > lines.power_w),
                    OldTest::Equipment => device.dedicated,
                    OldTest::Concentration => Some(crowd > lines.devices),
                };
                let wrong = report.count(test, says, mines, ai);
                if let Some(missed) = wrong {
                    let (owner, place, device) = (owner.clone(), place.clone(), name.clone());
                    let does = if mines {
                        "mining"
                    } else if ai {
                        "AI"
                    } else {
                        "other work"
                    };
                    report.example(Example { test, missed, owner, place, device, does, power_w });
                }
            }
        }
        report
    }
}

impl OldTestsReport {
    /// Counts an answer; says whether it is wrong, and if so whether a mine was missed.
    fn count(&mut self, test: OldTest, says: Option<bool>, mines: bool, ai: bool) -> Option<bool> {
        let score = self.scores.entry(test).or_default();
        match (says, mines) {
            (None, _) => score.not_applicable += 1,
            (Some(true), true) => score.found += 1,
            (Some(false), false) => score.cleared += 1,
            (Some(false), true) => {
                score.missed += 1;
                return Some(true);
            }
            (Some(true), false) => {
                score.wrongly_called += 1;
                score.wrongly_called_ai += u64::from(ai);
                return Some(false);
            }
        }
        None
    }

    fn example(&mut self, example: Example) {
        let known =
            self.examples.iter().filter(|e| e.test == example.test && e.missed == example.missed).count();
        if known < SHOWN {
            self.examples.push(example);
        }
    }
}
