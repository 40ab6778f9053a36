//! Everything that CI calls: `cargo xtask --help`.
//!
//! Must not hold product logic: it starts programs, counts and compares.

mod bench;
mod bench_agent;
mod bench_dossier;
mod bench_registry;
mod bench_rules;
mod bench_verify;
mod ci;
mod corpus;
mod evaluate;
mod faults;
mod fuzz;
mod tidy;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// What a task returns: at this edge every error ends in one line for a person.
pub type Outcome = Result<(), Box<dyn std::error::Error>>;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Everything that CI calls")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run all that CI runs, the tests last
    Ci(ci::Args),
    /// Check the house: layers, pure rooms, lengths, paths named in documents
    Tidy(tidy::Args),
    /// Record, trim and list the corpus of labelled programs
    Corpus(corpus::Args),
    /// Judge the recorded corpus, held-out by program family
    Evaluate(evaluate::Args),
    /// Hold declared against observed on the recorded corpus as a fleet with planted differences
    Declared(evaluate::fleet::Args),
    /// Fit the weights of identification on the recorded corpus
    Fit(evaluate::FitArgs),
    /// Measure what looking costs, as ratios within one run
    Bench(bench::Args),
    /// Measure what judging costs: loading, single findings, a year of history
    BenchRules(bench_rules::Args),
    /// Measure what an agent costs beyond looking: processor, memory, disk an hour offline
    BenchAgent(bench_agent::Args),
    /// Measure what a registry carries: admission, receipts, memory, bytes
    BenchRegistry(bench_registry::Args),
    /// Measure what a dossier of a month costs: asked of a real registry, checked offline
    BenchDossier(bench_dossier::Args),
    /// Measure what verifying a bundle costs
    BenchVerify(bench_verify::Args),
    /// Kill registry and agent at random moments under load; nothing may be lost, nothing twice
    Kill(faults::kill::Args),
    /// Cut, delay and double what goes between devices and a registry in another network namespace (needs root and iproute2)
    Network(faults::network::Args),
    /// Fill the registry's disk and make it read-only under load (needs root)
    Disk(faults::disk::Args),
    /// Let one device send a million statements; the others must not wait twice as long
    Flood(faults::flood::Args),
    /// Feed mutated bytes to every reader of foreign input for a short time
    Fuzz(fuzz::Args),
}

/// The cargo that runs this task.
pub fn cargo() -> std::process::Command {
    std::process::Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().task {
        Task::Ci(args) => ci::run(&args),
        Task::Tidy(args) => tidy::run(&args),
        Task::Corpus(args) => corpus::run(&args),
        Task::Evaluate(args) => evaluate::run(&args),
        Task::Declared(args) => evaluate::fleet::run(&args),
        Task::Fit(args) => evaluate::fit(&args),
        Task::Bench(args) => bench::run(&args),
        Task::BenchRules(args) => bench_rules::run(&args),
        Task::BenchAgent(args) => bench_agent::run(&args),
        Task::BenchRegistry(args) => bench_registry::run(&args),
        Task::BenchDossier(args) => bench_dossier::run(&args),
        Task::BenchVerify(args) => bench_verify::run(&args),
        Task::Kill(args) => faults::kill::run(&args),
        Task::Network(args) => faults::network::run(&args),
        Task::Disk(args) => faults::disk::run(&args),
        Task::Flood(args) => faults::flood::run(&args),
        Task::Fuzz(args) => fuzz::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
