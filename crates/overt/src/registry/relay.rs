//! `overt relay`: stands between the devices of a site and a registry elsewhere, and keeps what the registry cannot take yet.
//!
//! A relay need not be believed: statements are signed, and devices let go of nothing without a receipt that they verify.

use super::agent::RegistryArgs;
use super::failed;
use super::folder::{self, DataArgs};
use super::serve::told;
use crate::Failure;
use crate::table::{BAD, DIM, HEAD, PLAIN, printable};
use ::agent::api::{PositionAnswer, Registry, Trouble, path};
use ::agent::backoff::Backoff;
use ::agent::client::Client;
use ::agent::disk::Folder;
use ::agent::lock::Lock;
use ::agent::relay::{Relay, RelayError};
use server::relay::{Answered, Asked, Relaying, router};
use server::{Kind, Problem};
use statement::DeviceId;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use ureq::http::Request;

/// Most bytes of an answer that is passed on: a bundle of the log's entries.
const MAX_ANSWER: u64 = 32 << 20;
/// How long a device is asked to wait when the registry does not answer, seconds.
const LATER: u64 = 5;

/// Options of `overt relay`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Devices name the relay as their registry. It listens in clear: on a network that others share, put something that\n\
                  encrypts in front of it, or let the devices allow this host with --allow-clear.\n\n\
                  Example:\n  overt relay --listen 10.0.0.5:7442 --registry https://registry.example"
)]
pub struct Args {
    #[command(flatten)]
    pub data: DataArgs,
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7442")]
    pub listen: SocketAddr,
    #[command(flatten)]
    pub registry: RegistryArgs,
    /// Most mebibytes of statements that wait for the registry
    #[arg(long, value_name = "MIB", default_value_t = 1024, value_parser = clap::value_parser!(u64).range(1..=1_048_576))]
    pub spool: u64,
}

/// The relay with the registry behind it.
struct Site {
    relay: Arc<Mutex<Relay<Folder>>>,
    client: Arc<Client>,
    wake: Mutex<Sender<()>>,
}

/// Runs it until it is told to end.
pub fn run(args: &Args) -> Result<(), Failure> {
    let home = args.data.folder()?.join("relay");
    folder::private(&home)?;
    let _lock = Lock::take(&home).map_err(|e| failed("relay", e))?;
    let disk = Folder::open(&home.join("spool")).map_err(|e| failed("relay", e))?;
    let (relay, damage) = Relay::open(disk, args.spool << 20).map_err(|e| failed("relay", e))?;
    for damage in damage {
        trouble(&damage.to_string());
    }
    let (relay, client) = (Arc::new(Mutex::new(relay)), Arc::new(args.registry.client()?));
    let (wake, woken) = channel();
    let (kept, behind) = (relay.clone(), client.clone());
    let thread = std::thread::Builder::new().name("forward".to_owned());
    thread.spawn(move || forward(&kept, &behind, &woken)).map_err(|e| failed("cannot start a thread", e))?;
    let site = Site { relay, client, wake: Mutex::new(wake) };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.map_err(|e| failed("cannot start threads", e))?;
    runtime.block_on(async {
        let listener =
            tokio::net::TcpListener::bind(args.listen).await.map_err(|e| failed(args.listen, e))?;
        let address = listener.local_addr().map_err(|e| failed(args.listen, e))?;
        let mut out = anstream::stdout();
        let registry = printable(&args.registry.registry);
        writeln!(out, "{HEAD}Relay{PLAIN} listens on http://{address} for the registry at {registry}")?;
        writeln!(out, "{DIM}Devices: overt agent --registry http://{address}{PLAIN}")?;
        server::witness::serve(listener, router(site), told()).await.map_err(|e| failed("relay", e))
    })
}

fn trouble(why: &str) {
    // Where nobody listens any more there is nothing to tell.
    let _ = writeln!(anstream::stderr(), "{BAD}relay:{PLAIN} {}", printable(why));
}

fn locked(relay: &Mutex<Relay<Folder>>) -> MutexGuard<'_, Relay<Folder>> {
    // What is on the disk is whole at every moment, whatever became of another thread.
    relay.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sends on what waits, for as long as anybody may bring more.
fn forward(relay: &Mutex<Relay<Folder>>, client: &Client, woken: &Receiver<()>) {
    let mut backoff = Backoff::new(server::service::now_ms());
    loop {
        let wait = match once(relay, client) {
            Ok(true) => {
                backoff.reset();
                continue;
            }
            Ok(false) => None,
            Err(error) => {
                let least = match &error {
                    RelayError::Registry(Trouble::Later { after, .. }) => *after,
                    _ => Duration::ZERO,
                };
                let wait = backoff.wait(least);
                trouble(&format!("{error}; again in {} ms", wait.as_millis()));
                Some(wait)
            }
        };
        if !rest(wait, woken) {
            return;
        }
    }
}

/// Sends on one body; `false` if nothing waits. Nobody is kept from bringing more meanwhile.
fn once(relay: &Mutex<Relay<Folder>>, client: &Client) -> Result<bool, RelayError> {
    let Some(pending) = locked(relay).next()? else { return Ok(false) };
    let answer = client.statements(&pending.body, None)?;
    for refused in &answer.refused {
        trouble(&format!("the registry does not admit a statement: {} ({})", refused.reason, refused.detail));
    }
    locked(relay).sent_on(&pending)?;
    Ok(true)
}

/// Sleeps for a time, or until there is something new where none is given. `false` when all is over.
fn rest(wait: Option<Duration>, woken: &Receiver<()>) -> bool {
    let Some(wait) = wait else { return woken.recv().is_ok() };
    let until = Instant::now() + wait;
    loop {
        match woken.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
}

impl Relaying for Site {
    fn keep(&self, body: &[u8]) -> Result<usize, Problem> {
        let taken = locked(&self.relay).take(body).map_err(|error| match error {
            RelayError::Envelope(_) | RelayError::Statement { .. } => {
                Problem::with(Kind::Malformed, error.to_string())
            }
            _ => Problem::with(Kind::Unavailable, error.to_string()).after_seconds(LATER),
        })?;
        // The thread that forwards is there for as long as this is.
        let _ = self.wake.lock().unwrap_or_else(PoisonError::into_inner).send(());
        Ok(taken)
    }

    fn ask(&self, asked: Asked) -> Result<Answered, Problem> {
        if let Some(device) = asks_position(&asked) {
            return self.position(device, asked);
        }
        self.pass(asked)
    }
}

/// The device whose position is asked for.
fn asks_position(asked: &Asked) -> Option<DeviceId> {
    let device = asked.path.strip_prefix(path::DEVICES)?.strip_prefix('/')?.strip_suffix("/position")?;
    device.parse().ok()
}

impl Site {
    fn pass(&self, asked: Asked) -> Result<Answered, Problem> {
        let mut request = Request::builder().method(asked.method.as_str()).uri(&asked.path);
        for (name, value) in &asked.headers {
            request = request.header(name, value);
        }
        let wrong = |e: &dyn std::fmt::Display| Problem::with(Kind::Malformed, e.to_string());
        let request = request.body(asked.body).map_err(|e| wrong(&e))?;
        let silent = |e: Trouble| Problem::with(Kind::Unavailable, e.to_string()).after_seconds(LATER);
        let answer = self.client.pass(request, MAX_ANSWER).map_err(silent)?;
        let headers = answer.headers().iter();
        let headers =
            headers.filter_map(|(n, v)| Some((n.to_string(), v.to_str().ok()?.to_owned()))).collect();
        Ok(Answered { status: answer.status().as_u16(), headers, body: answer.into_body() })
    }

    /// What waits here counts, so that a device does not send it again, and can go on while the registry does not answer.
    fn position(&self, device: DeviceId, asked: Asked) -> Result<Answered, Problem> {
        let here = locked(&self.relay).here(device);
        let there = self.pass(asked);
        let Some(here) = here else { return there };
        if let Ok(answer) = &there
            && answer.status < 500
        {
            let known: Option<PositionAnswer> = serde_json::from_slice(&answer.body).ok();
            if known.is_none_or(|known| known.next >= here.next) {
                return there;
            }
        }
        let answer = PositionAnswer { next: here.next, digest: here.digest.to_string() };
        let body = serde_json::to_vec(&answer).map_err(|_| Problem::new(Kind::Internal))?;
        let kind = ("content-type".to_owned(), "application/json".to_owned());
        Ok(Answered { status: 200, headers: vec![kind], body })
    }
}
