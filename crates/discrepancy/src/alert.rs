//! Alerts on differences: a state machine that says what to tell whom, and no more often than that.
//!
//! Time, settings, differences and the state before are arguments; the state after and what to send come back. Must not send
//! anything, and must not raise an alert from a single weak item: a difference has to be held for as long as is asked.

mod engine;
mod event;
mod mail;
mod metrics;
mod outbox;
mod quiet;
mod settings;
mod signal;
mod state;

pub use engine::tick;
pub use event::cloud_event;
pub use mail::{Mail, mail};
pub use metrics::open_metrics;
pub use outbox::{MAX_OWED, Outbox, Pending};
pub use quiet::Quiet;
pub use settings::{Rule, Settings, SettingsError};
pub use signal::{Signal, signals};
pub use state::{Acknowledgement, Alert, Change, Notification, Phase, State, Unknown};
