//! The on-device side: sense, identify, spend by a budget; state what was seen, keep it until it is proven to be in a log.
//!
//! Owns the pace of looking, the chain of statements and their way to a registry, and nothing else: what a reading means is
//! for `identify`, how it is read for `sense-linux`, what a statement is for `statement`. Live looking and replaying go
//! through the same [`identify::Observation`].

pub mod api;
pub mod backoff;
pub mod carry;
pub mod client;
pub mod clock;
pub mod daemon;
mod detail;
pub mod disk;
pub mod event;
pub mod evidence;
pub mod journal;
pub mod key;
pub mod lock;
mod looker;
pub mod machine;
mod pace;
mod player;
pub mod receipt;
pub mod relay;
pub mod rotate;
pub mod send;
pub mod shared;
mod spent;
pub mod spool;
pub mod stating;
pub mod summary;
mod words;
mod work;

pub use looker::{Look, Looker, Watch, replay};
pub use pace::{Budget, Pace};
pub use player::Player;
pub use sense_linux::OpenError;
pub use words::clean;
