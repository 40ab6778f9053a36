//! Registration, admission of statements and sealing into the log: a state machine over a small store contract.
//!
//! Pure but for the store it is handed: time, keys and randomness are arguments. Must not open files or sockets, must not know
//! HTTP, and must not decide what a machine does.

pub mod store;
