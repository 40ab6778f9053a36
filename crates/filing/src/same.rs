//! What differs between two filings, place by place. Must not decide which of them is right.

use crate::form::Filing;
use serde::Serialize;
use serde_json::Value;

/// Most differences that are listed.
pub const MAX_DIFFERENCES: usize = 1000;

/// One place in which two filings differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where, as a JSON pointer (RFC 6901).
    pub at: String,
    /// What the first says; empty where it says nothing.
    pub first: String,
    /// What the second says; empty where it says nothing.
    pub second: String,
}

/// Where two filings differ, in the order of the first; none if they are the same. At most `MAX_DIFFERENCES` are listed.
#[must_use]
pub fn same(first: &Filing, second: &Filing) -> Vec<Difference> {
    let tree = |filing: &Filing| serde_json::to_value(filing).unwrap_or_default();
    let mut differences = Vec::new();
    walk(String::new(), Some(&tree(first)), Some(&tree(second)), &mut differences);
    differences
}

fn walk(at: String, first: Option<&Value>, second: Option<&Value>, found: &mut Vec<Difference>) {
    if first == second || found.len() >= MAX_DIFFERENCES {
        return;
    }
    match (first, second) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
            for key in keys {
                let escaped = key.replace('~', "~0").replace('/', "~1");
                walk(format!("{at}/{escaped}"), a.get(key), b.get(key), found);
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) => {
            for i in 0..a.len().max(b.len()) {
                walk(format!("{at}/{i}"), a.get(i), b.get(i), found);
            }
        }
        _ => {
            let text = |value: Option<&Value>| match value {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            };
            found.push(Difference { at, first: text(first), second: text(second) });
        }
    }
}
