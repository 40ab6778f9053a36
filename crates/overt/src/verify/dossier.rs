//! A dossier: one thread reads, follows and compares; the others check signatures.

use super::{Args, answer, trust};
use crate::Failure;
use crate::table::printable;
use ::dossier::{SignatureChecks, check};
use ::verify::Signatures;
use serde::Serialize;
use statement::DeviceId;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Batches whose signatures may wait: each holds up to 4,096 statements in memory.
const WAITING: usize = 2;

#[derive(Serialize)]
struct Held {
    operator: String,
    from: String,
    to: String,
    zone: String,
    made_by: String,
    batches: u64,
    statements: u64,
    records: u64,
    hashes: u64,
    devices: u64,
}

/// Whether a file begins like a dossier: the header of its first member.
pub fn is_one(begin: &[u8]) -> bool {
    begin.starts_with(b"PK\x03\x04")
}

/// Runs it.
pub fn run(args: &Args, path: &Path) -> Result<(), Failure> {
    let shown = printable(&path.display().to_string());
    let wrong = |e: &dyn std::fmt::Display| Failure::Usage(format!("{shown}: {}", printable(&e.to_string())));
    let trusted = match (&args.policy, &args.log_key) {
        (None, None) => None,
        _ => Some(trust::policy(args, None)?),
    };
    let file = BufReader::with_capacity(1 << 20, File::open(path).map_err(|e| wrong(&e))?);
    let rules = crate::dossier::rules()?;
    let checked = match check(file, trusted.as_ref(), &rules, &mut Threads::start()) {
        Ok(checked) => checked,
        Err(error) => {
            let mut report = ::verify::Report::default();
            report.fails(error);
            return answer::<()>(args, &report, None, "");
        }
    };
    let (scope, summary) = (&checked.contents.scope, &checked.summary);
    let about = format!(
        "\nA dossier of {} from {} to {} ({}): {} statements of {} devices, {} records in {} batches.\n",
        scope.operator,
        scope.from,
        scope.to,
        printable(&scope.zone),
        summary.statements,
        summary.devices,
        summary.records,
        summary.batches
    );
    let held = Held {
        operator: scope.operator.clone(),
        from: scope.from.to_string(),
        to: scope.to.to_string(),
        zone: scope.zone.clone(),
        made_by: checked.contents.made_by.clone(),
        batches: summary.batches,
        statements: summary.statements,
        records: summary.records,
        hashes: summary.hashes,
        devices: summary.devices,
    };
    answer(args, &checked.report, Some(&held), &about)
}

type Forged = Arc<Mutex<Vec<(DeviceId, u64)>>>;

/// As many threads as there are processors.
struct Threads {
    send: Option<SyncSender<Signatures>>,
    threads: Vec<JoinHandle<()>>,
    forged: Forged,
}

impl Threads {
    fn start() -> Self {
        let (send, receive) = sync_channel::<Signatures>(WAITING);
        let (receive, forged) = (Arc::new(Mutex::new(receive)), Forged::default());
        let count = std::thread::available_parallelism().map_or(1, usize::from);
        let start = |_| {
            let (receive, forged) = (Arc::clone(&receive), Arc::clone(&forged));
            std::thread::spawn(move || work(&receive, &forged))
        };
        Self { send: Some(send), threads: (0..count).map(start).collect(), forged }
    }
}

fn work(receive: &Mutex<Receiver<Signatures>>, forged: &Mutex<Vec<(DeviceId, u64)>>) {
    loop {
        let next = receive.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(signatures) = next else { return };
        let found = signatures.check();
        forged.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
    }
}

impl SignatureChecks for Threads {
    fn take(&mut self, signatures: Signatures) {
        // Without anybody to take it, it is checked here: nothing stays unchecked.
        let back = match &self.send {
            Some(send) => send.send(signatures).map_err(|back| back.0).err(),
            None => Some(signatures),
        };
        if let Some(signatures) = back {
            let found = signatures.check();
            self.forged.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
        }
    }

    fn end(&mut self) -> Vec<(DeviceId, u64)> {
        self.send = None;
        let mut broken = false;
        for thread in self.threads.drain(..) {
            broken |= thread.join().is_err();
        }
        let mut forged = std::mem::take(&mut *self.forged.lock().unwrap_or_else(PoisonError::into_inner));
        if broken {
            // A thread that broke off may have left signatures unchecked.
            forged.push((DeviceId([0; 16]), 0));
        }
        forged.sort_unstable();
        forged
    }
}
