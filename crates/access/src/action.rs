//! What can be done. A new action is refused to everybody until a policy permits it.

use std::fmt;

/// What an action is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The registry itself.
    Registry,
    /// Something that belongs to an operator.
    Holding,
}

macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $scope:ident;)+) => {
        /// What somebody wants to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action { $($(#[doc = $doc])+ $variant,)+ }

        impl Action {
            /// Every action, those on the registry first.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name in policies and the audit log.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it is done to.
            #[must_use]
            pub const fn scope(self) -> Scope {
                match self { $(Self::$variant => Scope::$scope,)+ }
            }

            /// What it is, in a line.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_start(),)+ }
            }
        }
    };
}

actions! {
    /// Read the log: checkpoint, tiles, manifests.
    ReadLog = "read-log", Registry;
    /// Read the rulebooks that are adopted, and the trust policy.
    ReadRulebook = "read-rulebook", Registry;
    /// Read the description of this API.
    ReadOpenapi = "read-openapi", Registry;
    /// Ask whether the registry is up.
    ReadHealth = "read-health", Registry;
    /// Read metrics.
    ReadMetrics = "read-metrics", Registry;
    /// Read the status of the registry: what waits, what is wrong.
    ReadStatus = "read-status", Registry;
    /// Read the audit log.
    ReadAudit = "read-audit", Registry;
    /// Adopt a rulebook for new statements.
    AdoptRulebook = "adopt-rulebook", Registry;
    /// Seal what waits now.
    Seal = "seal", Registry;
    /// Take a copy of the store.
    Backup = "backup", Registry;
    /// Read a receipt: roots and hashes only.
    ReadReceipt = "read-receipt", Holding;
    /// Read the record of an operator, site or device, without persons.
    ReadRecord = "read-record", Holding;
    /// Read the persons in a record: names, addresses, numbers.
    ReadPersonal = "read-personal", Holding;
    /// Read what was found: activities, energy, dispositions, without the names of workloads.
    ReadHistory = "read-history", Holding;
    /// Read signed statements, with names of workloads and compact evidence.
    ReadStatement = "read-statement", Holding;
    /// Ask for and read evidence that stayed on the device.
    ReadEvidence = "read-evidence", Holding;
    /// Hand in signed statements.
    SubmitStatement = "submit-statement", Holding;
    /// Hand in evidence that was asked for.
    SubmitEvidence = "submit-evidence", Holding;
    /// Enrol a device.
    EnrolDevice = "enrol-device", Holding;
    /// Replace the key of a device by its next.
    RotateKey = "rotate-key", Holding;
    /// Revoke the key of a device.
    RevokeKey = "revoke-key", Holding;
    /// Write a version of an operator's record.
    WriteOperator = "write-operator", Holding;
    /// Write a version of a site's record.
    WriteSite = "write-site", Holding;
    /// Register devices and declared workloads of a site.
    WriteDevice = "write-device", Holding;
    /// Give the second person's word for a registration.
    ApproveRegistration = "approve-registration", Holding;
    /// Hand in a filing, checked and signed by a person.
    File = "file", Holding;
    /// Read filings with all their fields.
    ReadFiling = "read-filing", Holding;
    /// Contest a finding, and take that back.
    Contest = "contest", Holding;
    /// Answer a contested finding.
    AnswerContest = "answer-contest", Holding;
    /// Read which tokens there are: never their secrets.
    ReadToken = "read-token", Holding;
    /// Issue a token.
    IssueToken = "issue-token", Holding;
    /// Revoke a token.
    RevokeToken = "revoke-token", Holding;
    /// Erase statements.
    Erase = "erase", Holding;
}

impl Action {
    /// The action of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.name() == name)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
