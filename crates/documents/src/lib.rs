//! Documents for people to print, keep and check: plain data in, PDF/A-3 and PDF/UA out.
//!
//! Entry points: [`Document`] is the data, [`typeset`] sets it, [`typesetter`] names what sets it. The same document gives the
//! same bytes, so that whoever has the data can set it again and compare.
//!
//! Pure: template and fonts are compiled in, the date is part of the data. Must not fetch anything, and must not take text for
//! anything but text. Without the feature `typeset` the data is there and setting it is an error that says so.

mod error;
mod model;
#[cfg(feature = "typeset")]
mod prepared;
#[cfg(feature = "typeset")]
mod runs;
#[cfg(feature = "typeset")]
mod typst_world;

pub use error::Error;
pub use model::{
    Attachment, Block, Cell, Column, Document, MAX_ATTACHED, MAX_ATTACHMENTS, MAX_CELLS, MAX_COLUMNS,
    MAX_TEXT, Relationship, Row, Run, Style, Table, Text,
};

/// Whether this program was built with the typesetter.
pub const AVAILABLE: bool = cfg!(feature = "typeset");

/// Sets a document: a PDF file of PDF/A-3a and PDF/UA-1.
///
/// # Errors
///
/// [`Error`]: the typesetter is not built in, the document is over a bound or names something that cannot be, or the
/// typesetter refuses it.
#[cfg(feature = "typeset")]
pub fn typeset(document: &Document) -> Result<Vec<u8>, Error> {
    typst_world::pdf(document)
}

/// Sets a document: this program was built without the typesetter.
///
/// # Errors
///
/// [`Error::NotBuilt`], always.
#[cfg(not(feature = "typeset"))]
pub const fn typeset(_: &Document) -> Result<Vec<u8>, Error> {
    Err(Error::NotBuilt)
}

/// What sets documents here: name and version, and the SHA-256 of template and fonts. Two of the same name give the same
/// bytes. None where it is not built in.
#[must_use]
pub fn typesetter() -> Option<String> {
    #[cfg(feature = "typeset")]
    return Some(typst_world::name());
    #[cfg(not(feature = "typeset"))]
    None
}
