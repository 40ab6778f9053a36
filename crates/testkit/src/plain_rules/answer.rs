//! What follows for a question: every value of what is missing is tried, and what all of them lead to is the answer.

use super::book::Book;
use super::policy::Provision;
use super::{PlainError, Question, expression};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Effects that decide, from lenient to strict.
const STRICTNESS: [&str; 5] =
    ["data-industry", "register-and-report", "surcharge", "financial", "prohibited"];
/// The effect that only adds duties.
const OBLIGE: &str = "oblige";
/// What is said where a person has to look.
const REVIEW: &str = "manual-review";

/// What follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The disposition.
    pub disposition: String,
    /// Every disposition that some value of what is missing leads to.
    pub could_be: BTreeSet<String>,
    /// Ids of the obligations that follow whatever the missing facts are.
    pub certain: BTreeSet<String>,
}

impl Book {
    /// What follows for a question.
    ///
    /// # Errors
    ///
    /// [`PlainError`] if a condition cannot be interpreted.
    pub fn answer(&self, question: &Question) -> Result<Answer, PlainError> {
        let mut answer = self.at(&question.place, question)?;
        let mut everywhere = answer.could_be.clone();
        let mut differs = false;
        for place in self.inside(&question.place) {
            let there = self.at(place, question)?;
            differs |= there.could_be != answer.could_be;
            everywhere.extend(there.could_be);
            answer.certain.retain(|obligation| there.certain.contains(obligation));
        }
        if differs {
            REVIEW.clone_into(&mut answer.disposition);
            answer.could_be = everywhere;
        }
        Ok(answer)
    }

    /// How many combinations of values an answer tries.
    #[must_use]
    pub fn completions(&self, question: &Question) -> usize {
        let places = std::iter::once(question.place.as_str()).chain(self.inside(&question.place));
        let tried = places.map(|place| {
            let these = self.concerning(place, &question.date, &question.activity);
            let (duties, deciding): (Vec<_>, Vec<_>) = these.into_iter().partition(|p| p.effect == OBLIGE);
            let one = |these: &[&Provision]| {
                let open = self.open(these, &question.facts);
                let facts = open.iter().map(|(_, values)| values.len()).fold(1, usize::saturating_mul);
                facts.saturating_mul(self.kinds(these, question).len())
            };
            duties.iter().map(|duty| one(&[duty])).fold(one(&deciding), usize::saturating_add)
        });
        tried.fold(0, usize::saturating_add)
    }

    /// Ids of the provisions in force there that speak of the activity, for messages.
    #[must_use]
    pub fn provisions(&self, place: &str, question: &Question) -> Vec<&str> {
        let these = self.concerning(place, &question.date, &question.activity);
        these.into_iter().map(|p| p.id.as_str()).collect()
    }

    /// What follows at one place, without looking at places within it.
    fn at(&self, place: &str, question: &Question) -> Result<Answer, PlainError> {
        let these = self.concerning(place, &question.date, &question.activity);
        let (duties, deciding): (Vec<_>, Vec<_>) = these.into_iter().partition(|p| p.effect == OBLIGE);
        let mut could_be = BTreeSet::new();
        let mut certain: Option<BTreeSet<String>> = None;
        self.complete(&deciding, question, &mut |context, operator| {
            let mut applying = Vec::new();
            for provision in &deciding {
                if applies(provision, context, operator)? {
                    applying.push(*provision);
                }
            }
            could_be.insert(disposition(&applying).to_owned());
            let imposed = imposed(&applying);
            certain = Some(match certain.take() {
                None => imposed,
                Some(before) => before.intersection(&imposed).cloned().collect(),
            });
            Ok(())
        })?;
        let mut certain = certain.unwrap_or_default();
        certain.extend(self.duties(&duties, question)?);
        certain.retain(|obligation| !self.doubtful.contains(obligation));
        let only = could_be.first().filter(|_| could_be.len() == 1).cloned();
        Ok(Answer { disposition: only.unwrap_or_else(|| REVIEW.to_owned()), could_be, certain })
    }

    /// Obligations of provisions that only oblige: each is tried alone, over what it asks for itself.
    fn duties(&self, duties: &[&Provision], question: &Question) -> Result<BTreeSet<String>, PlainError> {
        let mut certain = BTreeSet::new();
        let mut lifted = false;
        for duty in duties {
            let (mut always, mut ever) = (true, false);
            self.complete(&[duty], question, &mut |context, operator| {
                let applies = applies(duty, context, operator)?;
                always &= applies;
                ever |= applies;
                Ok(())
            })?;
            if duty.permits && always && duty.may_decide {
                certain.extend(duty.obliges.iter().cloned());
            }
            lifted |= !duty.permits && ever && duty.may_decide;
        }
        Ok(if lifted { BTreeSet::new() } else { certain })
    }

    /// Calls `visit` with every combination of values that these provisions could tell apart.
    fn complete(
        &self,
        provisions: &[&Provision],
        question: &Question,
        visit: &mut dyn FnMut(&Value, &str) -> Result<(), PlainError>,
    ) -> Result<(), PlainError> {
        let open = self.open(provisions, &question.facts);
        let mut context = self.context(&question.facts);
        let kinds = self.kinds(provisions, question);
        fill(&open, &mut context, &mut |context| kinds.iter().try_for_each(|kind| visit(context, kind)))
    }

    /// The kinds of operators to be tried: the known one, or all if some provision speaks of some only.
    fn kinds<'a>(&'a self, provisions: &[&Provision], question: &'a Question) -> Vec<&'a str> {
        match &question.operator {
            Some(known) => vec![known],
            None if provisions.iter().any(|p| p.operators.is_some()) => {
                self.operators.iter().map(String::as_str).collect()
            }
            None => vec![""],
        }
    }

    /// Limits and known facts, as conditions read them.
    fn context(&self, facts: &BTreeMap<String, Value>) -> Value {
        let limits: Map<String, Value> =
            self.limits.iter().map(|(name, limit)| (name.clone(), json!(limit.value))).collect();
        let mut context = json!({ "limit": limits });
        for (name, value) in facts {
            put(&mut context, name, value);
        }
        context
    }
}

/// Goes through all values of the first open fact, and for each of them through all of the others.
fn fill(
    open: &[(String, Vec<Value>)],
    context: &mut Value,
    visit: &mut dyn FnMut(&Value) -> Result<(), PlainError>,
) -> Result<(), PlainError> {
    let Some(((name, values), others)) = open.split_first() else { return visit(context) };
    for value in values {
        put(context, name, value);
        fill(others, context, visit)?;
    }
    Ok(())
}

fn put(context: &mut Value, name: &str, value: &Value) {
    let (group, name) = name.split_once('.').unwrap_or(("", name));
    let Some(groups) = context.as_object_mut() else { return };
    let group = groups.entry(group).or_insert_with(|| json!({}));
    if let Some(facts) = group.as_object_mut() {
        facts.insert(name.to_owned(), value.clone());
    }
}

fn applies(provision: &Provision, context: &Value, operator: &str) -> Result<bool, PlainError> {
    if provision.operators.as_ref().is_some_and(|named| !named.contains(operator)) {
        return Ok(false);
    }
    for (wanted, body) in &provision.conditions {
        if expression::truth(&*expression::value(body, context)?)? != *wanted {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The strictest effect that surely holds, unless one that may hold is stricter.
fn disposition(applying: &[&Provision]) -> &'static str {
    let any = |permits: bool, effect: &str, deciding: bool| {
        applying.iter().any(|p| p.permits == permits && p.effect == effect && (p.may_decide || !deciding))
    };
    for effect in STRICTNESS.into_iter().rev() {
        if any(true, effect, true) && !any(false, effect, false) {
            return effect;
        }
        if any(true, effect, false) && !any(false, effect, true) {
            return REVIEW;
        }
    }
    REVIEW
}

/// Obligations of applying provisions that may decide, where no other that may decide lifts their effect.
fn imposed(applying: &[&Provision]) -> BTreeSet<String> {
    let lifted = |effect: &str| applying.iter().any(|p| !p.permits && p.effect == effect && p.may_decide);
    let imposing = applying.iter().filter(|p| p.permits && p.may_decide && !lifted(&p.effect));
    imposing.flat_map(|p| p.obliges.iter().cloned()).collect()
}
