//! Records, trims and lists the corpus of labelled programs.
//!
//! Installs what a recipe names, starts it, lets `overt look` record it, stops it, keeps what belongs to it.
//! Judges nothing: `evaluate` does, and here only `--verify`, which asks the binary itself.

mod disguise;
mod fill;
mod inputs;
mod install;
mod ledger;
mod look;
mod places;
mod recipe;
mod session;
mod started;
mod throttle;
mod tree;
mod trim;

use crate::Outcome;
use places::Places;
use recipe::Recipe;
use std::path::PathBuf;

/// Options.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Install, run, record and label the programs of the recipes
    Record(Record),
    /// List the recipes: program, run, family, activity
    List,
}

/// Options of `record`.
#[derive(clap::Args)]
pub struct Record {
    /// Only these programs, or runs as PROGRAM--RUN
    #[arg(long, num_args = 1.., value_name = "NAME")]
    only: Vec<String>,
    /// Only what has no recording yet
    #[arg(long)]
    missing: bool,
    /// How long each recording is
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Keep nothing: check that the binary names the labelled activity
    #[arg(long)]
    verify: bool,
    /// Look at nothing: check that each program installs, starts, works and stops
    #[arg(long, conflicts_with = "verify")]
    no_look: bool,
    /// Only the first run of each program
    #[arg(long)]
    first: bool,
    /// Where recordings and their ledger go
    #[arg(long, default_value = "corpus")]
    out: PathBuf,
    /// Release binaries of the corpus's own programs
    #[arg(long)]
    programs: Option<PathBuf>,
    /// The binary that looks; built when not given
    #[arg(long)]
    overt: Option<PathBuf>,
    /// The test kit's pool; built when not given
    #[arg(long)]
    stratum_server: Option<PathBuf>,
}

/// Run it.
pub fn run(args: &Args) -> Outcome {
    let recipes = recipe::load()?;
    match &args.action {
        Action::List => list(&recipes),
        Action::Record(options) => record(options, recipes)?,
    }
    Ok(())
}

fn list(recipes: &[Recipe]) {
    for r in recipes {
        println!("{:<28} {:<18} {:<18} {}", r.name, r.label, r.family, r.activity);
    }
}

fn record(options: &Record, recipes: Vec<Recipe>) -> Outcome {
    let mut ledger = ledger::Ledger::open(&options.out)?;
    let chosen = choose(options, recipes, &ledger)?;
    let places = Places::prepare(options, &chosen)?;
    inputs::make(&places.work)?;
    let mut failed = Vec::new();
    let mut refused = String::new();
    for recipe in &chosen {
        started::go_on()?;
        if refused == recipe.name {
            continue;
        }
        if let Err(error) = install::provide(&places, recipe) {
            println!("{:<44} not installed: {error}", recipe.title());
            failed.push(recipe.title());
            refused.clone_from(&recipe.name);
            continue;
        }
        match attempt(options, &places, recipe, &mut ledger) {
            Ok(line) => println!("{:<44} {line}", recipe.title()),
            Err(error) => {
                println!("{:<44} FAILED: {error}", recipe.title());
                failed.push(recipe.title());
            }
        }
    }
    places.clear();
    println!("{} of {} runs as expected", chosen.len().saturating_sub(failed.len()), chosen.len());
    if failed.is_empty() { Ok(()) } else { Err(format!("not as expected: {}", failed.join(" ")).into()) }
}

fn choose(
    options: &Record,
    recipes: Vec<Recipe>,
    ledger: &ledger::Ledger,
) -> Result<Vec<Recipe>, Box<dyn std::error::Error>> {
    for name in &options.only {
        if !recipes.iter().any(|r| r.name == *name || r.title() == *name) {
            return Err(format!("no recipe is called '{name}'; `cargo xtask corpus list` names them").into());
        }
    }
    let wanted = |r: &Recipe| {
        options.only.is_empty() || options.only.iter().any(|name| r.name == *name || r.title() == *name)
    };
    let mut seen = std::collections::BTreeSet::new();
    Ok(recipes
        .into_iter()
        .filter(wanted)
        .filter(|r| !options.missing || !ledger.holds(r))
        .filter(|r| seen.insert(r.name.clone()) || !options.first)
        .collect())
}

/// One run; `--verify` tries three times, because a machine under other load can starve a short observation.
fn attempt(
    options: &Record,
    places: &Places,
    recipe: &Recipe,
    ledger: &mut ledger::Ledger,
) -> Result<String, String> {
    if options.no_look {
        return session::rehearse(places, recipe);
    }
    if options.verify {
        let once = || look::verify(places, recipe, options.seconds);
        let again = |before: String| once().map_err(|error| format!("{before}; again: {error}"));
        return once().or_else(again).or_else(again);
    }
    look::keep(places, recipe, options.seconds, ledger)
}
