//! The documents of a dossier: set from the entries, set again when it is checked, and named when they were not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use dossier::{
    CONTENTS, Checked, Contents, Entries, Gather, InPlace, Reader, Scope, Writer, build, check, policy,
};
use ed25519_zebra::{SigningKey, VerificationKey};
use jiff::civil::date;
use registry::{Command, Registry, Rules};
use statement::{Bundle, Digest, Filed, Nonce, to_cbor};
use testkit::{Fleet, MemoryStore};
use tlog::VerifierKey;
use verify::Mark;

const ORIGIN: &str = "registry.example/log";
/// 2026-11-18 14:13:20 UTC.
const NOW: u64 = 1_795_011_200_000;
/// A filing as it is handed in.
const FILING: &str = include_str!("../../filing/tests/golden/OPEN/token-report/filing.json");

fn policy_text() -> String {
    let key = VerificationKey::from(&SigningKey::from([42; 32]));
    format!("log {}\nquorum none\n", VerifierKey::log(ORIGIN, key.into()).unwrap())
}

fn rules() -> Rules {
    Rules::new(vec![rulebook::shipped("OPEN").unwrap().0.unwrap()]).unwrap()
}

/// A dossier of two devices and a filing.
fn dossier() -> Vec<u8> {
    let registry =
        Registry::open(MemoryStore::default(), ORIGIN, SigningKey::from([42; 32]), rules()).unwrap();
    let record = |by: &str, wish| {
        registry.record(by, vec![wish], NOW, || Nonce([1; 16])).unwrap().remove(0).unwrap();
    };
    let mut fleet = Fleet::new(1, 2, "OPEN", NOW - 86_400_000, NOW).unwrap();
    fleet.enrolments().collect::<Vec<_>>().into_iter().for_each(|wish| record("test", wish));
    let bodies: Vec<u8> = fleet.minute().flatten().collect();
    registry.admit(vec![registry.check(&bodies).unwrap()], NOW).unwrap();
    let operator = registry.core().state.operators.keys().next().unwrap().clone();
    let filed = Filed {
        obligation: "open.token-report".into(),
        operator: operator.clone(),
        site: None,
        from: date(2026, 7, 1),
        to: date(2026, 9, 30),
        version: 0,
        rulebook: Digest::of(b"rulebook"),
        checked_by: "王 Person".into(),
        why: String::new(),
        document: FILING.into(),
        signature: None,
    };
    record("ann", Command::File(filed));
    while let Some(sealed) = registry.seal().unwrap() {
        registry.publish(sealed.checkpoint.note().to_string().as_bytes(), sealed.head, sealed.next).unwrap();
    }
    let scope = Scope {
        operator: operator.to_string(),
        from: date(2026, 11, 1),
        to: date(2026, 11, 30),
        zone: "Asia/Shanghai".into(),
    };
    let (rules, published) = (rules(), registry.published());
    let mut gather = Gather::new(scope, &rules).unwrap();
    gather.checkpoint = String::from_utf8(published.note).unwrap();
    let mut sheaves = Vec::new();
    for leaf in 0..published.head.size {
        sheaves.extend(gather.narrow(registry.sheaf(leaf).unwrap(), &|_, _| false).unwrap());
    }
    let head = Bundle::new(gather.checkpoint.clone(), "dossier".into(), sheaves.len() as u64);
    let piece = |bytes: Vec<u8>| to_cbor(&minicbor::bytes::ByteVec::from(bytes));
    let mut log = piece(to_cbor(&head));
    sheaves.iter().for_each(|sheaf| log.extend(piece(to_cbor(sheaf))));
    let (crc, sha256) = (crc32fast::hash(&log), Digest::of(&log));
    let entries = Entries { from: log.as_slice(), bytes: log.len() as u64, crc, sha256 };
    let built = build(Vec::new(), &gather, policy_text().as_bytes(), entries, "0.1.0").unwrap();
    assert!(built.unset.is_empty(), "{:?}", built.unset);
    built.out
}

fn members(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut reader = Reader::new(bytes);
    let mut all = Vec::new();
    while let Some(member) = reader.next_member().unwrap() {
        all.push((member.name, reader.whole(1 << 30).unwrap()));
    }
    all
}

/// The dossier with its contents changed, and every hash made to fit.
fn forged(bytes: &[u8], change: impl FnOnce(&mut Contents, &mut Vec<(String, Vec<u8>)>)) -> Vec<u8> {
    let mut members = members(bytes);
    let (_, contents) = members.remove(0);
    let mut contents = Contents::read(&contents).unwrap();
    change(&mut contents, &mut members);
    contents.files.retain(|listed| members.iter().any(|(name, _)| *name == listed.name));
    for listed in &mut contents.files {
        let (_, content) = members.iter().find(|(name, _)| *name == listed.name).unwrap();
        (listed.bytes, listed.sha256) = (content.len() as u64, Digest::of(content).to_string());
    }
    let mut writer = Writer::new(Vec::new());
    writer.add(CONTENTS, contents.text().as_bytes()).unwrap();
    members.iter().for_each(|(name, content)| writer.add(name, content).unwrap());
    writer.finish().unwrap()
}

fn checked(bytes: &[u8]) -> Checked {
    let trusted = policy(policy_text().as_bytes()).unwrap();
    check(bytes, Some(&trusted), &rules(), &mut InPlace::default()).unwrap()
}

fn said(checked: &Checked, mark: Mark) -> String {
    let steps = checked.report.steps.iter().filter(|s| s.mark == mark);
    steps.map(|s| s.text.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_set_the_documents_is_named_and_what_cannot_is_not() {
    let bytes = dossier();
    let members = members(&bytes);
    let contents = Contents::read(&members[0].1).unwrap();
    assert_eq!(contents.typesetter, documents::typesetter());
    let pdf: Vec<&str> =
        members.iter().map(|(name, _)| name.as_str()).filter(|n| n.ends_with(".pdf")).collect();
    assert_eq!(pdf.len(), if documents::AVAILABLE { 2 } else { 0 }, "{pdf:?}");
    assert!(checked(&bytes).report.holds());
}

#[test]
fn the_documents_keep_the_rules_of_archives_and_show_both_languages() {
    let members = members(&dossier());
    let folder = std::env::var_os("OVERT_PAPER").map(std::path::PathBuf::from);
    for (name, content) in members.iter().filter(|(name, _)| name.ends_with(".pdf")) {
        assert_eq!(testkit::pdf::broken(content), Vec::<String>::new(), "{name}");
        if let Some(folder) = &folder {
            std::fs::write(folder.join(format!("dossier-{}", name.replace('/', "-"))), content).unwrap();
        }
    }
    let Some((_, summary)) = members.iter().find(|(name, _)| name == "summary.pdf") else { return };
    for text in [testkit::pdf::pdftotext(summary).unwrap(), testkit::pdf::mutool(summary).unwrap()] {
        for part in
            ["What was seen", "观察到的活动", "本文件不能证明", "open.token-report", "王 Person", ORIGIN]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}

#[test]
fn a_document_that_was_changed_with_all_its_hashes_is_named_with_the_place() {
    if !documents::AVAILABLE {
        return;
    }
    let bytes = dossier();
    for step in 0..40_usize {
        let mut place = 0;
        let bad = forged(&bytes, |_, members| {
            let (_, pdf) = members.iter_mut().find(|(name, _)| name == "summary.pdf").unwrap();
            place = step * 7919 % pdf.len();
            pdf[place] ^= 1 << (step % 8);
        });
        let found = said(&checked(&bad), Mark::Fails);
        let expected = format!(
            "summary.pdf does not follow from the entries: set again it differs from byte {place} on"
        );
        assert!(found.contains(&expected), "{expected}: {found}");
    }
    let bad = forged(&bytes, |_, members| members.retain(|(name, _)| name != "summary.pdf"));
    assert!(said(&checked(&bad), Mark::Fails).contains("summary.pdf is missing"));
    let bad = forged(&bytes, |contents, _| contents.typesetter = None);
    assert!(said(&checked(&bad), Mark::Fails).contains("summary.pdf does not follow from the entries"));
}

#[test]
fn documents_of_another_typesetter_are_said_not_to_have_been_compared() {
    if !documents::AVAILABLE {
        return;
    }
    let bytes = forged(&dossier(), |contents, _| contents.typesetter = Some("typst 99.0".into()));
    let checked = checked(&bytes);
    assert!(checked.report.holds(), "{:?}", checked.report);
    assert!(!checked.report.is_complete());
    let open = said(&checked, Mark::Open);
    assert!(
        open.contains("summary.pdf and the other documents (2 PDF)") && open.contains("typst 99.0"),
        "{open}"
    );
    assert!(open.contains("read summary.html"), "{open}");
}
