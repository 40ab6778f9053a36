//! One line of the history: one activity of one workload in one statement. It must not judge what it holds.

use crate::Error;
use facts::{Activity, TokenState};
use serde::{Serialize, Serializer};

/// Most bytes of a text in a row.
pub const MAX_TEXT: usize = 256;
/// Shares and probabilities are given in thousandths.
pub const PERMILLE: u16 = 1000;
/// Latest time that a row may begin, in Unix milliseconds: the last of the year 9999.
pub const MAX_TIME: i64 = 253_402_300_799_999;
/// Most processor time of a row, in milliseconds: a million cores for a day.
pub const MAX_CPU: u64 = 86_400_000_000_000;
/// Most energy of a row, in millijoules: a gigawatt for a quarter of an hour.
pub const MAX_ENERGY: u64 = 1_000_000_000_000_000;

/// One activity of one workload in one statement. A statement without findings has one row: idle, without a workload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Place of the statement among all entries of the registry.
    pub ordinal: u64,
    /// The device.
    #[serde(serialize_with = "hex_text")]
    pub device: [u8; 16],
    /// The statement's number within its device.
    pub sequence: u64,
    /// The operator's identifier.
    pub operator: String,
    /// The site's identifier.
    pub site: String,
    /// When the interval began, in Unix milliseconds, 0 to [`MAX_TIME`].
    pub from_ms: i64,
    /// Its length in milliseconds.
    pub duration_ms: u32,
    /// The workload; none in the row of a statement without findings.
    pub workload: Option<Workload>,
    /// What was done.
    pub activity: Activity,
    /// The part of the workload's processor time, in thousandths.
    pub share: u16,
    /// Probability of the activity, in thousandths.
    pub probability: u16,
    /// The named computation, where known.
    pub algorithm: Option<String>,
    /// Whether the work earns a token.
    pub token: TokenState,
    /// What the rulebook says of it, where it was judged.
    pub disposition: Option<String>,
    /// Processor time in milliseconds, at most [`MAX_CPU`].
    pub cpu_ms: u64,
    /// Energy in millijoules where known, at most [`MAX_ENERGY`].
    pub energy_mj: Option<u64>,
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Workload {
    /// Identifier that stays the same from one interval to the next.
    #[serde(serialize_with = "hex_text")]
    pub id: [u8; 8],
    /// Its name.
    pub name: String,
}

impl Row {
    /// Whether the row keeps the bounds that its fields state.
    ///
    /// # Errors
    ///
    /// [`Error::Row`] naming the first field that does not.
    pub fn check(&self) -> Result<(), Error> {
        let signed = i64::MAX.cast_unsigned();
        self.most("ordinal", self.ordinal, signed)?;
        self.most("sequence", self.sequence, signed)?;
        self.most("from_ms", self.from_ms.cast_unsigned(), MAX_TIME.cast_unsigned())?;
        self.most("duration_ms", self.duration_ms.into(), i32::MAX.cast_unsigned().into())?;
        self.most("share", self.share.into(), PERMILLE.into())?;
        self.most("probability", self.probability.into(), PERMILLE.into())?;
        self.most("cpu_ms", self.cpu_ms, MAX_CPU)?;
        self.most("energy_mj", self.energy_mj.unwrap_or(0), MAX_ENERGY)?;
        self.short("operator", Some(&self.operator))?;
        self.short("site", Some(&self.site))?;
        self.short("workload name", self.workload.as_ref().map(|w| &w.name))?;
        self.short("algorithm", self.algorithm.as_ref())?;
        self.short("disposition", self.disposition.as_ref())
    }

    fn most(&self, what: &'static str, found: u64, most: u64) -> Result<(), Error> {
        let wrong = found > most;
        let error = || Error::Row {
            ordinal: self.ordinal,
            what,
            found: found.to_string(),
            expected: format!("at most {most}"),
        };
        if wrong { Err(error()) } else { Ok(()) }
    }

    fn short(&self, what: &'static str, text: Option<&String>) -> Result<(), Error> {
        let found = text.map_or(0, String::len);
        let error = || Error::Row {
            ordinal: self.ordinal,
            what,
            found: format!("{found} bytes long"),
            expected: format!("at most {MAX_TEXT} bytes"),
        };
        if found > MAX_TEXT { Err(error()) } else { Ok(()) }
    }
}

/// Bytes in lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn hex_text<S: Serializer, const N: usize>(bytes: &[u8; N], s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(&hex(bytes))
}
