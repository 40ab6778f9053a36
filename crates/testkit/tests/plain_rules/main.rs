//! The engine of rulebooks held against the plain evaluator, which gets to its answers in another way.
//!
//! `OVERT_PLAIN_SEED=7 OVERT_PLAIN_CASES=2000000 cargo test -p testkit --test plain_rules` draws other cases, and more.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod draw;

use draw::{Draw, Urn};
use rulebook::{Case, Judge, Rulebook, Value};
use std::collections::{BTreeMap, BTreeSet};
use testkit::plain_rules::{Answer, Book, Files, Question};

const VOCABULARY: &str = include_str!("../../../../rulebook/vocabulary.toml");
/// Cases over all rulebooks.
const CASES: usize = 100_000;
/// Where the numbers begin, unless the environment says otherwise.
const SEED: u64 = 0x6f76_6572_7421;

fn files(name: &str) -> Option<Files> {
    let source = rulebook::shipped_source(name)?;
    Some(source.ending("").map(|(file, text)| (file.to_owned(), text.to_owned())).collect())
}

fn engines() -> Vec<Rulebook> {
    let all = rulebook::shipped_names();
    all.iter().map(|name| rulebook::shipped(name).unwrap().0.expect("it ships without an error")).collect()
}

fn plain(name: &str) -> Book {
    Book::read(VOCABULARY, name, &files).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().map_or(default, |text| text.parse().expect("a whole number"))
}

fn case(question: &Question) -> Case {
    let mut case = Case::new(&question.place, question.date.parse().unwrap(), &question.activity);
    case.operator.clone_from(&question.operator);
    for (name, value) in &question.facts {
        let value = match value {
            serde_json::Value::Bool(b) => Value::YesNo(*b),
            serde_json::Value::String(text) => Value::Choice(text.clone()),
            other => Value::Quantity(other.as_i64().unwrap()),
        };
        case.facts.insert(name.clone(), value);
    }
    case
}

fn engine(judge: &mut Judge<'_>, question: &Question) -> Answer {
    let judged = judge.explain(&case(question)).unwrap_or_else(|e| panic!("{question:?}: {e}"));
    Answer {
        disposition: judged.disposition.name().to_owned(),
        could_be: judged.could_be.iter().map(|d| d.name().to_owned()).collect(),
        certain: judged.obligations.into_iter().filter(|o| o.certain).map(|o| o.obligation).collect(),
    }
}

/// What both say, or why they differ.
fn agreed(judge: &mut Judge<'_>, book: &Book, question: &Question) -> Result<Answer, String> {
    let (engine, plain) = (engine(judge, question), book.answer(question).unwrap());
    if engine == plain {
        return Ok(plain);
    }
    let place = std::iter::once(question.place.as_str()).chain(book.inside(&question.place));
    let sets: BTreeSet<Vec<&str>> = place.map(|p| book.provisions(p, question)).collect();
    Err(format!("{question:#?}\nengine {engine:?}\nplain  {plain:?}\nprovisions {sets:#?}"))
}

#[derive(Default)]
struct Count {
    cases: usize,
    /// Cases in which more than one combination was tried at some place.
    missing: usize,
    completions: usize,
    dispositions: BTreeMap<String, usize>,
    obliged: usize,
}

impl Count {
    fn add(&mut self, book: &Book, question: &Question, answer: &Answer) {
        let full = Question { operator: Some("individual".to_owned()), ..question.clone() };
        let all = book.bearing(&question.place, &question.date, &question.activity);
        let open = all.keys().any(|fact| !question.facts.contains_key(fact));
        let completions = book.completions(question);
        self.cases += 1;
        self.missing += usize::from(open || completions > book.completions(&full));
        self.completions += completions;
        *self.dispositions.entry(answer.disposition.clone()).or_default() += 1;
        self.obliged += usize::from(!answer.certain.is_empty());
    }
}

#[test]
fn the_engine_and_the_plain_evaluator_agree_on_every_case() {
    let mut draw = Draw::new(number("OVERT_PLAIN_SEED", SEED));
    let cases = usize::try_from(number("OVERT_PLAIN_CASES", CASES as u64)).unwrap();
    let engines = engines();
    let books: Vec<Book> = engines.iter().map(|e| plain(&e.jurisdiction)).collect();
    let urns: Vec<Urn<'_>> = books.iter().map(|b| Urn::new(b, rulebook::shipped_vocabulary())).collect();
    let mut judges: Vec<Judge<'_>> = engines.iter().map(Judge::new).collect();
    let (mut count, mut wrong) = (Count::default(), Vec::new());
    for _ in 0..cases {
        let which = draw.below(urns.len());
        let question = urns[which].draw(&mut draw);
        match agreed(&mut judges[which], &books[which], &question) {
            Ok(answer) => count.add(&books[which], &question, &answer),
            Err(why) => wrong.push(why),
        }
        assert!(wrong.len() < 5, "{}", wrong.join("\n\n"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let share = |n: usize| n * 100 / count.cases;
    println!(
        "{} cases, {} % with missing facts, {} % with certain obligations, {} completions, {:?}",
        count.cases,
        share(count.missing),
        share(count.obliged),
        count.completions,
        count.dispositions
    );
    assert!(share(count.missing) >= 30, "too few cases in which something is missing");
    assert!(share(count.obliged) >= 20, "too few cases in which something is owed");
    let rare = count.dispositions.values().any(|n| *n * 1000 < count.cases);
    assert!(count.dispositions.len() == 6 && !rare, "{:?}", count.dispositions);
}

/// What is changed in the text of one rulebook: after the first words, these become those.
const ALTERED: [(&str, &str, &str, &str, &str); 18] = [
    ("OPEN", "limits.toml", "register_load_w", "500_000", "500_001"),
    ("OPEN", "provisions.cedar", "open.site.register", ">=", ">"),
    ("OPEN", "provisions.cedar", "open.mining.register", "@grade(\"VP\")", "@grade(\"U\")"),
    ("OPEN", "provisions.cedar", "open.surcharge", "Action::\"surcharge\"", "Action::\"financial\""),
    (
        "OPEN",
        "provisions.cedar",
        "open.hosts",
        "in OperatorKind::\"business\"",
        "== OperatorKind::\"company\"",
    ),
    ("OPEN", "provisions.cedar", "open.token.register", "open.token-registration, ", ""),
    ("OPEN", "provisions.cedar", "open.list.ai", "permit", "forbid"),
    ("OPEN", "provisions.cedar", "@season(\"12", "02-29", "02-28"),
    ("OPEN", "rulebook.toml", "OPEN-PARK", "within = \"OPEN\"", ""),
    ("OPEN", "provisions.cedar", "open.transition", "2026-06-30", "2026-07-01"),
    ("NO", "instruments.toml", "id = \"mining-ban-2025\"", "status = \"proposed\"", "from = \"2025-06-20\""),
    ("CN", "instruments.toml", "id = \"pboc-2026-42\"", "from = \"2026-02-06\"", "from = \"2026-02-05\""),
    ("CN", "provisions.cedar", "cn.42.rwa-barred", "{ !context", "{ context"),
    ("CN", "provisions.cedar", "cn.42.token-business", "in Activity", "== Activity"),
    ("RU", "provisions.cedar", "RU-BU, RU-ZAB", "RU-BU, RU-ZAB", "RU-BU"),
    ("RU", "provisions.cedar", "@season(\"11", "11-15", "11-16"),
    ("US-TX", "limits.toml", "value", "75_000_000", "74_999_999"),
    ("DE", "limits.toml", "value", "300_000", "300_001"),
];

#[test]
fn one_altered_word_in_the_text_of_one_side_is_noticed() {
    for (name, file, after, these, those) in ALTERED {
        let rulebook = rulebook::shipped(name).unwrap().0.unwrap();
        let altered = |wanted: &str| {
            let mut files = files(wanted)?;
            if let Some(text) = files.get_mut(file).filter(|_| wanted == name) {
                let at = text.find(after).unwrap_or_else(|| panic!("{name}/{file}: no '{after}'"));
                let changed = text[at..].replacen(these, those, 1);
                assert_ne!(changed, text[at..], "{name}/{file}: no '{these}' after '{after}'");
                text.replace_range(at.., &changed);
            }
            Some(files)
        };
        let book = Book::read(VOCABULARY, name, &altered).unwrap();
        let urn = Urn::new(&book, rulebook::shipped_vocabulary());
        let (mut judge, mut draw) = (Judge::new(&rulebook), Draw::new(SEED));
        let noticed = (1..CASES / 5).find(|_| agreed(&mut judge, &book, &urn.draw(&mut draw)).is_err());
        println!("{name} {after}: case {noticed:?}");
        assert!(noticed.is_some(), "{name}: nobody notices '{those}' for '{these}' after '{after}'");
    }
}
