//! Which filings fall due between two days. Must not leave out what only may fall due: that is listed with what it depends on.

mod applies;

use crate::ground;
use crate::inputs::Known;
use crate::observed::Row;
use applies::{Applying, Judging};
use jiff::ToSpan;
use jiff::civil::Date;
use registration::Register;
use rulebook::due::{Calendar, DueDate, DueError};
use rulebook::{Due as When, Obligation, Rulebook};
use serde::Serialize;
use statement::{Filed, Kind, Name};
use std::collections::{BTreeMap, BTreeSet};

/// What due dates are worked out from.
#[derive(Clone, Copy, Debug)]
pub struct DueInputs<'a> {
    /// What was registered.
    pub register: &'a Register,
    /// The rulebook of the place.
    pub rulebook: &'a Rulebook,
    /// Whose filings.
    pub operator: &'a Name,
    /// Which sites; all of the operator's where none are named.
    pub sites: &'a [Name],
    /// What was observed, rows of any time.
    pub observed: &'a [Row],
    /// What is known beside registrations.
    pub known: &'a Known,
    /// Filings that were made; their documents are not read.
    pub filed: &'a [Filed],
    /// Today, by the calendar of the place.
    pub today: Date,
}

/// What falls due.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Due {
    /// With a date, earliest first.
    pub items: Vec<DueItem>,
    /// Without one, and why.
    pub undated: Vec<Undated>,
}

/// One filing that falls due on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DueItem {
    /// The last day.
    pub date: Date,
    /// The end of it at the place, RFC 3339.
    pub end: String,
    /// What it is.
    #[serde(flatten)]
    pub duty: Duty,
    /// First and last day that it covers, where it covers a period.
    pub covers: Option<(Date, Date)>,
    /// Whether the day depends on which days offices are closed, which a person should confirm.
    pub confirm: bool,
    /// Where it stands.
    pub state: DueState,
}

/// One obligation that applies and has no date here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undated {
    /// What it is.
    #[serde(flatten)]
    pub duty: Duty,
    /// Why there is no date.
    pub why: String,
}

/// Who owes what to whom, and how sure that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Duty {
    /// The obligation.
    pub obligation: String,
    /// Its title.
    pub title: String,
    /// Its title in the original language; may be empty.
    pub original: String,
    /// The operator.
    pub operator: String,
    /// The site, where it is met site by site.
    pub site: Option<String>,
    /// Who owes it.
    pub who: String,
    /// To whom.
    pub to: String,
    /// The form; may be empty.
    pub form: String,
    /// What happens otherwise; empty where not known.
    pub penalty: String,
    /// How sure it is that it applies.
    pub certainty: Certainty,
    /// Activities that it follows from.
    pub activities: BTreeSet<String>,
    /// Title of the instrument.
    pub instrument: String,
    /// The article.
    pub article: String,
    /// Grade of evidence.
    pub grade: String,
}

/// How sure it is that an obligation applies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Certainty {
    /// It applies.
    Certain,
    /// It applies or not, depending on facts that are missing.
    Depends {
        /// Their names.
        facts: Vec<String>,
    },
    /// It applies by a provision that is unverified, inferred or only proposed.
    Unverified,
}

/// Where a filing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum DueState {
    /// Not filed, and there is time.
    Open,
    /// Not filed, and the day has passed.
    Overdue,
    /// Filed.
    Filed {
        /// The version.
        version: u32,
    },
    /// Filed, and amended since.
    Amended {
        /// The last version.
        version: u32,
    },
}

/// Everything that falls due from one day to another, both included.
#[must_use]
pub fn due(inputs: &DueInputs<'_>, from: Date, to: Date) -> Due {
    let calendar = Calendar::of(inputs.rulebook);
    let mut judging = Judging::new(inputs);
    let mut due = Due::default();
    for site in sites(inputs, from, to) {
        let events = ground::events(inputs.register, inputs.operator, site);
        for obligation in &inputs.rulebook.obligations {
            match calendar.due(&obligation.due, &events, from, to) {
                Ok(dates) => {
                    for date in dates {
                        let (first, last) = days_of(obligation, &date, &events);
                        if let Some(applying) = judging.applies(&obligation.id, site, first, last) {
                            add_item(&mut due.items, inputs, obligation, site, &date, applying);
                        }
                    }
                }
                Err(DueError::Window { .. }) => {}
                Err(why) => {
                    if let Some(applying) = judging.applies(&obligation.id, site, from, to) {
                        add_undated(&mut due.undated, inputs, obligation, site, &why, applying);
                    }
                }
            }
        }
    }
    due.items.sort_by(|a, b| {
        (a.date, &a.duty.obligation, &a.duty.site).cmp(&(b.date, &b.duty.obligation, &b.duty.site))
    });
    due
}

/// The sites that are asked for; a report may cover time well before it is due.
fn sites<'a>(inputs: &DueInputs<'a>, from: Date, to: Date) -> Vec<&'a Name> {
    let from = from.checked_sub(2.years()).unwrap_or(Date::MIN);
    let theirs = inputs.register.within(Kind::Site, inputs.operator, from, to);
    let asked = |site: &Name| inputs.sites.is_empty() || inputs.sites.contains(site);
    theirs.into_iter().map(|(site, _)| site).filter(|site| asked(site)).collect()
}

/// The days whose work and law decide: the period, the day of the event, or the day itself.
fn days_of(obligation: &Obligation, date: &DueDate, events: &BTreeMap<String, Date>) -> (Date, Date) {
    let day = match (&obligation.due, date.covers) {
        (_, Some(covers)) => return covers,
        (When::Within { after: event, .. } | When::Before { event, .. }, None) => {
            events.get(event).copied().unwrap_or(date.date)
        }
        _ => date.date,
    };
    (day, day)
}

fn duty(inputs: &DueInputs<'_>, obligation: &Obligation, site: &Name, applying: Applying) -> Duty {
    let instrument = inputs.rulebook.instruments.get(obligation.instrument);
    Duty {
        obligation: obligation.id.clone(),
        title: obligation.title.clone(),
        original: obligation.original.clone(),
        operator: inputs.operator.to_string(),
        site: ground::per_site(obligation).then(|| site.to_string()),
        who: obligation.who.clone(),
        to: obligation.to.clone(),
        form: obligation.form.clone(),
        penalty: obligation.penalty.clone(),
        certainty: applying.certainty,
        activities: applying.activities,
        instrument: instrument.map(|i| i.title.clone()).unwrap_or_default(),
        article: obligation.article.clone(),
        grade: applying.grade.mark().to_owned(),
    }
}

/// The same duty from another site or activity is one filing.
fn merge(known: &mut Duty, other: Duty) {
    known.activities.extend(other.activities);
    known.certainty = known.certainty.clone().min(other.certainty);
}

fn add_item(
    items: &mut Vec<DueItem>,
    inputs: &DueInputs<'_>,
    obligation: &Obligation,
    site: &Name,
    date: &DueDate,
    applying: Applying,
) {
    let duty = duty(inputs, obligation, site, applying);
    let same = |i: &&mut DueItem| {
        i.date == date.date
            && i.covers == date.covers
            && i.duty.obligation == duty.obligation
            && i.duty.site == duty.site
    };
    if let Some(known) = items.iter_mut().find(same) {
        merge(&mut known.duty, duty);
        return;
    }
    let state = state(inputs, &duty, date);
    items.push(DueItem {
        date: date.date,
        end: date.end.clone(),
        covers: date.covers,
        confirm: date.confirm,
        duty,
        state,
    });
}

fn add_undated(
    undated: &mut Vec<Undated>,
    inputs: &DueInputs<'_>,
    obligation: &Obligation,
    site: &Name,
    why: &DueError,
    applying: Applying,
) {
    let duty = duty(inputs, obligation, site, applying);
    let why = match why {
        DueError::NoEvent { event } => format!("the day of '{event}' is not known: {}", asked(event)),
        other => other.to_string(),
    };
    let same =
        |u: &&mut Undated| u.duty.obligation == duty.obligation && u.duty.site == duty.site && u.why == why;
    match undated.iter_mut().find(same) {
        Some(known) => merge(&mut known.duty, duty),
        None => undated.push(Undated { duty, why }),
    }
}

/// Where the day of an event is registered.
fn asked(event: &str) -> String {
    match ground::EVENTS.iter().find(|(name, ..)| *name == event) {
        Some((_, kind, field)) => format!("register {field} of the {}", kind.word()),
        None => format!("register event.{event} of the operator or site"),
    }
}

fn state(inputs: &DueInputs<'_>, duty: &Duty, date: &DueDate) -> DueState {
    let site = duty.site.as_deref();
    let of_this = |f: &&Filed| {
        f.obligation == duty.obligation
            && f.operator == *inputs.operator
            && f.site.as_ref().map(Name::as_str) == site
            && date.covers.is_none_or(|covers| covers == (f.from, f.to))
    };
    match inputs.filed.iter().filter(of_this).map(|f| f.version).max() {
        Some(version) if version > 1 => DueState::Amended { version },
        Some(version) => DueState::Filed { version },
        None if date.date < inputs.today => DueState::Overdue,
        None => DueState::Open,
    }
}
