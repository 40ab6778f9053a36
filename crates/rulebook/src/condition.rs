//! What a provision asks of the facts, read out of its Cedar policy.
//!
//! The language of conditions is small on purpose: facts compared with constants or named limits, joined by and, or, not.
//! That is what makes every answer explainable, every draft comparable and every missing fact findable. Sums and ratios are
//! worked out before and passed in as facts. Cedar evaluates conditions; this form is for reading, cutting into regions and
//! asking a solver.

mod reader;

use crate::law::Limit;
use crate::vocabulary::Vocabulary;
use cedar_policy::pst::Clause;
use reader::Reader;
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
