//! What a sealing is going to write, kept under a name of its own until the lock has promised it.
//!
//! Tiles have names that depend on the size of the log alone. Were they written before the promise, a second sealer, or the
//! same one after a swap of unknown outcome, could write other bytes under the names of what was promised. So they are kept
//! whole under a name that holds the root too, and go to their places only once the lock says that they belong there.

use crate::store::{Object, Store, StoreError};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use statement::{from_cbor, to_cbor};
use tlog::Head;

/// What the names begin with.
const FOLDER: &str = "stage/";

/// Objects that go to their places together.
#[derive(Clone, Debug, Encode, Decode)]
#[cbor(transparent)]
struct Staged(#[n(0)] Vec<One>);

#[derive(Clone, Debug, Encode, Decode)]
#[cbor(array)]
struct One {
    #[n(0)]
    name: String,
    #[n(1)]
    value: ByteVec,
}

/// The name for the objects of a head.
fn name(head: Head) -> String {
    format!("{FOLDER}{:020}-{}", head.size, statement::Digest(head.root.0))
}

/// Keeps the objects of a head.
pub fn keep(store: &impl Store, head: Head, objects: &[Object]) -> Result<(), StoreError> {
    let one = |o: &Object| One { name: o.name.clone(), value: o.value.clone().into() };
    let staged = Staged(objects.iter().map(one).collect());
    store.put(&[Object { name: name(head), value: to_cbor(&staged) }])
}

/// The objects of a head that may not have come to their places; none is the normal case.
pub fn kept(store: &impl Store, head: Head) -> Result<Vec<Object>, StoreError> {
    let name = name(head);
    let Some(bytes) = store.get(&name)? else { return Ok(Vec::new()) };
    let staged: Staged = from_cbor(&bytes, "staged sealing")
        .map_err(|error| StoreError::Damaged { what: name, why: error.to_string() })?;
    Ok(staged.0.into_iter().map(|o| Object { name: o.name, value: o.value.into() }).collect())
}

/// Forgets what was kept for this head and for smaller ones.
pub fn clear(store: &impl Store, head: Head) -> Result<(), StoreError> {
    // '~' comes after every character of a name.
    let last = format!("{FOLDER}{:020}~", head.size);
    let mut names = store.list(FOLDER)?;
    names.retain(|name| *name <= last);
    if names.is_empty() { Ok(()) } else { store.remove(&names) }
}
