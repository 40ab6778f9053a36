//! Power cuts and failed writes at every place: what was acknowledged is there, and nothing else but what was in flight.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use proptest::prelude::*;
use registry::store::{Object, Store, StoreError};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use store_sqlite::{EmbeddedStore, Medium, Options};
use testkit::{Fault, FaultyMedium, VolatileMedium};

/// What is asked of a store.
#[derive(Clone, Debug)]
enum Step {
    Append(usize),
    Replace(u64, usize),
    Put(Vec<(u8, usize)>),
}

/// Each value that a place may have: the last acknowledged one, and what was in flight since.
#[derive(Default)]
struct Expected {
    frames: Vec<Vec<Vec<u8>>>,
    /// A frame whose append failed, if nothing was acknowledged since.
    flying: Option<Vec<u8>>,
    objects: BTreeMap<String, Vec<Option<Vec<u8>>>>,
    /// Distinguishes every value from every other.
    turn: u64,
}

impl Expected {
    fn value(&mut self, length: usize) -> Vec<u8> {
        self.turn += 1;
        self.turn.to_le_bytes().into_iter().cycle().take(length).collect()
    }

    /// Does one step; whether it was acknowledged.
    fn run(&mut self, store: &EmbeddedStore, step: &Step) -> Result<(), StoreError> {
        match step {
            Step::Append(length) => {
                let frame = self.value(*length);
                self.look(store)?;
                self.flying = Some(frame.clone());
                store.append(self.frames.len() as u64, &frame)?;
                self.frames.push(vec![frame]);
                self.flying = None;
            }
            Step::Replace(which, length) => {
                self.look(store)?;
                if self.frames.is_empty() {
                    return Ok(());
                }
                let at = which % self.frames.len() as u64;
                let frame = self.value(*length);
                self.frames[at as usize].push(frame.clone());
                store.replace(at, &frame)?;
                self.frames[at as usize] = vec![frame];
            }
            Step::Put(objects) => {
                let object = |(name, length): &(u8, usize)| Object {
                    name: format!("tile/{}/{:03}", name % 2, name),
                    value: self.value(*length),
                };
                let objects: Vec<Object> = objects.iter().map(object).collect();
                for object in &objects {
                    let known = self.objects.entry(object.name.clone()).or_insert_with(|| vec![None]);
                    known.push(Some(object.value.clone()));
                }
                store.put(&objects)?;
                for object in objects {
                    self.objects.insert(object.name, vec![Some(object.value)]);
                }
            }
        }
        Ok(())
    }

    /// Looks at everything, and takes what is there for what was meant: what was in flight has landed or not, for good.
    fn look(&mut self, store: &EmbeddedStore) -> Result<(), StoreError> {
        let found = store.read(0, usize::MAX)?;
        assert_eq!(found.len() as u64, store.count()?);
        if found.len() > self.frames.len() {
            self.frames.extend(self.flying.take().map(|frame| vec![frame]));
        }
        self.flying = None;
        assert_eq!(found.len(), self.frames.len(), "frames were lost or came from nowhere");
        for (number, (found, known)) in found.into_iter().zip(&mut self.frames).enumerate() {
            assert!(known.contains(&found), "frame {number} is none of those written");
            *known = vec![found];
        }
        for (name, known) in &self.objects {
            let found = store.get(name)?;
            // Not settled by being seen: after a failed put it may be the old one again until it is put once more.
            assert!(known.contains(&found), "object {name} is none of those written");
        }
        Ok(())
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let length = || 0_usize..200;
    let step = prop_oneof![
        6 => length().prop_map(Step::Append),
        1 => (any::<u64>(), length()).prop_map(|(at, length)| Step::Replace(at, length)),
        2 => prop::collection::vec((0_u8..6, length()), 1..4).prop_map(Step::Put),
    ];
    prop::collection::vec(step, 1..30)
}

fn open_in(folder: &Path, medium: Arc<dyn Medium>) -> Result<EmbeddedStore, StoreError> {
    let options = Options { lock: Some(folder.join("lock")), roll: 400, medium };
    EmbeddedStore::open(&folder.join("store"), options)
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![Just(Fault::Before), Just(Fault::After), any::<u8>().prop_map(Fault::Torn)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_power_cut_after_any_write_loses_nothing_acknowledged(
        steps in steps(), cuts in prop::collection::vec((1_u64..40, fault(), any::<u64>()), 1..4)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let volatile = VolatileMedium::new(&[&folder.path().join("store")]);
        let medium = FaultyMedium::new(Arc::new(volatile.clone()));
        let open = || open_in(folder.path(), Arc::new(medium.clone()));
        let mut expected = Expected::default();
        let mut steps = steps.into_iter();
        for (number, how, seed) in cuts {
            medium.faults().fail(number, how);
            // The store itself may fail to open: power goes then as well.
            if let Ok(store) = open() {
                for step in steps.by_ref() {
                    if expected.run(&store, &step).is_err() {
                        break;
                    }
                }
            }
            medium.faults().clear();
            volatile.lose_power(seed);
            let store = open().expect("a store opens after a power cut");
            expected.look(&store).unwrap();
        }
    }

    #[test]
    fn a_process_goes_on_after_any_failed_write(
        steps in steps(), failures in prop::collection::vec((0_u64..12, fault()), 1..6), seed: u64
    ) {
        let folder = tempfile::tempdir().unwrap();
        let volatile = VolatileMedium::new(&[&folder.path().join("store")]);
        let medium = FaultyMedium::new(Arc::new(volatile.clone()));
        let open = || open_in(folder.path(), Arc::new(medium.clone()));
        let store = open().unwrap();
        let mut expected = Expected::default();
        let mut failures = failures.into_iter();
        for step in steps {
            if let Some((number, how)) = failures.next() {
                medium.faults().fail(number, how);
            }
            let _acknowledged = expected.run(&store, &step);
        }
        medium.faults().clear();
        expected.look(&store).unwrap();
        drop(store);
        volatile.lose_power(seed);
        expected.look(&open().unwrap()).unwrap();
    }

    #[test]
    fn what_a_failed_sync_left_in_memory_is_not_believed(
        steps in steps(), number in 0_u64..40, reopened: bool, seed: u64
    ) {
        let folder = tempfile::tempdir().unwrap();
        let volatile = VolatileMedium::new(&[&folder.path().join("store")]);
        let open = || open_in(folder.path(), Arc::new(volatile.clone()));
        let mut store = open().unwrap();
        let mut expected = Expected::default();
        volatile.fail_sync(number);
        for step in steps {
            if expected.run(&store, &step).is_err() && reopened {
                drop(store);
                store = open().unwrap();
            }
        }
        volatile.fail_sync(u64::MAX);
        expected.look(&store).unwrap();
        drop(store);
        volatile.lose_power(seed);
        expected.look(&open().unwrap()).unwrap();
    }
}

/// Every write of a fixed course of steps fails once, in every way.
#[test]
fn every_single_write_may_fail_on_real_files() {
    let steps = [
        Step::Append(90),
        Step::Append(0),
        Step::Put(vec![(1, 9), (2, 9)]),
        Step::Replace(0, 3),
        Step::Append(300),
    ];
    let course = |number: u64, how: Fault| {
        let folder = tempfile::tempdir().unwrap();
        let medium = FaultyMedium::default();
        let open = || open_in(folder.path(), Arc::new(medium.clone()));
        medium.faults().fail(number, how);
        let mut expected = Expected::default();
        let store = open().or_else(|_| open()).unwrap();
        for step in &steps {
            let _acknowledged = expected.run(&store, step);
        }
        medium.faults().clear();
        expected.look(&store).unwrap();
        drop(store);
        expected.look(&open().unwrap()).unwrap();
        medium.faults().writes()
    };
    let writes = course(u64::MAX / 2, Fault::Before);
    assert!(writes > 40, "{writes}");
    for number in 0..writes {
        for how in [Fault::Before, Fault::After, Fault::Torn(100)] {
            course(number, how);
        }
    }
}

#[test]
fn a_full_and_a_read_only_disk_lose_nothing_and_say_what_to_do() {
    for (kind, advice) in
        [(ErrorKind::StorageFull, "free some space"), (ErrorKind::ReadOnlyFilesystem, "mount it writable")]
    {
        let folder = tempfile::tempdir().unwrap();
        let medium = FaultyMedium::default();
        let open = || open_in(folder.path(), Arc::new(medium.clone()));
        let store = open().unwrap();
        let mut expected = Expected::default();
        for length in 0..10 {
            expected.run(&store, &Step::Append(length * 20)).unwrap();
        }
        medium.faults().fail_all(kind);
        for step in [Step::Append(9), Step::Put(vec![(1, 1)]), Step::Replace(1, 1)] {
            let words = expected.run(&store, &step).unwrap_err().to_string();
            assert!(words.contains(advice) && words.contains(folder.path().to_str().unwrap()), "{words}");
        }
        medium.faults().clear();
        expected.run(&store, &Step::Append(9)).unwrap();
        drop(store);
        expected.look(&open().unwrap()).unwrap();
    }
}
