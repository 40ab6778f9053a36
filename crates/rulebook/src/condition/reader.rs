//! From the syntax tree of a Cedar condition to the small language of conditions.

use super::{Condition, Operator, Refused};
use crate::fact::{Fact, Kind};
use crate::law::Limit;
use crate::vocabulary::{Vocabulary, suffix};
use cedar_policy::pst::{BinaryOp, Expr, Literal, UnaryOp, Var};

/// Deepest nesting of a condition.
const MAX_DEPTH: usize = 32;

pub struct Reader<'a> {
    pub vocabulary: &'a Vocabulary,
    pub limits: &'a [Limit],
}

impl Reader<'_> {
    /// Reads one expression that is true or false.
    pub fn read(&self, expr: &Expr, depth: usize) -> Result<Condition, Refused> {
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
