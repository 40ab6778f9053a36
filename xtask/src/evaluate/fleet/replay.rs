//! Recordings in the place of devices, with virtual time: slices through the observation of the product, what it says
//! through the agent's own summary into statements.
//!
//! Must not touch what identification concludes.

use super::Corpus;
use super::splice;
use crate::evaluate::cases::Label;
use crate::evaluate::training;
use agent::summary::{About, Interval};
use facts::Looked;
use identify::{Model, Observation};
use statement::{Clock, DeviceId, Energy, KeyId, Statement};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::rc::Rc;
use wire::Recording;

/// Looks of less than this are left out: a watch has a window of 15 s behind it, milliseconds.
const WARM_MS: u64 = 1_500;
/// How long one look stands for, milliseconds: a recording is a few seconds of a workload that goes on.
const LOOK_MS: u32 = 15_000;
/// Looks in one statement.
const LOOKS: usize = 4;

/// What is replayed: recordings by their place in the corpus, and what is done to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Script {
    /// As it was recorded.
    Plain(usize),
    /// Two, the second in a process tree of its own.
    Beside(usize, usize),
    /// Two, the second started by the first.
    Inside(usize, usize),
    /// Without what reads hot code.
    Blind(usize),
}

/// Replays, each done once.
pub(super) struct Replays<'a> {
    corpus: &'a Corpus<'a>,
    /// By the weights that ship, which saw all families.
    shipped: bool,
    models: BTreeMap<BTreeSet<usize>, Model>,
    done: BTreeMap<Script, Rc<Vec<Looked>>>,
}

impl<'a> Replays<'a> {
    pub fn new(corpus: &'a Corpus<'a>, shipped: bool) -> Self {
        Self { corpus, shipped, models: BTreeMap::new(), done: BTreeMap::new() }
    }

    /// What the product says of it, look by look.
    pub fn looks(&mut self, script: Script) -> Result<Rc<Vec<Looked>>, Box<dyn Error>> {
        if let Some(looks) = self.done.get(&script) {
            return Ok(looks.clone());
        }
        let recording = self.recording(script)?;
        let looks = Rc::new(looks(&recording, self.model(script)));
        self.done.insert(script, looks.clone());
        Ok(looks)
    }

    fn recording(&self, script: Script) -> Result<Recording, Box<dyn Error>> {
        let read = |at: usize| read(self.corpus.label(at)?);
        let label = |at: usize| self.corpus.label(at);
        Ok(match script {
            Script::Plain(at) => read(at)?,
            Script::Blind(at) => splice::blind(read(at)?),
            Script::Beside(host, guest) => {
                splice::together(read(host)?, read(guest)?, label(host)?, label(guest)?, false)
            }
            Script::Inside(host, guest) => {
                splice::together(read(host)?, read(guest)?, label(host)?, label(guest)?, true)
            }
        })
    }

    /// Weights that saw none of the families, or those that ship.
    fn model(&mut self, script: Script) -> Model {
        if self.shipped {
            return Model::shipped().clone();
        }
        let (first, second) = match script {
            Script::Plain(a) | Script::Blind(a) => (a, a),
            Script::Beside(a, b) | Script::Inside(a, b) => (a, b),
        };
        let corpus = self.corpus;
        let fold = |at: usize| corpus.cases.get(at).and_then(|c| corpus.folds.get(&c.label.family)).copied();
        let out: BTreeSet<usize> = [first, second].into_iter().filter_map(fold).collect();
        let fitted = || {
            let seen = |c: &&crate::evaluate::cases::Case| {
                corpus.folds.get(&c.label.family).is_none_or(|fold| !out.contains(fold))
            };
            training::fit(&corpus.cases.iter().filter(seen).collect::<Vec<_>>(), true)
        };
        if let Some(model) = self.models.get(&out) {
            return model.clone();
        }
        let model = fitted();
        self.models.insert(out, model.clone());
        model
    }
}

fn read(label: &Label) -> Result<Recording, Box<dyn Error>> {
    let path = Path::new(crate::evaluate::cases::RECORDINGS).join(&label.file);
    let file = File::open(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(wire::recording::read(std::io::BufReader::new(file))
        .map_err(|e| format!("{}: {e}", path.display()))?)
}

fn looks(recording: &Recording, model: Model) -> Vec<Looked> {
    let window = u64::try_from(agent::Watch::WINDOW.as_millis()).unwrap_or(u64::MAX);
    let mut observation = Observation::new(recording.machine.clone()).with_window(window).judged_by(model);
    let mut looks = Vec::new();
    for slice in &recording.slices {
        observation.absorb(slice);
        if slice.to_ms >= WARM_MS {
            looks.push(observation.looked());
        }
    }
    looks
}

/// One statement a minute from the looks in rotation, so that no two minutes hold quite the same; `watts` is invented.
pub(super) fn statement(
    device: DeviceId,
    looks: &[Looked],
    minute: u64,
    from_ms: u64,
    watts: u64,
) -> Statement {
    let mut interval = Interval::new(device);
    let begin = usize::try_from(minute).unwrap_or(0) * 3;
    for step in 0..LOOKS {
        if let Some(looked) = looks.get((begin + step) % looks.len().max(1)) {
            interval.absorb(looked, LOOK_MS);
        }
    }
    let clock = Clock { boot: KeyId([7; 8]), uptime_ms: minute * 60_000, step_ms: None, skew_ms: None };
    let energy = Some(Energy { millijoules: watts * 60_000, source: "invented".to_owned() });
    let mut statement = interval.statement(About {
        from_ms,
        duration_ms: 60_000,
        clock,
        energy,
        agent: "0".to_owned(),
        detail: None,
    });
    statement.sequence = minute;
    statement
}
