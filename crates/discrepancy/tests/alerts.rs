//! What alerts tell, when, and what they never do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use discrepancy::Kind;
use discrepancy::alert::{
    Acknowledgement, Change, MAX_OWED, Notification, Quiet, Rule, Settings, Signal, State, cloud_event, mail,
    open_metrics, signals, tick,
};
use facts::Activity;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use std::collections::BTreeSet;
use support::*;

const RULE: Rule = Rule { on: true, raise: 0.5, clear: 0.2, weight: 1.0, hold_minutes: 5, rest_minutes: 10 };

fn settings() -> Settings {
    Settings::default().with(Kind::UndeclaredActivity, RULE)
}

fn signal(key: &str, size: f64) -> Signal {
    Signal {
        key: key.into(),
        kind: "undeclared-activity".into(),
        site: "hall".into(),
        device: None,
        size,
        weight: Some(2.5),
        prohibited: false,
        contested: false,
        en: format!("{key} mines"),
        zh: format!("{key} 挖矿"),
    }
}

/// Ticks minute by minute; what was told with the minute.
fn run(sizes: &[Option<f64>], settings: &Settings) -> (State, Vec<(u64, Change)>) {
    let (mut state, mut told) = (State::default(), Vec::new());
    for (minute, size) in (0_u64..).zip(sizes) {
        let seen: Vec<Signal> = size.iter().map(|size| signal("a", *size)).collect();
        let (next, out) = tick(state, minute * MINUTE_MS, &seen, settings);
        state = next;
        told.extend(out.into_iter().map(|n| (minute, n.change)));
    }
    (state, told)
}

#[test]
fn an_alert_opens_after_its_hold_and_clears_after_its_rest() {
    let sizes: Vec<Option<f64>> = [vec![Some(1.0); 20], vec![None; 20]].concat();
    let (state, told) = run(&sizes, &settings());
    assert_eq!(told, [(5, Change::Opened), (30, Change::Cleared)]);
    assert!(state.alerts.is_empty());
}

#[test]
fn what_is_weak_or_short_or_switched_off_raises_nothing() {
    assert_eq!(run(&[vec![Some(1.0); 5], vec![None; 20]].concat(), &settings()).1, []);
    let weak = Settings::default().with(Kind::UndeclaredActivity, Rule { weight: 3.0, ..RULE });
    assert_eq!(run(&[Some(1.0); 60], &weak).1, []);
    let off = Settings::default().with(Kind::UndeclaredActivity, Rule { on: false, ..RULE });
    assert_eq!(run(&[Some(1.0); 60], &off).1, []);
}

#[test]
fn an_acknowledged_alert_is_told_again_only_when_the_word_expires() {
    let mut settings = settings();
    settings.again_ms = 10 * MINUTE_MS;
    let (mut state, _) = run(&[Some(1.0); 6], &settings);
    let word =
        Acknowledgement { by: "duty".into(), note: "known\r\nBcc: x".into(), until_ms: 100 * MINUTE_MS };
    state.acknowledge("a", word.clone()).unwrap();
    assert!(!state.alerts["a"].acknowledged.as_ref().unwrap().note.contains('\n'));
    assert!(state.acknowledge("b", word).is_err());
    let mut told = Vec::new();
    for minute in 6..120 {
        let (next, out) = tick(state, minute * MINUTE_MS, &[signal("a", 1.0)], &settings);
        state = next;
        told.extend(out.into_iter().map(|n| (minute, n.change)));
    }
    assert_eq!(told, [(100, Change::Still), (110, Change::Still)]);
}

#[test]
fn many_alerts_of_one_kind_at_one_site_are_one_message() {
    let seen: Vec<Signal> = (0..50).map(|n| signal(&format!("k{n}"), 1.0)).collect();
    let (state, _) = tick(State::default(), 0, &seen, &settings());
    let (_, told) = tick(state, 5 * MINUTE_MS, &seen, &settings());
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].alerts.len(), 50);
    assert!(mail(&told[0]).body.contains("and 30 more"));
}

#[test]
fn prohibited_work_breaks_through_quiet_hours_if_set() {
    let mut settings = settings();
    settings.quiet = Quiet::parse("24/7", TimeZone::UTC).unwrap();
    let prohibited = Signal { prohibited: true, ..signal("a", 1.0) };
    let both = [prohibited, signal("b", 1.0)];
    let (state, _) = tick(State::default(), 0, &both, &settings);
    let (_, told) = tick(state.clone(), 5 * MINUTE_MS, &both, &settings);
    assert_eq!(told.iter().map(|n| n.alerts[0].signal.key.as_str()).collect::<Vec<_>>(), ["a"]);
    settings.prohibited_breaks_quiet = false;
    assert_eq!(tick(state, 5 * MINUTE_MS, &both, &settings).1, []);
}

#[test]
fn settings_are_read_and_mistakes_are_named() {
    let zone = |_: &str| Some(TimeZone::fixed(jiff::tz::offset(8)));
    let text = "again_hours = 6\n[quiet]\nhours = \"22:00-07:00\"\nzone = \"Asia/Shanghai\"\n\
                [rule.silent-device]\nraise = 0.1\nclear = 0.05\nhold_minutes = 30\n";
    let settings = Settings::parse(text, zone).unwrap();
    assert_eq!(settings.rule("silent-device").hold_minutes, 30);
    assert!(
        settings.quiet.at(15 * 3_600_000) && !settings.quiet.at(3 * 3_600_000),
        "by the clock of the place"
    );
    for (text, named) in [
        ("[rule.silent-devices]\n", "silent-device,"),
        ("[rule.silent-device]\nclear = 9.0\n", "silent-device: clear is 9"),
        ("[rule.silent-device]\nraise = nan\n", "raise is NaN"),
        ("[quiet]\nhours = \"at night\"\n", "'at night'"),
        ("again_hours = 0", "expected 1 to 8760"),
        ("agian_hours = 1", "agian_hours"),
    ] {
        let error = Settings::parse(text, zone).unwrap_err().to_string();
        assert!(error.contains(named), "{text}: {error}");
    }
    assert!(
        Settings::parse("[quiet]\nhours=\"24/7\"\nzone=\"Mars\"", |_| None)
            .unwrap_err()
            .to_string()
            .contains("Mars")
    );
}

fn hostile() -> Notification {
    let mut bad = signal("a\r\nBcc: all@example.org", 1.0);
    bad.en = "x\r\n\r\n.\r\nMAIL FROM:<x>\u{202e}".into();
    bad.site = "hall\"\n".into();
    let (state, _) = tick(State::default(), 0, std::slice::from_ref(&bad), &settings());
    tick(state, 5 * MINUTE_MS, &[bad], &settings()).1.remove(0)
}

#[test]
fn hostile_names_end_no_line_of_a_mail_and_no_metric() {
    let mail = mail(&hostile());
    assert!(!mail.subject.contains(['\r', '\n']) && mail.subject.chars().count() <= 120);
    assert!(!mail.body.contains('\r') && !mail.body.lines().any(|l| l == "." || l.starts_with("MAIL")));
    let (state, _) = tick(
        State::default(),
        0,
        &hostile().alerts.iter().map(|a| a.signal.clone()).collect::<Vec<_>>(),
        &settings(),
    );
    let (state, _) = tick(
        state,
        5 * MINUTE_MS,
        &hostile().alerts.iter().map(|a| a.signal.clone()).collect::<Vec<_>>(),
        &settings(),
    );
    let text = open_metrics(&state);
    assert!(text.contains("overt_alerts{site=\"hall\\\"\\n\",kind=\"undeclared-activity\"} 1"), "{text}");
}

#[test]
fn a_webhook_is_a_cloud_event_of_version_1_0() {
    let event = cloud_event(&hostile(), "https://registry.example");
    for required in ["specversion", "id", "source", "type"] {
        assert!(event[required].as_str().is_some_and(|s| !s.is_empty()), "{required}");
    }
    assert_eq!(event["specversion"], "1.0");
    assert_eq!(event["time"], "1970-01-01T00:05:00Z");
    assert_eq!(event["data"]["alerts"][0]["strength"], "moderately strong");
}

#[test]
fn differences_become_alerts_and_the_state_survives_a_restart() {
    let entries = vec![registered(1, "hall"), declared(&[("work.activity", "training")])];
    let findings = [work("train", Activity::Training, 950), miner()];
    let seen = signals(&compared(entries, &minutes(1, 0..120, &findings)).differences);
    assert_eq!(seen.len(), 1);
    let (state, _) = tick(State::default(), FROM_MS, &seen, &Settings::default());
    let kept: State = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
    assert_eq!(kept, state);
    let (_, told) = tick(kept, FROM_MS + 5 * MINUTE_MS, &seen, &Settings::default());
    assert!(mail(&told[0]).body.contains("挖矿"));
}

#[test]
fn who_took_a_message_is_not_owed_it_again_and_who_did_not_is() {
    let both: BTreeSet<String> = ["hook".into(), "mail".into()].into();
    let (mut state, told) = opened();
    state.owe(&told, &both);
    state.taken(told[0].number, "hook");
    assert!(state.owed("hook").is_empty());
    assert_eq!(state.owed("mail"), told, "the same message, with its number and time");
    let kept: State = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
    assert_eq!(kept, state, "a restart forgets none");
    state.taken(told[0].number, "mail");
    assert!(state.outbox.pending.is_empty());
}

#[test]
fn who_is_not_told_any_more_is_owed_nothing_and_that_is_said() {
    let (mut state, told) = opened();
    state.owe(&told, &["hook".into(), "mail".into()].into());
    assert_eq!(state.keep_receivers(&["mail".into()].into()), [("hook".to_owned(), 1)].into());
    assert_eq!(state.owed("mail").len(), 1);
}

#[test]
fn who_never_takes_anything_is_owed_so_much_and_no_more() {
    let (mut state, told) = opened();
    for number in 0..1_010 {
        state.owe(&[Notification { number, ..told[0].clone() }], &["mail".into()].into());
    }
    assert_eq!(state.owed("mail").len(), MAX_OWED);
    assert_eq!(state.owed("mail")[0].number, 10, "the oldest were let go");
    assert_eq!(state.outbox.let_go["mail"], 10, "and counted");
}

#[test]
fn a_state_of_before_there_were_several_receivers_is_read() {
    let old: State = serde_json::from_str("{\"alerts\": {}, \"next\": 7}").unwrap();
    assert_eq!(old, State { next: 7, ..State::default() });
}

fn opened() -> (State, Vec<Notification>) {
    let seen = [signal("a", 1.0)];
    let (state, _) = tick(State::default(), 0, &seen, &settings());
    tick(state, 5 * MINUTE_MS, &seen, &settings())
}

proptest! {
    #[test]
    fn nothing_flaps_while_it_stays_between_clear_and_raise(sizes in prop::collection::vec(0.2_f64..0.5, 1..200)) {
        let between: Vec<Option<f64>> = sizes.into_iter().map(Some).collect();
        prop_assert_eq!(run(&between, &settings()).1, vec![]);
        let begun: Vec<Option<f64>> = std::iter::repeat_n(Some(1.0), 6).chain(between).collect();
        prop_assert_eq!(run(&begun, &settings()).1, vec![(5, Change::Opened)]);
    }

    #[test]
    fn the_order_of_signals_in_a_tick_changes_nothing(
        ticks in prop::collection::vec(prop::collection::vec((0_u8..6, 0.0_f64..1.0), 0..12), 1..40),
    ) {
        let (mut forward, mut backward) = (State::default(), State::default());
        for (minute, drawn) in (0_u64..).zip(ticks) {
            let mut seen: Vec<Signal> = drawn.iter().map(|(k, size)| signal(&format!("k{k}"), *size)).collect();
            let (state, told) = tick(forward, minute * MINUTE_MS * 3, &seen, &settings());
            seen.reverse();
            let (other, told_too) = tick(backward, minute * MINUTE_MS * 3, &seen, &settings());
            prop_assert_eq!(&state, &other);
            prop_assert_eq!(told, told_too);
            (forward, backward) = (state, other);
        }
    }

    #[test]
    fn quiet_hours_lose_nothing(up in prop::collection::vec(any::<bool>(), 1..120)) {
        // The same minutes once loud and once quiet, then an hour of rest for both, loud.
        let sizes: Vec<Option<f64>> = up.iter().map(|up| up.then_some(1.0)).collect();
        let minutes = sizes.len() as u64;
        let loud = settings();
        let mut quiet = settings();
        quiet.quiet = Quiet::parse("24/7", TimeZone::UTC).unwrap();
        let rest = |state: State, from: u64| {
            let (mut state, mut told) = (state, Vec::new());
            for minute in from..from + 60 {
                let (next, out) = tick(state, minute * MINUTE_MS, &[], &loud);
                state = next;
                told.extend(out.into_iter().map(|n| n.change));
            }
            told
        };
        let (after_loud, told_loud) = run(&sizes, &loud);
        let (after_quiet, told_quiet) = run(&sizes, &quiet);
        prop_assert_eq!(told_quiet, vec![]);
        let opened = told_loud.iter().any(|(_, c)| *c == Change::Opened) || rest(after_loud, minutes).contains(&Change::Opened);
        let told = rest(after_quiet, minutes);
        prop_assert_eq!(told.contains(&Change::Opened), opened);
        prop_assert_eq!(told.contains(&Change::Cleared), opened);
    }
}
