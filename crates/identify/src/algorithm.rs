//! Naming the computation behind an activity, where the evidence names one.

use crate::component::Component;
use crate::features::{RANDOMX_DATA_SET, randomx_shape};
use code::Class;
use facts::Activity;
use signatures::{Algorithm, Book};

/// A class of instruction is a mark of the algorithm from this share of decoded instructions on.
const MARK: f64 = 0.01;
/// A named algorithm needs at least this score in the book.
const NAMED: f64 = 0.3;
/// Half of the samples in anonymous code: it was generated at run time.
const GENERATED: f64 = 0.5;

/// The name of the computation, if the evidence gives one.
pub(crate) fn named(part: &Component, activity: Activity) -> Option<String> {
    if matches!(activity, Activity::Idle | Activity::General | Activity::Undetermined) {
        return None;
    }
    if activity == Activity::Mining {
        if randomx(part) {
            return Some("randomx".to_owned());
        }
        let told = part.conversations.iter().filter_map(|c| c.recognised.as_ref());
        if let Some(name) = told.filter(|r| r.protocol.gives_work()).find_map(|r| r.algorithm.clone()) {
            return Some(name);
        }
    }
    from_code(part, activity)
}

/// RandomX programs are generated code that changes the rounding mode (RandomX specification 1.2, section
/// 5.4.1: CFROUND) next to wide multiplication and double-precision arithmetic. Filling the data set runs
/// generated code too (section 7.3: multiplication and exclusive or), beside a data set of known size.
///
/// The shares asked for are low: every program is new code at the same addresses, so that samples of one are
/// read as the bytes of the next.
pub(crate) fn randomx(part: &Component) -> bool {
    let xor = part.class(Class::Xor);
    let named = part.constants.keys().any(|name| name.starts_with("randomx"));
    let hashes = part.hot.double > 0.02 && xor > 0.02;
    // Items of the data set are computed once by who mines, and again for every hash by who only verifies.
    let items = part.class(Class::Multiply) > 0.05 && xor > 0.1;
    let items = items && (full_data_set(part) || (named && randomx_shape(part.totals.largest)));
    let rounding = part.class(Class::RoundingMode) > 0.0;
    part.hot.anonymous > GENERATED && (items || (hashes && (rounding || named)))
}

/// Whether a mapping has the size of the full data set, which only a miner pays for: whoever verifies a chain
/// makes do with the 256 MiB cache (README of RandomX, light and fast mode).
pub(crate) fn full_data_set(part: &Component) -> bool {
    part.totals.largest >= RANDOMX_DATA_SET && randomx_shape(part.totals.largest)
}

fn from_code(part: &Component, activity: Activity) -> Option<String> {
    let ranked = candidates(part);
    let fitting = |a: &&(&Algorithm, f64)| a.0.activities.contains(&activity) && a.1 >= NAMED;
    ranked.iter().find(fitting).map(|(algorithm, _)| {
        match (activity, algorithm.name.as_str()) {
            // Proof of work over SHA-256 is always the double hash (Bitcoin, sections 4 and 7 of its paper).
            (Activity::Mining, "sha256") => "sha256d".to_owned(),
            (_, name) => name.to_owned(),
        }
    })
}

/// The computations that the constants and the instructions of hot code fit, best first, with scores 0 to 1.
pub(crate) fn candidates(part: &Component) -> Vec<(&'static Algorithm, f64)> {
    let book = Book::shipped();
    let primitives: Vec<(&str, f64)> = part
        .constants
        .iter()
        .filter_map(|(name, share)| book.constant(name).map(|c| (c.primitive.as_str(), *share)))
        .collect();
    let mut marks: Vec<String> = Class::ALL
        .into_iter()
        .filter(|class| part.class(*class) >= MARK)
        .map(|class| format!("class:{}", class.name()))
        .collect();
    if part.hot.anonymous > GENERATED {
        marks.push("code:anonymous".to_owned());
    }
    let marks: Vec<&str> = marks.iter().map(String::as_str).collect();
    book.name_algorithm(&primitives, &marks)
}
