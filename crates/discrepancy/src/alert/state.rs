//! What the engine remembers between ticks, and what it hands out.
//!
//! Serialisable, so that a restart forgets nothing. Must not hold more than is needed to go on.

use crate::alert::outbox::Outbox;
use crate::alert::signal::Signal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most characters of a note or name on an acknowledgement.
pub const MAX_NOTE: usize = 500;

/// How far an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Above the threshold, not yet for long enough.
    Rising,
    /// An alert.
    Open,
    /// An alert, below the threshold, not yet for long enough.
    Falling,
    /// Over, and not yet told.
    Over,
}

/// Somebody's word that it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// Who.
    pub by: String,
    /// What the person says to it.
    pub note: String,
    /// Until when it holds, milliseconds since 1970.
    pub until_ms: u64,
}

/// One alert, from the first time above the threshold on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// What it is about, as last seen.
    pub signal: Signal,
    /// How far it is.
    pub phase: Phase,
    /// Since when it is in this phase, milliseconds since 1970.
    pub since_ms: u64,
    /// When it was opened.
    pub opened_ms: Option<u64>,
    /// When it was last told; none before the first time.
    pub told_ms: Option<u64>,
    /// Somebody's word.
    pub acknowledged: Option<Acknowledgement>,
}

/// Everything between two ticks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Alerts by key.
    pub alerts: BTreeMap<String, Alert>,
    /// The number of the next notification, from 0.
    pub next: u64,
    /// Messages that somebody has not taken yet; none in states of before there were several receivers.
    #[serde(default)]
    pub outbox: Outbox,
}

/// What is told of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It is new.
    Opened,
    /// It goes on.
    Still,
    /// It is over.
    Cleared,
}

impl Change {
    /// The change as a word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Still => "still",
            Self::Cleared => "cleared",
        }
    }
}

/// One message: a change of one alert, or the same change of several of one kind at one site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notification {
    /// Its number, the same for nothing else in this state's life.
    pub number: u64,
    /// When, milliseconds since 1970.
    pub at_ms: u64,
    /// What changed.
    pub change: Change,
    /// The kind of difference, as a word.
    pub kind: String,
    /// The site.
    pub site: String,
    /// The alerts, largest first.
    pub alerts: Vec<Alert>,
}

/// No such alert.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no open alert '{found}'; `overt alerts` lists the open ones")]
pub struct Unknown {
    /// The key that was given, shortened.
    pub found: String,
}

impl State {
    /// Keeps somebody's word on an open alert: it is not told again before the word expires, or it is over.
    ///
    /// # Errors
    ///
    /// [`Unknown`] if there is no such open alert.
    pub fn acknowledge(&mut self, key: &str, word: Acknowledgement) -> Result<(), Unknown> {
        let open = |a: &&mut Alert| matches!(a.phase, Phase::Open | Phase::Falling);
        let shown = || Unknown { found: key.chars().filter(|c| !c.is_control()).take(120).collect() };
        let alert = self.alerts.get_mut(key).filter(open).ok_or_else(shown)?;
        let short =
            |text: &str| -> String { text.chars().filter(|c| !c.is_control()).take(MAX_NOTE).collect() };
        alert.acknowledged =
            Some(Acknowledgement { by: short(&word.by), note: short(&word.note), until_ms: word.until_ms });
        Ok(())
    }

    /// The open alerts, largest first.
    #[must_use]
    pub fn open(&self) -> Vec<&Alert> {
        let mut all: Vec<&Alert> =
            self.alerts.values().filter(|a| matches!(a.phase, Phase::Open | Phase::Falling)).collect();
        all.sort_by(|a, b| b.signal.size.total_cmp(&a.signal.size).then(a.signal.key.cmp(&b.signal.key)));
        all
    }
}
