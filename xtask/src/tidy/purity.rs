//! Pure rooms: no I/O, clock, randomness, threads or async outside of tests.

use super::{
    Problem,
    blank::{blank, test_lines},
};

/// What may not stand in a pure room, and what it would be.
const FORBIDDEN: [(&str, &str); 15] = [
    ("std::fs", "file access"),
    ("std::net", "network access (addresses are in core::net)"),
    ("std::process", "a process"),
    ("std::env", "the environment"),
    ("std::thread", "a thread"),
    ("thread::", "a thread"),
    ("SystemTime", "a clock"),
    ("Instant", "a clock"),
    ("rand::", "randomness"),
    ("RandomState", "randomness"),
    ("async", "async code"),
    (".await", "async code"),
    ("println!", "output"),
    ("eprintln!", "output"),
    ("print!", "output"),
];

/// Modules of `std` that may not be imported through a brace list either.
const MODULES: [&str; 5] = ["fs", "net", "process", "env", "thread"];

/// All impurities of one source file of a pure room.
pub fn check(path: &str, source: &str) -> Vec<Problem> {
    // A build script runs before the room exists, and reads what is compiled into it.
    if path.ends_with("/build.rs") {
        return Vec::new();
    }
    if path.ends_with("/tests.rs") || path.contains("/tests/") || path.contains("/examples/") {
        return Vec::new();
    }
    let code = blank(source);
    let tests = test_lines(&code);
    let mut problems = Vec::new();
    for (at, line) in code.lines().enumerate() {
        if tests.get(at) == Some(&true) {
            continue;
        }
        let plain = FORBIDDEN.iter().filter(|(what, _)| stands_alone(line, what));
        let found = plain.map(|(what, is)| format!("`{what}` is {is}, in a pure crate"));
        let help = "pass in what it reads as an argument, or move this to a crate that is not pure";
        problems.extend(found.map(|found| Problem::new(path, at + 1, found, help)));
        if let Some(module) = imported(line) {
            let found = format!("`std::{module}` is imported in a pure crate");
            problems.push(Problem::new(path, at + 1, found, help));
        }
    }
    problems
}

/// Whether `what` is in `line` with no letter on either side.
fn stands_alone(line: &str, what: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(what).any(|(at, _)| {
        let before = line.get(..at).and_then(|b| b.chars().next_back());
        let after = line.get(at + what.len()..).and_then(|a| a.chars().next());
        let begins = !what.starts_with(letter) || !before.is_some_and(letter);
        begins && (!what.ends_with(letter) || !after.is_some_and(letter))
    })
}

/// The first forbidden module in `use std::{…}`.
fn imported(line: &str) -> Option<&'static str> {
    let (_, list) = line.split_once("std::{")?;
    MODULES.into_iter().find(|module| {
        list.split(',').any(|part| {
            let part = part.trim().trim_end_matches(['}', ';', ' ']);
            part == *module || part.strip_prefix(module).is_some_and(|rest| rest.starts_with("::"))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Vec<usize> {
        check("crates/x/src/lib.rs", source).iter().map(|p| p.line).collect()
    }

    #[test]
    fn each_kind_of_impurity_is_found_on_its_line() {
        assert_eq!(found("//! x\nuse std::fs;\n"), [2]);
        assert_eq!(found("use std::{fmt, net::TcpStream};\n"), [1]);
        assert_eq!(found("let t = Instant::now();\n"), [1]);
        assert_eq!(found("async fn f() {}\n"), [1]);
        assert_eq!(found("fn f() {\n    println!();\n}\n"), [2]);
    }

    #[test]
    fn words_that_merely_look_like_it_are_left_alone() {
        assert!(found("use core::net::SocketAddr;\nstruct Instantiated;\nlet fs = offsets;\n").is_empty());
        assert!(found("// std::fs\nlet a = \"SystemTime\";\nuse std::{fmt, io};\n").is_empty());
    }

    #[test]
    fn tests_may_do_as_they_need() {
        assert_eq!(found("#[cfg(test)]\nmod tests {\n    use std::fs;\n}\nuse std::fs;\n"), [5]);
        assert_eq!(check("crates/x/src/tests.rs", "use std::fs;\n"), []);
        assert_eq!(check("crates/x/build.rs", "use std::fs;\n"), []);
    }
}
