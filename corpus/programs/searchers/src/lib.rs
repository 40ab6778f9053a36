//! Where candidates come from: words of a list with endings, then every string of a mask. No hash lives here.

/// Words that people choose, for want of a list.
const WORDS: [&str; 12] = [
    "summer", "winter", "dragon", "monkey", "orange", "shadow", "master", "purple", "silver", "ginger",
    "cookie", "falcon",
];

/// An endless row of candidates, different for every thread.
#[derive(Debug)]
pub struct Candidates {
    list: Vec<Vec<u8>>,
    mask: bool,
    at: u64,
    buffer: Vec<u8>,
}

impl Candidates {
    /// Words of `--input` (one a line) with endings, or every eight-letter string with `--mode mask`.
    pub fn new(options: &runner::Options, thread: usize) -> Self {
        let text = options
            .input
            .as_ref()
            .and_then(|path| std::fs::read(path).ok())
            .unwrap_or_else(|| WORDS.join("\n").into_bytes());
        let list = text.split(|&b| b == b'\n').filter(|w| !w.is_empty()).map(<[u8]>::to_vec).collect();
        Self { list, mask: options.is("mask"), at: (thread as u64) << 36, buffer: Vec::new() }
    }

    /// The next candidate.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> &[u8] {
        self.buffer.clear();
        let mut rest = self.at;
        self.at += 1;
        if self.mask {
            for _ in 0..8 {
                self.buffer.push(b'a' + (rest % 26) as u8);
                rest /= 26;
            }
        } else {
            self.buffer.extend_from_slice(&self.list[rest as usize % self.list.len()]);
            rest /= self.list.len() as u64;
            while rest > 0 {
                self.buffer.push(b'0' + (rest % 10) as u8);
                rest /= 10;
            }
        }
        &self.buffer
    }
}

/// Tries candidates on every thread until the time is up; says how many were tried.
pub fn search(options: &runner::Options, step: usize, found: impl Fn(&[u8]) -> bool + Sync) {
    let tried = std::sync::atomic::AtomicU64::new(0);
    options.run(|thread, shift| {
        let mut candidates = Candidates::new(options, thread);
        while shift.goes_on() {
            for _ in 0..step {
                let candidate = candidates.next();
                if found(candidate) {
                    println!("found {}", String::from_utf8_lossy(candidate));
                }
            }
            tried.fetch_add(step as u64, std::sync::atomic::Ordering::Relaxed);
        }
    });
    println!("tried {}", tried.into_inner());
}
