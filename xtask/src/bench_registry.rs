//! What a registry carries: admission end to end over HTTP, receipts, memory, bytes; against the same run's signature ceiling.
//!
//! Starts a real `overt serve` on loopback with a store of its own, and a fleet that speaks to it. Every figure is a ratio or a
//! count of this run; on a loud machine look at the ratio to the ceiling.

mod fleet;
mod served;

pub use fleet::{enrol, speak};
pub use served::{Served, bytes, memory, release};
use statement::{Envelope, Key, Purpose, Signed, verify_batch};
use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use testkit::Fleet;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Options.
#[derive(clap::Args)]
pub struct Args {
    /// How many devices
    #[arg(long, default_value_t = 16_384)]
    devices: usize,
    /// How many statements each says
    #[arg(long, default_value_t = 24)]
    minutes: usize,
    /// Statements of one request
    #[arg(long, default_value_t = 4_096)]
    request: usize,
    /// Connections at once
    #[arg(long, default_value_t = 3)]
    connections: usize,
    /// Whose rules judge
    #[arg(long, default_value = "CN-SC")]
    place: String,
    /// The binary; built in release otherwise
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Where to keep the store for the run
    #[arg(long, value_name = "DIR", default_value = "target/bench-registry")]
    folder: PathBuf,
}

/// Run it.
pub fn run(args: &Args) -> crate::Outcome {
    let binary = match &args.binary {
        Some(binary) => binary.clone(),
        None => release()?,
    };
    if args.folder.exists() {
        fs::remove_dir_all(&args.folder)?;
    }
    let now = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let minutes = u64::try_from(args.minutes)? + 10;
    let mut fleet = Fleet::new(7, args.devices, &args.place, now - minutes * testkit::INTERVAL_MS, now)?;
    let served = Served::start(&binary, &args.folder)?;
    fleet::enrol(&served, &fleet, &args.folder)?;
    println!("{} devices enrolled; the registry holds {} MiB", args.devices, memory(served.id(), "VmRSS")?);
    let bodies = fleet::speak(&mut fleet, args.minutes, args.request);
    let (half, rest) = bodies.split_at(bodies.len() / 2);
    let ceiling = ceiling(&fleet, half)?;
    println!("Ed25519 batch verification of the same statements, 2 threads: {ceiling:.0} a second");
    let rate = admit(&served, half, args.connections)?;
    let ratio = rate / ceiling;
    println!(
        "admitted durably over HTTP, {} a request: {rate:.0} a second, {ratio:.2} of that",
        args.request
    );
    let waits = receipts(&served, rest, rate / 2.0)?;
    println!(
        "receipts at half load: median {} ms, 99th percentile {} ms",
        percentile(&waits, 50),
        percentile(&waits, 99)
    );
    println!("memory of the registry at most: {} MiB", memory(served.id(), "VmHWM")?);
    let statements = f64::from(u32::try_from(args.devices * args.minutes)?);
    let store = bytes(&args.folder.join("registry/store"))?;
    served.stop()?;
    let history = bytes(&args.folder.join("registry/history"))?;
    println!(
        "bytes a statement: {:.0} in the store, {:.1} in the history",
        store as f64 / statements,
        history as f64 / statements
    );
    Ok(())
}

fn unpoisoned<T>(result: std::result::Result<T, PoisonError<T>>) -> T {
    result.unwrap_or_else(PoisonError::into_inner)
}

/// How many signatures a second two threads verify in batches.
fn ceiling(fleet: &Fleet, bodies: &[Vec<u8>]) -> Result<f64> {
    let keys: HashMap<_, Key> =
        fleet.speakers.iter().map(|s| (s.key.public().id(), s.key.public())).collect();
    let signed = |e: &Envelope<'_>| {
        keys.get(&e.key).map(|key| Signed::new(key, &e.signed(Purpose::Statement), &e.signature))
    };
    let mut sample: Vec<Vec<Signed>> = Vec::new();
    for body in bodies.iter().take(8) {
        sample.push(statement::split(body, usize::MAX)?.iter().filter_map(signed).collect());
    }
    let count: usize = sample.iter().map(Vec::len).sum();
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(batch) = sample.get(next.fetch_add(1, Ordering::Relaxed)) {
                    failed.fetch_add(verify_batch(batch).len(), Ordering::Relaxed);
                }
            });
        }
    });
    if failed.into_inner() > 0 {
        return Err("signatures of the fleet do not hold".into());
    }
    Ok(count as f64 / begin.elapsed().as_secs_f64())
}

/// Sends bodies over several connections; gives statements a second.
fn admit(served: &Served, bodies: &[Vec<u8>], connections: usize) -> Result<f64> {
    let (next, count) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let trouble = Mutex::new(None);
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| {
                while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match served.submit(body) {
                        Ok((_, accepted)) => drop(count.fetch_add(accepted, Ordering::Relaxed)),
                        Err(error) => *unpoisoned(trouble.lock()) = Some(error.to_string()),
                    }
                }
            });
        }
    });
    let took = begin.elapsed().as_secs_f64();
    match unpoisoned(trouble.into_inner()) {
        Some(trouble) => Err(trouble.into()),
        None => Ok(count.into_inner() as f64 / took),
    }
}

/// Longest wait for a receipt.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends bodies at a pace, and asks for the receipt of the last statement of each until it is there; milliseconds, sorted.
fn receipts(served: &Served, bodies: &[Vec<u8>], rate: f64) -> Result<Vec<u64>> {
    let begin = Instant::now();
    let mut sent = 0.0;
    let waits = Mutex::new(Vec::new());
    std::thread::scope(|scope| -> Result<()> {
        for body in bodies {
            let due = Duration::from_secs_f64(sent / rate);
            std::thread::sleep(due.saturating_sub(begin.elapsed()));
            let submitted = Instant::now();
            let (last, count) = served.submit(body)?;
            sent += count as f64;
            let waits = &waits;
            scope.spawn(move || {
                while submitted.elapsed() < PATIENCE && !served.has_receipt(last) {
                    std::thread::sleep(Duration::from_millis(50));
                }
                unpoisoned(waits.lock()).push(submitted.elapsed());
            });
        }
        Ok(())
    })?;
    let mut all = Vec::new();
    for wait in unpoisoned(waits.into_inner()) {
        if wait >= PATIENCE {
            return Err("a receipt did not come within a minute".into());
        }
        all.push(u64::try_from(wait.as_millis())?);
    }
    all.sort_unstable();
    Ok(all)
}

fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied().unwrap_or(0)
}
