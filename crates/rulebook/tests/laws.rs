//! Laws that every answer keeps, whatever the rulebook, the case and the order in which things are written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use rulebook::{
    Case, CaseText, Disposition, Judge, Kind, Provision, Rulebook, Source, Value, load, shipped,
    shipped_names, shipped_source, shipped_vocabulary,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// Most combinations of missing facts that a test leaves to be tried, so that it stays fast.
const FACTS_LEFT_OUT: usize = 4;

fn books() -> &'static [Rulebook] {
    static BOOKS: OnceLock<Vec<Rulebook>> = OnceLock::new();
    BOOKS.get_or_init(|| shipped_names().iter().map(|name| shipped(name).unwrap().0.unwrap()).collect())
}

/// The raw choices of a case; what they stand for depends on the rulebook.
#[derive(Clone, Debug)]
struct Raw {
    place: Index,
    day: Index,
    beside: i64,
    activity: Index,
    operator: Option<Index>,
    values: Vec<Index>,
}

fn raw() -> impl Strategy<Value = Raw> {
    let facts = shipped_vocabulary().facts().len();
    let values = prop::collection::vec(any::<Index>(), facts);
    let head = (any::<Index>(), any::<Index>(), -1_i64..=1, any::<Index>(), prop::option::of(any::<Index>()));
    (head, values).prop_map(|((place, day, beside, activity, operator), values)| Raw {
        place,
        day,
        beside,
        activity,
        operator,
        values,
    })
}

fn of<'a, T>(index: &Index, list: &'a [T]) -> &'a T {
    &list[index.index(list.len())]
}

/// A case in which every fact is known: beside a turning day, of an activity that some provision names, at limits.
fn case(raw: &Raw, book: &Rulebook) -> Case {
    let vocabulary = book.vocabulary();
    let day = of(&raw.day, &book.turning_days()).checked_add(raw.beside.days()).unwrap();
    let there = of(&raw.place, &book.places).code.clone();
    let named: BTreeSet<&str> = book
        .provisions
        .iter()
        .filter(|p| !p.of_everything())
        .flat_map(|p| p.activities(vocabulary))
        .collect();
    let named: Vec<&str> = named.into_iter().collect();
    let activity: &&str = of(&raw.activity, &named);
    let mut case = Case::new(&there, day, activity);
    case.operator = raw.operator.map(|o| of(&o, vocabulary.operators()).name.clone());
    for (fact, index) in vocabulary.facts().iter().zip(&raw.values) {
        let value = match &fact.kind {
            Kind::YesNo => Value::YesNo(index.index(2) == 1),
            Kind::Choice { values } => Value::Choice(of(index, values).clone()),
            Kind::Quantity { unit, max } => {
                let limits = book.limits.iter().filter(|l| l.unit == *unit).map(|l| l.value);
                let values: Vec<i64> = limits.flat_map(|l| [l - 1, l, l + 1]).chain([0, *max]).collect();
                Value::Quantity((*of(index, &values)).clamp(0, *max))
            }
        };
        case.facts.insert(fact.name.clone(), value);
    }
    // A part is not larger than its whole: such a case is refused.
    for (part, whole) in [("energy.mining_wh", "energy.account_wh"), ("site.it_power_w", "site.load_w")] {
        let (part, whole) = (part.to_owned(), whole.to_owned());
        if case.facts[&part] > case.facts[&whole] {
            case.facts.insert(part, case.facts[&whole].clone());
        }
    }
    case
}

/// Facts that some provision asks for, for this activity.
fn asked(book: &Rulebook, activity: &str) -> Vec<String> {
    let vocabulary = book.vocabulary();
    let these = book.provisions.iter().filter(|p| p.activities(vocabulary).contains(&activity));
    let facts: BTreeSet<usize> = these.flat_map(|p| p.condition.facts()).collect();
    facts.into_iter().map(|f| vocabulary.facts()[f].name.clone()).collect()
}

/// The text of an answer that does not depend on any order.
type Plain = (Disposition, Vec<Disposition>, BTreeSet<String>, BTreeSet<String>, BTreeSet<String>);

fn plain(book: &Rulebook, case: &Case) -> Plain {
    let judged = Judge::new(book).explain(case).unwrap();
    let missing = judged.missing.iter().map(|m| format!("{m:?}")).collect();
    let cited = judged.provisions.iter().map(|p| format!("{} {:?}", p.provision, p.standing)).collect();
    let owed = judged.obligations.iter().map(|o| format!("{} {}", o.obligation, o.certain)).collect();
    (judged.disposition, judged.could_be, cited, owed, missing)
}

/// The same files with another text of the provisions.
fn rewritten(name: &str, with: impl FnOnce(&str) -> String) -> Rulebook {
    let source = shipped_source(name).unwrap();
    let mut files: BTreeMap<String, String> =
        source.ending("").map(|(file, text)| (file.to_owned(), text.to_owned())).collect();
    let text = with(&files["provisions.cedar"]);
    files.insert("provisions.cedar".to_owned(), text);
    let mut source = Source::default();
    files.iter().for_each(|(file, text)| source.add(file, text.as_bytes()).unwrap());
    let (book, wrong) = load(&source, &shipped_source, shipped_vocabulary());
    book.unwrap_or_else(|| panic!("{wrong:?}"))
}

/// A condition of one to three facts.
fn condition() -> impl Strategy<Value = String> {
    let one = select(vec![
        "context.work.token_link == \"seen\"",
        "context.work.consensus != \"work\"",
        "[\"none\", \"other\"].contains(context.operator.licence)",
        "context.operator.registered",
        "!context.site.home",
        "!context.operator.resident",
        "context.site.is_data_centre",
        "true",
    ]);
    prop::collection::vec((one, any::<bool>()), 1..=3).prop_map(|parts| {
        let joined = parts.iter().enumerate().map(|(i, (part, and))| match (i, and) {
            (0, _) => (*part).to_owned(),
            (_, true) => format!(" && {part}"),
            (_, false) => format!(" || {part}"),
        });
        joined.collect()
    })
}

/// A provision that prohibits something somewhere.
fn prohibition() -> impl Strategy<Value = String> {
    let grade = select(vec!["VP", "VS", "U", "INF"]);
    let who = select(vec![
        "principal",
        "principal in OperatorKind::\"business\"",
        "principal == OperatorKind::\"individual\"",
    ]);
    let what = select(vec![
        "resource",
        "resource in Activity::\"ai\"",
        "resource in Activity::\"consensus\"",
        "resource == Activity::\"mining\"",
        "resource == Activity::\"storage-proving\"",
        "resource in Activity::\"token-business\"",
    ]);
    (grade, who, what, condition()).prop_map(|(grade, who, what, condition)| {
        format!(
            "\n@id(\"law.added\")\n@instrument(\"INSTRUMENT\")\n@article(\"0\")\n@title(\"added\")\n@text(\"added\")\n\
             @grade(\"{grade}\")\npermit ({who}, action == Action::\"prohibited\", {what})\nwhen {{ {condition} }};\n"
        )
    })
}

/// The file's provisions one by one, and what stands before the first.
fn cut(text: &str) -> (String, Vec<String>) {
    let mut starts: Vec<usize> = text.match_indices("\n@id(").map(|(at, _)| at + 1).collect();
    starts.push(text.len());
    let provisions = starts.windows(2).map(|pair| format!("{}\n", &text[pair[0]..pair[1]])).collect();
    (text[..starts[0]].to_owned(), provisions)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn leaving_facts_out_keeps_the_disposition_or_asks_a_person(
        raw in raw(),
        book in any::<Index>(),
        out in prop::collection::vec(any::<Index>(), 1..=FACTS_LEFT_OUT),
        without_operator: bool,
    ) {
        let book = of(&book, books());
        let mut judge = Judge::new(book);
        let mut case = case(&raw, book);
        let asked = asked(book, &case.activity);
        let mut before = judge.decide(&case).unwrap();
        if without_operator {
            case.operator = None;
        }
        for index in &out {
            if !asked.is_empty() {
                case.facts.remove(of(index, &asked));
            }
            let after = judge.decide(&case).unwrap();
            let kept = after.disposition == before.disposition;
            prop_assert!(kept || after.disposition == Disposition::ManualReview, "{before:?} {after:?} {case:?}");
            let all = before.could_be.iter().all(|d| after.could_be.contains(d));
            prop_assert!(all || after.truncated, "{before:?} {after:?} {case:?}");
            before = after;
        }
    }

    #[test]
    fn what_is_not_in_force_yet_is_never_cited(raw in raw(), book in any::<Index>(), which in any::<Index>(), days in 1_i64..4000) {
        let book = of(&book, books());
        let law = of(&which, &book.instruments);
        let first = law.from.unwrap_or(law.dated);
        let mut case = case(&raw, book);
        case.date = first.checked_sub(days.days()).unwrap_or(Date::MIN).max(date(1, 1, 1));
        case.facts.clear();
        let judged = Judge::new(book).explain(&case).unwrap();
        for cited in &judged.provisions {
            let provision: &Provision = book.provision(&cited.provision).unwrap();
            prop_assert!(book.instruments[provision.instrument].id != law.id, "{} cites {}", case.date, cited.provision);
        }
        let own = |id: &str| book.provisions.iter().any(|p| {
            book.instruments[p.instrument].id != law.id && p.obliges.iter().any(|o| book.obligations[*o].id == id)
        });
        prop_assert!(judged.obligations.iter().all(|o| own(&o.obligation)), "{case:?}");
    }
}

proptest! {
    // Each of these loads a rulebook.
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_prohibition_more_never_makes_an_answer_more_lenient(
        text in prohibition(),
        cases in prop::collection::vec((raw(), prop::collection::vec(any::<Index>(), 0..=FACTS_LEFT_OUT)), 100),
        (name, instrument) in select(vec![("OPEN", "open-model"), ("CN", "catalogue-2019"), ("CN", "pboc-2026-42")]),
    ) {
        let before = shipped(name).unwrap().0.unwrap();
        let added = text.replace("INSTRUMENT", instrument);
        let after = rewritten(name, |own| format!("{own}\n{added}"));
        let (mut was, mut is) = (Judge::new(&before), Judge::new(&after));
        for (raw, out) in &cases {
            let mut case = case(raw, &before);
            let asked = asked(&after, &case.activity);
            for index in out.iter().filter(|_| !asked.is_empty()) {
                case.facts.remove(of(index, &asked));
            }
            let (was, is) = (was.decide(&case).unwrap(), is.decide(&case).unwrap());
            let kept = was.disposition == is.disposition;
            let stricter = matches!(is.disposition, Disposition::Prohibited | Disposition::ManualReview);
            prop_assert!(kept || stricter, "{was:?} {is:?} {case:?}{added}");
        }
    }

    #[test]
    fn the_order_of_provisions_and_facts_makes_no_difference(
        which in any::<Index>(),
        keys in prop::collection::vec(any::<u64>(), 100),
        cases in prop::collection::vec((raw(), prop::collection::vec(any::<Index>(), 0..=FACTS_LEFT_OUT)), 30),
    ) {
        let before = of(&which, books());
        let after = rewritten(&before.jurisdiction, |text| {
            let (head, provisions) = cut(text);
            let mut order: Vec<(u64, String)> = keys.iter().cycle().copied().zip(provisions).collect();
            order.sort_by_key(|(key, _)| *key);
            order.into_iter().fold(head, |all, (_, provision)| all + &provision)
        });
        for (raw, out) in &cases {
            let mut case = case(raw, before);
            let asked = asked(before, &case.activity);
            for index in out.iter().filter(|_| !asked.is_empty()) {
                case.facts.remove(of(index, &asked));
            }
            let told = plain(before, &case);
            prop_assert_eq!(&told, &plain(&after, &case));
            prop_assert_eq!(case.clone(), turned(&case));
        }
    }
}

/// The same case written down with its facts in the opposite order, and read again.
fn turned(case: &Case) -> Case {
    let facts: Vec<String> = case
        .facts
        .iter()
        .rev()
        .map(|(name, value)| match value {
            Value::Choice(text) => format!("\"{name}\": \"{text}\""),
            Value::YesNo(b) => format!("\"{name}\": {b}"),
            Value::Quantity(n) => format!("\"{name}\": {n}"),
        })
        .collect();
    let operator = case.operator.as_ref().map(|o| format!("\"operator\": \"{o}\", ")).unwrap_or_default();
    let text = format!(
        "{{{operator}\"place\": \"{}\", \"date\": \"{}\", \"activity\": \"{}\", \"facts\": {{{}}}}}",
        case.place,
        case.date,
        case.activity,
        facts.join(", ")
    );
    CaseText::parse(&text).unwrap().case(shipped_vocabulary()).unwrap()
}
