//! Sealing at a steady pace: seal, ask witnesses, publish; and snapshots now and then.

use super::{Inner, now_ms, witnesses};
use registry::store::Store;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tlog::{Head, SignedCheckpoint};

/// Frames between two snapshots.
const SNAPSHOT_FRAMES: u64 = 4_096;
/// Longest time between two snapshots while frames come.
const SNAPSHOT_EVERY: Duration = Duration::from_secs(600);

/// What is promised and not yet published.
struct Unpublished {
    checkpoint: SignedCheckpoint,
    head: Head,
    next: u64,
}

/// The thread that seals.
pub(crate) fn run(inner: &Inner) {
    let mut pending = promised(inner);
    let mut saved = (inner.registry.core().state.frames, Instant::now());
    loop {
        let stopping = inner.stop.load(Ordering::SeqCst);
        let begin = Instant::now();
        round(inner, &mut pending);
        if snapshot_due(inner, saved) || (stopping && saved.0 != inner.registry.core().state.frames) {
            match inner.registry.snapshot() {
                Ok(()) => saved = (inner.registry.core().state.frames, Instant::now()),
                Err(error) => inner.watching.failed(&error.to_string()),
            }
        }
        // Whoever ends the registry ends admission first, so that a last round seals all of it.
        if stopping && inner.registry.waiting() == 0 {
            return;
        }
        if stopping && inner.watching.troubled() {
            return;
        }
        std::thread::park_timeout(inner.config.cadence.saturating_sub(begin.elapsed()));
    }
}

fn round(inner: &Inner, pending: &mut Option<Unpublished>) {
    let begin = Instant::now();
    match inner.registry.seal() {
        Ok(Some(sealed)) => {
            inner.watching.sealed(begin.elapsed());
            *pending =
                Some(Unpublished { checkpoint: sealed.checkpoint, head: sealed.head, next: sealed.next });
        }
        Ok(None) => {}
        Err(error) => return inner.watching.failed(&error.to_string()),
    }
    let Some(unpublished) = pending else { return };
    let cosigned = witnesses::collect(inner, &unpublished.checkpoint);
    let evaluation = inner.config.policy.evaluate(&cosigned, &inner.own_key());
    if !evaluation.accepted() {
        inner.watching.unwitnessed(now_ms());
        return;
    }
    let note = cosigned.note().to_string();
    match inner.registry.publish(note.as_bytes(), unpublished.head, unpublished.next) {
        Ok(()) => {
            inner.watching.published(now_ms());
            *pending = None;
        }
        Err(error) => inner.watching.failed(&error.to_string()),
    }
}

fn snapshot_due(inner: &Inner, saved: (u64, Instant)) -> bool {
    let frames = inner.registry.core().state.frames;
    frames >= saved.0 + SNAPSHOT_FRAMES || (frames > saved.0 && saved.1.elapsed() >= SNAPSHOT_EVERY)
}

/// What the lock has promised and a former run did not come to publish.
fn promised(inner: &Inner) -> Option<Unpublished> {
    let value = inner.registry.store().lock().ok()??;
    let checkpoint = SignedCheckpoint::parse(&value).ok()?;
    let head = checkpoint.checkpoint().head();
    let published = inner.registry.published();
    let is_published = published.head == head && !published.note.is_empty();
    (!is_published).then(|| Unpublished { checkpoint, head, next: inner.registry.sealed_next() })
}
