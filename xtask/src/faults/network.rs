//! `cargo xtask network`: what goes between devices and a registry is cut, delayed, lost, doubled and delivered late.
//!
//! First two network namespaces with TLS between them: connections are delayed and cut by a proxy, and the link itself is taken
//! down for a while. Then requests in clear, lost, unanswered, twice and late. The same question at the end of both.

use super::scene::{LONGEST, Verdict, WORKERS, anew, enrol, folder, load, overt, skipped};
use rcgen::{CertificateParams, KeyPair};
use rustix::thread::LinkNameSpaceType;
use std::error::Error;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::Duration;
use testkit::Proxy;
use testkit::product::{AgentProcess, RegistryProcess, Web};

/// Address of the registry's end of the link (a network of RFC 5737).
const THERE: &str = "192.0.2.1";
/// Address of the devices' end.
const HERE: &str = "192.0.2.2";
/// The registry's port; nothing else is in its namespace.
const PORT: u16 = 7440;
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Options.
#[derive(clap::Args)]
pub struct Args {
    /// Seconds of each kind of fault
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// The same faults again
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Leave it out, and say so, where there may be no namespaces
    #[arg(long)]
    or_skip: bool,
}

/// Runs it.
pub fn run(args: &Args) -> crate::Outcome {
    let space = match space() {
        Err(why) if args.or_skip => return skipped("network", &*why),
        space => space?,
    };
    println!(
        "== two namespaces, TLS between them: delays, cut connections, and no link for {} s",
        args.seconds
    );
    let outcome = link(args, &space);
    drop(space);
    outcome?;
    println!("== requests lost, unanswered, twice, late");
    requests(args)
}

fn space() -> Result<Space, Box<dyn Error>> {
    if rustix::process::geteuid().is_root() {
        return Space::new();
    }
    Err("network namespaces need root: run it with sudo".into())
}

/// Two namespaces and the link between them; gone when this is dropped.
struct Space {
    here: String,
    there: String,
}

impl Space {
    /// Makes them; what this thread starts from now on, threads and programs, is in that of the devices.
    fn new() -> Result<Self, Box<dyn Error>> {
        let name = |side: &str| format!("overt-{side}-{}", std::process::id());
        let space = Self { here: name("here"), there: name("there") };
        for name in [&space.here, &space.there] {
            ip(&["netns", "add", name])?;
            ip(&["-n", name, "link", "set", "lo", "up"])?;
        }
        ip(&["-n", &space.here, "link", "add", "here", "type", "veth", "peer", "name", "there"])?;
        ip(&["-n", &space.here, "link", "set", "there", "netns", &space.there])?;
        for (name, end, address) in [(&space.here, "here", HERE), (&space.there, "there", THERE)] {
            ip(&["-n", name, "addr", "add", &format!("{address}/24"), "dev", end])?;
            ip(&["-n", name, "link", "set", end, "up"])?;
        }
        let file = std::fs::File::open(format!("/run/netns/{}", space.here))?;
        rustix::thread::move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network))?;
        Ok(space)
    }

    fn link(&self, state: &str) -> Result<(), String> {
        ip(&["-n", &self.here, "link", "set", "here", state]).map_err(|e| e.to_string())
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        // Both ends of the link go with them.
        for name in [&self.here, &self.there] {
            if let Err(error) = ip(&["netns", "del", name]) {
                eprintln!("the namespace {name} stays: {error}");
            }
        }
    }
}

fn ip(args: &[&str]) -> crate::Outcome {
    let output =
        Command::new("ip").args(args).output().map_err(|e| format!("ip (of iproute2) does not run: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("ip {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr).trim()).into())
}

fn certificate(folder: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let key = KeyPair::generate()?;
    let made = CertificateParams::new(vec![THERE.to_owned(), "127.0.0.1".to_owned()])?.self_signed(&key)?;
    std::fs::write(folder.join("cert.pem"), made.pem())?;
    std::fs::write(folder.join("key.pem"), key.serialize_pem())?;
    Ok(made.pem().into_bytes())
}

fn link(args: &Args, space: &Space) -> crate::Outcome {
    let (overt, folder) = (overt()?, folder("network")?);
    let roots = certificate(&folder)?;
    let proxy = Proxy::tunnel(SocketAddr::new(THERE.parse()?, PORT), args.seed)?;
    let mut registry = RegistryProcess::new(&overt, &folder.join("registry"))?;
    let prefix = ["ip", "netns", "exec", &space.there];
    registry.elsewhere(&prefix, &format!("{THERE}:{PORT}"), &format!("https://{THERE}:{PORT}"), &roots);
    registry.option("--tls-cert", folder.join("cert.pem"));
    registry.option("--tls-key", folder.join("key.pem"));
    registry.start()?;
    let mut agent = AgentProcess::new(&overt, &folder.join("device"), registry.url());
    agent.elsewhere(&[], &folder.join("cert.pem"));
    let load = load(&registry, args.seed)?;
    enrol(&agent, &registry.admin()?)?;
    let url = format!("https://{}", proxy.address());
    agent.turn_to(&url);
    agent.start()?;
    let web = Web::new(&url, PATIENCE, Some(&roots));
    let mut proven = [0; 3];
    load.during(&web, WORKERS, LONGEST, || {
        let wait = || std::thread::sleep(Duration::from_secs(args.seconds));
        wait();
        proven[0] = load.proven();
        let down = space.link("down");
        wait();
        proven[1] = load.proven();
        let up = space.link("up");
        wait();
        proven[2] = load.proven();
        proxy.calm();
        anew(&mut agent)?;
        Ok::<_, Box<dyn Error>>(down.and(up)?)
    })?;
    agent.stop()?;
    registry.stop()?;
    let [bad, cut, again] = proven;
    println!("proven: {bad} with delays and cuts, {} without a link, {} after it", cut - bad, again - cut);
    tell(&proxy);
    Verdict::of(&registry, &agent, load.end())?.tell()?;
    Ok(std::fs::remove_dir_all(folder)?)
}

fn requests(args: &Args) -> crate::Outcome {
    let (overt, folder) = (overt()?, folder("requests")?);
    let mut registry = RegistryProcess::new(&overt, &folder.join("registry"))?;
    registry.start()?;
    let mut agent = AgentProcess::new(&overt, &folder.join("device"), registry.url());
    let load = load(&registry, args.seed)?;
    enrol(&agent, &registry.admin()?)?;
    let to = registry.url().trim_start_matches("http://").parse()?;
    let proxy = Proxy::post(to, args.seed)?;
    let url = format!("http://{}", proxy.address());
    agent.turn_to(&url);
    agent.start()?;
    let web = Web::new(&url, PATIENCE, None);
    load.during(&web, WORKERS, LONGEST, || {
        std::thread::sleep(Duration::from_secs(args.seconds));
        proxy.calm();
        anew(&mut agent)
    })?;
    agent.stop()?;
    registry.stop()?;
    tell(&proxy);
    Verdict::of(&registry, &agent, load.end())?.tell()?;
    Ok(std::fs::remove_dir_all(folder)?)
}

fn tell(proxy: &Proxy) {
    let (done, read) = (proxy.done(), |n: &std::sync::atomic::AtomicU64| n.load(Ordering::Relaxed));
    println!(
        "network: {} well, {} cut or lost, {} unanswered, {} twice, {} late",
        read(&done.well),
        read(&done.cut),
        read(&done.unanswered),
        read(&done.twice),
        read(&done.late)
    );
}
