//! What comes in wrong, late, twice or across an edge: one clear error or one clear gap each.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod given;

use filing::{Filing, FillError, ReadError, Source, html, own_shape, same, tables};
use given::{Given, rows, site};

fn fill(text: &str) -> Filing {
    Given::parse(text).fill().unwrap_or_else(|e| panic!("{e}"))
}

fn training(filing: &Filing) -> String {
    let table = filing.table("activities").expect("a table by activity");
    table.cell(0, "energy.kwh_by_activity").unwrap().value.clone().unwrap_or_default()
}

fn noted(filing: &Filing, part: &str) -> bool {
    filing.notes.iter().any(|note| note.contains(part))
}

#[test]
fn a_month_in_which_clocks_change_has_the_hours_that_it_has_at_the_place() {
    // Norway, March 2026: 31 x 24 - 1 hours from 23:00 UTC on 28 February to 22:00 UTC on 31 March; the hours on either side are
    // not of March. The share of mining is of training and nothing else, so the source tells how many hours were counted.
    let text = site("NO", "NO", "no.registration", "2026-03", "2026-04-02")
        + &rows(1, "2026-02-28T20:00:00Z", "2026-04-01T02:00:00Z", "hour");
    let share = fill(&text).field("work.share_of_energy").unwrap().clone();
    assert_eq!(share.value.as_deref(), Some("0"));
    let Source::Computed { from, .. } = share.source else { panic!("{share:?}") };
    assert_eq!(from[1], ("energy of all work, kWh".to_owned(), "743".to_owned()));
}

#[test]
fn a_quarter_in_which_the_zone_itself_shifts_has_one_hour_more() {
    // Kazakhstan went from UTC+6 to UTC+5 on 1 March 2024: 91 x 24 + 1 hours from 18:00 UTC on 31 December to 19:00 UTC on 31 March.
    let text = site("KZ", "KZ", "kz.fee", "2024-Q1", "2024-04-10")
        + &rows(1, "2023-12-31T12:00:00Z", "2024-04-01T04:00:00Z", "hour").replace("training", "mining");
    let filing = fill(&text);
    assert_eq!(filing.field("energy.kwh_mining").unwrap().value.as_deref(), Some("2185"));
}

#[test]
fn what_straddles_the_edge_of_a_period_is_left_out_and_said_so() {
    // Days of UTC begin at 8 o'clock in Shanghai: of a week of the place only six lie inside, 6 of 7 = 857 ‰ are covered.
    let text = site("CN", "CN-SH", "cn.operating-list", "2026-10-24/2026-10-30", "2026-11-01")
        + &rows(1, "2026-10-23T00:00:00Z", "2026-11-01T00:00:00Z", "day").replace("training", "mining");
    let filing = fill(&text);
    assert!(noted(&filing, "Statements cover 85.7 %"), "{:?}", filing.notes);
    assert!(noted(&filing, "2 rows straddle"), "{:?}", filing.notes);
    let Source::Missing { why, .. } = &filing.field("energy.kwh_total").unwrap().source else { panic!() };
    assert!(why.contains("at least 6 kWh"), "{why}");
}

#[test]
fn a_device_that_moves_counts_for_each_site_while_it_stood_there() {
    let moved = r#"
[[registered]]
kind = "site"
id = "annex"
within = "acme"
from = "2020-01-01"
ordinal = 4
fields = { "site.place" = "OPEN" }
[[registered]]
kind = "device"
id = "d1"
version = 2
within = "annex"
from = "2026-08-11"
device = 1
ordinal = 5
fields = { "device.serial" = "S-1" }
"#;
    let text = site("OPEN", "OPEN", "open.site-report", "2026-Q3", "2026-10-02")
        + moved
        + &rows(1, "2026-07-01T00:00:00Z", "2026-10-01T00:00:00Z", "day");
    // July 31 + August 10 = 41 days; August 21 + September 30 = 51 days.
    let at = |name: &str| {
        let mut given = Given::parse(&text);
        given.site = Some(name.to_owned());
        given.fill().unwrap()
    };
    assert_eq!((training(&at("hall")), training(&at("annex"))), ("41".to_owned(), "51".to_owned()));
    assert!(noted(&at("annex"), "d1 name another site than its registration"));
    let error = Given::parse(&text).fill().unwrap_err().to_string();
    assert!(error.contains("annex, hall"), "{error}");
}

#[test]
fn a_licence_that_ends_within_the_period_is_said_and_its_days_are_used() {
    let text = site("RU", "RU-KYA", "ru.miner-report", "2026-10", "2026-11-05").replace(
        "kind = \"operator\"\nid = \"acme\"\nfrom = \"2020-01-01\"\nordinal = 1\nfields = { ",
        "kind = \"operator\"\nid = \"acme\"\nfrom = \"2020-01-01\"\nuntil = \"2026-10-20\"\nordinal = 1\nfields = { \"licence.number\" = \"L-7\", ",
    );
    let filing = fill(&text);
    assert!(noted(&filing, "Licence L-7 of operator acme ended on 2026-10-20"), "{:?}", filing.notes);
    assert_eq!(filing.field("party.legal_name").unwrap().value.as_deref(), Some("Acme"));
}

#[test]
fn a_period_that_has_not_ended_is_refused_and_what_begins_later_is_not_used() {
    let text = site("RU", "RU-KYA", "ru.miner-report", "2026-10", "2026-10-31");
    assert!(Given::parse(&text).fill().is_ok());
    let early = text.replace("today = \"2026-10-31\"", "today = \"2026-10-30\"");
    let error = Given::parse(&early).fill().unwrap_err();
    assert!(matches!(error, FillError::Future { .. }), "{error}");

    let later = site("OPEN", "OPEN", "open.token-report", "2026-Q3", "2026-10-05").replace(
        "id = \"d1\"\nwithin = \"hall\"\nfrom = \"2020-01-01\"",
        "id = \"d1\"\nwithin = \"hall\"\nfrom = \"2026-10-02\"",
    );
    assert_eq!(fill(&later).field("device.count").unwrap().value, None, "the device came after the quarter");
}

#[test]
fn a_planned_site_is_filled_in_for_a_registration_and_said_to_be_planned() {
    let text = site("US-TX", "US-TX", "tx.vcm-registration", "2026-10-05", "2026-10-05").replace(
        "id = \"hall\"\nwithin = \"acme\"\nfrom = \"2020-01-01\"",
        "id = \"hall\"\nwithin = \"acme\"\nfrom = \"2027-01-01\"",
    );
    let filing = fill(&text);
    assert_eq!(filing.site.as_deref(), Some("hall"));
    assert!(noted(&filing, "site hall is registered from 2027-01-01 on"), "{:?}", filing.notes);
}

#[test]
fn a_filing_after_the_rulebook_changed_says_so() {
    let text = site("RU", "RU-KYA", "ru.miner-report", "2026-10", "2026-11-05");
    let mut given = Given::parse(&text);
    let mut before = given.fill().unwrap();
    before.law.digest = "f".repeat(64);
    given.earlier.push(before);
    assert!(noted(
        &given.fill().unwrap(),
        "The rulebook has changed since the filing for 2026-10-01 to 2026-10-31"
    ));
}

fn claim(period: &str, today: &str, invoice: &str) -> Given {
    let work = format!(
        r#"
[[registered]]
kind = "workload"
id = "llm"
within = "hall"
from = "2024-01-01"
ordinal = 9
fields = {{ "work.activity" = "training", "contract.number" = "HT-1", "contract.invoice" = "{invoice}" }}
"#
    );
    Given::parse(&(site("CN", "CN-BJ", "cn.voucher-claim", period, today) + &work))
}

#[test]
fn a_voucher_is_not_claimed_twice_and_the_error_names_the_earlier_claim() {
    let first = claim("2025-Q1", "2025-05-01", "INV-1").fill().unwrap();
    let refused = |mut given: Given| {
        given.earlier.push(first.clone());
        given.fill().map_err(|e| e.to_string())
    };
    assert!(refused(claim("2025-Q1", "2025-05-01", "INV-1")).is_ok(), "the same claim is amended");
    assert!(refused(claim("2025-Q2", "2025-08-01", "INV-2")).is_ok(), "other days, another invoice");
    let twice = refused(claim("2025-Q2", "2025-08-01", "INV-1")).unwrap_err();
    assert!(
        twice.contains("invoice 'INV-1'") && twice.contains("acme for 2025-01-01 to 2025-03-31"),
        "{twice}"
    );
    let overlap = refused(claim("2025-03-01/2025-05-31", "2025-08-01", "INV-2")).unwrap_err();
    assert!(overlap.contains("contract 'HT-1'"), "{overlap}");
}

#[test]
fn readings_with_a_day_twice_or_a_hole_are_no_sum() {
    let read = |from: &str, to: &str| {
        format!(
            "[[read]]\nsubject = \"hall\"\nfield = \"energy.kwh_total\"\nfrom = \"{from}\"\nto = \"{to}\"\nvalue = \"10\"\nmeter = \"m\"\nby = \"ann\"\n"
        )
    };
    let total = |readings: String| {
        let text = site("OPEN", "OPEN", "open.site-report", "2026-Q3", "2026-10-02") + &readings;
        fill(&text).field("energy.kwh_total").unwrap().value.clone()
    };
    assert_eq!(
        total(read("2026-07-01", "2026-08-31") + &read("2026-09-01", "2026-09-30")).as_deref(),
        Some("20")
    );
    assert_eq!(
        total(read("2026-07-01", "2026-08-31") + &read("2026-08-31", "2026-09-30")),
        None,
        "a day twice"
    );
    assert_eq!(total(read("2026-07-01", "2026-08-30") + &read("2026-09-01", "2026-09-30")), None, "a hole");
    assert_eq!(total(read("2026-06-30", "2026-09-30")), None, "a day too early");
}

#[test]
fn names_periods_and_typed_values_that_do_not_suit_are_refused_with_what_was_expected() {
    let good = site("RU", "RU-KYA", "ru.miner-report", "2026-10", "2026-11-05");
    let error = |from: &str, to: &str| Given::parse(&good.replace(from, to)).fill().unwrap_err().to_string();
    assert!(error("ru.miner-report", "ru.miner-repart").contains("did you mean 'ru.miner-report'"));
    assert!(error("\"2026-10\"", "\"2026-Q3\"").contains("expected 2026-07-01 to 2026-07-31"));
    assert!(error("\"2026-10\"", "\"October\"").contains("YYYY-MM"));
    assert!(error("operator = \"acme\"", "operator = \"nobody\"").contains("no operator 'nobody'"));
    let typed = |field: &str, value: &str| {
        let text = format!("{good}[[typed]]\nfield = \"{field}\"\nvalue = \"{value}\"\nby = \"ann\"\n");
        Given::parse(&text).fill()
    };
    assert!(matches!(typed("work.amount", "-1"), Err(FillError::Typed { .. })));
    assert!(matches!(typed("no.such", "1"), Err(FillError::Typed { .. })));
    let wallets = typed("party.wallets", "bitcoin:x").unwrap();
    assert_eq!(wallets.field("party.wallets").unwrap().source, Source::Person { name: "ann".to_owned() });
}

#[test]
fn nothing_in_a_value_becomes_a_formula_or_a_tag() {
    let text = site("RU", "RU-KYA", "ru.miner-report", "2026-10", "2026-11-05")
        .replace("\"Acme\"", "\"=HYPERLINK(<script>alert('1')</script>)\"");
    let filing = fill(&text);
    let page = html(&filing);
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
    for (name, sheet) in tables(&filing).into_iter().chain(own_shape(&filing)) {
        assert!(!sheet.contains(",=") && !sheet.starts_with('='), "{name}: {sheet}");
    }
    assert!(tables(&filing)[0].1.contains("'=HYPERLINK"));
}

#[test]
fn a_filing_is_read_in_its_one_form_only() {
    let filing = fill(&site("RU", "RU-KYA", "ru.miner-report", "2026-10", "2026-11-05"));
    let json = filing.to_json();
    assert_eq!(Filing::from_json(&json).unwrap(), filing);
    assert!(matches!(
        Filing::from_json(&json.replace("  \"to\"", " \"to\"")),
        Err(ReadError::NotTheForm { .. })
    ));
    assert!(matches!(
        Filing::from_json(&json.replace("overt.filing/1", "overt.filing/9")),
        Err(ReadError::Schema { .. })
    ));
    assert!(matches!(Filing::from_json("{}"), Err(ReadError::Form(_))));
    let mut hidden = filing.clone();
    hidden.gaps.clear();
    assert!(
        matches!(Filing::from_json(&hidden.to_json()), Err(ReadError::Inconsistent { .. })),
        "gaps left out"
    );
    let mut changed = filing.clone();
    changed.fields[0].cell.value = Some("Other".to_owned());
    let differences = same(&filing, &changed);
    assert_eq!(differences.len(), 1);
    assert_eq!(differences[0].at, "/fields/0/cell/value");
}
