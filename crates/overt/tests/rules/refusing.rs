//! Rulebooks that are spoiled are refused with file, line and help.

use crate::support::{Folder, overt, provision, refused, said, text};

/// `overt rules check` refuses a rulebook that was spoiled so, naming the file and what helps.
fn spoiled(name: &str, spoil: impl FnOnce(&Folder), words: &[&str]) {
    let folder = Folder::copy(name, "OPEN");
    spoil(&folder);
    let output = overt(&["rules", "check", folder.path()]);
    let answer = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{name} was accepted: {answer}");
    for word in words {
        assert!(answer.contains(word), "{name}: nothing of '{word}' in: {answer}");
    }
    assert!(!answer.contains("panicked"), "{name}: {answer}");
}

/// The same for one more provision.
fn wrong_provision(name: &str, text: &str, words: &[&str]) {
    spoiled(name, |folder| folder.append("provisions.cedar", text), words);
}

#[test]
fn a_spoiled_file_is_refused_with_its_line() {
    wrong_provision(
        "syntax",
        "\npermit (principal, action, resource",
        &["error[syntax]", "provisions.cedar:"],
    );
    spoiled("toml", |f| f.append("limits.toml", "\n[[limit]\n"), &["error[syntax]", "limits.toml:"]);
    let furlong = "\n[[limit]]\nid = \"x_furlong\"\nvalue = 1\nunit = \"furlong\"\ntext = \"t\"\ngrade = \"VP\"\ninstrument = \"open-model\"\narticle = \"1\"\n";
    spoiled("unit", |f| f.append("limits.toml", furlong), &["furlong", "help:"]);
    let february =
        |f: &Folder| f.replace("instruments.toml", "from = \"2026-01-01\"", "from = \"2026-02-30\"");
    spoiled("date", february, &["2026-02-30", "instruments.toml:"]);
    let sure = |f: &Folder| f.replace("provisions.cedar", "\n@grade(\"VP\")", "\n@grade(\"SURE\")");
    spoiled("grade", sure, &["SURE", "VP, VS, U or INF"]);
    spoiled("huge", |f| drop(f.file("more.toml", vec![b'#'; 2 << 20])), &["more.toml"]);
    refused(&["rules", "check", "/no/such/folder"], &["no such folder"]);
    refused(&["rules", "show", "ATLANTIS"], &["ATLANTIS", "CN"]);
}

#[test]
fn a_provision_that_asks_for_what_there_is_not_is_refused_with_help() {
    wrong_provision("fact", &provision("context.work.colour == \"red\""), &["work.colour"]);
    wrong_provision("has", &provision("context.work has token_link"), &["'has'"]);
    wrong_provision("bare", &provision("context.site.load_w > 5"), &["[[limit]]"]);
    wrong_provision(
        "value",
        &provision("context.work.token_link == \"maybe\""),
        &["maybe", "seen, not-seen"],
    );
    let spoil = |old: &str, new: &str| provision("true").replace(old, new);
    wrong_provision("citation", &spoil("open-model", "no-such-law"), &["no-such-law"]);
    wrong_provision("code", &spoil("@grade", "@code(\"nace:99\")\n@grade"), &["nace:99"]);
    wrong_provision("markup", &spoil("Test.", "<script>alert(1)</script>"), &["markup"]);
    wrong_provision("activity", &spoil("Activity::\"mining\"", "Activity::\"minning\""), &["minning"]);
    wrong_provision("group", &spoil("Activity::\"mining\"", "Activity::\"ai\""), &["group", "write in"]);
    wrong_provision("twice", &(provision("true") + &provision("true")), &["twice"]);
}

#[test]
fn a_dead_provision_and_a_conflict_are_pointed_out() {
    let folder = Folder::copy("dead", "OPEN");
    let never = "context.work.token_link == \"seen\" && context.work.token_link == \"not-seen\"";
    folder.append("provisions.cedar", &provision(never));
    let other = provision("true").replace("test.one", "test.two").replace("\"mining\"", "\"training\"");
    folder.append("provisions.cedar", &other);
    let answer = said(&["rules", "check", folder.path()]);
    assert!(answer.contains("warning[dead] 'test.one' can never apply"), "{answer}");
    assert!(answer.contains("warning[conflict] training"), "{answer}");
    let strict = overt(&["rules", "check", "--strict", folder.path()]);
    assert_eq!(strict.status.code(), Some(2));
}
