//! The recipes: what to run, how, and what it truly does. See `corpus/README.md` for the form.

use facts::{Activity, TokenState};
use serde::Deserialize;
use std::error::Error;

/// The files that hold recipes: other people's programs, and the corpus's own.
const BOOKS: [&str; 2] = ["corpus/recipes.toml", "corpus/native.toml"];

/// One run of one program, with the program's settings filled in where the run sets none.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    pub name: String,
    pub family: String,
    pub activity: Activity,
    #[serde(default)]
    pub algorithm: Option<String>,
    #[serde(default = "not_seen")]
    pub token_link: TokenState,
    #[serde(default)]
    pub apt: Vec<String>,
    #[serde(default)]
    pub pip: Vec<String>,
    #[serde(default = "main_venv")]
    pub venv: String,
    #[serde(default)]
    pub npm: Vec<String>,
    #[serde(default)]
    pub version: Option<String>,
    #[serde(default)]
    pub setup: Option<String>,
    #[serde(default)]
    pub exe: Option<String>,
    #[serde(default)]
    pub ready: Option<String>,
    #[serde(default = "a_minute")]
    pub patience: f64,
    #[serde(default = "one")]
    pub warmup: f64,
    #[serde(default)]
    pub server: Option<String>,
    #[serde(default)]
    pub before: Option<String>,
    #[serde(default)]
    pub before_ready: Option<String>,
    #[serde(default)]
    pub load: Option<String>,
    pub command: String,
    #[serde(default = "a_third")]
    pub duty: f64,
    pub label: String,
    #[serde(default = "one_thread")]
    pub threads: u32,
    #[serde(default)]
    pub args: String,
    #[serde(default)]
    pub throttle: Option<u32>,
    #[serde(default)]
    pub throttle_by: Throttler,
    #[serde(default)]
    pub rename: Option<String>,
    #[serde(default)]
    pub strip: bool,
    #[serde(default)]
    pub pack: bool,
    #[serde(default)]
    pub sandbox: bool,
    #[serde(default)]
    pub beside: Option<String>,
    #[serde(default)]
    pub late: bool,
}

/// Who holds the program back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Throttler {
    /// The harness stops and continues it.
    #[default]
    Harness,
    /// The program's own option, through `{duty}`.
    Own,
}

fn not_seen() -> TokenState {
    TokenState::NotSeen
}
fn main_venv() -> String {
    "main".to_owned()
}
fn a_minute() -> f64 {
    60.0
}
fn one() -> f64 {
    1.0
}
fn a_third() -> f64 {
    0.3
}
fn one_thread() -> u32 {
    1
}

impl Recipe {
    /// `program--run`, also the stem of the recording's file name.
    pub fn title(&self) -> String {
        format!("{}--{}", self.name, self.label)
    }

    /// How it looks different from the plain program, by choice or by chance.
    pub fn evasion(&self) -> Vec<String> {
        let mut tags = Vec::new();
        let mut tag = |when: bool, name: &str| {
            if when {
                tags.push(name.to_owned());
            }
        };
        tag(self.threads > 1, "threads");
        tag(self.throttle.is_some(), &format!("throttle-{}", self.throttle.unwrap_or(100)));
        tag(self.rename.is_some(), "renamed");
        tag(self.strip, "stripped");
        tag(self.pack, "packed");
        tag(self.sandbox, "sandboxed");
        tag(self.beside.is_some(), "mixed");
        tags
    }
}

/// Reads every book that is there.
///
/// # Errors
///
/// A book that cannot be read, a recipe of the wrong form (named), two runs of one name.
pub fn load() -> Result<Vec<Recipe>, Box<dyn Error>> {
    let mut recipes = Vec::new();
    for path in BOOKS {
        match std::fs::read_to_string(path) {
            Ok(text) => recipes.extend(parse(&text).map_err(|e| format!("{path}: {e}"))?),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(format!("cannot read {path}: {e}").into()),
        }
    }
    let mut titles = std::collections::BTreeSet::new();
    match recipes.iter().find(|r| !titles.insert(r.title())) {
        Some(twice) => Err(format!("two runs are called {}", twice.title()).into()),
        None => Ok(recipes),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    #[serde(default)]
    program: Vec<toml::Table>,
}

fn parse(text: &str) -> Result<Vec<Recipe>, Box<dyn Error>> {
    let book: Book = toml::from_str(text)?;
    let mut recipes = Vec::new();
    for mut program in book.program {
        let runs = match program.remove("run") {
            Some(toml::Value::Array(runs)) => runs,
            _ => return Err(format!("program {:?} has no [[program.run]]", program.get("name")).into()),
        };
        for run in runs {
            let toml::Value::Table(run) = run else { return Err("a run is no table".into()) };
            let mut merged = program.clone();
            merged.extend(run);
            let name = format!("{:?} {:?}", merged.get("name"), merged.get("label"));
            let recipe: Recipe =
                toml::Value::Table(merged).try_into().map_err(|e| format!("recipe {name}: {e}"))?;
            recipes.push(checked(recipe)?);
        }
    }
    Ok(recipes)
}

fn checked(recipe: Recipe) -> Result<Recipe, String> {
    let plain = |s: &str| s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !plain(&recipe.name) || !plain(&recipe.label) {
        return Err(format!("{}: names hold lower-case letters, digits and hyphens only", recipe.title()));
    }
    if recipe.throttle.is_some_and(|t| !(1..=100).contains(&t)) {
        return Err(format!("{}: throttle is a percentage from 1 to 100", recipe.title()));
    }
    if recipe.exe.is_none() && (recipe.strip || recipe.pack) {
        return Err(format!("{}: strip and pack need exe", recipe.title()));
    }
    Ok(recipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_inherits_what_it_does_not_set() {
        let text = "[[program]]\nname='a'\nfamily='f'\nactivity='mining'\ncommand='x'\nthreads=1\n\
                    [[program.run]]\nlabel='one'\n[[program.run]]\nlabel='two'\nthreads=2\nthrottle=10\n";
        let recipes = parse(text).unwrap();
        assert_eq!(recipes[0].evasion(), Vec::<String>::new());
        assert_eq!(recipes[1].evasion(), ["threads", "throttle-10"]);
        assert_eq!(recipes[1].command, "x");
    }

    #[test]
    fn a_misspelt_key_is_refused_with_the_recipe_named() {
        let text = "[[program]]\nname='a'\nfamily='f'\nactivity='mining'\ncommand='x'\n[[program.run]]\nlabel='one'\nthrotle=1\n";
        let error = parse(text).unwrap_err().to_string();
        assert!(error.contains("one") && error.contains("throtle"), "{error}");
    }

    #[test]
    fn the_books_of_the_corpus_are_well_formed() {
        for book in BOOKS {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(book);
            if let Ok(text) = std::fs::read_to_string(path) {
                parse(&text).unwrap();
            }
        }
    }
}
