//! Declared against observed on the recorded corpus: a fleet of devices that declare what they run, and some that do not.
//!
//! Families of programs are dealt into two halves. Thresholds and the table of reliability come from one, what is
//! reported from the other; every recording is identified by weights that saw none of its family.

mod draw;
mod plant;
mod register;
mod replay;
mod splice;
mod table;

use super::cases::{self, Case, Label};
use super::metrics::Judgement;
use super::training;
use crate::Outcome;
use discrepancy::{Comparison, Input, Period, Reliability, Thresholds, compare};
use draw::{Fleet, Plan};
use facts::Activity;
use replay::Replays;
use std::collections::BTreeMap;
use std::error::Error;

/// Options of `cargo xtask declared`.
#[derive(clap::Args)]
pub struct Args {
    /// Which fleet is drawn first
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many fleets of 100 devices are drawn, one seed after the other
    #[arg(long, default_value_t = 1)]
    fleets: u64,
    /// Draw from the families that thresholds are chosen on, and try a few thresholds
    #[arg(long)]
    tune: bool,
    /// Print the table of reliability over all families, as it ships with the crate, and end
    #[arg(long)]
    table: bool,
    /// Draw from all families and judge by what ships, which has seen them all: says that nothing broke, not how well it does
    #[arg(long, conflicts_with = "tune")]
    shipped: bool,
    /// Fail unless so much of what was planted is found
    #[arg(long, default_value_t = 0)]
    found_min: usize,
    /// Fail if more honest devices than this have a difference
    #[arg(long, default_value_t = usize::MAX, hide_default_value = true)]
    false_max: usize,
}

/// Which half of the families.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    /// Thresholds are chosen on it.
    Chosen,
    /// Figures are reported on it.
    Reported,
    /// All of them: for a check of what ships.
    Both,
}

/// The corpus with what is needed to judge any of it by weights that did not see it.
pub(super) struct Corpus<'a> {
    pub cases: &'a [Case],
    pub folds: BTreeMap<String, usize>,
}

impl Corpus<'_> {
    /// The label of a recording by its place.
    pub fn label(&self, at: usize) -> Result<&Label, Box<dyn Error>> {
        Ok(&self.cases.get(at).ok_or("a recording beyond the corpus")?.label)
    }

    /// The half that a family belongs to: folds deal families out activity by activity.
    pub fn half(&self, family: &str) -> Half {
        let fold = self.folds.get(family).copied().unwrap_or(0);
        if fold % 2 == 0 { Half::Chosen } else { Half::Reported }
    }
}

impl Args {
    /// Whether what was asked for at least is met.
    fn bars(&self, sums: &table::Sums) -> Outcome {
        let (found, alarmed) = (sums.found(), sums.false_alarms());
        if found < self.found_min || alarmed > self.false_max {
            let (least, most) = (self.found_min, self.false_max);
            return Err(format!(
                "{found} found and {alarmed} false, expected at least {least} and at most {most}"
            )
            .into());
        }
        Ok(())
    }
}

/// Run it.
pub fn run(args: &Args) -> Outcome {
    let cases = cases::load()?;
    let corpus = Corpus { folds: training::folds(&cases), cases: &cases };
    if args.table {
        print!("{}", reliability(&corpus, |_| true).to_toml());
        return Ok(());
    }
    let (half, reliability) = match (args.shipped, args.tune) {
        (true, _) => (Half::Both, Reliability::shipped()),
        (_, true) => (Half::Chosen, reliability(&corpus, |half| half == Half::Chosen)),
        _ => (Half::Reported, reliability(&corpus, |half| half == Half::Chosen)),
    };
    let mut replays = Replays::new(&corpus, args.shipped);
    let mut fleets = Vec::new();
    for seed in args.seed..args.seed.saturating_add(args.fleets.max(1)) {
        let plan = Plan::draw(&corpus, half, seed)?;
        fleets.push(Fleet::build(&plan, &mut replays)?);
    }
    print!("{}", table::families(&corpus, half));
    if args.tune {
        return tune(&fleets, &reliability);
    }
    let sums = report(&fleets, &reliability);
    print!("{}", sums.text());
    args.bars(&sums)
}

/// What a conclusion is worth, from the halves that are wanted.
fn reliability(corpus: &Corpus<'_>, wanted: impl Fn(Half) -> bool) -> Reliability {
    let judged = training::held_out(corpus.cases, true);
    let chosen: Vec<_> = judged.into_iter().filter(|j| wanted(corpus.half(&j.case.label.family))).collect();
    let mut table = Reliability::default();
    for ((labelled, concluded), families) in super::metrics::confusion(&chosen) {
        table.count(labelled, concluded, families);
    }
    algorithms(&chosen, &mut table);
    table
}

/// How algorithms of mining were named: every family of an algorithm weighs one.
fn algorithms(judged: &[Judgement<'_>], table: &mut Reliability) {
    let mut of: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for j in judged.iter().filter(|j| j.mines() && j.activity == Activity::Mining) {
        let label = &j.case.label;
        if let (Some(truth), Some(named)) = (label.algorithm.as_deref(), j.algorithm.as_deref()) {
            of.entry((label.family.as_str(), truth)).or_default().push(named);
        }
    }
    for ((_, truth), names) in of {
        names.iter().for_each(|named| table.count_algorithm(truth, named, 1.0 / names.len() as f64));
    }
}

fn judge(fleet: &Fleet, thresholds: &Thresholds, reliability: &Reliability) -> Comparison {
    let zone = jiff::tz::TimeZone::UTC;
    let period = Period { from_ms: draw::FROM_MS, to_ms: draw::FROM_MS + draw::MINUTES * 60_000, zone };
    compare(&Input {
        register: &fleet.register,
        said: &fleet.said,
        period: &period,
        contests: &[],
        limits: &[],
        thresholds,
        reliability,
    })
}

/// A few thresholds on the families that may be looked at.
fn tune(fleets: &[Fleet], reliability: &Reliability) -> Outcome {
    println!("probability  weight  evidence  found of {}  false of {}", fleets.len() * 10, fleets.len() * 90);
    for least_probability in [0.7, 0.8, 0.9, 0.95] {
        for least_weight in [1.0, 1.2, 1.5] {
            for least_evidence in [1.0, 1.5] {
                let t =
                    Thresholds { least_probability, least_weight, least_evidence, ..Thresholds::default() };
                let mut sums = table::Sums::default();
                for fleet in fleets {
                    sums.add(fleet, &judge(fleet, &t, reliability), false);
                }
                println!(
                    "{least_probability:11.2} {least_weight:7.1} {least_evidence:9.1} {:12} {:11}",
                    sums.found(),
                    sums.false_alarms()
                );
            }
        }
    }
    print!("{}", report(fleets, reliability).text());
    Ok(())
}

/// What the thresholds that ship make of the fleets.
fn report(fleets: &[Fleet], reliability: &Reliability) -> table::Sums {
    let mut sums = table::Sums::default();
    for fleet in fleets {
        sums.add(fleet, &judge(fleet, &Thresholds::default(), reliability), fleets.len() == 1);
    }
    sums
}

/// Whether work of this kind can be drawn as an honest device's or planted: something that does work.
pub(super) fn works(activity: Activity) -> bool {
    !matches!(activity, Activity::General | Activity::Idle | Activity::Undetermined)
}
