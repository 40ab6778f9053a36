//! The rulebooks that ship: sound, with golden cases that decide every provision both ways.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

use rulebook::{
    Diagnostic, Rulebook, Severity, Vocabulary, check, run_cases, shipped, shipped_names, shipped_source,
};

const JURISDICTIONS: [&str; 9] = ["AE-ADGM", "CN", "DE", "EU", "KZ", "NO", "OPEN", "RU", "US-TX"];

fn book(name: &str) -> Rulebook {
    let (rulebook, noticed) = shipped(name).unwrap();
    let errors: Vec<&Diagnostic> = noticed.iter().filter(|d| d.severity == Severity::Error).collect();
    rulebook.unwrap_or_else(|| panic!("{name}: {errors:?}"))
}

#[test]
fn the_vocabulary_and_the_fields_can_be_read() {
    let text = |name: &str| {
        std::fs::read_to_string(format!("{}/../../rulebook/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    };
    Vocabulary::parse(&text("vocabulary.toml"), &text("fields.toml")).unwrap();
}

#[test]
fn nine_rulebooks_ship() {
    assert_eq!(shipped_names(), JURISDICTIONS);
}

#[test]
fn every_golden_case_is_as_expected_and_every_provision_is_decided_both_ways() {
    for name in JURISDICTIONS {
        let report = run_cases(&shipped_source(name).unwrap(), &book(name));
        let differs: Vec<_> = report.outcomes.iter().filter(|o| !o.differs.is_empty()).collect();
        assert!(differs.is_empty(), "{name}: {differs:#?}");
        assert!(report.complete(), "{name}: {:?} {:?}", report.never_applied, report.never_refused);
        assert!(report.outcomes.len() >= 25, "{name}: only {} cases", report.outcomes.len());
    }
}

#[test]
fn checking_finds_nothing_but_notes() {
    for name in JURISDICTIONS {
        let found: Vec<_> =
            check::check(&book(name)).into_iter().filter(|d| d.severity != Severity::Note).collect();
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
}

#[test]
fn the_digest_names_the_text_and_not_the_cases() {
    let mut source = shipped_source("NO").unwrap();
    let digest = source.digest();
    source.add("cases-more.toml", b"").unwrap();
    assert_eq!(source.digest(), digest);
    source.add("more.toml", b"").unwrap();
    assert_ne!(source.digest(), digest);
}
