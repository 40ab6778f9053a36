//! Names that people give: operators, sites, labels of tokens.

use minicbor::{Decode, Encode};
use std::fmt;
use std::str::FromStr;

/// Most characters of a name.
pub const MAX_NAME: usize = 64;

/// A short name: begins with a letter or digit, goes on with `a-z 0-9 . _ -`, at most 64 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
#[cbor(transparent)]
pub struct Name(#[n(0)] String);

/// Why it is not a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{found}' is not a name: expected 1 to 64 of a-z 0-9 . _ - beginning with a letter or digit")]
pub struct NameError {
    /// What was found, shortened.
    pub found: String,
}

impl Name {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let good = (1..=MAX_NAME).contains(&text.len())
            && text.starts_with(alphanumeric)
            && text.chars().all(|c| alphanumeric(c) || matches!(c, '.' | '_' | '-'));
        if good {
            return Ok(Self(text.to_owned()));
        }
        Err(NameError { found: text.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect() })
    }
}

impl<'b, C> Decode<'b, C> for Name {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        d.str()?.parse().map_err(|e: NameError| minicbor::decode::Error::message(e))
    }
}
