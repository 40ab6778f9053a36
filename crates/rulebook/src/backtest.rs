//! What a draft would have done: history judged by two rulebooks, and what of it changes disposition.
//!
//! Every plausible reading of a finding counts with its probability, so kilowatt-hours are expected values. Memory is
//! bounded by the number of devices, not by the length of history.

use crate::case::{Case, CaseError};
use crate::effect::Disposition;
use crate::judge::Judge;
use crate::readings::weigh;
use crate::rulebook::Rulebook;
use facts::Reading;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;

/// Most devices that are told apart; what comes after them is counted together.
const MAX_DEVICES: usize = 1_000_000;
/// Name under which further devices are counted.
const OTHERS: &str = "(others)";

/// One recorded finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The device.
    pub device: String,
    /// Who answers for it; empty where not recorded.
    pub owner: String,
    /// Place, date, kind of operator and facts; the activity in it is not used.
    pub case: Case,
    /// Energy of the interval, Wh; 0 where it was not measured.
    pub energy_wh: f64,
    /// Activities with their probabilities.
    pub readings: Vec<Reading>,
}

/// An amount of history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Amount {
    /// Expected number of findings.
    pub findings: f64,
    /// Expected energy, kWh.
    pub kwh: f64,
}

impl Amount {
    fn add(&mut self, share: f64, energy_wh: f64) {
        self.findings += share;
        self.kwh += share * energy_wh / 1000.0;
    }
}

/// From one disposition to another.
pub type Move = (Disposition, Disposition);

/// An owner and one of its devices, with what of its history changes.
pub type Changed<'a> = (&'a (String, String), &'a BTreeMap<Move, Amount>);

/// What a draft would have done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Backtest {
    /// Findings judged.
    pub findings: u64,
    /// Findings at places or of activities that one of the rulebooks does not know.
    pub refused: BTreeMap<String, u64>,
    /// The first and last day.
    pub days: Option<(Date, Date)>,
    /// All of history by old and new disposition.
    pub moves: BTreeMap<Move, Amount>,
    /// By owner and device, what changes.
    pub devices: BTreeMap<(String, String), BTreeMap<Move, Amount>>,
    /// By year and month.
    pub months: BTreeMap<(i16, i8), BTreeMap<Move, Amount>>,
}

/// Judges history by two rulebooks, record by record.
#[derive(Debug)]
pub struct Backtesting<'r> {
    old: Judge<'r>,
    new: Judge<'r>,
    result: Backtest,
}

impl<'r> Backtesting<'r> {
    /// Begins with the rulebook in force and the draft.
    #[must_use]
    pub fn new(old: &'r Rulebook, new: &'r Rulebook) -> Self {
        Self { old: Judge::new(old), new: Judge::new(new), result: Backtest::default() }
    }

    /// Judges one record. What neither rulebook can judge is counted with its reason and left out.
    pub fn add(&mut self, record: &Record) {
        match self.judged(record) {
            Ok(moves) => self.count(record, &moves),
            Err(error) => {
                let reason = match error {
                    CaseError::UnknownPlace { name, .. } => format!("place '{name}' is not in the rulebook"),
                    other => other.to_string(),
                };
                *self.result.refused.entry(reason).or_default() += 1;
            }
        }
    }

    /// What was found.
    #[must_use]
    pub fn finish(self) -> Backtest {
        self.result
    }

    /// Shares of the finding by old and new disposition.
    fn judged(&mut self, record: &Record) -> Result<Vec<(Move, f64)>, CaseError> {
        let mut moves: Vec<(Move, f64)> = Vec::new();
        for reading in &record.readings {
            let one = [Reading { activity: reading.activity, probability: 1.0 }];
            let old = weigh(&mut self.old, &record.case, &one)?;
            let new = weigh(&mut self.new, &record.case, &one)?;
            let (Some(old), Some(new)) = (old.first(), new.first()) else { continue };
            moves.push(((old.disposition, new.disposition), reading.probability));
        }
        Ok(moves)
    }

    fn count(&mut self, record: &Record, moves: &[(Move, f64)]) {
        let result = &mut self.result;
        result.findings += 1;
        let date = record.case.date;
        result.days = Some(result.days.map_or((date, date), |(a, b)| (a.min(date), b.max(date))));
        let month = result.months.entry((date.year(), date.month())).or_default();
        for (pair, share) in moves {
            result.moves.entry(*pair).or_default().add(*share, record.energy_wh);
            month.entry(*pair).or_default().add(*share, record.energy_wh);
        }
        let changed = moves.iter().filter(|((old, new), _)| old != new);
        for (pair, share) in changed {
            let mut key = (record.owner.clone(), record.device.clone());
            if !result.devices.contains_key(&key) && result.devices.len() >= MAX_DEVICES {
                key = (OTHERS.to_owned(), OTHERS.to_owned());
            }
            result.devices.entry(key).or_default().entry(*pair).or_default().add(*share, record.energy_wh);
        }
    }
}

impl Backtest {
    /// Everything that changes disposition, together.
    #[must_use]
    pub fn changed(&self) -> Amount {
        let changed = self.moves.iter().filter(|((old, new), _)| old != new);
        changed.fold(Amount::default(), |sum, (_, a)| Amount {
            findings: sum.findings + a.findings,
            kwh: sum.kwh + a.kwh,
        })
    }

    /// Owners and devices whose history changes, most energy first, then most findings.
    #[must_use]
    pub fn largest(&self) -> Vec<Changed<'_>> {
        let total = |moves: &BTreeMap<Move, Amount>| {
            moves.values().fold((0.0, 0.0), |(kwh, n), a| (kwh + a.kwh, n + a.findings))
        };
        let mut all: Vec<_> = self.devices.iter().collect();
        all.sort_by(|a, b| {
            let ((ka, na), (kb, nb)) = (total(a.1), total(b.1));
            kb.total_cmp(&ka).then(nb.total_cmp(&na)).then(a.0.cmp(b.0))
        });
        all
    }
}
