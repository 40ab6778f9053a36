//! From a component to a verdict: the model's probabilities, held to rules that no weight can overrule.

use crate::algorithm;
use crate::component::Component;
use crate::features::{Features, Group};
use crate::fusion::{CLASSES, Model};
use crate::products::hashing;
use facts::{Activity, Endpoint, Weight};

/// Below this probability nothing is concluded.
const DECIDES: f64 = 0.35;
/// Mining is an accusation in some places: without a conversation that gives work it needs this much.
const DECIDES_MINING_ALONE: f64 = 0.80;
/// Part of bit-mixing instructions without which hot code is no proof-of-work hash.
const HASHES: f64 = 0.12;
/// Probability of each activity before anything was seen: even odds, so that the weight is all evidence.
const EVEN: f64 = 1.0 / CLASSES.len() as f64;
/// Mining and password recovery hash alike. While mining stays this probable, the other is not concluded.
const RIVALS: f64 = 0.12;
/// Decoded samples at which hot code counts by half; fewer leave more to the prior.
const HALF_TRUST: f64 = 2.0;

/// What is concluded of one component.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub activity: Activity,
    /// The activity that was concluded, or that leads where nothing was: what evidence is weighed for.
    pub lead: Activity,
    /// Probability of the lead.
    pub probability: f64,
    /// Probability of each class, in the order of [`CLASSES`].
    pub probabilities: Vec<f64>,
    pub algorithm: Option<String>,
    pub weight: Weight,
    pub features: Features,
    /// Names say something that what runs contradicts; they were left out.
    pub names_contradict: bool,
    /// Why nothing was concluded although something led.
    pub withheld: Option<&'static str>,
}

impl Verdict {
    /// Every class with its probability, likeliest first.
    pub(crate) fn ranked(&self) -> Vec<(Activity, f64)> {
        let mut all: Vec<(Activity, f64)> =
            CLASSES.into_iter().zip(self.probabilities.iter().copied()).collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        all
    }
}

/// Judges one component by its features.
pub(crate) fn judge(part: &Component, features: Features, model: &Model) -> Verdict {
    let (probabilities, names_contradict) = probabilities(&features, model, part);
    let (lead, probability) = lead(&probabilities);
    let withheld = withheld(part, lead, probability, &probabilities);
    let activity = if withheld.is_some() { Activity::Undetermined } else { lead };
    let weight = Weight::from_probability(probability).log10() - Weight::from_probability(EVEN).log10();
    Verdict {
        activity,
        lead,
        probability,
        algorithm: algorithm::named(part, activity),
        probabilities,
        weight: Weight::new(weight),
        features,
        names_contradict,
        withheld,
    }
}

/// The model's probabilities; names are left out where the rest of the evidence says mining.
fn probabilities(features: &Features, model: &Model, part: &Component) -> (Vec<f64>, bool) {
    let all = model.probabilities(features, |_| true);
    let unnamed = model.probabilities(features, |group| group != Group::Symbols);
    let mining = |p: &[f64]| p.first().copied().unwrap_or(0.0);
    let contradict = mining(&unnamed) > 0.5 && mining(&all) < mining(&unnamed);
    let chosen = if contradict { unnamed } else { all };
    (temper(chosen, part), contradict)
}

/// With few samples the answer leans back to even odds, unless a conversation tells.
fn temper(probabilities: Vec<f64>, part: &Component) -> Vec<f64> {
    let seen = part.hot.decoded as f64;
    let spoken = part.conversations.iter().filter_map(|c| c.recognised.as_ref());
    let told = spoken.map(|r| r.protocol).any(|p| p.gives_work() || p.follows_chain());
    let trust = if told { 1.0 } else { seen / (seen + HALF_TRUST) };
    probabilities.iter().map(|p| trust * p + (1.0 - trust) * EVEN).collect()
}

/// The most probable activity. Training and inference share most of what they do, so that they stand together
/// against the others before they stand against each other.
fn lead(probabilities: &[f64]) -> (Activity, f64) {
    let ai = ai(probabilities);
    let standing = |(class, p): &(Activity, f64)| (if is_ai(*class) { ai } else { *p }, *p);
    let all = CLASSES.into_iter().zip(probabilities.iter().copied());
    all.max_by(|a, b| standing(a).partial_cmp(&standing(b)).unwrap_or(std::cmp::Ordering::Equal))
        .unwrap_or((Activity::Undetermined, 0.0))
}

fn ai(probabilities: &[f64]) -> f64 {
    CLASSES.iter().zip(probabilities).filter(|(class, _)| is_ai(**class)).map(|(_, p)| p).sum()
}

/// Whether this component asks somebody for proof-of-work.
pub(crate) fn gives_work(part: &Component) -> bool {
    part.conversations.iter().any(|c| {
        c.endpoint != Endpoint::Server && c.recognised.as_ref().is_some_and(|r| r.protocol.gives_work())
    })
}

fn withheld(part: &Component, lead: Activity, probability: f64, all: &[f64]) -> Option<&'static str> {
    let carried = if is_ai(lead) { ai(all) } else { probability };
    if carried < DECIDES {
        return Some("no activity is probable enough");
    }
    if lead == Activity::HashSearch && all.first().is_some_and(|mining| *mining >= RIVALS) {
        return Some("it hashes what it makes up: password recovery, or mining with nobody to talk to");
    }
    if lead != Activity::Mining {
        return None;
    }
    let work = gives_work(part);
    if !work && hashing(part) < HASHES && !algorithm::randomx(part) {
        return Some(
            "it resembles mining, but neither hash arithmetic nor a conversation that gives work was seen",
        );
    }
    (!work && probability < DECIDES_MINING_ALONE)
        .then_some("it resembles mining, but no conversation that gives work was seen")
}

fn is_ai(activity: Activity) -> bool {
    matches!(activity, Activity::Training | Activity::Inference)
}
