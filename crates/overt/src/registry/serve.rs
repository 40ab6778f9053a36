//! `overt serve`: a registry on this machine, for devices here and elsewhere.

use super::failed;
use super::folder::{self, DataArgs};
use crate::Failure;
use crate::table::{DIM, HEAD, PLAIN};
use access::Access;
use registry::Command;
use server::service::{Config, RegistryTokens, Service};
use server::{App, Audit, AuditFile, Limits, Listen, NewToken, Settings, TlsFiles};
use statement::{Digest, Token};
use std::collections::BTreeMap;
use std::future::Future;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tlog::Policy;
use tokio::runtime::{Builder, Runtime};

/// Options of `overt serve`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Without a certificate a registry listens on this machine only. A registry's folder holds its log key: keep a copy\n\
                  of the file log.key apart from backups of the rest.\n\n\
                  Examples:\n  overt serve\n  overt serve --listen 0.0.0.0:7440 --tls-cert cert.pem --tls-key key.pem --origin registry.example/log\n  \
                  overt serve --policy witnesses.policy"
)]
pub struct Args {
    #[command(flatten)]
    pub data: DataArgs,
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7440")]
    pub listen: SocketAddr,
    /// The log's name, for instance registry.example/log; made up and kept where not given
    #[arg(long, value_name = "NAME")]
    pub origin: Option<String>,
    /// Certificate in PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Its key in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Authorities of client certificates, which are then asked for
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_clients: Option<PathBuf>,
    /// Listen in clear on an address that others reach, because something in front encrypts
    #[arg(long)]
    pub insecure_plaintext: bool,
    /// Witnesses to ask and how many have to sign, as lines of a C2SP tlog-policy (witness, group, quorum)
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// A folder of its own for the lock of the log: a disk that is not restored together with the rest
    #[arg(long, value_name = "DIR")]
    pub lock: Option<PathBuf>,
    /// Time between two sealings
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = humantime::parse_duration)]
    pub cadence: Duration,
}

/// A registry that runs.
pub struct Running {
    /// What it does.
    pub service: Arc<Service>,
    /// Where it listens.
    pub url: String,
    /// The administrator's token, if it was made now.
    pub token: Option<PathBuf>,
    app: App,
    bound: server::Bound,
    runtime: Runtime,
}

/// Runs it until it is told to end.
pub fn run(args: &Args) -> Result<(), Failure> {
    let running = start(args)?;
    running.greet()?;
    running.until(told())
}

/// Starts store, registry and listener; nothing is served yet.
pub fn start(args: &Args) -> Result<Running, Failure> {
    let folder = args.data.folder()?.join("registry");
    folder::private(&folder)?;
    let config = config(args, &folder)?;
    let service = Service::start(config).map_err(|e| failed("the registry does not start", e))?;
    let service = Arc::new(service);
    let token = first_token(&service, &folder)?;
    let audit = AuditFile::open(&folder.join("audit.jsonl")).and_then(Audit::start);
    let audit = audit.map_err(|e| failed("the audit log cannot be written", e))?;
    let access = Access::new().map_err(|e| failed("the access policies cannot be read", e))?;
    let tokens = Arc::new(RegistryTokens(service.clone()));
    let app = App::new(Settings::default(), access, tokens, service.registry().store().clone(), audit);
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|e| failed("cannot start threads", e))?;
    let tls = args.tls_cert.clone().zip(args.tls_key.clone()).map(|(certificates, key)| TlsFiles {
        certificates,
        key,
        client_authorities: args.tls_clients.clone(),
    });
    let listen = Listen { address: args.listen, tls, insecure_plaintext: args.insecure_plaintext };
    let bound = runtime.block_on(listen.bind()).map_err(|e| Failure::Usage(e.to_string()))?;
    let scheme = if bound.is_tls() { "https" } else { "http" };
    let url = format!("{scheme}://{}", bound.address());
    Ok(Running { service, url, token, app, bound, runtime })
}

fn config(args: &Args, folder: &Path) -> Result<Config, Failure> {
    let key = folder::signing_key(&folder.join("log.key"))?;
    let made_up = || {
        format!(
            "overt.local/{}",
            &statement::Digest::of(ed25519_zebra::VerificationKey::from(&key).as_ref()).to_string()[..12]
        )
    };
    if let Some(wish) = &args.origin {
        // Checked before it is kept: a log keeps its name for as long as it lives.
        folder::verifier(wish, &key).map_err(|e| failed("--origin", e))?;
    }
    let origin = folder::remembered(&folder.join("origin"), args.origin.as_deref(), made_up)?;
    let mut policy_text = format!("log {}\n", folder::verifier(&origin, &key)?);
    policy_text += &match &args.policy {
        None => "quorum none\n".to_owned(),
        Some(path) => std::fs::read_to_string(path).map_err(|e| failed(path.display(), e))?,
    };
    let policy = Policy::parse(policy_text.as_bytes()).map_err(|e| failed("the policy", e))?;
    std::fs::write(folder.join("trust.policy"), &policy_text).map_err(|e| failed("trust.policy", e))?;
    let (mut rulebooks, mut sources) = (Vec::new(), Vec::new());
    for name in rulebook::shipped_names() {
        let Some((Some(book), _)) = rulebook::shipped(&name) else { continue };
        if let Some(source) = rulebook::shipped_source(&name) {
            let files: BTreeMap<&str, &str> = source.ending("").collect();
            sources.push((
                registry::rulebook_digest(&book).to_string(),
                serde_json::to_vec(&files).unwrap_or_default(),
            ));
        }
        rulebooks.push(book);
    }
    Ok(Config {
        folder: folder.to_owned(),
        lock_folder: args.lock.clone(),
        origin,
        key,
        rulebooks,
        sources,
        policy_text,
        policy,
        cadence: args.cadence,
    })
}

/// The first administrator's token, if there is none yet; it lies in a file that only its owner may read.
fn first_token(service: &Service, folder: &Path) -> Result<Option<PathBuf>, Failure> {
    let administrator = access::Role::Administrator.name();
    if service.registry().core().state.tokens.values().any(|t| t.role == administrator) {
        return Ok(None);
    }
    let new = NewToken::make("admin").map_err(|e| failed("cannot make a token", e))?;
    let path = folder.join("admin.token");
    // The file first: a token that nobody knows would lock everybody out.
    folder::write_secret(&path, &format!("{}\n", new.reveal()))?;
    let token = Token {
        id: "admin".parse().map_err(|e| failed("token", e))?,
        secret: Digest(new.digest()),
        role: administrator.to_owned(),
        operator: None,
        sites: Vec::new(),
        until_ms: None,
        uses: 0,
    };
    let recorded =
        service.record("registry", vec![Command::Token(token)]).map_err(|e| failed("cannot record", e))?;
    recorded.into_iter().collect::<Result<Vec<_>, _>>().map_err(|e| failed("cannot record", e))?;
    Ok(Some(path))
}

impl Running {
    /// Says where it listens and what to do next.
    pub fn greet(&self) -> Result<(), Failure> {
        let mut out = anstream::stdout();
        let log = &self.service.config().origin;
        writeln!(out, "{HEAD}Registry{PLAIN} of log {log} listens on {}", self.url)?;
        if let Some(path) = &self.token {
            writeln!(out, "The administrator's token is in {}; it was made just now.", path.display())?;
        }
        writeln!(out, "{DIM}  {}/policy        whom to trust, for `overt verify`", self.url)?;
        writeln!(out, "  {}/api/v1/openapi.json   the API", self.url)?;
        writeln!(out, "  {}/metrics       OpenMetrics, with a token{PLAIN}", self.url)?;
        Ok(())
    }

    /// Serves until `stop` comes, then ends cleanly.
    pub fn until(self, stop: impl Future<Output = ()>) -> Result<(), Failure> {
        let Self { service, app, bound, runtime, .. } = self;
        let router = server::registry_router(app.clone(), service.clone());
        runtime.block_on(bound.serve_router(router, app, Limits::default(), stop));
        drop(runtime);
        service.stop();
        let standing = service.standing();
        writeln!(
            anstream::stderr(),
            "{DIM}Ended: {} entries, {} of them published.{PLAIN}",
            standing.entries,
            standing.published
        )?;
        Ok(())
    }
}

/// Comes when the process is asked to end.
pub fn told() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    async {
        let mut terminate = signal(SignalKind::terminate()).ok();
        let asked = async {
            match &mut terminate {
                Some(signal) => drop(signal.recv().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = asked => {}
        }
    }
}
