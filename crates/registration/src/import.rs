//! Wish lists from what exists: Slurm, Kubernetes, an inventory. Each gives devices to be checked before they are registered.
//!
//! What a source does not say is left out: a node's name says nothing of its maker.

pub mod hostlist;
mod inventory;
mod kubernetes;
mod slurm;

pub use hostlist::MAX_HOSTS;
pub use inventory::{Mapping, inventory};
pub use kubernetes::kubernetes;
pub use slurm::slurm;

use crate::mistake::{Fault, Mistakes};
use crate::reading::{Once, Reading, name};
use crate::wish::{Said, Wish, Wishes};
use statement::{Kind, MAX_NAME};

/// A device as a source shows it.
struct Found {
    line: u64,
    called: String,
    fields: Vec<(&'static str, String)>,
}

/// A name of the source as a name here: small letters, and a hyphen for what cannot stand in a name.
fn form(called: &str) -> String {
    let good =
        |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c) { c } else { '-' };
    let name: String = called.trim().chars().map(|c| good(c.to_ascii_lowercase())).take(MAX_NAME).collect();
    name.trim_start_matches(['.', '-', '_']).to_owned()
}

/// Devices as wishes, each name once.
fn wishes(found: Vec<Found>, reading: &Reading<'_>, mut mistakes: Mistakes) -> Result<Wishes, Mistakes> {
    let (mut once, mut wishes) = (Once::default(), Wishes::default());
    if found.is_empty() && mistakes.list.is_empty() {
        mistakes.add(0, Fault::Form { message: "no nodes were found in this file".to_owned() });
    }
    if reading.site.is_none() {
        mistakes.add(0, Fault::Nowhere { what: "site" });
    }
    for Found { line, called, fields } in found {
        let fields = fields.into_iter().filter(|(_, value)| !value.trim().is_empty());
        let read = |(name, value): (&str, String)| {
            let field = reading.dictionary.known(name, &[])?;
            Ok((field.name.clone(), reading.dictionary.read(field, &value)?))
        };
        let fields: Result<Vec<_>, Fault> = fields.map(read).collect();
        match (name("id", &form(&called)), fields) {
            (Ok(id), Ok(mut fields)) => {
                fields.sort_unstable();
                let (from, until, device) = (None, Said::Unsaid, Said::Unsaid);
                let (kind, within) = (Kind::Device, reading.site.clone());
                let wish = Wish { line, kind, id, within, from, until, device, fields };
                once.check(&wish, &mut mistakes);
                wishes.subjects.push(wish);
            }
            (id, fields) => {
                id.err().into_iter().chain(fields.err()).for_each(|fault| mistakes.add(line, fault));
            }
        }
        if mistakes.full() {
            break;
        }
    }
    mistakes.or(wishes)
}
