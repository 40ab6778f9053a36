//! `overt alerts`: looks at one site again and again, and tells what opens, goes on and ends.
//!
//! What is to be told is kept before it is sent, and that it was taken is kept after: a crash repeats at most the message that was
//! under way, with the same id, and loses none.

use super::WhatArgs;
use super::fetched::Fetched;
use super::post::{Post, PostArgs};
use crate::Failure;
use crate::registry::failed;
use crate::table::{DIM, PLAIN, printable, printable_lines};
use discrepancy::alert::{
    Acknowledgement, MAX_OWED, Notification, Settings, State, cloud_event, mail, open_metrics, signals, tick,
};
use jiff::tz::TimeZone;
use server::service::now_ms;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Options of `overt alerts`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Alerts need a difference that lasts; thresholds, hysteresis and quiet hours are in the settings (docs/differences.md).\n\
                  Give --last a few hours: what is no longer in the span ends. A webhook and every mail address are told\n\
                  each for itself: what one of them does not take is sent to it again at the next look, and to nobody else.\n\n\
                  Examples:\n  overt alerts --operator acme --site hall --last 3h --state alerts.json\n  \
                  overt alerts --operator acme --site hall --last 3h --state alerts.json --every 5m --webhook https://hooks.example/overt\n  \
                  overt alerts --operator acme --site hall --last 3h --state alerts.json --every 5m --mail-from overt@acme.example \\\n    \
                  --mail-to duty@acme.example --smtp smtp+starttls://mail.acme.example:587 --smtp-login login.txt\n  \
                  (the same with --test-mail sends one test mail, so that you see that it works)\n  \
                  overt alerts --operator acme --site hall --state alerts.json --acknowledge KEY --by 'A. Person' --note 'known test' --until 12h"
)]
pub struct Args {
    #[command(flatten)]
    pub what: WhatArgs,
    /// Where it is kept what was told
    #[arg(long, value_name = "FILE")]
    pub state: PathBuf,
    /// Rules, quiet hours, repetition, TOML
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Look again after this time; otherwise once
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub every: Option<Duration>,
    #[command(flatten)]
    pub post: PostArgs,
    /// Send one test mail to each address and say whether it was taken, instead of looking
    #[arg(long, requires = "to")]
    pub test_mail: bool,
    /// Write open alerts as OpenMetrics into this file, for a textfile collector
    #[arg(long, value_name = "FILE")]
    pub metrics: Option<PathBuf>,
    /// Print messages as CloudEvents, one a line
    #[arg(long)]
    pub json: bool,
    /// Say that an alert is known, instead of looking
    #[arg(long, value_name = "KEY", requires = "by")]
    pub acknowledge: Option<String>,
    /// Who says so
    #[arg(long, value_name = "PERSON")]
    pub by: Option<String>,
    /// What the person says to it
    #[arg(long, default_value = "")]
    pub note: String,
    /// For how long it holds
    #[arg(long, value_name = "DURATION", default_value = "1d", value_parser = humantime::parse_duration)]
    pub until: Duration,
}

/// Runs it.
pub fn run(args: &Args) -> Result<(), Failure> {
    if let Some(key) = &args.acknowledge {
        return acknowledge(args, key);
    }
    let scope = format!("{}/{}", args.what.operator, args.what.site);
    let post = args.post.open(&args.what.ask.registry, &scope)?;
    if args.test_mail {
        return post.test(now_ms(), &scope);
    }
    let settings = settings(args.settings.as_deref())?;
    loop {
        match (look(args, &settings, &post), args.every) {
            (done, None) => return done,
            (Ok(()), Some(_)) => {}
            // A registry that is away for a while is no reason to stop looking.
            (Err(error), Some(_)) => writeln!(anstream::stderr(), "{error}")?,
        }
        std::thread::sleep(args.every.unwrap_or_default().max(Duration::from_secs(1)));
    }
}

fn settings(path: Option<&Path>) -> Result<Settings, Failure> {
    let Some(path) = path else { return Ok(Settings::default()) };
    let shown = printable(&path.display().to_string());
    let text = std::fs::read_to_string(path).map_err(|e| Failure::Usage(format!("{shown}: {e}")))?;
    let zone = |name: &str| TimeZone::get(name).ok();
    Settings::parse(&text, zone)
        .map_err(|e| Failure::Usage(format!("{shown}: {}", printable(&e.to_string()))))
}

fn read(path: &Path) -> Result<State, Failure> {
    let shown = printable(&path.display().to_string());
    match std::fs::read(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(State::default()),
        Err(e) => Err(failed(shown, e)),
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| {
            Failure::Usage(format!("{shown} is no state of alerts ({e}); remove it to begin anew"))
        }),
    }
}

fn keep(path: &Path, state: &State) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(state).map_err(|e| failed("the state", e))?;
    replace(path, &text)
}

/// Puts a file in place at once, so that nobody reads half of it.
fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let beside = path.with_extension("new");
    let wrong = |e: std::io::Error| failed(format!("cannot write {}", path.display()), e);
    std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path)).map_err(wrong)
}

fn look(args: &Args, settings: &Settings, post: &Post) -> Result<(), Failure> {
    let before = read(&args.state)?;
    let found = Fetched::of(&args.what)?.compare(&args.what.thresholds()?);
    let (mut after, told) = tick(before, now_ms(), &signals(&found.differences), settings);
    let waiting = after.outbox.pending.len();
    after.owe(&told, &post.names());
    receivers(&mut after, post)?;
    keep(&args.state, &after)?;
    for notification in &told {
        show(args, notification)?;
    }
    let untaken = post.deliver(&mut after, |state| keep(&args.state, state))?;
    if let Some(path) = &args.metrics {
        replace(path, &open_metrics(&after))?;
    }
    if told.is_empty() && waiting == 0 && args.every.is_none() && !args.json {
        let open = after.open().len();
        let seen = found.differences.len();
        writeln!(anstream::stdout(), "Nothing new: {open} alerts are open, {seen} differences are seen.")?;
    }
    if untaken.is_empty() {
        return Ok(());
    }
    let owed = after.outbox.pending.len();
    let untaken = untaken.join("\n");
    Err(Failure::Usage(format!(
        "{untaken}\n{owed} messages are not taken by all; the next look sends them again"
    )))
}

/// Says of receivers that are not told any more, or that were owed too much.
fn receivers(state: &mut State, post: &Post) -> Result<(), Failure> {
    let mut err = anstream::stderr();
    for (receiver, owed) in state.keep_receivers(&post.names()) {
        writeln!(err, "{} is not told any more, and did not take {owed} messages", printable(&receiver))?;
    }
    for (receiver, count) in std::mem::take(&mut state.outbox.let_go) {
        let receiver = printable(&receiver);
        writeln!(err, "{receiver} is owed more than {MAX_OWED} messages: {count} of the oldest were let go")?;
    }
    Ok(())
}

fn show(args: &Args, notification: &Notification) -> Result<(), Failure> {
    let mut out = anstream::stdout();
    if args.json {
        return Ok(writeln!(out, "{}", cloud_event(notification, &args.what.ask.registry))?);
    }
    let mail = mail(notification);
    writeln!(out, "{}\n{}", printable(&mail.subject), printable_lines(&mail.body))?;
    for alert in &notification.alerts {
        writeln!(out, "{DIM}key {}{PLAIN}", printable(&alert.signal.key))?;
    }
    Ok(())
}

fn acknowledge(args: &Args, key: &str) -> Result<(), Failure> {
    let mut state = read(&args.state)?;
    let until = u64::try_from(args.until.as_millis()).unwrap_or(u64::MAX);
    let word = Acknowledgement {
        by: args.by.clone().unwrap_or_default(),
        note: args.note.clone(),
        until_ms: now_ms().saturating_add(until),
    };
    state.acknowledge(key, word).map_err(|e| {
        let open: Vec<String> = state.open().iter().map(|a| printable(&a.signal.key)).collect();
        Failure::Usage(format!("{e}; open are: {}", open.join(" ")))
    })?;
    keep(&args.state, &state)?;
    Ok(writeln!(anstream::stdout(), "Known until then: {}", printable(key))?)
}
