//! Cases judged, rulebooks shown, what falls due.

use crate::support::{Busy, Folder, json, refused, said};
use serde_json::Value;

const MINING: &str = "place = \"CN-SC\"\ndate = \"2023-05-01\"\noperator = \"company\"\nactivity = \"mining\"\n[facts]\nwork.token_link = \"seen\"\nenergy.account_wh = \"120 MWh\"\n";

#[test]
fn shipped_rulebooks_are_listed_and_shown_like_a_law() {
    let list = said(&["rules", "list"]);
    for name in ["CN", "RU", "KZ", "US-TX", "EU", "DE", "NO", "AE-ADGM", "OPEN"] {
        assert!(list.lines().any(|l| l.trim_start().starts_with(name)), "{name} is not listed:\n{list}");
    }
    let facts = said(&["rules", "facts"]);
    assert!(facts.contains("site.load_w") && facts.contains("sole-proprietor"), "{facts}");
    let law = said(&["rules", "show", "CN", "--date", "2022-01-01"]);
    for words in [
        "发改运行〔2021〕1283号",
        "Mining is in the eliminated class",
        "→ prohibited: mining",
        "Obligations",
        "not legal advice",
    ] {
        assert!(law.contains(words), "nothing of '{words}'");
    }
    assert!(!law.contains("银发〔2026〕42号"), "a law of 2026 is shown as in force in 2022");
}

#[test]
fn a_case_is_judged_with_its_articles_and_its_charge() {
    let folder = Folder::new("judge");
    let facts = folder.file("facts.toml", MINING);
    let answer = json(&["rules", "judge", "--facts", &facts, "--json"]);
    let judgement = &answer["judgement"];
    assert_eq!(judgement["disposition"], "prohibited");
    let provisions = judgement["provisions"].as_array().unwrap();
    let decided: Vec<&Value> = provisions.iter().filter(|p| p["standing"] == "decides").collect();
    assert!(decided.iter().any(|p| p["provision"] == "cn.catalogue-2019.item-7"), "{decided:?}");
    // 120 MWh at 2.00 yuan for each kWh of the whole account.
    let charge = judgement["charges"].as_array().unwrap().iter().find(|c| c["charge"] == "sichuan").unwrap();
    assert_eq!(charge["amount_e2"], 24_000_000);
    let shown = said(&["rules", "judge", "--facts", &facts]);
    assert_eq!(shown.matches("not legal advice").count(), 1, "{shown}");
}

#[test]
fn wrong_facts_are_refused_with_one_clear_error() {
    let folder = Folder::new("facts");
    for (name, old, new, words) in [
        ("type", "\"seen\"", "7", &["work.token_link", "one of seen, not-seen"][..]),
        ("value", "\"seen\"", "\"sene\"", &["sene", "seen, not-seen"]),
        ("negative", "\"120 MWh\"", "-5", &["energy.account_wh", "0 to"]),
        ("absurd", "\"120 MWh\"", "\"99999999 TWh\"", &["energy.account_wh"]),
        ("unit", "\"120 MWh\"", "\"120 MW\"", &["unit", "Wh"]),
        ("place", "CN-SC", "CN-XX", &["CN-XX", "CN-SC"]),
        ("nowhere", "CN-SC", "Atlantis", &["Atlantis", "OPEN"]),
        ("date", "2023-05-01", "2023-02-30", &["2023-02-30", "YYYY-MM-DD"]),
        ("activity", "mining", "minning", &["minning", "mining"]),
        ("operator", "company", "guild", &["guild", "company"]),
        ("unknown", "work.token_link", "work.token_links", &["did you mean 'work.token_link'"]),
        (
            "part",
            "energy.account_wh = \"120 MWh\"",
            "energy.account_wh = 5\nenergy.mining_wh = 6",
            &["cannot both hold"],
        ),
        ("syntax", "[facts]", "[facts", &["line 5"]),
    ] {
        let file = folder.file(name, MINING.replacen(old, new, 1));
        refused(&["rules", "judge", "--facts", &file], words);
    }
    refused(&["rules", "judge", "--facts", "/no/such/file"], &["/no/such/file"]);
    let binary = folder.file("binary", [0xff, 0xfe, 0x00]);
    refused(&["rules", "judge", "--facts", &binary], &["binary"]);
}

#[test]
fn what_falls_due_is_listed_with_the_fields_of_its_form() {
    let files = Folder::new("due");
    let registration = files.file(
        "registration.toml",
        "place = \"RU-MOW\"\noperator = \"company\"\nactivities = [\"mining\"]\n[facts]\nwork.token_link = \"seen\"\noperator.registered = true\noperator.convictions = false\n[events]\nregistration = \"2025-02-10\"\n",
    );
    let window = ["--from", "2025-03-01", "--to", "2025-05-31", "--json"];
    let answer = json(&[&["rules", "due", "--registration", &registration], &window[..]].concat());
    let all = answer["due"].as_array().unwrap();
    let report = all.iter().find(|d| d["obligation"] == "ru.miner-report").unwrap();
    let dates: Vec<&str> =
        report["dates"].as_array().unwrap().iter().map(|d| d["date"].as_str().unwrap()).collect();
    assert_eq!(dates, ["2025-03-20", "2025-04-20", "2025-05-20"]);
    assert_eq!(report["form"]["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let required = report["form"]["required"].as_array().unwrap();
    assert!(required.iter().any(|f| f == "party.wallets"), "{required:?}");
    let backwards =
        ["rules", "due", "--registration", &registration, "--from", "2025-03-01", "--to", "2025-02-01"];
    refused(&backwards, &["before"]);
}

#[test]
fn without_a_place_nothing_is_judged_and_with_one_every_finding_is() {
    let _busy = Busy::hashing();
    let plain = json(&["look", "--duration", "1", "--json"]);
    assert!(plain.get("judged").is_none());
    let judged = json(&["look", "--duration", "2", "--json", "--place", "OPEN", "--date", "2026-06-01"]);
    let workloads = judged["workloads"].as_array().unwrap();
    let answers = judged["judged"]["workloads"].as_array().unwrap();
    assert_eq!(workloads.len(), answers.len());
    assert!(!answers.is_empty(), "{judged}");
    assert!(answers.iter().all(|a| !a["dispositions"].as_array().unwrap().is_empty()), "{judged}");
    refused(&["look", "--place", "CN-XX"], &["CN-XX"]);
    refused(&["look", "--date", "2026-01-01"], &["--place"]);
    refused(&["look", "--place", "OPEN", "--operator", "guild"], &["guild"]);
}

#[test]
fn derived_figures_are_worked_out_and_nonsense_is_pointed_out() {
    let files = Folder::new("derive");
    let figures = "energy.kwh_total = 5200000\nenergy.kwh_it = 4000000\nenergy.water_in = 3100\nenergy.kwh_reuse = 520000\nenergy.kwh_renewable_goo = 1000000\nenergy.kwh_renewable_ppa = 500000\nenergy.kwh_renewable_onsite = 60000\n";
    let file = files.file("figures.toml", figures);
    let answer =
        json(&["rules", "derive", "--rulebook", "DE", "--figures", &file, "--date", "2025-12-31", "--json"]);
    // By hand: 5.2/4 = 1.3; 3100/4000 = 0.775; 0.52/5.2 = 0.1; 1.56/5.2 = 0.3.
    for (id, by_hand) in [("pue", 1.3), ("wue", 0.775), ("erf", 0.1), ("ref", 0.3)] {
        let derived = answer["derived"].as_array().unwrap();
        let found: Vec<&Value> = derived.iter().filter(|d| d["id"] == id).collect();
        assert_eq!(found.len(), 1, "{id}: {found:?}");
        assert!((found[0]["value"].as_f64().unwrap() - by_hand).abs() < 1e-9, "{id}: {found:?}");
    }
    let swapped = files.file("swapped.toml", "energy.kwh_total = 4\nenergy.kwh_it = 5\n");
    let said = said(&["rules", "derive", "--figures", &swapped]);
    assert!(said.contains("PUE would be 0.8") || said.contains("pue would be 0.8"), "{said}");
    assert!(said.contains("energy.water_in is not given"), "{said}");
    let unknown = files.file("unknown.toml", "energy.kwh = 4\n");
    refused(&["rules", "derive", "--figures", &unknown], &["energy.kwh", "no field"]);
}
