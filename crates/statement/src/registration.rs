//! What people register of operators, sites, devices and workloads: fields by the dictionary that all forms share.
//!
//! A registration says what is true from a day on. A new one does not overwrite the one before: what is asked of a day in
//! the past is answered with what was registered for that day, and with what was known when.
//!
//! This room must not know which fields a rulebook asks for: it keeps what was said.

use crate::bytes::{DeviceId, Digest};
use crate::name::Name;
use jiff::civil::Date;
use minicbor::{Decode, Encode};

/// Most registrations in one record, so that a record stays far below the largest entry.
pub const MAX_REGISTRATIONS: usize = 512;
/// Most fields of one registration.
pub const MAX_FIELDS: usize = 128;
/// Most bytes of one value.
pub const MAX_VALUE: usize = 4096;

/// What a registration is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Kind {
    /// An operator: kind, identifiers, licences.
    #[n(0)]
    Operator,
    /// A site: place, meter account, installed power, tariff, hosting.
    #[n(1)]
    Site,
    /// A device: maker, model, serial number, special equipment.
    #[n(2)]
    Device,
    /// A declared workload: activity, algorithm, token, payer, schedule.
    #[n(3)]
    Workload,
}

impl Kind {
    /// Every kind, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Operator, Self::Site, Self::Device, Self::Workload];

    /// The kind as a word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Site => "site",
            Self::Device => "device",
            Self::Workload => "workload",
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// One version of what is registered of one subject.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Registration {
    /// What it is about.
    #[n(0)]
    pub kind: Kind,
    /// Its name; devices and workloads have names of their own within the whole registry.
    #[n(1)]
    pub id: Name,
    /// Version, from 1; the registry gives it.
    #[n(2)]
    pub version: u32,
    /// Who it belongs to: the operator of a site, the site of a device or workload; none for an operator.
    #[n(3)]
    pub within: Option<Name>,
    /// The first day on which it is true, by the calendar of the place.
    #[cbor(n(4), with = "day")]
    pub from: Date,
    /// The last day, where one is known: a licence that ends, a device that is taken down.
    #[cbor(n(5), with = "last", has_nil)]
    pub until: Option<Date>,
    /// The enrolled device that is meant, for devices that are enrolled.
    #[n(6)]
    pub device: Option<DeviceId>,
    /// Fields by name, in order of their names, each once.
    #[n(7)]
    pub fields: Vec<(String, String)>,
    /// Whether it counts only once a second person has approved it, because the rulebook asks for one.
    #[n(8)]
    pub awaits_approval: bool,
}

impl Registration {
    /// The value of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let position = self.fields.binary_search_by(|(known, _)| known.as_str().cmp(name)).ok()?;
        self.fields.get(position).map(|(_, value)| value.as_str())
    }

    /// Whether it is true on a day.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|last| day <= last)
    }
}

/// A second person's word for a version.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Approval {
    /// What it is about.
    #[n(0)]
    pub kind: Kind,
    /// Its name.
    #[n(1)]
    pub id: Name,
    /// Which version.
    #[n(2)]
    pub version: u32,
    /// Whether it was approved; a refusal leaves the version before it in force.
    #[n(3)]
    pub approved: bool,
    /// What the person says to it.
    #[n(4)]
    pub note: String,
}

/// One filing as it was checked and signed by a person: the document, and whom it is for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Filed {
    /// The obligation, for instance `ru.miner-report`.
    #[n(0)]
    pub obligation: String,
    /// Whose filing it is.
    #[n(1)]
    pub operator: Name,
    /// For which site, where it is for one.
    #[n(2)]
    pub site: Option<Name>,
    /// First day that it covers.
    #[cbor(n(3), with = "day")]
    pub from: Date,
    /// Last day that it covers.
    #[cbor(n(4), with = "day")]
    pub to: Date,
    /// Version, from 1; the registry gives it. A higher one amends the one before, which stays.
    #[n(5)]
    pub version: u32,
    /// Digest of the rulebook that it follows.
    #[n(6)]
    pub rulebook: Digest,
    /// Who checked it, as the person signs.
    #[n(7)]
    pub checked_by: String,
    /// Why it amends the version before; empty in version 1.
    #[n(8)]
    pub why: String,
    /// The filing as JSON, in its one form.
    #[n(9)]
    pub document: String,
    /// The person's own signature of the document, where there is one: see [`crate::person`].
    #[n(10)]
    pub signature: Option<String>,
}

impl Filed {
    /// Whether another filing answers the same obligation of the same party for the same period.
    #[must_use]
    pub fn is_of_the_same(&self, other: &Self) -> bool {
        (&self.obligation, &self.operator, &self.site, self.from, self.to)
            == (&other.obligation, &other.operator, &other.site, other.from, other.to)
    }
}

mod day {
    //! A day as text, `YYYY-MM-DD`.

    use jiff::civil::Date;
    use minicbor::decode::Error;
    use minicbor::encode::{Error as Unwritten, Write};
    use minicbor::{Decoder, Encoder};

    pub fn encode<C, W: Write>(day: &Date, e: &mut Encoder<W>, _: &mut C) -> Result<(), Unwritten<W::Error>> {
        e.str(&day.to_string())?.ok()
    }

    pub fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<Date, Error> {
        let text = d.str()?;
        let day: Date = text.parse().map_err(|_| Error::message("not a day, expected YYYY-MM-DD"))?;
        if day.to_string() == text { Ok(day) } else { Err(Error::message("a day in another form")) }
    }
}

mod last {
    //! A day that may be left out.

    use super::day;
    use jiff::civil::Date;
    use minicbor::data::Type;
    use minicbor::decode::Error;
    use minicbor::encode::{Error as Unwritten, Write};
    use minicbor::{Decoder, Encoder};

    pub fn encode<C, W: Write>(
        day: &Option<Date>,
        e: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), Unwritten<W::Error>> {
        match day {
            Some(day) => day::encode(day, e, context),
            None => e.null()?.ok(),
        }
    }

    pub fn decode<C>(d: &mut Decoder<'_>, context: &mut C) -> Result<Option<Date>, Error> {
        if d.datatype()? == Type::Null {
            d.null()?;
            return Ok(None);
        }
        day::decode(d, context).map(Some)
    }

    pub fn is_nil(day: &Option<Date>) -> bool {
        day.is_none()
    }

    pub fn nil() -> Option<Option<Date>> {
        Some(None)
    }
}
