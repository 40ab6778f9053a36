//! What an agent costs beyond looking: processor, memory, and disk while it is offline.
//!
//! A real `overt agent` watches this machine and states to a real `overt serve`. The kernel's scheduler counts the processor
//! time of all threads of the agent (`/proc/PID/task/*/schedstat`). At its end the agent says how much of it went into looking,
//! counted on the same clock around every look; the rest, starting included, is what it costs beyond looking. Memory is that
//! of the whole process, looking included. Then the registry is ended, the agent states on, and the growth of its folder is
//! taken by the hour. What the figures are of an hour with depends on the workloads of the machine: their number is printed.

use crate::bench_registry::{bytes, memory, release};
use crate::faults::{enrol, folder};
use serde_json::json;
use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;
use testkit::product::{AgentProcess, RegistryProcess};

/// Most of a core beyond looking, in percent.
const MOST_CPU: f64 = 0.05;
/// Most memory, MiB.
const MOST_MEMORY: u64 = 40;
/// Most bytes on the disk an hour offline.
const MOST_BYTES: f64 = 200e3;

/// Options.
#[derive(clap::Args)]
pub struct Args {
    /// Minutes with the registry, and again as many without
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// Interval of statements
    #[arg(long, default_value = "60s")]
    interval: String,
    /// The binary; built in release otherwise
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// Run it.
pub fn run(args: &Args) -> crate::Outcome {
    let binary = args.binary.clone().map_or_else(release, Ok)?;
    let folder = folder("bench-agent")?;
    let mut registry = RegistryProcess::new(&binary, &folder.join("registry"))?;
    registry.start()?;
    let admin = registry.admin()?;
    admin.document("PUT", "/api/v1/operators/acme", &json!({ "title": "Acme" }))?.good()?;
    admin.document("PUT", "/api/v1/sites/hall", &json!({ "operator": "acme", "place": "OPEN" }))?.good()?;
    let mut agent = AgentProcess::new(&binary, &folder.join("device"), registry.url());
    agent.every(&args.interval);
    enrol(&agent, &admin)?;
    let time = Duration::from_secs(args.minutes * 60);
    let online = stretch(&mut agent, time)?;
    println!(
        "with the registry: {:.0} ms of processor time in {} min, of them {:.0} looking; {:.4} % of a core beyond looking",
        online.all_ms,
        args.minutes,
        online.looking_ms,
        online.share(time)
    );
    println!("memory of the agent: {} MiB at its end, {} MiB at most", online.memory, online.most_memory);
    registry.stop()?;
    let before = bytes(agent.data())?;
    let offline = stretch(&mut agent, time)?;
    let hour = (bytes(agent.data())?.saturating_sub(before)) as f64 * 3_600.0 / time.as_secs_f64();
    println!(
        "without it: {:.4} % of a core beyond looking, {} MiB at most, {:.0} KB on the disk an hour",
        offline.share(time),
        offline.most_memory,
        hour / 1e3
    );
    println!("it said: {}", agent.said().lines().rfind(|l| l.contains("findings")).unwrap_or("no statement"));
    std::fs::remove_dir_all(folder)?;
    let most = online.most_memory.max(offline.most_memory);
    if online.share(time) > MOST_CPU || most > MOST_MEMORY || hour > MOST_BYTES {
        return Err(
            format!("expected at most {MOST_CPU} %, {MOST_MEMORY} MiB, {} KB", MOST_BYTES / 1e3).into()
        );
    }
    Ok(())
}

/// What a stretch of time came to.
struct Stretch {
    all_ms: f64,
    looking_ms: f64,
    memory: u64,
    most_memory: u64,
}

impl Stretch {
    /// Percent of a core beyond looking.
    fn share(&self, time: Duration) -> f64 {
        (self.all_ms - self.looking_ms).max(0.0) / 10.0 / time.as_secs_f64()
    }
}

/// Lets the agent run for a time.
fn stretch(agent: &mut AgentProcess, time: Duration) -> Result<Stretch, Box<dyn Error>> {
    agent.start()?;
    std::thread::sleep(time);
    let id = agent.id().ok_or("the agent does not run")?;
    let (all_ms, now, most) = (processor_ms(id)?, memory(id, "VmRSS")?, memory(id, "VmHWM")?);
    agent.stop()?;
    let said = agent.said();
    let looking = said.lines().rev().find_map(|line| line.split_once("looking took ")?.1.split(' ').next());
    let micros: f64 = looking.ok_or("the agent does not say what looking took")?.parse()?;
    Ok(Stretch { all_ms, looking_ms: micros / 1e3, memory: now, most_memory: most })
}

/// Processor time of all threads of a process.
fn processor_ms(id: u32) -> Result<f64, Box<dyn Error>> {
    let mut sum = 0.0;
    for thread in std::fs::read_dir(format!("/proc/{id}/task"))? {
        let text = std::fs::read_to_string(thread?.path().join("schedstat"))?;
        sum += text.split(' ').next().unwrap_or_default().parse::<f64>()? / 1e6;
    }
    Ok(sum)
}
