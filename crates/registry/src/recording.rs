//! Recording wishes: each becomes an entry of its own, and those that do not get in one another's way share a durable write.

use crate::command::{Command, CommandError};
use crate::frame::{Frame, Verdict};
use crate::registry::{AdmitError, Registry, Writer};
use crate::store::Store;
use statement::{Body, Kept, Nonce, RECORD_VERSION, Record, to_cbor};

/// The ordinal and body of the record that a wish became, or why it is refused.
pub type Recorded = Result<(u64, Body), CommandError>;

impl<S: Store> Registry<S> {
    /// Records wishes, each its own entry; those that do not get in one another's way share a durable write. `nonce` draws
    /// random bytes. Gives the ordinal of each, or why it is refused.
    ///
    /// # Errors
    ///
    /// [`AdmitError`]: the store failed; wishes before it may have been recorded.
    pub fn record(
        &self,
        by: &str,
        wishes: Vec<Command>,
        now_ms: u64,
        mut nonce: impl FnMut() -> Nonce,
    ) -> Result<Vec<Recorded>, AdmitError> {
        let mut writer = self.begin()?;
        let mut answers = Vec::with_capacity(wishes.len());
        let mut batch = Batch::default();
        for wish in wishes {
            if batch.is_full() {
                self.write_records(&mut writer, &mut batch, now_ms)?;
            }
            let mut settled = wish.clone().settle(&self.core().state, &self.rules, now_ms);
            if settled.as_ref().map_or(!batch.bodies.is_empty(), |body| batch.touches(body)) {
                // What this depends on may be in the same batch: write that first and look again.
                self.write_records(&mut writer, &mut batch, now_ms)?;
                settled = wish.settle(&self.core().state, &self.rules, now_ms);
            }
            answers.push(settled.map(|body| {
                let record = Record {
                    version: RECORD_VERSION,
                    nonce: nonce(),
                    at_ms: now_ms,
                    by: by.to_owned(),
                    body,
                };
                let body = record.body.clone();
                let ordinal = self.core().state.next + batch.add(&record);
                (ordinal, body)
            }));
        }
        self.write_records(&mut writer, &mut batch, now_ms)?;
        Ok(answers)
    }

    pub(crate) fn write_records(
        &self,
        writer: &mut Writer,
        batch: &mut Batch,
        now_ms: u64,
    ) -> Result<(), AdmitError> {
        let batch = std::mem::take(batch);
        if batch.bodies.is_empty() {
            return Ok(());
        }
        let mut frame = Frame::new(self.core().state.next, now_ms);
        frame.verdicts = vec![Verdict::default(); batch.bodies.len()];
        frame.entries = batch.bodies.into_iter().map(Kept::Record).collect();
        self.append(writer, &frame)?;
        self.take_over(&frame)
    }
}

/// Records that share a write.
#[derive(Default)]
pub(crate) struct Batch {
    bodies: Vec<Vec<u8>>,
    touched: std::collections::HashSet<String>,
}

impl Batch {
    fn is_full(&self) -> bool {
        self.bodies.len() >= crate::frame::MAX_ENTRIES
    }

    fn touches(&self, body: &Body) -> bool {
        touched(body).iter().any(|name| self.touched.contains(name))
    }

    /// Adds a record; gives its position.
    pub(crate) fn add(&mut self, record: &Record) -> u64 {
        self.touched.extend(touched(&record.body));
        self.bodies.push(to_cbor(record));
        u64::try_from(self.bodies.len() - 1).unwrap_or(u64::MAX)
    }
}

/// What a record is about; two that share one of these are not settled against the same state.
fn touched(body: &Body) -> Vec<String> {
    match body {
        Body::Operator(operator) => vec![format!("operator {}", operator.id)],
        Body::Site(site) => vec![format!("site {}", site.id)],
        Body::Enrolled(e) => {
            let token = e.token.as_ref().map(|t| format!("token {t}"));
            token.into_iter().chain([format!("device {}", e.device)]).collect()
        }
        Body::Rotated(r) => vec![format!("device {}", r.device), format!("key {:?}", r.key)],
        Body::Revoked(r) => vec![format!("device {}", r.device)],
        Body::Token(token) => vec![format!("token {}", token.id)],
        Body::TokenEnded(id) => vec![format!("token {id}")],
        Body::Authority(a) => vec![format!("authority {}", a.key.id())],
        Body::AuthorityEnded(id) => vec![format!("authority {id}")],
        Body::Erased(_) => Vec::new(),
    }
}
