//! Chains of devices against a naive model that remembers everything: any order, loss, repetition, fork and clock.

use proptest::prelude::*;
use registry::{Chain, Link, MAX_GAPS, OVERLAP_MS, Refusal, Taken};
use statement::Digest;
use std::collections::{BTreeMap, BTreeSet};

const MINUTE: u64 = 60_000;

/// Remembers every statement, and counts by looking at all of them.
#[derive(Clone, Default)]
struct Model {
    admitted: BTreeMap<u64, Link>,
    given_up: BTreeSet<u64>,
}

impl Model {
    fn next(&self) -> u64 {
        self.admitted.keys().next_back().map_or(0, |last| last + 1)
    }

    fn missing(&self) -> Vec<u64> {
        (0..self.next()).filter(|n| !self.admitted.contains_key(n) && !self.given_up.contains(n)).collect()
    }

    /// Runs of missing numbers.
    fn gaps(&self) -> usize {
        let missing = self.missing();
        missing.iter().filter(|n| !missing.contains(&(*n + 1))).count()
    }

    fn offer(&mut self, link: &Link) -> Result<Taken, &'static str> {
        let n = link.sequence;
        if let Some(there) = self.admitted.get(&n) {
            let last = n + 1 == self.next();
            return if last && there.digest != link.digest {
                Err("equivocation")
            } else {
                Ok(Taken::Duplicate)
            };
        }
        if n < self.next() && self.given_up.contains(&n) {
            return Ok(Taken::Duplicate);
        }
        let overlap = |a: &Link, b: &Link| !b.stepped && b.from_ms + OVERLAP_MS < a.until_ms;
        if let Some(before) = n.checked_sub(1).and_then(|n| self.admitted.get(&n)) {
            if link.previous != before.digest {
                return Err("chain-broken");
            }
            if overlap(before, link) {
                return Err("overlap");
            }
        }
        if n == 0 && link.previous != Digest::NONE && self.admitted.is_empty() {
            return Err("chain-broken");
        }
        if let Some(after) = self.admitted.get(&(n + 1)) {
            if after.previous != link.digest {
                return Err("equivocation");
            }
            if overlap(link, after) {
                return Err("overlap");
            }
        }
        let mut new = self.clone();
        new.admitted.insert(n, link.clone());
        if let Some((first, end)) = link.dropped {
            new.given_up.extend((first..end).filter(|n| !self.admitted.contains_key(n)));
        }
        if new.gaps() > MAX_GAPS {
            return Err("too-many-gaps");
        }
        *self = new;
        Ok(Taken::New)
    }
}

fn digest(sequence: u64, tongue: u8) -> Digest {
    Digest::of(&[&sequence.to_be_bytes()[..], &[tongue]].concat())
}

/// A statement of an honest device, which says one a minute.
fn link(sequence: u64) -> Link {
    let previous = sequence.checked_sub(1).map_or(Digest::NONE, |before| digest(before, 0));
    let from_ms = (1_000 + sequence) * MINUTE;
    Link {
        sequence,
        previous,
        digest: digest(sequence, 0),
        from_ms,
        until_ms: from_ms + MINUTE,
        stepped: false,
        dropped: None,
    }
}

/// A statement of a device that may do anything.
fn any_link() -> impl Strategy<Value = Link> {
    let tongue = prop_oneof![9 => Just(0_u8), 1 => 1_u8..3];
    let range = proptest::option::weighted(0.1, (0_u64..40, 0_u64..12));
    let shift = prop_oneof![8 => Just(0_i64), 1 => -180_000_i64..180_000];
    (0_u64..48, tongue.clone(), tongue, proptest::bool::weighted(0.1), range, shift).prop_map(
        |(sequence, tongue, before, stepped, range, shift)| {
            let honest = link(sequence);
            let from_ms = honest.from_ms.checked_add_signed(shift).unwrap();
            Link {
                previous: sequence.checked_sub(1).map_or(Digest::NONE, |n| digest(n, before)),
                digest: digest(sequence, tongue),
                from_ms,
                until_ms: from_ms + MINUTE,
                stepped,
                dropped: range.map(|(first, count)| (first.min(sequence), (first + count).min(sequence))),
                ..honest
            }
        },
    )
}

fn same(chain: &Chain, model: &Model) {
    assert_eq!(chain.next, model.next());
    let missing: Vec<u64> = chain.gaps.iter().flat_map(|g| g.first..g.end).collect();
    assert_eq!(missing, model.missing());
    assert_eq!(chain.missing(), model.missing().len() as u64);
    assert!(chain.gaps.len() <= MAX_GAPS);
    for pair in chain.gaps.windows(2) {
        assert!(pair[0].end < pair[1].first, "gaps are apart and in order");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_chain_answers_as_one_who_remembers_everything(offered in prop::collection::vec(any_link(), 1..120)) {
        let (mut chain, mut model) = (Chain::default(), Model::default());
        for link in &offered {
            let before = chain.clone();
            let answer = chain.offer(link);
            let expected = model.offer(link);
            prop_assert_eq!(answer.as_ref().map_err(Refusal::code), expected.as_ref().map_err(|e| *e));
            if answer.as_ref().ok() != Some(&Taken::New) {
                prop_assert_eq!(&chain, &before, "a refusal changes nothing");
            }
            same(&chain, &model);
        }
        for (n, link) in &model.admitted {
            if let Some(before) = n.checked_sub(1).and_then(|n| model.admitted.get(&n)) {
                prop_assert_eq!(link.previous, before.digest, "no broken link at {}", n);
            }
        }
    }

    #[test]
    fn an_honest_chain_arrives_whole_in_any_order(
        order in Just((0..60_u64).collect::<Vec<_>>()).prop_shuffle(),
        again in prop::collection::vec(0..60_u64, 0..60),
    ) {
        let mut chain = Chain::default();
        let mut admitted = BTreeMap::new();
        // What may pass later is sent again, as an agent does.
        while admitted.len() < 60 {
            for n in order.iter().chain(&again) {
                match chain.offer(&link(*n)) {
                    Ok(Taken::New) => *admitted.entry(*n).or_insert(0) += 1,
                    Ok(Taken::Duplicate) => prop_assert!(admitted.contains_key(n)),
                    Err(refusal) => prop_assert!(refusal.passes(), "{}", refusal),
                }
            }
        }
        prop_assert!(admitted.values().all(|times| *times == 1));
        prop_assert_eq!((chain.next, chain.gaps.len()), (60, 0));
        prop_assert_eq!(chain.last, Some(link(59).digest));
    }
}

/// A chain that has taken up these statements.
fn after(links: &[Link]) -> Chain {
    let mut chain = Chain::default();
    links.iter().for_each(|link| assert_eq!(chain.offer(link).unwrap(), Taken::New));
    chain
}

fn code(chain: &mut Chain, link: &Link) -> &'static str {
    chain.offer(link).unwrap_err().code()
}

#[test]
fn one_more_gap_than_allowed_is_refused_and_passes_once_one_is_closed() {
    let odd: Vec<Link> = (1..=MAX_GAPS as u64).map(|n| link(n * 2)).collect();
    let mut chain = after(&[&[link(0)][..], &odd].concat());
    assert_eq!(chain.gaps.len(), MAX_GAPS);
    let further = link(MAX_GAPS as u64 * 2 + 2);
    let refusal = chain.offer(&further).unwrap_err();
    assert_eq!((refusal.code(), refusal.passes()), ("too-many-gaps", true));
    chain.offer(&link(1)).unwrap();
    assert_eq!(chain.offer(&further).unwrap(), Taken::New);
}

#[test]
fn a_gap_can_be_split_only_while_there_is_room_for_another() {
    let mut chain = after(&[link(0), link(10)]);
    for n in 1..MAX_GAPS as u64 {
        chain.offer(&link(10 + 2 * n)).unwrap();
    }
    assert_eq!(code(&mut chain, &link(5)), "too-many-gaps");
    assert_eq!(chain.offer(&link(1)).unwrap(), Taken::New, "at its edge it needs no room");
}

#[test]
fn what_fills_a_gap_fits_on_both_sides() {
    let chain = after(&[link(0), link(3)]);
    let other = digest(9, 9);
    let wrong_before = Link { previous: other, ..link(1) };
    assert_eq!(code(&mut chain.clone(), &wrong_before), "chain-broken");
    let wrong_itself = Link { digest: other, ..link(2) };
    assert_eq!(code(&mut chain.clone(), &wrong_itself), "equivocation");
    let mut closed = chain;
    closed.offer(&link(2)).unwrap();
    assert_eq!(code(&mut closed, &Link { digest: other, ..link(1) }), "equivocation");
    closed.offer(&link(1)).unwrap();
    assert_eq!(closed.gaps, []);
}

#[test]
fn a_second_tongue_is_heard_at_the_end_of_the_chain_and_where_a_neighbour_names_the_first() {
    let mut chain = after(&[link(0), link(1)]);
    assert_eq!(code(&mut chain, &Link { digest: digest(1, 1), ..link(1) }), "equivocation");
    assert_eq!(code(&mut chain, &Link { previous: digest(1, 1), ..link(2) }), "chain-broken");
    assert_eq!(chain.offer(&Link { digest: digest(0, 1), ..link(0) }).unwrap(), Taken::Duplicate);
}

#[test]
fn what_is_given_up_leaves_no_gap_whichever_comes_first() {
    let telling = Link { dropped: Some((2, 5)), ..link(9) };
    let mut all = vec![link(0), link(1), link(5), link(6), link(7), link(8), telling];
    for _ in 0..all.len() {
        assert_eq!(after(&all).gaps, [], "{:?}", all.iter().map(|l| l.sequence).collect::<Vec<_>>());
        all.rotate_left(1);
    }
    all.reverse();
    assert_eq!(after(&all).gaps, []);
}

#[test]
fn time_is_covered_once_unless_the_clock_was_set() {
    let back = |n| Link { from_ms: link(n).from_ms - OVERLAP_MS - 1, ..link(n) };
    let slack = |n| Link { from_ms: link(n).from_ms - OVERLAP_MS, ..link(n) };
    let stepped = |n| Link { stepped: true, ..back(n) };
    assert_eq!(code(&mut after(&[link(0)]), &back(1)), "overlap");
    after(&[link(0), slack(1), link(2)]);
    after(&[link(0), stepped(1), link(2)]);
    // The same whichever of the two comes first.
    assert_eq!(code(&mut after(&[back(1)]), &link(0)), "overlap");
    after(&[slack(1), link(0)]);
    after(&[stepped(1), link(0)]);
    after(&[link(2), stepped(1), link(0)]);
}
