//! Where activities stand in the vocabulary.

use crate::vocabulary::Vocabulary;

/// The position of an activity in the vocabulary, or `None` for one that is not judged (idle, undetermined) or unknown.
pub fn position(vocabulary: &Vocabulary, name: &str) -> Option<u8> {
    vocabulary.activities().iter().position(|a| a == name).and_then(|i| u8::try_from(i).ok())
}
