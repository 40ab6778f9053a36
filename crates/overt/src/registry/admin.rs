//! `overt operator`, `site`, `device`, `token`, `authority`: the records of a registry.

use super::ask::AskArgs;
use super::{failed, voucher};
use crate::Failure;
use crate::table::printable;
use clap::Subcommand;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

/// What may be recorded and listed.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Write a version of an operator
    Operator {
        /// Its name here: a-z 0-9 . _ -
        #[arg(value_parser = name)]
        name: String,
        /// Its name for people
        #[arg(long)]
        title: String,
        /// Its kind: company, sole-proprietor, individual, public-body
        #[arg(long)]
        kind: Option<String>,
    },
    /// Write a version of a site
    Site {
        /// Its name here: a-z 0-9 . _ -
        #[arg(value_parser = name)]
        name: String,
        /// Who answers for it
        #[arg(long)]
        operator: String,
        /// Code of the place, for instance CN-SC
        #[arg(long)]
        place: String,
        /// A declared fact, for instance site.it_kw=500; `overt rules facts` lists them
        #[arg(long = "fact", value_name = "NAME=VALUE", value_parser = pair)]
        facts: Vec<(String, String)>,
    },
    /// Issue a token; its secret is shown this once
    Token {
        /// Its name: a-z 0-9 . _ -
        #[arg(value_parser = name)]
        name: String,
        /// enrolment lets devices in once
        #[arg(long, value_parser = ["enrolment", "operator", "inspector", "reader", "administrator"])]
        role: String,
        /// The operator that it is bound to
        #[arg(long)]
        operator: Option<String>,
        /// A site that it is bound to
        #[arg(long = "site")]
        sites: Vec<String>,
        /// How long it counts, for instance 7d
        #[arg(long = "for", value_parser = humantime::parse_duration)]
        lasts: Option<Duration>,
        /// How many devices an enrolment token lets in
        #[arg(long)]
        uses: Option<u32>,
    },
    /// End a token
    EndToken {
        /// Its name
        #[arg(value_parser = name)]
        name: String,
    },
    /// List tokens, without their secrets
    Tokens,
    /// List devices
    Devices {
        /// Only those of this site
        #[arg(long, value_parser = name)]
        site: Option<String>,
    },
    /// Revoke a device, or one of its keys
    Revoke {
        /// The device
        #[arg(value_parser = device)]
        device: String,
        /// Only this key
        #[arg(long)]
        key: Option<String>,
        /// Why
        #[arg(long)]
        why: String,
    },
    /// Let a key vouch for devices of an operator
    Authority {
        /// The public key: a file in PEM or with hexadecimal digits, or the digits
        key: String,
        /// For devices of which operator
        #[arg(long)]
        operator: String,
        /// ed25519 or p256; a file in PEM says it itself, digits are of ed25519 where nothing is said
        #[arg(long, value_parser = ["ed25519", "p256"])]
        algorithm: Option<String>,
        /// authority, or tpm for a key that lives in one device's TPM
        #[arg(long, default_value = "authority", value_parser = ["authority", "tpm"])]
        kind: String,
        /// What people call it
        #[arg(long, default_value = "")]
        label: String,
    },
    /// Erase the content of statements; their hashes and all proofs about others stay
    Erase {
        /// The first ordinal
        first: u64,
        /// How many
        #[arg(default_value_t = 1)]
        count: u64,
        /// The request or the rule
        #[arg(long)]
        why: String,
    },
}

/// Options of `overt admin`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Everything that is written is an entry of the log: versions follow one another, none is overwritten.\n\n\
                  Examples:\n  overt admin operator acme --title 'Acme Ltd' --kind company\n  overt admin site hall --operator acme --place CN-SC\n  \
                  overt admin token first-devices --role enrolment --operator acme --site hall --uses 20 --for 7d"
)]
pub struct Args {
    #[command(flatten)]
    pub ask: AskArgs,
    #[command(subcommand)]
    pub command: Command,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// A name that can stand in an address as it is.
fn name(text: &str) -> Result<String, String> {
    text.parse::<statement::Name>().map(|name| name.to_string()).map_err(|e| e.to_string())
}

fn device(text: &str) -> Result<String, String> {
    text.parse::<statement::DeviceId>().map(|id| id.to_string()).map_err(|e| e.to_string())
}

/// Runs it.
pub fn run(args: &Args) -> Result<(), Failure> {
    let ask = args.ask.open()?;
    let (method, path, body) = request(&args.command)?;
    let answer = match method {
        "GET" => ask.get(&path)?,
        _ => ask.send(method, &path, &body)?,
    };
    let mut out = anstream::stdout();
    if answer.is_empty() {
        match &args.command {
            // Whoever enrols a device has to name the key that vouches.
            Command::Authority { key, algorithm, .. } => {
                let id = voucher::read(key, algorithm.as_deref())?.id();
                writeln!(out, "Key {id} may vouch: overt enrol --voucher {id} --signature FILE")?;
            }
            _ => writeln!(out, "Done.")?,
        }
        return Ok(());
    }
    let answer: Value = serde_json::from_slice(&answer).map_err(|e| failed("the answer", e))?;
    if let Some(token) = answer.get("token").and_then(Value::as_str) {
        writeln!(out, "{}", printable(token))?;
        writeln!(anstream::stderr(), "This is shown once; only a hash of it is kept.")?;
        return Ok(());
    }
    writeln!(out, "{answer:#}")?;
    Ok(())
}

fn request(command: &Command) -> Result<(&'static str, String, Value), Failure> {
    Ok(match command {
        Command::Operator { name, title, kind } => {
            ("PUT", format!("/api/v1/operators/{name}"), json!({ "title": title, "kind": kind }))
        }
        Command::Site { name, operator, place, facts } => {
            let facts: BTreeMap<_, _> = facts.iter().cloned().collect();
            (
                "PUT",
                format!("/api/v1/sites/{name}"),
                json!({ "operator": operator, "place": place, "facts": facts }),
            )
        }
        Command::Token { name, role, operator, sites, lasts, uses } => {
            let seconds = lasts.map(|d| d.as_secs().max(1));
            let wish = json!({ "name": name, "role": role, "operator": operator, "sites": sites, "seconds": seconds, "uses": uses });
            ("POST", "/api/v1/tokens".to_owned(), wish)
        }
        Command::EndToken { name } => ("DELETE", format!("/api/v1/tokens/{name}"), Value::Null),
        Command::Tokens => ("GET", "/api/v1/tokens".to_owned(), Value::Null),
        Command::Devices { site } => {
            let site = site.as_ref().map(|s| format!("?site={s}")).unwrap_or_default();
            ("GET", format!("/api/v1/devices{site}"), Value::Null)
        }
        Command::Revoke { device, key, why } => {
            ("DELETE", format!("/api/v1/devices/{device}"), json!({ "key": key, "why": why }))
        }
        Command::Authority { key, operator, algorithm, kind, label } => {
            let voucher = voucher::read(key, algorithm.as_deref())?;
            let digits: String = voucher.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            let wish = json!({ "operator": operator, "algorithm": voucher::name(&voucher), "key": digits, "kind": kind, "label": label });
            ("POST", "/api/v1/authorities".to_owned(), wish)
        }
        Command::Erase { first, count, why } => {
            ("POST", "/api/v1/erasures".to_owned(), json!({ "first": first, "count": count, "why": why }))
        }
    })
}
