//! `overt up`: agent and registry on one machine with one command; what is missing is made.

use super::agent::{self, shown};
use super::folder::{self, DataArgs};
use super::play::{ReplayArgs, Source};
use super::serve::{self, Running};
use super::{agent::Pace, failed};
use crate::Failure;
use crate::table::{DIM, HEAD, PLAIN, printable};
use ::agent::client::{Client, Endpoint};
use ::agent::key::Keys;
use registry::Command;
use server::service::{Service, now_ms};
use statement::{Digest, Name, Operator, Site, Token};
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Options of `overt up`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Everything stays on this machine: the registry listens on loopback, the agent looks at this machine and signs\n\
                  what it sees, the log seals it. End it with Ctrl-C; start it again and it goes on.\n\n\
                  Examples:\n  overt up\n  sudo overt up --place CN-SC\n  overt up --replay look.overt --interval 2s\n  overt status\n  overt history"
)]
pub struct Args {
    #[command(flatten)]
    pub data: DataArgs,
    /// Address and port of the registry
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7440")]
    pub listen: SocketAddr,
    /// Whose rules judge: the code of a place, for instance CN-SC; OPEN asks nothing of anybody
    #[arg(long, value_name = "CODE")]
    pub place: Option<String>,
    #[command(flatten)]
    pub replay: ReplayArgs,
    #[command(flatten)]
    pub pace: Pace,
}

/// Names of what is made where nothing is said.
const OPERATOR: &str = "local";
const SITE: &str = "here";

/// Runs both until told to end.
pub fn run(args: &Args) -> Result<(), Failure> {
    let source = args.replay.open()?;
    let data = args.data.folder()?;
    let serve = serve::Args {
        data: DataArgs { data: Some(data.clone()) },
        listen: args.listen,
        origin: None,
        tls_cert: None,
        tls_key: None,
        tls_clients: None,
        insecure_plaintext: false,
        policy: None,
        lock: None,
        cadence: Duration::from_secs(1),
    };
    let running = serve::start(&serve)?;
    let site = place(&running.service, args.place.as_deref())?;
    let home = data.join("agent");
    folder::private(&home)?;
    let device = enrol(&running.service, &home)?;
    running.greet()?;
    let mut out = anstream::stdout();
    writeln!(
        out,
        "{HEAD}Agent{PLAIN} of device {device} at site {SITE} ({site}), a statement every {}",
        shown(args.pace.interval)
    )?;
    writeln!(
        out,
        "{DIM}Next, in another terminal:\n  overt status     what is running and what was seen\n  overt history    what this machine did over time"
    )?;
    writeln!(out, "Ctrl-C ends both.{PLAIN}")?;
    together(running, args, &home, source)
}

/// The agent on a thread of its own, the registry on this one. The registry ends when it is told to, or after the agent.
fn together(running: Running, args: &Args, home: &Path, source: Source) -> Result<(), Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let config = agent::config(home, &args.pace, running.service.config().policy.clone());
    let endpoint = Endpoint { url: running.url.clone(), ..Endpoint::default() };
    let client = Client::new(&endpoint).map_err(|e| failed("agent", e))?;
    let (told, (ended, agent_ended)) = (stop.clone(), tokio::sync::oneshot::channel());
    let thread = std::thread::Builder::new().name("agent".to_owned()).spawn(move || {
        let outcome = source.run(config, Some(client), &told);
        // Nobody hears this when the registry was told to end first.
        let _ = ended.send(());
        outcome
    });
    let thread = thread.map_err(|e| failed("cannot start a thread", e))?;
    let mut outcome = Ok(());
    let of_agent = &mut outcome;
    let end = async {
        tokio::select! {
            () = serve::told() => {}
            _ = agent_ended => {}
        }
        // The agent ends first, so that its last statement still finds the registry.
        stop.store(true, Ordering::SeqCst);
        if let Ok(Err(error)) = thread.join() {
            *of_agent = Err(error);
        }
    };
    running.until(end)?;
    outcome
}

/// Operator and site, made where they are missing; gives the code of the place.
fn place(service: &Service, wanted: Option<&str>) -> Result<String, Failure> {
    let (operator, site): (Name, Name) =
        (OPERATOR.parse().map_err(|e| failed("operator", e))?, SITE.parse().map_err(|e| failed("site", e))?);
    let (known, present) = {
        let core = service.registry().core();
        (core.state.operator(&operator).is_some(), core.state.site(&site).map(|s| s.place.clone()))
    };
    let place = wanted.map(str::to_owned).or(present.clone()).unwrap_or_else(|| "OPEN".to_owned());
    let mut wishes = Vec::new();
    if !known {
        let title = "This machine".to_owned();
        wishes.push(Command::Operator(Operator { id: operator.clone(), version: 0, title, kind: None }));
    }
    if present.as_deref() != Some(place.as_str()) {
        wishes.push(Command::Site(Site {
            id: site,
            version: 0,
            operator,
            place: place.clone(),
            facts: Vec::new(),
        }));
    }
    record(service, wishes)?;
    Ok(place)
}

/// This device, enrolled by a one-time token that nobody else sees.
fn enrol(service: &Service, home: &Path) -> Result<String, Failure> {
    let keys = Keys::open(&home.join("keys")).map_err(|e| failed("agent", e))?;
    let device = keys.device();
    if service.registry().core().state.devices.contains_key(&device) {
        return Ok(device.to_string());
    }
    let site: Name = SITE.parse().map_err(|e| failed("site", e))?;
    let secret = server::NewToken::make("up").map_err(|e| failed("token", e))?.reveal();
    let id = format!("up-{}", now_ms());
    let token = Token {
        id: id.parse().map_err(|e| failed("token", e))?,
        secret: Digest::of(secret.as_bytes()),
        role: access::Role::Enrolment.name().to_owned(),
        operator: None,
        sites: vec![site.clone()],
        until_ms: Some(now_ms() + 60_000),
        uses: 1,
    };
    let label = agent::host_name();
    let request =
        keys.enrolment(site, &label, Some(secret), None, now_ms()).map_err(|e| failed("agent", e))?;
    record(service, vec![Command::Token(token), Command::Enrol(request)])?;
    Ok(device.to_string())
}

fn record(service: &Service, wishes: Vec<Command>) -> Result<(), Failure> {
    let recorded = service.record("up", wishes).map_err(|e| failed("cannot record", e))?;
    match recorded.into_iter().find_map(Result::err) {
        None => Ok(()),
        Some(error) => Err(Failure::Usage(printable(&error.to_string()))),
    }
}
