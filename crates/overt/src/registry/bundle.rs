//! `overt bundle`: a part of a registry's log as one file that anybody can verify offline.
//!
//! The registry answers in pieces, between which its log may have grown; here all of them are put under one checkpoint, with
//! paths made from the log's own tiles where that is needed. Must not judge: that is for `overt verify`.

use super::ask::{Ask, AskArgs};
use super::failed;
use super::leaves::{Leaves, Records};
use crate::Failure;
use crate::table::{DIM, PLAIN};
use server::service::now_ms;
use statement::{Body, Bundle, DeviceId, Digest, Envelope, Kept, Record, Sheaf, Statement, to_cbor};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::time::Duration;
use tlog::{Hash, leaf_hash, verify_inclusion};

/// Leaves that are asked for at once; fewer where they are too long together.
const AT_ONCE: u64 = 256;

/// Options of `overt bundle`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "A leaf of the log is a batch of statements and records. What the token may not read stands as its hash; the keys\n\
                  of the devices that speak come along, so that signatures can be checked.\n\n\
                  Examples:\n  overt bundle -o all.overt\n  overt bundle --last 30d -o month.overt && overt verify month.overt --policy trust.policy"
)]
pub struct Args {
    #[command(flatten)]
    pub ask: AskArgs,
    /// The first leaf
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "last")]
    pub first: u64,
    /// How many leaves; otherwise all from the first on
    #[arg(long, value_name = "M", conflicts_with = "last", value_parser = clap::value_parser!(u64).range(1..))]
    pub count: Option<u64>,
    /// What was admitted in the span until now, for instance 30d
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub last: Option<Duration>,
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// Runs it.
pub fn run(args: &Args) -> Result<(), Failure> {
    let ask = args.ask.open()?;
    let leaves = Leaves::open(&ask)?;
    let (first, end) = range(args, &leaves)?;
    let part = args.output.with_extension("part");
    let wrong = |e: std::io::Error| failed(format!("cannot write {}", part.display()), e);
    let mut out = BufWriter::new(File::create(&part).map_err(wrong)?);
    let mut speaking = BTreeSet::new();
    fetch(&ask, &leaves, first, end, |sheaf| {
        speaking.extend(sheaf.entries.iter().filter_map(speaker));
        out.write_all(&piece(&to_cbor(&sheaf))).map_err(wrong)
    })?;
    out.flush().map_err(wrong)?;
    let keys = keys(&ask, &leaves, &speaking, first)?;
    let about = format!("leaves {first} to {}", end - 1);
    let batches = end - first + u64::try_from(keys.len()).unwrap_or(0);
    let head = Bundle::new(leaves.note().to_owned(), about, batches);
    let wrong = |e: std::io::Error| failed(format!("cannot write {}", args.output.display()), e);
    let mut whole = BufWriter::new(File::create(&args.output).map_err(wrong)?);
    whole.write_all(&piece(&to_cbor(&head))).map_err(wrong)?;
    for sheaf in &keys {
        whole.write_all(&piece(&to_cbor(sheaf))).map_err(wrong)?;
    }
    std::io::copy(&mut File::open(&part).map_err(wrong)?, &mut whole).map_err(wrong)?;
    whole.flush().and_then(|()| std::fs::remove_file(&part)).map_err(wrong)?;
    let note = format!(
        "{} holds {} leaves of {} devices, and {} earlier ones with their keys",
        args.output.display(),
        end - first,
        speaking.len(),
        keys.len()
    );
    Ok(writeln!(anstream::stdout(), "{note}.\n{DIM}Next: overt verify {}{PLAIN}", args.output.display())?)
}

/// Which leaves.
fn range(args: &Args, leaves: &Leaves<'_>) -> Result<(u64, u64), Failure> {
    let size = leaves.size();
    let (first, end) = match args.last {
        Some(last) => {
            let ms = u64::try_from(last.as_millis()).unwrap_or(u64::MAX);
            (leaves.first_until(now_ms().saturating_sub(ms))?, size)
        }
        None => (args.first, args.count.map_or(size, |count| args.first.saturating_add(count))),
    };
    if first < end && end <= size {
        return Ok((first, end));
    }
    Err(Failure::Usage(format!("there are no leaves {first} to {end}: the log has {size}")))
}

/// Asks for a run of leaves, and hands each on under the one checkpoint.
pub fn fetch(
    ask: &Ask,
    leaves: &Leaves<'_>,
    first: u64,
    end: u64,
    mut take: impl FnMut(Sheaf) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let (mut next, mut count) = (first, AT_ONCE);
    while next < end {
        let some = count.min(end - next);
        let Some(bytes) = ask.get_unless(413, &format!("/api/v1/bundle?first={next}&count={some}"))? else {
            if some == 1 {
                return Err(Failure::Usage(format!("leaf {next} is too long for the registry to hand out")));
            }
            count = some / 2;
            continue;
        };
        for sheaf in sheaves(&bytes)? {
            if sheaf.index != next {
                return Err(failed("the bundle", format!("leaf {} where {next} was asked for", sheaf.index)));
            }
            take(under(leaves, sheaf)?)?;
            next += 1;
        }
    }
    Ok(())
}

/// The pieces of an answer but the first, which is its head.
fn sheaves(mut bytes: &[u8]) -> Result<Vec<Sheaf>, Failure> {
    let (mut all, mut number, mut at) = (Vec::new(), 0, 0);
    while !bytes.is_empty() {
        let cut = || failed("the bundle", format!("it is cut off in piece {number}"));
        let (head, length) =
            ::verify::pieces(bytes, number, at).map_err(|e| failed("the bundle", e))?.ok_or_else(cut)?;
        let piece = bytes.get(head..head + length).ok_or_else(cut)?;
        if number > 0 {
            all.push(Sheaf::from_cbor(piece).map_err(|e| failed("the bundle", e))?);
        }
        bytes = bytes.get(head + length..).unwrap_or_default();
        number += 1;
        at += u64::try_from(head + length).unwrap_or(0);
    }
    if all.is_empty() { Err(failed("the bundle", "it holds no leaf")) } else { Ok(all) }
}

/// The leaf with a path to the one checkpoint: the registry's own path may lead to a later one.
fn under(leaves: &Leaves<'_>, mut sheaf: Sheaf) -> Result<Sheaf, Failure> {
    let path: Vec<Hash> = sheaf.path.iter().map(|d| Hash(d.0)).collect();
    let head = leaves.head();
    if verify_inclusion(leaf_hash(&sheaf.manifest), sheaf.index, head.size, &path, head.root).is_err() {
        sheaf.path = leaves.path(sheaf.index)?.iter().map(|h| Digest(h.0)).collect();
    }
    Ok(sheaf)
}

/// The earlier leaves with the records of the keys of these devices, and nothing else of them.
fn keys(
    ask: &Ask,
    leaves: &Leaves<'_>,
    devices: &BTreeSet<DeviceId>,
    before: u64,
) -> Result<Vec<Sheaf>, Failure> {
    let mut wanted = BTreeSet::new();
    for ms in Records::of(ask, devices)?.written_ms {
        wanted.extend(leaves.at(ms, before)?);
    }
    let mut all = Vec::new();
    for leaf in wanted {
        fetch(ask, leaves, leaf, leaf + 1, |mut sheaf| {
            for entry in &mut sheaf.entries {
                if !is_key_of(entry, devices) {
                    *entry = Kept::Hash(entry.leaf());
                }
            }
            all.push(sheaf);
            Ok(())
        })?;
    }
    Ok(all)
}

fn is_key_of(entry: &Kept, devices: &BTreeSet<DeviceId>) -> bool {
    let Kept::Record(bytes) = entry else { return false };
    match Record::from_cbor(bytes).map(|record| record.body) {
        Ok(Body::Enrolled(enrolled)) => devices.contains(&enrolled.device),
        Ok(Body::Rotated(rotated)) => devices.contains(&rotated.device),
        Ok(Body::Revoked(revoked)) => devices.contains(&revoked.device),
        _ => false,
    }
}

fn speaker(entry: &Kept) -> Option<DeviceId> {
    let Kept::Statement(bytes) = entry else { return None };
    let envelope = Envelope::parse(bytes).ok()?;
    Statement::from_cbor(envelope.payload).ok().map(|statement| statement.device)
}

/// One piece of the file: a CBOR byte string.
pub fn piece(bytes: &[u8]) -> Vec<u8> {
    to_cbor(&minicbor::bytes::ByteVec::from(bytes.to_vec()))
}
