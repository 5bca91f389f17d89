//! `goshim default`

use crate::support::{GO, RELEASE, World};

#[test]
fn printed_set_and_unset() {
    let world = World::installed(&[GO, "go1.21.13"]);
    let ran = world.ok(["default"]).said("no default is set");
    assert_eq!(ran.stdout, "");
    for (word, stored) in [
        ("1.22.10", "1.22.10"),
        ("go1.22.10", "1.22.10"),
        ("v1.21.13", "1.21.13"),
        ("1.22", "1.22"),
        ("1.22.x", "1.22"),
        ("1", "1"),
        ("latest", "latest"),
        ("stable", "latest"),
        ("oldstable", "oldstable"),
    ] {
        let ran = world.ok(["default", word]);
        assert_eq!(
            (&*ran.stdout, &*ran.stderr),
            ("", &*format!("the default is {stored} now\n"))
        );
        let ran = world.ok(["default"]);
        assert_eq!((ran.stdout, &*ran.stderr), (format!("{stored}\n"), ""));
    }
    world.ok(["default", "--unset"]);
    world.ok(["default"]).said("no default is set");
    world.ok(["default", "--unset"]);
    assert_eq!(world.stored("state"), [""; 0]);
}

#[test]
fn what_is_missing_is_said() {
    let world = World::installed(&[GO]);
    world
        .ok(["default", "1.21.13"])
        .said("it is not installed yet: goshim install 1.21.13");
    world.run(["which"]).refused(
        127,
        "Go 1.21.13 is not installed (asked for by your default",
    );
    world.ok(["default", "system"]);
}

#[test]
fn what_is_no_query_changes_nothing() {
    let world = World::installed(&[GO]);
    world.ok(["default", RELEASE]);
    for word in [
        "banana",
        "../x",
        "1.22.10 ",
        "",
        "path:/tmp",
        "2",
        "1.22.10\n1.21",
    ] {
        world
            .run(["default", word])
            .refused(2, "is not a Go version");
    }
    world.run(["default", "1.21", "--unset"]).ended_with(2);
    assert_eq!(world.ok(["default"]).stdout, "1.22.10\n");
}

#[test]
fn the_first_installation_sets_it_and_no_other() {
    let world = World::new(&[GO, "go1.23.1"]);
    let ran = world
        .ok(["install", "1.22"])
        .said("go1.22.10 is your default now");
    assert_eq!(world.ok(["default"]).stdout, "1.22\n", "{ran}");
    let ran = world.ok(["install", "1.23.1"]);
    assert!(!ran.stderr.contains("default"), "{ran}");
    assert_eq!(world.ok(["default"]).stdout, "1.22\n");
    // A project's pin has no influence on it.
    world.sandbox.write("project/.go-version", "1.23.1\n");
    assert_eq!(world.ok(["default"]).stdout, "1.22\n");
}

#[test]
fn one_that_is_set_stays() {
    let world = World::new(&[GO]);
    world.ok(["default", "1.21"]);
    world.ok(["install", RELEASE]);
    assert_eq!(world.ok(["default"]).stdout, "1.21\n");
}

#[test]
fn a_broken_file_is_shown_and_can_be_mended() {
    let world = World::installed(&[GO]);
    world
        .sandbox
        .write("goshim/state/default", "banana\u{1b}[31m\n");
    world
        .run(["which"])
        .refused(1, "state/default:1: ")
        .printed_plainly();
    assert_eq!(
        world.ok(["default"]).printed_plainly().stdout,
        "banana\\u{1b}[31m\n"
    );
    assert_eq!(world.ok(["list"]).stdout, "go1.22.10  2024-11-27\n");
    world.ok(["default", RELEASE]);
    world.ok(["which"]);
    world.sandbox.write("goshim/state/default", b"\xff");
    world.run(["default"]).ended_with(1).said("state/default");
    world.ok(["default", "--unset"]);
    world.sandbox.mkdir("goshim/state/default");
    world.run(["default"]).ended_with(1).said("state/default");
}

#[test]
fn the_state_is_not_in_the_store_unless_it_is_named() {
    let world = World::new(&[GO]);
    let mut install = world.goshim(["install", RELEASE]);
    install.env_remove("GOSHIM_HOME");
    crate::support::Ran::of(&mut install).succeeded();
    let home = world.sandbox.home();
    assert!(
        home.join(".local/share/goshim/sdks/go1.22.10/VERSION")
            .is_file()
    );
    assert_eq!(
        fs_err::read_to_string(home.join(".local/state/goshim/default")).unwrap(),
        "1.22.10\n"
    );
    assert_eq!(world.stored(""), [""; 0]);
}
