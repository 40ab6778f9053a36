//! What looking costs, as ratios measured within one run.
//!
//! First every core is kept busy by a program that does not end, and the processor time of `overt watch` is read while
//! it decides and once nothing new happens. Then a fixed amount of work is done on every core, in pairs with and
//! without the observer, and the processor time of the work is compared: that holds what sampling costs inside the
//! kernel. Must not judge the findings: that is for `evaluate`.

mod numbers;
pub mod processes;

use numbers::{Interval, median_interval};
use processes::{Running, children_cpu, cpu_of, peak_of};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// While deciding: from the start of watching until here.
const DECIDED: Duration = Duration::from_secs(10);
/// Nothing new has happened for long enough.
const STEADY_FROM: Duration = Duration::from_secs(30);
/// End of the steady window.
const STEADY_TO: Duration = Duration::from_secs(60);
/// How long the observer has been up before the work of a pair begins.
const WARM: Duration = Duration::from_secs(2);
/// Fewest pairs whose extremes bound the median with 95 % confidence.
const FEWEST_PAIRS: usize = 6;

/// Load average above which a machine is not quiet enough to measure on.
const QUIET: f64 = 0.5;

/// What the project holds itself to.
const BAR_DECIDING: f64 = 0.002;
const BAR_STEADY: f64 = 0.0005;
const BAR_RESIDENT: u64 = 60 * 1024 * 1024;
const BAR_SLOWDOWN: f64 = 1.005;

/// Options.
#[derive(clap::Args)]
pub struct Args {
    /// Write the table as markdown, with the commands
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Pairs of runs with and without the observer
    #[arg(long, default_value_t = 8)]
    pairs: usize,
    /// MiB of generated text that each core compresses in one run
    #[arg(long, default_value_t = 12, value_name = "MIB")]
    work: usize,
    /// Measure this program instead of building the release one
    #[arg(long, value_name = "FILE")]
    overt: Option<PathBuf>,
}

/// What was measured.
struct Costs {
    cores: usize,
    deciding: f64,
    steady: f64,
    resident: u64,
    cpu: Interval,
    wall: Interval,
    pairs: usize,
}

/// Run it.
pub fn run(args: &Args) -> crate::Outcome {
    if args.pairs < FEWEST_PAIRS {
        return Err(format!("{} pairs; expected at least {FEWEST_PAIRS} for an interval", args.pairs).into());
    }
    let overt = match &args.overt {
        Some(path) => path.clone(),
        None => release()?,
    };
    let cores = std::thread::available_parallelism()?.get();
    let load = processes::load()?;
    if load > QUIET {
        eprintln!(
            "warning: the load average is {load:.2} before anything was started; other work blurs the ratios"
        );
    }
    let (deciding, steady, resident) = looking(&overt, cores)?;
    let work = Work::generate(args.work, cores)?;
    let (cpu, wall) = slowdown(&overt, &work, args.pairs)?;
    let costs = Costs { cores, deciding, steady, resident, cpu, wall, pairs: args.pairs };
    let table = table(&costs, args.work);
    println!("{table}");
    if let Some(path) = &args.report {
        std::fs::write(path, format!("{}\n{table}", preface(cores, load)))?;
    }
    Ok(())
}

pub fn release() -> Result<PathBuf, Box<dyn std::error::Error>> {
    let status = crate::cargo().args(["build", "--release", "--package", "overt"]).status()?;
    if !status.success() {
        return Err(format!("the release build failed ({status})").into());
    }
    let metadata = cargo_metadata::MetadataCommand::new().no_deps().exec()?;
    Ok(metadata.target_directory.join("release/overt").into_std_path_buf())
}

fn watch(overt: &Path, time: Duration) -> std::io::Result<Running> {
    let mut command = Command::new(overt);
    command.args(["watch", "--plain", "--for", &format!("{}s", time.as_secs())]);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    Running::start(&mut command)
}

/// One endless program for each core, of kinds that take turns.
fn busy(cores: usize) -> std::io::Result<Vec<Running>> {
    let kinds = ["sha256", "aes-256-gcm", "chacha20-poly1305", "sha512"];
    let kinds = kinds.iter().cycle().take(cores);
    kinds
        .map(|kind| {
            let mut command = Command::new("openssl");
            command.args(["speed", "-seconds", "600", "-bytes", "16384", "-evp", kind]);
            Running::start(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()))
        })
        .collect()
}

/// Share of the machine while deciding and once steady, and the peak of resident memory in bytes.
fn looking(overt: &Path, cores: usize) -> Result<(f64, f64, u64), Box<dyn std::error::Error>> {
    eprintln!("looking at {cores} busy cores for {} s", STEADY_TO.as_secs());
    let _busy = busy(cores)?;
    std::thread::sleep(WARM);
    let observer = watch(overt, STEADY_TO + Duration::from_secs(5))?;
    let begin = Instant::now();
    let at = |time: Duration| {
        std::thread::sleep(time.saturating_sub(begin.elapsed()));
        cpu_of(observer.pid()).map_err(|e| format!("overt watch ended before {} s: {e}", time.as_secs()))
    };
    let (decided, from, to) = (at(DECIDED)?, at(STEADY_FROM)?, at(STEADY_TO)?);
    let share = |cpu: Duration, time: Duration| cpu.as_secs_f64() / time.as_secs_f64() / cores as f64;
    let steady = share(to.saturating_sub(from), STEADY_TO - STEADY_FROM);
    Ok((share(decided, DECIDED), steady, peak_of(observer.pid())?))
}

/// A fixed amount of work: text to compress, once on each core.
struct Work {
    text: PathBuf,
    cores: usize,
}

impl Work {
    fn generate(mib: usize, cores: usize) -> std::io::Result<Self> {
        let text = std::env::temp_dir().join(format!("overt-bench-{}", std::process::id()));
        std::fs::write(&text, numbers::prose(mib << 20))?;
        Ok(Self { text, cores })
    }

    /// Processor time of the work, and how long it took.
    fn run(&self) -> Result<(Duration, Duration), Box<dyn std::error::Error>> {
        let (before, begin) = (children_cpu()?, Instant::now());
        let mut workers = Vec::new();
        for _ in 0..self.cores {
            let mut command = Command::new("xz");
            command.args(["--threads=1", "--stdout", "-6"]).arg(&self.text);
            workers.push(Running::start(command.stdin(Stdio::null()).stdout(Stdio::null()))?);
        }
        for worker in workers {
            worker.finish()?;
        }
        Ok((children_cpu()?.saturating_sub(before), begin.elapsed()))
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // What is left in the temporary folder harms nobody.
        let _ = std::fs::remove_file(&self.text);
    }
}

/// Ratios of processor time and of wall time, with the observer over without.
fn slowdown(
    overt: &Path,
    work: &Work,
    pairs: usize,
) -> Result<(Interval, Interval), Box<dyn std::error::Error>> {
    work.run()?;
    let (mut cpu, mut wall) = (Vec::new(), Vec::new());
    for pair in 0..pairs {
        // Each order as often as the other, so that drift of the machine cancels.
        let (with, without) = if pair % 2 == 0 {
            let without = work.run()?;
            (observed(overt, work)?, without)
        } else {
            let with = observed(overt, work)?;
            (with, work.run()?)
        };
        cpu.push(with.0.as_secs_f64() / without.0.as_secs_f64());
        wall.push(with.1.as_secs_f64() / without.1.as_secs_f64());
        eprintln!("pair {} of {pairs}: {:.2} s of work", pair + 1, without.0.as_secs_f64());
    }
    Ok((median_interval(cpu), median_interval(wall)))
}

fn observed(overt: &Path, work: &Work) -> Result<(Duration, Duration), Box<dyn std::error::Error>> {
    let observer = watch(overt, Duration::from_secs(3600))?;
    std::thread::sleep(WARM);
    let measured = work.run();
    cpu_of(observer.pid()).map_err(|e| format!("overt watch ended while work was measured: {e}"))?;
    measured
}

const fn met(met: bool) -> &'static str {
    if met { "met" } else { "**missed**" }
}

fn table(costs: &Costs, mib: usize) -> String {
    let mut text = String::from("| cost | measured | bar | |\n|---|---|---|---|\n");
    let mut row = |what: &str, measured: String, bar: String, verdict: &str| {
        let _ = writeln!(text, "| {what} | {measured} | {bar} | {verdict} |");
    };
    let percent = |share: f64| format!("{:.3} %", share * 100.0);
    let cores = costs.cores;
    let what = format!("processor time of watching {cores} busy cores, first {} s", DECIDED.as_secs());
    row(&what, percent(costs.deciding), percent(BAR_DECIDING), met(costs.deciding <= BAR_DECIDING));
    let what = format!("the same, from {} s to {} s", STEADY_FROM.as_secs(), STEADY_TO.as_secs());
    row(&what, percent(costs.steady), percent(BAR_STEADY), met(costs.steady <= BAR_STEADY));
    let mib_of = |bytes: u64| format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20));
    let fits = met(costs.resident <= BAR_RESIDENT);
    row("peak resident memory", mib_of(costs.resident), mib_of(BAR_RESIDENT), fits);
    let what =
        format!("processor time of the work, observed / not, {} pairs of {mib} MiB a core", costs.pairs);
    let verdict = match costs.cpu {
        cpu if cpu.high <= BAR_SLOWDOWN => met(true),
        cpu if cpu.low > BAR_SLOWDOWN => met(false),
        _ => "undecided: the interval spans the bar",
    };
    row(&what, costs.cpu.to_string(), format!("{BAR_SLOWDOWN:.3}"), verdict);
    row("time of the work, observed / not", costs.wall.to_string(), "none".to_owned(), "");
    text
}

fn preface(cores: usize, load: f64) -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|l| l.strip_prefix("model name")).unwrap_or(": unknown processor");
    let kernel = read("/proc/sys/kernel/osrelease");
    format!(
        "# What looking costs\n\nMeasured on {cores} cores of {}, kernel {}, in one run, at a load average of {load:.2} before it:\n\n\
         ```\ncargo xtask bench --report FILE\n```\n\n\
         Watching is `overt watch --plain --for 65s` beside one `openssl speed -seconds 600 -evp KIND` for each core; its\n\
         processor time is read from the kernel's account of the process. The work is `xz --threads=1 --stdout -6` over\n\
         generated text, once on each core, with and without `overt watch` in turn; the median of the ratios is given with an\n\
         interval that holds the true median with at least 95 % confidence (order statistics).\n",
        model.trim_start_matches([' ', '\t', ':']),
        kernel.trim(),
    )
}
