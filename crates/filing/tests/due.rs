//! Which filings fall due: by what was declared, what was observed, and what is not known.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod given;

use filing::{Certainty, Due, DueInputs, DueState, Known, due};
use given::{Given, book, name};
use jiff::civil::{Date, date};
use statement::{Digest, Filed};

fn text(rulebook: &str, place: &str, operator: &str, site: &str, work: &str) -> String {
    format!(
        r#"
rulebook = "{rulebook}"
obligation = ""
period = ""
today = "2026-11-22"
operator = "acme"
[[registered]]
kind = "operator"
id = "acme"
from = "2020-01-01"
ordinal = 1
fields = {{ "operator.kind" = "company" {operator} }}
[[registered]]
kind = "site"
id = "hall"
within = "acme"
from = "2020-01-01"
ordinal = 2
fields = {{ "site.place" = "{place}" {site} }}
{work}
"#
    )
}

fn work(fields: &str) -> String {
    format!(
        "[[registered]]\nkind = \"workload\"\nid = \"w\"\nwithin = \"hall\"\nfrom = \"2020-01-01\"\nordinal = 3\nfields = {{ {fields} }}\n"
    )
}

fn list(text: &str, filed: &[Filed], from: Date, to: Date) -> Due {
    let given = Given::parse(text);
    let (register, rows, rulebook) = (given.register(), given.rows(), book(&given.rulebook));
    let inputs = DueInputs {
        register: &register,
        rulebook: &rulebook,
        operator: &name("acme"),
        sites: &[],
        observed: &rows,
        known: &Known::default(),
        filed,
        today: given.today,
    };
    due(&inputs, from, to)
}

fn filed(version: u32, month: i8) -> Filed {
    Filed {
        obligation: "ru.miner-report".to_owned(),
        operator: name("acme"),
        site: None,
        from: date(2026, month, 1),
        to: date(2026, month, 1).last_of_month(),
        version,
        rulebook: Digest::of(b"any"),
        checked_by: "ann".to_owned(),
        why: String::new(),
        document: String::new(),
        signature: None,
    }
}

#[test]
fn a_monthly_report_is_overdue_open_filed_or_amended() {
    let miner = text("RU", "RU-KYA", "", "", &work("\"work.activity\" = \"mining\""));
    let filings = [filed(1, 8), filed(1, 9), filed(2, 9)];
    let list = list(&miner, &filings, date(2026, 9, 1), date(2026, 12, 31));
    let months: Vec<(Date, DueState)> = list
        .items
        .iter()
        .filter(|i| i.duty.obligation == "ru.miner-report")
        .map(|i| (i.date, i.state))
        .collect();
    // On 22 November: August filed, September amended, October overdue since the 20th, November open.
    let expected = [
        (date(2026, 9, 20), DueState::Filed { version: 1 }),
        (date(2026, 10, 20), DueState::Amended { version: 2 }),
        (date(2026, 11, 20), DueState::Overdue),
        (date(2026, 12, 20), DueState::Open),
    ];
    assert_eq!(months, expected);
    let item = list.items.iter().find(|i| i.duty.obligation == "ru.miner-report").unwrap();
    assert_eq!(item.duty.to, "Federal Tax Service");
    assert_eq!((item.duty.grade.as_str(), item.covers), ("VS", Some((date(2026, 8, 1), date(2026, 8, 31)))));
}

#[test]
fn what_depends_on_a_missing_fact_is_listed_with_the_fact() {
    let site = |fields| text("EU", "FR", "", fields, &work("\"work.activity\" = \"inference\""));
    let report = |text: &str| {
        let list = list(text, &[], date(2026, 1, 1), date(2026, 12, 31));
        list.items
            .into_iter()
            .find(|i| i.duty.obligation == "eu.eed.report")
            .map(|i| (i.date, i.duty.certainty))
    };
    let may = date(2026, 5, 15);
    assert_eq!(
        report(&site("")),
        Some((may, Certainty::Depends { facts: vec!["operator.sector".into(), "site.it_power_w".into()] }))
    );
    assert_eq!(
        report(&site(", \"site.pd_it\" = \"600\", \"operator.sector\" = \"other\"")),
        Some((may, Certainty::Certain))
    );
    assert_eq!(report(&site(", \"site.pd_it\" = \"90\"")), None, "a small site owes nothing");
}

#[test]
fn mining_that_was_seen_and_not_declared_brings_its_reports() {
    let seen = r#"
[[observed]]
site = "hall"
device = 1
activity = "mining"
token = "seen"
from = "2026-10-05T00:00:00Z"
until = "2026-10-06T00:00:00Z"
each = "day"
cpu_ms = 1
statements = 1
seen_ms = 1
coverage_ms = 1
first = 1
"#;
    let list = list(&text("RU", "RU-KYA", "", "", seen), &[], date(2026, 11, 1), date(2026, 12, 31));
    let reports: Vec<_> = list.items.iter().filter(|i| i.duty.obligation == "ru.miner-report").collect();
    assert_eq!(
        reports.iter().map(|i| i.date).collect::<Vec<_>>(),
        [date(2026, 11, 20)],
        "only October has mining"
    );
    assert!(reports[0].duty.activities.contains("mining"));
}

#[test]
fn what_has_no_date_is_listed_apart_with_the_reason() {
    let host = text(
        "RU",
        "RU-KYA",
        ", \"operator.hosts_miners\" = \"yes\"",
        "",
        &work("\"work.activity\" = \"mining\""),
    );
    let undated = list(&host, &[], date(2026, 11, 1), date(2026, 12, 31)).undated;
    let why = |id: &str| {
        undated.iter().find(|u| u.duty.obligation == id).map(|u| u.why.clone()).unwrap_or_default()
    };
    assert!(why("ru.client-report").contains("the period of the report was not found"));
    assert!(why("ru.register-miner").contains("register work.start of the workload"), "{undated:#?}");
}

#[test]
fn a_term_after_an_event_is_counted_from_what_was_registered() {
    // 30 October 2026 is a Friday: one working day later is Monday, 2 November, which a person confirms because of holidays.
    let facts = ", \"site.load_w\" = \"80000000\", \"site.interruptible_share\" = \"95\", \"site.began\" = \"after-rule\", \"site.start_date\" = \"2026-10-30\"";
    let texas = text("US-TX", "US-TX", "", facts, &work("\"work.activity\" = \"mining\""));
    let list = list(&texas, &[], date(2026, 10, 1), date(2027, 3, 31));
    let item = list.items.iter().find(|i| i.duty.obligation == "tx.vcm-registration").unwrap();
    assert_eq!((item.date, item.confirm, item.duty.site.as_deref()), (date(2026, 11, 2), true, Some("hall")));
    assert_eq!(item.duty.certainty, Certainty::Certain);
    assert!(item.duty.penalty.contains("25,000"));
    assert!(list.items.iter().any(|i| i.duty.obligation == "tx.vcm-renewal" && i.date == date(2027, 3, 1)));
}

#[test]
fn a_rule_that_is_unverified_makes_nothing_certain() {
    let kz =
        text("KZ", "KZ", ", \"operator.resident\" = \"yes\"", "", &work("\"work.activity\" = \"mining\""));
    let fees = |from, to| -> Vec<(Date, Certainty)> {
        let list = list(&kz, &[], from, to);
        let fees = list.items.into_iter().filter(|i| i.duty.obligation == "kz.fee");
        fees.map(|i| (i.date, i.duty.certainty)).collect()
    };
    assert_eq!(
        fees(date(2026, 1, 1), date(2026, 1, 31)),
        [(date(2026, 1, 20), Certainty::Certain)],
        "for 2025"
    );
    assert_eq!(
        fees(date(2026, 4, 1), date(2026, 4, 30)),
        [(date(2026, 4, 20), Certainty::Unverified)],
        "for 2026"
    );
}
