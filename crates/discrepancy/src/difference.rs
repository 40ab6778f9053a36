//! A difference between what was declared and what was seen, with all that somebody needs to judge it.
//!
//! Plain data with its names. Must not decide whether something is a difference.

use facts::{Activity, EvidenceKind, Sensor, Strength, Weight};
use statement::{DeviceId, Name, Outcome, WorkloadId};

/// What is seen of a component that is known by its conversation alone.
pub const EARNS: &str = "work that earns a token";
/// Ordinals that one difference cites at most: the first and the last ones.
pub const MAX_ORDINALS: usize = 32;

/// What kind of difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Work that the rulebook of the site prohibits, declared or not.
    ProhibitedWork,
    /// Work that nobody declared.
    UndeclaredActivity,
    /// Other work inside of a job that does what was declared.
    ForeignComponent,
    /// Two kinds of work where one was declared.
    MixedLoad,
    /// The declared kind of work by another algorithm.
    WrongAlgorithm,
    /// Work earns a token and none was declared.
    UndeclaredToken,
    /// Declared work that never showed.
    DeclaredNotSeen,
    /// Work outside of its declared hours.
    OutOfHours,
    /// More power than was declared.
    OverPower,
    /// A device that says nothing.
    SilentDevice,
    /// A site of which most devices say nothing at the same time.
    SilentSite,
    /// A sensor that was there and is no longer.
    LostCoverage,
    /// An enrolled device that nobody registered.
    UnregisteredDevice,
    /// A device that speaks from another site than it is registered at.
    AnotherSite,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::ProhibitedWork,
        Self::UndeclaredActivity,
        Self::ForeignComponent,
        Self::MixedLoad,
        Self::WrongAlgorithm,
        Self::UndeclaredToken,
        Self::DeclaredNotSeen,
        Self::OutOfHours,
        Self::OverPower,
        Self::SilentDevice,
        Self::SilentSite,
        Self::LostCoverage,
        Self::UnregisteredDevice,
        Self::AnotherSite,
    ];

    /// The kind as a word, as it stands in records and settings.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ProhibitedWork => "prohibited-work",
            Self::UndeclaredActivity => "undeclared-activity",
            Self::ForeignComponent => "foreign-component",
            Self::MixedLoad => "mixed-load",
            Self::WrongAlgorithm => "wrong-algorithm",
            Self::UndeclaredToken => "undeclared-token",
            Self::DeclaredNotSeen => "declared-not-seen",
            Self::OutOfHours => "out-of-hours",
            Self::OverPower => "over-power",
            Self::SilentDevice => "silent-device",
            Self::SilentSite => "silent-site",
            Self::LostCoverage => "lost-coverage",
            Self::UnregisteredDevice => "unregistered-device",
            Self::AnotherSite => "another-site",
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// What it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The site.
    pub site: Name,
    /// The device, where it is about one.
    pub device: Option<DeviceId>,
    /// The name under which the device is registered.
    pub name: Option<Name>,
    /// The workload with its own name, which can lie.
    pub workload: Option<(WorkloadId, String)>,
}

/// How large it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Magnitude {
    /// Part of the device's processor time, 0 to 1; of the limit's excess for power; of the period for silence.
    pub share: f64,
    /// Hours in which it was so.
    pub hours: f64,
    /// Energy that went into it, kWh, where known.
    pub kwh: Option<f64>,
}

impl Magnitude {
    /// By what differences are ordered: hours times share.
    #[must_use]
    pub fn size(&self) -> f64 {
        self.share * self.hours
    }
}

/// One kind of evidence over the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// What kind.
    pub kind: EvidenceKind,
    /// Its mean weight in the statements that had it, thousandths of a ban.
    pub millibans: i32,
    /// In how many statements.
    pub statements: u64,
}

/// What it rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cited {
    /// How many statements show it.
    pub statements: u64,
    /// Their ordinals in the log, the first and last [`MAX_ORDINALS`] together.
    pub ordinals: Vec<u64>,
    /// The kinds of evidence, weightiest first.
    pub items: Vec<Item>,
    /// The process tree, where a device handed it out.
    pub tree: Option<String>,
}

/// What could be seen of the device over the period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coverage {
    /// Sensors that saw all or a part for most of the time stated.
    pub sensors: usize,
    /// Sensors that statements speak of.
    pub of: usize,
    /// Part of the period that statements cover, 0 to 1.
    pub time: f64,
    /// Sensors that mostly saw nothing, with the reason given.
    pub blind: Vec<(Sensor, String)>,
    /// Statements missing by their numbers, or given up by the device.
    pub missing: u64,
}

/// A matter about statements that this difference rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contest {
    /// Its name.
    pub id: Name,
    /// The device.
    pub device: DeviceId,
    /// The workload; all of the device's where left out.
    pub workload: Option<WorkloadId>,
    /// The first statement by its number.
    pub first: u64,
    /// The last statement by its number.
    pub last: u64,
    /// How it was answered; none while it is open.
    pub outcome: Option<Outcome>,
}

/// The same in two languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// What kind.
    pub kind: Kind,
    /// What it is about.
    pub subject: Subject,
    /// Begin of what shows it, milliseconds since 1970.
    pub from_ms: u64,
    /// End of what shows it.
    pub to_ms: u64,
    /// The activity seen, where one was.
    pub activity: Option<Activity>,
    /// What was declared, in words of the dictionary.
    pub declared: String,
    /// What was seen, in words of the dictionary.
    pub seen: String,
    /// How large it is.
    pub magnitude: Magnitude,
    /// Weight of the evidence for it; none where it is plain from the record, as with silence.
    pub weight: Option<Weight>,
    /// What it rests on.
    pub cited: Cited,
    /// The first and the last number, in the device's chain, of the statements that show it.
    pub sequences: Option<(u64, u64)>,
    /// What could be seen.
    pub coverage: Coverage,
    /// Whether the rulebook prohibits what was seen.
    pub prohibited: bool,
    /// Matters about it.
    pub contests: Vec<Contest>,
    /// A sentence that an inspector can repeat.
    pub sentence: Texts,
    /// What would settle it.
    pub settles: Texts,
}

impl Difference {
    /// One of which only what it is about is known.
    pub(crate) fn new(kind: Kind, subject: Subject, from_ms: u64, to_ms: u64) -> Self {
        Self {
            kind,
            subject,
            from_ms,
            to_ms,
            activity: None,
            declared: String::new(),
            seen: String::new(),
            magnitude: Magnitude::default(),
            weight: None,
            cited: Cited::default(),
            sequences: None,
            coverage: Coverage::default(),
            prohibited: false,
            contests: Vec::new(),
            sentence: Texts::default(),
            settles: Texts::default(),
        }
    }

    /// Its weight in words of the forensic verbal scale, where it has one.
    #[must_use]
    pub fn strength(&self) -> Option<Strength> {
        self.weight.map(Weight::strength)
    }

    /// Whether an outcome took the findings away from under it.
    #[must_use]
    pub fn overturned(&self) -> bool {
        self.contests.iter().any(|c| c.outcome == Some(Outcome::Overturned))
    }

    /// What stays the same from one comparison to the next while it is the same difference.
    #[must_use]
    pub fn key(&self) -> String {
        let s = &self.subject;
        let device = s.device.map_or_else(|| "-".to_owned(), |d| d.to_string());
        let workload = s.workload.as_ref().map_or_else(|| "-".to_owned(), |(id, _)| id.to_string());
        let activity = self.activity.map_or("-", Activity::name);
        format!("{}/{}/{device}/{workload}/{activity}", self.kind.word(), s.site)
    }
}
