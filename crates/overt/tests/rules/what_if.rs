//! Comparing, backtesting, the old tests.

use crate::support::{Folder, json, provision, refused, said};
use serde_json::Value;
use std::path::Path;

const RECORD: &str = r#"{"device":"d1","owner":"o","operator":"company","place":"OPEN","at":"2026-03-01T00:00:00Z","interval_s":3600,"energy_wh":1000,"readings":[{"activity":"mining","probability":0.75},{"activity":"data","probability":0.25}],"token_link":"seen","facts":{"operator.registered":true,"site.load_w":600000,"site.home":false,"work.declared_otherwise":false}}"#;

#[test]
fn comparing_shows_a_case_that_is_decided_otherwise_by_solver_and_without() {
    let folder = Folder::copy("compare", "OPEN");
    folder.append("provisions.cedar", &provision("context.site.load_w > context.limit.register_load_w"));
    for how in [&["--exhaustive"][..], &[]] {
        let args = ["rules", "compare", "OPEN", folder.path(), "--date", "2026-06-01", "--json"];
        let answer = json(&[&args, how].concat());
        let changes = answer["comparison"]["changes"].as_array().unwrap();
        assert!(!changes.is_empty());
        assert!(changes.iter().all(|c| c["new"] == "prohibited" && c["activity"] == "mining"), "{changes:?}");
        for change in changes {
            let load = change["witness"]["site.load_w"].as_i64().unwrap();
            assert!(load > 500_000, "a site of {load} W is not above the limit");
        }
    }
    let same = json(&["rules", "compare", "OPEN", "OPEN", "--json"]);
    assert!(same["comparison"]["changes"].as_array().unwrap().is_empty());
    let years = said(&["rules", "compare", "CN@2020-01-01", "CN@2022-01-01"]);
    assert!(years.contains("mining: manual-review → prohibited"), "{years}");
}

#[test]
fn a_backtest_counts_energy_by_probability_and_draws_it() {
    let folder = Folder::copy("backtest", "OPEN");
    folder.append("provisions.cedar", &provision("context.site.load_w > context.limit.register_load_w"));
    let files = Folder::new("history");
    let history = files.file("history.jsonl", format!("{RECORD}\n{RECORD}\n"));
    let picture = files.0.join("moves.svg");
    let draft = ["rules", "backtest", "--rulebook", folder.path(), "--against", "OPEN"];
    let answer = json(&[&draft[..], &[&history, "--picture", picture.to_str().unwrap(), "--json"]].concat());
    assert_eq!(answer["findings"], 2);
    let changed = answer["changed"]["kwh"].as_f64().unwrap();
    assert!((changed - 1.5).abs() < 1e-9, "{changed} kWh; expected three quarters of two");
    let svg = std::fs::read_to_string(&picture).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("prohibited"), "{svg}");
}

#[test]
fn history_that_is_cut_off_or_wrong_is_refused_with_its_line_and_nothing_is_counted() {
    let files = Folder::new("cut");
    let cut = RECORD.get(..RECORD.len() / 2).unwrap();
    for (name, content, words) in [
        ("cut", format!("{RECORD}\n{cut}"), &["line 2", "nothing was counted"][..]),
        ("negative", RECORD.replace("1000", "-1000"), &["energy_wh", "line 1"]),
        ("huge", RECORD.replace("1000", "1e300"), &["energy_wh"]),
        ("sum", RECORD.replace("0.75", "0.95"), &["probabilities"]),
        ("fact", RECORD.replace("site.load_w", "site.load"), &["did you mean"]),
        ("time", RECORD.replace("2026-03-01T", "2026-13-01T"), &["RFC 3339"]),
        ("empty", String::new(), &["no finding"]),
        ("page", "<html></html>".to_owned(), &["line 1"]),
    ] {
        let path = files.file(name, content);
        let picture = files.0.join(format!("{name}.svg"));
        let call = ["rules", "backtest", "--rulebook", "OPEN", &path, "--picture", picture.to_str().unwrap()];
        refused(&call, words);
        assert!(!Path::new(&picture).exists(), "{name}: half an answer was left behind");
    }
}

#[test]
fn the_old_tests_are_held_against_the_evidence() {
    let files = Folder::new("old");
    // A quiet mine, and a training server that draws twice the limit.
    let one = RECORD
        .replace("\"probability\":0.75", "\"probability\":0.99")
        .replace(",{\"activity\":\"data\",\"probability\":0.25}", "");
    let mine = one.replace("1000,\"readings", "300,\"readings");
    let honest = one
        .replace("\"d1\"", "\"d2\"")
        .replace("mining", "training")
        .replace("1000,\"readings", "2000,\"readings");
    let history = files.file("history.jsonl", format!("{mine}\n{honest}\n"));
    let report = json(&["rules", "compare-old-tests", &history, "--json"]);
    let power = &report["report"]["scores"]["power"];
    assert_eq!(
        (&power["missed"], &power["wrongly_called_ai"]),
        (&Value::from(1), &Value::from(1)),
        "{report}"
    );
}
