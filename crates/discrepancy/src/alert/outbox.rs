//! What was made and not taken yet: each message with those who are still owed it.
//!
//! Receivers are independent: one that took a message is not sent it again because another did not. A message keeps its number
//! and its time, so that what is sent again is recognised as the same. Must not send, and must not let a message go without
//! counting it.

use crate::alert::state::{Notification, State};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Most messages that one receiver is owed; beyond it the oldest are let go and counted.
pub const MAX_OWED: usize = 1_000;

/// A message that somebody has not taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    /// The message, as it was made.
    pub notification: Notification,
    /// Who is owed it.
    pub owed: BTreeSet<String>,
}

/// Messages on their way, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outbox {
    /// The messages.
    pub pending: Vec<Pending>,
    /// By receiver, how many messages were let go because too many were owed.
    pub let_go: BTreeMap<String, u64>,
}

impl State {
    /// Owes new messages to every receiver.
    pub fn owe(&mut self, told: &[Notification], receivers: &BTreeSet<String>) {
        if receivers.is_empty() {
            return;
        }
        let new = told.iter().map(|n| Pending { notification: n.clone(), owed: receivers.clone() });
        self.outbox.pending.extend(new);
        for receiver in receivers {
            self.outbox.bound(receiver);
        }
    }

    /// Keeps that a receiver took a message.
    pub fn taken(&mut self, number: u64, receiver: &str) {
        for pending in self.outbox.pending.iter_mut().filter(|p| p.notification.number == number) {
            pending.owed.remove(receiver);
        }
        self.outbox.tidy();
    }

    /// Forgets receivers that there are no more, and says how many messages each was still owed.
    pub fn keep_receivers(&mut self, receivers: &BTreeSet<String>) -> BTreeMap<String, u64> {
        let mut gone = BTreeMap::new();
        for pending in &mut self.outbox.pending {
            for receiver in pending.owed.difference(receivers) {
                *gone.entry(receiver.clone()).or_default() += 1;
            }
            pending.owed.retain(|receiver| receivers.contains(receiver));
        }
        self.outbox.tidy();
        gone
    }

    /// The messages that a receiver is owed, oldest first.
    #[must_use]
    pub fn owed(&self, receiver: &str) -> Vec<Notification> {
        let owed = self.outbox.pending.iter().filter(|p| p.owed.contains(receiver));
        owed.map(|p| p.notification.clone()).collect()
    }
}

impl Outbox {
    /// Lets the oldest go where one receiver is owed too many.
    fn bound(&mut self, receiver: &str) {
        let owed = self.pending.iter().filter(|p| p.owed.contains(receiver)).count();
        let over = owed.saturating_sub(MAX_OWED);
        for pending in self.pending.iter_mut().filter(|p| p.owed.contains(receiver)).take(over) {
            pending.owed.remove(receiver);
        }
        if over > 0 {
            let count = u64::try_from(over).unwrap_or(u64::MAX);
            let held = self.let_go.entry(receiver.to_owned()).or_default();
            *held = held.saturating_add(count);
        }
        self.tidy();
    }

    fn tidy(&mut self) {
        self.pending.retain(|pending| !pending.owed.is_empty());
    }
}
