//! `overt agent`: this machine's agent for a registry elsewhere, and `overt enrol`.

use super::failed;
use super::folder::{self, DataArgs};
use super::play::ReplayArgs;
use crate::Failure;
use crate::table::{BAD, DIM, HEAD, PLAIN, printable};
use ::agent::api::Registry;
use ::agent::client::{Client, Endpoint};
use ::agent::daemon::Config;
use ::agent::event::Event;
use ::agent::key::Keys;
use server::service::now_ms;
use statement::{Enrol, KeyId, Vouch};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tlog::Policy;

/// How often it speaks and how much it keeps.
#[derive(Clone, Debug, clap::Args)]
pub struct Pace {
    /// Length of an interval, between 1s and 1h
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = interval)]
    pub interval: Duration,
    /// Sum up so many intervals in one statement, for instance 60 for one an hour
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1440))]
    pub consolidate: u16,
    /// Most mebibytes of statements that wait for receipts
    #[arg(long, value_name = "MIB", default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..=65536))]
    pub spool: u64,
    /// Most mebibytes of evidence that stays on this device
    #[arg(long, value_name = "MIB", default_value_t = 256, value_parser = clap::value_parser!(u64).range(1..=65536))]
    pub evidence: u64,
}

/// Where a registry is.
#[derive(Clone, Debug, clap::Args)]
pub struct RegistryArgs {
    /// Address of the registry
    #[arg(long, value_name = "URL", env = "OVERT_REGISTRY", default_value = "http://127.0.0.1:7440")]
    pub registry: String,
    /// Root certificates in PEM, in the place of the usual ones
    #[arg(long, value_name = "FILE")]
    pub roots: Option<PathBuf>,
    /// Allow this host in clear
    #[arg(long, value_name = "HOST")]
    pub allow_clear: Vec<String>,
}

/// Options of `overt agent`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Statements stay on the disk until a receipt proves that they are in the log; an answer alone is no proof.\n\n\
                  Example:\n  overt enrol --registry https://registry.example --site hall --token ovt_…\n  \
                  overt agent --registry https://registry.example --policy trust.policy"
)]
pub struct Args {
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub registry: RegistryArgs,
    /// The trust policy of the log; otherwise trust.policy in the agent's folder
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Only keep statements; they are carried by hand (`overt carry`)
    #[arg(long)]
    pub offline: bool,
    #[command(flatten)]
    pub replay: ReplayArgs,
    #[command(flatten)]
    pub pace: Pace,
}

/// Options of `overt enrol`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  overt enrol --site hall --token ovt_…\n  overt enrol --site hall --to-be-signed request.bin     what an authority or TPM signs\n  \
                  overt enrol --site hall --voucher 1122334455667788 --signature request.sig"
)]
pub struct EnrolArgs {
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub registry: RegistryArgs,
    /// The site where this device stands
    #[arg(long)]
    pub site: String,
    /// What people call it; otherwise the machine's name
    #[arg(long)]
    pub label: Option<String>,
    /// A one-time token; - reads it from standard input
    #[arg(long, conflicts_with_all = ["signature", "to_be_signed"])]
    pub token: Option<String>,
    /// Write what an authority or TPM has to sign into a file, and end
    #[arg(long, value_name = "FILE")]
    pub to_be_signed: Option<PathBuf>,
    /// The short name of the key that vouches, 16 hexadecimal digits
    #[arg(long, value_name = "KEY", requires = "signature")]
    pub voucher: Option<String>,
    /// Its signature: Ed25519, or ECDSA on P-256 with SHA-256, raw or DER
    #[arg(long, value_name = "FILE", requires = "voucher")]
    pub signature: Option<PathBuf>,
}

fn interval(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|e| e.to_string())?;
    let range = Duration::from_secs(1)..=Duration::from_secs(3_600);
    if range.contains(&duration) { Ok(duration) } else { Err("expected between 1s and 1h".to_owned()) }
}

/// Runs the agent until it is told to end.
pub fn run(args: &Args) -> Result<(), Failure> {
    let source = args.replay.open()?;
    let home = args.data.folder()?.join("agent");
    folder::private(&home)?;
    let policy = policy(&home, args.policy.as_deref())?;
    let config = config(&home, &args.pace, policy);
    let client = if args.offline { None } else { Some(args.registry.client()?) };
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, stop.clone()).map_err(|e| failed("signals", e))?;
    }
    let keys = Keys::open(&home.join("keys")).map_err(|e| failed("agent", e))?;
    let to =
        if args.offline { "kept to be carried".to_owned() } else { format!("to {}", args.registry.registry) };
    writeln!(
        anstream::stdout(),
        "{HEAD}Agent{PLAIN} of device {}, a statement every {}, {to}",
        keys.device(),
        shown(args.pace.interval)
    )?;
    drop(keys);
    source.run(config, client, &stop)
}

/// Enrols this device.
pub fn enrol(args: &EnrolArgs) -> Result<(), Failure> {
    let home = args.data.folder()?.join("agent");
    folder::private(&home)?;
    let keys = Keys::open(&home.join("keys")).map_err(|e| failed("agent", e))?;
    let site = args.site.parse().map_err(|e| failed("--site", e))?;
    let label = args.label.clone().unwrap_or_else(host_name);
    if let Some(path) = &args.to_be_signed {
        let bytes = Enrol::vouched(&keys.key().public().to_bytes(), &site, &label);
        std::fs::write(path, bytes).map_err(|e| failed(path.display(), e))?;
        writeln!(
            anstream::stdout(),
            "{} is to be signed for device {} as '{}'",
            path.display(),
            keys.device(),
            printable(&label)
        )?;
        return Ok(());
    }
    let token = match args.token.as_deref() {
        Some("-") => Some(
            std::io::read_to_string(std::io::stdin())
                .map_err(|e| failed("standard input", e))?
                .trim()
                .to_owned(),
        ),
        other => other.map(str::to_owned),
    };
    let vouch = vouch(args)?;
    if token.is_none() && vouch.is_none() {
        return Err(Failure::Usage(
            "nobody vouches for this device: give --token, or --voucher with --signature".to_owned(),
        ));
    }
    let request = keys.enrolment(site, &label, token, vouch, now_ms()).map_err(|e| failed("agent", e))?;
    let enrolled = args.registry.client()?.enrol(&request).map_err(|e| failed("not enrolled", e))?;
    writeln!(
        anstream::stdout(),
        "Enrolled device {} at site {} of operator {}.\n{DIM}Next: overt agent --registry {}{PLAIN}",
        enrolled.device,
        printable(&enrolled.site),
        printable(&enrolled.operator),
        printable(&args.registry.registry)
    )?;
    Ok(())
}

fn vouch(args: &EnrolArgs) -> Result<Option<Vouch>, Failure> {
    let Some((voucher, path)) = args.voucher.as_ref().zip(args.signature.as_ref()) else { return Ok(None) };
    let voucher: KeyId = voucher.parse().map_err(|e| failed("--voucher", e))?;
    let signature = std::fs::read(path).map_err(|e| failed(path.display(), e))?;
    Ok(Some(Vouch { voucher, signature }))
}

impl RegistryArgs {
    /// A client of it.
    pub fn client(&self) -> Result<Client, Failure> {
        let roots =
            self.roots.as_ref().map(|p| std::fs::read(p).map_err(|e| failed(p.display(), e))).transpose()?;
        let endpoint = Endpoint { url: self.registry.clone(), roots, clear_hosts: self.allow_clear.clone() };
        Client::new(&endpoint).map_err(|e| Failure::Usage(e.to_string()))
    }
}

/// The trust policy of the log: a file that was named, or the one in the agent's folder.
pub fn policy(home: &Path, named: Option<&Path>) -> Result<Policy, Failure> {
    let path = named.map_or_else(|| home.join("trust.policy"), Path::to_owned);
    let text = std::fs::read(&path).map_err(|e| {
        Failure::Usage(format!(
            "cannot read {}: {e}; give the log's policy with --policy FILE (a registry shows its own at /policy)",
            path.display()
        ))
    })?;
    Policy::parse(&text).map_err(|e| failed(path.display(), e))
}

/// How an agent runs.
pub fn config(home: &Path, pace: &Pace, policy: Policy) -> Config {
    Config {
        folder: home.to_owned(),
        interval: pace.interval,
        intervals: pace.consolidate,
        policy,
        spool_bound: pace.spool << 20,
        evidence_bound: pace.evidence << 20,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// Tells what happens: trouble on standard error, the rest in quiet lines.
pub fn report(event: Event) {
    let line = printable(&event.to_string());
    // Where nobody listens any more there is nothing to tell.
    let _ = if event.is_trouble() {
        writeln!(anstream::stderr(), "{BAD}agent:{PLAIN} {line}")
    } else {
        writeln!(anstream::stdout(), "{DIM}agent: {line}{PLAIN}")
    };
}

/// The machine's name.
pub fn host_name() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}

/// A duration in words.
pub fn shown(duration: Duration) -> String {
    humantime::format_duration(duration).to_string()
}
