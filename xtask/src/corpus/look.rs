//! Lets the binary look at a run: to keep the recording, or to check its answer.

use super::install::{hex, version};
use super::ledger::{Entry, Ledger, file_name};
use super::places::Places;
use super::recipe::Recipe;
use super::session::Session;
use super::started::go_on;
use super::trim::{self, Kept};
use facts::Activity;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

/// A program that starts during the observation starts this long after its begin.
const LATE: Duration = Duration::from_millis(300);
/// The observer may need this much longer than the observation: reading symbols, writing.
const GRACE: Duration = Duration::from_secs(40);
/// A recording above this is reported; the whole corpus is to stay below 40 MB. Bytes.
const LARGE: usize = 80 << 10;

/// What an observation gave.
struct Observed {
    file: PathBuf,
    kept: Kept,
    began: SystemTime,
}

/// Observes, trims, and enters the recording in the ledger.
///
/// # Errors
///
/// What went wrong, in words.
pub fn keep(places: &Places, recipe: &Recipe, seconds: u64, ledger: &mut Ledger) -> Result<String, String> {
    let observed = observe(places, recipe, seconds)?;
    let recording = read(&observed.file)?;
    let _ = std::fs::remove_file(&observed.file);
    let began_ms = began_ms(&recording.started, observed.began)?;
    let trimmed = trim::trim(recording, &observed.kept);
    let (bytes, trimmed) = trim::within(trimmed, LARGE).map_err(|e| e.to_string())?;
    let used = trim::used(&trimmed, &observed.kept);
    let cpu_s = used.iter().map(|(_, ms)| *ms as f64 / 1000.0).sum::<f64>();
    if used.is_empty() && recipe.activity != Activity::Idle && recipe.duty > 0.0 {
        return Err("the recording holds nothing of the program".into());
    }
    let folder = places.out.join("recordings");
    let path = folder.join(file_name(recipe));
    std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    std::fs::write(&path, &bytes).map_err(|e| format!("{}: {e}", path.display()))?;
    let pids = labelled_pids(&used, &observed.kept);
    ledger.enter(entry(places, recipe, pids, began_ms, cpu_s, &bytes))?;
    let large = if bytes.len() > LARGE { ", LARGE" } else { "" };
    Ok(format!("recorded {} KB{large}, {cpu_s:.1} s of processor time", bytes.len() >> 10))
}

/// The processes that worked, the busiest first; all of the tree when none did.
fn labelled_pids(used: &[(u32, u64)], kept: &Kept) -> Vec<u32> {
    const MOST: usize = 32;
    let pids: Vec<u32> = used.iter().map(|(pid, _)| *pid).take(MOST).collect();
    if pids.is_empty() { kept.tree.iter().map(|(pid, _)| *pid).take(MOST).collect() } else { pids }
}

fn entry(places: &Places, recipe: &Recipe, pids: Vec<u32>, began_ms: u64, cpu_s: f64, bytes: &[u8]) -> Entry {
    Entry {
        file: file_name(recipe),
        program: recipe.name.clone(),
        family: recipe.family.clone(),
        run: recipe.label.clone(),
        activity: recipe.activity,
        algorithm: recipe.algorithm.clone(),
        token_link: recipe.token_link,
        evasion: recipe.evasion(),
        pids,
        began_ms: if recipe.late { began_ms } else { 0 },
        cpu_s: (cpu_s * 100.0).round() / 100.0,
        version: version(places, recipe),
        command: recipe.command.clone(),
        sha256: hex(&Sha256::digest(bytes)),
    }
}

fn read(file: &Path) -> Result<wire::recording::Recording, String> {
    let opened = std::fs::File::open(file).map_err(|e| format!("{}: {e}", file.display()))?;
    wire::recording::read(std::io::BufReader::new(opened)).map_err(|e| e.to_string())
}

fn began_ms(started: &str, began: SystemTime) -> Result<u64, String> {
    let started = humantime::parse_rfc3339(started).map_err(|e| format!("begin '{started}': {e}"))?;
    let late = began.duration_since(started).unwrap_or_default();
    Ok(u64::try_from(late.as_millis()).unwrap_or(0))
}

fn observe(places: &Places, recipe: &Recipe, seconds: u64) -> Result<Observed, String> {
    let mut session = Session::prepare(places, recipe)?;
    let file = places.scratch.join(format!("{}.overt", recipe.title()));
    let began;
    let mut observer;
    if recipe.late {
        observer = start_observer(places, seconds, &file)?;
        std::thread::sleep(LATE);
        began = session.begin()?;
    } else {
        began = session.begin()?;
        session.warm_up();
        session.program()?;
        observer = start_observer(places, seconds, &file)?;
    }
    wait(&mut observer, &session, Duration::from_secs(seconds) + GRACE)?;
    session.program()?;
    let root = session.root();
    let (tree, others) = session.members();
    Ok(Observed { file, kept: Kept { root, tree, others }, began })
}

fn start_observer(places: &Places, seconds: u64, file: &Path) -> Result<Child, String> {
    let overt = places.overt.as_ref().ok_or("no binary to look with")?;
    Command::new(overt)
        .args(["look", "--duration", &format!("{seconds}s"), "--record"])
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| format!("cannot start {}: {e}", overt.display()))
}

fn wait(observer: &mut Child, session: &Session<'_>, longest: Duration) -> Result<(), String> {
    let begun = Instant::now();
    loop {
        go_on()?;
        match observer.try_wait().map_err(|e| e.to_string())? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(format!("`overt look` ended with {status}")),
            None if begun.elapsed() > longest => {
                let _ = observer.kill();
                let _ = observer.wait();
                return Err(format!("`overt look` did not end in {longest:?}"));
            }
            None => session.follow(),
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Observes, and checks that the binary names the labelled activity and invents no token link.
///
/// # Errors
///
/// What it said instead.
pub fn verify(places: &Places, recipe: &Recipe, seconds: u64) -> Result<String, String> {
    let observed = observe(places, recipe, seconds)?;
    let overt = places.overt.as_ref().ok_or("no binary to look with")?;
    let output = Command::new(overt)
        .args(["look", "--json", "--replay"])
        .arg(&observed.file)
        .output()
        .map_err(|e| format!("cannot start {}: {e}", overt.display()))?;
    let _ = std::fs::remove_file(&observed.file);
    let document: Value =
        serde_json::from_slice(&output.stdout).map_err(|e| format!("its JSON does not read: {e}"))?;
    let pids: BTreeSet<u64> = observed.kept.tree.iter().map(|(pid, _)| u64::from(*pid)).collect();
    compare(recipe, busiest(&document, &pids))
}

/// The busiest workload that holds one of `pids`.
fn busiest<'a>(document: &'a Value, pids: &BTreeSet<u64>) -> Option<&'a Value> {
    let holds = |w: &&Value| {
        let listed = w.get("pids").and_then(Value::as_array);
        listed.is_some_and(|l| l.iter().filter_map(Value::as_u64).any(|pid| pids.contains(&pid)))
    };
    let share = |w: &Value| w.get("cpu_share").and_then(Value::as_f64).unwrap_or(0.0);
    let workloads = document.get("workloads")?.as_array()?;
    workloads.iter().filter(holds).max_by(|a, b| share(a).total_cmp(&share(b)))
}

fn compare(recipe: &Recipe, workload: Option<&Value>) -> Result<String, String> {
    let Some(workload) = workload else {
        // A program that does nothing need not be listed at all.
        return match recipe.activity {
            Activity::Idle => Ok("idle: not listed".into()),
            expected => Err(format!("expected {expected}, not listed")),
        };
    };
    let text = |path: &str| workload.pointer(path).and_then(Value::as_str).unwrap_or("nothing").to_owned();
    let (activity, token) = (text("/activity"), text("/token_link/state"));
    let probability = workload.get("probability").and_then(Value::as_f64).unwrap_or(0.0);
    let said = format!("{activity} {} p={probability:.3} token link {token}", text("/algorithm"));
    let invented = token == "seen" && recipe.token_link != facts::TokenState::Seen;
    match activity == recipe.activity.name() && !invented {
        true => Ok(said),
        false => Err(format!("expected {}, saw {said}", recipe.activity)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_busiest_workload_with_a_labelled_process_is_the_answer() {
        let document = json!({"workloads": [
            {"pids": [1], "cpu_share": 2.0}, {"pids": [2], "cpu_share": 0.1}, {"pids": [3], "cpu_share": 0.4}]});
        let found = busiest(&document, &BTreeSet::from([2, 3])).unwrap();
        assert_eq!(found.get("pids"), Some(&json!([3])));
        assert!(busiest(&document, &BTreeSet::from([9])).is_none());
    }

    #[test]
    fn work_that_began_before_the_observation_began_at_zero() {
        assert_eq!(began_ms("1970-01-01T00:00:10.000Z", SystemTime::UNIX_EPOCH), Ok(0));
        let later = SystemTime::UNIX_EPOCH + Duration::from_millis(10_300);
        assert_eq!(began_ms("1970-01-01T00:00:10.000Z", later), Ok(300));
    }
}
