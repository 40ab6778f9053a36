//! Values of documents as the text that fields hold.

use crate::mistake::Fault;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A day, as text or as TOML has it.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Day {
    /// As people write it.
    Text(String),
    /// As TOML has it.
    Toml(toml::value::Datetime),
}

impl Day {
    /// As text.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.trim().to_owned(),
            Self::Toml(day) => day.to_string(),
        }
    }
}

/// A day of TOML, as its reader hands it to others.
pub fn datetime(map: &Map<String, Value>) -> Option<&str> {
    map.get("$__toml_private_datetime").and_then(Value::as_str)
}

/// A value as text, lists with their separator.
pub fn scalar(field: &str, value: &Value) -> Result<String, Fault> {
    let wrong = || Fault::value(field, &value.to_string(), "text, a number, true or false, a day, or a list");
    Ok(match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(items) => {
            let items: Result<Vec<String>, Fault> = items
                .iter()
                .map(|item| match item {
                    Value::String(text) if text.contains(crate::field::LIST) => {
                        Err(Fault::value(field, text, "items without a semicolon, which separates items"))
                    }
                    Value::String(text) => Ok(text.clone()),
                    Value::Number(number) => Ok(number.to_string()),
                    _ => Err(wrong()),
                })
                .collect();
            items?.join("; ")
        }
        Value::Object(map) => datetime(map).ok_or_else(wrong)?.to_owned(),
        Value::Null => String::new(),
    })
}
