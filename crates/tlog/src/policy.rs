//! Trust policies: which logs are believed, and how many witnesses of which groups must have cosigned (tlog-policy).
//!
//! The file is one of octets: names are compared as such, and only space and tab part the words of a line. A last line
//! without newline is read as well. Must not fetch anything: addresses in a policy are kept for those who do.

mod evaluation;
mod moment;
mod reading;

pub use evaluation::{Evaluation, Step, Witnessed};

use crate::key::{KeyError, VerifierKey};

/// Most bytes of a policy.
pub const MAX_POLICY: usize = 512 * 1024;
/// Most logs, most witnesses, and most groups; the document wants at least 32 of each.
pub const MAX_POLICY_ITEMS: usize = 64;

/// A log or a witness that a policy names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    name: Vec<u8>,
    key: VerifierKey,
    url: Option<Vec<u8>>,
}

impl Party {
    /// The name that the policy gives a witness; for a log that of its key, which is its origin.
    #[must_use]
    pub fn name(&self) -> String {
        readable(&self.name)
    }

    /// Its key.
    #[must_use]
    pub fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// Its address, where the policy gives one as UTF-8; for a witness the submission prefix of tlog-witness.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        std::str::from_utf8(self.url.as_deref()?).ok()
    }
}

/// Who must have signed a checkpoint for it to be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Party>,
    witnesses: Vec<Party>,
    groups: Vec<Group>,
    /// None for `quorum none`.
    quorum: Option<Member>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    name: Vec<u8>,
    needed: usize,
    members: Vec<Member>,
}

/// A witness or a group, by its place in the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member {
    Witness(usize),
    Group(usize),
}

/// Why a text is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Longer than [`MAX_POLICY`].
    #[error("the policy is longer than {MAX_POLICY} bytes")]
    TooLong,
    /// A line that cannot stand as it is.
    #[error("line {line} of the policy: {fault}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        fault: Fault,
    },
    /// No quorum line.
    #[error("the policy has no line \"quorum …\"; \"quorum none\" asks for no witness")]
    NoQuorum,
}

/// What is wrong with a line of a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A control character.
    #[error("a control character other than tab")]
    Control,
    /// Not one of the forms.
    #[error(
        "expected \"log KEY [URL]\", \"witness NAME KEY [URL]\", \"group NAME any|all|K NAME…\" or \"quorum NAME\""
    )]
    Form,
    /// A key that is none.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A key for something else.
    #[error("a key of type 0x{0:02x} is not for this: logs have 0x01 or 0x06, witnesses 0x04 or 0x06")]
    Kind(u8),
    /// The same public key twice.
    #[error("the same public key stands on a line before")]
    SameKey,
    /// The same name twice, or `none`.
    #[error("the name {0:?} is taken")]
    Taken(String),
    /// A name that no line before defines.
    #[error("the name {0:?} is defined on no line before")]
    Unknown(String),
    /// A member of two groups.
    #[error("{0:?} is a member already")]
    Twice(String),
    /// A threshold that is no number from 1 to the number of members.
    #[error("the threshold {0:?} is neither any nor all nor a number from 1 to the number of members")]
    Threshold(String),
    /// Too many of a kind.
    #[error("more than {MAX_POLICY_ITEMS} of a kind")]
    TooMany,
    /// A second quorum.
    #[error("a second quorum")]
    SecondQuorum,
}

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] with the line and what is wrong with it.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        reading::read(bytes)
    }

    /// Its logs.
    #[must_use]
    pub fn logs(&self) -> &[Party] {
        &self.logs
    }

    /// Its witnesses.
    #[must_use]
    pub fn witnesses(&self) -> &[Party] {
        &self.witnesses
    }

    /// Whether it asks for any witness.
    #[must_use]
    pub fn asks_for_witnesses(&self) -> bool {
        self.quorum.is_some()
    }
}

fn readable(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}
