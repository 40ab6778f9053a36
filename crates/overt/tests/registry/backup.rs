//! Copies of a registry: made while it runs, put in place, and found out when they are old.

use super::{PATIENCE, load, number, overt, prove, registry, status, until, whole};
use testkit::product::RegistryProcess;

fn copy(from: &RegistryProcess, to: &std::path::Path) {
    let (code, said) = from.command(&["backup", "--registry", from.url(), to.to_str().unwrap()]).unwrap();
    assert_eq!(code, 0, "{said}");
}

/// Puts a copy in the place of nothing, with the log's key of another folder.
fn restore(copy: &std::path::Path, key_of: &RegistryProcess, to: &RegistryProcess) {
    let (code, said) = to.command(&["restore", copy.to_str().unwrap()]).unwrap();
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("log.key"), "{said}");
    std::fs::copy(key_of.data().join("registry/log.key"), to.data().join("registry/log.key")).unwrap();
}

#[test]
fn a_copy_made_while_it_runs_is_sound_and_goes_on_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = registry(&folder, "first");
    first.start().unwrap();
    let load = load(&first, 1);
    let (web, copied) = (first.web(), folder.path().join("copy"));
    load.during(&web, 1, PATIENCE, || {
        until("receipts", || (load.proven() >= 20).then_some(()));
        copy(&first, &copied);
        let proven = load.proven();
        until("more receipts", || (load.proven() >= proven + 10).then_some(()));
    });
    whole(load);
    first.stop().unwrap();
    let mut second = registry(&folder, "second");
    restore(&copied, &first, &second);
    let (code, said) = second.command(&["fsck"]).unwrap();
    assert!(code == 0 && said.contains("Sound"), "{said}");
    second.start().unwrap();
    // The administrator's secret is no part of a copy, its hash is.
    std::fs::copy(first.data().join("registry/admin.token"), second.data().join("registry/admin.token"))
        .unwrap();
    let before = number(&status(&second.admin().unwrap()), "published");
    assert!(before > 20, "{before}");
    let more = super::load(&second, 2);
    prove(&more, &second.web(), 10);
    whole(more);
    second.stop().unwrap();
    assert_eq!(second.command(&["fsck"]).unwrap().0, 0);
}

#[test]
fn a_copy_is_put_in_the_place_of_nothing_only() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = registry(&folder, "first");
    first.start().unwrap();
    let copied = folder.path().join("copy");
    copy(&first, &copied);
    first.stop().unwrap();
    let (code, said) = first.command(&["restore", copied.to_str().unwrap()]).unwrap();
    assert_eq!(code, 2, "{said}");
    assert_eq!(first.command(&["fsck"]).unwrap().0, 0);
}

#[test]
fn a_registry_that_was_rolled_back_learns_it_from_an_agent_and_stops() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = registry(&folder, "first");
    first.start().unwrap();
    let mut agent = super::agent::enrolled(&first, &folder);
    agent.start().unwrap();
    let admin = first.admin().unwrap();
    until("a published statement", || (number(&status(&admin), "accepted") > 0).then_some(()));
    let copied = folder.path().join("copy");
    copy(&first, &copied);
    let leaves = number(&status(&admin), "leaves");
    until("more leaves, seen by the agent", || {
        (number(&status(&admin), "leaves") > leaves + 2 && agent.seen() > leaves + 1).then_some(())
    });
    agent.stop().unwrap();
    first.stop().unwrap();

    let mut second = registry(&folder, "second");
    restore(&copied, &first, &second);
    std::fs::copy(first.data().join("registry/admin.token"), second.data().join("registry/admin.token"))
        .unwrap();
    second.start().unwrap();
    agent.turn_to(second.url());
    agent.start().unwrap();
    let admin = second.admin().unwrap();
    let trouble = until("the registry to stop", || status(&admin)["trouble"].as_str().map(str::to_owned));
    assert!(trouble.contains("rolled back"), "{trouble}");
    let (_, said) = overt(&["status", "--registry", second.url(), "--data", second.data().to_str().unwrap()]);
    assert!(said.contains("rolled back"), "{said}");
    let said = until("the agent to say so", || Some(agent.said()).filter(|s| s.contains("rolled back")));
    assert!(said.contains("agent:"), "{said}");
    let entries = number(&status(&admin), "entries");
    assert_eq!(
        number(&status(&admin), "accepted"),
        0,
        "nothing is admitted by a registry that was rolled back"
    );
    assert_eq!(number(&status(&admin), "entries"), entries);
}
