//! Facts that were declared of operator and site, from a file.

use super::{refused, text};
use crate::Failure;
use rulebook::{Value, Vocabulary, facts_of, structured};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Reads a TOML or JSON file of facts, nested by group or with dotted names.
pub fn read(path: &PathBuf, vocabulary: &Vocabulary) -> Result<BTreeMap<String, Value>, Failure> {
    let text = text(path)?;
    let map = structured(&text).map_err(|e| refused(path, e))?;
    facts_of(&map, vocabulary).map_err(|e| refused(path, e))
}

/// Reads figures by field, nested by group or with dotted names.
pub fn figures(text: &str) -> Result<BTreeMap<String, f64>, String> {
    let map: serde_json::Map<String, serde_json::Value> = structured(text).map_err(|e| e.to_string())?;
    let mut figures = BTreeMap::new();
    for (group, value) in &map {
        let inner = match value {
            serde_json::Value::Object(inner) => {
                inner.iter().map(|(name, v)| (format!("{group}.{name}"), v)).collect()
            }
            other => vec![(group.clone(), other)],
        };
        for (name, value) in inner {
            let figure = value.as_f64().ok_or_else(|| {
                format!("{}: found {value}; expected a number", crate::table::printable(&name))
            })?;
            figures.insert(name, figure);
        }
    }
    Ok(figures)
}
