//! Filings: which fall due, forms filled from what was registered and observed with the source of every field, and the
//! same filing as HTML, PDF, JSON, CSV and in the regime's own shape.
//!
//! Entry points: [`due()`] lists what falls due, [`fill()`] fills one form, [`Filing::to_json`] and [`Filing::from_json`] write and
//! read it, [`html`], [`pdf`], [`tables`] and [`own_shape`] show it, [`same()`] compares two of them.
//!
//! Pure: registrations, rows of history and the day are arguments. Must not guess: what is not known is a gap that says why it
//! is asked and what to do.

mod amount;
mod attribution;
mod document;
mod due;
mod error;
mod fill;
mod form;
mod ground;
mod inputs;
mod json;
mod label;
mod lists;
mod observed;
mod own;
mod page;
mod period;
mod same;
mod sheet;
mod words;

pub use amount::Decimal;
pub use document::{Checked, document, pdf};
pub use due::{Certainty, Due, DueInputs, DueItem, DueState, Duty, Undated, due};
pub use error::{FillError, ReadError};
pub use fill::fill;
pub use form::{Cell, Column, Filing, FilledField, Form, Gap, Law, Registered, SCHEMA, Source, Table};
pub use ground::{EVENTS, FIELDS_AS_FACTS, per_site};
pub use inputs::{Inputs, Known, Reading, Typed};
pub use json::{MAX_CELLS, MAX_FILING};
pub use observed::{Row, SUFFICIENT_COVERAGE, Span};
pub use own::own_shape;
pub use page::html;
pub use period::Period;
pub use same::{Difference, same};
pub use sheet::{sheet, source, tables};
