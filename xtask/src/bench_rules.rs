//! What judging costs: loading all rulebooks, judging single findings, and a year of history.
//!
//! Runs the release build of `overt` on history that is made here, deterministic and piped, so that nothing large lies on
//! disk. Must not say what is right: that is for the golden cases.

use crate::bench::release;
use rulebook::{Case, Judge, Kind, Rulebook, Value, shipped, shipped_names};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What the project holds itself to.
const BAR_LOADING: Duration = Duration::from_millis(500);
const BAR_JUDGING: f64 = 30_000.0;
const BAR_BACKTEST: Duration = Duration::from_secs(20);
const BAR_MEMORY: u64 = 500 << 20;
/// Findings judged one by one.
const JUDGED: usize = 200_000;
/// Devices of the history.
const DEVICES: u64 = 2000;

/// Options.
#[derive(clap::Args)]
pub struct Args {
    /// Findings of the history: a year of 2,000 devices
    #[arg(long, default_value_t = 1_000_000)]
    findings: u64,
    /// Measure this program instead of building the release one
    #[arg(long, value_name = "FILE")]
    overt: Option<PathBuf>,
    /// Write the history to a file instead of measuring
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// End with an error where a bar is missed
    #[arg(long)]
    check: bool,
}

/// Run it.
pub fn run(args: &Args) -> crate::Outcome {
    if let Some(path) = &args.history {
        let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
        return Ok(history(&mut file, args.findings)?);
    }
    let overt = match &args.overt {
        Some(path) => path.clone(),
        None => release()?,
    };
    let mut missed = Vec::new();
    let mut row = |what: &str, found: String, bar: String, met: bool| {
        println!("{what:<58} {found:>16}   bar {bar:>14}   {}", if met { "met" } else { "MISSED" });
        if !met {
            missed.push(what.to_owned());
        }
    };
    let begun = Instant::now();
    for name in shipped_names() {
        let status =
            Command::new(&overt).args(["rules", "check", "--quiet", &name]).stdout(Stdio::null()).status()?;
        if !status.success() {
            return Err(format!("`overt rules check {name}` failed").into());
        }
    }
    let loading = begun.elapsed();
    let what = "loading and checking all rulebooks, a process each";
    row(what, format!("{loading:.2?}"), format!("{BAR_LOADING:?}"), loading <= BAR_LOADING);
    for name in shipped_names() {
        let (rulebook, _) = shipped(&name).ok_or("no rulebook")?;
        let rulebook = rulebook.ok_or("a shipped rulebook cannot be used")?;
        let (rate, memory) = (rate(&rulebook, false)?, rate(&rulebook, true)?);
        let what = format!("judging by {name}, findings a second (same case again)");
        row(&what, format!("{rate:.0} ({memory:.0})"), format!("{BAR_JUDGING:.0}"), rate >= BAR_JUDGING);
    }
    let (wall, peak) = backtest(&overt, args.findings)?;
    row(
        &format!("backtest of {} findings", args.findings),
        format!("{wall:.1?}"),
        format!("{BAR_BACKTEST:?}"),
        wall <= BAR_BACKTEST,
    );
    row(
        "its peak memory",
        format!("{} MiB", peak >> 20),
        format!("{} MiB", BAR_MEMORY >> 20),
        peak <= BAR_MEMORY,
    );
    if missed.is_empty() || !args.check {
        Ok(())
    } else {
        Err(format!("missed: {}", missed.join("; ")).into())
    }
}

/// Findings judged in a second on one core, each with other facts, or the same one again and again.
fn rate(rulebook: &Rulebook, again: bool) -> Result<f64, Box<dyn std::error::Error>> {
    let mut random = Random(7);
    let cases: Vec<Case> = (0..JUDGED).map(|_| case(rulebook, &mut random)).collect();
    let mut judge = Judge::new(rulebook);
    let begun = Instant::now();
    for (i, case) in cases.iter().enumerate() {
        judge.decide(if again { cases.get(i % 16).unwrap_or(case) } else { case })?;
    }
    Ok(cases.len() as f64 / begun.elapsed().as_secs_f64())
}

/// A finding with facts as a registration gives them: half of what the rulebook asks for is known.
fn case(rulebook: &Rulebook, random: &mut Random) -> Case {
    let vocabulary = rulebook.vocabulary();
    let day = rulebook
        .as_of
        .checked_sub(jiff::Span::new().days(i64::try_from(random.below(365)).unwrap_or(0)))
        .unwrap_or(rulebook.as_of);
    let activity = random.pick(vocabulary.activities()).map_or("general", String::as_str).to_owned();
    let place = random.pick(&rulebook.places).map_or("", |p| p.code.as_str()).to_owned();
    let mut case = Case::new(&place, day, &activity);
    case.operator = random.pick(vocabulary.operators()).map(|o| o.name.clone());
    for fact in vocabulary.facts() {
        if random.below(2) == 0 {
            continue;
        }
        let value = match &fact.kind {
            Kind::YesNo => Value::YesNo(random.below(2) == 0),
            Kind::Choice { values } => Value::Choice(random.pick(values).cloned().unwrap_or_default()),
            Kind::Quantity { max, .. } => {
                Value::Quantity(i64::try_from(random.next() >> 1).unwrap_or(0) % (max + 1))
            }
        };
        case.facts.insert(fact.name.clone(), value);
    }
    // What a whole is made of is no larger than the whole.
    case.facts.remove("energy.mining_wh");
    case.facts.remove("site.it_power_w");
    case
}

/// Wall time and peak memory of a backtest of history that is piped in.
fn backtest(overt: &Path, findings: u64) -> Result<(Duration, u64), Box<dyn std::error::Error>> {
    let mut child = Command::new(overt)
        .args(["rules", "backtest", "--rulebook", "OPEN", "--against", "OPEN", "--json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    let input = child.stdin.take().ok_or("no standard input")?;
    let begun = Instant::now();
    let writing =
        std::thread::spawn(move || history(&mut std::io::BufWriter::with_capacity(1 << 20, input), findings));
    let mut peak = 0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak = peak.max(high_water(child.id()));
        std::thread::sleep(Duration::from_millis(20));
    };
    let wall = begun.elapsed();
    writing.join().map_err(|_| "the history was not written")??;
    if status.success() { Ok((wall, peak)) } else { Err("the backtest failed".into()) }
}

/// Peak resident memory of a running process, bytes.
fn high_water(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kib: u64 = line.and_then(|l| l.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0);
    kib << 10
}

/// A year of devices of forty owners: a tenth of them mines, a third trains and infers, the others do other work.
fn history(out: &mut impl Write, findings: u64) -> std::io::Result<()> {
    let mut random = Random(11);
    let rounds = findings.div_ceil(DEVICES).max(1);
    let step = 365 * 86400 / rounds;
    for n in 0..findings {
        let (round, device) = (n / DEVICES, n % DEVICES);
        let at = jiff::Timestamp::from_second(1_767_225_600 + i64::try_from(round * step).unwrap_or(0))
            .unwrap_or_default();
        let (activity, rival, link) = match device % 10 {
            0 => ("mining", "hash-search", "seen"),
            1 | 2 => ("training", "scientific", "not-seen"),
            3 => ("inference", "media", "not-seen"),
            4 => ("validation", "edge", "not-observable"),
            5 => ("storage-proving", "compression", "seen"),
            6 => ("data", "general", "not-seen"),
            _ => ("general", "build", "not-seen"),
        };
        let sure = 80 + random.below(20);
        // Mean power of the class of machine, from an idling server to one with eight accelerators.
        let watts = [900, 2400, 350, 700, 90, 140, 260, 120, 80, 60]
            .get(usize::try_from(device % 10).unwrap_or(0))
            .copied()
            .unwrap_or(100);
        let energy = (watts + random.below(watts / 2 + 1)) * step / 3600;
        let owner = if device < DEVICES / 2 { device % 20 } else { 20 + device % 300 };
        let dedicated = device % 20 == 0;
        let registered = device % 3 != 0;
        writeln!(
            out,
            r#"{{"device":"d{device:04}","owner":"owner-{owner}","operator":"company","place":"OPEN","at":"{at}","interval_s":{step},"energy_wh":{energy},"readings":[{{"activity":"{activity}","probability":0.{sure}}},{{"activity":"{rival}","probability":0.{:02}}}],"token_link":"{link}","facts":{{"operator.registered":{registered},"device.dedicated":{dedicated},"site.load_w":{},"site.home":false}}}}"#,
            99 - sure,
            100_000 * (1 + device % 9)
        )?;
    }
    out.flush()
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014: splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let index = usize::try_from(self.below(from.len() as u64)).ok()?;
        from.get(index)
    }
}
