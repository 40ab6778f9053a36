//! Typst with a world of its own: template and fonts compiled in, the document as the only data. Must not reach a file system,
//! a network or a clock.

use crate::error::Error;
use crate::model::Document;
use crate::prepared::{file, prepared};
use crate::runs::{EAST, Repertoire, WEST};
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook, FontWeight};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

/// How a document looks.
const TEMPLATE: &str = include_str!("document.typ");
/// Chinese, Japanese and Korean, from Debian's `fonts-droid-fallback`.
const DROID: &[u8] = include_bytes!("../fonts/DroidSansFallbackFull.ttf");
/// Families that the template names, of those that Typst brings along, with their weights.
const BROUGHT: [(&str, FontWeight); 3] = [
    ("Libertinus Serif", FontWeight::REGULAR),
    ("Libertinus Serif", FontWeight::BOLD),
    ("DejaVu Sans Mono", FontWeight::REGULAR),
];
/// Most characters of a refusal that are handed on.
const SHOWN: usize = 300;

/// What is the same for all documents.
struct Shared {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    repertoire: Repertoire,
    name: String,
}

static SHARED: LazyLock<Shared> = LazyLock::new(Shared::new);

impl Shared {
    fn new() -> Self {
        let upright = |font: &Font| {
            let info = font.info();
            let variant = info.variant;
            variant.style == typst::text::FontStyle::Normal
                && BROUGHT.iter().any(|(family, weight)| info.family == *family && variant.weight == *weight)
        };
        let brought = typst_assets::fonts().flat_map(|data| Font::iter(Bytes::new(data))).filter(upright);
        let fonts: Vec<Font> = brought.chain(Font::iter(Bytes::new(DROID))).collect();
        let mut hash = Sha256::new();
        hash.update(TEMPLATE);
        fonts.iter().for_each(|font| hash.update(font.data()));
        let digest: String = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
        Self {
            library: LazyHash::new(
                Library::builder().with_features([Feature::A11yExtras].into_iter().collect()).build(),
            ),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            repertoire: repertoire(&fonts),
            name: format!("typst {}, template and fonts {digest}", typst::utils::version().raw()),
            fonts,
        }
    }
}

/// Characters that every font of a script holds.
fn repertoire(fonts: &[Font]) -> Repertoire {
    let mut west = vec![0_u8; 1 << 16];
    let mut bits = vec![0_u8; 1 << 16];
    let serif: Vec<&Font> = fonts.iter().filter(|f| f.info().family == "Libertinus Serif").collect();
    for c in serif.iter().flat_map(|font| font.info().coverage.iter()) {
        if let Some(count) = west.get_mut(c as usize) {
            *count = count.saturating_add(1);
        }
    }
    for (bits, count) in bits.iter_mut().zip(&west) {
        *bits |= if usize::from(*count) == serif.len() { WEST } else { 0 };
    }
    for c in fonts.last().into_iter().flat_map(|font| font.info().coverage.iter()) {
        if let Some(bits) = bits.get_mut(c as usize) {
            *bits |= EAST;
        }
    }
    Repertoire(bits)
}

/// One document and what it is set with.
struct OneDocument {
    main: FileId,
    template: Source,
    files: Vec<(FileId, Bytes)>,
}

impl OneDocument {
    fn new(document: &Document) -> Result<Self, Error> {
        let data = prepared(document, &SHARED.repertoire)?.to_string();
        let main = id("document.typ")?;
        let mut files = vec![(id("data.json")?, Bytes::from_string(data))];
        for (at, attachment) in document.attachments.iter().enumerate() {
            files.push((id(&file(at))?, Bytes::new(attachment.content.clone())));
        }
        Ok(Self { main, template: Source::new(main, TEMPLATE.to_owned()), files })
    }
}

/// Names of files are few and fixed: the typesetter keeps each one for good.
fn id(name: &str) -> Result<FileId, Error> {
    let path = VirtualPath::new(name).map_err(|e| Error::Refused { why: format!("{e:?}") })?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl World for OneDocument {
    fn library(&self) -> &LazyHash<Library> {
        &SHARED.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &SHARED.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main { Ok(self.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let found = self.files.iter().find(|(file, _)| *file == id);
        found.map(|(_, bytes)| bytes.clone()).ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        SHARED.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// Sets a document.
pub fn pdf(document: &Document) -> Result<Vec<u8>, Error> {
    let world = OneDocument::new(document)?;
    let (year, month, day) = document.date;
    let date = Datetime::from_ymd_hms(i32::from(year), month, day, 0, 0, 0)
        .filter(|_| (1..=9999).contains(&year))
        .ok_or(Error::Date { found: document.date })?;
    let standards = PdfStandards::new(&[PdfStandard::A_3a, PdfStandard::Ua_1])
        .map_err(|e| Error::Refused { why: e.message().to_string() })?;
    let options = PdfOptions {
        ident: Smart::Custom(document.ident.clone()),
        creator: Smart::Custom(Some("overt".to_owned())),
        timestamp: Some(Timestamp::new_utc(date)),
        page_ranges: None,
        standards,
        tagged: true,
        pretty: false,
    };
    let set = typst::compile::<PagedDocument>(&world).output;
    let bytes = set.and_then(|pages| typst_pdf::pdf(&pages, &options)).map_err(|errors| refused(&errors));
    // Nothing of one document helps with the next.
    comemo::evict(0);
    bytes
}

fn refused(errors: &[SourceDiagnostic]) -> Error {
    let all: Vec<&str> = errors.iter().map(|e| e.message.as_str()).collect();
    Error::Refused { why: all.join("; ").chars().take(SHOWN).collect() }
}

/// What sets documents here.
pub fn name() -> String {
    SHARED.name.clone()
}
