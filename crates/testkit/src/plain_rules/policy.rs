//! Provisions out of the JSON form of their policies.

use super::book::Book;
use super::{PlainError, expression};
use cedar_policy::PolicySet;
use serde_json::Value;
use std::collections::BTreeSet;
use std::str::FromStr;

/// One provision: what the file says, names looked up, nothing worked out.
#[derive(Clone, Debug)]
pub struct Provision {
    pub id: String,
    /// Whether the effect applies; otherwise it is lifted.
    pub permits: bool,
    pub effect: String,
    /// Whether it may decide: it was read in a text or in a source that quotes it, and its law is in force.
    pub may_decide: bool,
    /// Kinds of operators that it speaks of; of all where `None`.
    pub operators: Option<BTreeSet<String>>,
    /// Activities that it speaks of; of all where `None`.
    pub activities: Option<BTreeSet<String>>,
    pub places: Vec<String>,
    pub from: String,
    pub until: Option<String>,
    /// First and last day, `MM-DD`, of the part of each year in which it holds.
    pub season: Option<(String, String)>,
    pub obliges: Vec<String>,
    /// Conditions, and whether each must hold (`when`) or must not (`unless`).
    pub conditions: Vec<(bool, Value)>,
    /// Facts that it asks for.
    pub facts: BTreeSet<String>,
    /// Limits that it names.
    pub limits: BTreeSet<String>,
}

/// The provisions of one file. Where one names no place it holds in the jurisdiction of its folder.
pub fn provisions(file: &str, text: &str, folder: &str, book: &Book) -> Result<Vec<Provision>, PlainError> {
    let wrong = |message: String| PlainError::Syntax { file: file.to_owned(), message };
    let set = PolicySet::from_str(text).map_err(|e| wrong(e.to_string()))?;
    let json = set.policies().map(|p| p.to_json().map_err(|e| wrong(e.to_string())));
    json.map(|policy| provision(&policy?, folder, book)).collect()
}

fn provision(policy: &Value, folder: &str, book: &Book) -> Result<Provision, PlainError> {
    let id = note(policy, "id").unwrap_or_default().to_owned();
    let lacks = |what: &str| PlainError::missing(&id, what);
    let law = note(policy, "instrument").and_then(|name| book.laws.get(name));
    let law = law.ok_or_else(|| lacks("instrument"))?;
    let mut places = list(policy, "place");
    if places.is_empty() {
        places.push(folder.to_owned());
    }
    let known = matches!(note(policy, "grade"), Some("VP" | "VS"));
    let conditions = conditions(policy)?;
    let mut paths = BTreeSet::new();
    conditions.iter().for_each(|(_, body)| expression::read(body, &mut paths));
    let (limits, facts): (Vec<_>, Vec<_>) = paths.into_iter().partition(|(group, _)| group == "limit");
    let season = note(policy, "season").and_then(|season| season.split_once('/'));
    Ok(Provision {
        permits: policy.get("effect").and_then(Value::as_str) == Some("permit"),
        effect: entity(policy, "action").ok_or_else(|| lacks("effect"))?.to_owned(),
        may_decide: known && !law.proposed,
        operators: named(policy, "principal", &book.operator_groups)?,
        activities: named(policy, "resource", &book.activity_groups)?,
        places,
        from: note(policy, "from").map_or_else(|| law.from.clone(), str::to_owned),
        until: note(policy, "until").map(str::to_owned).or_else(|| law.until.clone()),
        season: season.map(|(from, to)| (from.to_owned(), to.to_owned())),
        obliges: list(policy, "obliges"),
        conditions,
        facts: facts.into_iter().map(|(group, name)| format!("{group}.{name}")).collect(),
        limits: limits.into_iter().map(|(_, name)| name).collect(),
        id,
    })
}

/// Who or what a provision speaks of: `==` means the one that is named, `in` its members too.
fn named(
    policy: &Value,
    scope: &str,
    groups: &std::collections::BTreeMap<String, BTreeSet<String>>,
) -> Result<Option<BTreeSet<String>>, PlainError> {
    let operator = policy.get(scope).and_then(|s| s.get("op")).and_then(Value::as_str);
    let one = entity(policy, scope).map(str::to_owned);
    match (operator, one) {
        (Some("All"), _) => Ok(None),
        (Some("=="), Some(one)) => Ok(Some(BTreeSet::from([one]))),
        (Some("in"), Some(one)) => {
            let mut all = groups.get(&one).cloned().unwrap_or_default();
            all.insert(one);
            Ok(Some(all))
        }
        _ => Err(PlainError::Unknown(format!("the {scope} of {policy}"))),
    }
}

fn conditions(policy: &Value) -> Result<Vec<(bool, Value)>, PlainError> {
    let list = policy.get("conditions").and_then(Value::as_array).into_iter().flatten();
    list.map(|condition| {
        let wanted = match condition.get("kind").and_then(Value::as_str) {
            Some("when") => true,
            Some("unless") => false,
            _ => return Err(PlainError::Unknown(condition.to_string())),
        };
        let body = condition.get("body").ok_or_else(|| PlainError::missing("condition", "body"))?;
        Ok((wanted, body.clone()))
    })
    .collect()
}

fn entity<'a>(policy: &'a Value, scope: &str) -> Option<&'a str> {
    policy.get(scope)?.get("entity")?.get("id")?.as_str()
}

fn note<'a>(policy: &'a Value, name: &str) -> Option<&'a str> {
    policy.get("annotations")?.get(name)?.as_str()
}

fn list(policy: &Value, name: &str) -> Vec<String> {
    let parts = note(policy, name).unwrap_or_default().split(',').map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
