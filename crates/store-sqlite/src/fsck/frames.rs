//! Checking the spine: every record of every segment, their numbers, and the sidecars.

use super::{Report, Weight};
use crate::home::Home;
use crate::index::{self, Summary};
use crate::medium::{How, Medium};
use crate::scan::{Rest, scan};
use crate::segment::{index_file, number, segment_file};
use crate::trouble::failed;
use registry::store::StoreError;

const RESTORE: &str =
    "restore the file from a backup; what lies behind cannot be told apart from what was never there";
const MENDED: &str = "it is cut off when the store is opened: it was never acknowledged";
const REBUILT: &str = "it is made anew when it is needed";

pub(super) fn check(report: &mut Report, medium: &dyn Medium, home: &Home) -> Result<(), StoreError> {
    let folder = home.spine();
    let entries = medium.list(&folder).map_err(failed("listing", &folder))?;
    let mut firsts = Vec::new();
    for entry in &entries {
        let name = entry.name.to_str().filter(|_| !entry.folder).unwrap_or_default();
        let sidecar = number(name, ".idx").map(|first| segment_file(home, first));
        match number(name, ".seg") {
            Some(first) => firsts.push(first),
            None if sidecar.is_some_and(|file| medium.open(&file, How::Read).is_ok()) => {}
            None => {
                let file = folder.join(&entry.name);
                report.add(Weight::Note, &file, None, "it belongs to no segment", "remove it if you know it");
            }
        }
    }
    firsts.sort_unstable();
    let mut before = (segment_file(home, 0), 0);
    for (at, first) in firsts.iter().enumerate() {
        if report.frames != *first {
            let what =
                format!("frame {} is missing, the next segment begins with frame {first}", report.frames);
            report.add(Weight::Damage, &before.0, before.1, what, RESTORE);
        }
        let length = segment(report, medium, home, *first, at + 1 == firsts.len());
        before = (segment_file(home, *first), length);
    }
    Ok(())
}

/// Checks one segment; where its whole records end.
fn segment(report: &mut Report, medium: &dyn Medium, home: &Home, first: u64, last: bool) -> u64 {
    let file = segment_file(home, first);
    report.segments += 1;
    let opened = medium.open(&file, How::Read);
    let read = opened.and_then(|mut handle| {
        let found = scan(handle.as_mut(), first)?;
        let rest = found.rest(handle.as_mut(), first)?;
        Ok((found, rest))
    });
    let (found, rest) = match read {
        Ok(read) => read,
        Err(error) => {
            report.add(Weight::Damage, &file, None, error.to_string(), RESTORE);
            return 0;
        }
    };
    report.bytes += found.length;
    let end = first.saturating_add(found.offsets.len() as u64);
    // After a gap, later segments are measured against each other, not against the gap again.
    report.frames = end;
    match rest {
        Rest::Nothing => {}
        Rest::Torn if last => report.add(
            Weight::Note,
            &file,
            found.end,
            format!("frame {end} was not written to its end"),
            MENDED,
        ),
        Rest::Torn => {
            report.add(Weight::Damage, &file, found.end, format!("frame {end} is not whole"), RESTORE)
        }
        Rest::Damage(why) => {
            report.add(Weight::Damage, &file, found.end, format!("frame {end}: {why}"), RESTORE)
        }
    }
    let count = u32::try_from(found.offsets.len()).unwrap_or(u32::MAX);
    let summary = Summary { first, length: found.length, count };
    let sidecar = index_file(home, first);
    if !last && index::offsets(medium, &sidecar, &summary).is_none_or(|offsets| offsets != found.offsets) {
        report.add(Weight::Note, &sidecar, None, "it is missing or does not fit its segment", REBUILT);
    }
    found.end
}
