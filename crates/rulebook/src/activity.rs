//! Sets of activities and kinds of operators, as provisions name them.

use crate::vocabulary::Vocabulary;

/// The position of an activity in the vocabulary, or `None` for one that is not judged (idle, undetermined) or unknown.
pub fn position(vocabulary: &Vocabulary, name: &str) -> Option<u8> {
    vocabulary.activities().iter().position(|a| a == name).and_then(|i| u8::try_from(i).ok())
}

/// The names in a set of activities.
pub fn names(vocabulary: &Vocabulary, set: u64) -> impl Iterator<Item = &str> {
    vocabulary.activities().iter().enumerate().filter(move |(i, _)| set >> i & 1 == 1).map(|(_, name)| name.as_str())
}
