//! A registry as a process, with its folder and its port.

use super::ask::Web;
use super::process::Process;
use std::ffi::OsString;
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Longest time until a registry is ready.
const STARTING: Duration = Duration::from_secs(60);
/// Longest time that one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Time between two looks.
const GLANCE: Duration = Duration::from_millis(20);

/// A port of this machine on which nobody listens just now.
///
/// # Errors
///
/// What the system says.
pub fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// A registry that is started and ended, again and again, over one folder and at one address.
#[derive(Debug)]
pub struct RegistryProcess {
    prefix: Vec<OsString>,
    overt: PathBuf,
    data: PathBuf,
    url: String,
    args: Vec<OsString>,
    roots: Option<Vec<u8>>,
    log: PathBuf,
    process: Option<Process>,
}

impl RegistryProcess {
    /// A registry on loopback that is not started yet: `overt` is the program, `data` its folder.
    ///
    /// # Errors
    ///
    /// If there is no free port.
    pub fn new(overt: &Path, data: &Path) -> io::Result<Self> {
        let address = format!("127.0.0.1:{}", free_port()?);
        let url = format!("http://{address}");
        let mut registry = Self {
            prefix: Vec::new(),
            overt: overt.to_owned(),
            data: data.to_owned(),
            log: data.with_extension("log"),
            url,
            args: Vec::new(),
            roots: None,
            process: None,
        };
        registry.option("--listen", &address);
        Ok(registry)
    }

    /// Gives it another option of `overt serve`.
    pub fn option(&mut self, name: &str, value: impl Into<OsString>) {
        self.args.extend([name.into(), value.into()]);
    }

    /// Runs it by another program, for instance `ip netns exec NAME`, and reaches it elsewhere.
    pub fn elsewhere(&mut self, prefix: &[&str], listen: &str, url: &str, roots: &[u8]) {
        self.prefix = prefix.iter().map(OsString::from).collect();
        self.args = vec!["--listen".into(), listen.into()];
        self.url = url.to_owned();
        self.roots = Some(roots.to_vec());
    }

    /// Where it is reached.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// What it and its forerunners have printed.
    #[must_use]
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Lets it print into another file than the one beside its folder, for instance because that disk is to be full.
    pub fn print_into(&mut self, log: &Path) {
        log.clone_into(&mut self.log);
    }

    /// Starts it, without waiting.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn launch(&mut self) -> io::Result<&mut Process> {
        let mut words = self.prefix.iter().cloned().chain([self.overt.clone().into_os_string()]);
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).arg("serve").arg("--data").arg(&self.data).args(&self.args);
        Ok(self.process.insert(Process::of(command, &self.log)?))
    }

    /// Starts it and waits until it is ready.
    ///
    /// # Errors
    ///
    /// That it is not ready in time, or has ended, with what it said.
    pub fn start(&mut self) -> io::Result<()> {
        self.launch()?;
        self.ready()
    }

    /// Waits until it is ready.
    ///
    /// # Errors
    ///
    /// That it is not ready in time, or has ended, with what it said.
    pub fn ready(&mut self) -> io::Result<()> {
        let (until, web) = (Instant::now() + STARTING, self.web());
        loop {
            if web.get("/readyz").is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            let ended = match &mut self.process {
                Some(process) => process.ended()?.map(|status| status.to_string()),
                None => Some("was not started".to_owned()),
            };
            if ended.is_some() || Instant::now() > until {
                let how = ended.unwrap_or_else(|| "is not ready".to_owned());
                return Err(io::Error::other(format!("the registry: {how}: {}", self.said())));
            }
            std::thread::sleep(GLANCE);
        }
    }

    /// The process.
    ///
    /// # Errors
    ///
    /// If it was not started.
    pub fn process(&mut self) -> io::Result<&mut Process> {
        self.process.as_mut().ok_or_else(|| io::Error::other("the registry was not started"))
    }

    /// Ends it cleanly.
    ///
    /// # Errors
    ///
    /// That it does not end, or not well.
    pub fn stop(&mut self) -> io::Result<()> {
        let status = self.process()?.terminate()?;
        self.process = None;
        if status.success() {
            return Ok(());
        }
        Err(io::Error::other(format!("the registry ended with {status}: {}", self.said())))
    }

    /// Kills it where it stands.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn kill(&mut self) -> io::Result<()> {
        self.process()?.kill()?;
        self.process = None;
        Ok(())
    }

    /// Asks it, as nobody.
    #[must_use]
    pub fn web(&self) -> Web {
        Web::new(&self.url, PATIENCE, self.roots.as_deref())
    }

    /// Asks it, as its administrator.
    ///
    /// # Errors
    ///
    /// If there is no token in its folder.
    pub fn admin(&self) -> io::Result<Web> {
        let token = std::fs::read_to_string(self.data.join("registry/admin.token"))?;
        Ok(self.web().with_token(&token))
    }

    /// Runs another command of the program with this registry's folder; gives its exit code and all that it said.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn command(&self, args: &[&str]) -> io::Result<(i32, String)> {
        let mut command = Command::new(&self.overt);
        let (name, rest) = args.split_at(args.len().min(1));
        command.args(name).arg("--data").arg(&self.data).args(rest).env("NO_COLOR", "1");
        let output = command.output()?;
        let said = [output.stdout, output.stderr].concat();
        Ok((output.status.code().unwrap_or(-1), String::from_utf8_lossy(&said).into_owned()))
    }
}
