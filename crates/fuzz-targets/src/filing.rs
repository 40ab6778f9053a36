//! Filings: documents that come back from people, dossiers and other registries.

use filing::{Filing, html, own_shape, same, tables};

/// A filing with gaps, and one with lists and every kind of source that golden filings have.
const SEEDS: [&str; 3] = [
    include_str!("../../filing/tests/golden/KZ/fee-2026-gap/filing.json"),
    include_str!("../../filing/tests/golden/CN/voucher-claim-gaps/filing.json"),
    include_str!("../../filing/tests/golden/OPEN/token-report/filing.json"),
];

/// Reads a filing; what is read is written as the same bytes, is the same as itself, and can be shown.
pub fn filing(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(filing) = Filing::from_json(&text) else { return };
    assert_eq!(filing.to_json(), text, "a filing has one form");
    assert!(same(&filing, &filing).is_empty(), "a filing differs from itself");
    let page = html(&filing);
    assert!(!page.contains("<script"), "a value became a tag");
    assert_eq!(tables(&filing).len(), filing.tables.len() + 1);
    assert_eq!(own_shape(&filing).len(), filing.tables.len() + 1);
}

/// Golden filings.
pub fn seeds() -> Vec<Vec<u8>> {
    SEEDS.iter().map(|text| text.as_bytes().to_vec()).collect()
}
