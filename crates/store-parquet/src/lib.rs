//! History of findings as Parquet facts: writing, querying, charts.
//!
//! A projection of the spine: what it holds can be folded again from the registry's frames, so it buffers freely and loses
//! nothing by a crash. [`Facts::next_ordinal`] says where the fold goes on. The Parquet files are the truth of this room and
//! can be read by any other program; `catalogue.sqlite` beside them holds sums by the hour and can be rebuilt from them.
//!
//! It must not decide anything: what a finding means and who may see it is decided above.

pub mod chart;

mod ask;
mod block;
mod bytewise;
mod catalogue;
mod change;
mod check;
mod codes;
mod error;
mod export;
mod fold;
mod folder;
mod history;
mod hours;
mod list;
mod merge;
mod part;
mod query;
mod row;
mod scan;
mod spell;
mod table;
mod write;

pub use check::Flaw;
pub use error::Error;
pub use export::{Line, write_csv, write_json, write_json_lines, write_parquet};
pub use fold::Sums;
pub use history::{Facts, Limits};
pub use list::{Cursor, MAX_PAGE, Page};
pub use query::{Answer, Bucket, Group, Key, Query};
pub use row::{MAX_CPU, MAX_ENERGY, MAX_TIME, PERMILLE, Row, Workload};
pub use spell::{MAX_SPELLS, Said, Spell, Spells};
