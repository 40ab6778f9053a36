//! The log as static files.

use crate::client::problem;
use crate::world::{CHECKPOINT, World};

#[test]
fn the_log_is_served_for_caches() {
    let world = World::new();
    let checkpoint = world.get("/checkpoint", None);
    assert_eq!(checkpoint.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(checkpoint.header("cache-control"), Some("public, max-age=1, must-revalidate"));
    assert_eq!(checkpoint.body, CHECKPOINT);
    let full = world.get("/tile/0/x001/234", None);
    assert_eq!(full.header("content-type"), Some("application/octet-stream"));
    assert_eq!(full.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(full.header("access-control-allow-origin"), Some("*"));
    assert_eq!(full.body, [7; 8192]);
    let partial = world.get("/tile/0/000.p/5", None);
    assert_eq!(partial.header("cache-control"), Some("public, max-age=600"));
    assert_eq!(world.get("/tile/entries/000.p/5", None).body, b"entries");
    assert_eq!(world.get("/tile/0%2Fx001%2F234", None).status, 200, "slashes may be escaped");
}

#[test]
fn what_a_cache_has_already_is_not_sent_again() {
    let world = World::new();
    let tag = world.get("/tile/0/x001/234", None).header("etag").unwrap().to_owned();
    for asked in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".into()] {
        let answer = world.get_with("/tile/0/x001/234", "If-None-Match", &asked);
        assert_eq!((answer.status, answer.body.len()), (304, 0), "{asked}");
        assert_eq!(answer.header("etag"), Some(&*tag));
    }
    assert_eq!(world.get_with("/tile/0/x001/234", "If-None-Match", "\"x\"").status, 200);
}

#[test]
fn head_gives_the_headers_alone() {
    let world = World::new();
    let answer = world.raw(b"HEAD /tile/0/x001/234 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(answer.header("content-length"), Some("8192"));
}

#[test]
fn only_tiles_are_reached_through_the_path_of_tiles() {
    let world = World::new();
    let traversals = ["/tile/../lock", "/tile/..%2flock", "/tile/%2e%2e/lock", "/tile/%2e%2e%2fsecret"];
    let misnamed = ["/tile/0/000.p/05", "/tile/0/000.p/256", "/tile/64/000", "/tile/00/000", "/tile/0/1"];
    let others = ["/tile/0/../../secret", "/tile/0/x000/001", "/tile/0/000.p/5%00", "/tile/", "/tile", "/"];
    let absent = ["/tile/0/x001/235", "/tile/0/000", "/secret", "/lock", "//checkpoint", "/checkpoint/"];
    for path in traversals.iter().chain(&misnamed).chain(&others).chain(&absent) {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = world.raw(request.as_bytes());
        assert_eq!(answer.status, 404, "{path}");
        problem(&answer);
    }
}
