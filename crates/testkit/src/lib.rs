//! What tests hold the product against: servers that they and the evaluation corpus talk to, and a second evaluator of
//! rulebooks in [`plain_rules`], and stores: one in memory, ones whose writes fail or lose power, and in [`store_contract`] what
//! every store has to keep. [`product`] runs the built program, [`load`] speaks to it as many devices, [`pdf`] reads documents by
//! the rules of PDF/A and PDF/UA.
//!
//! [`Server`] is a pool and a node small enough to trust: it speaks the real dialects that miners speak, on
//! loopback only, gives out invented work and counts what is handed in. It must not listen anywhere else, must
//! not check or earn anything, and must end by itself.

pub mod browser;
mod dialect;
mod faults;
mod faulty_medium;
mod faulty_store;
mod fleet;
mod framing;
mod http;
pub mod load;
mod memory_store;
pub mod pdf;
pub mod plain_rules;
pub mod product;
mod proxy;
mod random;
mod reply;
pub mod schema;
mod server;
mod session;
pub mod store_contract;
mod volatile_medium;
mod websocket;
mod work;

pub use dialect::{Dialect, UnknownDialect};
pub use faults::{Fault, Faults};
pub use faulty_medium::FaultyMedium;
pub use faulty_store::FaultyStore;
pub use fleet::{Fleet, INTERVAL_MS, Speaker};
pub use framing::{Framing, MAX_MESSAGE, Malformed, Step};
pub use memory_store::{Content, MemoryStore};
pub use proxy::{Done, Proxy};
pub use random::Random;
pub use server::{JOB_INTERVAL, MAX_CONNECTIONS, Server};
pub use session::Session;
pub use volatile_medium::VolatileMedium;
pub use work::Work;
