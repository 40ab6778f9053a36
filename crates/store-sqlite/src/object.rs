//! Objects: one file each, under their own name, so that a plain web server can serve the folder.
//!
//! Each value is written to a file in `temporary/`, synced and renamed to its name: a reader sees the old value or the new.
//! The folders that got new names are synced once, at the end of a `put`. Must not look into values, and knows no tiles.

use crate::home::Home;
use crate::medium::{From, How, Medium, fill};
use crate::name;
use crate::trouble::{damaged, failed};
use registry::store::{MAX_OBJECT, Object, StoreError};
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The objects of a store.
pub(crate) struct Objects {
    medium: Arc<dyn Medium>,
    home: Home,
    /// Held while names come and go: an emptied folder is not taken away from under a name that is just put into it.
    names: Mutex<()>,
}

impl Objects {
    pub(crate) fn new(medium: Arc<dyn Medium>, home: Home) -> Self {
        Self { medium, home, names: Mutex::new(()) }
    }

    pub(crate) fn put(&self, objects: &[Object]) -> Result<(), StoreError> {
        let folder = self.home.objects();
        for object in objects {
            name::check_name(&object.name)?;
            let found = object.value.len();
            if found > MAX_OBJECT {
                return Err(StoreError::TooLarge { what: "an object", found, most: MAX_OBJECT });
            }
        }
        let _names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let mut touched = BTreeSet::new();
        for object in objects {
            let file = name::path(&folder, &object.name)?;
            self.folders(&folder, &file, &mut touched)?;
            self.home.write_whole(self.medium.as_ref(), &file, &object.value)?;
        }
        self.settle(&touched)
    }

    /// Syncs folders, deepest first: none is durable without what it holds.
    fn settle(&self, touched: &BTreeSet<PathBuf>) -> Result<(), StoreError> {
        let mut deepest_first = touched.iter().rev();
        deepest_first
            .try_for_each(|folder| self.medium.sync_folder(folder).map_err(failed("syncing", folder)))
    }

    /// Makes the folders above `file` and notes them all: one that is there may come from a `put` that failed before its sync.
    fn folders(&self, top: &Path, file: &Path, touched: &mut BTreeSet<PathBuf>) -> Result<(), StoreError> {
        let Some(parent) = file.parent() else { return Ok(()) };
        if !touched.insert(parent.to_path_buf()) || parent == top {
            return Ok(());
        }
        self.folders(top, parent, touched)?;
        match self.medium.make_folder(parent) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(failed("making", parent)(error)),
            _ => Ok(()),
        }
    }

    /// Makes the named objects what they are in `from`: linked if that is asked for and works, else copied; or gone.
    pub(crate) fn take_in(&self, from: &Self, names: &[String], link: bool) -> Result<(), StoreError> {
        let (top, mut touched) = (self.home.objects(), BTreeSet::new());
        for name in names {
            let (old, new) = (name::path(&from.home.objects(), name)?, name::path(&top, name)?);
            self.folders(&top, &new, &mut touched)?;
            match self.medium.remove(&new) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(failed("removing", &new)(error));
                }
                _ if link && self.medium.link(&old, &new).is_ok() => continue,
                _ => {}
            }
            if let Some(value) = from.get(name)? {
                self.home.write_whole(self.medium.as_ref(), &new, &value)?;
            }
        }
        self.settle(&touched)
    }

    pub(crate) fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let file = name::path(&self.home.objects(), name)?;
        let mut handle = match self.medium.open(&file, How::Read) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            opened => opened.map_err(failed("opening", &file))?,
        };
        let length = handle.len().map_err(failed("reading", &file))?;
        let Some(length) = usize::try_from(length).ok().filter(|length| *length <= MAX_OBJECT) else {
            return Err(damaged(&file, length, format!("an object has at most {MAX_OBJECT} bytes")));
        };
        let mut value = vec![0; length];
        match fill(&mut From { handle: handle.as_mut(), at: 0 }, &mut value) {
            Ok(read) if read == length => Ok(Some(value)),
            Ok(_) => Err(damaged(&file, 0, "it became shorter while it was read")),
            // A folder can be opened like a file, and is no object.
            Err(error) if error.kind() == ErrorKind::IsADirectory => Ok(None),
            Err(error) => Err(failed("reading", &file)(error)),
        }
    }

    pub(crate) fn remove(&self, names: &[String]) -> Result<(), StoreError> {
        let top = self.home.objects();
        let files = names.iter().map(|name| name::path(&top, name)).collect::<Result<Vec<_>, _>>()?;
        let _names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        for file in &files {
            match self.medium.remove(file) {
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
                removed => removed.map_err(failed("removing", file))?,
            }
            // Folders that are empty now go as well; the first that is not ends it.
            let above = file.ancestors().skip(1).take_while(|folder| *folder != top);
            for folder in above {
                if self.medium.remove_folder(folder).is_err() {
                    break;
                }
            }
        }
        Ok(())
    }

    pub(crate) fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let parts: Vec<&str> = prefix.split('/').collect();
        let Some((_, above)) = parts.split_last() else { return Ok(Vec::new()) };
        if !above.iter().all(|part| name::is_part(part)) {
            return Ok(Vec::new());
        }
        let start = above.iter().map(|part| format!("{part}/")).collect::<String>();
        let mut found = Vec::new();
        walk(self.medium.as_ref(), &self.home.objects(), &start, prefix, &mut found)?;
        found.sort_unstable();
        Ok(found)
    }
}

/// Collects names below `top` that begin with `prefix`, from the folder `start` on, which is empty or ends with `/`.
fn walk(
    medium: &dyn Medium,
    top: &Path,
    start: &str,
    prefix: &str,
    found: &mut Vec<String>,
) -> Result<(), StoreError> {
    let folder = start.split_terminator('/').fold(top.to_path_buf(), |path, part| path.join(part));
    let entries = match medium.list(&folder) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(()),
        listed => listed.map_err(failed("listing", &folder))?,
    };
    for entry in entries {
        let Some(part) = entry.name.to_str().filter(|part| name::is_part(part)) else { continue };
        let name = format!("{start}{part}");
        match entry.folder {
            true if name.starts_with(prefix) || prefix.starts_with(&name) => {
                walk(medium, top, &format!("{name}/"), prefix, found)?;
            }
            false if name.starts_with(prefix) => found.push(name),
            _ => {}
        }
    }
    Ok(())
}
