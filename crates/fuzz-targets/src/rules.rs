//! Rulebooks, files of facts and history: texts that anybody may write.

use rulebook::{CaseText, Source, load, shipped_source, shipped_vocabulary};
use wire::history::{self, Defaults};

/// A small rulebook whose parts the mutated bytes replace, one after another.
const RULEBOOK: &str = include_str!("../../../rulebook/NO/rulebook.toml");
const INSTRUMENTS: &str = include_str!("../../../rulebook/NO/instruments.toml");
const LIMITS: &str = include_str!("../../../rulebook/NO/limits.toml");
const OBLIGATIONS: &str = include_str!("../../../rulebook/NO/obligations.toml");
const PROVISIONS: &str = include_str!("../../../rulebook/NO/provisions.cedar");

const FILES: [(&str, &str); 5] = [
    ("rulebook.toml", RULEBOOK),
    ("instruments.toml", INSTRUMENTS),
    ("limits.toml", LIMITS),
    ("obligations.toml", OBLIGATIONS),
    ("provisions.cedar", PROVISIONS),
];

/// Loads a rulebook in which the bytes stand for one file, which is chosen by what they look like.
pub fn rulebook(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let stands_for =
        FILES.iter().find(|(_, whole)| alike(&text, whole)).map_or("provisions.cedar", |(name, _)| name);
    let mut source = Source::default();
    for (name, whole) in FILES {
        let content = if name == stands_for { text.as_bytes() } else { whole.as_bytes() };
        if source.add(name, content).is_err() {
            return;
        }
    }
    let (rulebook, noticed) = load(&source, &shipped_source, shipped_vocabulary());
    let errors = noticed.iter().any(|d| d.severity == rulebook::Severity::Error);
    assert_eq!(rulebook.is_none(), errors, "a rulebook is refused with an error, and only then");
    if let Some(rulebook) = rulebook {
        let found = rulebook::check::check(&rulebook);
        assert!(
            found.iter().all(|d| d.severity != rulebook::Severity::Error),
            "an error that loading did not see"
        );
    }
}

/// Whether a text begins as a file does: mutations seldom reach the first letters.
fn alike(text: &str, whole: &str) -> bool {
    whole.chars().zip(text.chars()).take(24).filter(|(a, b)| a == b).count() > 12
}

/// The files of a rulebook.
pub fn rulebook_seeds() -> Vec<Vec<u8>> {
    FILES.iter().map(|(_, text)| text.as_bytes().to_vec()).collect()
}

/// Reads a file of facts; what is read is judged.
pub fn facts(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(read) = CaseText::parse(&text) else { return };
    let Ok(case) = read.case(shipped_vocabulary()) else { return };
    let (Some(rulebook), _) = rulebook::shipped("OPEN").unwrap_or_default() else { return };
    if let Ok(judgement) = rulebook::Judge::new(&rulebook).explain(&case) {
        assert!(judgement.could_be.contains(&judgement.disposition) || judgement.could_be.len() != 1);
    }
}

/// Files of facts in both forms.
pub fn facts_seeds() -> Vec<Vec<u8>> {
    let toml = "place = \"OPEN\"\ndate = \"2026-03-01\"\noperator = \"company\"\nactivity = \"mining\"\n[facts]\nwork.token_link = \"seen\"\nsite.load_w = \"1.5 MW\"\n";
    let json = r#"{"place":"OPEN","date":"2026-03-01","activity":"training","facts":{"work.token_link":"not-seen","operator":{"registered":true}}}"#;
    vec![toml.as_bytes().to_vec(), json.as_bytes().to_vec()]
}

/// Reads history; every record that is handed on is within its bounds.
pub fn history(bytes: &[u8]) {
    let defaults = Defaults { place: Some("OPEN".to_owned()), zone: jiff::tz::TimeZone::UTC };
    let mut handed = 0_u64;
    let outcome = history::read(bytes, shipped_vocabulary(), &defaults, |record, interval| {
        handed += 1;
        assert!(
            interval.is_finite()
                && interval >= 0.0
                && record.energy_wh.is_finite()
                && record.energy_wh >= 0.0
        );
        assert!(record.readings.iter().all(|r| (0.0..=1.0).contains(&r.probability)));
    });
    if let Ok(count) = outcome {
        assert_eq!(count, handed, "records that were counted and not handed on");
    }
}

/// A line, several lines, and an answer of `overt look --json`.
pub fn history_seeds() -> Vec<Vec<u8>> {
    let line = r#"{"device":"d1","owner":"o","operator":"company","place":"OPEN","at":"2026-01-02T03:04:05Z","interval_s":3600,"energy_wh":350.5,"readings":[{"activity":"mining","probability":0.9},{"activity":"general","probability":0.1}],"token_link":"seen","facts":{"site.load_w":1000}}"#;
    let look = r#"{
  "schema": "overt.look/1",
  "started": "2026-01-02T03:04:05Z",
  "interval_s": 5.0,
  "workloads": [{"name": "xz", "activity": "compression", "probability": 0.9, "token_link": {"state": "not-seen", "why": []}}]
}"#;
    vec![line.as_bytes().to_vec(), format!("{line}\n{line}\n").into_bytes(), look.as_bytes().to_vec()]
}
