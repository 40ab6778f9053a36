//! Documents: no dead path, every crate in the table of rooms, every dependency with its reason.

use super::Problem;
use super::layers::Room;

/// Folders and files at the top that a path in prose begins with.
const TOPS: [&str; 10] =
    ["crates", "xtask", "docs", "corpus", "signatures", "schemas", "fuzz", ".ci", ".config", ".cargo"];

/// Endings by which a bare name in backticks is taken for a file of the repository.
const ENDINGS: [&str; 3] = [".md", "deny.toml", "clippy.toml"];

/// Paths in links and backticks that lead nowhere.
pub fn dead_paths(path: &str, text: &str, exists: &dyn Fn(&str) -> bool) -> Vec<Problem> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut problems = Vec::new();
    let mut fenced = false;
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        let named =
            if fenced { Vec::new() } else { links(line).chain(quoted_paths(line)).collect::<Vec<_>>() };
        for target in named {
            let beside = normal(&format!("{folder}/{target}"));
            let reached = exists(&normal(target)) || beside.as_str() != "" && exists(&beside);
            if !reached {
                let found = format!("'{target}' does not exist");
                problems.push(Problem::new(path, at + 1, found, "mend the path, or take it out"));
            }
        }
    }
    problems
}

/// Targets of links into the repository, without their anchors.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
    let inner = targets.map(|t| t.split('#').next().unwrap_or_default());
    inner.filter(|t| !t.is_empty() && !t.contains("://") && !t.starts_with("mailto:"))
}

/// Pieces in backticks that look like paths of the repository.
fn quoted_paths(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2).filter(|piece| looks_like_a_path(piece))
}

fn looks_like_a_path(piece: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    if piece.is_empty() || !piece.chars().all(plain) || piece.starts_with('/') {
        return false;
    }
    if piece.split('/').any(|part| part == "target") {
        return false; // Built, so there or not.
    }
    let rest = piece.strip_prefix("./");
    let top = piece.split('/').next().unwrap_or_default();
    rest.is_some()
        || (piece.contains('/') && TOPS.contains(&top))
        || ENDINGS.iter().any(|e| piece.ends_with(e))
}

/// The path without `.`, `..` and doubled separators.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Rows of a table: the cells, and the line.
fn rows(text: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| line.starts_with('|'))
        .map(|(at, line)| (at + 1, line.trim_matches('|').split('|').map(str::trim).collect()))
}

/// Names in backticks.
fn names(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// Crates that the table in ARCHITECTURE.md lacks, puts in another row than they say, or names in vain.
pub fn room_table(text: &str, rooms: &[Room]) -> Vec<Problem> {
    let file = "ARCHITECTURE.md";
    let mut listed = Vec::new();
    for (line, cells) in rows(text) {
        let [layer, crates, ..] = cells.as_slice() else { continue };
        if let Ok(layer) = layer.parse::<u64>() {
            listed.extend(names(crates).map(|name| (name, layer, line)));
        }
    }
    let mut problems = Vec::new();
    for room in rooms {
        let own = room.layer.map_or("no layer".to_owned(), |l| format!("layer {l}"));
        match listed.iter().find(|(name, ..)| *name == room.name) {
            None => {
                let found = format!("the table of crates lacks `{}`", room.name);
                problems.push(Problem::new(file, 0, found, format!("add it to the row of {own}")));
            }
            Some((_, layer, line)) if Some(*layer) != room.layer => {
                let found = format!("`{}` stands in row {layer}; its manifest says {own}", room.name);
                problems.push(Problem::new(file, *line, found, "mend the one that is wrong"));
            }
            Some(_) => {}
        }
    }
    for (name, _, line) in listed.iter().filter(|(name, ..)| !rooms.iter().any(|room| room.name == *name)) {
        problems.push(Problem::new(
            file,
            *line,
            format!("there is no crate `{name}`"),
            "take it out of the table",
        ));
    }
    problems
}

/// Dependencies without a row in docs/dependencies.md, and rows without a dependency.
pub fn dependency_rows(text: &str, dependencies: &[String]) -> Vec<Problem> {
    let file = "docs/dependencies.md";
    let listed: Vec<(usize, &str)> =
        rows(text).filter_map(|(line, cells)| Some((line, names(cells.first()?).next()?))).collect();
    let lacking = dependencies.iter().filter(|d| !listed.iter().any(|(_, name)| name == d));
    let mut problems: Vec<Problem> = lacking
        .map(|name| {
            let help = "add a row: why it is needed, its licence, its health, the alternatives";
            Problem::new(file, 0, format!("the dependency `{name}` has no row"), help)
        })
        .collect();
    for (line, name) in listed.iter().filter(|(_, name)| !dependencies.iter().any(|d| d == name)) {
        problems.push(Problem::new(file, *line, format!("`{name}` is no dependency"), "take the row out"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dead(text: &str) -> Vec<String> {
        let exists = |path: &str| ["README.md", "docs/a.md", "crates/x/src"].contains(&path);
        dead_paths("docs/b.md", text, &exists).into_iter().map(|p| p.found).collect()
    }

    #[test]
    fn living_paths_are_fine_from_the_root_and_from_beside() {
        assert!(dead("[a](a.md#part) [r](../README.md) `crates/x/src` `docs/a.md` `./README.md`").is_empty());
    }

    #[test]
    fn dead_links_and_dead_paths_in_backticks_are_named() {
        assert_eq!(dead("[a](gone.md)"), ["'gone.md' does not exist"]);
        assert_eq!(dead("see `crates/gone/src`."), ["'crates/gone/src' does not exist"]);
    }

    #[test]
    fn what_is_no_path_of_the_repository_is_left_alone() {
        let text = "`/proc/1/maps` `cargo test` `read/write` [w](https://x.org/a.md) `crates/*/src` `corpus/target/release`\n```\n`docs/gone`\n```\n";
        assert!(dead(text).is_empty());
    }

    fn room(name: &str, layer: u64) -> Room {
        Room { name: name.into(), layer: Some(layer), ..Room::default() }
    }

    #[test]
    fn the_table_of_rooms_holds_every_crate_in_its_row() {
        let table = "| row | crates | |\n|---|---|---|\n| 0 | `facts` | x |\n| 1 | `code` `wire` | y |\n";
        assert_eq!(room_table(table, &[room("facts", 0), room("code", 1), room("wire", 1)]), []);
        let problems = room_table(table, &[room("facts", 0), room("code", 2), room("more", 1)]);
        let found: Vec<&str> = problems.iter().map(|p| p.found.as_str()).collect();
        assert_eq!(problems.len(), 3, "{found:?}");
        assert!(
            found[0].contains("row 1")
                && found[1].contains("lacks `more`")
                && found[2].contains("no crate `wire`")
        );
    }

    #[test]
    fn every_dependency_has_a_row_and_every_row_a_dependency() {
        let table = "| crate | why |\n|---|---|\n| `serde` | x |\n| `gone` | y |\n";
        let problems = dependency_rows(table, &["serde".to_owned(), "clap".to_owned()]);
        assert_eq!(problems.len(), 2);
        assert!(problems[0].found.contains("`clap` has no row") && problems[1].line == 4);
    }
}
