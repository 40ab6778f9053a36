//! What must hold of every filing, whatever stands in it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod given;

use filing::{Decimal, Filing, Span, html, own_shape, tables};
use given::{Given, site};
use jiff::ToSpan;
use jiff::civil::date;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use std::sync::OnceLock;

fn filing() -> Filing {
    static FILLED: OnceLock<Filing> = OnceLock::new();
    let fill =
        || Given::parse(&site("RU", "RU-KYA", "ru.miner-report", "2026-10", "2026-11-05")).fill().unwrap();
    FILLED.get_or_init(fill).clone()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Any text in a value survives JSON, stays a text in HTML, and begins no cell of a spreadsheet like a formula.
    #[test]
    fn any_value_is_kept_and_shown_as_text(value in "[=+\\-@\t\r\n\"',;<>&a-z中\u{0}-\u{1f}]{1,24}") {
        let mut filing = filing();
        filing.fields[0].cell.value = Some(value.clone());
        let read = Filing::from_json(&filing.to_json()).unwrap();
        prop_assert_eq!(read.fields[0].cell.value.as_ref(), Some(&value));
        let page = html(&filing);
        prop_assert_eq!(page.matches("<th").count(), html(&self::filing()).matches("<th").count());
        for (_, sheet) in tables(&filing).into_iter().chain(own_shape(&filing)) {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(sheet.as_bytes());
            for record in reader.records() {
                for cell in &record.unwrap() {
                    prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{:?}", cell);
                }
            }
        }
    }

    /// No changed byte is read as the same filing.
    #[test]
    fn a_changed_byte_is_never_read_as_the_same_filing(at in 0_usize..4000, byte in any::<u8>()) {
        let filing = filing();
        let mut bytes = filing.to_json().into_bytes();
        let at = at % bytes.len();
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        if let Ok(text) = String::from_utf8(bytes)
            && let Ok(read) = Filing::from_json(&text)
        {
            prop_assert_ne!(read, filing);
        }
    }

    /// Periods that follow each other cut time without a gap or a moment twice, in any zone.
    #[test]
    fn days_of_a_place_follow_each_other(
        zone in prop::sample::select(vec!["Europe/Oslo", "America/Chicago", "Asia/Almaty", "Asia/Shanghai", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]),
        start in 0_i32..20000,
        length in 0_i32..400,
    ) {
        let zone = TimeZone::get(zone).unwrap();
        let from = date(1975, 1, 1).checked_add(start.days()).unwrap();
        let to = from.checked_add(length.days()).unwrap();
        let span = Span::of(from, to, &zone).unwrap();
        let next = Span::of(to.tomorrow().unwrap(), to.tomorrow().unwrap(), &zone).unwrap();
        prop_assert_eq!(span.until_ms, next.from_ms);
        prop_assert_eq!(span.shared(next), 0);
        let hours = span.length() / 3_600_000;
        let days = u64::try_from(length + 1).unwrap();
        prop_assert!(hours + 26 >= days * 24 && hours <= days * 24 + 26, "{} hours of {} days", hours, days);
    }

    /// Sums of exact decimals do not depend on their order and lose nothing.
    #[test]
    fn decimals_add_up_exactly(a in 0_u64..1_000_000_000_000, b in 0_u64..1_000_000_000_000) {
        let of = |n: u64| Decimal::parse(&format!("{}.{:09}", n / 1_000_000_000, n % 1_000_000_000)).unwrap();
        prop_assert_eq!(of(a).plus(of(b)), Some(of(a + b)));
        prop_assert_eq!(Decimal::parse(&of(a).to_string()), Some(of(a)));
    }
}
