//! One flipped bit anywhere that matters is found and named by `overt fsck`.

use super::{file, load, prove, registry, whole};
use std::path::Path;
use tempfile::TempDir;
use testkit::product::RegistryProcess;

/// Whether a file is of the kind that is to be damaged.
type Named<'a> = &'a dyn Fn(&str) -> bool;

fn sealed() -> (TempDir, RegistryProcess) {
    let folder = tempfile::tempdir().unwrap();
    let mut registry = registry(&folder, "data");
    registry.start().unwrap();
    let load = load(&registry, 3);
    prove(&load, &registry.web(), 40);
    whole(load);
    registry.stop().unwrap();
    let (code, said) = registry.command(&["fsck"]).unwrap();
    assert_eq!(code, 0, "{said}");
    (folder, registry)
}

fn flip(path: &Path, at: impl Fn(usize) -> usize) {
    let mut bytes = std::fs::read(path).unwrap();
    let at = at(bytes.len());
    bytes[at] ^= 0x10;
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_flipped_bit_is_named_with_its_place_and_a_sound_registry_is_sound_again_without_it() {
    let (_folder, registry) = sealed();
    let store = registry.data().join("registry/store");
    let cases: [(&str, Named<'_>); 5] = [
        ("a segment", &|p| p.contains("/spine/") && !p.ends_with(".index")),
        ("a tile of hashes", &|p| p.contains("/tile/0/")),
        ("a bundle of manifests", &|p| p.contains("/tile/entries/")),
        ("the lock", &|p| p.contains("lock") && !p.ends_with("-wal") && !p.ends_with("-shm")),
        ("the published checkpoint", &|p| p.ends_with("/checkpoint")),
    ];
    for (what, wanted) in cases {
        let path = file(&store, wanted);
        let before = std::fs::read(&path).unwrap();
        // The lock's file has unused bytes; its value begins with the log's name.
        let name = before.windows(12).rposition(|w| w == b"overt.local/").filter(|_| what == "the lock");
        for part in [3, 2] {
            flip(&path, |length| name.map_or(length / part, |at| at + 12 * part));
            let (code, said) = registry.command(&["fsck"]).unwrap();
            std::fs::write(&path, &before).unwrap();
            assert_eq!(code, 1, "{what} ({}): {said}", path.display());
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(
                said.contains(name) || said.contains(what.split(' ').next_back().unwrap()),
                "{what} ({name}): {said}"
            );
            assert!(said.contains("NOT sound"), "{what}: {said}");
        }
    }
    assert_eq!(registry.command(&["fsck"]).unwrap().0, 0);
}

#[test]
fn a_registry_whose_promised_entries_are_gone_does_not_start() {
    let (_folder, mut registry) = sealed();
    let segment =
        file(&registry.data().join("registry/store"), |p| p.contains("/spine/") && !p.ends_with(".index"));
    let length = segment.metadata().unwrap().len();
    std::fs::OpenOptions::new().write(true).open(&segment).unwrap().set_len(length / 2).unwrap();
    let said = registry.start().unwrap_err().to_string();
    assert!(said.contains("exit status: 2") && said.contains("error:"), "{said}");
    assert_ne!(registry.command(&["fsck"]).unwrap().0, 0);
}
