//! The rulebooks that ship with overt.

use crate::load::{Loaded, load};
use crate::source::Source;
use crate::vocabulary::Vocabulary;
use rust_embed::RustEmbed;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

#[derive(RustEmbed)]
#[folder = "../../rulebook"]
struct Files;

/// Codes of the jurisdictions that ship.
#[must_use]
pub fn shipped_names() -> Vec<String> {
    let names: BTreeSet<String> =
        Files::iter().filter_map(|path| path.split_once('/').map(|(name, _)| name.to_owned())).collect();
    names.into_iter().collect()
}

/// The files of a shipped rulebook; `None` if there is none of that name.
#[must_use]
pub fn source(name: &str) -> Option<Source> {
    let mut source = Source::default();
    for path in Files::iter() {
        let file = path.strip_prefix(name).and_then(|rest| rest.strip_prefix('/'));
        if let Some((file, data)) = file.zip(Files::get(&path)) {
            source.add(file, &data.data).ok()?;
        }
    }
    (!source.is_empty()).then_some(source)
}

/// The vocabulary that ships.
#[must_use]
pub fn vocabulary() -> &'static Arc<Vocabulary> {
    static VOCABULARY: OnceLock<Arc<Vocabulary>> = OnceLock::new();
    VOCABULARY.get_or_init(|| {
        let text = |name: &str| {
            Files::get(name).map(|f| String::from_utf8_lossy(&f.data).into_owned()).unwrap_or_default()
        };
        // A test reads the same texts and fails on any error, so the empty vocabulary is never used.
        Arc::new(Vocabulary::parse(&text("vocabulary.toml"), &text("fields.toml")).unwrap_or_default())
    })
}

/// A shipped rulebook; `None` if there is none of that name.
#[must_use]
pub fn shipped(name: &str) -> Option<Loaded> {
    Some(load(&source(name)?, &source, vocabulary()))
}
