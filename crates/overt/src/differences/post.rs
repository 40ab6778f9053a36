//! Who is told: a webhook and mail addresses, each for itself.
//!
//! A receiver that says no is asked again at the next look, and the messages after it are tried. One that says nothing is left
//! alone until the next look, so that it does not hold up the others. Must not decide what is told.

use super::smtp::{self, MailArgs, Relay};
use crate::Failure;
use crate::table::printable;
use discrepancy::alert::{Mail, Notification, State, cloud_event, mail};
use lettre::Address;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Write;
use std::time::Duration;

/// How often a message that was not taken is sent again at once; afterwards the next look sends it.
const TRIES: u32 = 3;
/// The name of the webhook among the receivers. Its address is not kept: it may hold a secret.
const WEBHOOK: &str = "webhook";

/// Where messages go.
#[derive(Clone, Debug, clap::Args)]
pub struct PostArgs {
    /// Send each message as a CloudEvent to this address
    #[arg(long, value_name = "URL")]
    pub webhook: Option<String>,
    #[command(flatten)]
    pub mail: MailArgs,
    /// How long a receiver may take for each of its answers
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = humantime::parse_duration)]
    pub timeout: Duration,
}

/// One receiver.
enum Receiver {
    Webhook(String),
    Mail(Address),
}

/// Why a receiver did not take a message.
#[derive(Debug, thiserror::Error)]
pub enum Untaken {
    /// It answered no, and would again.
    #[error("{0}")]
    Refused(String),
    /// It answered that it cannot now.
    #[error("{0}")]
    Later(String),
    /// It did not answer.
    #[error("{0}")]
    Silent(String),
}

/// All receivers.
pub struct Post {
    receivers: Vec<Receiver>,
    relay: Option<Relay>,
    timeout: Duration,
    /// The address of the registry, which with a message's number makes it unique.
    source: String,
    /// The same, and the site, under which mails are known.
    scope: String,
}

impl PostArgs {
    /// Gets ready to send; sends nothing.
    pub fn open(&self, source: &str, scope: &str) -> Result<Post, Failure> {
        let webhook = self.webhook.iter().cloned().map(Receiver::Webhook);
        let receivers = webhook.chain(self.mail.to.iter().cloned().map(Receiver::Mail)).collect();
        let relay = self.mail.relay(self.timeout)?;
        let (source, scope) = (source.to_owned(), format!("{source} {scope}"));
        Ok(Post { receivers, relay, timeout: self.timeout, source, scope })
    }
}

impl Receiver {
    /// Its name in the state.
    fn name(&self) -> String {
        match self {
            Self::Webhook(_) => WEBHOOK.to_owned(),
            Self::Mail(address) => format!("mail {address}"),
        }
    }

    /// What answers for it: where that is silent, the others behind it are not asked either.
    const fn server(&self) -> &'static str {
        match self {
            Self::Webhook(_) => WEBHOOK,
            Self::Mail(_) => "mail",
        }
    }
}

impl Post {
    /// The names of all receivers.
    pub fn names(&self) -> BTreeSet<String> {
        self.receivers.iter().map(Receiver::name).collect()
    }

    /// Sends everybody what is owed; `keep` is called after each message that was taken. What was not taken is said.
    pub fn deliver(
        &self,
        state: &mut State,
        mut keep: impl FnMut(&State) -> Result<(), Failure>,
    ) -> Result<Vec<String>, Failure> {
        let (mut untaken, mut silent) = (Vec::new(), BTreeSet::new());
        for receiver in &self.receivers {
            let name = receiver.name();
            for notification in state.owed(&name) {
                if silent.contains(receiver.server()) {
                    break;
                }
                match self.tell(receiver, &notification) {
                    Ok(()) => {
                        state.taken(notification.number, &name);
                        keep(state)?;
                    }
                    Err(why) => {
                        if matches!(why, Untaken::Silent(_)) {
                            silent.insert(receiver.server());
                        }
                        untaken.push(why.to_string());
                    }
                }
            }
        }
        untaken.dedup();
        Ok(untaken)
    }

    /// Sends one mail to every address, whatever is seen, and says how each of them took it.
    pub fn test(&self, now_ms: u64, about: &str) -> Result<(), Failure> {
        let Some(relay) = &self.relay else {
            return Err(Failure::Usage("--test-mail needs --mail-to, --mail-from and --smtp".to_owned()));
        };
        let mut out = anstream::stdout();
        let mut all = true;
        for receiver in &self.receivers {
            let Receiver::Mail(to) = receiver else { continue };
            let id = smtp::message_id(&self.scope, now_ms, None);
            match relay.send(to, &test_mail(about), &id, now_ms) {
                Ok(()) => {
                    writeln!(out, "{} took a test mail for {}.", relay.server(), printable(to.as_ref()))?;
                }
                Err(why) => {
                    all = false;
                    writeln!(out, "{why}")?;
                }
            }
        }
        if all { Ok(()) } else { Err(Failure::Said) }
    }

    fn tell(&self, receiver: &Receiver, notification: &Notification) -> Result<(), Untaken> {
        let mut attempt = 1;
        loop {
            let sent = match (receiver, &self.relay) {
                (Receiver::Webhook(url), _) => {
                    hook(url, &cloud_event(notification, &self.source), self.timeout)
                }
                (Receiver::Mail(to), Some(relay)) => {
                    let id = smtp::message_id(&self.scope, notification.at_ms, Some(notification.number));
                    relay.send(to, &mail(notification), &id, notification.at_ms)
                }
                // The options require the server with the addresses.
                (Receiver::Mail(_), None) => Err(Untaken::Refused("no --smtp for --mail-to".to_owned())),
            };
            match sent {
                Err(Untaken::Later(_) | Untaken::Silent(_)) if attempt < TRIES => {
                    std::thread::sleep(Duration::from_secs(u64::from(attempt)));
                    attempt += 1;
                }
                sent => return sent,
            }
        }
    }
}

fn test_mail(about: &str) -> Mail {
    Mail {
        subject: format!("overt test 测试: alerts for {about}"),
        body: format!(
            "This is a test. Alerts about {about} will come to this address.\n\
             这是一封测试邮件。关于 {about} 的提醒将发送到此地址。\n"
        ),
    }
}

/// Sends a message (CloudEvents 1.0, HTTP protocol binding, structured mode).
fn hook(url: &str, event: &Value, timeout: Duration) -> Result<(), Untaken> {
    let config = ureq::Agent::config_builder().timeout_global(Some(timeout)).http_status_as_error(true);
    let agent: ureq::Agent = config.build().into();
    let sent = agent.post(url).header("content-type", "application/cloudevents+json").send(event.to_string());
    sent.map(|_| ()).map_err(|error| {
        let why = format!("{} does not take the message: {}", printable(url), printable(&error.to_string()));
        match error {
            ureq::Error::StatusCode(408 | 425 | 429 | 500..) => Untaken::Later(why),
            ureq::Error::StatusCode(_) => Untaken::Refused(why),
            _ => Untaken::Silent(why),
        }
    })
}
