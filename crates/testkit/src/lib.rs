//! What tests hold the product against: servers that they and the evaluation corpus talk to, and a second evaluator of
//! rulebooks in [`plain_rules`].
//!
//! [`Server`] is a pool and a node small enough to trust: it speaks the real dialects that miners speak, on
//! loopback only, gives out invented work and counts what is handed in. It must not listen anywhere else, must
//! not check or earn anything, and must end by itself.

mod dialect;
mod framing;
mod http;
pub mod plain_rules;
mod reply;
mod server;
mod session;
mod websocket;
mod work;

pub use dialect::{Dialect, UnknownDialect};
pub use framing::{Framing, MAX_MESSAGE, Malformed, Step};
pub use server::{JOB_INTERVAL, MAX_CONNECTIONS, Server};
pub use session::Session;
pub use work::Work;
