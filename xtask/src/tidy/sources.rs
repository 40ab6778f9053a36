//! What every file keeps to: an opening that says what it is for, an honest name, no path of somebody's machine.

use super::Problem;
use super::blank::blank;

/// Names of modules that say nothing.
const NAMELESS: [&str; 7] = ["utils", "util", "helpers", "helper", "common", "manager", "misc"];

/// Folders of single machines. Written in two pieces, so that this file does not hold them.
const MACHINES: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/fa", "rm/"), concat!("/ro", "ot/"), concat!("/tmp/", "t-")];

/// All problems of one file.
pub fn check(path: &str, text: &str) -> Vec<Problem> {
    let mut problems = machine_paths(path, text);
    if path.ends_with(".rs") {
        problems.extend(opening(path, text));
        problems.extend(nameless(path, text));
    }
    problems
}

fn opening(path: &str, text: &str) -> Option<Problem> {
    let first = text.lines().find(|l| !l.trim().is_empty()).unwrap_or_default();
    let help = "open the file with a `//!` line that says what it is for and what it must not do";
    (!first.starts_with("//!")).then(|| Problem::new(path, 1, "no opening documentation", help))
}

fn nameless(path: &str, text: &str) -> Vec<Problem> {
    let help = "name the module after what it does";
    let stem = path.rsplit('/').next().and_then(|f| f.strip_suffix(".rs")).unwrap_or_default();
    let folder = path.rsplit('/').nth(1).unwrap_or_default();
    let mut problems = Vec::new();
    if NAMELESS.contains(&stem) || NAMELESS.contains(&folder) {
        problems.push(Problem::new(path, 1, format!("'{path}' is a name that says nothing"), help));
    }
    for (at, line) in blank(text).lines().enumerate() {
        let words: Vec<&str> =
            line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty()).collect();
        let name = words.iter().position(|w| *w == "mod").and_then(|at| words.get(at + 1));
        if let Some(name) = name.filter(|name| NAMELESS.contains(name)) {
            problems.push(Problem::new(
                path,
                at + 1,
                format!("module '{name}' is a name that says nothing"),
                help,
            ));
        }
    }
    problems
}

fn machine_paths(path: &str, text: &str) -> Vec<Problem> {
    let inside = |c: char| c.is_alphanumeric() || "_-.}/>".contains(c);
    let mut problems = Vec::new();
    for (at, line) in text.lines().enumerate() {
        for machine in MACHINES {
            let stands = |place: usize| !line.get(..place).is_some_and(|before| before.ends_with(inside));
            if line.match_indices(machine).any(|(place, _)| stands(place)) {
                let found = format!("'{machine}' is a folder of one machine");
                problems.push(Problem::new(path, at + 1, found, "use a path relative to the repository"));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_file_opens_with_its_purpose() {
        assert_eq!(check("a/src/x.rs", "//! For this.\nfn a() {}\n"), []);
        assert_eq!(check("a/src/x.rs", "\n//! For this.\n"), []);
        assert_eq!(check("a/src/x.rs", "fn a() {}\n").len(), 1);
        assert_eq!(check("a.md", "# A\n"), []);
    }

    #[test]
    fn names_that_say_nothing_are_refused_as_files_and_as_modules() {
        assert_eq!(check("a/src/utils.rs", "//! x\n").len(), 1);
        assert_eq!(check("a/src/helpers/x.rs", "//! x\n").len(), 1);
        let problems = check("a/src/x.rs", "//! x\npub(crate) mod common;\nmod uncommon;\n");
        assert_eq!(problems.iter().map(|p| p.line).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn folders_of_one_machine_are_refused_and_urls_are_not() {
        let text = format!("//! x\nlet a = \"{}x\";\n", MACHINES[0]);
        assert_eq!(check("a/src/x.rs", &text)[0].line, 2);
        let text = format!("see https://example.org{}x and /proc/1{}x\n", MACHINES[0], MACHINES[2]);
        assert_eq!(check("a.md", &text), []);
    }
}
