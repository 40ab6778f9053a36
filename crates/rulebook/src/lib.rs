//! The rules of a place as code and data.
//!
//! Provisions are Cedar policies, and what surrounds them (instruments, limits, codes, charges, obligations) is plain data.
//! For a workload, a place and a date this crate says which disposition follows, by which provisions, from which facts, and
//! which missing fact would change the answer; it compares two rulebooks and runs a draft over history.
//!
//! Pure: no I/O, no clock, no randomness. Must not sense, identify or decide what a machine does: a case comes in, an answer
//! goes out. An answer is an aid to judgement and not legal advice.

mod activity;
mod annotation;
pub mod backtest;
mod case;
mod case_text;
mod cases;
pub mod check;
pub mod compare;
mod completion;
mod condition;
mod diagnostic;
mod document;
pub mod due;
mod effect;
mod explain;
mod fact;
pub mod form;
mod formula;
mod grade;
mod judge;
mod judgement;
mod law;
mod load;
mod missing;
mod obligation;
pub mod old_tests;
mod provision;
pub mod readings;
mod region;
mod rulebook;
mod schema;
mod season;
mod shipped;
pub mod show;
mod slice;
mod smt;
mod source;
mod table;
mod value;
mod vocabulary;

pub use case::{Case, CaseError};
pub use case_text::{CaseText, Misread, TextError, facts as facts_of, structured};
pub use cases::{CaseReport, Outcome, run as run_cases};
pub use condition::{Condition, Operator};
pub use diagnostic::{Diagnostic, Severity};
pub use effect::{Disposition, Effect};
pub use fact::{Fact, Field, FieldType, Kind, Term};
pub use formula::{Formula, FormulaError};
pub use grade::Grade;
pub use judge::{Decision, Judge};
pub use judgement::{Charged, Cited, CodeNamed, Judgement, Missing, Owed, Standing, Would};
pub use law::{Base, Charge, Classification, Code, Instrument, Limit, Place, Several};
pub use load::load;
pub use obligation::{Due, Event, Holiday, Obligation, Period, Weekday};
pub use provision::{Polarity, Provision};
pub use rulebook::Rulebook;
pub use shipped::{shipped, shipped_names, source as shipped_source, vocabulary as shipped_vocabulary};
pub use source::{MAX_FILE, Source, SourceError};
pub use value::{Unit, Value, ValueError};
pub use vocabulary::Vocabulary;

/// The line that every disposition shown to a person carries once.
pub const DISCLAIMER: &str = "An aid to judgement, not legal advice.";
