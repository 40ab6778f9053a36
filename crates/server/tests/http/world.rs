//! A server on loopback with a store in memory.

use crate::client::{Answer, Client, PATIENCE};
use crate::few_objects::FewObjects;
use access::{Access, Actor};
use axum::body::Bytes;
use jiff::{Timestamp, ToSpan as _};
use registry::store::{Object, Store as _};
use server::{App, Audit, AuditFile, Bound, Caller, Limits, Listen, MemoryTokens, Rate, Settings, TlsFiles};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// What lies under `checkpoint`.
pub const CHECKPOINT: &[u8] = b"example\n5\nAAAA\n\n\xe2\x80\x94 example AAAA\n";
/// Connections that one address may have.
pub const CONNECTIONS: usize = 24;

/// A running server.
pub struct World {
    runtime: Runtime,
    address: SocketAddr,
    tokens: Arc<MemoryTokens>,
    store: Arc<FewObjects>,
    folder: tempfile::TempDir,
    end: Option<oneshot::Sender<()>>,
    ended: Option<tokio::task::JoinHandle<()>>,
}

impl World {
    pub fn new() -> Self {
        Self::with_rates(1000.0, 1000.0)
    }

    /// Bursts of that many requests for an address and a credential; both fill slowly.
    pub fn with_rates(address: f64, credential: f64) -> Self {
        Self::start(address, credential, None)
    }

    pub fn with_tls(files: TlsFiles) -> Self {
        Self::start(1000.0, 1000.0, Some(files))
    }

    fn start(address_burst: f64, credential_burst: f64, tls: Option<TlsFiles>) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (tokens, store) = (Arc::new(MemoryTokens::default()), Arc::new(FewObjects::default()));
        store.put(&objects()).unwrap();
        let rate = |burst| Rate { per_second: 0.01, burst };
        let settings = Settings {
            address_rate: rate(address_burst),
            credential_rate: rate(credential_burst),
            deadline: Duration::from_secs(2),
            ..Settings::default()
        };
        let audit = Audit::start(AuditFile::open(&folder.path().join("audit.jsonl")).unwrap()).unwrap();
        let app = App::new(settings, Access::new().unwrap(), tokens.clone(), store.clone(), audit);
        let listen = Listen { address: ([127, 0, 0, 1], 0).into(), tls, insecure_plaintext: false };
        let bound = runtime.block_on(listen.bind()).unwrap();
        let address = bound.address();
        let (end, called) = oneshot::channel();
        let ended = runtime.spawn(serve(bound, app, called));
        Self { runtime, address, tokens, store, folder, end: Some(end), ended: Some(ended) }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn tokens(&self) -> &MemoryTokens {
        &self.tokens
    }

    pub fn token(&self, name: &str, actor: Actor) -> String {
        self.tokens.issue(name, actor, Some(Timestamp::now() + 1.hour())).unwrap()
    }

    pub fn expired_token(&self, name: &str, actor: Actor) -> String {
        self.tokens.issue(name, actor, Some(Timestamp::now() - 1.second())).unwrap()
    }

    pub fn break_store(&self, why: &str) {
        self.store.break_it(why);
    }

    pub fn audit(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("audit.jsonl")).unwrap()
    }

    pub fn open(&self) -> Client {
        Client::open(self.address)
    }

    pub fn raw(&self, request: &[u8]) -> Answer {
        let mut client = self.open();
        client.send(request);
        client.answer()
    }

    pub fn get(&self, path: &str, token: Option<&str>) -> Answer {
        match token {
            Some(token) => self.get_with(path, "Authorization", &format!("Bearer {token}")),
            None => self.get_with(path, "Accept", "*/*"),
        }
    }

    pub fn get_with(&self, path: &str, header: &str, value: &str) -> Answer {
        let request = agent().get(format!("http://{}{path}", self.address)).header(header, value);
        Answer::of(request.call().unwrap())
    }

    pub fn post(&self, path: &str, body: &[u8]) -> Answer {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        let mut client = self.open();
        client.send(head.as_bytes());
        client.send(body);
        client.answer()
    }

    /// Asks until somebody answers.
    pub fn eventually(&self, path: &str) -> Answer {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Ok(answer) = agent().get(format!("http://{}{path}", self.address)).call() {
                return Answer::of(answer);
            }
            assert!(Instant::now() < until, "nobody answers {path}");
        }
    }

    pub fn call_the_end(&mut self) {
        self.end.take().unwrap().send(()).unwrap();
    }

    pub fn wait_for_the_end(&mut self, patience: Duration) {
        let ended = self.ended.take().unwrap();
        self.runtime.block_on(async { tokio::time::timeout(patience, ended).await }).unwrap().unwrap();
    }
}

async fn serve(bound: Bound, app: App, called: oneshot::Receiver<()>) {
    let limits = Limits {
        connections_per_address: CONNECTIONS,
        next_headers: Duration::from_secs(2),
        ..Limits::default()
    };
    let end = async {
        let _ = called.await;
    };
    bound.serve_router(server::shell(app.clone(), routes()), app, limits, end).await;
}

/// The routes of the registry, one that gives a body back, and one that panics.
fn routes() -> utoipa_axum::router::OpenApiRouter<App> {
    async fn echo(_: Caller, body: Bytes) -> Bytes {
        body
    }
    async fn oops(axum::extract::State(app): axum::extract::State<App>) -> Result<(), server::Problem> {
        app.blocking(|_| panic!("oops")).await
    }
    server::routes().route("/echo", axum::routing::post(echo)).route("/panic", axum::routing::get(oops))
}

fn objects() -> Vec<Object> {
    let object = |name: &str, value: &[u8]| Object { name: name.to_owned(), value: value.to_vec() };
    vec![
        object("checkpoint", CHECKPOINT),
        object("tile/0/x001/234", &[7; 8192]),
        object("tile/0/000.p/5", &[1; 160]),
        object("tile/entries/000.p/5", b"entries"),
        object("secret", b"secret"),
        object("lock", b"secret"),
    ]
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE));
    config.build().into()
}
