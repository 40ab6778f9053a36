//! The repository as the rules see it: text files, crates, and which paths exist.
//!
//! Walks the tree itself instead of asking git, so that an unpacked archive is checked as well. Must not judge.

use super::layers::Room;
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Folders that hold nothing written here.
const PASSED_OVER: [&str; 4] = [".git", "target", "artifacts", "node_modules"];

/// Kinds of files that the rules read.
const TEXT: [&str; 8] = ["rs", "md", "toml", "sh", "py", "json", "yml", "yaml"];

/// Scripts without an ending that the rules read too.
const SCRIPTS: [&str; 3] = ["look", "check", ".ci/run"];

/// Longest text that is read, bytes: what is longer was generated.
const MAX_TEXT: u64 = 512 * 1024;

/// One text file.
#[derive(Clone, Debug)]
pub struct TextFile {
    /// Path relative to the repository, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// What the rules read.
#[derive(Debug)]
pub struct Repository {
    root: PathBuf,
    /// Text files in order of path.
    pub files: Vec<TextFile>,
    /// The crates of the workspace.
    pub rooms: Vec<Room>,
}

impl Repository {
    /// Reads the repository around `root` or the current folder.
    pub fn open(root: Option<&Path>) -> Result<Self, Box<dyn std::error::Error>> {
        let mut command = MetadataCommand::new();
        if let Some(root) = root {
            command.current_dir(root);
        }
        let metadata = command.no_deps().exec()?;
        let root = metadata.workspace_root.clone().into_std_path_buf();
        let mut files = Vec::new();
        walk(&root, &root, &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { rooms: rooms(&metadata), root, files })
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether a path relative to the repository exists.
    pub fn exists(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    /// The text of a file; empty if there is none.
    pub fn text(&self, path: &str) -> &str {
        self.files.iter().find(|f| f.path == path).map_or("", |f| &f.text)
    }

    /// The crate that a file belongs to.
    pub fn room_of(&self, file: &TextFile) -> Option<&Room> {
        self.rooms.iter().find(|room| {
            room.manifest.strip_suffix("Cargo.toml").is_some_and(|folder| file.path.starts_with(folder))
        })
    }
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<TextFile>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if !PASSED_OVER.iter().any(|passed| name == *passed) {
                walk(root, &path, files)?;
            }
            continue;
        }
        let relative = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        let wanted = TEXT.contains(&ending) || SCRIPTS.contains(&relative.as_str());
        if !wanted || !kind.is_file() || entry.metadata()?.len() > MAX_TEXT {
            continue;
        }
        if let Ok(text) = String::from_utf8(std::fs::read(&path)?) {
            files.push(TextFile { path: relative, text });
        }
    }
    Ok(())
}

fn rooms(metadata: &Metadata) -> Vec<Room> {
    let packages = metadata.workspace_packages();
    let ours: BTreeSet<&str> = packages.iter().map(|p| p.name.as_str()).collect();
    packages.iter().map(|package| room(package, &ours, metadata)).collect()
}

fn room(package: &Package, ours: &BTreeSet<&str>, metadata: &Metadata) -> Room {
    let own = package.metadata.get("overt");
    let names = |development: bool| {
        package
            .dependencies
            .iter()
            .filter(|d| (d.kind == DependencyKind::Development) == development)
            .map(|d| d.name.clone())
            .filter(|name| ours.contains(name.as_str()))
            .collect()
    };
    let manifest = package.manifest_path.strip_prefix(&metadata.workspace_root);
    Room {
        name: package.name.to_string(),
        manifest: manifest.unwrap_or(&package.manifest_path).to_string(),
        text: std::fs::read_to_string(&package.manifest_path).unwrap_or_default(),
        layer: own.and_then(|o| o.get("layer")).and_then(serde_json::Value::as_u64),
        pure: own.and_then(|o| o.get("pure")).and_then(serde_json::Value::as_bool),
        needs: names(false),
        tests_need: names(true),
    }
}

/// Names of the dependencies in the root manifest that are other people's, that is, have no path.
pub fn workspace_dependencies(manifest: &str) -> Result<Vec<String>, toml::de::Error> {
    let manifest: toml::Table = manifest.parse()?;
    let dependencies =
        manifest.get("workspace").and_then(|w| w.get("dependencies")).and_then(|d| d.as_table());
    let foreign = dependencies.into_iter().flatten().filter(|(_, value)| value.get("path").is_none());
    Ok(foreign.map(|(name, _)| name.clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_other_peoples_crates_are_dependencies() {
        let manifest = "[workspace.dependencies]\nfacts = { path = \"crates/facts\" }\nserde = \"1\"\n";
        assert_eq!(workspace_dependencies(manifest).unwrap(), ["serde"]);
        assert!(workspace_dependencies("[package]").unwrap().is_empty());
    }
}
