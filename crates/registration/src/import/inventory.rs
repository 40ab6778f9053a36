//! Any table of devices, with its own names of columns.

use crate::fleet::{Column, column, table};
use crate::mistake::{Fault, Mistakes};
use crate::reading::Reading;
use crate::wish::Wishes;
use std::collections::BTreeMap;
use std::io::Read;

/// What the columns of an inventory are called here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    names: BTreeMap<String, String>,
}

impl Mapping {
    /// Names by the inventory's own, for instance `Asset tag` = `id`, `Serial no.` = `device.serial`.
    #[must_use]
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let own = |(own, name): (String, String)| (own.trim().to_lowercase(), name.trim().to_lowercase());
        Self { names: pairs.into_iter().map(own).collect() }
    }
}

/// Reads an inventory. Columns that the mapping does not name and that are not called as here are left out; gives their names.
///
/// # Errors
///
/// Mistakes with their lines, as of a fleet; and where the mapping names columns that are not there.
pub fn inventory(
    source: impl Read,
    mapping: &Mapping,
    reading: &Reading<'_>,
) -> Result<(Wishes, Vec<String>), Mistakes> {
    let mut left: BTreeMap<&str, &str> =
        mapping.names.iter().map(|(own, name)| (own.as_str(), name.as_str())).collect();
    let mut ignored = Vec::new();
    let mut naming = |text: &str| match left.remove(text) {
        Some(name) => column(reading, name),
        None => Ok(column(reading, text).unwrap_or_else(|_| {
            ignored.push(text.to_owned());
            Column::Ignored
        })),
    };
    let wishes = table(source, reading, &mut naming, &super::form)?;
    if let Some((own, _)) = left.pop_first() {
        let near = crate::field::nearest(own, ignored.iter().map(String::as_str));
        let mut mistakes = Mistakes::default();
        mistakes.add(1, Fault::Unknown { name: own.to_owned(), near });
        return Err(mistakes);
    }
    Ok((wishes, ignored))
}
