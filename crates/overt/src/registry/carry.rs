//! `overt carry`: statements by hand from a machine without a connection, and their receipts back.

use super::agent::{self, RegistryArgs};
use super::failed;
use super::folder::DataArgs;
use crate::Failure;
use crate::table::{DIM, PLAIN, printable};
use ::agent::api::{MAX_BODY, MAX_RECEIPTS, MAX_STATEMENTS, Registry, Trouble};
use ::agent::carry::{export, import_receipts, write_receipts};
use ::agent::client::Client;
use ::agent::disk::Folder;
use ::agent::key::Keys;
use ::agent::lock::Lock;
use ::agent::receipt::Log;
use ::agent::spool::{DEFAULT_BOUND, Spool};
use clap::Subcommand;
use statement::{DeviceId, Envelope, Statement, split};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Time between two questions whether all is sealed.
const AGAIN: Duration = Duration::from_secs(1);
/// Most statements of one file.
const MAX_CARRIED: usize = 4 << 20;

/// What is done on which machine.
#[derive(Clone, Debug, Subcommand)]
#[command(
    after_help = "On the device: overt carry out statements.cbor\nWhere there is a connection: overt carry in statements.cbor --registry URL --receipts receipts.txt\n\
                  On the device: overt carry back receipts.txt"
)]
pub enum Command {
    /// On the device: write all statements that wait into a file; the agent must not run meanwhile
    Out {
        #[command(flatten)]
        data: DataArgs,
        /// The file
        file: PathBuf,
    },
    /// Where there is a connection: hand statements in, wait until they are sealed, write the receipts
    In {
        #[command(flatten)]
        registry: RegistryArgs,
        /// The file that `overt carry out` wrote
        file: PathBuf,
        /// The file for the receipts
        #[arg(long, value_name = "FILE")]
        receipts: PathBuf,
        /// How long to wait for sealing
        #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = humantime::parse_duration)]
        wait: Duration,
    },
    /// On the device: let go of the statements that receipts prove; the agent must not run meanwhile
    Back {
        #[command(flatten)]
        data: DataArgs,
        /// The file of receipts
        file: PathBuf,
        /// The trust policy of the log; otherwise trust.policy in the agent's folder
        #[arg(long, value_name = "FILE")]
        policy: Option<PathBuf>,
    },
}

/// Runs it.
pub fn run(command: &Command) -> Result<(), Failure> {
    let said = match command {
        Command::Out { data, file } => out(data, file)?,
        Command::In { registry, file, receipts, wait } => {
            hand_in(&registry.client()?, file, receipts, *wait)?
        }
        Command::Back { data, file, policy } => back(data, file, policy.as_deref())?,
    };
    Ok(writeln!(anstream::stdout(), "{said}")?)
}

/// The spool of this machine's agent, which does not run as long as the lock is held.
fn spool(home: &Path) -> Result<(Spool<Folder>, Lock), Failure> {
    let wrong = |e: &dyn std::fmt::Display| failed("agent", e);
    let keys = Keys::open(&home.join("keys")).map_err(|e| wrong(&e))?;
    let lock = Lock::take(home).map_err(|e| wrong(&e))?;
    let disk = Folder::open(&home.join("spool")).map_err(|e| wrong(&e))?;
    let (spool, damage) = Spool::open(disk, keys.device(), DEFAULT_BOUND).map_err(|e| wrong(&e))?;
    damage.into_iter().for_each(|damage| agent::report(::agent::event::Event::Damaged(damage)));
    Ok((spool, lock))
}

fn out(data: &DataArgs, path: &Path) -> Result<String, Failure> {
    let (mut spool, _lock) = spool(&data.folder()?.join("agent"))?;
    let wrong = |e: &dyn std::fmt::Display| failed(format!("cannot write {}", path.display()), e);
    let mut file = std::fs::File::create(path).map_err(|e| wrong(&e))?;
    let count = export(&mut spool, &mut file).map_err(|e| wrong(&e))?;
    file.sync_all().map_err(|e| wrong(&e))?;
    Ok(format!(
        "{} holds {count} statements of device {}; they stay here until receipts come back.",
        path.display(),
        spool.device()
    ))
}

fn back(data: &DataArgs, path: &Path, policy: Option<&Path>) -> Result<String, Failure> {
    let home = data.folder()?.join("agent");
    let policy = agent::policy(&home, policy)?;
    let (mut spool, _lock) = spool(&home)?;
    let log = Log::new(policy, None).map_err(|e| failed("policy", e))?;
    let file = std::fs::read(path).map_err(|e| failed(path.display(), e))?;
    let imported = import_receipts(&mut spool, &log, &file).map_err(|e| failed(path.display(), e))?;
    for (sequence, why) in &imported.refused {
        let line = format!("the receipt of statement {sequence} is refused: {why}");
        writeln!(anstream::stderr(), "{}", printable(&line))?;
    }
    let said = format!(
        "{} statements are proven and let go of; {} wait.",
        imported.released,
        spool.waiting(0).count()
    );
    if imported.refused.is_empty() { Ok(said) } else { Err(Failure::Usage(said)) }
}

/// Hands in what was carried here.
fn hand_in(registry: &Client, path: &Path, receipts: &Path, wait: Duration) -> Result<String, Failure> {
    let file = std::fs::read(path).map_err(|e| failed(path.display(), e))?;
    let envelopes = split(&file, MAX_CARRIED).map_err(|e| failed(path.display(), e))?;
    let (device, mut due) = numbers(&envelopes).map_err(|e| failed(path.display(), e))?;
    for body in bodies(&envelopes) {
        let answer = registry.statements(&body, None).map_err(|e| failed("not handed in", e))?;
        if let Some(refused) = answer.refused.first() {
            let line =
                format!("statement {} is refused: {} ({})", refused.index, refused.reason, refused.detail);
            return Err(failed(path.display(), line));
        }
    }
    let mut proven = BTreeMap::new();
    let until = Instant::now() + wait;
    while let Some(first) = due.first().copied() {
        let given = match registry.receipts(device, first, MAX_RECEIPTS) {
            Ok(given) => given,
            // What was handed in to a relay has receipts when the registry behind it is there again.
            Err(Trouble::Unreachable(_) | Trouble::Later { .. }) => Vec::new(),
            Err(other) => return Err(failed("no receipts", other)),
        };
        let before = due.len();
        proven.extend(given.into_iter().filter(|(number, _)| due.remove(number)));
        if due.len() == before {
            if Instant::now() >= until {
                break;
            }
            std::thread::sleep(AGAIN);
        }
    }
    let wrong = |e: std::io::Error| failed(format!("cannot write {}", receipts.display()), e);
    let mut out = std::fs::File::create(receipts).map_err(wrong)?;
    write_receipts(proven.iter().map(|(number, receipt)| (*number, receipt.as_slice())), &mut out)
        .map_err(wrong)?;
    out.sync_all().map_err(wrong)?;
    let said = format!(
        "{} statements of device {device} handed in, {} receipts in {}",
        envelopes.len(),
        proven.len(),
        receipts.display()
    );
    if due.is_empty() {
        return Ok(format!(
            "{said}.\n{DIM}Next, on the device: overt carry back {}{PLAIN}",
            receipts.display()
        ));
    }
    Err(Failure::Usage(format!(
        "{said}; {} are not sealed yet: hand the same file in again later",
        due.len()
    )))
}

/// Whose statements these are, and their numbers: one file is of one device.
fn numbers(envelopes: &[Envelope<'_>]) -> Result<(DeviceId, BTreeSet<u64>), String> {
    let mut of = None;
    let mut all = BTreeSet::new();
    for envelope in envelopes {
        let statement = Statement::from_cbor(envelope.payload).map_err(|e| e.to_string())?;
        let device = *of.get_or_insert(statement.device);
        if device != statement.device {
            return Err(format!(
                "found statements of {device} and {}, expected those of one device",
                statement.device
            ));
        }
        all.insert(statement.sequence);
    }
    Ok((of.ok_or("it holds no statement")?, all))
}

/// The statements in bodies that a registry takes.
fn bodies(envelopes: &[Envelope<'_>]) -> Vec<Vec<u8>> {
    let (mut all, mut body, mut count) = (Vec::new(), Vec::new(), 0);
    for envelope in envelopes {
        if count >= MAX_STATEMENTS || body.len() + envelope.bytes.len() > MAX_BODY {
            all.push(std::mem::take(&mut body));
            count = 0;
        }
        body.extend_from_slice(envelope.bytes);
        count += 1;
    }
    all.push(body);
    all
}
