//! The three books as one. Compiled into the build script too, which reads them ahead of time.

use crate::constant::Constants;
use crate::names::Names;
use crate::rank::{Seen, rank};
use crate::{Algorithm, BookError, Constant, Hint, NameKind, algorithm};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Most letters of a variant after the name of its algorithm: `d` for twice, `id`, `2`, `-lite`.
const VARIANT: usize = 5;

/// The books of constants, algorithms and names.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Book {
    constants: Constants,
    algorithms: Vec<Algorithm>,
    names: Names,
}

impl Book {
    /// Reads a book from the texts of its three files.
    ///
    /// # Errors
    ///
    /// [`BookError`] names the file, section and entry at fault and says what was expected.
    pub fn parse(constants: &str, algorithms: &str, names: &str) -> Result<Self, BookError> {
        let constants = Constants::parse(constants)?;
        let primitives: BTreeSet<&str> = constants.all.iter().map(|c| c.primitive.as_str()).collect();
        let algorithms = algorithm::parse(algorithms, &primitives)?;
        Ok(Self { algorithms, names: Names::parse(names)?, constants })
    }

    /// All known constants, in the order of the book.
    #[must_use]
    pub fn constants(&self) -> &[Constant] {
        &self.constants.all
    }

    /// The known tables of which a piece occurs anywhere in these bytes, each once, in the order of the book.
    /// Only the first MiB is looked at.
    #[must_use]
    pub fn table(&self, bytes: &[u8]) -> Vec<&Constant> {
        self.constants.table(bytes)
    }

    /// The constant that this immediate operand is; 32-bit values may come sign-extended to 64 bits.
    #[must_use]
    pub fn immediate(&self, value: u64) -> Option<&Constant> {
        self.constants.immediate(value)
    }

    /// The constant of that name.
    #[must_use]
    pub fn constant(&self, name: &str) -> Option<&Constant> {
        self.constants.constant(name)
    }

    /// All named computations, in the order of the book.
    #[must_use]
    pub fn algorithms(&self) -> &[Algorithm] {
        &self.algorithms
    }

    /// The named computation that people mean by a name: exactly so called, or called so with more said, as `argon2id` is.
    #[must_use]
    pub fn called(&self, name: &str) -> Option<&Algorithm> {
        let exact = self.algorithms.iter().find(|a| a.name == name);
        let longer = || {
            let fits =
                |a: &&Algorithm| name.strip_prefix(a.name.as_str()).is_some_and(|rest| rest.len() <= VARIANT);
            self.algorithms.iter().filter(fits).max_by_key(|a| a.name.len())
        };
        exact.or_else(longer)
    }

    /// Whether `named` may be what is seen while `runs` runs, because all that it is named by is part of it: SHA-256 of
    /// scrypt. None where either is not in the book.
    #[must_use]
    pub fn may_show_as(&self, runs: &str, named: &str) -> Option<bool> {
        let (runs, named) = (self.called(runs)?, self.called(named)?);
        Some(runs.name == named.name || runs.shows_as(named))
    }

    /// What a name hints at. Never mining.
    #[must_use]
    pub fn hint(&self, kind: NameKind, name: &str) -> Option<&Hint> {
        self.names.hint(kind, name)
    }

    /// The named computations that fit, best first, with a score 0 to 1.
    ///
    /// `primitives` are those of constants that hot code uses, with the share of hot samples near the use, 0 to 1;
    /// `marks` are other observations such as `class:aes` or `code:anonymous`. SHA-256 once or twice cannot be told
    /// by constants: it is `sha256` here.
    #[must_use]
    pub fn name_algorithm(&self, primitives: &[(&str, f64)], marks: &[&str]) -> Vec<(&Algorithm, f64)> {
        rank(&self.algorithms, &Seen::new(primitives, marks))
    }
}
