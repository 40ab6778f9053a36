//! The recorded corpus as cases: labels from the ledger, features from the recordings.

use facts::{Activity, TokenState};
use identify::{Example, Observation};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::error::Error;
use std::fs::File;
use std::path::Path;

/// The corpus's ledger.
const LEDGER: &str = "corpus/recordings.toml";
/// Where the recordings lie.
pub const RECORDINGS: &str = "corpus/recordings";

#[derive(Deserialize)]
struct Ledger {
    #[serde(default)]
    recording: Vec<Label>,
}

/// What the ledger says of one recording.
#[derive(Clone, Debug, Deserialize)]
pub struct Label {
    /// File name below `corpus/recordings`.
    pub file: String,
    /// The program.
    pub program: String,
    /// Its independent code base.
    pub family: String,
    /// The run.
    pub run: String,
    /// What it does.
    pub activity: Activity,
    /// The named computation.
    #[serde(default)]
    pub algorithm: Option<String>,
    /// Whether it earns a token.
    #[serde(default)]
    pub token_link: Option<TokenState>,
    /// How it tries, or happens, to look different.
    #[serde(default)]
    pub evasion: Vec<String>,
    /// Processes of the labelled workload.
    #[serde(default)]
    pub pids: Vec<u32>,
    /// When its work began, milliseconds after the observation began; 0 when it ran before.
    #[serde(default)]
    pub began_ms: u64,
}

/// The labelled workload as it stood at one moment of the recording.
pub struct Moment {
    /// Milliseconds since the observation began.
    pub at_ms: u64,
    /// The workload.
    pub example: Example,
}

/// One labelled recording.
pub struct Case {
    /// Its label.
    pub label: Label,
    /// The workload, slice by slice; the last moment is the whole recording.
    pub moments: Vec<Moment>,
    /// The token link concluded by the weights that ship; it rests on rules, not on weights.
    pub token: Option<TokenState>,
}

impl Case {
    /// Whether the workload would get a row in a look.
    pub fn busy(&self) -> bool {
        self.moments.last().is_some_and(|m| m.example.busy())
    }
}

/// Loads all of it, on two threads.
///
/// # Errors
///
/// A missing or malformed ledger or recording, named.
pub fn load() -> Result<Vec<Case>, Box<dyn Error>> {
    let text = std::fs::read_to_string(LEDGER)
        .map_err(|e| format!("cannot read {LEDGER}: {e}; run `cargo xtask corpus record` first"))?;
    let ledger: Ledger = toml::from_str(&text)?;
    let half = ledger.recording.len().div_ceil(2).max(1);
    let loaded: Vec<Result<Vec<Case>, String>> = std::thread::scope(|scope| {
        let workers: Vec<_> = ledger
            .recording
            .chunks(half)
            .map(|part| scope.spawn(|| part.iter().map(case).collect::<Result<Vec<Case>, String>>()))
            .collect();
        workers.into_iter().map(|w| w.join().unwrap_or_else(|_| Err("a reader panicked".into()))).collect()
    });
    let mut cases = Vec::new();
    for part in loaded {
        cases.extend(part?);
    }
    // A recording in which nothing of the labelled workload ran is right only where the label is idle.
    cases.retain(|c| !c.moments.is_empty() || c.label.activity == Activity::Idle);
    Ok(cases)
}

fn case(label: &Label) -> Result<Case, String> {
    let path = Path::new(RECORDINGS).join(&label.file);
    let refused = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    let file = File::open(&path).map_err(|e| refused(&e))?;
    let recording = wire::recording::read(std::io::BufReader::new(file)).map_err(|e| refused(&e))?;
    let mut observation = Observation::new(recording.machine.clone());
    let wanted: BTreeSet<u32> = label.pids.iter().copied().collect();
    let mut moments = Vec::new();
    let last = recording.slices.len().saturating_sub(1);
    for (index, slice) in recording.slices.iter().enumerate() {
        observation.absorb(slice);
        // Half-second slices at first, then each second: enough to tell when a verdict is reached.
        if index < 8 || index % 2 == 1 || index == last {
            moments.extend(
                labelled(&observation, &wanted).map(|example| Moment { at_ms: slice.to_ms, example }),
            );
        }
    }
    let token = observation
        .looked()
        .workloads
        .into_iter()
        .filter(|w| wanted.is_empty() || w.pids.iter().any(|pid| wanted.contains(pid)))
        .max_by(|a, b| a.cpu_share.total_cmp(&b.cpu_share))
        .map(|w| w.token_link.state);
    Ok(Case { label: label.clone(), moments, token })
}

/// The busiest workload that holds a labelled process.
fn labelled(observation: &Observation, wanted: &BTreeSet<u32>) -> Option<Example> {
    observation
        .examples()
        .into_iter()
        .filter(|e| wanted.is_empty() || e.members.iter().any(|key| wanted.contains(&key.pid)))
        .max_by(|a, b| a.cpu_share.total_cmp(&b.cpu_share))
}
