//! `overt look`.

use crate::cli::LookArgs;
use crate::disposition::Place;
use crate::table::Column;
use crate::{Failure, explain, table};
use agent::Looker;
use identify::Observation;
use indicatif::{ProgressBar, ProgressStyle};
use std::fs::File;
use std::io::{BufReader, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};
use wire::{Document, Recording, recording};

/// Looks, or replays, and prints what was asked for.
pub fn run(args: &LookArgs) -> Result<(), Failure> {
    // A place that nobody knows is said before the look, not after.
    let place = Place::of(&args.judging)?;
    let (started, observation) = match &args.replay {
        Some(file) => {
            let recording = read(file)?;
            let observation = agent::replay(&recording);
            (recording.started, observation)
        }
        None => live(args)?,
    };
    if let Some(who) = &args.explain {
        return explained(&observation, who, place.as_ref());
    }
    let looked = observation.looked();
    let judged = place.as_ref().map(|p| p.document(&looked.workloads)).transpose()?;
    let text = if args.json {
        Document::new(&started, &looked).judged(judged.as_ref()).to_json().map_err(std::io::Error::from)?
    } else {
        let column = place.as_ref().map(|p| Column::new(p, &looked.workloads)).transpose()?;
        table::looked(&looked, table::width(), column.as_ref())
    };
    Ok(write!(anstream::stdout(), "{text}")?)
}

fn explained(observation: &Observation, who: &str, place: Option<&Place>) -> Result<(), Failure> {
    let Some(explanation) = observation.explain(who) else {
        let names: Vec<String> = observation.looked().workloads.into_iter().map(|w| w.name).collect();
        let seen = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        return Err(Failure::Usage(format!(
            "no busy workload is named '{who}' or holds that process; busy were: {seen}"
        )));
    };
    let rules = place.map(|p| p.explain(&explanation.finding)).transpose()?.unwrap_or_default();
    Ok(write!(anstream::stdout(), "{}{rules}", explain::text(&explanation))?)
}

fn live(args: &LookArgs) -> Result<(String, Observation), Failure> {
    // The file is made first: nobody wants to look for a minute and then learn that it cannot be kept.
    let file = args.record.as_deref().map(create).transpose()?;
    let started = humantime::format_rfc3339_millis(SystemTime::now()).to_string();
    let mut looker = Looker::open(args.with_arguments).map_err(|e| Failure::Blind(e.to_string()))?;
    let stop = stop_on_interrupt();
    let bar = progress(args.duration);
    let look = looker.look(args.duration, |part| {
        bar.set_position((part * 1000.0) as u64);
        !stop.load(Ordering::Relaxed)
    });
    bar.finish_and_clear();
    if let Some((file, path)) = file {
        let kept = Recording::new(started.clone(), looker.machine(), look.slices);
        recording::write(file, &kept).map_err(|e| unwritable(path, &e))?;
    }
    Ok((started, look.observation))
}

fn create(path: &Path) -> Result<(File, &Path), Failure> {
    File::create(path).map(|file| (file, path)).map_err(|e| unwritable(path, &e))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Usage(format!("cannot write the recording to {}: {error}; choose another file", path.display()))
}

/// Reads a recording.
pub fn read(path: &Path) -> Result<Recording, Failure> {
    let refused = |why: String| Failure::Usage(format!("{}: {why}", path.display()));
    let file = File::open(path).map_err(|e| refused(format!("cannot open the recording: {e}")))?;
    recording::read(BufReader::new(file)).map_err(|e| refused(e.to_string()))
}

/// An interrupt ends the look early, and what was seen until then is judged and kept.
pub fn stop_on_interrupt() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // A second interrupt ends the program at once. Failing to register only loses this courtesy.
        let _ = signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&stop));
        let _ = signal_hook::flag::register(signal, Arc::clone(&stop));
    }
    stop
}

fn progress(duration: Duration) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(1000);
    let template = format!("looking for {} [{{bar:30}}]", humantime::format_duration(duration));
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}
