//! Signatures, checked by as many threads as there are processors while another reads on.

use ::dossier::SignatureChecks;
use ::verify::Signatures;
use statement::DeviceId;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Batches whose signatures may wait: each holds up to 4,096 statements in memory.
const WAITING: usize = 2;

type Forged = Arc<Mutex<Vec<(DeviceId, u64)>>>;

/// As many threads as there are processors.
pub struct Threads {
    send: Option<SyncSender<Signatures>>,
    threads: Vec<JoinHandle<()>>,
    forged: Forged,
}

impl Threads {
    /// Starts them.
    pub fn start() -> Self {
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
