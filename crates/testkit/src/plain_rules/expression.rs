//! Interprets a condition in the JSON form of Cedar, on a context that is JSON too.
//!
//! It must know nothing of facts, limits or provisions: a context holds records, and an attribute is looked up in one.

use super::PlainError;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// The value of an expression.
pub fn value<'a>(expression: &'a Value, context: &'a Value) -> Result<Cow<'a, Value>, PlainError> {
    let (operator, inside) = only(expression)?;
    let side = |name: &str| -> Result<Cow<'a, Value>, PlainError> {
        let part = inside.get(name).ok_or_else(|| unknown(expression))?;
        value(part, context)
    };
    let yes_no = |name: &str| side(name).and_then(|found| truth(&found));
    let ordered = || -> Result<Ordering, PlainError> {
        let (left, right) = (side("left")?, side("right")?);
        order(&left, &right)
    };
    let answer = match operator {
        "Value" => return Ok(Cow::Borrowed(inside)),
        "Var" if inside == "context" => return Ok(Cow::Borrowed(context)),
        "." => return attribute(inside, context),
        "Set" => return set(inside, context),
        "!" => !yes_no("arg")?,
        "&&" => yes_no("left")? && yes_no("right")?,
        "||" => yes_no("left")? || yes_no("right")?,
        "==" => side("left")? == side("right")?,
        "!=" => side("left")? != side("right")?,
        "<" => ordered()? == Ordering::Less,
        "<=" => ordered()? != Ordering::Greater,
        ">" => ordered()? == Ordering::Greater,
        ">=" => ordered()? != Ordering::Less,
        "contains" => {
            let (list, item) = (side("left")?, side("right")?);
            list.as_array().ok_or_else(|| unknown(&list))?.contains(&item)
        }
        _ => return Err(unknown(expression)),
    };
    Ok(Cow::Owned(Value::Bool(answer)))
}

/// Yes or no, and nothing else.
pub fn truth(found: &Value) -> Result<bool, PlainError> {
    found.as_bool().ok_or_else(|| unknown(found))
}

/// Every `context.first.second` that an expression reads.
pub fn read(expression: &Value, paths: &mut BTreeSet<(String, String)>) {
    if let Some((first, second)) = path(expression) {
        paths.insert((first.to_owned(), second.to_owned()));
    }
    match expression {
        Value::Array(parts) => parts.iter().for_each(|part| read(part, paths)),
        Value::Object(parts) => parts.values().for_each(|part| read(part, paths)),
        _ => {}
    }
}

fn path(expression: &Value) -> Option<(&str, &str)> {
    let outer = expression.get(".")?;
    let inner = outer.get("left")?.get(".")?;
    let root = inner.get("left")?.get("Var")?;
    if root != "context" {
        return None;
    }
    Some((inner.get("attr")?.as_str()?, outer.get("attr")?.as_str()?))
}

fn attribute<'a>(inside: &'a Value, context: &'a Value) -> Result<Cow<'a, Value>, PlainError> {
    let (of, name) = (inside.get("left"), inside.get("attr").and_then(Value::as_str));
    let (Some(of), Some(name)) = (of, name) else { return Err(unknown(inside)) };
    let absent = || PlainError::missing(&of.to_string(), name);
    match value(of, context)? {
        Cow::Borrowed(record) => record.get(name).map(Cow::Borrowed).ok_or_else(absent),
        Cow::Owned(record) => record.get(name).cloned().map(Cow::Owned).ok_or_else(absent),
    }
}

fn set<'a>(items: &'a Value, context: &'a Value) -> Result<Cow<'a, Value>, PlainError> {
    let items = items.as_array().ok_or_else(|| unknown(items))?;
    let items: Result<Vec<Value>, PlainError> =
        items.iter().map(|item| Ok(value(item, context)?.into_owned())).collect();
    Ok(Cow::Owned(Value::Array(items?)))
}

fn order(left: &Value, right: &Value) -> Result<Ordering, PlainError> {
    match (left.as_i64(), right.as_i64()) {
        (Some(left), Some(right)) => Ok(left.cmp(&right)),
        (None, _) => Err(unknown(left)),
        (_, None) => Err(unknown(right)),
    }
}

/// The one operator of an expression with what it is applied to.
fn only(expression: &Value) -> Result<(&str, &Value), PlainError> {
    let mut entries = expression.as_object().map(Map::iter).into_iter().flatten();
    match (entries.next(), entries.next()) {
        (Some((operator, inside)), None) => Ok((operator, inside)),
        _ => Err(unknown(expression)),
    }
}

fn unknown(found: &Value) -> PlainError {
    PlainError::Unknown(found.to_string().chars().take(200).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(policy: &str, context: &Value) -> Result<bool, PlainError> {
        let policy = cedar_policy::Policy::parse(None, policy).unwrap().to_json().unwrap();
        value(&policy["conditions"][0]["body"], context).and_then(|v| truth(&v))
    }

    #[test]
    fn operators_mean_what_cedar_says() {
        let context = json!({"limit": {"a_w": 5}, "site": {"load_w": 5, "hub": true, "kind": "x"}});
        for (condition, expected) in [
            ("context.site.load_w >= context.limit.a_w", true),
            ("context.site.load_w > context.limit.a_w", false),
            ("context.limit.a_w < context.site.load_w", false),
            ("context.limit.a_w <= context.site.load_w", true),
            ("context.site.kind == \"x\" && !context.site.hub", false),
            ("context.site.kind != \"x\" || context.site.hub", true),
            ("[\"x\", \"y\"].contains(context.site.kind)", true),
            ("[\"y\"].contains(context.site.kind)", false),
            ("false && context.site.nothing", false),
        ] {
            let policy = format!("permit (principal, action, resource) when {{ {condition} }};");
            assert_eq!(holds(&policy, &context), Ok(expected), "{condition}");
        }
    }

    #[test]
    fn what_is_not_known_is_an_error_and_no_answer() {
        let context = json!({"site": {"load_w": 5}});
        for condition in
            ["context.site.hub", "context has site", "context.site.load_w", "context.site.load_w + 1 > 2"]
        {
            let policy = format!("permit (principal, action, resource) when {{ {condition} }};");
            assert!(holds(&policy, &context).is_err(), "{condition}");
        }
    }
}
