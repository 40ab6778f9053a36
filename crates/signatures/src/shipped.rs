//! The book that ships with overt, as the build script compiled it from `signatures/`.
//!
//! Reading the texts at each start took six milliseconds of processor time, more than watching spends in ten seconds
//! of a settled machine; the compiled book holds the same in the order in which it is looked up.

use crate::Book;
use std::sync::OnceLock;

const COMPILED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/book"));

impl Book {
    /// The book that ships with overt.
    #[must_use]
    pub fn shipped() -> &'static Self {
        static BOOK: OnceLock<Book> = OnceLock::new();
        // A test proves that this book is the one that the texts hold, so the empty one is never used.
        BOOK.get_or_init(|| postcard::from_bytes(COMPILED).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiled_book_is_the_one_that_the_texts_hold() {
        let constants = include_str!("../../../signatures/constants.toml");
        let algorithms = include_str!("../../../signatures/algorithms.toml");
        let names = include_str!("../../../signatures/names.toml");
        let parsed = Book::parse(constants, algorithms, names).unwrap();
        assert!(!parsed.constants().is_empty());
        assert!(*Book::shipped() == parsed, "the compiled book differs from signatures/*.toml");
    }
}
