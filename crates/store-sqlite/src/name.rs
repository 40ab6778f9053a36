//! Names of objects: what the contract allows, and where that lies in a folder. Must not touch files.

use registry::store::StoreError;
use std::path::{Path, PathBuf};

/// Most bytes of a name. The contract sets no bound; file systems do.
pub const MAX_NAME: usize = 512;
/// Most bytes of one part of a name: what every file system in use allows.
pub const MAX_PART: usize = 255;

/// Whether `name` is one: parts of `a-z 0-9 . _ -` joined by `/`, none empty and none `.` or `..`.
///
/// # Errors
///
/// [`StoreError::Name`].
pub fn check_name(name: &str) -> Result<(), StoreError> {
    if name.len() <= MAX_NAME && name.split('/').all(is_part) {
        return Ok(());
    }
    let name: String = name.chars().take(MAX_NAME).collect();
    Err(StoreError::Name { name })
}

/// Whether `part` may stand between two `/`.
pub(crate) fn is_part(part: &str) -> bool {
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
    !matches!(part, "" | "." | "..") && part.len() <= MAX_PART && part.bytes().all(allowed)
}

/// Where the object lies below `folder`. Only whole checked parts are joined, so it cannot lie elsewhere.
pub(crate) fn path(folder: &Path, name: &str) -> Result<PathBuf, StoreError> {
    check_name(name)?;
    Ok(name.split('/').fold(folder.to_path_buf(), |path, part| path.join(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tile_names_are_names() {
        for name in
            ["checkpoint", "tile/0/x001/234", "tile/0/000.p/5", "tile/entries/x123/456.p/7", "a..b", "..."]
        {
            assert!(check_name(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn nothing_leads_out_of_the_folder() {
        for name in [
            "", ".", "..", "/a", "a/", "a//b", "a/../b", "../a", "a/./b", "A", "a b", "a\\b", "a\0", "ä",
            "~a", "c:",
        ] {
            assert!(matches!(check_name(name), Err(StoreError::Name { .. })), "{name:?}");
        }
        assert!(check_name(&"a".repeat(MAX_PART + 1)).is_err());
        assert!(check_name(&["a"; MAX_NAME].join("/")).is_err());
    }
}
