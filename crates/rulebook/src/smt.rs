//! The question whether two slices ever decide differently, in SMT-LIB 2.6 for any solver that reads it.
//!
//! Facts become bounded integers (yes-no facts 0 and 1), provisions become Booleans, and each disposition a function of them.
//! What a solver answers is checked by the engine's own tables before it is believed.

use crate::compare::{Found, Solver, applying, maximum};
use crate::condition::{Condition, Operator};
use crate::effect::{Disposition, Effect};
use crate::fact::{Fact, Kind};
use crate::provision::Polarity;
use crate::rulebook::Rulebook;
use crate::slice::Slice;
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Most pairs of dispositions: each is asked for once.
const MAX_QUESTIONS: usize = Disposition::ALL.len() * Disposition::ALL.len();

/// One example of every pair of different dispositions, and how many questions were asked.
pub fn differences(
    (old_book, old): (&Rulebook, &Slice),
    (new_book, new): (&Rulebook, &Slice),
    solver: &mut Solver<'_>,
) -> Result<(Vec<Found>, usize), String> {
    let facts: BTreeSet<usize> = old.deciding.iter().chain(&new.deciding).copied().collect();
    let mut head = declarations(new_book, &facts);
    side(&mut head, "old", old_book, old);
    side(&mut head, "new", new_book, new);
    head += "(assert (not (= old new)))\n";
    let mut found: Vec<Found> = Vec::new();
    for asked in 1..=MAX_QUESTIONS {
        let answer = solver(&question(&head, &facts))?;
        let Some(model) = read(&answer)? else { return Ok((found, asked)) };
        let next = checked((old_book, old), (new_book, new), &facts, &model)?;
        let _ = writeln!(head, "(assert (not (and (= old {}) (= new {}))))", next.old as u8, next.new as u8);
        if found.iter().any(|f| f.old == next.old && f.new == next.new) {
            return Err("it gave the same answer twice".to_owned());
        }
        found.push(next);
    }
    Err("it found more pairs than there are".to_owned())
}

fn question(head: &str, facts: &BTreeSet<usize>) -> String {
    let names: String = facts.iter().map(|f| format!(" f{f}")).collect();
    format!("{head}(check-sat)\n(get-value (operator{names}))\n")
}

fn declarations(rulebook: &Rulebook, facts: &BTreeSet<usize>) -> String {
    let kinds = rulebook.vocabulary().operators().len();
    let mut text = format!(
        "(set-option :produce-models true)\n(set-logic QF_LIA)\n(declare-const operator Int)\n(assert (and (<= 0 operator) (< operator {kinds})))\n"
    );
    for (fact, kind) in facts.iter().filter_map(|f| Some((f, &rulebook.vocabulary().facts().get(*f)?.kind))) {
        let _ = writeln!(
            text,
            "(declare-const f{fact} Int)\n(assert (and (<= 0 f{fact}) (<= f{fact} {})))",
            maximum(kind)
        );
    }
    text
}

/// Defines the disposition of a slice as the integer `name`.
fn side(text: &mut String, name: &str, rulebook: &Rulebook, slice: &Slice) {
    let provisions: Vec<_> = slice.provisions.iter().filter_map(|p| rulebook.provisions.get(*p)).collect();
    for (i, provision) in provisions.iter().enumerate() {
        let kinds: Vec<String> = (0..rulebook.vocabulary().operators().len())
            .filter(|k| provision.operators >> k & 1 == 1)
            .map(|k| format!("(= operator {k})"))
            .collect();
        let duty = provision.effect == Effect::Oblige;
        let condition =
            if duty { "false".to_owned() } else { term(&provision.condition, rulebook.vocabulary().facts()) };
        let _ =
            writeln!(text, "(define-fun {name}{i} () Bool (and (or false {}) {condition}))", kinds.join(" "));
    }
    let any = |effect: Effect, polarity: Polarity, strong: bool| {
        let these = provisions
            .iter()
            .enumerate()
            .filter(|(_, p)| p.effect == effect && p.polarity == polarity && (p.decides() || !strong));
        format!("(or false {})", these.map(|(i, _)| format!("{name}{i}")).collect::<Vec<_>>().join(" "))
    };
    for effect in Effect::ALL.into_iter().filter(|e| *e != Effect::Oblige) {
        let (tag, permit, forbid) = (effect as u8, Polarity::Permit, Polarity::Forbid);
        let _ = writeln!(
            text,
            "(define-fun {name}-sure{tag} () Bool (and {} (not {})))",
            any(effect, permit, true),
            any(effect, forbid, false)
        );
        let _ = writeln!(
            text,
            "(define-fun {name}-may{tag} () Bool (and {} (not {})))",
            any(effect, permit, false),
            any(effect, forbid, true)
        );
    }
    // From strict to lenient: the first effect that may hold decides, if it holds surely too.
    let mut disposition = (Disposition::ManualReview as u8).to_string();
    for effect in Effect::ALL.into_iter().filter(|e| *e != Effect::Oblige) {
        let (tag, review) = (effect as u8, Disposition::ManualReview as u8);
        let decided = Disposition::of(effect).unwrap_or(Disposition::ManualReview) as u8;
        // A lift that is only possible leaves an effect neither sure nor absent, and what is sure below it does not decide.
        disposition =
            format!("(ite {name}-sure{tag} {decided} (ite {name}-may{tag} {review} {disposition}))");
    }
    let _ = writeln!(text, "(define-fun {name} () Int {disposition})");
}

fn term(condition: &Condition, facts: &[Fact]) -> String {
    let joined = |with: &str, unit: &str, parts: &[Condition]| {
        let parts: Vec<String> = parts.iter().map(|p| term(p, facts)).collect();
        format!("({with} {unit} {})", parts.join(" "))
    };
    match condition {
        Condition::All(parts) => joined("and", "true", parts),
        Condition::Any(parts) => joined("or", "false", parts),
        Condition::Not(part) => format!("(not {})", term(part, facts)),
        Condition::Yes(fact) => format!("(= f{fact} 1)"),
        Condition::OneOf(fact, values) => {
            let listed = match facts.get(*fact).map(|f| &f.kind) {
                Some(Kind::Choice { values }) => values.as_slice(),
                _ => &[],
            };
            let is = values.iter().filter_map(|v| listed.iter().position(|l| l == v));
            format!("(or false {})", is.map(|i| format!("(= f{fact} {i})")).collect::<Vec<_>>().join(" "))
        }
        Condition::Compare { fact, operator, value, .. } => {
            let sign = match operator {
                Operator::Less => "<",
                Operator::AtMost => "<=",
                Operator::Equal => "=",
                Operator::Unequal => return format!("(not (= f{fact} {value}))"),
                Operator::AtLeast => ">=",
                Operator::More => ">",
            };
            format!("({sign} f{fact} {value})")
        }
    }
}

/// Reads `sat` with values, or `unsat`.
fn read(answer: &str) -> Result<Option<BTreeMap<String, i64>>, String> {
    let (verdict, rest) = answer.trim().split_once('\n').unwrap_or((answer.trim(), ""));
    match verdict.trim() {
        "unsat" => Ok(None),
        "sat" => {
            let words: Vec<&str> = rest
                .split(|c: char| c.is_whitespace() || c == '(' || c == ')')
                .filter(|w| !w.is_empty())
                .collect();
            let pairs = words.chunks(2).map(|pair| match pair {
                [name, value] => value
                    .parse()
                    .map(|v| ((*name).to_owned(), v))
                    .map_err(|_| format!("no value in '{value}'")),
                _ => Err("a name without a value".to_owned()),
            });
            pairs.collect::<Result<_, _>>().map(Some)
        }
        other => Err(format!("it said '{}'", crate::value::shorten(other))),
    }
}

/// Turns a model into a case and lets the engine decide it: a wrong answer of the solver is an error, not a finding.
fn checked(
    (old_book, old): (&Rulebook, &Slice),
    (new_book, new): (&Rulebook, &Slice),
    facts: &BTreeSet<usize>,
    model: &BTreeMap<String, i64>,
) -> Result<Found, String> {
    let mut values = BTreeMap::new();
    for fact in facts {
        let n = *model.get(&format!("f{fact}")).ok_or("a fact has no value")?;
        let value = match new_book.vocabulary().facts().get(*fact).map(|f| &f.kind) {
            Some(Kind::YesNo) => Value::YesNo(n == 1),
            Some(Kind::Choice { values }) => Value::Choice(
                usize::try_from(n)
                    .ok()
                    .and_then(|i| values.get(i))
                    .ok_or("a choice is out of its list")?
                    .clone(),
            ),
            _ => Value::Quantity(n),
        };
        values.insert(*fact, value);
    }
    let operator =
        model.get("operator").and_then(|o| u8::try_from(*o).ok()).ok_or("the operator has no value")?;
    let d_old = old.disposition(applying(old_book, old, operator, &values).0);
    let d_new = new.disposition(applying(new_book, new, operator, &values).0);
    if d_old == d_new {
        return Err("its witness is decided alike by both".to_owned());
    }
    Ok(Found { old: d_old, new: d_new, operator, values })
}
