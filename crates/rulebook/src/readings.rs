//! Dispositions of a finding whose activity is uncertain: one for each plausible reading, with its probability.

use crate::case::{Case, CaseError};
use crate::effect::Disposition;
use crate::judge::Judge;
use crate::value::Value;
use facts::{Activity, Reading, TokenState};
use serde::Serialize;

/// Readings below this probability are not judged; together they are shown as the rest.
pub const PLAUSIBLE: f64 = 0.01;

/// A disposition with the probability of all readings that lead to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Weighed {
    /// The disposition.
    pub disposition: Disposition,
    /// The probability, 0 to 1.
    pub probability: f64,
    /// The readings that lead to it, likeliest first.
    pub activities: Vec<Activity>,
}

/// What the token link says as a fact: what could not be observed is not known.
#[must_use]
pub fn token_fact(state: TokenState) -> Option<Value> {
    match state {
        TokenState::Seen => Some(Value::Choice("seen".to_owned())),
        TokenState::NotSeen => Some(Value::Choice("not-seen".to_owned())),
        TokenState::NotObservable => None,
    }
}

/// Judges every plausible reading, likeliest disposition first. Idle work is not judged; what stays undetermined, or is not
/// plausible alone, needs a person.
///
/// # Errors
///
/// [`CaseError`] if the case names something that does not exist.
pub fn weigh(judge: &mut Judge<'_>, case: &Case, readings: &[Reading]) -> Result<Vec<Weighed>, CaseError> {
    weigh_by(readings, |activity| {
        let case = Case { activity: activity.name().to_owned(), ..case.clone() };
        judge.decide(&case).map(|decision| decision.disposition)
    })
}

/// The same with the answer for an activity from anywhere: who judges many alike findings remembers answers.
///
/// # Errors
///
/// What `decide` gives.
pub fn weigh_by<E>(
    readings: &[Reading],
    mut decide: impl FnMut(Activity) -> Result<Disposition, E>,
) -> Result<Vec<Weighed>, E> {
    let mut weighed: Vec<Weighed> = Vec::new();
    let mut judged = 0.0;
    for reading in readings.iter().filter(|r| r.probability >= PLAUSIBLE) {
        judged += reading.probability;
        let disposition = match reading.activity {
            Activity::Idle => continue,
            Activity::Undetermined => Disposition::ManualReview,
            activity => decide(activity)?,
        };
        add(&mut weighed, disposition, reading.probability, Some(reading.activity));
    }
    if 1.0 - judged >= PLAUSIBLE {
        add(&mut weighed, Disposition::ManualReview, 1.0 - judged, None);
    }
    weighed.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    Ok(weighed)
}

fn add(weighed: &mut Vec<Weighed>, disposition: Disposition, probability: f64, activity: Option<Activity>) {
    match weighed.iter_mut().find(|w| w.disposition == disposition) {
        Some(known) => {
            known.probability += probability;
            known.activities.extend(activity);
        }
        None => {
            weighed.push(Weighed { disposition, probability, activities: activity.into_iter().collect() });
        }
    }
}
