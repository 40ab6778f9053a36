//! Differences that are plain from the record of one device: registration, place, power, lost sensors.
//!
//! Must not weigh: these are facts of the record, not conclusions.

use super::{Input, View};
use crate::assess::HOUR_MS;
use crate::difference::{Cited, Difference, Kind, MAX_ORDINALS, Magnitude, Subject};
use crate::power::Over;
use crate::said::Said;
use crate::thresholds::Thresholds;

/// All of them for one device.
pub(super) fn of_device(input: &Input<'_>, view: &View<'_>, subject: &Subject) -> Vec<Difference> {
    let mut all = Vec::new();
    let t = input.thresholds;
    all.extend(unregistered(view, subject, t));
    all.extend(elsewhere(view, subject, t));
    let over = view.watts.and_then(|watts| Some((watts, view.load.over(watts, t)?)));
    all.extend(over.map(|(watts, over)| {
        power(subject.clone(), &over, watts, &over_words(watts, "device.power_nominal"))
    }));
    all.extend(lost(view, subject, t));
    all
}

fn unregistered(view: &View<'_>, subject: &Subject, t: &Thresholds) -> Option<Difference> {
    let mut difference = shown(Kind::UnregisteredDevice, subject, &view.unregistered, t)?;
    "not registered".clone_into(&mut difference.declared);
    difference.seen = format!("{} statements", view.unregistered.len());
    difference.magnitude.share = 1.0;
    Some(difference)
}

fn elsewhere(view: &View<'_>, subject: &Subject, t: &Thresholds) -> Option<Difference> {
    let said: Vec<&Said> = view.elsewhere.iter().map(|(said, _)| *said).collect();
    let mut difference = shown(Kind::AnotherSite, subject, &said, t)?;
    let (last, registered) = view.elsewhere.last()?;
    difference.declared = registered.to_string();
    difference.seen = last.site.to_string();
    difference.magnitude.share = 1.0;
    Some(difference)
}

/// A difference that statements show by being there, if they are enough.
fn shown(kind: Kind, subject: &Subject, said: &[&Said], t: &Thresholds) -> Option<Difference> {
    let (first, last) = (said.first()?, said.last()?);
    let ms: u64 = said.iter().map(|s| u64::from(s.duration_ms)).sum();
    if (said.len() as u64) < t.least_statements || ms < t.least_seen_ms {
        return None;
    }
    let ordinals = said.iter().map(|s| s.ordinal).take(MAX_ORDINALS).collect();
    Some(Difference {
        magnitude: Magnitude { hours: ms as f64 / HOUR_MS, ..Magnitude::default() },
        cited: Cited { statements: said.len() as u64, ordinals, ..Cited::default() },
        sequences: Some((first.sequence, last.sequence)),
        ..Difference::new(kind, subject.clone(), first.from_ms, last.until_ms())
    })
}

/// What was declared, as words.
pub(super) fn over_words(watts: f64, source: &str) -> String {
    format!("{watts:.0} W ({source})")
}

/// Too much power of a device or a site.
pub(super) fn power(subject: Subject, over: &Over, watts: f64, declared: &str) -> Difference {
    let excess = over.mean_w / watts.max(1e-9) - 1.0;
    Difference {
        declared: declared.to_owned(),
        seen: format!("{:.0} W on the mean, {:.0} W at most", over.mean_w, over.peak_w),
        magnitude: Magnitude { share: excess.min(1.0), hours: over.hours, kwh: Some(over.excess_kwh) },
        cited: Cited { statements: over.statements, ordinals: over.ordinals.clone(), ..Cited::default() },
        sequences: over.sequences,
        ..Difference::new(Kind::OverPower, subject, over.from_ms, over.to_ms)
    }
}

/// Sensors that went at the same time are one difference.
fn lost(view: &View<'_>, subject: &Subject, t: &Thresholds) -> Option<Difference> {
    let lost = crate::coverage::lost(&view.said, t);
    let first = lost.first()?;
    let names: Vec<&str> = lost.iter().map(|l| l.sensor.name()).collect();
    let (from_ms, to_ms) =
        lost.iter().fold((first.from_ms, first.to_ms), |(a, b), l| (a.min(l.from_ms), b.max(l.to_ms)));
    let why = if first.why.is_empty() { "no reason given" } else { &first.why };
    let back = if lost.iter().all(|l| l.back) { "; it has come back" } else { "" };
    let speaking = view.tally.seen_ms.max(1);
    let share = (to_ms - from_ms) as f64 / speaking as f64;
    Some(Difference {
        declared: format!("{} as before", names.join(", ")),
        seen: format!("none: {why}{back}"),
        magnitude: Magnitude { share: share.min(1.0), hours: (to_ms - from_ms) as f64 / HOUR_MS, kwh: None },
        cited: Cited { statements: first.statements, ordinals: first.ordinals.clone(), ..Cited::default() },
        sequences: Some(first.sequences),
        ..Difference::new(Kind::LostCoverage, subject.clone(), from_ms, to_ms)
    })
}
