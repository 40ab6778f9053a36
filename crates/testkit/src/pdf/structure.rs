//! Rules about tags.

use super::{Found, Pdf, of, only};
use lopdf::{Dictionary, Object};

/// Standard types of ISO 32000-1, 14.8.4.
const TYPES: [&str; 46] = [
    "Document",
    "Part",
    "Art",
    "Sect",
    "Div",
    "BlockQuote",
    "Caption",
    "TOC",
    "TOCI",
    "Index",
    "NonStruct",
    "Private",
    "P",
    "H",
    "H1",
    "H2",
    "H3",
    "H4",
    "H5",
    "H6",
    "L",
    "LI",
    "Lbl",
    "LBody",
    "Table",
    "TR",
    "TH",
    "TD",
    "THead",
    "TBody",
    "TFoot",
    "Span",
    "Quote",
    "Note",
    "Reference",
    "BibEntry",
    "Code",
    "Link",
    "Annot",
    "Ruby",
    "RB",
    "RT",
    "RP",
    "Warichu",
    "Figure",
    "Formula",
];

pub(super) fn marked(pdf: &Pdf<'_>) -> Found {
    let info = pdf.dictionary(pdf.catalog(), b"MarkInfo").ok_or("no MarkInfo")?;
    let yes = |key: &[u8]| info.get(key).and_then(Object::as_bool).unwrap_or(false);
    only(yes(b"Marked") && !yes(b"Suspects"), format!("{info:?}"))
}

fn root<'a>(pdf: &'a Pdf<'_>) -> Option<&'a Dictionary> {
    pdf.dictionary(pdf.catalog(), b"StructTreeRoot")
}

pub(super) fn rooted(pdf: &Pdf<'_>) -> Found {
    let root = root(pdf).ok_or("no root")?;
    only(root.has(b"K") && root.has(b"ParentTree"), format!("{root:?}"))?;
    for id in pdf.doc.page_iter() {
        // A page of nothing but artifacts belongs to no element.
        let tagged = pdf.doc.get_page_content(id).windows(5).any(|w| w == b"/MCID");
        let page = pdf.doc.get_dictionary(id);
        let named = page.is_ok_and(|page| page.has(b"StructParents"));
        only(named || !tagged, format!("page {id:?} is not in it"))?;
    }
    Ok(())
}

pub(super) fn language(pdf: &Pdf<'_>) -> Found {
    let language = pdf.get(pdf.catalog(), b"Lang").and_then(|o| o.as_str().ok()).unwrap_or_default();
    let sound = language.first().is_some_and(u8::is_ascii_alphabetic)
        && language.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-');
    only(sound, String::from_utf8_lossy(language))
}

pub(super) fn titled(pdf: &Pdf<'_>) -> Found {
    let shown = pdf.dictionary(pdf.catalog(), b"ViewerPreferences");
    let shown = shown.and_then(|p| p.get(b"DisplayDocTitle").and_then(Object::as_bool).ok());
    only(shown == Some(true) && pdf.xmp().contains("<dc:title>"), "it does not")
}

/// Elements in the order in which they are read, with their kinds.
pub(super) fn elements<'a>(pdf: &'a Pdf<'_>) -> Vec<(String, &'a Dictionary)> {
    fn visit<'a>(pdf: &'a Pdf<'_>, of_it: &'a Dictionary, all: &mut Vec<(String, &'a Dictionary)>) {
        if let Ok(kind) = of_it.get(b"S").and_then(Object::as_name) {
            all.push((String::from_utf8_lossy(kind).into_owned(), of_it));
        }
        for kid in kids(pdf, of_it) {
            visit(pdf, kid, all);
        }
    }
    let mut all = Vec::new();
    if let Some(root) = root(pdf) {
        visit(pdf, root, &mut all);
    }
    all
}

fn kids<'a>(pdf: &'a Pdf<'_>, element: &'a Dictionary) -> Vec<&'a Dictionary> {
    let all: Vec<&Object> = match pdf.get(element, b"K") {
        Some(Object::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let kids = all.into_iter().filter_map(|o| of(pdf.follow(o)));
    kids.filter(|d| d.has(b"S")).collect()
}

pub(super) fn types(pdf: &Pdf<'_>) -> Found {
    let roles = root(pdf).and_then(|root| pdf.dictionary(root, b"RoleMap"));
    for (kind, _) in elements(pdf) {
        let mapped = roles.and_then(|r| r.get(kind.as_bytes()).and_then(Object::as_name).ok());
        let known = |kind: &[u8]| TYPES.iter().any(|t| t.as_bytes() == kind);
        only(known(mapped.unwrap_or(kind.as_bytes())), kind)?;
    }
    Ok(())
}

pub(super) fn headings(pdf: &Pdf<'_>) -> Found {
    let mut last = 0;
    for (kind, _) in elements(pdf) {
        let Some(level) = kind.strip_prefix('H').and_then(|n| n.parse::<u32>().ok()) else { continue };
        only(level <= last + 1, format!("H{level} after H{last}"))?;
        last = level;
    }
    Ok(())
}

fn attribute<'a>(pdf: &'a Pdf<'_>, element: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
    let all: Vec<&Object> = match pdf.get(element, b"A")? {
        Object::Array(items) => items.iter().collect(),
        one => vec![one],
    };
    all.into_iter().filter_map(|o| of(pdf.follow(o))).find_map(|d| d.get(key).ok())
}

pub(super) fn scopes(pdf: &Pdf<'_>) -> Found {
    for (kind, element) in elements(pdf) {
        let scope = attribute(pdf, element, b"Scope").and_then(|o| o.as_name().ok());
        let known = scope.is_some_and(|s| [b"Row".as_slice(), b"Column", b"Both"].contains(&s));
        only(kind != "TH" || known, format!("{element:?}"))?;
    }
    Ok(())
}

pub(super) fn tables(pdf: &Pdf<'_>) -> Found {
    for (_, table) in elements(pdf).into_iter().filter(|(kind, _)| kind == "Table") {
        let widths: Vec<usize> = rows(pdf, table).iter().map(|row| kids(pdf, row).len()).collect();
        only(widths.iter().all(|w| Some(w) == widths.first()) && !widths.is_empty(), format!("{widths:?}"))?;
    }
    Ok(())
}

fn rows<'a>(pdf: &'a Pdf<'_>, part: &'a Dictionary) -> Vec<&'a Dictionary> {
    let mut all = Vec::new();
    for kid in kids(pdf, part) {
        match kid.get(b"S").and_then(Object::as_name).unwrap_or_default() {
            b"TR" => all.push(kid),
            b"THead" | b"TBody" | b"TFoot" => all.extend(rows(pdf, kid)),
            _ => {}
        }
    }
    all
}
