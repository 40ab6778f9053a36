//! Conditions and quantities in words.

use crate::condition::Condition;
use crate::rulebook::Rulebook;

/// A quantity with the largest prefix that keeps it exact: 75000000 W is 75 MW.
#[must_use]
pub fn quantity(n: i64, unit: &str) -> String {
    let scaled =
        |divisor: i64, name: &str| (n != 0 && n % divisor == 0).then(|| format!("{} {name}", n / divisor));
    let found = match unit {
        "W" | "Wh" => [(1_000_000_000, "G"), (1_000_000, "M"), (1000, "k")]
            .iter()
            .find_map(|(divisor, prefix)| scaled(*divisor, &format!("{prefix}{unit}"))),
        "‰" => scaled(10, "%"),
        "mKZT/kWh" => scaled(1000, "KZT/kWh"),
        _ => None,
    };
    found.unwrap_or_else(|| format!("{n} {unit}"))
}

/// A condition as a sentence would put it. Empty where nothing is asked.
#[must_use]
pub fn condition(condition: &Condition, rulebook: &Rulebook) -> String {
    let fact = |position: &usize| rulebook.vocabulary().facts().get(*position);
    let label = |position: &usize| fact(position).map_or("?", |f| f.name.as_str());
    match condition {
        Condition::All(parts) => joined(parts, " and ", rulebook),
        Condition::Any(parts) if parts.is_empty() => "never".to_owned(),
        Condition::Any(parts) => joined(parts, " or ", rulebook),
        Condition::Not(part) => match part.as_ref() {
            Condition::Yes(f) => format!("not {}", label(f)),
            Condition::OneOf(f, values) => format!("{} is not {}", label(f), values.join(" or ")),
            part => format!("not ({})", self::condition(part, rulebook)),
        },
        Condition::Yes(f) => label(f).to_owned(),
        Condition::OneOf(f, values) => format!("{} is {}", label(f), values.join(" or ")),
        Condition::Compare { fact: f, operator, value, .. } => {
            let unit = match fact(f).map(|f| &f.kind) {
                Some(crate::fact::Kind::Quantity { unit, .. }) => unit.as_str(),
                _ => "",
            };
            format!("{} {} {}", label(f), operator.sign(), quantity(*value, unit))
        }
    }
}

fn joined(parts: &[Condition], with: &str, rulebook: &Rulebook) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| {
            let text = condition(part, rulebook);
            let nested = matches!(part, Condition::All(p) | Condition::Any(p) if p.len() > 1);
            let same = with == " and " && matches!(part, Condition::All(_))
                || with == " or " && matches!(part, Condition::Any(_));
            if nested && !same { format!("({text})") } else { text }
        })
        .collect();
    parts.join(with)
}
