//! What may be registered, approved, filed, contested and answered.
//!
//! Must not judge what is registered: whether a field is missing is for the rulebook to say, not a reason to refuse it.

use super::{CommandError, short, unknown};
use crate::rules::Rules;
use crate::state::State;
use statement::person::{FILING, signed_by};
use statement::{
    Answered, Approval, Body, Contested, Filed, Kind, MAX_FIELDS, MAX_GROUNDS, MAX_MATERIAL,
    MAX_REGISTRATIONS, MAX_VALUE, Name, Outcome, Registration,
};
use std::collections::BTreeSet;

/// Most bytes of the document of a filing.
pub const MAX_DOCUMENT: usize = 2 << 20;
/// Within which time a contested finding is answered, in milliseconds: thirty days.
pub const ANSWER_WITHIN_MS: u64 = 30 * 86_400_000;
/// Most open matters that one party may have about one device; more of the same would only bury it.
pub const MAX_OPEN: usize = 16;

pub(super) fn settle_registrations(
    state: &State,
    rules: &Rules,
    wishes: Vec<Registration>,
) -> Result<Body, CommandError> {
    count("registrations", wishes.len(), MAX_REGISTRATIONS)?;
    let mut seen = BTreeSet::new();
    let mut versions = Vec::with_capacity(wishes.len());
    for wish in wishes {
        if !seen.insert((wish.kind, wish.id.clone())) {
            return Err(exists("in this list, the registration", &wish.id));
        }
        versions.extend(settle(state, rules, wish)?);
    }
    if versions.is_empty() {
        return Err(CommandError::Unchanged);
    }
    Ok(Body::Registered(versions))
}

/// The version that a wish becomes; none where it says what the last version says.
fn settle(state: &State, rules: &Rules, wish: Registration) -> Result<Option<Registration>, CommandError> {
    check_fields(&wish)?;
    let place = belongs(state, &wish)?;
    let last = state.registered.last(wish.kind, &wish.id).map(|v| &v.registration);
    let version = last.map_or(0, |r| r.version).saturating_add(1);
    let awaits_approval = place.is_some_and(|place| rules.asks_second_person(&place, wish.kind));
    let wish = Registration { version, awaits_approval, ..wish };
    let same = last.is_some_and(|r| Registration { version, awaits_approval, ..r.clone() } == wish);
    Ok((!same).then_some(wish))
}

fn check_fields(wish: &Registration) -> Result<(), CommandError> {
    if wish.fields.len() > MAX_FIELDS {
        return Err(CommandError::Count { what: "fields", found: wish.fields.len(), most: MAX_FIELDS });
    }
    if wish.until.is_some_and(|last| last < wish.from) {
        return Err(CommandError::Order { id: wish.id.to_string() });
    }
    if !wish.fields.is_sorted_by(|a, b| a.0 < b.0) {
        return Err(CommandError::Unsorted { id: wish.id.to_string() });
    }
    for (name, value) in &wish.fields {
        short("name of a field", name)?;
        if value.len() > MAX_VALUE || value.chars().any(|c| c.is_control() && c != '\n') {
            return Err(CommandError::Text { what: "value of a field", most: MAX_VALUE });
        }
    }
    Ok(())
}

/// Checks whom it belongs to; gives the place whose rules count.
fn belongs(state: &State, wish: &Registration) -> Result<Option<String>, CommandError> {
    if wish.kind != Kind::Device && wish.device.is_some() {
        return Err(CommandError::Unknown { what: "device of a", name: wish.kind.word().to_owned() });
    }
    match (wish.kind, &wish.within) {
        (Kind::Operator, None) => {
            state.operator(&wish.id).ok_or_else(|| unknown("operator", &wish.id)).map(|_| None)
        }
        (Kind::Operator, Some(within)) => Err(unknown("owner of an operator", within)),
        (Kind::Site, within) => {
            let site = state.site(&wish.id).ok_or_else(|| unknown("site", &wish.id))?;
            match within {
                Some(operator) if *operator == site.operator => Ok(Some(site.place.clone())),
                _ => Err(unknown("site of this operator", &wish.id)),
            }
        }
        (Kind::Device | Kind::Workload, None) => Err(unknown("site of", &wish.id)),
        (Kind::Device | Kind::Workload, Some(site)) => {
            let site = state.site(site).ok_or_else(|| unknown("site", site))?;
            foreign(state, wish, &site.operator)?;
            Ok(Some(site.place.clone()))
        }
    }
}

/// A name that another operator's device or workload has cannot be taken, and neither can its enrolled device.
fn foreign(state: &State, wish: &Registration, operator: &Name) -> Result<(), CommandError> {
    let owner = |site: &Name| state.site(site).map(|site| &site.operator);
    let last = state.registered.last(wish.kind, &wish.id).and_then(|v| v.registration.within.as_ref());
    if last.and_then(owner).is_some_and(|known| known != operator) {
        return Err(exists(wish.kind.word(), &wish.id));
    }
    let Some(device) = wish.device else { return Ok(()) };
    match state.devices.get(&device) {
        Some(known) if owner(&known.site) == Some(operator) => Ok(()),
        _ => Err(unknown("device of this operator", &device)),
    }
}

pub(super) fn settle_approval(state: &State, approval: Approval, by: &str) -> Result<Body, CommandError> {
    short("note", &approval.note)?;
    let versions = state.registered.versions.get(&(approval.kind, approval.id.clone()));
    let version = versions.into_iter().flatten().find(|v| v.registration.version == approval.version);
    let version = version.ok_or_else(|| unknown("version of the registration", &approval.id))?;
    if !version.registration.awaits_approval || version.word.is_some() {
        return Err(exists("the word for", &approval.id));
    }
    if version.by == by {
        return Err(CommandError::SamePerson { by: by.to_owned() });
    }
    Ok(Body::Approved(approval))
}

pub(super) fn settle_filing(state: &State, filed: Filed) -> Result<Body, CommandError> {
    short("name of the obligation", &filed.obligation)?;
    short("name of who checked it", &filed.checked_by)?;
    short("reason of the amendment", &filed.why)?;
    count("characters in the name of who checked it", filed.checked_by.trim().len(), super::MAX_TEXT)?;
    count("bytes of the document", filed.document.len(), MAX_DOCUMENT)?;
    if let Some(signature) = &filed.signature {
        signed_by(signature, FILING, filed.document.as_bytes())?;
    }
    if filed.to < filed.from {
        return Err(CommandError::Order { id: filed.obligation });
    }
    state.operator(&filed.operator).ok_or_else(|| unknown("operator", &filed.operator))?;
    if let Some(site) = &filed.site {
        let known = state.site(site).filter(|s| s.operator == filed.operator);
        known.ok_or_else(|| unknown("site of this operator", site))?;
    }
    let before = state.registered.filings.iter().rev().find(|f| f.filed.is_of_the_same(&filed));
    if before.is_some() && filed.why.trim().is_empty() {
        return Err(exists("filing (say why it is amended)", &filed.obligation));
    }
    let version = before.map_or(0, |f| f.filed.version).saturating_add(1);
    Ok(Body::Filed(Filed { version, ..filed }))
}

pub(super) fn settle_contest(
    state: &State,
    contested: Contested,
    by: &str,
    now_ms: u64,
) -> Result<Body, CommandError> {
    long("grounds", &contested.grounds)?;
    if contested.material.len() > MAX_MATERIAL {
        let found = contested.material.len();
        return Err(CommandError::Count { what: "pieces of material", found, most: MAX_MATERIAL });
    }
    for (name, _) in &contested.material {
        short("name of a piece of material", name)?;
    }
    if contested.last < contested.first {
        return Err(CommandError::Order { id: contested.id.to_string() });
    }
    if !state.devices.contains_key(&contested.device) {
        return Err(unknown("device", &contested.device));
    }
    let matters = &state.registered.matters;
    if matters.contains_key(&contested.id) {
        return Err(exists("matter", &contested.id));
    }
    let open = matters.values().filter(|m| !m.closed() && m.by == by);
    count(
        "open matters about this device",
        open.filter(|m| m.contested.device == contested.device).count() + 1,
        MAX_OPEN,
    )?;
    Ok(Body::Contested(Contested { due_ms: now_ms.saturating_add(ANSWER_WITHIN_MS), ..contested }))
}

/// A matter is answered by somebody else than who raised it, who alone can take it back.
pub(super) fn settle_answer(state: &State, answered: Answered, by: &str) -> Result<Body, CommandError> {
    long("reasons", &answered.reasons)?;
    let matter = state.registered.matters.get(&answered.id);
    let matter = matter.ok_or_else(|| unknown("matter", &answered.id))?;
    if matter.closed() {
        return Err(exists("outcome of", &answered.id));
    }
    if (answered.outcome == Outcome::Withdrawn) != (matter.by == by) {
        return Err(CommandError::SamePerson { by: by.to_owned() });
    }
    Ok(Body::Answered(answered))
}

fn count(what: &'static str, found: usize, most: usize) -> Result<(), CommandError> {
    if (1..=most).contains(&found) { Ok(()) } else { Err(CommandError::Count { what, found, most }) }
}

fn exists(what: &'static str, name: &impl ToString) -> CommandError {
    CommandError::Exists { what, name: name.to_string() }
}

fn long(what: &'static str, text: &str) -> Result<(), CommandError> {
    let bad = text.trim().is_empty() || text.len() > MAX_GROUNDS;
    if bad || text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(CommandError::Text { what, most: MAX_GROUNDS });
    }
    Ok(())
}
