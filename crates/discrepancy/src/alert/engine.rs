//! One tick: signals in, the state after and what to send out.
//!
//! ```text
//! (none) ── above raise ──▶ rising ── for hold ──▶ open ── below clear ──▶ falling ── for rest ──▶ over ── told ──▶ (none)
//!              ▲  below ◀─────┘                     ▲  above clear ◀───────────┘
//! ```
//!
//! The order of signals in a tick changes nothing. In quiet hours phases go on, and what was not told is told when they
//! end. Must not forget an alert that nobody was told of.

use crate::alert::settings::{Rule, Settings};
use crate::alert::signal::Signal;
use crate::alert::state::{Alert, Change, Notification, Phase, State};
use std::collections::{BTreeMap, BTreeSet};

/// Milliseconds of a minute.
const MINUTE_MS: u64 = 60_000;

/// What happens at `now_ms`, milliseconds since 1970, given what is seen.
#[must_use]
pub fn tick(
    mut state: State,
    now_ms: u64,
    seen: &[Signal],
    settings: &Settings,
) -> (State, Vec<Notification>) {
    let mut seen: Vec<&Signal> = seen.iter().collect();
    seen.sort_by(|a, b| a.key.cmp(&b.key).then(b.size.total_cmp(&a.size)).then(a.en.cmp(&b.en)));
    seen.dedup_by(|later, first| later.key == first.key);
    let mut missing: BTreeSet<String> = state.alerts.keys().cloned().collect();
    for signal in seen {
        missing.remove(&signal.key);
        advance(&mut state, now_ms, signal, settings);
    }
    for key in missing {
        fade(&mut state, now_ms, &key, settings);
    }
    let told = tell(&mut state, now_ms, settings);
    (state, told)
}

/// Whether a signal is strong enough to count at all.
fn counts(signal: &Signal, rule: &Rule, settings: &Settings) -> bool {
    let strong = signal.weight.is_none_or(|w| w >= rule.weight);
    rule.on && strong && (settings.contested || !signal.contested)
}

fn advance(state: &mut State, now_ms: u64, signal: &Signal, settings: &Settings) {
    let rule = settings.rule(&signal.kind);
    let counts = counts(signal, &rule, settings);
    let above = counts && signal.size >= rule.raise;
    let below = !counts || signal.size < rule.clear;
    let Some(alert) = state.alerts.get_mut(&signal.key) else {
        if above {
            state.alerts.insert(signal.key.clone(), Alert::rising(signal.clone(), now_ms));
            settle(state, now_ms, &signal.key, &rule);
        }
        return;
    };
    match alert.phase {
        Phase::Rising if !above => {
            state.alerts.remove(&signal.key);
            return;
        }
        Phase::Open if below => alert.enter(Phase::Falling, now_ms),
        // It comes back before it was told that it is over: the same alert.
        Phase::Falling if !below => alert.enter(Phase::Open, now_ms),
        Phase::Over if above => alert.enter(Phase::Open, now_ms),
        _ => {}
    }
    if !below || alert.phase == Phase::Rising {
        alert.signal = signal.clone();
    }
    settle(state, now_ms, &signal.key, &rule);
}

/// What is not seen any more is below every threshold.
fn fade(state: &mut State, now_ms: u64, key: &str, settings: &Settings) {
    let Some(alert) = state.alerts.get_mut(key) else { return };
    let rule = settings.rule(&alert.signal.kind);
    match alert.phase {
        Phase::Rising => {
            state.alerts.remove(key);
            return;
        }
        Phase::Open => alert.enter(Phase::Falling, now_ms),
        Phase::Falling | Phase::Over => {}
    }
    settle(state, now_ms, key, &rule);
}

/// Lets a phase end that lasted for as long as is asked.
fn settle(state: &mut State, now_ms: u64, key: &str, rule: &Rule) {
    let Some(alert) = state.alerts.get_mut(key) else { return };
    let lasted = now_ms.saturating_sub(alert.since_ms);
    match alert.phase {
        Phase::Rising if lasted >= rule.hold_minutes * MINUTE_MS => {
            alert.opened_ms = Some(now_ms);
            alert.enter(Phase::Open, now_ms);
        }
        Phase::Falling if lasted >= rule.rest_minutes * MINUTE_MS => alert.enter(Phase::Over, now_ms),
        _ => {}
    }
}

impl Alert {
    fn rising(signal: Signal, now_ms: u64) -> Self {
        let phase = Phase::Rising;
        Self { signal, phase, since_ms: now_ms, opened_ms: None, told_ms: None, acknowledged: None }
    }

    fn enter(&mut self, phase: Phase, now_ms: u64) {
        self.phase = phase;
        self.since_ms = now_ms;
    }

    /// What there is to tell, quiet hours aside.
    fn due(&self, now_ms: u64, again_ms: u64) -> Option<Change> {
        let known = self.acknowledged.as_ref().is_some_and(|a| now_ms < a.until_ms);
        match (self.phase, self.told_ms) {
            (Phase::Rising, _) => None,
            (_, None) => Some(Change::Opened),
            (Phase::Over, Some(_)) => Some(Change::Cleared),
            (_, Some(told)) if !known && now_ms.saturating_sub(told) >= again_ms => Some(Change::Still),
            _ => None,
        }
    }
}

/// Makes the messages that are due, one for each alert or one for a group, and keeps that they were made.
fn tell(state: &mut State, now_ms: u64, settings: &Settings) -> Vec<Notification> {
    let quiet = settings.quiet.at(now_ms);
    let mut due: BTreeMap<(Change, String, String), Vec<Alert>> = BTreeMap::new();
    for alert in state.alerts.values_mut() {
        let breaks = settings.prohibited_breaks_quiet && alert.signal.prohibited;
        let Some(change) = alert.due(now_ms, settings.again_ms).filter(|_| !quiet || breaks) else {
            continue;
        };
        alert.told_ms = Some(now_ms);
        let key = (change, alert.signal.site.clone(), alert.signal.kind.clone());
        due.entry(key).or_default().push(alert.clone());
    }
    // What opened and was over again while it was quiet is told as both, at this tick and the next.
    let cleared: BTreeSet<String> = due
        .iter()
        .filter(|((change, ..), _)| *change == Change::Cleared)
        .flat_map(|(_, alerts)| alerts.iter().map(|a| a.signal.key.clone()))
        .collect();
    state.alerts.retain(|key, _| !cleared.contains(key));
    let mut out = Vec::new();
    for ((change, site, kind), mut alerts) in due {
        alerts.sort_by(|a, b| b.signal.size.total_cmp(&a.signal.size).then(a.signal.key.cmp(&b.signal.key)));
        let bunches: Vec<Vec<Alert>> = if alerts.len() >= settings.group {
            vec![alerts]
        } else {
            alerts.into_iter().map(|a| vec![a]).collect()
        };
        for alerts in bunches {
            let (number, at_ms, kind, site) = (state.next, now_ms, kind.clone(), site.clone());
            state.next += 1;
            out.push(Notification { number, at_ms, change, kind, site, alerts });
        }
    }
    out
}
