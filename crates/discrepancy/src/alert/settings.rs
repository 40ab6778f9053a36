//! The settings of alerts, as TOML: which kinds, from which size, held for how long, when quiet.
//!
//! Must not read a file; a mistake is named with what was expected.

use crate::alert::quiet::Quiet;
use crate::difference::Kind;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Most bytes of settings.
pub const MAX_SETTINGS: usize = 64 << 10;
/// Milliseconds of a minute.
const MINUTE_MS: u64 = 60_000;

/// When one kind of difference becomes an alert, and when it is over.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    /// Whether it is watched at all.
    pub on: bool,
    /// Hours times share of the device from which it is raised.
    pub raise: f64,
    /// Below which it is cleared; at most `raise`.
    pub clear: f64,
    /// Least weight, bans; what is plain from the record passes.
    pub weight: f64,
    /// How long it must be above `raise` before it is an alert, minutes.
    pub hold_minutes: u64,
    /// How long it must be below `clear` before it is over, minutes.
    pub rest_minutes: u64,
}

impl Default for Rule {
    fn default() -> Self {
        Self { on: true, raise: 0.05, clear: 0.02, weight: 1.0, hold_minutes: 5, rest_minutes: 15 }
    }
}

/// The settings.
#[derive(Clone, Debug)]
pub struct Settings {
    rules: BTreeMap<Kind, Rule>,
    /// When nothing is sent.
    pub quiet: Quiet,
    /// Whether prohibited work is told in quiet hours too.
    pub prohibited_breaks_quiet: bool,
    /// After which time an alert that goes on is told again, milliseconds.
    pub again_ms: u64,
    /// Whether what is contested and not answered is told as an alert all the same. It is marked either way.
    pub contested: bool,
    /// Alerts of one site and one kind at one tick from which they are told as one.
    pub group: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rules: BTreeMap::new(),
            quiet: Quiet::never(),
            prohibited_breaks_quiet: true,
            again_ms: 24 * 60 * MINUTE_MS,
            contested: true,
            group: 3,
        }
    }
}

/// Why settings are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Too long.
    #[error("settings of {found} bytes, expected at most {MAX_SETTINGS}")]
    Long {
        /// How many.
        found: usize,
    },
    /// Not TOML, or a key that there is not.
    #[error("the settings of alerts are malformed: {why}")]
    Malformed {
        /// What the reader says, with the line.
        why: String,
    },
    /// No such kind.
    #[error("'{found}' is no kind of difference, expected one of {expected}")]
    Kind {
        /// What stands there.
        found: String,
        /// All there are.
        expected: String,
    },
    /// A figure that cannot be.
    #[error("{kind}: {what} is {found}, expected {expected}")]
    Figure {
        /// Of which rule.
        kind: String,
        /// Which figure.
        what: &'static str,
        /// What stands there.
        found: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// Quiet hours that are none.
    #[error("quiet.hours: {why}")]
    Hours {
        /// What is wrong.
        why: String,
    },
    /// No such time zone.
    #[error(
        "quiet.zone: '{found}' is no time zone that is known here, expected for instance 'Asia/Shanghai'"
    )]
    Zone {
        /// What stands there.
        found: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default)]
    again_hours: Option<u64>,
    #[serde(default)]
    contested: Option<bool>,
    #[serde(default)]
    group: Option<usize>,
    #[serde(default)]
    quiet: Option<QuietForm>,
    #[serde(default)]
    rule: BTreeMap<String, Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuietForm {
    hours: String,
    #[serde(default)]
    zone: Option<String>,
    #[serde(default)]
    prohibited_breaks: Option<bool>,
}

impl Settings {
    /// Reads settings. `zone` finds a time zone by its name, which this room cannot.
    ///
    /// # Errors
    ///
    /// [`SettingsError`].
    pub fn parse(text: &str, zone: impl Fn(&str) -> Option<TimeZone>) -> Result<Self, SettingsError> {
        if text.len() > MAX_SETTINGS {
            return Err(SettingsError::Long { found: text.len() });
        }
        let form: Form = toml::from_str(text).map_err(|e| SettingsError::Malformed { why: e.to_string() })?;
        let mut settings = Self::default();
        for (word, rule) in form.rule {
            settings.rules.insert(kind(&word)?, checked(&word, rule)?);
        }
        if let Some(quiet) = form.quiet {
            settings.set_quiet(&quiet, zone)?;
        }
        settings.contested = form.contested.unwrap_or(settings.contested);
        settings.group = form.group.unwrap_or(settings.group).max(2);
        if let Some(hours) = form.again_hours {
            if !(1..=8_760).contains(&hours) {
                return Err(figure("again_hours", "the time", &hours, "1 to 8760"));
            }
            settings.again_ms = hours * 60 * MINUTE_MS;
        }
        Ok(settings)
    }

    fn set_quiet(
        &mut self,
        quiet: &QuietForm,
        zone: impl Fn(&str) -> Option<TimeZone>,
    ) -> Result<(), SettingsError> {
        let zone = match quiet.zone.as_deref() {
            None | Some("UTC") => TimeZone::UTC,
            Some(name) => zone(name).ok_or_else(|| SettingsError::Zone { found: shown(name) })?,
        };
        self.quiet =
            Quiet::parse(&quiet.hours, zone).map_err(|e| SettingsError::Hours { why: e.to_string() })?;
        self.prohibited_breaks_quiet = quiet.prohibited_breaks.unwrap_or(self.prohibited_breaks_quiet);
        Ok(())
    }

    /// The rule of a kind.
    #[must_use]
    pub fn rule(&self, kind: &str) -> Rule {
        Kind::named(kind).and_then(|k| self.rules.get(&k)).copied().unwrap_or_default()
    }

    /// The same with another rule for one kind.
    #[must_use]
    pub fn with(mut self, kind: Kind, rule: Rule) -> Self {
        self.rules.insert(kind, rule);
        self
    }
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

fn kind(word: &str) -> Result<Kind, SettingsError> {
    let all = || Kind::ALL.map(Kind::word).join(", ");
    Kind::named(word).ok_or_else(|| SettingsError::Kind { found: shown(word), expected: all() })
}

fn figure(kind: &str, what: &'static str, found: &impl ToString, expected: &'static str) -> SettingsError {
    SettingsError::Figure { kind: kind.to_owned(), what, found: found.to_string(), expected }
}

fn checked(word: &str, rule: Rule) -> Result<Rule, SettingsError> {
    let size = |x: f64| x.is_finite() && (0.0..=1e6).contains(&x);
    if !size(rule.raise) {
        return Err(figure(word, "raise", &rule.raise, "0 to 1000000"));
    }
    if !size(rule.clear) || rule.clear > rule.raise {
        return Err(figure(word, "clear", &rule.clear, "0 to what raise is"));
    }
    if !(0.0..=6.0).contains(&rule.weight) {
        return Err(figure(word, "weight", &rule.weight, "0 to 6 bans"));
    }
    let most = rule.hold_minutes.max(rule.rest_minutes);
    if most > 10_080 {
        return Err(figure(word, "hold_minutes or rest_minutes", &most, "at most 10080, a week"));
    }
    Ok(rule)
}
