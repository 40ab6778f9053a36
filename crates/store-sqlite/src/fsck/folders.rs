//! Checking the rest of the folder: names of objects, and what is left over.

use super::{Report, Weight};
use crate::home::Home;
use crate::medium::{How, Medium};
use crate::name::{MAX_NAME, is_part};
use crate::trouble::failed;
use registry::store::{MAX_OBJECT, StoreError};
use std::path::Path;

pub(super) fn check(report: &mut Report, medium: &dyn Medium, home: &Home) -> Result<(), StoreError> {
    objects(report, medium, &home.objects(), 0)?;
    let folder = home.temporary();
    // A store that was only copied may lack it: it is made when the store is opened.
    for entry in medium.list(&folder).unwrap_or_default() {
        let file = folder.join(&entry.name);
        report.add(
            Weight::Note,
            &file,
            None,
            "it was not written to its end",
            "it is removed when the store is opened",
        );
    }
    Ok(())
}

/// Checks the objects in `folder`, whose own name has `above` bytes.
fn objects(report: &mut Report, medium: &dyn Medium, folder: &Path, above: usize) -> Result<(), StoreError> {
    for entry in medium.list(folder).map_err(failed("listing", folder))? {
        let file = folder.join(&entry.name);
        let length = above + entry.name.len();
        if length > MAX_NAME || !entry.name.to_str().is_some_and(is_part) {
            report.add(
                Weight::Note,
                &file,
                None,
                "its name is not one of an object",
                "move it out of the store",
            );
        } else if entry.folder {
            objects(report, medium, &file, length + 1)?;
        } else {
            object(report, medium, &file);
        }
    }
    Ok(())
}

fn object(report: &mut Report, medium: &dyn Medium, file: &Path) {
    let advice = "take it from a backup, or let the registry make it anew from the spine";
    match medium.open(file, How::Read).and_then(|mut handle| handle.len()) {
        Ok(length) if length <= MAX_OBJECT as u64 => {
            report.objects += 1;
            report.bytes += length;
        }
        Ok(length) => {
            let what = format!("it has {length} bytes, at most {MAX_OBJECT} are allowed");
            report.add(Weight::Damage, file, None, what, advice);
        }
        Err(error) => report.add(Weight::Damage, file, None, error.to_string(), advice),
    }
}
