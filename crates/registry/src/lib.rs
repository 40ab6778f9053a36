//! Registration, admission of statements and sealing into the log: a state machine over a small store contract.
//!
//! The state is a fold over the **spine**, numbered frames of entries (statements of devices, records of the registry). What
//! is admitted is durable before it is acknowledged, and sealed before a receipt can exist; the order of effects and what a
//! crash leaves after each stands in [`seal`].
//!
//! Pure but for the store it is handed: time, keys and randomness are arguments. Must not open files or sockets, must not know
//! HTTP, and must not decide what a machine does.

mod admit;
mod chain;
mod check;
mod command;
mod device;
mod erase;
mod examine;
mod frame;
mod index;
mod open;
mod promise;
mod publish;
mod receipt;
mod recording;
mod refusal;
mod registered;
mod registry;
mod rules;
pub mod seal;
mod snapshot;
mod stage;
mod state;
pub mod store;

pub use admit::{AHEAD_MS, OLDEST_DAYS, Outcome, Prepared};
pub use chain::{Chain, Gap, Link, MAX_GAPS, OVERLAP_MS, Taken};
pub use check::{Checked, Genuine, MAX_BODY, MAX_STATEMENTS, Opened};
pub use command::{Command, CommandError, MAX_DOCUMENT};
pub use device::{Device, DeviceKeys, Ended};
pub use erase::EraseError;
pub use examine::{Examination, Trouble, examine};
pub use frame::{Frame, MAX_ENTRIES, Verdict};
pub use open::OpenError;
pub use receipt::{ReceiptError, RollbackSeen};
pub use recording::Recorded;
pub use refusal::Refusal;
pub use registered::{Filing, Matter, Registered, Reply, Version, Word};
pub use registry::{AdmitError, Admitted, Core, Published, Registry};
pub use rules::{Ground, GroundError, Rules, UNJUDGED, disposition, disposition_code, rulebook_digest};
pub use snapshot::SnapshotError;
pub use state::{FoldError, State};
