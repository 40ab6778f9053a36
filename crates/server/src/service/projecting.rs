//! The history: every admitted finding as rows, written by one function for live work and for catching up from the spine.

use super::Inner;
use facts::{Activity, TokenState};
use registry::store::Store;
use registry::{Frame, State, disposition};
use statement::{DeviceId, Envelope, Kept, Statement};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};
use store_parquet::{Row, Workload};

/// Longest time that rows stay in memory only; what is lost with them is written again from the spine.
const FLUSH_EVERY: Duration = Duration::from_secs(900);
/// How often the thread looks whether it is to end.
const GLANCE: Duration = Duration::from_millis(200);
/// How often it is looked whether files of the history should be merged.
const MERGE_EVERY: Duration = Duration::from_secs(60);
/// Bytes of frames that are read at once when catching up.
const READ_BYTES: usize = 8 << 20;

/// The thread that writes the history.
pub(crate) fn run(inner: &Inner, admitted: &Receiver<Arc<Frame>>) {
    let mut flushed = Instant::now();
    // What was admitted before the last end and is in no file.
    behind(inner);
    loop {
        match admitted.recv_timeout(GLANCE) {
            Ok(frame) if frame.first == inner.facts.next_ordinal() => project(inner, &frame),
            // Records come by another way, and after trouble something may be missing: the spine has all of it.
            Ok(_) => behind(inner),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if flushed.elapsed() >= FLUSH_EVERY {
            flushed = Instant::now();
            flush(inner);
        }
        if inner.stop.load(Ordering::SeqCst) && inner.facts.next_ordinal() >= inner.registry.core().state.next
        {
            break;
        }
    }
    behind(inner);
    flush(inner);
}

fn flush(inner: &Inner) {
    if let Err(error) = inner.facts.flush() {
        inner.watching.failed(&error.to_string());
    }
}

/// The thread that merges files of the history.
pub(crate) fn merge(inner: &Inner) {
    while !inner.stop.load(Ordering::SeqCst) {
        match inner.facts.merge() {
            Ok(true) => {}
            Ok(false) => std::thread::park_timeout(MERGE_EVERY),
            Err(error) => {
                inner.watching.failed(&error.to_string());
                std::thread::park_timeout(MERGE_EVERY);
            }
        }
    }
}

/// Writes what the spine has and the history has not.
fn behind(inner: &Inner) {
    loop {
        let next = inner.facts.next_ordinal();
        if next >= inner.registry.core().state.next {
            return;
        }
        let frames =
            inner.registry.frame_of(next).and_then(|number| inner.registry.store().read(number, READ_BYTES));
        match frames {
            Ok(frames) => {
                for bytes in frames {
                    match Frame::from_cbor(&bytes) {
                        Ok(frame) => project(inner, &frame),
                        Err(error) => return inner.watching.failed(&error.to_string()),
                    }
                }
            }
            Err(error) => return inner.watching.failed(&error.to_string()),
        }
        if inner.facts.next_ordinal() == next {
            return;
        }
    }
}

fn project(inner: &Inner, frame: &Frame) {
    let next = inner.facts.next_ordinal();
    let rows = {
        let core = inner.registry.core();
        rows(frame, &core.state)
    };
    let rows: Vec<Row> = rows.into_iter().filter(|row| row.ordinal >= next).collect();
    if let Err(error) = inner.facts.append(&rows, frame.end().max(next)) {
        inner.watching.failed(&error.to_string());
    }
}

/// The rows of a frame.
#[must_use]
pub fn rows(frame: &Frame, state: &State) -> Vec<Row> {
    let mut places = HashMap::new();
    let mut rows = Vec::with_capacity(frame.entries.len() * 2);
    for ((ordinal, entry), verdict) in (frame.first..).zip(&frame.entries).zip(&frame.verdicts) {
        let Kept::Statement(bytes) = entry else { continue };
        let Ok(envelope) = Envelope::parse(bytes) else { continue };
        let Ok(statement) = Statement::from_cbor(envelope.payload) else { continue };
        let place = places.entry(statement.device).or_insert_with(|| Place::of(state, statement.device));
        said(ordinal, &statement, &verdict.dispositions, place, &mut rows);
    }
    rows
}

/// Where a device stands.
struct Place {
    operator: String,
    site: String,
}

impl Place {
    fn of(state: &State, device: DeviceId) -> Self {
        let site = state.devices.get(&device).map(|d| d.site.clone());
        let operator = site.as_ref().and_then(|s| state.site(s)).map(|s| s.operator.to_string());
        Self { operator: operator.unwrap_or_default(), site: site.map(|s| s.to_string()).unwrap_or_default() }
    }
}

fn said(ordinal: u64, statement: &Statement, dispositions: &[u8], place: &Place, rows: &mut Vec<Row>) {
    let base = Row {
        ordinal,
        device: statement.device.0,
        sequence: statement.sequence,
        operator: place.operator.clone(),
        site: place.site.clone(),
        from_ms: i64::try_from(statement.from_ms).unwrap_or(i64::MAX),
        duration_ms: statement.duration_ms,
        workload: None,
        activity: Activity::Idle,
        share: store_parquet::PERMILLE,
        probability: store_parquet::PERMILLE,
        algorithm: None,
        token: TokenState::NotObservable,
        disposition: None,
        cpu_ms: 0,
        energy_mj: None,
    };
    if statement.findings.is_empty() {
        let energy_mj = statement.energy.as_ref().map(|e| e.millijoules);
        rows.push(Row { energy_mj, ..base });
        return;
    }
    for (finding, code) in statement.findings.iter().zip(dispositions) {
        let named = disposition(*code).map(|d| d.to_string());
        for part in finding.parts() {
            let of = |whole: u64| whole.saturating_mul(u64::from(part.share_permille)) / 1_000;
            rows.push(Row {
                workload: Some(Workload { id: finding.workload.0, name: finding.name.clone() }),
                activity: part.activity,
                share: part.share_permille.min(store_parquet::PERMILLE),
                probability: part.permille.min(store_parquet::PERMILLE),
                algorithm: finding.algorithm.clone(),
                token: finding.token,
                disposition: named.clone(),
                cpu_ms: of(finding.cpu_ms).min(store_parquet::MAX_CPU),
                energy_mj: finding.energy_mj.map(|e| of(e).min(store_parquet::MAX_ENERGY)),
                ..base.clone()
            });
        }
    }
}
