//! Segments: what the spine knows of its files, and how they are looked up. Must not write frames.

use crate::home::Home;
use crate::index::{self, Summary};
use crate::medium::{How, Medium};
use crate::scan::{Rest, scan};
use crate::trouble::{damaged, failed};
use registry::store::StoreError;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Digits of a segment's name: a `u64` in full, so that names sort as numbers do.
const DIGITS: usize = 20;

/// The file of the segment that begins with frame number `first`.
pub(crate) fn segment_file(home: &Home, first: u64) -> PathBuf {
    home.spine().join(format!("{first:0DIGITS$}.seg"))
}

/// The sidecar of the segment that begins with frame number `first`.
pub(crate) fn index_file(home: &Home, first: u64) -> PathBuf {
    home.spine().join(format!("{first:0DIGITS$}.idx"))
}

/// The number in a name like `00000000000000001234.seg`, for the given ending.
pub(crate) fn number(name: &str, ending: &str) -> Option<u64> {
    let digits = name.strip_suffix(ending)?;
    let plain = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

/// Numbers of the first frames of all segments, in order.
pub(crate) fn firsts(medium: &dyn Medium, home: &Home) -> Result<Vec<u64>, StoreError> {
    let folder = home.spine();
    let entries = medium.list(&folder).map_err(failed("listing", &folder))?;
    let mut firsts: Vec<u64> =
        entries.iter().filter_map(|entry| number(entry.name.to_str()?, ".seg")).collect();
    firsts.sort_unstable();
    match firsts.first() {
        Some(first) if *first != 0 => Err(damaged(
            &segment_file(home, 0),
            0,
            format!("it is missing: the spine begins with frame {first}"),
        )),
        _ => Ok(firsts),
    }
}

/// Looks a rolled segment up: by its sidecar if that fits, else by reading it. `next` is the number its follower begins with.
///
/// The sidecar's list is not read here, so that a thousand segments open at once.
pub(crate) fn rolled(medium: &dyn Medium, home: &Home, first: u64, next: u64) -> Result<Summary, StoreError> {
    let file = segment_file(home, first);
    let length = medium.open(&file, How::Read).and_then(|mut handle| handle.len());
    let length = length.map_err(failed("opening", &file))?;
    let fits = |found: &Summary| {
        found.first == first && found.length == length && first.checked_add(found.count.into()) == Some(next)
    };
    if let Some(found) = index::summary(medium, &index_file(home, first)).filter(fits) {
        return Ok(found);
    }
    let (summary, _) = walk(medium, home, first)?;
    let end = first.saturating_add(summary.count.into());
    match end == next {
        true => Ok(summary),
        false => Err(damaged(
            &file,
            summary.length,
            format!("it ends before frame {end}, and the next segment begins with frame {next}"),
        )),
    }
}

/// Where the records of a rolled segment begin.
pub(crate) fn offsets(medium: &dyn Medium, home: &Home, of: &Summary) -> Result<Arc<[u32]>, StoreError> {
    match index::offsets(medium, &index_file(home, of.first), of) {
        Some(offsets) => Ok(offsets.into()),
        None => Ok(walk(medium, home, of.first)?.1),
    }
}

/// Reads a rolled segment, which has to be whole, and makes its sidecar anew.
pub(crate) fn walk(
    medium: &dyn Medium,
    home: &Home,
    first: u64,
) -> Result<(Summary, Arc<[u32]>), StoreError> {
    let file = segment_file(home, first);
    let mut handle = medium.open(&file, How::Read).map_err(failed("opening", &file))?;
    let found = scan(handle.as_mut(), first).map_err(failed("reading", &file))?;
    match found.rest(handle.as_mut(), first).map_err(failed("reading", &file))? {
        Rest::Nothing => {}
        Rest::Torn => return Err(damaged(&file, found.end, "its last record is not whole")),
        Rest::Damage(why) => return Err(damaged(&file, found.end, why)),
    }
    let count = u32::try_from(found.offsets.len()).unwrap_or(u32::MAX);
    let summary = Summary { first, length: found.length, count };
    keep(medium, &index_file(home, first), &summary, &found.offsets);
    Ok((summary, found.offsets.into()))
}

/// Writes a sidecar if it can be: all that is lost without it is time.
pub(crate) fn keep(medium: &dyn Medium, file: &Path, summary: &Summary, offsets: &[u32]) {
    if index::write(medium, file, summary, offsets).is_err() {
        let _gone = medium.remove(file);
    }
}
