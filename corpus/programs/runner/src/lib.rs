//! What every corpus program shares: its options, its threads, its throttle and its end. The work itself is in the
//! programs, so that no two families share hot code through this crate.

pub mod pool;

use std::time::{Duration, Instant};

/// Length of one on-and-off period of a throttled thread.
const PERIOD: Duration = Duration::from_millis(200);

/// What was typed.
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads that work.
    pub threads: usize,
    /// Percent of the time each thread works.
    pub duty: u32,
    /// How long the program runs.
    pub seconds: u64,
    /// `127.0.0.1:PORT` of a pool.
    pub pool: Option<String>,
    /// `127.0.0.1:PORT` that a service listens on, or that its load talks to.
    pub listen: Option<String>,
    /// What the pool speaks.
    pub dialect: String,
    /// A file or folder with real data.
    pub input: Option<String>,
    /// How large the problem is; what it counts is the program's own matter.
    pub size: Option<usize>,
    /// A named variant of the work.
    pub mode: Option<String>,
}

impl Options {
    /// Reads the command line; says what it takes and ends the program on anything else.
    pub fn read() -> Self {
        let mut options = Self {
            threads: 1,
            duty: 100,
            seconds: 10,
            pool: None,
            listen: None,
            dialect: "bitcoin".into(),
            input: None,
            size: None,
            mode: None,
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            if word == "--solo" {
                continue;
            }
            let value = words.next().unwrap_or_default();
            let number = || value.parse::<usize>().unwrap_or_else(|_| refuse(&word));
            match word.as_str() {
                "--threads" => options.threads = number().max(1),
                "--duty" => options.duty = number().clamp(1, 100) as u32,
                "--seconds" => options.seconds = number() as u64,
                "--size" => options.size = Some(number()),
                "--pool" => options.pool = Some(value),
                "--listen" => options.listen = Some(value),
                "--dialect" => options.dialect = value,
                "--input" => options.input = Some(value),
                "--mode" => options.mode = Some(value),
                _ => refuse(&word),
            }
        }
        options
    }

    /// Whether `--mode` names this variant.
    pub fn is(&self, mode: &str) -> bool {
        self.mode.as_deref() == Some(mode)
    }

    /// Runs one copy of the work on each thread until the time is up. `work` is called with the thread's number and
    /// its [`Shift`], which it asks whether to go on after every step of at most some milliseconds.
    pub fn run(&self, work: impl Fn(usize, &mut Shift) + Sync) {
        let end = Instant::now() + Duration::from_secs(self.seconds);
        let work = &work;
        std::thread::scope(|scope| {
            for number in 0..self.threads {
                scope.spawn(move || work(number, &mut Shift::new(self.duty, end)));
            }
        });
    }

    /// The bytes of `--input` (a file, or every file below a folder, up to `limit` bytes), or invented text.
    pub fn data(&self, limit: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Some(path) = &self.input {
            collect(std::path::Path::new(path), limit, &mut bytes);
        }
        if bytes.is_empty() {
            bytes = invented_text(limit);
        }
        bytes
    }

    /// A file of its own in the temporary folder, removed when dropped.
    pub fn scratch(&self, name: &str) -> Scratch {
        let file = format!("corpus-{name}-{}", std::process::id());
        Scratch(std::env::temp_dir().join(file))
    }
}

fn refuse(word: &str) -> ! {
    eprintln!(
        "cannot take '{word}'; expected --threads N, --duty PERCENT, --seconds N, --size N, --input PATH, --mode NAME, \
         --pool 127.0.0.1:PORT, --dialect NAME, --listen 127.0.0.1:PORT or --solo"
    );
    std::process::exit(2)
}

fn collect(path: &std::path::Path, limit: usize, bytes: &mut Vec<u8>) {
    if path.is_file() {
        bytes.extend(std::fs::read(path).unwrap_or_default());
        bytes.truncate(limit);
        return;
    }
    let mut entries: Vec<_> =
        std::fs::read_dir(path).into_iter().flatten().flatten().map(|e| e.path()).collect();
    entries.sort();
    for entry in entries.iter().filter(|e| !e.is_symlink()) {
        if bytes.len() < limit {
            collect(entry, limit, bytes);
        }
    }
}

/// Words in a skewed order: compresses about as well as prose. Repeats itself after some MiB, to be there at once.
pub fn invented_text(length: usize) -> Vec<u8> {
    const WORDS: [&str; 16] = [
        "the ", "power ", "of ", "a ", "machine ", "in ", "room ", "and ", "meter ", "which ", "reads ",
        "hour\n", "by ", "number", "seven, ", "or ",
    ];
    const OWN: usize = 4 << 20;
    let mut random = Random(7);
    let mut text = Vec::with_capacity(length + 32);
    while text.len() < length.min(OWN) {
        let bits = random.next();
        let pick = (bits & 15).min(bits >> 4 & 15) as usize;
        text.extend_from_slice(WORDS[pick].as_bytes());
        if pick == 13 {
            text.extend((8..12).map(|shift| b'a' + (bits >> (4 * shift) & 15) as u8));
        }
    }
    while text.len() < length {
        let end = text.len().min(length - text.len());
        text.extend_from_within(..end);
    }
    text.truncate(length);
    text
}

/// A file or folder that goes away with the program.
#[derive(Debug)]
pub struct Scratch(pub std::path::PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Small and fast invented numbers (SplitMix64); for data, never for secrets.
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    /// The next number.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Fills with invented bytes.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let word = self.next().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
}

/// One thread's working time.
#[derive(Debug)]
pub struct Shift {
    duty: u32,
    end: Instant,
    period: Instant,
}

impl Shift {
    fn new(duty: u32, end: Instant) -> Self {
        Self { duty, end, period: Instant::now() }
    }

    /// Whether to go on; sleeps first when the throttle says so.
    pub fn goes_on(&mut self) -> bool {
        let now = Instant::now();
        if self.duty < 100 {
            let worked = now.duration_since(self.period);
            if worked >= PERIOD * self.duty / 100 {
                let rest = worked * (100 - self.duty) / self.duty;
                std::thread::sleep(rest.min(self.end.saturating_duration_since(now)));
                self.period = Instant::now();
            }
        }
        now < self.end
    }
}
