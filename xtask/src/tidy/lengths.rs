//! Lengths of files and functions, as a ratchet: known exceptions may shrink, and nothing new may be long.

use super::Problem;
use super::blank::{blank, item_end, test_lines};
use super::repository::{Repository, TextFile};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where the exceptions are kept.
pub const RATCHET: &str = "xtask/tidy-ratchet.toml";

/// Lines a file may have.
const FILE: usize = 300;
/// Lines a function may have, tests excepted.
const FUNCTION: usize = 60;

/// Lengths by name: of files by path, of functions by `path::function`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ratchet {
    files: BTreeMap<String, usize>,
    functions: BTreeMap<String, usize>,
}

impl Ratchet {
    /// Reads the exceptions.
    pub fn read(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// Holds what was measured against the exceptions.
    pub fn check(&self, measured: &Self) -> Vec<Problem> {
        let mut problems = compare(&self.files, &measured.files, "lines", FILE);
        problems.extend(compare(&self.functions, &measured.functions, "lines in one function", FUNCTION));
        problems
    }

    fn grew(&self, measured: &Self) -> bool {
        let grew = |known: &BTreeMap<String, usize>, now: &BTreeMap<String, usize>| {
            now.iter().any(|(name, lines)| known.get(name).is_none_or(|allowed| lines > allowed))
        };
        grew(&self.files, &measured.files) || grew(&self.functions, &measured.functions)
    }
}

fn compare(
    known: &BTreeMap<String, usize>,
    now: &BTreeMap<String, usize>,
    unit: &str,
    limit: usize,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, lines) in now {
        let allowed = known.get(name).copied().unwrap_or(limit);
        if *lines > allowed {
            let file = name.split_once("::").map_or(name.as_str(), |(file, _)| file);
            let found = format!("{name} has {lines} {unit}; expected at most {allowed}");
            problems.push(Problem::new(file, 1, found, "split it where its purpose changes"));
        }
    }
    for (name, allowed) in known {
        let lines = now.get(name).copied().unwrap_or(0);
        if lines < *allowed {
            let found = format!("{name} is allowed {allowed} {unit} and needs fewer");
            problems.push(Problem::new(RATCHET, 0, found, "run `cargo xtask tidy --record`"));
        }
    }
    problems
}

/// The lengths over the limits.
pub fn measure(files: &[TextFile]) -> Ratchet {
    let mut measured = Ratchet::default();
    for file in files.iter().filter(|f| f.path.ends_with(".rs")) {
        let lines = file.text.lines().count();
        if lines > FILE {
            measured.files.insert(file.path.clone(), lines);
        }
        let long = functions(&file.text).into_iter().filter(|(_, lines)| *lines > FUNCTION);
        measured.functions.extend(long.map(|(name, lines)| (format!("{}::{name}", file.path), lines)));
    }
    measured
}

/// Functions outside of tests and their lengths in lines.
fn functions(source: &str) -> Vec<(String, usize)> {
    let code = blank(source);
    let (tests, lines) = (test_lines(&code), code.lines().collect::<Vec<_>>());
    let named = lines.iter().enumerate().filter(|(at, _)| tests.get(*at) != Some(&true));
    named.filter_map(|(at, line)| Some((function_name(line)?, item_end(&lines, at) - at + 1))).collect()
}

fn function_name(line: &str) -> Option<String> {
    let at = line.find("fn ")?;
    let before = line.get(..at)?;
    let prefix = before
        .split_whitespace()
        .all(|w| w.starts_with("pub") || ["const", "async", "unsafe", "extern"].contains(&w));
    let rest = line.get(at + 3..)?;
    let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (prefix && !name.is_empty()).then_some(name)
}

/// Writes what was measured as the new exceptions.
pub fn record(repository: &Repository, grow: bool) -> crate::Outcome {
    let (known, measured) = (Ratchet::read(repository.text(RATCHET))?, measure(&repository.files));
    if known.grew(&measured) && !grow {
        let problems: Vec<String> = known.check(&measured).iter().map(ToString::to_string).collect();
        return Err(
            format!("something grew:\n{}\nsplit it, or record it with --grow", problems.join("\n")).into()
        );
    }
    let head = "# Known exceptions to the lengths of files (300 lines) and functions (60 lines). They may only shrink:\n\
                # `cargo xtask tidy --record` rewrites this file and refuses to let anything grow.\n\n";
    std::fs::write(repository.root().join(RATCHET), format!("{head}{}", toml::to_string(&measured)?))?;
    println!("{RATCHET}: {} files, {} functions", measured.files.len(), measured.functions.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(lines: usize) -> TextFile {
        TextFile { path: "crates/x/src/a.rs".into(), text: "\n".repeat(lines) }
    }

    #[test]
    fn a_long_file_is_refused_unless_it_is_known() {
        let measured = measure(&[file(301)]);
        assert_eq!(Ratchet::default().check(&measured).len(), 1);
        assert_eq!(measured.check(&measured), []);
        assert_eq!(Ratchet::default().check(&measure(&[file(300)])), []);
    }

    #[test]
    fn an_exception_may_shrink_only() {
        let known = measure(&[file(400)]);
        assert!(known.check(&measure(&[file(401)]))[0].found.contains("expected at most 400"));
        assert!(known.check(&measure(&[file(390)]))[0].help.contains("--record"));
        assert!(known.grew(&measure(&[file(401)])) && !known.grew(&measure(&[file(390)])));
    }

    #[test]
    fn functions_are_measured_and_tests_are_not() {
        let long = format!("pub fn long() {{\n{}}}\n", "    let a = \"}\";\n".repeat(70));
        let source = format!(
            "{long}fn short(f: impl Fn() -> u8) -> u8 {{ f() }}\n#[cfg(test)]\nmod tests {{\n{long}}}\n"
        );
        assert_eq!(functions(&source), [("long".to_owned(), 72), ("short".to_owned(), 1)]);
    }

    #[test]
    fn the_ratchet_reads_back_as_it_was_written() {
        let measured = measure(&[file(400)]);
        assert_eq!(Ratchet::read(&toml::to_string(&measured).unwrap()).unwrap(), measured);
        assert_eq!(Ratchet::read("").unwrap(), Ratchet::default());
    }
}
