//! `cargo xtask disk`: the registry's disk becomes full, and then read-only, while statements flow.

use super::scene::{LONGEST, Verdict, WORKERS, anew, enrol, folder, load, overt, skipped};
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use testkit::load::Load;
use testkit::product::{AgentProcess, RegistryProcess};

/// Mebibytes of the disk.
const SIZE: u64 = 24;
/// How long each state of the disk is kept.
const EACH: Duration = Duration::from_secs(8);
/// How long a wait for something may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Options.
#[derive(clap::Args)]
pub struct Args {
    /// The same statements again
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Leave it out, and say so, where nothing may be mounted
    #[arg(long)]
    or_skip: bool,
}

/// A small disk in memory; gone when this is dropped.
struct Mount(PathBuf);

impl Mount {
    fn new(at: PathBuf) -> Result<Self, Box<dyn Error>> {
        if !rustix::process::geteuid().is_root() {
            return Err("mounting a small disk needs root: run it with sudo".into());
        }
        std::fs::create_dir_all(&at)?;
        mount(&["-t", "tmpfs", "-o", &format!("size={SIZE}m"), "overt"], &at)?;
        Ok(Self(at))
    }

    /// Makes it read-only, or writable again. Nobody may have a file open for writing.
    fn writable(&self, writable: bool) -> crate::Outcome {
        mount(&["-o", if writable { "remount,rw" } else { "remount,ro" }], &self.0)
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

fn mount(args: &[&str], at: &Path) -> crate::Outcome {
    let output = Command::new("mount").args(args).arg(at).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("mount {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr).trim()).into())
}

/// Runs it.
pub fn run(args: &Args) -> crate::Outcome {
    let (overt, folder) = (overt()?, folder("disk")?);
    let disk = match Mount::new(folder.join("disk")) {
        Err(why) if args.or_skip => return skipped("disk", &*why),
        disk => disk?,
    };
    let mut registry = RegistryProcess::new(&overt, &disk.0.join("registry"))?;
    registry.print_into(&folder.join("registry.log"));
    registry.start()?;
    let mut agent = AgentProcess::new(&overt, &folder.join("device"), registry.url());
    let load = load(&registry, args.seed)?;
    enrol(&agent, &registry.admin()?)?;
    agent.start()?;
    let web = registry.web();
    load.during(&web, WORKERS, LONGEST, || {
        states(&mut registry, &disk, &load)?;
        anew(&mut agent)
    })?;
    agent.stop()?;
    registry.stop()?;
    Verdict::of(&registry, &agent, load.end())?.tell()?;
    drop(disk);
    Ok(std::fs::remove_dir_all(folder)?)
}

fn states(registry: &mut RegistryProcess, disk: &Mount, load: &Load) -> crate::Outcome {
    let ballast = disk.0.join("ballast");
    until("receipts", || load.proven() > 50)?;
    println!("== the disk becomes full");
    fill(&ballast)?;
    println!("trouble: {}", trouble(registry)?);
    std::thread::sleep(EACH);
    println!("== there is room again");
    std::fs::remove_file(&ballast)?;
    goes_on(registry, load)?;
    println!("== the disk is full and the registry is killed and started");
    fill(&ballast)?;
    registry.kill()?;
    let ended = registry.launch()?.wait(EACH);
    println!(
        "a start on a full disk: {}",
        ended.map_or_else(|_| "it runs".to_owned(), |status| status.to_string())
    );
    println!("it said: {}", registry.said().lines().last().unwrap_or_default());
    std::fs::remove_file(&ballast)?;
    if registry.process()?.ended()?.is_some() {
        registry.launch()?;
    }
    registry.ready()?;
    goes_on(registry, load)?;
    println!("== the disk becomes read-only");
    registry.kill()?;
    disk.writable(false)?;
    let status = registry.launch()?.wait(PATIENCE)?;
    println!("a start on a read-only disk: {status}: {}", registry.said().lines().last().unwrap_or_default());
    disk.writable(true)?;
    registry.start()?;
    goes_on(registry, load)
}

/// Writes until nothing more fits, to the last byte.
fn fill(ballast: &Path) -> crate::Outcome {
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(ballast)?;
    for piece in [64 << 10, 1 << 10, 1] {
        let bytes = vec![0_u8; piece];
        while file.write_all(&bytes).is_ok() {}
    }
    Ok(())
}

fn until(what: &str, mut there: impl FnMut() -> bool) -> crate::Outcome {
    let end = Instant::now() + PATIENCE;
    while !there() {
        if Instant::now() > end {
            return Err(format!("waited too long for {what}").into());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// What the registry says is wrong.
fn trouble(registry: &RegistryProcess) -> Result<String, Box<dyn Error>> {
    let (admin, mut found) = (registry.admin()?, None);
    until("the registry to say what is wrong", || {
        let status = admin.get("/api/v1/status").map(|answer| answer.json()).unwrap_or_default();
        found = status.get("trouble").and_then(|t| t.as_str()).map(str::to_owned);
        found.is_some()
    })?;
    Ok(found.unwrap_or_default())
}

/// Receipts come again, and nothing is wrong any more.
fn goes_on(registry: &RegistryProcess, load: &Load) -> crate::Outcome {
    let (admin, before) = (registry.admin()?, load.proven());
    until("receipts after there is room", || load.proven() > before + 20)?;
    until("the trouble to end", || {
        let status = admin.get("/api/v1/status").map(|answer| answer.json()).unwrap_or_default();
        status.get("published").is_some() && status.get("trouble").is_none_or(serde_json::Value::is_null)
    })
}
