//! What a dossier of a month costs from end to end: a real registry on loopback holds what a fleet said, `overt dossier build`
//! asks it for one, `overt verify` checks it offline; time, memory and bytes of the two commands.
//!
//! Every day of the month is signed while the one before is sent, so that this task holds two days of statements and not all.

use crate::bench::processes::peak_of;
use crate::bench_registry::{Served, enrol, release, speak};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use testkit::Fleet;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Minutes of a day.
const DAY: usize = 24 * 60;
/// Statements of one request: what the registry takes at once.
const REQUEST: usize = 4_096;
/// How often the memory of a command is looked at. The figure is a peak that the kernel keeps, so that only its end is missed.
const LOOK: Duration = Duration::from_millis(20);

/// Options.
#[derive(clap::Args)]
pub struct Args {
    /// How many devices
    #[arg(long, default_value_t = 200)]
    devices: usize,
    /// How many days
    #[arg(long, default_value_t = 30)]
    days: usize,
    /// Minutes between two statements of a device: 1, or 60 where the rulebook allows it
    #[arg(long, default_value_t = 1)]
    every: usize,
    /// The binary; built in release otherwise
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Where to keep the registry and the dossier for the run
    #[arg(long, value_name = "DIR", default_value = "target/bench-dossier")]
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
    let now = Timestamp::now();
    let now_ms = u64::try_from(now.as_millisecond())?;
    let each = args.days * DAY / args.every.max(1);
    let from_ms = now_ms - (u64::try_from(each)? + 10) * testkit::INTERVAL_MS;
    let mut fleet = Fleet::new(11, args.devices, "OPEN", from_ms, now_ms)?;
    let served = Served::start(&binary, &args.folder)?;
    enrol(&served, &fleet, &args.folder)?;
    let begin = Instant::now();
    fill(&served, &mut fleet, each)?;
    let statements = args.devices * each;
    println!("{statements} statements admitted in {:.0} s, signing included", begin.elapsed().as_secs_f64());
    let file = args.folder.join("month.zip");
    let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let first = day(now.checked_sub((24 * (i64::try_from(args.days)? + 2)).hours())?);
    let mut build = Command::new(&binary);
    build.args(["dossier", "build", "--operator", "acme", "--from", &first.to_string(), "--to"]);
    build.arg(day(now).to_string()).args(["--registry", served.url(), "--token-file"]);
    build.arg(args.folder.join("registry/admin.token")).arg("-o").arg(&file);
    measure("built", &mut build, statements)?;
    println!("the dossier has {} MB", fs::metadata(&file)?.len() / 1_000_000);
    let mut verify = Command::new(&binary);
    verify.arg("verify").arg(&file);
    measure("verified", &mut verify, statements)?;
    served.stop()?;
    fs::remove_file(&file)?;
    Ok(fs::remove_dir_all(&args.folder)?)
}

/// Sends all statements; the next day is signed meanwhile.
fn fill(served: &Served, fleet: &mut Fleet, each: usize) -> Result<()> {
    // As many minutes at once as one request may hold, as a relay or a device that was offline hands them in.
    let minutes = (REQUEST / fleet.speakers.len().max(1)).max(1);
    let (sign, send) = mpsc::sync_channel::<Vec<Vec<u8>>>(1);
    // The receiving end goes with this closure: where sending fails, signing ends.
    std::thread::scope(move |scope| {
        scope.spawn(move || {
            let mut left = each;
            while left > 0 {
                let now = left.min(DAY);
                left -= now;
                // Nobody takes it any more: sending has failed, and says so.
                let said = speak(fleet, now, REQUEST);
                if sign.send(said.chunks(minutes).map(<[Vec<u8>]>::concat).collect()).is_err() {
                    return;
                }
            }
        });
        for body in send.iter().flatten() {
            served.submit(&body)?;
        }
        Ok(())
    })
}

/// Runs a command to its end; says how long it took and what it held at most.
fn measure(what: &str, command: &mut Command, statements: usize) -> Result<()> {
    let begin = Instant::now();
    let mut child = command.stdout(Stdio::inherit()).spawn()?;
    let mut peak = 0;
    let status = loop {
        peak = peak_of(child.id()).unwrap_or(0).max(peak);
        match child.try_wait()? {
            Some(status) => break status,
            None => std::thread::sleep(LOOK),
        }
    };
    if !status.success() {
        return Err(format!("the dossier was not {what}: {status}").into());
    }
    let took = begin.elapsed().as_secs_f64();
    println!(
        "{what} in {took:.1} s, {:.0} statements a second, {} MiB at most",
        statements as f64 / took,
        peak >> 20
    );
    Ok(())
}
