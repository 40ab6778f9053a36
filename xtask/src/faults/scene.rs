//! A registry under load with an agent beside it, and the question at the end.

use agent::disk::Folder;
use agent::key::Keys;
use agent::spool::{DEFAULT_BOUND, Spool};
use serde_json::json;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use testkit::Fleet;
use testkit::load::{Came, Load, Tally};
use testkit::product::{AgentProcess, RegistryProcess, Web};

/// Devices of the load.
const DEVICES: usize = 12;
/// Where their statements begin before now, in milliseconds: forty days, so that none is about the future.
const BEGIN_MS: u64 = 40 * 86_400_000;
/// Threads that speak for them.
pub const WORKERS: usize = 2;
/// How long nothing may be proven before a load gives up.
pub const LONGEST: Duration = Duration::from_secs(60);

/// The built program: beside this one.
pub fn overt() -> Result<PathBuf, Box<dyn Error>> {
    let path = crate::ci::own_program()?.with_file_name("overt");
    if path.is_file() { Ok(path) } else { Err("build it first: cargo build -p overt".into()) }
}

/// A folder of this process, empty.
pub fn folder(name: &str) -> std::io::Result<PathBuf> {
    let path = std::env::temp_dir().join(format!("overt-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&path)?;
    Ok(path)
}

/// A load whose devices are let in.
pub fn load(registry: &RegistryProcess, seed: u64) -> Result<Load, Box<dyn Error>> {
    let now = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let fleet = Fleet::new(seed, DEVICES, "OPEN", now - BEGIN_MS, now)?;
    Ok(Load::begin(fleet, &registry.admin()?)?)
}

/// Lets an agent in at the site of the load, as an administrator would.
pub fn enrol(agent: &AgentProcess, admin: &Web) -> Result<(), Box<dyn Error>> {
    let wish =
        json!({ "name": "door", "role": "enrolment", "operator": "acme", "sites": ["hall"], "uses": 1 });
    let answer = admin.document("POST", "/api/v1/tokens", &wish)?.good()?.json();
    let token = answer.get("token").and_then(|t| t.as_str()).ok_or("no token in the answer")?.to_owned();
    let policy = admin.get("/policy")?.good()?.body;
    Ok(agent.enrol("hall", &token, &policy)?)
}

/// How long an agent has to catch up.
const CATCH_UP: Duration = Duration::from_secs(5);

/// Starts an agent anew: after much trouble it waits long before it asks again, and a new one asks at once.
pub fn anew(agent: &mut AgentProcess) -> crate::Outcome {
    agent.stop()?;
    agent.start()?;
    std::thread::sleep(CATCH_UP);
    Ok(())
}

/// Says that something was left out, so that nobody takes it for done.
pub fn skipped(what: &str, why: &dyn Error) -> crate::Outcome {
    println!("SKIPPED: nothing was tried of '{what}': {why}");
    Ok(())
}

/// What came out.
#[derive(Debug, Default)]
pub struct Verdict {
    statements: u64,
    came: Came,
    lost: usize,
    duplicates: usize,
    agent_in_log: u64,
    agent_waiting: usize,
    wrong: Vec<String>,
}

impl Verdict {
    /// Asks the question. The registry and the agent must have ended.
    pub fn of(registry: &RegistryProcess, agent: &AgentProcess, came: Came) -> Result<Self, Box<dyn Error>> {
        let tally = Tally::of(registry.data())?;
        let mut verdict = Self {
            statements: tally.times.values().sum(),
            lost: tally.lost(&came.said),
            duplicates: tally.duplicates(),
            wrong: came.wrong.clone(),
            came,
            ..Self::default()
        };
        verdict.agent(agent.data(), &tally)?;
        if verdict.came.proven != u64::try_from(verdict.came.said.len())? {
            verdict.wrong.push("a statement of the load has no receipt".to_owned());
        }
        let (code, said) = registry.command(&["fsck"])?;
        if code != 0 {
            verdict.wrong.push(format!("fsck: exit code {code}: {said}"));
        }
        Ok(verdict)
    }

    /// What the agent has stated must be in the log or on its disk, without a hole.
    fn agent(&mut self, data: &Path, tally: &Tally) -> Result<(), Box<dyn Error>> {
        let home = data.join("agent");
        let device = Keys::open(&home.join("keys"))?.device();
        let (spool, damage) = Spool::open(Folder::open(&home.join("spool"))?, device, DEFAULT_BOUND)?;
        let mut numbers = tally.sequences.get(&device).cloned().unwrap_or_default();
        self.agent_in_log = u64::try_from(numbers.len())?;
        let waiting: Vec<u64> = spool.waiting(0).collect();
        self.agent_waiting = waiting.len();
        numbers.extend(waiting);
        numbers.sort_unstable();
        numbers.dedup();
        let holes = (0..spool.head().next).filter(|n| numbers.binary_search(n).is_err()).count();
        self.lost += holes;
        self.wrong.extend(
            damage.into_iter().map(|d| format!("the agent's disk: {} at {}: {}", d.file, d.at, d.why)),
        );
        Ok(())
    }

    /// Prints it, and fails if anything is wrong.
    pub fn tell(&self) -> crate::Outcome {
        println!(
            "statements in the log   {} ({} of the load, {} of the agent, which keeps {} more)",
            self.statements,
            self.came.said.len(),
            self.agent_in_log,
            self.agent_waiting
        );
        println!("receipts verified       {}", self.came.proven);
        println!(
            "sent, each time counted {} ({} requests without a good answer)",
            self.came.sent, self.came.failed
        );
        println!("duplicates in the log   {}", self.duplicates);
        println!("lost                    {}", self.lost);
        self.wrong.iter().take(10).for_each(|wrong| println!("WRONG: {wrong}"));
        if self.lost + self.duplicates + self.wrong.len() == 0 {
            println!("fsck                    sound");
            return Ok(());
        }
        Err(format!("{} lost, {} twice, {} wrong", self.lost, self.duplicates, self.wrong.len()).into())
    }
}
