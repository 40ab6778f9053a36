//! A registry on loopback with two operators of two sites each, a device at every site, and a token of every role.

use crate::device::{Device, INTERVAL_MS};
use access::Access;
use ed25519_zebra::SigningKey;
use registry::Command;
use serde_json::{Value, json};
use server::service::{Config, RegistryTokens, Service, now_ms};
use server::{App, Audit, AuditFile, Limits, Listen, NewToken, Rate, Settings};
use statement::{Digest, Token};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tlog::{Policy, VerifierKey};
use tokio::runtime::{Builder, Runtime};

/// How long anything is waited for before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);
/// The sites, each with its operator before the hyphen.
pub const SITES: [&str; 4] = ["acme-hall", "acme-yard", "beta-hall", "beta-yard"];

/// A running registry.
pub struct World {
    // Ends before its folder goes.
    _runtime: Runtime,
    pub devices: Vec<Device>,
    pub folder: tempfile::TempDir,
    tokens: BTreeMap<&'static str, String>,
    url: String,
    agent: ureq::Agent,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub media: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl World {
    /// With devices that are enrolled and have said nothing.
    pub fn new() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let service = Arc::new(Service::start(config(folder.path())).unwrap());
        let first = first_token(&service);
        let url = serve(&runtime, &service, folder.path());
        let settings = ureq::Agent::config_builder().http_status_as_error(false);
        let agent = settings.timeout_global(Some(PATIENCE)).build().into();
        let tokens = BTreeMap::from([("administrator", first)]);
        let devices = Vec::new();
        let mut world = Self { _runtime: runtime, devices, folder, tokens, url, agent };
        world.settle();
        world
    }

    /// Operators, sites, tokens and devices, all made through the API.
    fn settle(&mut self) {
        for operator in ["acme", "beta"] {
            let body = json!({ "title": operator });
            assert_eq!(
                self.put("administrator", &format!("/api/v1/operators/{operator}"), &body).status,
                200
            );
        }
        for site in SITES {
            let body = json!({ "operator": &site[..4], "place": "CN-SC" });
            let answer = self.put("administrator", &format!("/api/v1/sites/{site}"), &body);
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        for (name, role, operator, sites) in [
            ("operator", "operator", Some("acme"), json!([])),
            ("site-operator", "operator", Some("acme"), json!(["acme-hall"])),
            ("inspector", "inspector", None, json!(["acme-hall"])),
            ("reader", "reader", Some("acme"), json!([])),
        ] {
            let token =
                self.issue(&json!({ "name": name, "role": role, "operator": operator, "sites": sites }));
            self.tokens.insert(name, token);
        }
        let from_ms = now_ms() - 60 * INTERVAL_MS;
        for (seed, site) in (1..).zip(SITES) {
            let token = self.issue(&json!({ "name": format!("let-in-{site}"), "role": "enrolment", "operator": &site[..4], "sites": [site] }));
            let device = Device::new(seed, site, from_ms);
            let answer = self.send("nobody", "POST", "/api/v1/devices", &device.request(&token, now_ms()));
            assert_eq!(answer.status, 201, "{}", answer.text());
            if seed == 1 {
                self.tokens.insert("enrolment", token);
            }
            self.devices.push(device);
        }
    }

    /// A new token by the administrator's wish.
    pub fn issue(&self, wish: &Value) -> String {
        let answer = self.post("administrator", "/api/v1/tokens", wish);
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    /// Asks as somebody: a name of a token of this world, `nobody`, or a whole token.
    pub fn send(&self, who: &str, method: &str, path: &str, body: &[u8]) -> Answer {
        let request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        let media = if body.first() == Some(&b'{') { "application/json" } else { "application/cbor-seq" };
        let mut request = request.header("content-type", media);
        if who != "nobody" {
            let token = self.tokens.get(who).map_or(who, String::as_str);
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let mut answer = if body.is_empty() {
            self.agent.run(request.body(()).unwrap()).unwrap()
        } else {
            self.agent.run(request.body(body).unwrap()).unwrap()
        };
        let media = answer.headers().get("content-type").map(|v| v.to_str().unwrap().to_owned());
        let body = answer.body_mut().read_to_vec().unwrap();
        Answer { status: answer.status().as_u16(), media: media.unwrap_or_default(), body }
    }

    pub fn get(&self, who: &str, path: &str) -> Answer {
        self.send(who, "GET", path, &[])
    }

    pub fn put(&self, who: &str, path: &str, body: &Value) -> Answer {
        self.send(who, "PUT", path, body.to_string().as_bytes())
    }

    pub fn post(&self, who: &str, path: &str, body: &Value) -> Answer {
        self.send(who, "POST", path, body.to_string().as_bytes())
    }

    pub fn submit(&self, body: &[u8]) -> Value {
        let answer = self.send("nobody", "POST", "/api/v1/statements", body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Every device says something; the ordinals in the order of the sites.
    pub fn minute(&mut self) -> Vec<u64> {
        let said: Vec<Vec<u8>> = self.devices.iter_mut().map(Device::say).collect();
        let answer = self.submit(&said.concat());
        let first = answer["accepted"][0]["first"].as_u64().unwrap_or_else(|| panic!("{answer}"));
        assert_eq!(answer["accepted"][0]["count"], said.len(), "{answer}");
        (first..).take(said.len()).collect()
    }

    /// The answer once it is there.
    pub fn eventually(&self, who: &str, path: &str, good: impl Fn(&Answer) -> bool) -> Answer {
        let until = Instant::now() + PATIENCE;
        loop {
            let answer = self.get(who, path);
            if good(&answer) {
                return answer;
            }
            assert!(Instant::now() < until, "{path}: still {} {}", answer.status, answer.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The receipt of an entry, once it is sealed.
    pub fn receipt(&self, ordinal: u64) -> Vec<u8> {
        self.eventually("nobody", &format!("/api/v1/receipts/{ordinal}"), |a| a.status == 200).body
    }

    /// Where it listens, and the token of this name.
    pub fn address(&self, who: &str) -> (&str, &str) {
        (&self.url, &self.tokens[who])
    }

    pub fn policy(&self) -> Policy {
        Policy::parse(&self.get("nobody", "/policy").body).unwrap()
    }
}

fn config(folder: &std::path::Path) -> Config {
    std::fs::create_dir(folder.join("registry")).unwrap();
    let key = SigningKey::from([9; 32]);
    let origin = "registry.example/log";
    let verifier = VerifierKey::log(origin, ed25519_zebra::VerificationKey::from(&key).into()).unwrap();
    let policy_text = format!("log {verifier}\nquorum none\n");
    Config {
        folder: folder.join("registry"),
        lock_folder: None,
        origin: origin.to_owned(),
        key,
        rulebooks: ["OPEN", "CN"].iter().filter_map(|name| rulebook::shipped(name)?.0).collect(),
        sources: Vec::new(),
        policy: Policy::parse(policy_text.as_bytes()).unwrap(),
        policy_text,
        cadence: Duration::from_millis(50),
    }
}

fn first_token(service: &Service) -> String {
    let new = NewToken::make("admin").unwrap();
    let (id, role) = ("admin".parse().unwrap(), "administrator".to_owned());
    let secret = Digest(new.digest());
    let token = Token { id, secret, role, operator: None, sites: Vec::new(), until_ms: None, uses: 0 };
    service.record("registry", vec![Command::Token(token)]).unwrap().pop().unwrap().unwrap();
    new.reveal()
}

fn serve(runtime: &Runtime, service: &Arc<Service>, folder: &std::path::Path) -> String {
    // These tests come from one address and ask often.
    let rate = Rate { per_second: 1e6, burst: 1e6 };
    let settings = Settings { credential_rate: rate, address_rate: rate, ..Settings::default() };
    let audit = Audit::start(AuditFile::open(&folder.join("audit.jsonl")).unwrap()).unwrap();
    let tokens = Arc::new(RegistryTokens(service.clone()));
    let store = service.registry().store().clone();
    let app = App::new(settings, Access::new().unwrap(), tokens, store, audit);
    let listen = Listen { address: ([127, 0, 0, 1], 0).into(), tls: None, insecure_plaintext: false };
    let bound = runtime.block_on(listen.bind()).unwrap();
    let url = format!("http://{}", bound.address());
    let router = server::registry_router(app.clone(), service.clone());
    runtime.spawn(bound.serve_router(router, app, Limits::default(), std::future::pending::<()>()));
    url
}
