//! The registry as its users see it: one store, devices that speak, a log that proves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod chains;
mod damage;
mod enrolment;
mod faults;
mod faulty;
mod hostile;
mod judging;
mod life;
mod registration;
mod rollback;
mod script;
mod vouching;
mod world;
