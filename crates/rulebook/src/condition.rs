//! What a provision asks of the facts, read out of its Cedar policy.
//!
//! The language of conditions is small on purpose: facts compared with constants or named limits, joined by and, or, not.
//! That is what makes every answer explainable, every draft comparable and every missing fact findable. Sums and ratios are
//! worked out before and passed in as facts. Cedar evaluates conditions; this form is for reading, cutting into regions and
//! asking a solver.

use crate::rulebook::Limit;
use crate::vocabulary::{Fact, Kind, Vocabulary, suffix};
use cedar_policy::pst::{BinaryOp, Clause, Expr, Literal, UnaryOp, Var};
use std::collections::{BTreeMap, BTreeSet};

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `>=`
    AtLeast,
    /// `>`
    More,
}

impl Operator {
    /// The sign as people write it.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "≤",
            Self::Equal => "=",
            Self::Unequal => "≠",
            Self::AtLeast => "≥",
            Self::More => ">",
        }
    }

    /// The same comparison with its sides exchanged.
    const fn turned(self) -> Self {
        match self {
            Self::Less => Self::More,
            Self::AtMost => Self::AtLeast,
            Self::AtLeast => Self::AtMost,
            Self::More => Self::Less,
            same => same,
        }
    }
}

/// What a provision asks of the facts. Facts are positions in the vocabulary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// All of them hold; true without any.
    All(Vec<Condition>),
    /// One of them holds; false without any.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// A yes-no fact is yes.
    Yes(usize),
    /// A choice is one of these.
    OneOf(usize, Vec<String>),
    /// A quantity against a limit.
    Compare {
        /// The fact.
        fact: usize,
        /// How.
        operator: Operator,
        /// The constant, in the fact's unit.
        value: i64,
        /// Position of the limit that it was named by.
        limit: usize,
    },
}

/// What is wrong with a condition: what was found, and what to do.
pub type Refused = (String, String);

impl Condition {
    /// Reads the clauses of a policy.
    pub(crate) fn read(
        clauses: &[Clause],
        vocabulary: &Vocabulary,
        limits: &[Limit],
    ) -> Result<Self, Refused> {
        let reader = Reader { vocabulary, limits };
        let parts: Result<Vec<Self>, Refused> = clauses
            .iter()
            .map(|clause| match clause {
                Clause::When(expr) => reader.read(expr, 0),
                Clause::Unless(expr) => Ok(Self::Not(Box::new(reader.read(expr, 0)?))),
            })
            .collect();
        Ok(match parts?.as_slice() {
            [one] => one.clone(),
            parts => Self::All(parts.to_vec()),
        })
    }

    /// The facts it asks for, by position.
    #[must_use]
    pub fn facts(&self) -> BTreeSet<usize> {
        let mut facts = BTreeSet::new();
        self.visit(&mut |part| {
            if let Self::Yes(f) | Self::OneOf(f, _) | Self::Compare { fact: f, .. } = part {
                facts.insert(*f);
            }
        });
        facts
    }

    /// The constants that each quantity is compared with.
    pub(crate) fn constants(&self, into: &mut BTreeMap<usize, BTreeSet<i64>>) {
        self.visit(&mut |part| {
            if let Self::Compare { fact, value, .. } = part {
                into.entry(*fact).or_default().insert(*value);
            }
        });
    }

    /// Positions of the limits it names.
    #[must_use]
    pub fn limits(&self) -> BTreeSet<usize> {
        let mut limits = BTreeSet::new();
        self.visit(&mut |part| {
            if let Self::Compare { limit, .. } = part {
                limits.insert(*limit);
            }
        });
        limits
    }

    fn visit(&self, with: &mut impl FnMut(&Self)) {
        with(self);
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|p| p.visit(with)),
            Self::Not(part) => part.visit(with),
            Self::Yes(_) | Self::OneOf(..) | Self::Compare { .. } => {}
        }
    }
}

/// Deepest nesting of a condition.
const MAX_DEPTH: usize = 32;

struct Reader<'a> {
    vocabulary: &'a Vocabulary,
    limits: &'a [Limit],
}

impl Reader<'_> {
    fn read(&self, expr: &Expr, depth: usize) -> Result<Condition, Refused> {
        if depth > MAX_DEPTH {
            return Err(refused("a condition nested too deeply", "split the provision"));
        }
        match expr {
            Expr::Literal(Literal::Bool(true)) => Ok(Condition::All(Vec::new())),
            Expr::Literal(Literal::Bool(false)) => Ok(Condition::Any(Vec::new())),
            Expr::UnaryOp { op: UnaryOp::Not, expr } => {
                Ok(Condition::Not(Box::new(self.read(expr, depth + 1)?)))
            }
            Expr::BinaryOp { op: BinaryOp::And, left, right } => {
                Ok(Condition::All(vec![self.read(left, depth + 1)?, self.read(right, depth + 1)?]))
            }
            Expr::BinaryOp { op: BinaryOp::Or, left, right } => {
                Ok(Condition::Any(vec![self.read(left, depth + 1)?, self.read(right, depth + 1)?]))
            }
            Expr::BinaryOp { op: BinaryOp::Contains, left, right } => self.contained(left, right),
            Expr::BinaryOp { op, left, right } => self.comparison(*op, left, right),
            Expr::GetAttr { .. } => {
                let (position, fact) = self.fact(expr)?;
                match fact.kind {
                    Kind::YesNo => Ok(Condition::Yes(position)),
                    _ => Err(refused(
                        &format!("'{}' as if it were yes or no", fact.name),
                        "compare it with something",
                    )),
                }
            }
            Expr::HasAttr { .. } => Err(refused(
                "'has'",
                "a provision cannot ask whether a fact is known; overt tries every value of what is missing",
            )),
            _ => Err(refused(
                "a construction that conditions do not have",
                "compare facts with limits or listed values, and join with &&, || and !",
            )),
        }
    }

    fn contained(&self, list: &Expr, item: &Expr) -> Result<Condition, Refused> {
        let Expr::Set(items) = list else {
            return Err(refused(
                "'contains' on something that is no list",
                "write [\"a\", \"b\"].contains(context.…)",
            ));
        };
        let (position, fact) = self.fact(item)?;
        let values: Result<Vec<String>, Refused> = items
            .iter()
            .map(|item| match item.as_ref() {
                Expr::Literal(Literal::String(text)) => listed(fact, text),
                _ => Err(refused("a list with something else than text", "list values of the fact")),
            })
            .collect();
        Ok(Condition::OneOf(position, values?))
    }

    fn comparison(&self, op: BinaryOp, left: &Expr, right: &Expr) -> Result<Condition, Refused> {
        let operator = match op {
            BinaryOp::Eq => Operator::Equal,
            BinaryOp::NotEq => Operator::Unequal,
            BinaryOp::Less => Operator::Less,
            BinaryOp::LessEq => Operator::AtMost,
            BinaryOp::Greater => Operator::More,
            BinaryOp::GreaterEq => Operator::AtLeast,
            _ => {
                return Err(refused(
                    "arithmetic or an unknown operator",
                    "work it out before and pass it in as a fact",
                ));
            }
        };
        let (fact, constant, operator) = match (self.fact(left), self.fact(right)) {
            (Ok(fact), Err(_)) => (fact, right, operator),
            (Err(_), Ok(fact)) => (fact, left, operator.turned()),
            (Ok(_), Ok(_)) => {
                return Err(refused("two facts compared with each other", "pass their ratio in as a fact"));
            }
            (Err(why), Err(_)) => return Err(why),
        };
        self.against(fact, operator, constant)
    }

    fn against(
        &self,
        (position, fact): (usize, &Fact),
        operator: Operator,
        constant: &Expr,
    ) -> Result<Condition, Refused> {
        match (&fact.kind, constant) {
            (Kind::Choice { .. }, Expr::Literal(Literal::String(text))) => {
                let one = Condition::OneOf(position, vec![listed(fact, text)?]);
                match operator {
                    Operator::Equal => Ok(one),
                    Operator::Unequal => Ok(Condition::Not(Box::new(one))),
                    _ => Err(refused("an order between choices", "use == or !=")),
                }
            }
            (Kind::YesNo, Expr::Literal(Literal::Bool(wanted))) => {
                let yes = Condition::Yes(position);
                match (operator, wanted) {
                    (Operator::Equal, true) | (Operator::Unequal, false) => Ok(yes),
                    (Operator::Equal, false) | (Operator::Unequal, true) => Ok(Condition::Not(Box::new(yes))),
                    _ => Err(refused("an order between yes and no", "use the fact itself, or ! before it")),
                }
            }
            (Kind::Quantity { unit, .. }, Expr::GetAttr { expr, attr }) if is_limits(expr) => {
                let limit = self.limits.iter().position(|l| l.id == attr.as_str());
                let limit = limit.ok_or_else(|| {
                    refused(&format!("the unknown limit '{attr}'"), "add a [[limit]] of that id")
                })?;
                let found = self.limits.get(limit).map(|l| (l.value, l.unit.as_str()));
                match found {
                    Some((value, found)) if found == unit => {
                        Ok(Condition::Compare { fact: position, operator, value, limit })
                    }
                    found => Err(refused(
                        &format!(
                            "'{}' in {unit} compared with a limit in {}",
                            fact.name,
                            found.map_or("?", |f| f.1)
                        ),
                        &format!("limits for it end with '{}'", suffix(unit)),
                    )),
                }
            }
            (Kind::Quantity { .. }, Expr::Literal(Literal::Long(n))) => Err(refused(
                &format!("the bare number {n}"),
                "write it as a [[limit]], so that its unit, source and grade are stated",
            )),
            (kind, _) => {
                Err(refused(&format!("'{}' compared with a value of another kind", fact.name), &kind.words()))
            }
        }
    }

    /// The fact that `context.group.name` stands for.
    fn fact(&self, expr: &Expr) -> Result<(usize, &Fact), Refused> {
        let unknown = |name: &str| {
            refused(&format!("'{name}', which is no fact"), "rulebook/vocabulary.toml lists all facts")
        };
        let Expr::GetAttr { expr: inner, attr } = expr else {
            return Err(refused("something that is no fact", "conditions compare facts: context.group.name"));
        };
        let Expr::GetAttr { expr: root, attr: group } = inner.as_ref() else {
            return Err(unknown(attr));
        };
        if !matches!(root.as_ref(), Expr::Var(Var::Context)) {
            return Err(unknown(attr));
        }
        let name = format!("{group}.{attr}");
        let position = self.vocabulary.position(&name).ok_or_else(|| unknown(&name))?;
        self.vocabulary.facts().get(position).map(|fact| (position, fact)).ok_or_else(|| unknown(&name))
    }
}

fn is_limits(expr: &Expr) -> bool {
    matches!(expr, Expr::GetAttr { expr, attr } if attr == "limit" && matches!(expr.as_ref(), Expr::Var(Var::Context)))
}

fn listed(fact: &Fact, text: &str) -> Result<String, Refused> {
    match &fact.kind {
        Kind::Choice { values } if values.iter().any(|v| v == text) => Ok(text.to_owned()),
        Kind::Choice { values } => Err(refused(
            &format!("'{text}' as a value of '{}'", fact.name),
            &format!("its values are {}", values.join(", ")),
        )),
        kind => Err(refused(&format!("'{}' compared with text", fact.name), &kind.words())),
    }
}

fn refused(found: &str, help: &str) -> Refused {
    (format!("found {found}"), help.to_owned())
}
