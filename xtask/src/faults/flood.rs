//! `cargo xtask flood`: one device sends a million statements as fast as it can. What do the other devices notice?
//!
//! A real `overt serve`, devices at addresses of their own (all of 127/8 is this machine), each sending one statement now and
//! then, at times fixed beforehand: a wait is counted from the time at which it was due, so that a registry that stalls is
//! charged for all that it held up. Quiet and flooded stretches take turns, and the figure is a ratio within the run.

mod asking;

use super::scene::{folder, overt};
use crate::bench_registry::{Served, enrol};
use asking::{Answer, Asking};
use std::collections::BTreeMap;
use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use testkit::{Fleet, Speaker};

/// Where statements begin before now, in milliseconds: 390 days, as far back as a registry takes them and a bit less.
const BEGIN_MS: u64 = 390 * 86_400_000;
/// Statements of one request of the flood: as many as a registry takes.
const REQUEST: usize = 4_096;
/// Connections of the flood.
const CONNECTIONS: usize = 4;
/// The flood's address.
const FLOODER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// Time between two statements of one of the other devices.
const EVERY: Duration = Duration::from_millis(200);
/// By how much the others' 99th percentile may grow.
const BAR: f64 = 2.0;

/// Options.
#[derive(clap::Args)]
pub struct Args {
    /// Statements of the flood, at least
    #[arg(long, default_value_t = 1_000_000)]
    statements: usize,
    /// Other devices
    #[arg(long, default_value_t = 20)]
    devices: u8,
    /// Seconds of each stretch; two are quiet, two flooded
    #[arg(long, default_value_t = 15)]
    seconds: u64,
    /// The same statements again
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The binary; the one beside this program otherwise
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// What the flood was answered.
#[derive(Default)]
struct Answered {
    bodies: AtomicUsize,
    kinds: Mutex<BTreeMap<String, usize>>,
}

/// Runs it.
pub fn run(args: &Args) -> crate::Outcome {
    let binary = args.binary.clone().map_or_else(overt, Ok)?;
    let folder = folder("flood")?;
    let now = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let mut fleet = Fleet::new(args.seed, usize::from(args.devices) + 1, "OPEN", now - BEGIN_MS, now)?;
    let served = Served::start(&binary, &folder)?;
    enrol(&served, &fleet, &folder)?;
    let mut flooder = fleet.speakers.pop().ok_or("no device")?;
    let bodies: Vec<Vec<u8>> = (0..args.statements.div_ceil(REQUEST)).map(|_| body(&mut flooder)).collect();
    println!("{} statements of one device are signed, {} others speak", bodies.len() * REQUEST, args.devices);
    let (answered, next) = (Answered::default(), AtomicUsize::new(0));
    let (mut quiet, mut flooded) = (Vec::new(), Vec::new());
    let address = served.address()?;
    for _ in 0..2 {
        let wait = || std::thread::sleep(Duration::from_secs(args.seconds));
        quiet.extend(waits(&mut fleet.speakers, address, wait)?);
        let flood = || flood(address, &bodies, &next, &answered, Duration::from_secs(args.seconds));
        flooded.extend(waits(&mut fleet.speakers, address, flood)?);
    }
    served.stop()?;
    tell(args, &answered, &mut quiet, &mut flooded)?;
    Ok(std::fs::remove_dir_all(folder)?)
}

fn body(speaker: &mut Speaker) -> Vec<u8> {
    (0..REQUEST).flat_map(|_| speaker.say()).collect()
}

fn tell(
    args: &Args,
    answered: &Answered,
    quiet: &mut [Duration],
    flooded: &mut [Duration],
) -> crate::Outcome {
    let sent = answered.bodies.load(Ordering::Relaxed) * REQUEST;
    println!("the flood: {sent} statements in requests of {REQUEST} over {CONNECTIONS} connections");
    for (kind, count) in answered.kinds.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        println!("  {kind:30} {count}");
    }
    let ms = |waits: &mut [Duration], permille| percentile(waits, permille).as_secs_f64() * 1e3;
    for (what, waits) in [("quiet", &mut *quiet), ("flooded", &mut *flooded)] {
        let (median, most) = (ms(waits, 500), ms(waits, 990));
        println!(
            "{what:8} {} durable answers: median {median:.1} ms, 99th percentile {most:.1} ms",
            waits.len()
        );
    }
    let ratio = ms(flooded, 990) / ms(quiet, 990);
    println!("99th percentile of the others, flooded to quiet: {ratio:.2} (at most {BAR})");
    match () {
        () if sent < args.statements => {
            Err(format!("{sent} statements were sent, expected {}; give it more seconds", args.statements)
                .into())
        }
        () if ratio > BAR => Err(format!("the others wait {ratio:.2} times as long").into()),
        () => Ok(()),
    }
}

fn percentile(waits: &mut [Duration], permille: usize) -> Duration {
    waits.sort_unstable();
    let at = (waits.len() * permille).div_ceil(1_000).saturating_sub(1);
    waits.get(at).copied().unwrap_or_default()
}

/// How long each device waited for each durable answer while something went on.
fn waits(
    speakers: &mut [Speaker],
    to: SocketAddr,
    meanwhile: impl FnOnce(),
) -> Result<Vec<Duration>, Box<dyn Error>> {
    let (over, all, trouble) = (AtomicBool::new(false), Mutex::new(Vec::new()), Mutex::new(None));
    std::thread::scope(|scope| {
        for (place, speaker) in (10..).zip(speakers.iter_mut()) {
            let (over, all, trouble) = (&over, &all, &trouble);
            scope.spawn(move || match speak(speaker, Ipv4Addr::new(127, 0, 1, place), to, over) {
                Ok(waits) => all.lock().unwrap_or_else(PoisonError::into_inner).extend(waits),
                Err(error) => {
                    *trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string())
                }
            });
        }
        meanwhile();
        over.store(true, Ordering::Relaxed);
    });
    match trouble.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(trouble) => Err(trouble.into()),
        None => Ok(all.into_inner().unwrap_or_else(PoisonError::into_inner)),
    }
}

fn speak(
    speaker: &mut Speaker,
    from: Ipv4Addr,
    to: SocketAddr,
    over: &AtomicBool,
) -> std::io::Result<Vec<Duration>> {
    let mut asking = Asking::new(from, to);
    // Spread over the period, so that they do not all come at once.
    let mut due = Instant::now() + EVERY / 20 * u32::from(from.octets()[3] - 10);
    let mut waits = Vec::new();
    while !over.load(Ordering::Relaxed) {
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let answer = asking.submit(&speaker.say())?;
        if answer.submitted().accepted() != 1 {
            return Err(std::io::Error::other(format!("another device is refused: {}", answer.text())));
        }
        waits.push(due.elapsed());
        due += EVERY;
    }
    Ok(waits)
}

/// Sends bodies one after the other for so long, over several connections and without regard for any answer.
fn flood(to: SocketAddr, bodies: &[Vec<u8>], next: &AtomicUsize, answered: &Answered, time: Duration) {
    let end = Instant::now() + time;
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut asking = Asking::new(FLOODER, to);
                while Instant::now() < end {
                    let place = next.fetch_add(1, Ordering::Relaxed) % bodies.len().max(1);
                    let Some(body) = bodies.get(place) else { return };
                    answered.note(asking.submit(body));
                }
            });
        }
    });
}

impl Answered {
    fn note(&self, answer: std::io::Result<Answer>) {
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let mut add = |kind: &str, count| *kinds.entry(kind.to_owned()).or_default() += count;
        match answer {
            Err(_) => add("connections broken off", 1),
            Ok(answer) if answer.status != 200 => add(&format!("requests with status {}", answer.status), 1),
            Ok(answer) => {
                self.bodies.fetch_add(1, Ordering::Relaxed);
                let submitted = answer.submitted();
                add("statements accepted", submitted.accepted());
                submitted.reasons().for_each(|reason| add(reason, 1));
            }
        }
    }
}
