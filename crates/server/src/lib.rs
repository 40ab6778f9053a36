//! The registry over HTTP: API, static log, roles, limits, metrics.

pub mod service;
