//! `cargo xtask kill`: registry and agent are killed at random moments while statements flow.

use super::scene::{LONGEST, Verdict, WORKERS, enrol, folder, load, overt};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use testkit::Random;
use testkit::load::Load;
use testkit::product::{AgentProcess, RegistryProcess};

/// Shortest and longest time between two kills, in milliseconds. Short ones hit a start.
const BETWEEN_MS: std::ops::Range<u64> = 20..1_500;
/// How long both may run undisturbed at the end.
const CALM: Duration = Duration::from_secs(4);

/// Options.
#[derive(clap::Args)]
pub struct Args {
    /// How many rounds; in each the registry, the agent or both are killed
    #[arg(long, default_value_t = 20)]
    rounds: u32,
    /// The same moments again
    #[arg(long)]
    seed: Option<u64>,
}

/// How often what was killed.
#[derive(Default)]
struct Kills {
    registry: u32,
    starting: u32,
    agent: u32,
}

/// Runs it.
pub fn run(args: &Args) -> crate::Outcome {
    let seed =
        args.seed.map_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).map(|d| d.as_secs()), Ok)?;
    let (overt, folder, begin) = (overt()?, folder("kill")?, Instant::now());
    println!("seed {seed}, files in {}", folder.display());
    let mut registry = RegistryProcess::new(&overt, &folder.join("registry"))?;
    registry.start()?;
    let load = load(&registry, seed)?;
    let mut agent = AgentProcess::new(&overt, &folder.join("device"), registry.url());
    enrol(&agent, &registry.admin()?)?;
    agent.start()?;
    let web = registry.web();
    let kills = load.during(&web, WORKERS, LONGEST, || {
        let kills = rounds(args.rounds, &mut Random(seed), &mut registry, &mut agent);
        let ready = registry.ready();
        std::thread::sleep(CALM);
        ready.and(kills)
    })?;
    agent.stop()?;
    registry.stop()?;
    println!(
        "{} rounds in {} s: registry killed {} times, {} of them before it was ready; agent killed {} times",
        args.rounds,
        begin.elapsed().as_secs(),
        kills.registry,
        kills.starting,
        kills.agent
    );
    end(&registry, &agent, load)?;
    Ok(std::fs::remove_dir_all(folder)?)
}

fn end(registry: &RegistryProcess, agent: &AgentProcess, load: Load) -> crate::Outcome {
    Verdict::of(registry, agent, load.end())?.tell()
}

fn rounds(
    rounds: u32,
    random: &mut Random,
    registry: &mut RegistryProcess,
    agent: &mut AgentProcess,
) -> std::io::Result<Kills> {
    let mut kills = Kills::default();
    for _ in 0..rounds {
        let span = BETWEEN_MS.end - BETWEEN_MS.start;
        std::thread::sleep(Duration::from_millis(BETWEEN_MS.start + random.below(span)));
        let which = random.below(4);
        if which != 0 {
            let ready = registry.web().get("/readyz").is_ok_and(|answer| answer.status == 200);
            if let Some(status) = registry.process()?.ended()? {
                let said = registry.said();
                return Err(std::io::Error::other(format!(
                    "the registry ended by itself with {status}: {said}"
                )));
            }
            registry.kill()?;
            registry.launch()?;
            kills.registry += 1;
            kills.starting += u32::from(!ready);
        }
        if which < 2 {
            agent.kill()?;
            agent.start()?;
            kills.agent += 1;
        }
    }
    Ok(kills)
}
