//! Reads the books of `signatures/` when overt is built, with the code that also reads them in tests, so that a
//! malformed book fails the build and overt need not read text at each start. Must not decide what a book says.

// Only the reading half of these modules is used here.
#![allow(dead_code)]

#[path = "src/algorithm.rs"]
mod algorithm;
#[path = "src/book.rs"]
mod book;
#[path = "src/constant.rs"]
mod constant;
#[path = "src/error.rs"]
mod error;
#[path = "src/names.rs"]
mod names;
#[path = "src/needles.rs"]
mod needles;
#[path = "src/rank.rs"]
mod rank;

use algorithm::Algorithm;
use book::Book;
use constant::Constant;
use error::BookError;
use names::{Hint, NameKind};
use std::error::Error;
use std::path::Path;

/// Where the texts lie, seen from this crate.
const BOOKS: &str = "../../signatures";

fn main() {
    if let Err(error) = compile() {
        println!("cargo::error={error}");
    }
}

fn compile() -> Result<(), Box<dyn Error>> {
    let text = |name: &str| {
        let path = format!("{BOOKS}/{name}");
        println!("cargo::rerun-if-changed={path}");
        std::fs::read_to_string(&path).map_err(|e| format!("cannot read {path}: {e}"))
    };
    let (constants, algorithms, names) =
        (text("constants.toml")?, text("algorithms.toml")?, text("names.toml")?);
    let book = Book::parse(&constants, &algorithms, &names)?;
    let out = std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set; cargo sets it for build scripts")?;
    std::fs::write(Path::new(&out).join("book"), postcard::to_allocvec(&book)?)?;
    Ok(())
}
