//! Wrong files and wrong calls: one clear error each, exit code 2, nothing applied.

use super::World;

#[test]
fn wrong_files_are_refused_with_line_and_help_and_leave_nothing() {
    let world = World::with_hall("CN-SC");
    let csv = |name: &str, text: &[u8]| world.file(name, text);
    for (file, word) in [
        (
            csv("a.csv", b"id,site,serial\nr1,hall,1\nr2,hall,1\n"),
            "line 3: serial number '1' stands in line 2 already",
        ),
        (
            csv("b.csv", b"id,site,serial\nr1,hall,=1+1\n"),
            "line 2: device.serial: a value that begins with '='",
        ),
        (csv("c.csv", b"id,site,model\nr1,hall,\xb1\xc8\xcc\xd8\xb1\xd2\n"), "iconv -f GB18030 -t UTF-8"),
        (csv("d.csv", b"id,site\nr1,hal\n"), "line 2: there is no site 'hal'; did you mean 'hall'?"),
        (csv("e.csv", b"id,site,from\nr1,hall,2226-01-01\n"), "lies outside of"),
        (csv("f.csv", b"id,site\nr1,hall\nr2\n"), "line 3: 1 cells"),
        (csv("g.csv", b""), "no column 'id'"),
        (csv("h.toml", b"[[operator]]\nid = \"acme\"\nplace = 1\n"), "line 3"),
        (csv("i.toml", b"[[site]]\nid = \"attic\"\noperator = \"acme\"\n"), "there is no site 'attic'"),
        (
            csv("j.toml", b"[[site]]\nid = \"attic\"\noperator = \"nobody\"\nplace = \"CN\"\n"),
            "there is no operator 'nobody'",
        ),
        (csv("k.dat", b"x"), "say --from"),
        ("/nowhere/fleet.csv".to_owned(), "/nowhere/fleet.csv"),
    ] {
        let (code, _, said) = world.run(None, &[&file, "--yes"], "");
        assert!(
            code == 2 && said.contains(word) && said.matches("error:").count() == 1,
            "expected '{word}': {code} {said}"
        );
    }
    assert_eq!(world.json(&["show", "device", "r1"])["registrations"], serde_json::json!([]));
}

#[test]
fn wrong_calls_say_what_to_do() {
    let world = World::with_hall("CN-SC");
    let file = world.file("fleet.csv", "id,site\nr1,hall\n");
    for (args, word) in [
        (vec![file.as_str()], "say --yes to apply, or --dry-run"),
        (vec![&file, "--map", "a=b"], "--map is for"),
        (vec!["new", "site"], "questions need a terminal"),
        (vec!["missing", "--site", "attic"], "there is no site 'attic'"),
        (vec!["missing", "--site", "hall", "--activity", "minning"], "minning"),
        (vec!["show", "device", "r1"], "no device 'r1' is registered"),
        (vec!["show", "machine", "r1"], "expected operator, site, device or workload"),
        (vec!["approve", "device", "r1", "1"], "404"),
        (vec![&file, "--apply"], "--from"),
    ] {
        let (code, _, said) = world.run(None, &args, "");
        assert!(code == 2 && said.contains(word), "{args:?}: expected '{word}': {code} {said}");
    }
    let (code, _, said) = world.run(Some("ovt_nobody"), &[&file, "--yes"], "");
    assert!(code == 2 && said.contains("401"), "{said}");
}
