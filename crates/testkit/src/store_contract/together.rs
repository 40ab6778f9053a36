//! Cases about several at once: threads, and the three parts side by side.
#![allow(clippy::unwrap_used)] // a case that fails panics

use super::{all, fill, frames, listed};
use registry::store::{Object, Store};

listed![
    of_two_who_append_one_number_one_wins,
    many_appenders_lose_nothing,
    a_reader_sees_whole_frames_while_some_are_appended,
    a_reader_sees_old_or_new_while_one_is_replaced,
    a_reader_sees_old_or_new_while_one_is_put,
    objects_do_not_touch_the_spine,
    the_lock_does_not_touch_objects,
    a_conflict_harms_nothing_later,
    a_refused_name_harms_nothing_later,
];

/// Appends as the registry does: after a conflict, at what is the end then.
fn append_somewhere(store: &dyn Store, frame: &[u8]) -> u64 {
    loop {
        let at = store.count().unwrap();
        match store.append(at, frame) {
            Ok(()) => return at,
            Err(error) => assert!(error.is_conflict(), "{error}"),
        }
    }
}

fn of_two_who_append_one_number_one_wins(store: &dyn Store) {
    for at in 0..10 {
        let winners: Vec<u8> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..3).map(|who| (who, scope.spawn(move || store.append(at, &[who]).is_ok()))).collect();
            threads.into_iter().filter_map(|(who, thread)| thread.join().unwrap().then_some(who)).collect()
        });
        assert_eq!(winners.len(), 1, "{winners:?}");
        assert_eq!(store.read(at, 1).unwrap(), [winners]);
    }
}

fn many_appenders_lose_nothing(store: &dyn Store) {
    let mut given: Vec<(u64, Vec<u8>)> = std::thread::scope(|scope| {
        let append = |who: u8| {
            move || {
                (0..20)
                    .map(|turn| (append_somewhere(store, &[who, turn]), vec![who, turn]))
                    .collect::<Vec<_>>()
            }
        };
        let threads: Vec<_> = (0..4).map(|who| scope.spawn(append(who))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    given.sort();
    assert!(given.iter().map(|(at, _)| *at).eq(0..80));
    assert_eq!(all(store), given.into_iter().map(|(_, frame)| frame).collect::<Vec<_>>());
}

/// Reads again and again while `write` is under way.
fn meanwhile(write: impl FnOnce() + Send, read: impl Fn()) {
    std::thread::scope(|scope| {
        let writer = scope.spawn(write);
        while !writer.is_finished() {
            read();
        }
        writer.join().unwrap();
    });
}

fn a_reader_sees_whole_frames_while_some_are_appended(store: &dyn Store) {
    meanwhile(
        || fill(store, 60),
        || {
            let found = all(store);
            assert_eq!(found, frames(0..found.len() as u64));
        },
    );
}

fn a_reader_sees_old_or_new_while_one_is_replaced(store: &dyn Store) {
    fill(store, 30);
    meanwhile(
        || {
            for turn in 0..10_u8 {
                store.replace(11, &[b'n'; 5]).unwrap();
                store.replace(11, &vec![b'o'; usize::from(turn)]).unwrap();
            }
        },
        || {
            let found = all(store);
            assert_eq!(found.len(), 30);
            assert_eq!(found.get(12..), frames(12..30).get(..));
        },
    );
}

fn a_reader_sees_old_or_new_while_one_is_put(store: &dyn Store) {
    let value = |kind: u8| vec![kind; 1_000 + usize::from(kind)];
    let put = |kind| store.put(&[Object { name: "a/b".to_owned(), value: value(kind) }]).unwrap();
    put(0);
    meanwhile(
        || (0..30).for_each(put),
        || {
            let found = store.get("a/b").unwrap().unwrap();
            assert_eq!(found, value(*found.first().unwrap()));
        },
    );
}

fn objects_do_not_touch_the_spine(store: &dyn Store) {
    fill(store, 5);
    store.put(&[Object { name: "spine".to_owned(), value: b"x".to_vec() }]).unwrap();
    store.remove(&["spine".to_owned()]).unwrap();
    assert_eq!(all(store), frames(0..5));
}

fn the_lock_does_not_touch_objects(store: &dyn Store) {
    store.swap(None, b"value").unwrap();
    assert!(store.list("").unwrap().is_empty());
    store.put(&[Object { name: "lock".to_owned(), value: b"x".to_vec() }]).unwrap();
    assert_eq!(store.lock().unwrap().as_deref(), Some(&b"value"[..]));
}

fn a_conflict_harms_nothing_later(store: &dyn Store) {
    fill(store, 3);
    assert!(store.append(1, b"x").is_err());
    assert!(store.replace(3, b"x").is_err());
    fill(store, 9);
    assert_eq!(all(store), frames(0..9));
}

fn a_refused_name_harms_nothing_later(store: &dyn Store) {
    assert!(store.get("../a").is_err());
    store.put(&[Object { name: "a".to_owned(), value: b"x".to_vec() }]).unwrap();
    assert_eq!(store.list("").unwrap(), ["a"]);
}
