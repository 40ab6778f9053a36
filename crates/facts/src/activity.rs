//! What the arithmetic of a workload does.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What the arithmetic does, in the words of the fields concerned.
///
/// Whether the work earns a token is a separate question: see [`crate::TokenLink`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activity {
    /// Searching a nonce for a proof of work.
    Mining,
    /// Following, checking or voting on a chain without mining it.
    Validation,
    /// Plotting, sealing or proving stored space.
    StorageProving,
    /// Fitting the weights of a model.
    Training,
    /// Running a fitted model.
    Inference,
    /// Password recovery: hashing candidates against a given digest.
    HashSearch,
    /// Producing zero-knowledge proofs.
    ZkProving,
    /// Simulation, numerical linear algebra, signal processing.
    Scientific,
    /// Encoding, decoding, rendering pictures, sound and film.
    Media,
    /// Compressing, decompressing, deduplicating, backing up.
    Compression,
    /// TLS, disk encryption, signatures, checksums over real data.
    Cryptography,
    /// Compiling, linking, packaging software.
    Build,
    /// Databases and analytics.
    Data,
    /// Serving requests at the edge: web servers, proxies, caches.
    Edge,
    /// Interpreters and everyday programs with no more specific name.
    General,
    /// Nothing worth a name is running.
    Idle,
    /// The evidence does not decide.
    Undetermined,
}

impl Activity {
    /// Every activity, in the order of the design's word list.
    pub const ALL: [Activity; 17] = [
        Self::Mining,
        Self::Validation,
        Self::StorageProving,
        Self::Training,
        Self::Inference,
        Self::HashSearch,
        Self::ZkProving,
        Self::Scientific,
        Self::Media,
        Self::Compression,
        Self::Cryptography,
        Self::Build,
        Self::Data,
        Self::Edge,
        Self::General,
        Self::Idle,
        Self::Undetermined,
    ];

    /// The name as it stands in records and on screens.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mining => "mining",
            Self::Validation => "validation",
            Self::StorageProving => "storage-proving",
            Self::Training => "training",
            Self::Inference => "inference",
            Self::HashSearch => "hash-search",
            Self::ZkProving => "zk-proving",
            Self::Scientific => "scientific",
            Self::Media => "media",
            Self::Compression => "compression",
            Self::Cryptography => "cryptography",
            Self::Build => "build",
            Self::Data => "data",
            Self::Edge => "edge",
            Self::General => "general",
            Self::Idle => "idle",
            Self::Undetermined => "undetermined",
        }
    }
}

impl fmt::Display for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is not an activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownActivity(pub String);

impl fmt::Display for UnknownActivity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is not an activity; expected one of", self.0)?;
        Activity::ALL.iter().try_for_each(|a| write!(f, " {a}"))
    }
}

impl std::error::Error for UnknownActivity {}

impl FromStr for Activity {
    type Err = UnknownActivity;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|a| a.name() == s).ok_or_else(|| UnknownActivity(s.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_matches_its_record_form() {
        for activity in Activity::ALL {
            assert_eq!(activity.name().parse(), Ok(activity));
        }
        assert_eq!("minning".parse::<Activity>(), Err(UnknownActivity("minning".into())));
    }
}
