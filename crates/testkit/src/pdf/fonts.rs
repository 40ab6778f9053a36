//! Rules about fonts.

use super::{Found, Pdf, of, only};
use lopdf::{Dictionary, Object};

fn fonts<'a>(pdf: &'a Pdf<'_>, kind: &[u8]) -> Vec<&'a Dictionary> {
    let is = |d: &&Dictionary| {
        d.get(b"Type").and_then(Object::as_name).ok() == Some(b"Font")
            && d.get(b"Subtype").and_then(Object::as_name).ok() == Some(kind)
    };
    pdf.dictionaries().filter(is).collect()
}

pub(super) fn embedded(pdf: &Pdf<'_>) -> Found {
    let simple = [b"Type1".as_slice(), b"TrueType", b"MMType1"].into_iter().flat_map(|kind| fonts(pdf, kind));
    let parts = [b"CIDFontType0".as_slice(), b"CIDFontType2"].into_iter().flat_map(|kind| fonts(pdf, kind));
    for font in simple.chain(parts) {
        let descriptor = pdf.dictionary(font, b"FontDescriptor").ok_or("a font without a descriptor")?;
        let inside =
            [b"FontFile".as_slice(), b"FontFile2", b"FontFile3"].iter().any(|key| descriptor.has(key));
        only(inside, format!("{font:?}"))?;
    }
    Ok(())
}

pub(super) fn encoded(pdf: &Pdf<'_>) -> Found {
    for font in fonts(pdf, b"Type0") {
        let encoding = pdf.get(font, b"Encoding").ok_or("no encoding")?;
        let identity = encoding.as_name().is_ok_and(|n| n == b"Identity-H" || n == b"Identity-V");
        only(identity || encoding.as_stream().is_ok(), format!("{encoding:?}"))?;
        let parts = pdf.get(font, b"DescendantFonts").and_then(|o| o.as_array().ok()).ok_or("no parts")?;
        for part in parts {
            let part = of(pdf.follow(part)).ok_or("no part")?;
            let truetype = part.get(b"Subtype").and_then(Object::as_name).ok() == Some(b"CIDFontType2");
            only(!truetype || part.has(b"CIDToGIDMap"), "no CIDToGIDMap")?;
        }
    }
    Ok(())
}

pub(super) fn mapped(pdf: &Pdf<'_>) -> Found {
    let kinds = [b"Type0".as_slice(), b"Type1", b"TrueType", b"Type3"];
    for font in kinds.iter().flat_map(|kind| fonts(pdf, kind)) {
        let map =
            pdf.get(font, b"ToUnicode").and_then(|o| o.as_stream().ok()).ok_or("a font without a map")?;
        let text = String::from_utf8_lossy(&map.get_plain_content().unwrap_or_default()).into_owned();
        for target in targets(&text) {
            for unit in target {
                let private = (0xe000..=0xf8ff).contains(&unit);
                only(!private && ![0, 0xfeff, 0xfffe].contains(&unit), format!("{unit:04X}"))?;
            }
        }
    }
    Ok(())
}

/// What codes are mapped to: the last hexadecimal text of each line, in units of UTF-16.
fn targets(map: &str) -> Vec<Vec<u16>> {
    let lines = map.lines().filter(|line| line.starts_with('<') && !line.contains("begin"));
    let last = lines.filter(|line| line.matches('<').count() > 1 && !line.contains("codespace"));
    last.filter_map(|line| {
        let hex = line.rsplit('<').next()?.split('>').next()?;
        (0..hex.len() / 4).map(|at| u16::from_str_radix(hex.get(at * 4..at * 4 + 4)?, 16).ok()).collect()
    })
    .collect()
}
