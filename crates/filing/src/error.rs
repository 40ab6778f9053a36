//! Why a form is not filled, and why a text is no filing.

use jiff::civil::Date;

/// Why a form is not filled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FillError {
    /// No such obligation.
    #[error("rulebook {rulebook} has no obligation '{found}'; did you mean '{near}'?")]
    Obligation {
        /// The rulebook.
        rulebook: String,
        /// What was found.
        found: String,
        /// The nearest.
        near: String,
    },
    /// The operator is not registered.
    #[error("no operator '{found}' is registered on {day}; register it first")]
    Operator {
        /// What was found.
        found: String,
        /// The day.
        day: Date,
    },
    /// The site is not the operator's, or it is not said which one is meant.
    #[error("'{found}' is no site of {operator} from {from} to {to}; expected one of {expected}")]
    Site {
        /// What was found.
        found: String,
        /// The operator.
        operator: String,
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
        /// The sites that there are.
        expected: String,
    },
    /// The period has not ended.
    #[error("the period ends on {to}, which is after today ({today}); file it when it has ended")]
    Future {
        /// Last day of the period.
        to: Date,
        /// Today.
        today: Date,
    },
    /// Not a period of this obligation.
    #[error("{found} is no period of {obligation}; expected {expected}")]
    Period {
        /// What was found.
        found: String,
        /// The obligation.
        obligation: String,
        /// What was expected.
        expected: String,
    },
    /// A value that a person typed does not suit its field.
    #[error("{field}: found '{found}'; expected {expected}")]
    Typed {
        /// The field.
        field: String,
        /// What was found, shortened.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// A claim that was made before.
    #[error("{what} '{value}' was claimed already by the filing of {operator} for {from} to {to}")]
    DoubleClaim {
        /// What is claimed twice.
        what: String,
        /// Which one.
        value: String,
        /// Whose filing.
        operator: String,
        /// First day of that filing.
        from: Date,
        /// Last day of that filing.
        to: Date,
    },
    /// The time zone of the rulebook is none.
    #[error("rulebook {rulebook}: '{zone}' is not a time zone")]
    Zone {
        /// The rulebook.
        rulebook: String,
        /// What was found.
        zone: String,
    },
    /// Too many cells.
    #[error("the form would have {found} cells; expected at most {most}")]
    TooLarge {
        /// How many.
        found: usize,
        /// Most.
        most: usize,
    },
}

/// Why a text is no filing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Too long.
    #[error("{found} bytes; expected at most {most}")]
    TooLong {
        /// How many bytes.
        found: usize,
        /// Most.
        most: usize,
    },
    /// Not the form of a filing.
    #[error("not a filing: {0}")]
    Form(String),
    /// Another schema.
    #[error("schema '{found}'; expected '{expected}'")]
    Schema {
        /// What was found, shortened.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
    /// Something in it does not hold together.
    #[error("{at}: {found}; expected {expected}")]
    Inconsistent {
        /// Where.
        at: String,
        /// What was found.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A filing, written in another form than the one that it has.
    #[error("a filing in another form than its one form, from byte {at}")]
    NotTheForm {
        /// The first byte that differs.
        at: usize,
    },
}
