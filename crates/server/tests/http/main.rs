//! The server on a real socket: who gets in, what hostile peers get, what the log's readers get.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod answers;
mod callers;
mod client;
mod encrypted;
mod few_objects;
mod hostile;
mod static_log;
mod world;
