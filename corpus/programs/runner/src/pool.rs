//! A miner's side of the conversation with a pool on loopback, in nine dialects. One thread listens, the hashing
//! threads read the current job without a lock in the way. Refuses any address that is not loopback.

mod dialect;
mod transport;

use crate::{Options, Shift};
use dialect::Dialect;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use transport::Transport;

/// Shares handed in at most each second, whatever the difficulty.
const SHARES_PER_SECOND: u64 = 10;

/// One job: what to hash and how good a hash must be.
#[derive(Clone, Debug, Default)]
pub struct Job {
    /// The pool's name for it.
    pub id: String,
    /// Header or blob; miners put their nonce where their chain has it.
    pub header: Vec<u8>,
    /// The largest top 64 bits of a share.
    pub target: u64,
}

#[derive(Debug)]
struct Board {
    job: Mutex<Arc<Job>>,
    generation: AtomicU64,
    found: Mutex<Vec<(String, u64, Vec<u8>)>>,
    done: AtomicBool,
}

/// Mines: asks the pool (or itself, when there is none) for work and calls `hash` with the job and rising nonces.
/// `hash` returns the 64 bits that are held against the target, and does so for about a millisecond or less.
pub fn mine<S>(
    options: &Options,
    algorithm: &str,
    prepare: impl Fn(usize, &Job) -> S + Sync,
    hash: impl Fn(&mut S, &Job, u64) -> u64 + Sync,
) {
    let board = Arc::new(Board {
        job: Mutex::new(Arc::new(invented_job(0))),
        generation: AtomicU64::new(0),
        found: Mutex::new(Vec::new()),
        done: AtomicBool::new(false),
    });
    let speaker = options.pool.as_deref().map(|pool| converse(pool, options, algorithm, &board));
    let hashes = AtomicU64::new(0);
    options.run(|number, shift| hashes_until_done(number, shift, &board, &prepare, &hash, &hashes));
    board.done.store(true, Ordering::Relaxed);
    let shares = speaker.map(|thread| thread.join().unwrap_or(0));
    println!("{algorithm}: {} hashes, shares {shares:?}", hashes.load(Ordering::Relaxed));
}

fn hashes_until_done<S>(
    number: usize,
    shift: &mut Shift,
    board: &Board,
    prepare: &impl Fn(usize, &Job) -> S,
    hash: &impl Fn(&mut S, &Job, u64) -> u64,
    hashes: &AtomicU64,
) {
    let mut nonce = (number as u64) << 40;
    let mut generation = u64::MAX;
    let mut job = Arc::new(Job::default());
    let mut state = None;
    let mut batch = 1_u64;
    while shift.goes_on() {
        let now = board.generation.load(Ordering::Relaxed);
        if now != generation || state.is_none() {
            generation = now;
            job = Arc::clone(&board.job.lock().unwrap());
            if state.is_none() {
                state = Some(prepare(number, &job));
            }
        }
        let Some(state) = state.as_mut() else { return };
        let begun = Instant::now();
        for _ in 0..batch {
            nonce += 1;
            let value = hash(state, &job, nonce);
            if value <= job.target {
                let shown = [value.to_be_bytes(); 4].concat();
                board.found.lock().unwrap().push((job.id.clone(), nonce, shown));
            }
        }
        hashes.fetch_add(batch, Ordering::Relaxed);
        if begun.elapsed() < Duration::from_millis(2) && batch < 1 << 16 {
            batch *= 2;
        }
    }
}

fn invented_job(number: u64) -> Job {
    let mut header = vec![0; 80];
    crate::Random(number).fill(&mut header);
    Job { id: number.to_string(), header, target: 1 << 20 }
}

/// Starts the thread that talks; it returns the shares handed in.
fn converse(
    pool: &str,
    options: &Options,
    algorithm: &str,
    board: &Arc<Board>,
) -> std::thread::JoinHandle<u64> {
    let address: std::net::SocketAddr = pool.parse().expect("--pool takes 127.0.0.1:PORT");
    assert!(address.ip().is_loopback(), "these miners talk to loopback only");
    let dialect = Dialect::named(&options.dialect, algorithm);
    let mut transport = Transport::connect(address, &dialect).expect("the pool listens");
    let board = Arc::clone(board);
    let begun = Instant::now();
    std::thread::spawn(move || {
        let mut dialect = dialect;
        let mut shares = 0;
        for message in dialect.hello() {
            transport.say(&message);
        }
        while !board.done.load(Ordering::Relaxed) {
            for message in transport.hear() {
                if let Some(job) = dialect.understand(&message, &mut |answer| transport.say(answer)) {
                    *board.job.lock().unwrap() = Arc::new(job);
                    board.generation.fetch_add(1, Ordering::Relaxed);
                }
            }
            let found = std::mem::take(&mut *board.found.lock().unwrap());
            for (id, nonce, shown) in found {
                if shares < (begun.elapsed().as_secs() + 1) * SHARES_PER_SECOND {
                    shares += 1;
                    transport.say(&dialect.share(&id, nonce, &shown));
                }
            }
            if let Some(message) = dialect.from_time_to_time() {
                transport.say(&message);
            }
        }
        shares
    })
}
