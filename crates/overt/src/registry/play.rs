//! What an agent of this program looks at: the sensors, or a recording in their place.
//!
//! Must not treat the two differently beyond that: a recording goes through the same statements, spool, log and receipts.

use super::{agent, failed};
use crate::table::{HEAD, PLAIN, printable};
use crate::{Failure, look};
use ::agent::Player;
use ::agent::client::Client;
use ::agent::daemon::{Agent, Config};
use ::agent::event::Event;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use wire::Recording;

/// What is looked at.
#[derive(Clone, Debug, clap::Args)]
pub struct ReplayArgs {
    /// Play a recording of `overt look --record` at its own pace instead of looking, and end when all of it is proven
    #[arg(long, value_name = "FILE")]
    pub replay: Option<PathBuf>,
}

/// A recording with the name of its file; none for the sensors.
pub struct Source(Option<(String, Recording)>);

impl ReplayArgs {
    /// Reads the recording, if one is named.
    pub fn open(&self) -> Result<Source, Failure> {
        let read = |path: &PathBuf| Ok::<_, Failure>((path.display().to_string(), look::read(path)?));
        self.replay.as_ref().map(read).transpose().map(Source)
    }
}

impl Source {
    /// Runs the agent until it is told to end, or the recording has ended and everything is proven.
    pub fn run(self, mut config: Config, client: Option<Client>, stop: &AtomicBool) -> Result<(), Failure> {
        let wrong = |e| failed("agent", e);
        let Some((name, recording)) = self.0 else {
            return Agent::run(&config, client, stop, agent::report).map_err(wrong);
        };
        // Whoever reads these statements sees that nobody looked at the machine that signed them.
        config.version += "+replay";
        let sends = client.is_some();
        let (mut stated, mut released) = (0_usize, 0_usize);
        let count = |event: Event| {
            match &event {
                Event::Stated { .. } => stated += 1,
                Event::Exchanged { released: some, .. } => released += some,
                _ => {}
            }
            agent::report(event);
        };
        Agent::run_with(&config, Player::new(recording), client, stop, count).map_err(wrong)?;
        let kept = if sends {
            format!("{released} statements are in the log, each proven by a receipt")
        } else {
            format!("{stated} statements are kept to be carried")
        };
        Ok(writeln!(anstream::stdout(), "{HEAD}Played{PLAIN} {}: {kept}.", printable(&name))?)
    }
}
