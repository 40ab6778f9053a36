//! The fields that a form asks for, as JSON Schema (draft 2020-12).

use crate::fact::{Field, FieldType};
use crate::obligation::Obligation;
use crate::rulebook::Rulebook;
use serde_json::{Map, Value, json};

/// The JSON Schema of an obligation's form. Fields keep the order of the form.
#[must_use]
pub fn schema(rulebook: &Rulebook, obligation: &Obligation) -> Value {
    let fields: Vec<&Field> =
        obligation.fields.iter().filter_map(|name| rulebook.vocabulary().field(name)).collect();
    let properties: Map<String, Value> = fields.iter().map(|f| (f.name.clone(), property(f))).collect();
    let required: Vec<&str> = fields.iter().map(|f| f.name.as_str()).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": if obligation.form.is_empty() { &obligation.title } else { &obligation.form },
        "description": format!("{} ({})", obligation.title, obligation.to),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn property(field: &Field) -> Value {
    let mut property = match field.kind {
        FieldType::Text => json!({"type": "string", "minLength": 1}),
        FieldType::Number => json!({"type": "number", "minimum": 0}),
        FieldType::Date => json!({"type": "string", "format": "date"}),
        FieldType::YesNo => json!({"type": "boolean"}),
        FieldType::List => {
            json!({"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1})
        }
        FieldType::File => {
            json!({"type": "string", "contentMediaType": "application/octet-stream", "description": "name of the attached document"})
        }
    };
    if let Some(object) = property.as_object_mut() {
        let unit = if field.unit.is_empty() { String::new() } else { format!(", in {}", field.unit) };
        object.insert("title".to_owned(), json!(format!("{}{unit}", field.label)));
        object.insert("x-title-zh".to_owned(), json!(field.zh));
        if field.sensitive {
            object.insert("x-sensitive".to_owned(), json!(true));
        }
    }
    property
}
