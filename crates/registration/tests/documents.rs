//! Documents of registrations: what is read, what is refused, at which line and with which help.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use jiff::civil::date;
use registration::{Reading, Wishes, document};
use statement::Kind;

fn reading() -> Reading<'static> {
    Reading::new(rulebook::shipped_vocabulary(), date(2026, 6, 1))
}

fn value(wishes: &Wishes, at: usize, field: &str) -> String {
    wishes.subjects[at].fields.iter().find(|(name, _)| name == field).unwrap().1.clone()
}

const DOCUMENT: &str = r#"
[[operator]]
id = "acme"
title = "Acme Ltd"
kind = "company"
fields = { "party.legal_name" = "Acme Ltd", party.reg_no = "91110000" }

[[site]]
id = "hall"
operator = "acme"
place = "CN-SC"
facts = { "site.load_w" = "2 MW" }
from = 2026-01-01
[site.fields]
site.address = "1 Mill Road"
site.pd_it = 1500.5

[[device]]
id = "rack-1"
site = "hall"
until = "2027-01-01"
fields = { serial = ["a", "b"], special_equipment = true, made = 2025-03-04 }

[[workload]]
id = "training"
site = "hall"
fields = { work.activity = "training", work.payer = "" }
"#;

#[test]
fn a_document_is_read_with_its_lines() {
    let wishes = document(DOCUMENT.as_bytes(), &reading()).unwrap();
    let heads: Vec<(Kind, &str, u64)> =
        wishes.subjects.iter().map(|w| (w.kind, w.id.as_str(), w.line)).collect();
    assert_eq!(
        heads,
        [
            (Kind::Operator, "acme", 2),
            (Kind::Site, "hall", 8),
            (Kind::Device, "rack-1", 18),
            (Kind::Workload, "training", 24)
        ]
    );
    assert_eq!(value(&wishes, 1, "site.pd_it"), "1500.5");
    assert_eq!(value(&wishes, 2, "device.serial"), "a; b");
    assert_eq!(value(&wishes, 2, "device.special_equipment"), "yes");
    assert_eq!(value(&wishes, 2, "device.made"), "2025-03-04");
    assert_eq!(value(&wishes, 3, "work.payer"), "", "what is named as empty is taken away");
    assert_eq!(wishes.sites[0].facts.as_ref().unwrap()["site.load_w"], "2000000");
    assert_eq!(wishes.operators[0].kind.as_deref(), Some("company"));
}

#[test]
fn the_same_document_as_json_says_the_same() {
    let json = serde_json::json!({
        "operator": [{ "id": "acme", "title": "Acme Ltd", "kind": "company",
            "fields": { "party.legal_name": "Acme Ltd", "party": { "reg_no": "91110000" } } }],
        "site": [{ "id": "hall", "operator": "acme", "place": "CN-SC", "facts": { "site.load_w": 2_000_000 },
            "from": "2026-01-01", "fields": { "site.address": "1 Mill Road", "site.pd_it": 1500.5 } }],
        "device": [{ "id": "rack-1", "site": "hall", "until": "2027-01-01",
            "fields": { "serial": ["a", "b"], "special_equipment": true, "made": "2025-03-04" } }],
        "workload": [{ "id": "training", "site": "hall", "fields": { "work.activity": "training", "work.payer": "" } }],
    });
    let without_lines = |bytes: &[u8]| {
        let mut wishes = document(bytes, &reading()).unwrap();
        wishes.operators.iter_mut().for_each(|o| o.line = 0);
        wishes.sites.iter_mut().for_each(|s| s.line = 0);
        wishes.subjects.iter_mut().for_each(|w| w.line = 0);
        wishes
    };
    let text = serde_json::to_string_pretty(&json).unwrap();
    assert_eq!(without_lines(text.as_bytes()), without_lines(DOCUMENT.as_bytes()));
}

#[test]
fn mistakes_of_a_document_name_their_lines() {
    for (text, word) in [
        ("[[device]]\nid = \"a\"\n", "line 1: no site is named"),
        ("[[operator]]\nid = \"a\"\ntitel = \"A\"\n", "line 3: unknown field"),
        ("\n[[operator]]\nid = \"a\"\nplace = \"CN\"\n", "line 2: 'place' says nothing of a operator"),
        (
            "[[operator]]\nid = \"a\"\ntitle = \"A\"\nkind = \"firm\"\n",
            "line 1: 'firm' is not a kind of operator",
        ),
        (
            "[[workload]]\nid = \"a\"\nsite = \"h\"\nfields = { work.activity = \"minning\" }\n",
            "expected one of",
        ),
        (
            "[[operator]]\nid = \"a\"\nfields = { party.legal_nam = \"A\" }\n",
            "did you mean 'party.legal_name'?",
        ),
        (
            "[[site]]\nid = \"a\"\noperator = \"o\"\nplace = \"CN\"\nfacts = { site.lod_w = 1 }\n",
            "site.load_w",
        ),
        (
            "[[operator]]\nid = \"a\"\n[[operator]]\nid = \"a\"\n",
            "line 3: operator 'a' stands in line 1 already",
        ),
        ("id = ", "line 1:"),
        ("{ \"device\": [ ] ", "line 1:"),
    ] {
        let mistakes = document(text.as_bytes(), &reading()).unwrap_err().list;
        assert!(mistakes[0].to_string().contains(word), "expected '{word}': {mistakes:?}");
    }
    let said = document(b"[[operator]]\nid = \"\xb1\xc8\xcc\xd8\xb1\xd2\"\n", &reading()).unwrap_err();
    assert!(
        said.list[0].to_string().starts_with("line 2: this is not UTF-8; it looks like GB18030"),
        "{said:?}"
    );
}

#[test]
fn a_personal_value_is_never_repeated() {
    let text = "[[operator]]\nid = \"a\"\nfields = { party.convictions_declaration = \"convicted once\" }\n";
    let said = document(text.as_bytes(), &reading()).unwrap_err().list[0].to_string();
    assert!(said.contains("(not shown)") && !said.contains("convicted"), "{said}");
}
