//! A real browser, driven: Chromium over its DevTools protocol on two pipes, so that pages are looked at as people see them.
//!
//! Opens files only. Must not reach the network: what a page asks for beyond itself is counted, and nothing else is asked.

use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// What the browser is called, by preference.
const NAMES: [&str; 2] = ["chromium", "chromium-browser"];
/// How often a document is asked whether it is complete, at most.
const MAX_EVENTS: usize = 100_000;

/// A browser with one tab, ended with its value.
#[derive(Debug)]
pub struct Browser {
    process: Child,
    to: File,
    from: BufReader<File>,
    session: Option<String>,
    next: u64,
    events: Vec<Value>,
    _folder: TempDir,
}

/// How a page is looked at.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Width of the window, CSS pixels.
    pub width: u32,
    /// Whether the reader prefers dark.
    pub dark: bool,
    /// Whether it is laid out for paper.
    pub print: bool,
}

/// What a page did while it was loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// What it asked for beside itself: addresses.
    pub requests: Vec<String>,
    /// What the browser had to say: errors, warnings, violations of its policy.
    pub said: Vec<String>,
}

impl Browser {
    /// Starts it, as root too.
    ///
    /// # Errors
    ///
    /// If there is none: install the package `chromium`.
    pub fn start() -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let (to, from) = (folder.path().join("to"), folder.path().join("from"));
        let made = Command::new("mkfifo").args([&to, &from]).status()?;
        let name = NAMES.iter().find(|name| Command::new(name).arg("--version").output().is_ok());
        let Some(name) = name.filter(|_| made.success()) else {
            return Err(io::Error::new(io::ErrorKind::NotFound, "no chromium; install the package chromium"));
        };
        // The protocol is spoken on descriptors 3 and 4.
        let script = "to=$1 from=$2; shift 2; exec \"$@\" 3<\"$to\" 4>\"$from\"";
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh"]).args([&to, &from]).arg(name);
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]);
        command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
        command.args(["--disable-dev-shm-usage", "--remote-debugging-pipe", "about:blank"]);
        command.arg(format!("--user-data-dir={}", folder.path().join("profile").display()));
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        // The shell opens both in this order; each side waits for the other.
        let to = File::options().write(true).open(&to)?;
        let from = BufReader::new(File::open(&from)?);
        let mut browser =
            Self { process, to, from, session: None, next: 0, events: Vec::new(), _folder: folder };
        browser.attach()?;
        Ok(browser)
    }

    fn attach(&mut self) -> io::Result<()> {
        let tab = self.call("Target.createTarget", &json!({ "url": "about:blank" }))?;
        let wish = json!({ "targetId": tab.get("targetId"), "flatten": true });
        let session = self.call("Target.attachToTarget", &wish)?;
        self.session = session.get("sessionId").and_then(Value::as_str).map(str::to_owned);
        for domain in ["Page", "Network", "Log", "Runtime"] {
            self.call(&format!("{domain}.enable"), &json!({}))?;
        }
        Ok(())
    }

    /// Opens a file and waits until it is loaded.
    ///
    /// # Errors
    ///
    /// If the browser ended or refuses.
    pub fn open(&mut self, page: &Path, view: View) -> io::Result<Loaded> {
        let screen = json!({ "width": view.width, "height": 800, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &screen)?;
        let scheme = if view.dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        let media = if view.print { "print" } else { "screen" };
        self.call("Emulation.setEmulatedMedia", &json!({ "media": media, "features": features }))?;
        self.events.clear();
        let address = format!("file://{}", std::fs::canonicalize(page)?.display());
        self.call("Page.navigate", &json!({ "url": address }))?;
        while !self.events.iter().any(|e| is(e, "Page.loadEventFired")) {
            let event = self.read()?;
            self.events.push(event);
        }
        // One more answer: what was on its way has come before it.
        self.call("Runtime.evaluate", &json!({ "expression": "0" }))?;
        Ok(self.loaded(&address))
    }

    fn loaded(&self, address: &str) -> Loaded {
        let text = |event: &Value, path: &str| event.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let asked = self.events.iter().filter(|e| is(e, "Network.requestWillBeSent"));
        let requests = asked.filter_map(|e| text(e, "/params/request/url")).filter(|url| url != address);
        let said = self.events.iter().filter_map(|e| match e.get("method").and_then(Value::as_str) {
            Some("Log.entryAdded") => text(e, "/params/entry/text"),
            Some("Runtime.exceptionThrown") => text(e, "/params/exceptionDetails/text"),
            Some("Runtime.consoleAPICalled") => Some(e.to_string()),
            _ => None,
        });
        Loaded { requests: requests.collect(), said: said.collect() }
    }

    /// The value of an expression in the page.
    ///
    /// # Errors
    ///
    /// If the browser ended, or the expression throws.
    pub fn evaluate(&mut self, expression: &str) -> io::Result<Value> {
        let answer =
            self.call("Runtime.evaluate", &json!({ "expression": expression, "returnByValue": true }))?;
        if let Some(thrown) = answer.get("exceptionDetails") {
            return Err(io::Error::other(thrown.to_string()));
        }
        Ok(answer.pointer("/result/value").cloned().unwrap_or_default())
    }

    /// A picture of the whole page, PNG in base64.
    ///
    /// # Errors
    ///
    /// If the browser ended.
    pub fn picture(&mut self) -> io::Result<String> {
        let wish = json!({ "format": "png", "captureBeyondViewport": true });
        let answer = self.call("Page.captureScreenshot", &wish)?;
        Ok(answer.get("data").and_then(Value::as_str).unwrap_or_default().to_owned())
    }

    fn call(&mut self, method: &str, parameters: &Value) -> io::Result<Value> {
        self.next += 1;
        let mut message = json!({ "id": self.next, "method": method, "params": parameters });
        if let (Some(session), Some(map)) = (&self.session, message.as_object_mut()) {
            map.insert("sessionId".to_owned(), json!(session));
        }
        self.to.write_all(message.to_string().as_bytes())?;
        self.to.write_all(&[0])?;
        loop {
            let answer = self.read()?;
            if answer.get("id").and_then(Value::as_u64) != Some(self.next) {
                self.events.push(answer);
                continue;
            }
            return match answer.get("error") {
                Some(error) => Err(io::Error::other(format!("{method}: {error}"))),
                None => Ok(answer.get("result").cloned().unwrap_or_default()),
            };
        }
    }

    fn read(&mut self) -> io::Result<Value> {
        let mut message = Vec::new();
        self.from.read_until(0, &mut message)?;
        if message.pop() != Some(0) || self.events.len() > MAX_EVENTS {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the browser ended"));
        }
        Ok(serde_json::from_slice(&message)?)
    }
}

fn is(event: &Value, method: &str) -> bool {
    event.get("method").and_then(Value::as_str) == Some(method)
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
