//! What PDF/A-3a (ISO 19005-3:2012) and PDF/UA-1 (ISO 14289-1:2014) ask of a file, as far as a program can tell: one rule a line,
//! with its clause. Read by `lopdf`, which shares no code with what wrote the file; [`pdftotext`], [`mutool`] and [`qpdf`] are
//! readers of other people. Must not pass a file because a reader is missing.

mod content;
mod fonts;
mod readers;
mod structure;

pub use readers::{mutool, pdftotext, qpdf};

use lopdf::{Dictionary, Document, Object, Stream};

/// A file that is checked.
struct Pdf<'a> {
    bytes: &'a [u8],
    doc: Document,
    catalog: Dictionary,
}

type Found = Result<(), String>;

/// One rule.
struct Rule {
    /// `A` for ISO 19005-3, `UA` for ISO 14289-1, and the clause.
    clause: &'static str,
    says: &'static str,
    holds: fn(&Pdf<'_>) -> Found,
}

const fn rule(clause: &'static str, says: &'static str, holds: fn(&Pdf<'_>) -> Found) -> Rule {
    Rule { clause, says, holds }
}

const RULES: [Rule; 34] = [
    rule("A 6.1.2", "a header %PDF-1.n, then a comment of four bytes over 127", header),
    rule("A 6.1.3", "an identifier, nothing encrypted", trailer),
    rule("A 6.1.3", "nothing after %%EOF", ending),
    rule("A 6.1.7", "no stream outside of the file, none by LZW", streams),
    rule("A 6.1.13", "names of at most 127 bytes, strings of at most 32767, objects under 8388607", limits),
    rule("A 6.1.13", "states of graphics nested at most 28 deep", content::nesting),
    rule("A 6.2.2", "every page has resources of its own", resources),
    rule("A 6.2.3", "one output intent GTS_PDFA1 with its profile", intent),
    rule("A 6.2.4.3", "no colour by an ink that the profile does not hold", content::colours),
    rule("A 6.2.5", "no transfer functions", transfer),
    rule("A 6.2.9", "no PostScript, no referenced file as image", xobjects),
    rule("A 6.2.11.4", "every font is inside", fonts::embedded),
    rule("A 6.2.11.3", "every composite font has an identity or embedded encoding", fonts::encoded),
    rule(
        "A 6.2.11.7",
        "every font maps to Unicode, none to 0, FEFF, FFFE or the private area",
        fonts::mapped,
    ),
    rule("A 6.2.11.8", "no glyph 0, which stands for what a font lacks", content::glyphs),
    rule("A 6.3", "no annotations but links", annotations),
    rule("A 6.4", "no forms", |pdf| absent(pdf, b"AcroForm")),
    rule("A 6.5.1", "no JavaScript, no action that launches, plays or submits", actions),
    rule("A 6.5.2", "nothing runs when it is opened", opening),
    rule("A 6.6.2", "metadata as XMP with the document's title", metadata),
    rule("A 6.6.4", "names itself PDF/A-3, level A", |pdf| {
        marked(pdf, &[("pdfaid:part", "3"), ("pdfaid:conformance", "A")])
    }),
    rule("A 6.7.2", "is marked as tagged, without suspects", structure::marked),
    rule("A 6.7.3", "has a structure that finds each part", structure::rooted),
    rule("A 6.7.4", "names its language", structure::language),
    rule("A 6.8", "each file inside has names, a media type, a date and its relationship", files),
    rule("A 6.9", "no optional content", |pdf| absent(pdf, b"OCProperties")),
    rule("A 6.11", "asks nothing of the reader", |pdf| absent(pdf, b"Requirements")),
    rule("UA 5", "names itself PDF/UA-1", |pdf| marked(pdf, &[("pdfuaid:part", "1")])),
    rule("UA 7.1", "shows its title, not its file's name", structure::titled),
    rule("UA 7.1", "all content is tagged or an artifact", content::tagged),
    rule("UA 7.1", "only standard structure types", structure::types),
    rule("UA 7.4", "headings begin at 1 and leave no level out", structure::headings),
    rule("UA 7.5", "cells that head a column or row say which", structure::scopes),
    rule("UA 7.5", "rows of a table have as many cells as its first", structure::tables),
];

/// Everything that is wrong with a file, each with its clause.
#[must_use]
pub fn broken(bytes: &[u8]) -> Vec<String> {
    let doc = match Document::load_mem(bytes) {
        Ok(doc) => doc,
        Err(error) => return vec![format!("cannot be opened: {error}")],
    };
    let Ok(catalog) = doc.catalog().cloned() else {
        return vec!["has no catalog".to_owned()];
    };
    let pdf = Pdf { bytes, doc, catalog };
    let wrong = RULES.iter().filter_map(|rule| {
        let found = (rule.holds)(&pdf).err()?;
        Some(format!("{} {}: {found}", rule.clause, rule.says))
    });
    wrong.collect()
}

impl Pdf<'_> {
    fn catalog(&self) -> &Dictionary {
        &self.catalog
    }

    /// What an entry leads to.
    fn get<'b>(&'b self, dictionary: &'b Dictionary, key: &[u8]) -> Option<&'b Object> {
        dictionary.get(key).ok().map(|o| self.follow(o))
    }

    fn follow<'b>(&'b self, object: &'b Object) -> &'b Object {
        self.doc.dereference(object).map_or(object, |(_, object)| object)
    }

    fn dictionary<'b>(&'b self, dictionary: &'b Dictionary, key: &[u8]) -> Option<&'b Dictionary> {
        self.get(dictionary, key).and_then(|o| of(o))
    }

    fn dictionaries(&self) -> impl Iterator<Item = &Dictionary> {
        let mut all = Vec::new();
        self.doc.objects.values().for_each(|object| walk(object, &mut |o| all.extend(of(o))));
        all.into_iter()
    }

    fn streams(&self) -> impl Iterator<Item = &Stream> {
        self.doc.objects.values().filter_map(|o| o.as_stream().ok())
    }

    fn xmp(&self) -> String {
        let stream = self.get(self.catalog(), b"Metadata").and_then(|o| o.as_stream().ok());
        let bytes = stream.map(|s| s.get_plain_content().unwrap_or_else(|_| s.content.clone()));
        String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
    }
}

fn of(object: &Object) -> Option<&Dictionary> {
    object.as_dict().ok().or_else(|| object.as_stream().ok().map(|s| &s.dict))
}

fn walk<'a>(object: &'a Object, visit: &mut dyn FnMut(&'a Object)) {
    visit(object);
    match object {
        Object::Array(items) => items.iter().for_each(|o| walk(o, visit)),
        Object::Dictionary(d) => d.iter().for_each(|(_, o)| walk(o, visit)),
        Object::Stream(s) => s.dict.iter().for_each(|(_, o)| walk(o, visit)),
        _ => {}
    }
}

fn only(holds: bool, found: impl Into<String>) -> Found {
    if holds { Ok(()) } else { Err(found.into()) }
}

fn header(pdf: &Pdf<'_>) -> Found {
    let after = pdf.bytes.get(9..14).unwrap_or_default();
    let comment = after.first() == Some(&b'%') && after.iter().skip(1).all(|b| *b > 127);
    only(pdf.bytes.starts_with(b"%PDF-1.7\n") && comment, format!("{:?}", pdf.bytes.get(..14)))
}

fn trailer(pdf: &Pdf<'_>) -> Found {
    only(
        pdf.doc.trailer.has(b"ID") && !pdf.doc.is_encrypted() && !pdf.doc.trailer.has(b"Encrypt"),
        "the trailer",
    )
}

fn ending(pdf: &Pdf<'_>) -> Found {
    let end = pdf.bytes.trim_ascii_end();
    only(end.ends_with(b"%%EOF") && pdf.bytes.len() <= end.len() + 1, "something else")
}

fn streams(pdf: &Pdf<'_>) -> Found {
    for stream in pdf.streams() {
        let outside = [b"F".as_slice(), b"FFilter", b"FDecodeParms"].iter().any(|key| stream.dict.has(key));
        let filters = stream.filters().unwrap_or_default();
        only(
            !outside && !filters.iter().any(|f| f.starts_with(b"LZW") || *f == b"Crypt"),
            format!("{:?}", stream.dict),
        )?;
    }
    Ok(())
}

fn limits(pdf: &Pdf<'_>) -> Found {
    only(pdf.doc.objects.len() < 8_388_607, "too many objects")?;
    let mut wrong = None;
    for object in pdf.doc.objects.values() {
        walk(object, &mut |o| {
            let long = match o {
                Object::Name(name) => name.len() > 127,
                Object::String(text, _) => text.len() > 32_767,
                Object::Integer(n) => i32::try_from(*n).is_err(),
                _ => false,
            };
            if long {
                wrong = Some(format!("{o:?}").chars().take(60).collect::<String>());
            }
        });
    }
    wrong.map_or(Ok(()), Err)
}

fn resources(pdf: &Pdf<'_>) -> Found {
    for id in pdf.doc.page_iter() {
        only(pdf.doc.get_dictionary(id).is_ok_and(|p| p.has(b"Resources")), format!("page {id:?} has none"))?;
    }
    Ok(())
}

fn intent(pdf: &Pdf<'_>) -> Found {
    let all =
        pdf.get(pdf.catalog(), b"OutputIntents").and_then(|o| o.as_array().ok()).cloned().unwrap_or_default();
    let [one] = all.as_slice() else { return Err(format!("{} of them", all.len())) };
    let one = of(pdf.follow(one)).ok_or("no dictionary")?;
    let named = one.get(b"S").and_then(Object::as_name).ok() == Some(b"GTS_PDFA1");
    let profile = pdf.get(one, b"DestOutputProfile").and_then(|o| o.as_stream().ok());
    let bytes = profile.and_then(|p| p.get_plain_content().ok()).unwrap_or_default();
    only(named && bytes.get(36..40) == Some(b"acsp"), "another intent, or no ICC profile")
}

fn transfer(pdf: &Pdf<'_>) -> Found {
    only(!pdf.dictionaries().any(|d| d.has(b"TR") || d.has(b"TR2") || d.has(b"HTP")), "one")
}

fn xobjects(pdf: &Pdf<'_>) -> Found {
    let wrong = |d: &Dictionary| {
        let kind = d.get(b"Subtype").and_then(Object::as_name).unwrap_or_default();
        kind == b"PS" || (kind == b"Form" && (d.has(b"Ref") || d.has(b"OPI"))) || d.has(b"Alternates")
    };
    only(!pdf.dictionaries().any(wrong), "one")
}

fn annotations(pdf: &Pdf<'_>) -> Found {
    for id in pdf.doc.page_iter() {
        for annotation in pdf.doc.get_page_annotations(id).unwrap_or_default() {
            let kind = annotation.get(b"Subtype").and_then(Object::as_name).unwrap_or_default();
            only(kind == b"Link", format!("{:?}", String::from_utf8_lossy(kind)))?;
        }
    }
    Ok(())
}

fn actions(pdf: &Pdf<'_>) -> Found {
    const NEVER: [&[u8]; 11] = [
        b"JavaScript",
        b"Launch",
        b"Sound",
        b"Movie",
        b"ResetForm",
        b"ImportData",
        b"SubmitForm",
        b"Hide",
        b"Rendition",
        b"GoToR",
        b"URI",
    ];
    for d in pdf.dictionaries() {
        let kind = d.get(b"S").and_then(Object::as_name).unwrap_or_default();
        only(!NEVER.contains(&kind) && !d.has(b"JS"), String::from_utf8_lossy(kind))?;
    }
    Ok(())
}

fn opening(pdf: &Pdf<'_>) -> Found {
    only(!pdf.catalog().has(b"OpenAction") && !pdf.dictionaries().any(|d| d.has(b"AA")), "an action")
}

fn metadata(pdf: &Pdf<'_>) -> Found {
    let xmp = pdf.xmp();
    only(
        xmp.contains("<dc:title>") && xmp.contains("<xmp:CreateDate>"),
        xmp.chars().take(300).collect::<String>(),
    )
}

fn marked(pdf: &Pdf<'_>, marks: &[(&str, &str)]) -> Found {
    let xmp = pdf.xmp();
    for (name, value) in marks {
        let element = format!("<{name}>{value}</{name}>");
        let attribute = format!("{name}=\"{value}\"");
        only(xmp.contains(&element) || xmp.contains(&attribute), format!("no {element}"))?;
    }
    Ok(())
}

fn absent(pdf: &Pdf<'_>, key: &[u8]) -> Found {
    only(!pdf.catalog().has(key), String::from_utf8_lossy(key))
}

fn files(pdf: &Pdf<'_>) -> Found {
    let listed = pdf.get(pdf.catalog(), b"AF").and_then(|o| o.as_array().ok()).cloned().unwrap_or_default();
    let inside = pdf.dictionaries().filter(|d| d.has(b"EF")).count();
    only(listed.len() == inside, format!("{} of {inside} are in AF", listed.len()))?;
    for spec in &listed {
        let spec = of(pdf.follow(spec)).ok_or("no dictionary")?;
        let kind = spec.get(b"AFRelationship").and_then(Object::as_name).unwrap_or_default();
        let known = [b"Source".as_slice(), b"Data", b"Alternative", b"Supplement"].contains(&kind);
        let file = pdf.dictionary(spec, b"EF").and_then(|ef| pdf.dictionary(ef, b"F")).ok_or("no file")?;
        let dated = pdf.dictionary(file, b"Params").is_some_and(|p| p.has(b"ModDate"));
        let named = spec.has(b"F") && spec.has(b"UF") && spec.has(b"Desc");
        only(known && named && dated && file.has(b"Subtype"), format!("{spec:?}"))?;
    }
    Ok(())
}
