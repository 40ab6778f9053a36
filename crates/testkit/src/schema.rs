//! Whether a document keeps to a published JSON Schema: the part of draft 2020-12 that our schemas use.
//!
//! A keyword that is not known here is an error, so that no schema says what nobody checks. Formats are not checked.

use serde_json::Value;

/// Keywords that say nothing about a document.
const WORDS: [&str; 6] = ["$schema", "$id", "$defs", "title", "description", "format"];

/// Holds a document against a schema.
///
/// # Errors
///
/// Where the document leaves the schema, or the schema uses a keyword that is not checked.
pub fn conforms(value: &Value, schema: &Value) -> Result<(), String> {
    Check { root: schema }.any(value, schema, "$")
}

struct Check<'a> {
    root: &'a Value,
}

impl Check<'_> {
    fn any(&self, value: &Value, schema: &Value, at: &str) -> Result<(), String> {
        let Some(schema) = schema.as_object() else { return Err(format!("{at}: the schema is no object")) };
        for (keyword, wanted) in schema {
            match keyword.as_str() {
                "$ref" => {
                    let path = wanted.as_str().unwrap_or_default().trim_start_matches('#');
                    let part =
                        self.root.pointer(path).ok_or_else(|| format!("{at}: no {path} in the schema"))?;
                    self.any(value, part, at)?;
                }
                "oneOf" | "anyOf" => self.one(value, wanted, keyword == "oneOf", at)?,
                "properties" => self.properties(value, wanted, at)?,
                "additionalProperties" => self.additional(value, schema.get("properties"), wanted, at)?,
                "items" => {
                    for (i, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.any(item, wanted, &format!("{at}[{i}]"))?;
                    }
                }
                word if WORDS.contains(&word) => {}
                _ => plain(value, keyword, wanted, at)?,
            }
        }
        Ok(())
    }

    fn one(&self, value: &Value, choices: &Value, only: bool, at: &str) -> Result<(), String> {
        let tried: Vec<_> =
            choices.as_array().into_iter().flatten().map(|choice| self.any(value, choice, at)).collect();
        let fits = tried.iter().filter(|t| t.is_ok()).count();
        if fits == 0 || (only && fits > 1) {
            let why: Vec<String> = tried.into_iter().filter_map(Result::err).collect();
            return Err(format!("{at}: fits {fits} of the choices; {}", why.join("; ")));
        }
        Ok(())
    }

    fn properties(&self, value: &Value, wanted: &Value, at: &str) -> Result<(), String> {
        for (key, part) in wanted.as_object().into_iter().flatten() {
            if let Some(value) = value.get(key) {
                self.any(value, part, &format!("{at}.{key}"))?;
            }
        }
        Ok(())
    }

    fn additional(
        &self,
        value: &Value,
        named: Option<&Value>,
        wanted: &Value,
        at: &str,
    ) -> Result<(), String> {
        let known = |key: &str| named.is_some_and(|n| n.get(key).is_some());
        for (key, value) in value.as_object().into_iter().flatten().filter(|(key, _)| !known(key)) {
            if *wanted == Value::Bool(false) {
                return Err(format!("{at}: '{key}' is not in the schema"));
            }
            if wanted.is_object() {
                self.any(value, wanted, &format!("{at}.{key}"))?;
            }
        }
        Ok(())
    }
}

/// Keywords that look at one value alone.
fn plain(value: &Value, keyword: &str, wanted: &Value, at: &str) -> Result<(), String> {
    let number = |v: &Value| v.as_f64().unwrap_or(f64::NAN);
    let length = || value.as_array().map_or(0, Vec::len) as f64;
    let list = wanted.as_array();
    let good = match keyword {
        "type" => {
            list.map_or_else(|| is(value, wanted), |types| types.iter().any(|wanted| is(value, wanted)))
        }
        "const" => value == wanted,
        "enum" => list.is_some_and(|all| all.contains(value)),
        "minimum" => !value.is_number() || number(value) >= number(wanted),
        "maximum" => !value.is_number() || number(value) <= number(wanted),
        "minItems" => !value.is_array() || length() >= number(wanted),
        "maxItems" => !value.is_array() || length() <= number(wanted),
        "required" => {
            let missing =
                list.into_iter().flatten().filter_map(Value::as_str).find(|k| value.get(k).is_none());
            return match missing.filter(|_| value.is_object()) {
                Some(key) => Err(format!("{at}: '{key}' is missing")),
                None => Ok(()),
            };
        }
        _ => return Err(format!("{at}: the keyword '{keyword}' of the schema is not checked")),
    };
    if good { Ok(()) } else { Err(format!("{at}: {value}, expected {keyword} {wanted}")) }
}

fn is(value: &Value, kind: &Value) -> bool {
    match kind.as_str().unwrap_or_default() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::conforms;
    use serde_json::json;

    #[test]
    fn what_leaves_a_schema_is_named_with_its_place() {
        let schema = json!({
            "type": "object", "required": ["a"], "additionalProperties": false,
            "properties": { "a": { "type": "array", "items": { "$ref": "#/$defs/n" } }, "b": { "oneOf": [{ "const": 1 }, { "type": "null" }] } },
            "$defs": { "n": { "type": "integer", "minimum": 0 } },
        });
        assert_eq!(conforms(&json!({ "a": [1, 2], "b": null }), &schema), Ok(()));
        for (wrong, why) in [
            (json!({}), "'a' is missing"),
            (json!({ "a": [1, -2] }), "$.a[1]"),
            (json!({ "a": [0.5] }), "expected type"),
            (json!({ "a": [], "c": 1 }), "'c' is not in the schema"),
            (json!({ "a": [], "b": 2 }), "fits 0"),
        ] {
            assert!(conforms(&wrong, &schema).unwrap_err().contains(why), "{wrong}");
        }
        assert!(conforms(&json!(1), &json!({ "pattern": "x" })).unwrap_err().contains("not checked"));
    }
}
