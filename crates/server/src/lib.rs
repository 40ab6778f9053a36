//! The registry over HTTP: API, static log, roles, limits, metrics.
//!
//! [`App`] holds what every request needs, [`router`] makes it answer, [`Bound`] serves it on an address. A request passes, from
//! the outside in: the limits of its connection (`connection`), the shape of every answer (`shape`), a deadline, who is asking
//! and how often (`caller`, `limit`), what it may do (`access`, by [`App::authorise`], into the audit log), and only then a
//! handler. Handlers do not block: what touches the store runs on threads that are counted ([`App::blocking`]).
//!
//! This crate decides nothing about statements, roles or the log: those are `registry`, `access` and `tlog`.

pub mod api;
mod app;
mod audit;
mod caller;
mod connection;
mod health;
mod limit;
mod listen;
mod metrics;
mod openapi;
mod paced;
mod problem;
mod process;
pub mod relay;
mod routes;
pub mod service;
mod shape;
mod static_log;
mod tls;
mod token;
pub mod witness;

pub use app::{App, Settings};
pub use audit::{Audit, AuditError, AuditFile};
pub use caller::{Caller, Peer};
pub use connection::Limits;
pub use limit::{Limiter, Rate};
pub use listen::{Bound, Listen, ListenError};
pub use metrics::Metrics;
pub use openapi::openapi;
pub use problem::{Kind, Problem};
pub use routes::{all as routes, registry_router, router, shell};
pub use tls::{TlsError, TlsFiles};
pub use token::{Credential, MemoryTokens, NewToken, Presented, TokenError, Tokens};
