//! Rules about what stands on the pages.

use super::{Found, Pdf, only};
use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Object};

fn each_page(pdf: &Pdf<'_>, check: impl Fn(&[Operation], &[Vec<u8>]) -> Found) -> Found {
    for (number, id) in pdf.doc.get_pages() {
        let bytes = pdf.doc.get_page_content(id);
        let content = Content::decode(&bytes).map_err(|e| format!("page {number}: {e}"))?;
        let fonts = pdf.doc.get_page_fonts(id).unwrap_or_default();
        let two_bytes = |f: &Dictionary| f.get(b"Subtype").and_then(Object::as_name).ok() == Some(b"Type0");
        let composite: Vec<Vec<u8>> =
            fonts.into_iter().filter(|(_, f)| two_bytes(f)).map(|(name, _)| name).collect();
        check(&content.operations, &composite).map_err(|found| format!("page {number}: {found}"))?;
    }
    Ok(())
}

pub(super) fn nesting(pdf: &Pdf<'_>) -> Found {
    each_page(pdf, |operations, _| {
        let mut deep = 0_i32;
        for operation in operations {
            deep += match operation.operator.as_str() {
                "q" => 1,
                "Q" => -1,
                _ => 0,
            };
            only((0..=28).contains(&deep), format!("{deep} deep"))?;
        }
        only(deep == 0, "not closed")
    })
}

pub(super) fn colours(pdf: &Pdf<'_>) -> Found {
    each_page(pdf, |operations, _| {
        let ink = operations.iter().find(|o| matches!(o.operator.as_str(), "k" | "K"));
        only(ink.is_none(), format!("{ink:?}"))
    })
}

pub(super) fn glyphs(pdf: &Pdf<'_>) -> Found {
    each_page(pdf, |operations, composite| {
        let mut two_bytes = false;
        for operation in operations {
            if operation.operator == "Tf" {
                let name = operation.operands.first().and_then(|o| o.as_name().ok()).unwrap_or_default();
                two_bytes = composite.iter().any(|font| font == name);
            }
            for text in shown(operation).into_iter().filter(|_| two_bytes) {
                only(!text.chunks(2).any(|pair| pair == [0, 0]), "glyph 0")?;
            }
        }
        Ok(())
    })
}

fn shown(operation: &Operation) -> Vec<&[u8]> {
    let texts = operation.operands.iter().flat_map(|o| match o {
        Object::Array(items) => items.iter().collect::<Vec<_>>(),
        one => vec![one],
    });
    match operation.operator.as_str() {
        "Tj" | "TJ" | "'" | "\"" => texts.filter_map(|o| o.as_str().ok()).collect(),
        _ => Vec::new(),
    }
}

/// Everything that paints stands between a mark that names its element, or an artifact, and its end.
pub(super) fn tagged(pdf: &Pdf<'_>) -> Found {
    const PAINTS: [&str; 15] =
        ["Tj", "TJ", "'", "\"", "f", "F", "f*", "S", "s", "B", "B*", "b", "b*", "sh", "Do"];
    each_page(pdf, |operations, _| {
        let mut open: Vec<bool> = Vec::new();
        for operation in operations {
            let tag = operation.operands.first().and_then(|o| o.as_name().ok()).unwrap_or_default();
            match operation.operator.as_str() {
                "BMC" => open.push(tag == b"Artifact"),
                "BDC" => {
                    let properties = operation.operands.get(1);
                    let named = properties.and_then(|o| o.as_dict().ok()).is_some_and(|d| d.has(b"MCID"));
                    open.push(tag == b"Artifact" || named || properties.is_some_and(|o| o.as_name().is_ok()));
                }
                "EMC" => only(open.pop().is_some(), "an end without a beginning")?,
                painting if PAINTS.contains(&painting) => {
                    only(open.contains(&true), format!("{operation:?}"))?
                }
                _ => {}
            }
        }
        only(open.is_empty(), "not closed")
    })
}
