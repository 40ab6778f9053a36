//! Who wants something: a role with what it was given. How they proved it is not known here.

use std::collections::BTreeSet;
use std::fmt;

/// What somebody is to this registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Whoever has not said who they are.
    Nobody,
    /// A device that holds its own key.
    Agent,
    /// Forwards statements of the devices of its sites, and sees none of them.
    Relay,
    /// Whoever holds a one-time token of an operator to enrol a device.
    Enrolment,
    /// Answers for its own devices.
    Operator,
    /// Oversees the sites it was assigned.
    Inspector,
    /// Looks at operators or sites it was assigned: not at evidence, not at persons.
    Reader,
    /// Runs the registry.
    Administrator,
}

impl Role {
    /// Every role, from the least to the most.
    pub const ALL: [Self; 8] = [
        Self::Nobody,
        Self::Agent,
        Self::Relay,
        Self::Enrolment,
        Self::Reader,
        Self::Operator,
        Self::Inspector,
        Self::Administrator,
    ];

    /// Its name in tokens, policies and the audit log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Agent => "agent",
            Self::Relay => "relay",
            Self::Enrolment => "enrolment",
            Self::Operator => "operator",
            Self::Inspector => "inspector",
            Self::Reader => "reader",
            Self::Administrator => "administrator",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A role with what it was given. Identifiers of operators, sites and devices are unique in the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// See [`Role::Nobody`].
    Nobody,
    /// See [`Role::Agent`].
    Agent {
        /// Who answers for it.
        operator: String,
        /// Where it stands.
        site: String,
        /// Itself.
        device: String,
    },
    /// See [`Role::Relay`].
    Relay {
        /// Whose sites they are.
        operator: String,
        /// The sites it forwards for; none means all of the operator's.
        sites: BTreeSet<String>,
    },
    /// See [`Role::Enrolment`].
    Enrolment {
        /// Who let it in.
        operator: String,
        /// The sites where the device may stand; none means all of the operator's.
        sites: BTreeSet<String>,
    },
    /// See [`Role::Operator`].
    Operator {
        /// Itself.
        operator: String,
        /// The sites that its token names; none means all of them, and what is the operator's as a whole.
        sites: BTreeSet<String>,
    },
    /// See [`Role::Inspector`].
    Inspector {
        /// The operators of the assigned sites, as the registry knows them now: their own records may be looked at.
        operators: BTreeSet<String>,
        /// The assigned sites.
        sites: BTreeSet<String>,
    },
    /// See [`Role::Reader`].
    Reader {
        /// Operators assigned as a whole.
        operators: BTreeSet<String>,
        /// Sites assigned one by one.
        sites: BTreeSet<String>,
    },
    /// See [`Role::Administrator`].
    Administrator,
}

impl Actor {
    /// Its role.
    #[must_use]
    pub const fn role(&self) -> Role {
        match self {
            Self::Nobody => Role::Nobody,
            Self::Agent { .. } => Role::Agent,
            Self::Relay { .. } => Role::Relay,
            Self::Enrolment { .. } => Role::Enrolment,
            Self::Operator { .. } => Role::Operator,
            Self::Inspector { .. } => Role::Inspector,
            Self::Reader { .. } => Role::Reader,
            Self::Administrator => Role::Administrator,
        }
    }
}
