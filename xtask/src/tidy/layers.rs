//! Layers: a crate imports only from rows above it, and a pure room only pure rooms.

use super::Problem;

/// The row of what is built around the product: it may import anything, and only tests may import it.
pub const AROUND: u64 = 7;

/// One crate of the workspace.
#[derive(Clone, Debug, Default)]
pub struct Room {
    /// Its name.
    pub name: String,
    /// Its manifest, relative to the repository.
    pub manifest: String,
    /// The manifest's text.
    pub text: String,
    /// `package.metadata.overt.layer`.
    pub layer: Option<u64>,
    /// `package.metadata.overt.pure`.
    pub pure: Option<bool>,
    /// Crates of the workspace it is built on.
    pub needs: Vec<String>,
    /// Crates of the workspace its tests need besides.
    pub tests_need: Vec<String>,
}

impl Room {
    fn line_of(&self, dependency: &str) -> usize {
        let is_it =
            |line: &str| line.strip_prefix(dependency).is_some_and(|rest| rest.starts_with([' ', '.', '=']));
        self.text.lines().position(is_it).map_or(1, |at| at + 1)
    }
}

/// All problems with the order of layers.
pub fn check(rooms: &[Room]) -> Vec<Problem> {
    rooms.iter().flat_map(|room| check_room(room, rooms)).collect()
}

fn check_room(room: &Room, rooms: &[Room]) -> Vec<Problem> {
    let (Some(layer), Some(pure)) = (room.layer, room.pure) else {
        let found = format!("{} does not say its layer and whether it is pure", room.name);
        let help = "add [package.metadata.overt] with `layer = N` and `pure = true|false`";
        return vec![Problem::new(&room.manifest, 1, found, help)];
    };
    let known = |name: &String| rooms.iter().find(|r| r.name == *name);
    let mut problems = Vec::new();
    for other in room.needs.iter().filter_map(known) {
        let line = room.line_of(&other.name);
        let theirs = other.layer.unwrap_or(AROUND);
        if theirs >= layer && layer != AROUND {
            let found = format!("{} (layer {layer}) depends on {} (layer {theirs})", room.name, other.name);
            let help = "depend only on lower layers: move what is shared down, or pass it in as plain data";
            problems.push(Problem::new(&room.manifest, line, found, help));
        }
        if pure && other.pure == Some(false) {
            let found = format!("{} is pure and depends on {}, which is not", room.name, other.name);
            problems.push(Problem::new(&room.manifest, line, found, "pass in what it reads as an argument"));
        }
    }
    for other in room.tests_need.iter().filter_map(known) {
        let theirs = other.layer.unwrap_or(AROUND);
        if theirs >= layer && theirs != AROUND {
            let found = format!(
                "the tests of {} (layer {layer}) depend on {} (layer {theirs})",
                room.name, other.name
            );
            let help = "move the test to the higher crate";
            problems.push(Problem::new(&room.manifest, room.line_of(&other.name), found, help));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(name: &str, layer: u64, pure: bool, needs: &[&str]) -> Room {
        Room {
            name: name.to_owned(),
            manifest: format!("crates/{name}/Cargo.toml"),
            text: format!("[dependencies]\n{}\n", needs.join(".workspace = true\n")),
            layer: Some(layer),
            pure: Some(pure),
            needs: needs.iter().map(|n| (*n).to_owned()).collect(),
            tests_need: Vec::new(),
        }
    }

    #[test]
    fn a_crate_may_use_lower_layers() {
        assert_eq!(check(&[room("low", 0, true, &[]), room("high", 2, true, &["low"])]), []);
    }

    #[test]
    fn a_crate_may_use_neither_its_own_nor_a_higher_layer() {
        let problems =
            check(&[room("a", 1, true, &["b"]), room("b", 1, true, &[]), room("c", 0, true, &["b"])]);
        assert_eq!(problems.len(), 2);
        assert!(problems[0].found.contains("a (layer 1) depends on b (layer 1)"), "{}", problems[0]);
        assert_eq!(problems[0].line, 1);
    }

    #[test]
    fn the_line_of_the_dependency_is_named() {
        let mut high = room("high", 1, true, &["net"]);
        high.text = "[dependencies]\nnetwork = \"1\"\nnet.workspace = true\n".to_owned();
        let problems = check(&[high, room("net", 0, false, &[])]);
        assert_eq!((problems.len(), problems[0].line), (1, 3));
        assert!(problems[0].found.contains("is pure"), "{}", problems[0]);
    }

    #[test]
    fn what_stands_around_the_product_uses_anything_and_only_tests_use_it() {
        let mut product = room("product", 6, false, &[]);
        product.tests_need = vec!["kit".to_owned()];
        let kit = room("kit", AROUND, false, &["product"]);
        let task = room("task", AROUND, false, &["kit"]);
        assert_eq!(check(&[product.clone(), kit.clone(), task]), []);
        product.needs = vec!["kit".to_owned()];
        assert_eq!(check(&[product, kit]).len(), 1);
    }

    #[test]
    fn a_crate_without_a_layer_is_named() {
        let silent = Room { name: "silent".into(), ..Room::default() };
        assert!(check(&[silent])[0].found.contains("does not say its layer"));
    }
}
