//! Checks of the house: what ARCHITECTURE.md states as an absence is absent.
//!
//! Every rule is a function from plain text to problems, so that it can be tried on small made-up input; only this
//! file reads the disk. A problem names file and line, what was found, and what to do.

mod blank;
mod documents;
mod layers;
mod lengths;
mod purity;
mod repository;
mod sources;

use repository::Repository;
use std::fmt;
use std::path::PathBuf;

/// Options.
#[derive(clap::Args)]
pub struct Args {
    /// Write the lengths found to xtask/tidy-ratchet.toml; refused where something grew
    #[arg(long)]
    record: bool,
    /// With --record: accept what grew as well
    #[arg(long, requires = "record")]
    grow: bool,
    /// The repository; found from the current folder if not given
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,
}

/// One thing that is not as the house wants it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// File, relative to the repository.
    pub file: String,
    /// Line, counted from 1; 0 for the whole file.
    pub line: usize,
    /// What was found.
    pub found: String,
    /// What to do.
    pub help: String,
}

impl Problem {
    fn new(file: &str, line: usize, found: impl Into<String>, help: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, found: found.into(), help: help.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}\n    help: {}", self.file, self.line.max(1), self.found, self.help)
    }
}

/// Run it.
pub fn run(args: &Args) -> crate::Outcome {
    let repository = Repository::open(args.root.as_deref())?;
    if args.record {
        return lengths::record(&repository, args.grow);
    }
    let mut problems = problems(&repository)?;
    problems.sort();
    problems.dedup();
    for problem in &problems {
        println!("{problem}");
    }
    match problems.len() {
        0 => {
            println!("tidy: {} files, {} crates", repository.files.len(), repository.rooms.len());
            Ok(())
        }
        count => Err(format!("{count} problems; each is listed above with what to do").into()),
    }
}

fn problems(repository: &Repository) -> Result<Vec<Problem>, Box<dyn std::error::Error>> {
    let mut problems = layers::check(&repository.rooms);
    for file in &repository.files {
        if let Some(room) = repository.room_of(file)
            && room.pure == Some(true)
            && file.path.contains("/src/")
        {
            problems.extend(purity::check(&file.path, &file.text));
        }
        problems.extend(sources::check(&file.path, &file.text));
        if file.path.ends_with(".md") {
            problems.extend(documents::dead_paths(&file.path, &file.text, &|path| repository.exists(path)));
        }
    }
    let ratchet = lengths::Ratchet::read(repository.text(lengths::RATCHET))?;
    problems.extend(ratchet.check(&lengths::measure(&repository.files)));
    problems.extend(documents::room_table(repository.text("ARCHITECTURE.md"), &repository.rooms));
    let names = repository::workspace_dependencies(repository.text("Cargo.toml"))?;
    problems.extend(documents::dependency_rows(repository.text("docs/dependencies.md"), &names));
    Ok(problems)
}
