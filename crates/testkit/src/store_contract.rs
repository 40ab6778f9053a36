//! What every store has to keep, as cases to run against one: `store_contract::run(|| Box::new(MyStore::fresh()))`.
//!
//! The cases know the contract of [`registry::store`] and nothing else, so that the embedded store, the one in memory and
//! those to come are held against the same. What needs a crash or a fault is tested where the store can have one.
#![allow(clippy::unwrap_used)] // a case that fails panics

mod erasure;
mod lock;
mod objects;
mod spine;
mod together;

use registry::store::{Store, StoreError};

/// One thing that has to be so.
pub struct Case {
    /// What it says.
    pub name: &'static str,
    /// Panics if it is not so.
    pub check: fn(&dyn Store),
}

/// Runs every case on a fresh store each; how many there were.
///
/// # Panics
///
/// If a case is not so, after printing its name.
pub fn run(make: impl Fn() -> Box<dyn Store>) -> usize {
    let all = cases();
    for case in &all {
        println!("{}", case.name);
        (case.check)(make().as_ref());
    }
    all.len()
}

/// Every case.
#[must_use]
pub fn cases() -> Vec<Case> {
    [spine::CASES, erasure::CASES, objects::CASES, lock::CASES, together::CASES]
        .concat()
        .into_iter()
        .map(|(name, check)| Case { name, check })
        .collect()
}

/// A name and what it stands for.
type Named = (&'static str, fn(&dyn Store));

/// Lists functions under their own names.
macro_rules! listed {
    ($($name:ident),* $(,)?) => {
        pub(super) const CASES: &[super::Named] = &[$((stringify!($name), $name as fn(&dyn registry::store::Store))),*];
    };
}
use listed;

/// That a call was refused because of somebody else.
#[track_caller]
fn conflict<T: std::fmt::Debug>(answer: Result<T, StoreError>) {
    assert!(matches!(answer, Err(StoreError::Conflict { .. })), "expected a conflict, found {answer:?}");
}

/// That a call was refused because of a size.
#[track_caller]
fn too_large<T: std::fmt::Debug>(answer: Result<T, StoreError>) {
    assert!(matches!(answer, Err(StoreError::TooLarge { .. })), "expected 'too large', found {answer:?}");
}

/// That a call was refused because of a name.
#[track_caller]
fn no_name<T: std::fmt::Debug>(answer: Result<T, StoreError>) {
    assert!(matches!(answer, Err(StoreError::Name { .. })), "expected 'not a name', found {answer:?}");
}

/// Bytes that differ from place to place and from seed to seed.
fn bytes(length: usize, seed: u8) -> Vec<u8> {
    (0..length).map(|at| (at.wrapping_mul(31) >> 3) as u8 ^ seed).collect()
}

/// Appends until there are `count` frames.
fn fill(store: &dyn Store, count: u64) {
    for number in store.count().unwrap()..count {
        store.append(number, &frame(number)).unwrap();
    }
}

/// The frame that [`fill`] gives a number.
fn frame(number: u64) -> Vec<u8> {
    bytes(10 + (number % 90) as usize, number as u8)
}

/// The frames that [`fill`] gives some numbers.
fn frames(numbers: std::ops::Range<u64>) -> Vec<Vec<u8>> {
    numbers.map(frame).collect()
}

/// All frames.
fn all(store: &dyn Store) -> Vec<Vec<u8>> {
    store.read(0, usize::MAX).unwrap()
}
