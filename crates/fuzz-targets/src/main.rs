//! Feeds mutated bytes to every reader of foreign bytes, on stable Rust, for a set time each.
//!
//! Deterministic but for how far it gets in the time. A reader that panics or takes too long fails the run, and the
//! input is kept so that it can be fed again.

use clap::Parser;
use fuzz_targets::{MAX_INPUT, Mutator, TARGETS, Target};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// An input that takes longer than this hangs its reader: a reader is bounded and takes milliseconds.
const HANG: Duration = Duration::from_secs(10);

#[derive(Parser)]
#[command(about = "Feed mutated bytes to every reader of foreign bytes")]
struct Cli {
    /// How long each reader is fed, seconds
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Only these readers
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Where the mutations begin
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where inputs are kept that a reader did not survive
    #[arg(long, value_name = "FOLDER", default_value = "fuzz/artifacts")]
    keep: PathBuf,
    /// Feed these files to the readers named by --only, and nothing else
    #[arg(long, value_name = "FILE", requires = "only")]
    again: Vec<PathBuf>,
}

/// The input a reader is busy with, and since when.
type Busy = Arc<Mutex<Option<(Instant, Vec<u8>)>>>;

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<(), String> {
    let targets = chosen(&cli.only)?;
    for path in &cli.again {
        let bytes = std::fs::read(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
        targets.iter().for_each(|target| (target.run)(&bytes));
        println!("{} survived", path.display());
    }
    if !cli.again.is_empty() {
        return Ok(());
    }
    let mut failed = Vec::new();
    for target in targets {
        match feed(target, cli) {
            Ok(count) => println!("{:16} {count:>9} inputs survived", target.name),
            Err(kept) => {
                println!("{:16} failed; the input is kept in {}", target.name, kept.display());
                failed.push(target.name);
            }
        }
    }
    match failed.as_slice() {
        [] => Ok(()),
        names => {
            Err(format!("did not survive: {}; feed again with --only NAME --again FILE", names.join(", ")))
        }
    }
}

fn chosen(only: &[String]) -> Result<Vec<&'static Target>, String> {
    let known = || TARGETS.iter().map(|t| t.name).collect::<Vec<_>>().join(", ");
    match only {
        [] => Ok(TARGETS.iter().collect()),
        names => names
            .iter()
            .map(|name| {
                fuzz_targets::target(name)
                    .ok_or_else(|| format!("no reader '{name}'; expected one of {}", known()))
            })
            .collect(),
    }
}

/// How many inputs were survived, or where the one is kept that was not.
fn feed(target: &'static Target, cli: &Cli) -> Result<u64, PathBuf> {
    let busy: Busy = Busy::default();
    let (seed, seconds, shared) = (cli.seed, cli.seconds, Arc::clone(&busy));
    let name = target.name.to_owned();
    let Ok(worker) =
        std::thread::Builder::new().name(name).spawn(move || mutate(target, seed, seconds, &shared))
    else {
        return Err(cli.keep.clone());
    };
    while !worker.is_finished() {
        std::thread::sleep(Duration::from_millis(20));
        let stuck = busy.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((since, input)) = stuck.filter(|(since, _)| since.elapsed() > HANG) {
            eprintln!("{}: one input took more than {} s", target.name, since.elapsed().as_secs());
            return Err(keep(&cli.keep, target, &input));
        }
    }
    worker.join().map_err(|_| {
        let last = busy.lock().unwrap_or_else(PoisonError::into_inner).take();
        keep(&cli.keep, target, &last.unwrap_or_else(|| (Instant::now(), Vec::new())).1)
    })
}

fn mutate(target: &Target, seed: u64, seconds: u64, busy: &Busy) -> u64 {
    let (seeds, mut mutator) = ((target.seeds)(), Mutator::new(seed));
    let (begin, mut count) = (Instant::now(), 0);
    while begin.elapsed() < Duration::from_secs(seconds) {
        let input = mutator.mutated(&seeds, MAX_INPUT);
        *busy.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), input.clone()));
        (target.run)(&input);
        count += 1;
    }
    *busy.lock().unwrap_or_else(PoisonError::into_inner) = None;
    count
}

fn keep(folder: &Path, target: &Target, input: &[u8]) -> PathBuf {
    let sum = input
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3));
    let path = folder.join(target.name).join(format!("{sum:016x}"));
    let written =
        std::fs::create_dir_all(folder.join(target.name)).and_then(|()| std::fs::write(&path, input));
    if let Err(error) = written {
        eprintln!("cannot keep the input: {error}");
    }
    path
}
