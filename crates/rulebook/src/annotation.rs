//! The annotations of a policy: what makes a Cedar policy a provision.

use crate::diagnostic::Diagnostic;
use crate::grade::Grade;
use cedar_policy::Policy;
use jiff::civil::Date;

/// Annotations that a provision may carry, and whether it must.
const KNOWN: [(&str, bool); 17] = [
    ("id", true),
    ("instrument", true),
    ("article", true),
    ("title", true),
    ("text", true),
    ("grade", true),
    ("original", false),
    ("note", false),
    ("place", false),
    ("from", false),
    ("until", false),
    ("season", false),
    ("code", false),
    ("code_grade", false),
    ("obliges", false),
    ("charge", false),
    ("source", false),
];

/// The annotations of one policy, with the place to blame for them.
pub struct Annotations<'a> {
    policy: &'a Policy,
    /// File and line of the policy's id.
    pub at: (&'a str, usize),
}

impl<'a> Annotations<'a> {
    /// Looks whether all that must be there is, and nothing unknown.
    pub fn new(policy: &'a Policy, at: (&'a str, usize), wrong: &mut Vec<Diagnostic>) -> Self {
        for (name, _) in
            KNOWN.iter().filter(|(name, must)| *must && policy.annotation(name).is_none_or(str::is_empty))
        {
            let message = format!("the provision lacks @{name}");
            wrong.push(Diagnostic::error(
                at,
                "annotation",
                message,
                format!("write @{name}(\"…\") before it"),
            ));
        }
        for (name, _) in
            policy.annotations().filter(|(name, _)| !KNOWN.iter().any(|(known, _)| known == name))
        {
            let known: Vec<&str> = KNOWN.iter().map(|(known, _)| *known).collect();
            let help = format!("known are {}", known.join(", "));
            wrong.push(Diagnostic::error(at, "annotation", format!("unknown annotation @{name}"), help));
        }
        for (name, text) in policy.annotations().filter(|(_, text)| has_markup(text)) {
            let message =
                format!("@{name} holds control characters or markup: '{}'", crate::value::shorten(text));
            wrong.push(Diagnostic::error(at, "text", message, "texts of law are plain text"));
        }
        Self { policy, at }
    }

    /// The text of an annotation, empty where there is none.
    pub fn text(&self, name: &str) -> String {
        self.policy.annotation(name).unwrap_or_default().to_owned()
    }

    /// The parts of an annotation that lists, at commas.
    pub fn list(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.policy.annotation(name).unwrap_or_default().split(',').map(str::trim).filter(|s| !s.is_empty())
    }

    /// A date.
    pub fn date(&self, name: &str, wrong: &mut Vec<Diagnostic>) -> Option<Date> {
        let text = self.policy.annotation(name)?;
        let date = text.parse().ok();
        if date.is_none() {
            let message = format!("@{name}(\"{}\") is no date", crate::value::shorten(text));
            wrong.push(Diagnostic::error(self.at, "date", message, "write YYYY-MM-DD, a day that exists"));
        }
        date
    }

    /// A grade, or `default` where the annotation is absent.
    pub fn grade(&self, name: &str, default: Grade, wrong: &mut Vec<Diagnostic>) -> Grade {
        let Some(text) = self.policy.annotation(name) else { return default };
        Grade::marked(text).unwrap_or_else(|| {
            let message = format!("@{name}(\"{}\") is no grade", crate::value::shorten(text));
            wrong.push(Diagnostic::error(self.at, "grade", message, "expected VP, VS, U or INF"));
            Grade::Inferred
        })
    }
}

/// Whether a text holds what no text of law holds: control characters, or tags of HTML.
pub fn has_markup(text: &str) -> bool {
    let tag = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
    text.chars().any(|c| c.is_control() && c != '\n')
        || text.match_indices('<').any(|(i, _)| tag(text.get(i + 1..).unwrap_or("")))
}
