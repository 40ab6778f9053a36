//! What something is done to: the registry itself, or what belongs to an operator.

use crate::actor::Role;
use std::fmt;

/// What something is done to. Whose it is, is all that is asked of it; the action says what kind of thing it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    /// The registry itself: its log, metrics, rulebooks.
    Registry,
    /// Something that belongs to an operator.
    Holding {
        /// Whose it is.
        operator: String,
        /// The site it belongs to; none for what is the operator's as a whole, such as its own record.
        site: Option<String>,
        /// The device it belongs to, if it belongs to one.
        device: Option<String>,
        /// For a token: the role that it gives.
        grants: Option<Role>,
    },
}

impl Object {
    /// What is an operator's as a whole.
    pub fn of_operator(operator: impl Into<String>) -> Self {
        Self::Holding { operator: operator.into(), site: None, device: None, grants: None }
    }

    /// What belongs to a site.
    pub fn of_site(operator: impl Into<String>, site: impl Into<String>) -> Self {
        Self::Holding { operator: operator.into(), site: Some(site.into()), device: None, grants: None }
    }

    /// What belongs to a device.
    pub fn of_device(
        operator: impl Into<String>,
        site: impl Into<String>,
        device: impl Into<String>,
    ) -> Self {
        Self::Holding {
            operator: operator.into(),
            site: Some(site.into()),
            device: Some(device.into()),
            grants: None,
        }
    }

    /// A token that gives `role` over things of an operator.
    pub fn token(operator: impl Into<String>, role: Role) -> Self {
        Self::Holding { operator: operator.into(), site: None, device: None, grants: Some(role) }
    }
}

impl fmt::Display for Object {
    /// As it stands in the audit log: `registry`, `operator`, `operator/site`, `operator/site/device`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry => f.write_str("registry"),
            Self::Holding { operator, site, device, grants } => {
                f.write_str(operator)?;
                for part in [site, device].into_iter().flatten() {
                    write!(f, "/{part}")?;
                }
                grants.map_or(Ok(()), |role| write!(f, " (token of role {role})"))
            }
        }
    }
}
