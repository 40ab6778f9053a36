//! The ten differences that are planted, and what counts as finding one.
//!
//! Which recordings they fall on is drawn; nothing is chosen by whether it is identified.

use discrepancy::{Difference, EARNS, Kind};
use facts::Activity;

/// What is wrong with a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Plant {
    HiddenMiner,
    WrongAlgorithm,
    SilentDevice,
    ForeignComponent,
    MixedLoad,
    OverPower,
    UndeclaredToken,
    NeverSeen,
    OutOfHours,
    LostCoverage,
}

impl Plant {
    pub const ALL: [Self; 10] = [
        Self::HiddenMiner,
        Self::WrongAlgorithm,
        Self::SilentDevice,
        Self::ForeignComponent,
        Self::MixedLoad,
        Self::OverPower,
        Self::UndeclaredToken,
        Self::NeverSeen,
        Self::OutOfHours,
        Self::LostCoverage,
    ];

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::HiddenMiner => "miner beside declared work",
            Self::WrongAlgorithm => "mining by another algorithm",
            Self::SilentDevice => "silent after an hour",
            Self::ForeignComponent => "miner inside a job",
            Self::MixedLoad => "second kind of work",
            Self::OverPower => "30 % above nominal power",
            Self::UndeclaredToken => "token not declared",
            Self::NeverSeen => "training declared, idle",
            Self::OutOfHours => "by day, declared for nights",
            Self::LostCoverage => "sampling of code refused",
        }
    }

    /// Whether a difference about the device is this one; `guest` is what runs beside the declared.
    pub fn is(self, difference: &Difference, guest: Option<Activity>) -> bool {
        let kinds: &[Kind] = match self {
            // A miner that is known by the conversation alone is found too.
            Self::HiddenMiner if difference.kind == Kind::UndeclaredToken => return true,
            Self::HiddenMiner => &[Kind::UndeclaredActivity],
            Self::ForeignComponent
                if difference.kind == Kind::ForeignComponent && difference.seen == EARNS =>
            {
                return true;
            }
            Self::WrongAlgorithm => &[Kind::WrongAlgorithm],
            Self::SilentDevice => &[Kind::SilentDevice],
            Self::ForeignComponent => &[Kind::ForeignComponent],
            // Where the declared work itself is not recognised, the second kind is reported as undeclared work.
            Self::MixedLoad => &[Kind::MixedLoad, Kind::UndeclaredActivity],
            Self::OverPower => &[Kind::OverPower],
            Self::UndeclaredToken => &[Kind::UndeclaredToken],
            Self::NeverSeen => &[Kind::DeclaredNotSeen],
            Self::OutOfHours => &[Kind::OutOfHours],
            Self::LostCoverage => &[Kind::LostCoverage],
        };
        kinds.contains(&difference.kind) && guest.is_none_or(|g| difference.activity == Some(g))
    }
}
