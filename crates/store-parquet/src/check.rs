//! Checking the history, and making its catalogue anew. It must not mend rows: those come from the spine.

use crate::catalogue::NAME;
use crate::error::Error;
use crate::history::{Facts, lock};
use crate::hours;
use crate::part::Part;
use serde::Serialize;

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Flaw {
    /// The file concerned, by its name in the folder.
    pub file: String,
    /// What is wrong with it.
    pub what: String,
}

impl Facts {
    /// Reads every byte of every file and compares it with what the catalogue says; returns what is wrong, nothing if all
    /// is well. A damaged file is mended by removing it and what comes after it, and folding the spine again.
    ///
    /// # Errors
    ///
    /// [`Error::Medium`] if the catalogue cannot be read.
    pub fn check(&self) -> Result<Vec<Flaw>, Error> {
        let _writing = lock(&self.writing);
        let mut flaws = Vec::new();
        for part in self.view().parts {
            let flaw = |file: &str, what: String| Flaw { file: file.to_owned(), what };
            match self.compare(&part) {
                Ok(None) => {}
                Ok(Some((file, what))) => flaws.push(flaw(file, what)),
                Err(error) => flaws.push(flaw(part.name(), error.to_string())),
            }
        }
        Ok(flaws)
    }

    /// The file that is wrong, and how.
    fn compare<'a>(&self, part: &'a Part) -> Result<Option<(&'a str, String)>, Error> {
        let known = self.state().catalogue.summary(part.name())?;
        let fresh = Part::open(&part.path, part.ordinals.clone())?;
        let crc = hours::crc(&fresh)?;
        if let Some(known) = known.as_ref().filter(|known| known.crc != crc) {
            let what = format!("its checksum is {crc:08x}, expected {:08x}", known.crc);
            return Ok(Some((part.name(), what)));
        }
        if let Some(what) = hours::flaw(&fresh)? {
            return Ok(Some((part.name(), what)));
        }
        let found = hours::summary(&fresh)?;
        Ok(match known {
            None => Some((NAME, format!("it does not know {}", part.name()))),
            Some(known) if known != found => {
                Some((NAME, format!("its sums of {} are not those of the file", part.name())))
            }
            Some(_) => None,
        })
    }

    /// Makes the catalogue anew from the files.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] naming the first file that cannot be read.
    pub fn rebuild(&self) -> Result<(), Error> {
        let _writing = lock(&self.writing);
        for part in self.view().parts {
            let fresh = Part::open(&part.path, part.ordinals.clone())?;
            self.replace(&[part], Some(fresh))?;
        }
        Ok(())
    }
}
