//! Documents keep the rules of PDF/A and PDF/UA whatever stands in them, and lose no row and no character.
#![cfg(feature = "typeset")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod sample;

use documents::{Block, Cell, Column, Document, Error, Style, Table, Text, typeset, typesetter};
use proptest::prelude::*;
use sample::{full, of_blocks};
use testkit::pdf::{broken, mutool, pdftotext, qpdf};

/// Text without the spaces and ends of lines that a page adds.
fn dense(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{c}').collect()
}

#[test]
fn a_document_with_everything_in_it_keeps_every_rule() {
    let pdf = typeset(&full("Какой-то текст 文字")).unwrap();
    assert_eq!(broken(&pdf), Vec::<String>::new());
    qpdf(&pdf).unwrap();
}

#[test]
fn a_broken_rule_is_found() {
    let pdf = typeset(&full("x")).unwrap();
    let text = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let at =
            pdf.windows(from.len()).position(|w| w == from.as_bytes()).unwrap_or_else(|| panic!("{from}"));
        let mut bad = pdf.clone();
        bad[at..at + from.len()].copy_from_slice(to.as_bytes());
        broken(&bad)
    };
    assert!(text("/Marked true", "/Marked null").iter().any(|w| w.contains("6.7.2")));
    assert!(text("/AFRelationship", "/XFRelationship").iter().any(|w| w.contains("6.8")));
    assert!(text("/DisplayDocTitle true", "/DisplayDocTitle null").iter().any(|w| w.contains("UA 7.1")));
    assert!(text("/OutputIntents", "/XutputIntents").iter().any(|w| w.contains("6.2.3")));
    assert!(text("/FontFile", "/XontFile").iter().any(|w| w.contains("6.2.11.4")));
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    let document = full("Same 同 тот же");
    assert!(typeset(&document).unwrap() == typeset(&document).unwrap());
    let name = typesetter().unwrap();
    assert!(name.starts_with("typst 0.") && name.len() > 64, "{name}");
}

#[test]
fn two_readers_find_the_text_of_each_language_unchanged() {
    let texts = [
        ("zh", "虚拟货币“挖矿”活动用电清单：企业名称、规模、算力、耗电量（千瓦时）。"),
        ("ru", "Отчёт о цифровой валюте: адрес-идентификатор, № 221-ФЗ, «майнинг», объём 12,5 МВт·ч."),
        ("kk", "Цифрлық майнинг үшін төлем: ұйым, қуат, әкімшілік, ғимарат, һәм іс-шара."),
        ("nb", "Registrering av datasenter: strømforbruk, årlig, øvrige, «kryptovaluta», § 3-7."),
        ("de", "Energieeffizienzgesetz: Größe, Übermittlung, Abwärme, Straße, „Rechenzentrum“."),
        ("en", "office, affidavit, flow, coefficient: ligatures; naïve café — 100 % ≥ 95 °C, 10⁻³ Wh"),
    ];
    let paragraphs = texts
        .map(|(language, text)| Block::Paragraph(Text::default().in_language(language, Style::Plain, text)));
    let pdf = typeset(&of_blocks(paragraphs.to_vec())).unwrap();
    assert_eq!(broken(&pdf), Vec::<String>::new());
    for found in [pdftotext(&pdf).unwrap(), mutool(&pdf).unwrap()] {
        let found = dense(&found);
        for (_, text) in texts {
            assert!(found.contains(&dense(text)), "{text}\n{found}");
        }
    }
}

#[test]
fn two_thousand_rows_are_two_thousand_rows_and_every_page_has_the_head() {
    let row = |n: usize| {
        let cells = [format!("device-{n:05}"), "站点 site".to_owned()];
        cells.map(|text| Cell::Text(text.into())).to_vec()
    };
    let table = Table {
        caption: "Devices".into(),
        columns: vec![Column { heading: "HEADOFCOLUMN".into(), width: 1, number: false }; 2],
        rows: (0..2_000).map(row).collect(),
        headed: true,
        small: false,
    };
    let pdf = typeset(&of_blocks(vec![Block::Table(table)])).unwrap();
    let pages = lopdf::Document::load_mem(&pdf).unwrap().get_pages().len();
    assert!(pages > 30, "{pages} pages");
    for text in [pdftotext(&pdf).unwrap(), mutool(&pdf).unwrap()] {
        for n in 0..2_000 {
            assert_eq!(text.matches(&format!("device-{n:05}")).count(), 1, "row {n}");
        }
        assert_eq!(text.matches("HEADOFCOLUMN").count(), 2 * pages);
    }
}

#[test]
fn what_no_font_holds_stands_there_by_its_number() {
    let hostile = "a\u{202e}gpj.exe\u{2066} \u{627}\u{644} \u{1f600} \u{200b}\u{5d0} \u{20bb7} \u{e000} e\u{301}\u{301}\u{301}\u{301} \u{7}";
    let pdf = typeset(&of_blocks(vec![Block::Paragraph(hostile.into())])).unwrap();
    assert_eq!(broken(&pdf), Vec::<String>::new());
    for text in [pdftotext(&pdf).unwrap(), mutool(&pdf).unwrap()] {
        for shown in [
            "agpj.exe", "U+0627", "U+0644", "U+1F600", "U+200B", "U+05D0", "U+20BB7", "U+E000", "U+0301",
            "U+0007",
        ] {
            assert!(dense(&text).contains(shown), "{shown}: {text}");
        }
        assert!(!text.contains('\u{202e}') && !text.contains('\u{2066}'));
    }
}

#[test]
fn every_character_of_a_script_is_set_or_numbered() {
    // Whole blocks that no font holds are tried by samples.
    let sampled = |c: &u32| {
        matches!(c, 0x21..=0x5ff | 0x1e00..=0x27ff | 0x2e80..=0x33ff | 0xf900..=0xffff)
            || c.is_multiple_of(13)
    };
    let all: Vec<char> = (0x21..=0xffff_u32).filter(sampled).filter_map(char::from_u32).collect();
    let paragraphs = all.chunks(256).map(|some| {
        let spaced: String = some.iter().flat_map(|c| [*c, ' ']).collect();
        Block::Paragraph(spaced.into())
    });
    let pdf = typeset(&of_blocks(paragraphs.collect())).unwrap();
    assert_eq!(broken(&pdf), Vec::<String>::new());
    let text = pdftotext(&pdf).unwrap();
    let dropped =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let words: std::collections::BTreeSet<&str> = text.split_whitespace().collect();
    let lost = all.iter().filter(|c| {
        let number = format!("U+{:04X}", u32::from(**c));
        !c.is_whitespace()
            && !dropped(**c)
            && !words.contains(c.to_string().as_str())
            && !words.contains(number.as_str())
    });
    let lost: Vec<String> = lost.map(|c| format!("{:04X}", u32::from(*c))).collect();
    assert!(lost.is_empty(), "{} lost: {:?}", lost.len(), &lost[..lost.len().min(50)]);
}

#[test]
fn a_word_of_ten_thousand_letters_stays_on_its_page() {
    let long = "x".repeat(10_000);
    let cell = || Cell::Text(long.as_str().into());
    let table = Table {
        columns: vec![Column { heading: "a".into(), width: 1, number: false }; 3],
        rows: vec![vec![cell(), cell(), cell()]],
        ..Table::default()
    };
    let blocks = vec![Block::Paragraph(long.as_str().into()), Block::Table(table)];
    let pdf = typeset(&of_blocks(blocks)).unwrap();
    assert_eq!(pdftotext(&pdf).unwrap().matches('x').count(), 40_000);
}

#[test]
fn what_stands_on_every_page_does_not_fill_it() {
    let long = "вода 水 \u{627} ".repeat(2_000);
    let column = || Column { heading: long.as_str().into(), width: 1, number: false };
    let rows = vec![vec![Cell::Text("end".into()); 12]; 3];
    let table = Table { columns: (0..12).map(|_| column()).collect(), rows, small: true, ..Table::default() };
    let mut document = of_blocks(vec![Block::Heading(long.as_str().into()), Block::Table(table)]);
    document.running = long.as_str().into();
    document.footer = long.as_str().into();
    let pdf = typeset(&document).unwrap();
    assert_eq!(broken(&pdf), Vec::<String>::new());
    assert_eq!(pdftotext(&pdf).unwrap().matches("end").count(), 36);
}

#[test]
fn what_is_over_a_bound_is_refused_with_the_bound() {
    let table = Table { columns: vec![Column::default(); documents::MAX_COLUMNS + 1], ..Table::default() };
    let error = typeset(&of_blocks(vec![Block::Table(table)])).unwrap_err();
    assert_eq!(error, Error::TooMuch { what: "columns", found: 13, most: 12 });
    let uneven =
        Table { columns: vec![Column::default(); 2], rows: vec![vec![Cell::Bar(1)]], ..Table::default() };
    let error = typeset(&of_blocks(vec![Block::Table(uneven)])).unwrap_err();
    assert_eq!(error, Error::Row { found: 1, expected: 2 });
    let dateless = Document { date: (2026, 2, 30), ..full("x") };
    assert_eq!(typeset(&dateless).unwrap_err(), Error::Date { found: (2026, 2, 30) });
    let mut named = full("x");
    named.attachments[0].name = "../a".into();
    assert!(matches!(typeset(&named), Err(Error::Attachment { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn any_text_in_any_place_gives_a_sound_document(text in "(\\PC|[#\\[\\]$*_`\\\\\"@<>=/-]|\\p{Any}){0,20}") {
        let pdf = typeset(&full(&text)).unwrap();
        prop_assert_eq!(broken(&pdf), Vec::<String>::new());
    }
}
