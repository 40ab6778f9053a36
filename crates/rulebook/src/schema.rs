//! The Cedar schema that provisions are validated against, made from the vocabulary and the limits.

use crate::effect::Effect;
use crate::fact::Kind;
use crate::law::Limit;
use crate::vocabulary::Vocabulary;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The schema as Cedar text. Every fact is required: a provision cannot ask whether a fact is known.
pub fn text(vocabulary: &Vocabulary, limits: &[Limit]) -> String {
    let mut groups: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for fact in vocabulary.facts() {
        if let Some((group, name)) = fact.name.split_once('.') {
            let kind = match fact.kind {
                Kind::YesNo => "Bool",
                Kind::Choice { .. } => "String",
                Kind::Quantity { .. } => "Long",
            };
            groups.entry(group).or_default().push((name, kind));
        }
    }
    groups.entry("limit").or_default().extend(limits.iter().map(|l| (l.id.as_str(), "Long")));
    let effects: Vec<String> = Effect::ALL.iter().map(|e| format!("\"{e}\"")).collect();
    let mut text = String::from("entity OperatorKind in [OperatorKind];\nentity Activity in [Activity];\n");
    let _ = writeln!(
        text,
        "action {} appliesTo {{ principal: OperatorKind, resource: Activity, context: {{",
        effects.join(", ")
    );
    for (group, facts) in groups {
        let facts: Vec<String> = facts.iter().map(|(name, kind)| format!("{name}: {kind}")).collect();
        let _ = writeln!(text, "  {group}: {{ {} }},", facts.join(", "));
    }
    text + "} };\n"
}
