//! What people register of operators, sites, devices and workloads: what is true on which day, what a rulebook still asks
//! for and why, and what a file would change before it is applied.
//!
//! Pure: texts and times are arguments. Must not write to a registry and must not fill in what nobody said.

mod decoded;
mod difference;
mod document;
mod field;
mod fleet;
pub mod import;
mod missing;
mod mistake;
mod reading;
mod register;
mod subject;
mod wish;

pub use difference::{Change, Clash, Difference, Line, Turn, difference};
pub use document::{MAX_DOCUMENT, document};
pub use field::{Dictionary, LIST, items};
pub use fleet::{MAX_ROW, MAX_ROWS, fleet, fleet_text};
pub use missing::{Asking, Gap, Missing, Open, Why, missing};
pub use mistake::{Fault, MAX_MISTAKES, Mistake, Mistakes};
pub use reading::{AHEAD_YEARS, FIRST_DAY, Reading, UNTIL_YEARS, unknown_owners};
pub use register::{Entry, Register, Stretch};
pub use subject::{Home, home};
pub use wish::{OperatorWish, Said, SiteWish, Wish, Wishes};

/// Most characters of foreign text in a message.
const SHOWN: usize = 60;

/// Foreign text as it may stand in a message: short, and without control characters.
fn shorten(text: &str) -> String {
    let clean = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let mut short: String = clean.clone().take(SHOWN).collect();
    if clean.count() > SHOWN {
        short.push('…');
    }
    short
}
