//! Recording wishes: each becomes an entry of its own, and those that do not get in one another's way share a durable write.

use crate::command::{Command, CommandError};
use crate::frame::{Frame, MAX_ENTRIES, MAX_ENTRY_BYTES, Verdict};
use crate::registry::{AdmitError, Registry, Writer};
use crate::state::State;
use crate::store::Store;
use statement::{Body, DeviceId, Kept, KeyId, Kind, Name, Nonce, RECORD_VERSION, Record, to_cbor};
use std::collections::HashSet;

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
            let mut settled = wish.clone().settle(&self.core().state, &self.rules, by, now_ms);
            if settled
                .as_ref()
                .map_or(!batch.bodies.is_empty(), |body| batch.touches(body, &self.core().state))
            {
                // What this depends on may be in the same batch: write that first and look again.
                self.write_records(&mut writer, &mut batch, now_ms)?;
                settled = wish.settle(&self.core().state, &self.rules, by, now_ms);
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
        self.take_over(&frame, 0)
    }
}

/// Records that share a write.
#[derive(Default)]
pub(crate) struct Batch {
    bodies: Vec<Vec<u8>>,
    bytes: usize,
    changed: HashSet<Thing>,
}

/// What a record is about.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Thing {
    Operator(Name),
    Site(Name),
    Device(DeviceId),
    Key(Vec<u8>),
    Token(Name),
    Authority(KeyId),
    Registration(Kind, Name),
    Filing(String),
    Matter(Name),
}

impl Batch {
    /// Whether one more record may be too much for one frame.
    fn is_full(&self) -> bool {
        self.bodies.len() >= MAX_ENTRIES || self.bytes >= MAX_ENTRY_BYTES
    }

    /// Whether a record was settled against something that a record of the batch changes.
    fn touches(&self, body: &Body, state: &State) -> bool {
        changes(body).iter().chain(&needs(body, state)).any(|thing| self.changed.contains(thing))
    }

    /// Adds a record; gives its position.
    pub(crate) fn add(&mut self, record: &Record) -> u64 {
        self.changed.extend(changes(&record.body));
        let body = to_cbor(record);
        self.bytes += body.len();
        self.bodies.push(body);
        u64::try_from(self.bodies.len() - 1).unwrap_or(u64::MAX)
    }
}

/// What a record changes.
fn changes(body: &Body) -> Vec<Thing> {
    match body {
        Body::Operator(operator) => vec![Thing::Operator(operator.id.clone())],
        Body::Site(site) => vec![Thing::Site(site.id.clone())],
        Body::Enrolled(e) => {
            let token = e.token.clone().map(Thing::Token);
            token.into_iter().chain([Thing::Device(e.device), Thing::Key(e.key.clone())]).collect()
        }
        Body::Rotated(r) => vec![Thing::Device(r.device), Thing::Key(r.key.clone())],
        Body::Revoked(r) => vec![Thing::Device(r.device)],
        Body::Token(token) => vec![Thing::Token(token.id.clone())],
        Body::TokenEnded(id) => vec![Thing::Token(id.clone())],
        Body::Authority(a) => vec![Thing::Authority(a.key.id())],
        Body::AuthorityEnded(id) => vec![Thing::Authority(*id)],
        Body::Erased(_) => Vec::new(),
        Body::Registered(versions) => {
            versions.iter().map(|v| Thing::Registration(v.kind, v.id.clone())).collect()
        }
        Body::Approved(a) => vec![Thing::Registration(a.kind, a.id.clone())],
        Body::Filed(filed) => vec![Thing::Filing(filed.obligation.clone())],
        Body::Contested(c) => vec![Thing::Matter(c.id.clone())],
        Body::Answered(a) => vec![Thing::Matter(a.id.clone())],
    }
}

/// What else a record was held against.
fn needs(body: &Body, state: &State) -> Vec<Thing> {
    match body {
        Body::Site(site) => vec![Thing::Operator(site.operator.clone())],
        Body::Enrolled(e) => {
            let operator = state.site(&e.site).map(|site| Thing::Operator(site.operator.clone()));
            let authority = e.vouch.as_ref().map(|v| Thing::Authority(v.voucher));
            operator.into_iter().chain(authority).chain([Thing::Site(e.site.clone())]).collect()
        }
        Body::Registered(versions) => {
            let mut owners: Vec<Name> = versions.iter().filter_map(|v| v.within.clone()).collect();
            owners.dedup();
            let devices = versions.iter().filter_map(|v| v.device).map(Thing::Device);
            owners.into_iter().map(Thing::Site).chain(devices).collect()
        }
        Body::Filed(filed) => vec![Thing::Operator(filed.operator.clone())],
        Body::Contested(contested) => vec![Thing::Device(contested.device)],
        _ => Vec::new(),
    }
}
