//! The one path from slices to findings, shared by the live look, the replay of a recording and the tests.

use crate::component::{self, Component, Hits};
use crate::explain::{self, Explanation};
use crate::features::Features;
use crate::fusion::{CLASSES, Model};
use crate::grouping::{self, Group};
use crate::judge::{self, Verdict};
use crate::ledger::Ledger;
use crate::{evidence, token_link};
use facts::{Activity, Evidence, Finding, Looked, Machine, Process, ProcessKey, Reading, Share, Slice};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A workload below this part of one core is not busy and gets no row, unless it asks for proof-of-work.
const BUSY: f64 = 0.01;
/// A program with less than this part of its workload's time is not a part worth naming.
const PART: f64 = 0.05;

/// Slices in; findings, explanations and examples out.
#[derive(Clone, Debug)]
pub struct Observation {
    machine: Machine,
    window_ms: Option<u64>,
    ledger: Ledger,
    model: Cow<'static, Model>,
}

/// The leading program of one workload, for fitting and evaluating.
#[derive(Clone, Debug)]
pub struct Example {
    /// The processes of the workload.
    pub members: Vec<ProcessKey>,
    /// Its share of one core.
    pub cpu_share: f64,
    /// Its features.
    pub features: Features,
    part: Component,
}

/// What a model makes of an example.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The conclusion, or `undetermined`.
    pub activity: Activity,
    /// The named computation, where known.
    pub algorithm: Option<String>,
    /// Probability of every class, before any rule withholds a conclusion.
    pub probabilities: Vec<(Activity, f64)>,
}

impl Example {
    /// Whether its workload is busy enough to be listed.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.cpu_share >= BUSY || judge::gives_work(&self.part)
    }

    /// Judges the example by a model.
    #[must_use]
    pub fn judge(&self, model: &Model) -> Judged {
        let verdict = judge::judge(&self.part, self.features.clone(), model);
        let probabilities = CLASSES.into_iter().zip(verdict.probabilities).collect();
        Judged { activity: verdict.activity, algorithm: verdict.algorithm, probabilities }
    }
}

pub(crate) struct Workload {
    pub group: Group,
    pub parts: Vec<(Component, Verdict)>,
}

impl Observation {
    /// An observation that remembers everything: for one look.
    #[must_use]
    pub fn new(machine: Machine) -> Self {
        Self { machine, window_ms: None, ledger: Ledger::default(), model: Cow::Borrowed(Model::shipped()) }
    }

    /// Forgets what is older than `milliseconds`: for looking continuously.
    #[must_use]
    pub fn with_window(mut self, milliseconds: u64) -> Self {
        self.window_ms = Some(milliseconds);
        self
    }

    /// Judges by other weights than those that ship: for evaluation.
    #[must_use]
    pub fn judged_by(mut self, model: Model) -> Self {
        self.model = Cow::Owned(model);
        self
    }

    /// Takes in one slice.
    pub fn absorb(&mut self, slice: &Slice) {
        self.ledger.absorb(slice, self.window_ms);
    }

    /// Length of what was observed and not forgotten, seconds.
    #[must_use]
    pub fn interval_s(&self) -> f64 {
        let (from, to) = self.ledger.span();
        to.saturating_sub(from) as f64 / 1000.0
    }

    /// What is known of a process.
    #[must_use]
    pub fn process(&self, key: ProcessKey) -> Option<&Process> {
        self.ledger.known.get(&key)?.process.as_ref()
    }

    /// Everything concluded so far.
    #[must_use]
    pub fn looked(&self) -> Looked {
        Looked {
            machine: self.machine.clone(),
            interval_s: self.interval_s(),
            coverage: self.ledger.coverage.clone(),
            workloads: self.workloads().iter().map(|w| self.finding(w)).collect(),
        }
    }

    /// Everything that led to the finding about the workload that holds process `who`, or that is named so.
    #[must_use]
    pub fn explain(&self, who: &str) -> Option<Explanation> {
        let pid: Option<u32> = who.parse().ok();
        let workload = self.workloads().into_iter().find(|w| {
            let holds = |pid| w.group.members.iter().any(|key| key.pid == pid);
            w.group.name == who || pid.is_some_and(holds) || w.parts.iter().any(|(p, _)| p.program == who)
        })?;
        let finding = self.finding(&workload);
        Some(explain::explain(&self.ledger, self.machine.arch, finding, &workload))
    }

    /// The leading program of every workload.
    #[must_use]
    pub fn examples(&self) -> Vec<Example> {
        let hits = component::hits(&self.ledger);
        self.groups()
            .into_iter()
            .filter_map(|group| {
                let parts = component::split(&self.ledger, &group.members, self.machine.cpus);
                let mut part = parts.into_iter().next()?;
                part.look(&self.ledger, &hits, self.machine.arch);
                Some(Example {
                    cpu_share: part.cpu_share(),
                    features: Features::of(&part),
                    members: group.members,
                    part,
                })
            })
            .collect()
    }

    fn groups(&self) -> Vec<Group> {
        grouping::group(&self.ledger, &component::times(&self.ledger))
    }

    fn workloads(&self) -> Vec<Workload> {
        let hits = component::hits(&self.ledger);
        let mut all: Vec<Workload> =
            self.groups().into_iter().filter_map(|group| self.workload(&hits, group)).collect();
        all.sort_by(|a, b| {
            let time = |w: &Workload| w.parts.iter().map(|(p, _)| p.seconds).sum::<f64>();
            time(b).total_cmp(&time(a)).then(a.group.lead.cmp(&b.group.lead))
        });
        all
    }

    fn workload(&self, hits: &Hits, group: Group) -> Option<Workload> {
        let parts = component::split(&self.ledger, &group.members, self.machine.cpus);
        let seconds: f64 = parts.iter().map(|p| p.seconds).sum();
        let asks = parts.iter().any(judge::gives_work);
        let window = parts.first()?.window_s;
        if seconds / window < BUSY && !asks {
            return None;
        }
        let parts = parts
            .into_iter()
            .filter(|p| p.seconds >= PART * seconds || judge::gives_work(p))
            .map(|mut part| {
                part.look(&self.ledger, hits, self.machine.arch);
                let verdict = judge::judge(&part, Features::of(&part), &self.model);
                (part, verdict)
            })
            .collect();
        Some(Workload { group, parts })
    }

    fn finding(&self, workload: &Workload) -> Finding {
        let Workload { group, parts } = workload;
        let seconds: f64 = parts.iter().map(|(p, _)| p.seconds).sum();
        let window = parts.first().map_or(1.0, |(p, _)| p.window_s);
        let mixture = mixture(parts, seconds);
        let lead = mixture.first().map_or(Activity::Undetermined, |s| s.activity);
        let of_lead = parts.iter().find(|(_, v)| v.activity == lead);
        let (weight, algorithm) =
            of_lead.map_or((facts::Weight::default(), None), |(_, v)| (v.weight, v.algorithm.clone()));
        Finding {
            name: group.name.clone(),
            unit: group.kind,
            pids: group.members.iter().map(|key| key.pid).collect(),
            user: self.user(group),
            cpu_share: round(seconds / window, 3),
            activity: lead,
            algorithm,
            probability: round(mixture.first().map_or(0.0, |s| s.probability), 4),
            weight: facts::Weight::new(round(weight.log10(), 2)),
            strength: weight.strength().words().to_owned(),
            mixture,
            readings: of_lead.map(|(_, verdict)| readings(verdict)).unwrap_or_default(),
            token_link: token_link::link(parts, &self.ledger.coverage),
            evidence: self.evidence(parts),
        }
    }

    fn evidence(&self, parts: &[(Component, Verdict)]) -> Vec<Evidence> {
        let several = parts.len() > 1;
        let mut all = Vec::new();
        for (part, verdict) in parts {
            for mut item in evidence::weigh(part, verdict, &self.model) {
                item.weight = facts::Weight::new(round(item.weight.log10(), 2));
                if several {
                    item.saw = format!("{}: {}", part.program, item.saw);
                }
                all.push(item);
            }
        }
        all
    }

    fn user(&self, group: &Group) -> String {
        let process = group.members.first().and_then(|key| self.process(*key));
        process.map_or_else(String::new, |p| p.user.clone().unwrap_or_else(|| p.uid.to_string()))
    }
}

/// The parts of a workload by activity, largest first.
fn mixture(parts: &[(Component, Verdict)], seconds: f64) -> Vec<Share> {
    let mut sums: BTreeMap<Activity, (f64, f64)> = BTreeMap::new();
    for (part, verdict) in parts {
        let share = if seconds > 0.0 { part.seconds / seconds } else { 1.0 / parts.len() as f64 };
        let sum = sums.entry(verdict.activity).or_default();
        sum.0 += share;
        sum.1 += share * verdict.probability;
    }
    let mut shares: Vec<Share> = sums
        .into_iter()
        .map(|(activity, (share, weighted))| {
            let probability = if share > 0.0 { weighted / share } else { 0.0 };
            Share { activity, share: round(share, 3), probability: round(probability, 4) }
        })
        .collect();
    shares.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.activity.cmp(&b.activity)));
    shares
}

/// What a part may be. Rounding must not make the sum exceed 1: what is too much goes from the least likely.
fn readings(verdict: &Verdict) -> Vec<Reading> {
    let possible = verdict.ranked().into_iter().take_while(|(_, p)| *p >= Finding::POSSIBLE);
    let mut all: Vec<Reading> = possible
        .map(|(activity, probability)| Reading { activity, probability: round(probability, 4) })
        .collect();
    let sum: f64 = all.iter().map(|r| r.probability).sum();
    if let Some(last) = all.last_mut().filter(|_| sum > 1.0) {
        last.probability = round(last.probability - (sum - 1.0), 4);
    }
    all
}

fn round(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}
