//! The rulebooks by which statements are judged, and the disposition of each finding.
//!
//! A judgement is a function of what is kept: the finding, the version of the site, the day at the place, and the rulebook
//! whose digest the frame names. So it can be made again later, by anybody.

use facts::{Activity, Reading, TokenState};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rulebook::readings::{token_fact, weigh_by};
use rulebook::{Case, CaseError, Disposition, Judge, Rulebook, Value};
use statement::{Digest, Finding, Name, Site};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// Number of a finding for whose place there is no rulebook.
pub const UNJUDGED: u8 = 255;
/// Most answers that are remembered; then all are forgotten.
const MAX_REMEMBERED: usize = 65_536;

/// The number of a disposition. Numbers are never used again for another.
#[must_use]
pub const fn disposition_code(disposition: Disposition) -> u8 {
    match disposition {
        Disposition::DataIndustry => 0,
        Disposition::RegisterAndReport => 1,
        Disposition::Surcharge => 2,
        Disposition::Financial => 3,
        Disposition::Prohibited => 4,
        Disposition::ManualReview => 5,
    }
}

/// The disposition of a number; none for [`UNJUDGED`] and numbers that nobody has.
#[must_use]
pub fn disposition(code: u8) -> Option<Disposition> {
    Disposition::ALL.into_iter().find(|d| disposition_code(*d) == code)
}

/// The digest under which frames and manifests name a rulebook: SHA-256 of its own digest as text, which covers the files that
/// judge and the vocabulary.
#[must_use]
pub fn rulebook_digest(rulebook: &Rulebook) -> Digest {
    Digest::of(rulebook.digest.as_bytes())
}

/// The rulebooks that are in force here.
#[derive(Default)]
pub struct Rules {
    books: Vec<Book>,
}

struct Book {
    rulebook: Rulebook,
    digest: Digest,
    zone: TimeZone,
    remembered: Mutex<HashMap<Asked, u8>>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Asked {
    site: Arc<Declared>,
    date: Date,
    token: TokenState,
    activity: Activity,
}

/// What a site's rulebook needs to know of it.
#[derive(Clone, Debug)]
pub struct Ground {
    book: usize,
    case: Case,
    declared: Arc<Declared>,
}

/// What tells the grounds of a site apart: its versions, and the kind of its operator, which has versions of its own.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Declared {
    site: Name,
    version: u32,
    operator: Option<String>,
}

/// Why a site cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroundError {
    /// No rulebook knows the place.
    #[error("no rulebook for the place '{place}'; known are {known}")]
    Place {
        /// What was found.
        place: String,
        /// Those that there are.
        known: String,
    },
    /// A declared fact that is none.
    #[error(transparent)]
    Fact(#[from] CaseError),
    /// A time zone that is none.
    #[error("rulebook {rulebook}: '{zone}' is not a time zone")]
    Zone {
        /// Which rulebook.
        rulebook: String,
        /// What was found.
        zone: String,
    },
}

impl Ground {
    /// The case of one activity on a day.
    fn asking(&self, date: Date, token: TokenState, activity: Activity) -> Case {
        let mut case = Case { date, activity: activity.name().to_owned(), ..self.case.clone() };
        if let Some(value) = token_fact(token) {
            case.facts.insert("work.token_link".to_owned(), value);
        }
        case
    }
}

impl Rules {
    /// The rulebooks, each with its own digest.
    ///
    /// # Errors
    ///
    /// [`GroundError::Zone`].
    pub fn new(rulebooks: Vec<Rulebook>) -> Result<Self, GroundError> {
        let book = |rulebook: Rulebook| {
            let zone = TimeZone::get(&rulebook.time_zone).map_err(|_| GroundError::Zone {
                rulebook: rulebook.jurisdiction.clone(),
                zone: rulebook.time_zone.clone(),
            })?;
            let digest = rulebook_digest(&rulebook);
            Ok(Book { rulebook, digest, zone, remembered: Mutex::default() })
        };
        Ok(Self { books: rulebooks.into_iter().map(book).collect::<Result<_, GroundError>>()? })
    }

    /// The rulebooks, with their digests.
    pub fn books(&self) -> impl Iterator<Item = (&Rulebook, Digest)> {
        self.books.iter().map(|b| (&b.rulebook, b.digest))
    }

    /// What the rulebook of its place needs to know of a site.
    ///
    /// # Errors
    ///
    /// [`GroundError`].
    pub fn ground(&self, site: &Site, operator: Option<&str>) -> Result<Ground, GroundError> {
        let book =
            self.books.iter().position(|b| b.rulebook.place(&site.place).is_some()).ok_or_else(|| {
                let codes = self.books.iter().flat_map(|b| b.rulebook.places.iter().map(|p| p.code.as_str()));
                GroundError::Place { place: site.place.clone(), known: codes.collect::<Vec<_>>().join(" ") }
            })?;
        let vocabulary = self.books.get(book).map(|b| b.rulebook.vocabulary());
        let mut case = Case::new(&site.place, Date::default(), Activity::General.name());
        case.operator = operator.map(str::to_owned);
        if let Some(vocabulary) = vocabulary {
            if let Some(operator) = operator {
                vocabulary.operator(operator)?;
            }
            case.facts = declared(&site.facts, vocabulary)?;
        }
        let operator = operator.map(str::to_owned);
        Ok(Ground {
            book,
            case,
            declared: Arc::new(Declared { site: site.id.clone(), version: site.version, operator }),
        })
    }

    /// What the rulebook says of one activity at a site at a moment, with its reasons; none without a rulebook for the place.
    #[must_use]
    pub fn explain(
        &self,
        ground: &Ground,
        at_ms: u64,
        activity: Activity,
        token: TokenState,
    ) -> Option<rulebook::Judgement> {
        let book = self.books.get(ground.book)?;
        let case = ground.asking(book.date(at_ms), token, activity);
        Judge::new(&book.rulebook).explain(&case).ok()
    }

    /// Whether a registration of that kind counts only once a second person has approved it.
    #[must_use]
    pub fn asks_second_person(&self, place: &str, kind: statement::Kind) -> bool {
        let book = self.books.iter().find(|b| b.rulebook.place(place).is_some());
        book.is_some_and(|b| b.rulebook.second_person.iter().any(|word| word == kind.word()))
    }

    /// The digest of the rulebook of a ground.
    #[must_use]
    pub fn digest(&self, ground: &Ground) -> Option<Digest> {
        self.books.get(ground.book).map(|b| b.digest)
    }

    /// The likeliest disposition of each finding of an interval that begins at `from_ms`.
    #[must_use]
    pub fn judge(&self, ground: &Ground, from_ms: u64, findings: &[Finding]) -> Vec<u8> {
        let Some(book) = self.books.get(ground.book) else { return vec![UNJUDGED; findings.len()] };
        let date = book.date(from_ms);
        findings.iter().map(|finding| book.finding(ground, date, finding)).collect()
    }
}

impl Book {
    fn date(&self, from_ms: u64) -> Date {
        let moment = i64::try_from(from_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        self.zone.to_datetime(moment.unwrap_or_default()).date()
    }

    fn finding(&self, ground: &Ground, date: Date, finding: &Finding) -> u8 {
        let reading = |r: &statement::Reading| Reading {
            activity: r.activity,
            probability: f64::from(r.permille) / 1_000.0,
        };
        let readings: Vec<Reading> = finding.readings.iter().map(reading).collect();
        let weighed = weigh_by(&readings, |activity| {
            Ok::<_, CaseError>(
                disposition(self.decide(ground, date, finding.token, activity))
                    .unwrap_or(Disposition::ManualReview),
            )
        });
        // Idle work has no disposition; it is counted as on no list.
        weighed.ok().and_then(|w| w.first().map(|w| disposition_code(w.disposition))).unwrap_or(UNJUDGED)
    }

    fn decide(&self, ground: &Ground, date: Date, token: TokenState, activity: Activity) -> u8 {
        let asked = Asked { site: Arc::clone(&ground.declared), date, token, activity };
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(code) = remembered.get(&asked) {
            return *code;
        }
        let case = ground.asking(date, token, activity);
        let decided = Judge::new(&self.rulebook).decide(&case);
        let code =
            decided.map_or(disposition_code(Disposition::ManualReview), |d| disposition_code(d.disposition));
        if remembered.len() >= MAX_REMEMBERED {
            remembered.clear();
        }
        remembered.insert(asked, code);
        code
    }
}

/// Declared facts as text, read by the vocabulary.
fn declared(
    facts: &[(String, String)],
    vocabulary: &rulebook::Vocabulary,
) -> Result<BTreeMap<String, Value>, CaseError> {
    let read = |(name, text): &(String, String)| {
        let value = match text.as_str() {
            "yes" | "true" => Value::YesNo(true),
            "no" | "false" => Value::YesNo(false),
            other => other.parse().map_or_else(|_| Value::Choice(other.to_owned()), Value::Quantity),
        };
        Ok((name.clone(), vocabulary.value(name, value)?))
    };
    facts.iter().map(read).collect()
}
