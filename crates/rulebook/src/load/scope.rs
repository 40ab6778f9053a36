//! The head and the condition of a policy.

use crate::case::nearest;
use crate::condition::Condition;
use crate::diagnostic::Diagnostic;
use crate::effect::Effect;
use crate::rulebook::{Rulebook, effects};
use crate::value::shorten;
use cedar_policy::pst;

/// The head of a policy.
pub struct Scope<'a> {
    pub at: (&'a str, usize),
    pub rulebook: &'a Rulebook,
    pub wrong: &'a mut Vec<Diagnostic>,
}

impl Scope<'_> {
    pub fn effect(&mut self, action: &pst::ActionConstraint) -> Option<Effect> {
        let effect = match action {
            pst::ActionConstraint::Eq(uid) => Effect::named(&uid.eid),
            _ => None,
        };
        if effect.is_none() {
            self.error(
                "effect",
                "no effect".to_owned(),
                format!("write action == Action::\"…\" with one of {}", effects()),
            );
        }
        effect
    }

    pub fn activities(&mut self, resource: &pst::ResourceConstraint) -> Option<u64> {
        use pst::ResourceConstraint::{Any, Eq, In};
        let named = match resource {
            Any => return Some(u64::MAX),
            Eq(pst::EntityOrSlot::Entity(uid)) => self.single(uid)?,
            In(pst::EntityOrSlot::Entity(uid)) => uid,
            _ => return self.form("an activity", "resource == Activity::\"…\" or in a group"),
        };
        let set = self.rulebook.vocabulary.activity_set(&named.eid);
        if set.is_none() {
            let vocabulary = &self.rulebook.vocabulary;
            let known = vocabulary
                .activities()
                .iter()
                .map(String::as_str)
                .chain(vocabulary.groups().iter().map(|g| g.name.as_str()));
            let help = format!("did you mean '{}'?", nearest(&named.eid, known));
            self.error("unknown-activity", format!("no activity '{}'", shorten(&named.eid)), help);
        }
        set
    }

    pub fn operators(&mut self, principal: &pst::PrincipalConstraint) -> Option<u8> {
        use pst::PrincipalConstraint::{Any, Eq, In};
        let named = match principal {
            Any => return Some(u8::MAX),
            Eq(pst::EntityOrSlot::Entity(uid)) => self.single(uid)?,
            In(pst::EntityOrSlot::Entity(uid)) => uid,
            _ => return self.form("an operator", "principal in OperatorKind::\"…\""),
        };
        let set = self.rulebook.vocabulary.operator_set(&named.eid);
        if set.is_none() {
            let known: Vec<&str> =
                self.rulebook.vocabulary.operators().iter().map(|o| o.name.as_str()).collect();
            self.error(
                "unknown-operator",
                format!("no kind of operator '{}'", shorten(&named.eid)),
                format!("known are {}", known.join(", ")),
            );
        }
        set
    }

    /// In Cedar a group equals none of its members, so `==` with a group would never apply.
    fn single<'u>(&mut self, uid: &'u pst::EntityUID) -> Option<&'u pst::EntityUID> {
        if !self.rulebook.vocabulary.is_group(&uid.eid) {
            return Some(uid);
        }
        let name = shorten(&uid.eid);
        self.error(
            "scope",
            format!("'== {name}' although that is a group"),
            format!("write in …::\"{name}\""),
        );
        None
    }

    fn form<T>(&mut self, what: &str, write: &str) -> Option<T> {
        let message = format!("{what} in a form that provisions do not have");
        self.error("scope", message, format!("write {write}"));
        None
    }

    pub fn condition(&mut self, clauses: &[pst::Clause]) -> Option<Condition> {
        match Condition::read(clauses, &self.rulebook.vocabulary, &self.rulebook.limits) {
            Ok(condition) => Some(condition),
            Err((message, help)) => {
                self.error("condition", message, help);
                None
            }
        }
    }

    fn error(&mut self, rule: &'static str, message: String, help: String) {
        self.wrong.push(Diagnostic::error(self.at, rule, message, help));
    }
}
