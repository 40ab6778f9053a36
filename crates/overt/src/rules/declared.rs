//! Facts that were declared of operator and site, from a file.

use super::{refused, text};
use crate::Failure;
use rulebook::{Value, Vocabulary, facts_of};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Reads a TOML or JSON file of facts, nested by group or with dotted names.
pub fn read(path: &PathBuf, vocabulary: &Vocabulary) -> Result<BTreeMap<String, Value>, Failure> {
    let text = text(path)?;
    let map = if text.trim_start().starts_with('{') {
        serde_json::from_str(&text).map_err(|e| refused(path, e))?
    } else {
        toml::from_str(&text).map_err(|e| refused(path, e.message()))?
    };
    facts_of(&map, vocabulary).map_err(|e| refused(path, e))
}
