//! The books of known constants, algorithms and names, and the look-ups in them.
//!
//! The data lie in `signatures/*.toml` at the root of the repository; the build script reads and checks them and
//! compiles them in. `signatures/README.md` describes the formats. This crate must not read files, look at a process, or decide what a workload does: it
//! says which known table these bytes hold, which computation a set of constants fits, and what a name hints at.
//! No name ever hints at mining.

mod algorithm;
mod book;
mod constant;
mod error;
mod names;
mod needles;
mod rank;
mod shipped;

pub use algorithm::Algorithm;
pub use book::Book;
pub use constant::Constant;
pub use error::BookError;
pub use names::{Hint, NameKind};
