//! Admitting: bodies are checked by whoever brings them, then wait for the one thread that writes.

use super::{Inner, Service, now_ms};
use registry::{AdmitError, Checked, Frame, MAX_BODY, MAX_STATEMENTS, Opened, Outcome, Prepared};
use statement::{DeviceId, EnvelopeError};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, PoisonError};

/// A checked body that waits.
pub(crate) struct Job {
    checked: Checked,
    named: Vec<Option<(DeviceId, u64)>>,
    bytes: usize,
    reply: SyncSender<Result<Answer, Arc<AdmitError>>>,
}

/// What became of a body.
#[derive(Debug)]
pub struct Answer {
    /// The outcome of each statement, in order.
    pub outcomes: Vec<Outcome>,
    /// When it was admitted, milliseconds since 1970.
    pub at_ms: u64,
    /// The devices whose statements were in it, each once.
    pub devices: Vec<DeviceId>,
}

/// Why a body was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// It is too long.
    #[error("body of {found} bytes, expected at most {MAX_BODY}")]
    TooLarge {
        /// What was found.
        found: usize,
    },
    /// It is no sequence of statements.
    #[error(transparent)]
    Body(#[from] EnvelopeError),
    /// It could not be made durable.
    #[error("{0}; nothing of it was acknowledged, send it again")]
    Admit(Arc<AdmitError>),
    /// The registry is ending.
    #[error("the registry is ending; send it again when it is back")]
    Ending,
}

/// Most statements of one device that go to the writing thread together where a body has more: what they take there is little
/// beside making them durable, so whoever comes in between waits for one write more and no longer.
const PART: usize = 64;

impl Service {
    /// Admits a body of statements: returns when what is new in it is durable. Blocks.
    ///
    /// A body with many statements of one device goes in parts, one such body at a time. Should a part fail, nothing of the body
    /// is acknowledged; sent again, what was durable already is a duplicate.
    ///
    /// # Errors
    ///
    /// [`SubmitError`].
    pub fn submit(&self, body: &[u8]) -> Result<Answer, SubmitError> {
        if body.len() > MAX_BODY {
            return Err(SubmitError::TooLarge { found: body.len() });
        }
        let opened = Opened::new(body)?;
        if opened.crowd() <= PART {
            return self.hand_in(self.inner.registry.check_part(&opened, now_ms()), body.len());
        }
        let _turn = self.inner.crowd.lock().unwrap_or_else(PoisonError::into_inner);
        let mut whole = Answer { outcomes: Vec::new(), at_ms: now_ms(), devices: Vec::new() };
        for part in opened.parts(PART) {
            let checked = self.inner.registry.check_part(&part, now_ms());
            let answer = self.hand_in(checked, part.bytes())?;
            whole.at_ms = answer.at_ms;
            whole.outcomes.extend(answer.outcomes);
            whole.devices.extend(answer.devices);
        }
        whole.devices.sort_unstable();
        whole.devices.dedup();
        Ok(whole)
    }

    /// Brings what was checked to the writing thread, unless nothing of it can be admitted anyway.
    fn hand_in(&self, checked: Checked, bytes: usize) -> Result<Answer, SubmitError> {
        if checked.items.iter().all(Result::is_err) {
            let outcomes: Vec<Outcome> =
                checked.items.into_iter().filter_map(Result::err).map(Outcome::Refused).collect();
            self.inner.watching.count(outcomes.iter());
            return Ok(Answer { outcomes, at_ms: now_ms(), devices: Vec::new() });
        }
        let (reply, answer) = sync_channel(1);
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let named =
            checked.items.iter().map(|i| i.as_ref().ok().map(|g| (g.statement.device, g.statement.sequence)));
        let job = Job { named: named.collect(), checked, bytes, reply };
        jobs.ok_or(SubmitError::Ending)?.send(job).map_err(|_| SubmitError::Ending)?;
        answer.recv().map_err(|_| SubmitError::Ending)?.map_err(SubmitError::Admit)
    }
}

/// The thread that admits. Ends when nobody can bring anything any more.
pub(crate) fn run(inner: &Inner, waiting: &Receiver<Job>, frames: &SyncSender<Arc<Frame>>) {
    let mut next = None;
    while let Some(first) = next.take().or_else(|| waiting.recv().ok()) {
        let (mut statements, mut bytes) = (first.checked.items.len(), first.bytes);
        let mut together = vec![first];
        while statements < MAX_STATEMENTS {
            let Ok(job) = waiting.try_recv() else { break };
            statements += job.checked.items.len();
            bytes += job.bytes;
            if !Prepared::fits(statements, bytes) {
                next = Some(job);
                break;
            }
            together.push(job);
        }
        admit(inner, together, frames);
    }
}

fn admit(inner: &Inner, jobs: Vec<Job>, frames: &SyncSender<Arc<Frame>>) {
    let mut replies = Vec::with_capacity(jobs.len());
    let mut bodies = Vec::with_capacity(jobs.len());
    for job in jobs {
        bodies.push(job.checked);
        replies.push((job.reply, job.named));
    }
    let at_ms = now_ms();
    match inner.registry.admit(bodies, at_ms) {
        Ok(admitted) => {
            inner.watching.count(admitted.outcomes.iter().flatten());
            for ((reply, named), outcomes) in replies.into_iter().zip(admitted.outcomes) {
                inner.recent.note(&named, &outcomes);
                // Who no longer waits for the answer sends again and learns that it is there.
                let _ = reply.send(Ok(Answer { outcomes, at_ms, devices: devices(&named) }));
            }
            if let Some(frame) = admitted.frame {
                // The history must not hold up admission: what it misses it reads from the spine.
                let _ = frames.try_send(frame);
            }
        }
        Err(error) => {
            let error = Arc::new(error);
            inner.watching.failed(&error.to_string());
            for (reply, _) in replies {
                let _ = reply.send(Err(error.clone()));
            }
        }
    }
}

fn devices(named: &[Option<(DeviceId, u64)>]) -> Vec<DeviceId> {
    let mut devices: Vec<DeviceId> = named.iter().flatten().map(|(device, _)| *device).collect();
    devices.sort_unstable();
    devices.dedup();
    devices
}
