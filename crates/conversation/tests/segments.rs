//! What is recognised does not depend on how the bytes were split, and no bytes break the recogniser.

mod talk;

use conversation::Recogniser;
use facts::{Protocol, Transport};
use proptest::prelude::*;
use talk::*;

#[test]
fn recognition_is_the_same_for_every_cut_in_two() {
    for talk in all() {
        let whole = placeless(hear(&talk));
        assert!(whole.is_some(), "{talk:?}");
        for (part, (_, bytes)) in talk.iter().enumerate() {
            for place in (0..bytes.len()).step_by(1 + bytes.len() / 400) {
                assert_eq!(placeless(cut_at(&talk, part, place)), whole, "part {part} cut at {place}");
            }
        }
    }
}

#[test]
fn recognition_is_the_same_byte_by_byte() {
    for talk in all() {
        assert_eq!(placeless(in_pieces(&talk, 1)), placeless(hear(&talk)));
    }
}

#[test]
fn the_segment_that_decided_is_the_one_that_made_it_known() {
    let mut recogniser = Recogniser::new(Transport::Tcp);
    recogniser.feed(OUT, br#"{"id":1,"method":"mini"#);
    assert!(recogniser.recognised().is_none_or(|seen| !seen.protocol.gives_work()));
    recogniser.feed(OUT, b"ng.subscribe\",\"params\":[]}\n");
    recogniser.feed(IN, bitcoin_notify().as_bytes());
    let seen = recogniser.recognised().expect("recognised");
    assert_eq!((seen.decided_at, seen.decided_by), (2, OUT));
}

#[test]
fn several_messages_in_one_segment_are_all_heard() {
    let talk = vec![say(
        OUT,
        "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}\n{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"a\",\"b\"]}\n",
    )];
    assert_eq!(hear(&talk).expect("recognised").methods, ["mining.subscribe", "mining.authorize"]);
}

#[test]
fn after_a_gap_the_next_message_is_heard() {
    let mut recogniser = Recogniser::new(Transport::Tcp);
    recogniser.feed(IN, br#"{"id":1,"result":{"long":"#);
    recogniser.gap(IN);
    recogniser.feed(IN, bitcoin_notify().as_bytes());
    assert_eq!(recogniser.recognised().map(|seen| seen.protocol), Some(Protocol::StratumV1));
}

#[test]
fn a_message_longer_than_what_is_kept_is_heard_by_its_beginning() {
    let text = format!(r#"{{"id":1,"method":"mining.notify","params":["a","{}"#, "f".repeat(40_000));
    assert_eq!(protocol(&vec![say(IN, text)]), Some(Protocol::StratumV1));
}

#[test]
fn what_is_kept_and_done_for_endless_nonsense_is_bounded() {
    let mut recogniser = Recogniser::new(Transport::Tcp);
    let mut fed = 0_u32;
    while !recogniser.finished() {
        recogniser.feed(OUT, b"{\"a\":\"aaaaaaaa");
        fed += 1;
    }
    assert!(fed < conversation::MAX_SEGMENTS / 2);
}

proptest! {
    #[test]
    fn arbitrary_bytes_break_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..2048)) {
        let recogniser = conversation::read_arbitrary(&bytes);
        let methods = recogniser.recognised().map_or(0, |seen| seen.methods.len());
        prop_assert!(methods <= 16);
    }

    #[test]
    fn a_talk_with_damaged_bytes_breaks_nothing(
        which in 0..15_usize, at in any::<prop::sample::Index>(), byte in any::<u8>(), length in 1..64_usize,
    ) {
        let mut talk = all().swap_remove(which);
        let bytes = &mut talk[0].1;
        let place = at.index(bytes.len());
        bytes[place] = byte;
        prop_assert_eq!(placeless(in_pieces(&talk, length)), placeless(hear(&talk)));
    }
}
