//! What a rulebook needs to know of a site before it can judge: facts and events, read from registrations. Must not infer a
//! fact that nobody declared.

use crate::amount::Decimal;
use crate::inputs::Known;
use jiff::civil::Date;
use registration::{Entry, Register};
use rulebook::{Case, Obligation, Rulebook, Value};
use statement::{Kind, Name};
use std::collections::BTreeMap;

/// Fields of forms that say the same as a fact of the vocabulary: field, fact, and what the number is multiplied by
/// (kW to W, MW to W, % to ‰, tenge to thousandths). A field that has the name of a fact is taken as that fact.
pub const FIELDS_AS_FACTS: [(&str, &str, i64); 6] = [
    ("site.pd_it", "site.it_power_w", 1000),
    ("site.rated_nonredundant", "site.connection_w", 1000),
    ("site.subscribed_power", "site.subscribed_w", 1_000_000),
    ("site.interruptible_share", "site.interruptible_permille", 10),
    ("project.energy_tce_year", "project.energy_tce_year", 1),
    ("energy.price", "energy.price_mkzt_kwh", 1000),
];

/// Where the day of an event is read: event, kind of registration, field. A field `event.NAME` of the operator, a site or a
/// workload names the day of any event and outranks these. `registration` is the first day of the version that first
/// names a `licence.number`.
pub const EVENTS: [(&str, Kind, &str); 5] = [
    ("service_start", Kind::Site, "site.start_date"),
    ("operation_start", Kind::Site, "site.start_date"),
    ("mining_start", Kind::Workload, "work.start"),
    ("hosting_start", Kind::Workload, "work.start"),
    ("mining_stop", Kind::Workload, "work.stop"),
];

/// Field of a site that holds the code of its place.
pub const PLACE: &str = "site.place";
/// Field of an operator that holds its kind.
pub const OPERATOR_KIND: &str = "operator.kind";

/// Whether an obligation is met site by site: its form asks for a site.
#[must_use]
pub fn per_site(obligation: &Obligation) -> bool {
    obligation.fields.iter().any(|field| field.starts_with("site."))
}

/// The code of a site's place on a day.
pub fn place(register: &Register, known: &Known, site: &Name, day: Date) -> Option<String> {
    let versions = register.versions(Kind::Site, site);
    let registered = register.on(Kind::Site, site, day).or_else(|| versions.last());
    let field = registered.and_then(|e| e.registration.field(PLACE)).map(str::to_owned);
    field.or_else(|| known.places.get(site).cloned())
}

/// A case of a site on a day, without its activity.
pub fn case(
    register: &Register,
    rulebook: &Rulebook,
    known: &Known,
    (operator, site): (&Name, &Name),
    day: Date,
) -> Option<Case> {
    let place = place(register, known, site, day)?;
    rulebook.place(&place)?;
    let mut case = Case::new(&place, day, "general");
    case.facts.clone_from(&known.facts);
    case.operator.clone_from(&known.operator_kind);
    let entries = [register.on(Kind::Operator, operator, day), register.on(Kind::Site, site, day)];
    for entry in entries.into_iter().flatten() {
        declare(&mut case, rulebook, entry);
    }
    Some(case)
}

/// Adds what a registration declares to a case. What does not suit the vocabulary is left out: the case stays undecided.
pub fn declare(case: &mut Case, rulebook: &Rulebook, entry: &Entry) {
    let vocabulary = rulebook.vocabulary();
    for (field, text) in &entry.registration.fields {
        if field == OPERATOR_KIND && vocabulary.operator(text).is_ok() {
            case.operator = Some(text.clone());
        }
        let scaled = FIELDS_AS_FACTS.iter().find(|(name, ..)| name == field);
        let found = match scaled {
            Some((_, fact, scale)) => scaled_value(text, *scale).map(|value| (*fact, value)),
            None => vocabulary.fact(field).map(|_| (field.as_str(), written(text))),
        };
        if let Some((fact, value)) = found
            && let Ok(value) = vocabulary.value(fact, value)
        {
            case.facts.insert(fact.to_owned(), value);
        }
    }
    let coin = entry.registration.field("work.coin").is_some_and(|coin| !coin.trim().is_empty());
    if coin && !case.facts.contains_key("work.token_link") {
        case.facts.insert("work.token_link".to_owned(), Value::Choice("seen".to_owned()));
    }
}

fn scaled_value(text: &str, scale: i64) -> Option<Value> {
    let thousandths = Decimal::parse(text)?.thousandths()?.checked_mul(scale)?;
    Some(Value::Quantity(thousandths / 1000))
}

fn written(text: &str) -> Value {
    match text {
        "yes" | "true" => Value::YesNo(true),
        "no" | "false" => Value::YesNo(false),
        text => text.parse().map_or_else(|_| Value::Choice(text.to_owned()), Value::Quantity),
    }
}

/// Days of events of a site, as far as they were registered.
pub fn events(register: &Register, operator: &Name, site: &Name) -> BTreeMap<String, Date> {
    let workloads = register.within(Kind::Workload, site, Date::MIN, Date::MAX);
    let workloads: Vec<&Entry> =
        workloads.into_iter().flat_map(|(_, stretches)| stretches.into_iter().map(|s| s.entry)).collect();
    let all = |kind, id| register.versions(kind, id).iter().filter(|e| e.counts);
    let mut events = BTreeMap::new();
    for (event, kind, field) in EVENTS {
        let mining =
            workloads.iter().copied().filter(|e| e.registration.field("work.activity") == Some("mining"));
        let day = |entry: &Entry| entry.registration.field(field)?.parse::<Date>().ok();
        let found = match kind {
            Kind::Workload if event == "mining_stop" => mining.filter_map(day).max(),
            Kind::Workload => mining.filter_map(day).min(),
            _ => all(Kind::Site, site).filter_map(day).next_back(),
        };
        events.extend(found.map(|day| (event.to_owned(), day)));
    }
    let licensed = all(Kind::Operator, operator).find(|e| e.registration.field("licence.number").is_some());
    events.extend(licensed.map(|e| ("registration".to_owned(), e.registration.from)));
    let named = all(Kind::Operator, operator).chain(all(Kind::Site, site)).chain(workloads);
    for (field, text) in named.flat_map(|e| &e.registration.fields) {
        if let (Some(event), Ok(day)) = (field.strip_prefix("event."), text.parse()) {
            events.insert(event.to_owned(), day);
        }
    }
    events
}
