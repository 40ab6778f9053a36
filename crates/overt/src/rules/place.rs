//! The rulebook of a place.

use super::source;
use crate::Failure;
use rulebook::Rulebook;

/// The rulebook for the code of a place, for instance `CN-SH`: a shipped one, or the folder that the caller names.
pub fn rulebook(place: &str, folder: Option<&str>) -> Result<Rulebook, Failure> {
    if let Some(folder) = folder {
        let rulebook = source::usable(folder)?;
        return if rulebook.place(place).is_some() {
            Ok(rulebook)
        } else {
            Err(unknown(place, &[&rulebook]))
        };
    }
    let mut names = rulebook::shipped_names();
    // A place is most likely in the rulebook whose code begins its own.
    names.sort_by_key(|name| (!place.starts_with(name.as_str()), std::cmp::Reverse(name.len())));
    let mut all = Vec::new();
    for name in names {
        let rulebook = source::usable(&name)?;
        if rulebook.place(place).is_some() {
            return Ok(rulebook);
        }
        all.push(rulebook);
    }
    Err(unknown(place, &all.iter().collect::<Vec<_>>()))
}

fn unknown(place: &str, all: &[&Rulebook]) -> Failure {
    let mut codes: Vec<&str> = all.iter().flat_map(|r| r.places.iter().map(|p| p.code.as_str())).collect();
    codes.sort_unstable();
    codes.dedup();
    Failure::Usage(format!(
        "no rulebook for the place '{}'; known are {}; `overt rules show OPEN` is a model to write one",
        crate::table::printable(place),
        codes.join(" ")
    ))
}
