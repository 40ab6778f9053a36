//! The law of the history: whatever is asked, files and memory answer as a plain fold over the rows does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod given;

use facts::Activity;
use given::plain::{naive, naive_rows};
use given::{Change, HOUR, Script, facts_of, query, script};
use proptest::prelude::*;
use std::collections::BTreeSet;
use store_parquet::{Facts, Group, Limits, Query, Row};

const SMALL: Limits = Limits { file_rows: 40, merge_files: 3, merged_rows: 400 };

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_question_is_answered_as_by_a_fold_over_the_rows(
        script in script(),
        queries in prop::collection::vec(query(), 6),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (facts, rows) = facts_of(folder.path(), SMALL, &script);
        for query in &queries {
            prop_assert_eq!(facts.query(query).unwrap(), naive(&rows, query));
        }
        facts.flush().unwrap();
        let next = facts.next_ordinal();
        prop_assert_eq!(facts.check().unwrap(), vec![]);
        drop(facts);
        let facts = Facts::open_with(folder.path(), SMALL).unwrap();
        prop_assert!(facts.next_ordinal() <= next);
        for query in &queries {
            prop_assert_eq!(facts.query(query).unwrap(), naive(&rows, query));
        }
    }

    #[test]
    fn spells_are_the_rows_summed_and_statements_counted_once(
        script in script(),
        query in query(),
        flushed in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (facts, rows) = facts_of(folder.path(), SMALL, &script);
        if flushed { facts.flush().unwrap(); facts.merge().unwrap(); }
        let meant = naive_rows(&rows, &query, false);
        let spells = facts.spells(&query).unwrap();
        let done: Vec<&Row> = meant.iter().filter(|r| r.workload.is_some()).collect();
        prop_assert_eq!(spells.spells.iter().map(|s| s.findings).sum::<u64>(), done.len() as u64);
        prop_assert_eq!(spells.spells.iter().map(|s| s.cpu_ms).sum::<u64>(), done.iter().map(|r| r.cpu_ms).sum::<u64>());
        let energy = |r: &&&Row| r.energy_mj;
        prop_assert_eq!(
            spells.spells.iter().filter_map(|s| s.energy_mj).sum::<u64>(),
            done.iter().filter_map(|r| energy(&r)).sum::<u64>()
        );
        let ordinals: BTreeSet<u64> = meant.iter().map(|r| r.ordinal).collect();
        prop_assert_eq!(spells.said.iter().map(|s| s.statements).sum::<u64>(), ordinals.len() as u64);
        prop_assert_eq!(spells.said.iter().map(|s| s.first_ordinal).min(), ordinals.first().copied());
        prop_assert_eq!(spells.said.iter().map(|s| s.last_ordinal).max(), ordinals.last().copied());
        for spell in &spells.spells {
            if let Some(bucket) = query.bucket {
                prop_assert_eq!(bucket.start(spell.step_ms), spell.step_ms);
            }
            prop_assert!(ordinals.contains(&spell.first_ordinal) && ordinals.contains(&spell.last_ordinal));
        }
    }

    #[test]
    fn pages_of_rows_are_all_rows_in_order(
        script in script(),
        query in query(),
        newest in any::<bool>(),
        limit in 1usize..30,
        flushed in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (facts, rows) = facts_of(folder.path(), SMALL, &script);
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = facts.rows(&query, newest, limit, after).unwrap();
            prop_assert!(page.rows.len() <= limit);
            found.extend(page.rows);
            after = page.next;
            if after.is_none() { break }
            // A cursor stays good when files are written and merged.
            if flushed { facts.flush().unwrap(); facts.merge().unwrap(); }
        }
        prop_assert_eq!(found, naive_rows(&rows, &query, newest));
    }
}

#[test]
fn sums_by_the_hour_are_used_and_agree_with_the_rows() {
    let folder = tempfile::tempdir().unwrap();
    let script = Script { statements: given::steady(400), changes: vec![Change::Flush] };
    let (facts, rows) = facts_of(folder.path(), SMALL, &script);
    let query = Query {
        from_ms: 0,
        to_ms: 5 * HOUR,
        group: Group::Activity,
        activities: vec![Activity::Training, Activity::Idle],
        ..Query::default()
    };
    assert_eq!(facts.query(&query).unwrap(), naive(&rows, &query));
    // Without the files, whole hours are still answered: nothing was scanned.
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "parquet") {
            std::fs::write(&path, b"").unwrap();
        }
    }
    assert_eq!(facts.query(&query).unwrap(), naive(&rows, &query));
    let cut = Query { from_ms: 1, ..query };
    let error = facts.query(&cut).unwrap_err().to_string();
    assert!(error.contains("findings-"), "{error}");
}

#[test]
fn files_of_several_row_groups_answer_as_a_fold_over_the_rows() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { file_rows: 100_000, merge_files: 2, merged_rows: 1_000_000 };
    let facts = Facts::open_with(folder.path(), limits).unwrap();
    let statements = given::steady(150_000);
    let rows: Vec<_> = (0..).zip(&statements).flat_map(|(at, s)| given::rows_of(s, at)).collect();
    let (first, second) = rows.split_at(rows.partition_point(|row| row.ordinal < 75_000));
    facts.append(first, 75_000).unwrap();
    facts.append(second, 150_000).unwrap();
    facts.flush().unwrap();
    assert!(facts.merge().unwrap());
    let all = Query { to_ms: 600 * HOUR, statements: true, ..Query::default() };
    let one = Query { devices: vec![given::device(3)], group: Group::Workload, ..all.clone() };
    let some = Query { from_ms: 90 * HOUR + 1, group: Group::Activity, ..all.clone() };
    for query in [&all, &one, &some] {
        assert_eq!(facts.query(query).unwrap(), naive(&rows, query));
    }
    let page = facts.rows(&some, true, 500, None).unwrap();
    assert_eq!(page.rows, naive_rows(&rows, &some, true)[..500]);
}
