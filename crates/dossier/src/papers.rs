//! The documents of a dossier: set when it is built, and set again and compared when it is checked.
//!
//! Must not pass over in silence a document that was not compared.

use crate::check::difference;
use crate::gather::Gather;
use crate::opened::Files;
use crate::tell::{File, papers};
use verify::Report;

/// A document that could not be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unset {
    /// Its name within the dossier.
    pub name: String,
    /// Why.
    pub why: documents::Error,
}

/// Sets every document that follows from the entries.
pub fn set(gather: &Gather<'_>) -> (Vec<File>, Vec<Unset>) {
    let (mut files, mut unset) = (Vec::new(), Vec::new());
    for (name, document) in papers(gather) {
        match documents::typeset(&document) {
            Ok(content) => files.push(File { name, content }),
            Err(why) => unset.push(Unset { name, why }),
        }
    }
    (files, unset)
}

/// Takes the documents out of the files and compares each, byte by byte, where this program sets them as the one that made the
/// dossier did; says plainly that they were not compared where it does not.
pub fn compare_papers(report: &mut Report, gather: &Gather<'_>, typesetter: &str, files: &mut Files) {
    let own = documents::typesetter();
    if own.as_deref() != Some(typesetter) {
        let mut left = 0;
        for (name, _) in papers(gather) {
            left += usize::from(files.remove(&name).is_some());
        }
        report.open(not_compared(left, typesetter, own.as_deref()));
        return;
    }
    let (derived, _) = set(gather);
    let mut wrong = 0;
    for file in &derived {
        let why = match files.remove(&file.name) {
            None => Some("is missing".to_owned()),
            Some(content) => difference(&content, &file.content)
                .map(|how| format!("does not follow from the entries: set again it {how}")),
        };
        if let Some(why) = why {
            wrong += 1;
            report.fails(format!("{} {why}", file.name));
        }
    }
    if wrong == 0 {
        report.holds_that(format!(
            "{} documents (PDF) set again from the entries are the same, byte by byte",
            derived.len()
        ));
    }
}

fn not_compared(count: usize, typesetter: &str, own: Option<&str>) -> String {
    let typesetter: String = typesetter.chars().filter(|c| !c.is_control()).take(120).collect();
    let todo = match own {
        None => "this program sets none: use an overt that was built with `--features documents`".to_owned(),
        Some(own) => format!("this program sets them by {own}: use the overt that dossier.json names"),
    };
    format!(
        "whether summary.pdf and the other documents ({count} PDF) say what the entries say: they were set by {typesetter}, and {todo}; \
         until then read summary.html, which was compared"
    )
}
