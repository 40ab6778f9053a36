//! What a person should know before signing: what changed in the period, and what the statements do not tell. Must not change
//! any value.

use super::Filling;
use crate::observed::percent;
use rulebook::Provision;
use statement::Kind;
use std::collections::BTreeSet;

/// Fields whose change in the period is said even where the form does not ask for them.
const WATCHED: [&str; 3] = ["licence.number", "licence.subtype", "operator.licence"];

impl<'a> Filling<'a> {
    pub(super) fn note_what_changed(&mut self) {
        self.note_law();
        self.note_licence();
        self.note_earlier();
    }

    /// Provisions that impose the obligation, or set its fee.
    pub(super) fn provisions(&self) -> Vec<&'a Provision> {
        let rulebook = self.inputs.rulebook;
        let position = rulebook.obligations.iter().position(|o| o.id == self.obligation.id);
        let fee = self.asks("energy.fee");
        let provisions = rulebook.provisions.iter();
        provisions
            .filter(|p| position.is_some_and(|o| p.obliges.contains(&o)) || fee && p.charge.is_some())
            .collect()
    }

    fn note_law(&mut self) {
        let (to, today) = (self.period.to, self.inputs.today);
        let from = if self.periodic() { self.period.from } else { to };
        let turns: BTreeSet<_> = self
            .provisions()
            .iter()
            .flat_map(|p| [Some(p.from), p.until.and_then(|u| u.tomorrow().ok())])
            .flatten()
            .filter(|day| from < *day && *day <= today)
            .collect();
        let imposed = self
            .provisions()
            .iter()
            .any(|p| !p.obliges.is_empty() && p.from <= to && p.until.is_none_or(|u| to <= u));
        for day in turns {
            self.note(format!("The law on this changed on {day}; the form follows the law of {to}, the last day that it covers."));
        }
        if !imposed {
            self.note(format!("No provision in force on {to} imposes this obligation."));
        }
    }

    fn note_licence(&mut self) {
        let operator = self.inputs.operator;
        let (from, to) = (self.period.from, self.period.to);
        let stretches = self.inputs.register.over(Kind::Operator, operator, from, to);
        for pair in stretches.windows(2) {
            let [before, after] = pair else { continue };
            for field in WATCHED {
                let (old, new) =
                    (before.entry.registration.field(field), after.entry.registration.field(field));
                if old != new {
                    let word = |v: Option<&str>| v.map_or("nothing".to_owned(), |v| format!("'{v}'"));
                    self.note(format!(
                        "{field} of operator {operator} was {} until {} and {} from {}.",
                        word(old),
                        before.to,
                        word(new),
                        after.from
                    ));
                }
            }
        }
        if let Some(last) = stretches.last().filter(|s| s.to < to)
            && let Some(number) = last.entry.registration.field("licence.number")
        {
            self.note(format!(
                "Licence {number} of operator {operator} ended on {}, within the period.",
                last.to
            ));
        }
    }

    /// An earlier filing of the same obligation may follow another rulebook.
    fn note_earlier(&mut self) {
        let digest = &self.inputs.rulebook.digest;
        let other = |f: &&crate::form::Filing| {
            f.form.obligation == self.obligation.id
                && f.operator == self.inputs.operator.as_str()
                && f.law.rulebook == self.inputs.rulebook.jurisdiction
                && f.law.digest != *digest
        };
        let last = self.inputs.earlier.iter().filter(other).max_by_key(|f| f.to);
        if let Some((from, to, before)) = last.map(|f| (f.from, f.to, f.law.digest.clone())) {
            let short: String = before.chars().take(16).collect();
            self.note(format!(
                "The rulebook has changed since the filing for {from} to {to}, which followed {short}…."
            ));
        }
    }

    pub(super) fn note_observation(&mut self) {
        if self.seen.rows().next().is_none() {
            return;
        }
        let coverage = self.seen.coverage();
        if coverage < 1000 {
            self.note(format!(
                "Statements cover {} of the time of the devices: what was observed is at least what is given.",
                percent(coverage)
            ));
        }
        if self.seen.edge > 0 {
            self.note(format!(
                "{} rows straddle the first or last moment of the period or of a device's stay; they were left out and count as not covered.",
                self.seen.edge
            ));
        }
        for device in self.seen.unregistered.clone() {
            self.note(format!("Device {device} sent statements and is not registered."));
        }
        for name in self.seen.elsewhere.clone() {
            self.note(format!(
                "Statements of device {name} name another site than its registration; the registration was followed."
            ));
        }
        let strangers = self.inputs.observed.iter().any(|row| {
            self.sites.iter().any(|s| **s == row.site)
                && self.seen.stays.iter().all(|stay| stay.device != Some(row.device))
        });
        if strangers {
            self.note("Some statements that name this site are of devices that were registered elsewhere: they were not counted.".to_owned());
        }
    }
}
