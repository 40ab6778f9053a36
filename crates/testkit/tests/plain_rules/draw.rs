//! Draws questions: deterministic, near the limits and the turning days, where mistakes are made.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use rulebook::{Kind, Vocabulary};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testkit::plain_rules::{Book, Question};

/// Most combinations that one question may leave to be tried.
const MAX_COMPLETIONS: usize = 4096;
/// How often a question that meets silence is drawn again.
const TRIES: usize = 40;

/// splitmix64 (Steele, Lea, Flood 2014): one word of state, the same numbers on every machine.
pub struct Draw {
    state: u64,
}

impl Draw {
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// What questions about one rulebook are drawn from.
pub struct Urn<'a> {
    pub book: &'a Book,
    pub vocabulary: &'a Vocabulary,
    places: Vec<String>,
    days: Vec<Date>,
}

impl<'a> Urn<'a> {
    pub fn new(book: &'a Book, vocabulary: &'a Vocabulary) -> Self {
        let places = book.places().map(str::to_owned).collect();
        let turning = book.turning_days(2019, 2030);
        // 29 February ends a season and does not exist in most years.
        let days = turning.iter().filter_map(|day| day.parse().ok()).collect();
        Self { book, vocabulary, places, days }
    }

    pub fn draw(&self, draw: &mut Draw) -> Question {
        let mut question = self.head(draw);
        for _ in 0..TRIES {
            if self.spoken_of(draw, &question) {
                break;
            }
            question = self.head(draw);
        }
        self.facts(draw, &mut question);
        self.narrow(draw, &mut question);
        question
    }

    /// Two of three at, a day before or a day after a day on which something begins or ends.
    fn day(&self, draw: &mut Draw) -> Date {
        if draw.percent(33) || self.days.is_empty() {
            let first = date(2019, 1, 1);
            return first.checked_add((draw.below(12 * 365) as i64).days()).unwrap();
        }
        let beside = draw.below(3) as i64 - 1;
        draw.one(&self.days).checked_add(beside.days()).unwrap()
    }

    /// A question without facts.
    fn head(&self, draw: &mut Draw) -> Question {
        let operator = draw.percent(75).then(|| draw.one(self.book.operators()).clone());
        Question {
            place: draw.one(&self.places).clone(),
            date: self.day(draw).to_string(),
            activity: draw.one(self.vocabulary.activities()).clone(),
            operator,
            facts: BTreeMap::new(),
        }
    }

    /// Whether provisions speak of it, mostly ones that ask for facts: most questions that could be drawn meet silence.
    fn spoken_of(&self, draw: &mut Draw, question: &Question) -> bool {
        let Question { place, date, activity, .. } = question;
        if self.book.provisions(place, question).is_empty() {
            return draw.percent(1);
        }
        draw.percent(10) || !self.book.bearing(place, date, activity).is_empty()
    }

    fn facts(&self, draw: &mut Draw, question: &mut Question) {
        let unknown = *draw.one(&[0, 0, 0, 0, 10, 10, 10, 30, 30, 80]);
        for (name, values) in self.book.bearing(&question.place, &question.date, &question.activity) {
            if !draw.percent(unknown) {
                question.facts.insert(name, draw.one(&values).clone());
            }
        }
        // Facts that no provision asks for, and values far from any limit, must change nothing or little.
        if draw.percent(10) {
            let fact = draw.one(self.vocabulary.facts());
            question.facts.insert(fact.name.clone(), anything(draw, &fact.kind));
        }
        agree(&mut question.facts);
    }

    /// Fills facts in until what is left can be tried.
    fn narrow(&self, draw: &mut Draw, question: &mut Question) {
        while self.book.completions(question) > MAX_COMPLETIONS {
            let bearing = self.book.bearing(&question.place, &question.date, &question.activity);
            let open: Vec<_> =
                bearing.iter().filter(|(name, _)| !question.facts.contains_key(*name)).collect();
            if open.is_empty() {
                question.operator = Some(draw.one(self.book.operators()).clone());
                continue;
            }
            let (name, values) = *draw.one(&open);
            question.facts.insert(name.clone(), draw.one(values).clone());
            agree(&mut question.facts);
        }
    }
}

fn anything(draw: &mut Draw, kind: &Kind) -> Value {
    match kind {
        Kind::YesNo => json!(draw.percent(50)),
        Kind::Choice { values } => json!(draw.one(values)),
        Kind::Quantity { max, .. } => json!(draw.next() % (*max as u64 + 1)),
    }
}

/// A part is not larger than its whole: the engine refuses to judge such a case.
fn agree(facts: &mut BTreeMap<String, Value>) {
    for (part, whole) in [("energy.mining_wh", "energy.account_wh"), ("site.it_power_w", "site.load_w")] {
        if let (Some(p), Some(w)) = (facts.get(part).cloned(), facts.get(whole).cloned())
            && p.as_i64() > w.as_i64()
        {
            facts.insert(part.to_owned(), w);
            facts.insert(whole.to_owned(), p);
        }
    }
}
