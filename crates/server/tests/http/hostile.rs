//! Peers that trickle, flood, lie about lengths, or speak no HTTP: refused or hung up on, and others are served meanwhile.

use crate::client::problem;
use crate::world::{CONNECTIONS, World};

#[test]
fn bodies_are_bounded() {
    let world = World::new();
    for (length, status) in [(0, 200), (64 << 10, 200), ((64 << 10) + 1, 413)] {
        assert_eq!(world.post("/echo", &vec![b'a'; length]).status, status, "{length}");
    }
    // Whoever goes on sending after the refusal may find the connection closed before reading it.
    let mut large = world.open();
    large.send(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\nConnection: close\r\n\r\n");
    large.send(&[b'a'; 1 << 20]);
    let answer = large.rest();
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 413"), "{:?}", answer.get(..40));
}

#[test]
fn a_body_that_is_announced_and_not_sent_is_not_waited_for() {
    let world = World::new();
    let mut huge = world.open();
    huge.send(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n");
    let answer = huge.answer();
    assert!(matches!(answer.status, 408 | 413), "{answer:?}");
    problem(&answer);
}

#[test]
fn a_body_that_trickles_in_is_ended() {
    let world = World::new();
    let mut slow = world.open();
    slow.send(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\na");
    let answer = slow.answer();
    assert_eq!(answer.status, 408);
    problem(&answer);
}

#[test]
fn headers_that_trickle_in_are_hung_up_on_and_others_are_served_meanwhile() {
    let world = World::new();
    let mut slow: Vec<_> = (0..8).map(|_| world.open()).collect();
    for one in &mut slow {
        one.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ");
    }
    assert_eq!(world.get("/healthz", None).status, 200);
    for one in &mut slow {
        let rest = one.rest();
        assert!(!rest.starts_with(b"HTTP/1.1 200"), "{:?}", String::from_utf8_lossy(&rest));
    }
}

#[test]
fn a_connection_that_says_nothing_is_hung_up_on() {
    let world = World::new();
    world.open().rest();
    let mut idle = world.open();
    idle.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(idle.rest().starts_with(b"HTTP/1.1 200"), "and after an answer too");
}

#[test]
fn floods_of_headers_are_refused() {
    let world = World::new();
    let many: String = (0..200).map(|n| format!("X-{n}: a\r\n")).collect();
    let long = format!("X: {}\r\n", "a".repeat(100_000));
    for headers in [many, long] {
        let request = format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{headers}Connection: close\r\n\r\n");
        assert_refused(&world, request.as_bytes());
    }
    assert_refused(&world, &[b'a'; 100_000]);
    assert_refused(&world, format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(100_000)).as_bytes());
    assert_eq!(world.get("/healthz", None).status, 200);
}

#[test]
fn what_is_no_http_is_refused() {
    let world = World::new();
    let hello: &[u8] = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
    for bytes in [hello, b"\0\0\0\0\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"] {
        assert_refused(&world, bytes);
    }
    assert_eq!(world.get("/healthz", None).status, 200);
}

#[test]
fn a_request_with_two_lengths_is_refused() {
    let world = World::new();
    let lengths =
        ["Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5, 6\r\n", "Content-Length: -5\r\n"];
    for length in lengths {
        assert_refused(&world, format!("POST /echo HTTP/1.1\r\nHost: x\r\n{length}\r\nabcdef").as_bytes());
    }
}

/// Answered with an error of the request's head, or not at all; the peer that sends more than is read may not see the answer.
fn assert_refused(world: &World, bytes: &[u8]) {
    let mut one = world.open();
    one.send(bytes);
    let answer = String::from_utf8_lossy(&one.rest()).into_owned();
    let status = answer.split(' ').nth(1).unwrap_or("none").to_owned();
    assert!(matches!(&*status, "none" | "400" | "414" | "431"), "{answer:?}");
}

#[test]
fn one_address_gets_only_so_many_connections() {
    let world = World::new();
    let mut held: Vec<_> = (0..CONNECTIONS).map(|_| world.open()).collect();
    for one in &mut held {
        one.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
        assert_eq!(one.answer().status, 200);
    }
    let mut another = world.open();
    another.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(another.rest(), b"", "hung up on without an answer");
    drop(held);
    assert_eq!(world.eventually("/healthz").status, 200, "there is room again");
}
