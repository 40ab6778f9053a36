//! The truth of a condition for every combination of regions, evaluated once by Cedar when a rulebook is loaded.
//!
//! Judging then looks up a bit. The table is exact, because no condition can tell two values of one region apart.

use crate::law::Limit;
use crate::region::Regions;
use crate::value::Value;
use crate::vocabulary::Vocabulary;
use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityTypeName, EntityUid, Policy, PolicySet, Request,
    RestrictedExpression, pst,
};
use std::collections::BTreeMap;
use std::str::FromStr;

/// Most combinations of one provision: what asks for more is split, so that a reader can follow it too.
pub const MAX_CELLS: usize = 8192;

/// Truth by combination of regions of the facts that a condition asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Positions of the facts in the vocabulary, in order.
    pub facts: Vec<usize>,
    /// Number of regions of each.
    sizes: Vec<usize>,
    truth: Vec<bool>,
}

/// Why a condition cannot be tabulated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// It asks for too many facts at once.
    #[error("the condition tells {cells} combinations of facts apart; expected at most {MAX_CELLS}")]
    TooWide {
        /// Combinations.
        cells: usize,
    },
    /// Cedar could not evaluate it.
    #[error("the condition cannot be evaluated: {0}")]
    Cedar(String),
}

impl Table {
    /// Evaluates the clauses for every combination of regions of these facts.
    pub fn new(
        clauses: &[pst::Clause],
        facts: Vec<usize>,
        regions: &[Regions],
        vocabulary: &Vocabulary,
        limits: &[Limit],
    ) -> Result<Self, TableError> {
        let sizes: Vec<usize> = facts.iter().map(|f| regions.get(*f).map_or(1, Regions::len)).collect();
        let cells = sizes.iter().try_fold(1_usize, |a, n| a.checked_mul(*n)).unwrap_or(usize::MAX);
        if cells > MAX_CELLS {
            return Err(TableError::TooWide { cells });
        }
        let cedar = Cedar::new(clauses, limits)?;
        let mut table = Self { facts, sizes, truth: Vec::with_capacity(cells) };
        for cell in 0..cells {
            let values = table.values(cell, regions, vocabulary);
            let truth = cedar.evaluate(&values)?;
            table.truth.push(truth);
        }
        Ok(table)
    }

    /// The values that stand for a combination.
    fn values<'a>(
        &self,
        mut cell: usize,
        regions: &'a [Regions],
        vocabulary: &'a Vocabulary,
    ) -> Vec<(&'a str, &'a Value)> {
        let mut values = Vec::new();
        for (fact, size) in self.facts.iter().zip(&self.sizes) {
            let region = cell % size;
            cell /= size;
            let name = vocabulary.facts().get(*fact).map(|f| f.name.as_str());
            let value = regions.get(*fact).and_then(|r| r.samples().get(region));
            values.extend(name.zip(value));
        }
        values
    }

    /// The truth where the fact at position `f` of the vocabulary lies in region `region(f)`.
    pub fn holds(&self, region: impl Fn(usize) -> u8) -> bool {
        let mut cell = 0;
        let mut stride = 1;
        for (fact, size) in self.facts.iter().zip(&self.sizes) {
            cell += usize::from(region(*fact)) * stride;
            stride *= size;
        }
        self.truth.get(cell).copied().unwrap_or_default()
    }

    /// Whether it holds in some combination in which this fact lies in this region.
    pub fn can_hold(&self, fact: usize, region: u8) -> bool {
        let mut stride = 1;
        let axis = self.facts.iter().zip(&self.sizes).find_map(|(f, size)| {
            let found = (*f == fact).then_some((stride, *size));
            stride *= size;
            found
        });
        match axis {
            None => !self.never(),
            Some((stride, size)) => self
                .truth
                .iter()
                .enumerate()
                .any(|(cell, truth)| *truth && cell / stride % size == usize::from(region)),
        }
    }

    /// Whether it holds in no combination.
    pub fn never(&self) -> bool {
        !self.truth.contains(&true)
    }

    /// Whether it holds in every combination although it asks for facts.
    pub fn idle(&self) -> bool {
        !self.facts.is_empty() && !self.truth.contains(&false)
    }
}

/// One condition in Cedar's hands, without the scope that has been looked at already.
struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    principal: EntityUid,
    action: EntityUid,
    resource: EntityUid,
    limits: RestrictedExpression,
}

impl Cedar {
    fn new(clauses: &[pst::Clause], limits: &[Limit]) -> Result<Self, TableError> {
        let template = pst::Template::new(
            "condition",
            pst::Effect::Permit,
            pst::PrincipalConstraint::Any,
            pst::ActionConstraint::Any,
            pst::ResourceConstraint::Any,
        );
        let template = template.try_with_clauses(clauses.to_vec()).map_err(cedar)?;
        let policy =
            Policy::from_pst(pst::Policy::Static(template.try_into().map_err(cedar)?)).map_err(cedar)?;
        let mut policies = PolicySet::new();
        policies.add(policy).map_err(cedar)?;
        let limits = limits.iter().map(|l| (l.id.clone(), RestrictedExpression::new_long(l.value)));
        let entity = |kind: &str| {
            let name = EntityTypeName::from_str(kind).map_err(cedar)?;
            Ok(EntityUid::from_type_name_and_id(name, cedar_policy::EntityId::new("any")))
        };
        Ok(Self {
            authorizer: Authorizer::new(),
            policies,
            principal: entity("OperatorKind")?,
            action: entity("Action")?,
            resource: entity("Activity")?,
            limits: RestrictedExpression::new_record(limits).map_err(cedar)?,
        })
    }

    fn evaluate(&self, values: &[(&str, &Value)]) -> Result<bool, TableError> {
        let mut groups: BTreeMap<&str, Vec<(String, RestrictedExpression)>> = BTreeMap::new();
        for (name, value) in values {
            if let Some((group, name)) = name.split_once('.') {
                groups.entry(group).or_default().push((name.to_owned(), restricted(value)));
            }
        }
        let mut context = vec![("limit".to_owned(), self.limits.clone())];
        for (group, facts) in groups {
            context.push((group.to_owned(), RestrictedExpression::new_record(facts).map_err(cedar)?));
        }
        let context = Context::from_pairs(context).map_err(cedar)?;
        let (principal, action, resource) =
            (self.principal.clone(), self.action.clone(), self.resource.clone());
        let request = Request::new(principal, action, resource, context, None).map_err(cedar)?;
        let response = self.authorizer.is_authorized(&request, &self.policies, &Entities::empty());
        if let Some(error) = response.diagnostics().errors().next() {
            return Err(TableError::Cedar(error.to_string()));
        }
        Ok(response.decision() == Decision::Allow)
    }
}

fn restricted(value: &Value) -> RestrictedExpression {
    match value {
        Value::YesNo(b) => RestrictedExpression::new_bool(*b),
        Value::Quantity(n) => RestrictedExpression::new_long(*n),
        Value::Choice(text) => RestrictedExpression::new_string(text.clone()),
    }
}

fn cedar(error: impl std::fmt::Display) -> TableError {
    TableError::Cedar(error.to_string())
}
