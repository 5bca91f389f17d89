//! `goshim uninstall`

use crate::races::traced;
use crate::support::{GO, RELEASE, Ran, World};

#[test]
fn takes_the_sdk_and_its_records_away() {
    let world = World::new(&[GO, "go1.21.13"]);
    world.ok(["install", RELEASE, "1.21.13"]);
    let ran = world.ok(["uninstall", RELEASE]);
    assert_eq!(
        (&*ran.stdout, &*ran.stderr),
        (
            "",
            "uninstalled go1.22.10\n1.22.10 is still your default, and comes back with the next go that needs it; goshim default sets another\n"
        )
    );
    assert_eq!(world.stored("sdks"), ["go1.21.13"]);
    assert_eq!(world.stored("receipts"), ["go1.21.13.toml"]);
    assert_eq!(world.stored("manifests"), ["go1.21.13"]);
    assert_eq!(
        world.stored("trash").len() + world.stored("staging").len(),
        0
    );
    assert_eq!(world.ok(["list"]).stdout.lines().count(), 1);
}

#[test]
fn a_record_that_cannot_be_removed_is_a_warning() {
    let world = World::new(&[GO]);
    world.ok(["install", RELEASE]);
    let inject = "unlink:error=EACCES";
    let ran = Ran::of(&mut traced(&world, inject, ["uninstall", RELEASE]));
    ran.succeeded()
        .said("go1.22.10 is gone, but not all that belongs to it: ")
        .said("uninstalled go1.22.10");
    assert_eq!(world.stored("sdks"), [""; 0]);
    world.ok(["install", RELEASE]);
    world.ok(["verify"]);
}

#[test]
fn several_by_any_of_their_names() {
    let world = World::installed(&[GO, "go1.21.13", "go1.20", "go1.22rc1"]);
    world.ok(["uninstall", "go1.22.10", "v1.21.13", "1.20", "1.22rc1"]);
    assert_eq!(world.stored("sdks"), [""; 0]);
}

#[test]
fn what_is_not_installed() {
    let world = World::installed(&[GO]);
    world
        .run(["uninstall", "1.22.9"])
        .refused(1, "go1.22.9 is not installed");
    assert_eq!(world.stored("sdks"), [GO]);
    let empty = World::new(&[]);
    empty
        .run(["uninstall", "1.22.9"])
        .refused(1, "go1.22.9 is not installed");
    assert_eq!(empty.stored(""), [""; 0], "refusing makes nothing");
}

/// A default that is a series is gone with the last release of it, and what nothing runs for is no surprise later.
#[test]
fn says_when_nothing_is_left_of_the_default() {
    let world = World::installed(&[GO, "go1.22.9", "go1.21.13"]);
    world.ok(["default", "1.22"]);
    let ran = world.ok(["uninstall", RELEASE]);
    assert_eq!(ran.stderr, "uninstalled go1.22.10\n");
    let ran = world.ok(["uninstall", "1.22.9", "1.21.13"]);
    assert_eq!(
        ran.stderr,
        "uninstalled go1.22.9\nuninstalled go1.21.13\n1.22 is still your default, and comes back with the next go that needs it; goshim default sets another\n"
    );
    for (setting, future) in [
        (
            "ask",
            "the next go that needs it asks whether to install it again",
        ),
        ("never", "no go installs it again by itself"),
    ] {
        let world = World::installed(&[GO]);
        world.ok(["default", "1.22"]);
        let mut command = world.goshim(["uninstall", RELEASE]);
        Ran::of(command.env("GOSHIM_AUTO_INSTALL", setting))
            .succeeded()
            .said(&format!("1.22 is still your default, and {future};"));
    }
}

#[test]
fn a_series_names_what_is_installed_of_it() {
    let world = World::installed(&[GO, "go1.22.9", "go1.21.13"]);
    for command in ["uninstall", "verify", "repair"] {
        for (series, hint) in [
            ("1.22", "those installed: 1.22.10, 1.22.9"),
            ("1.21.x", "hint: write 1.21.13, which is installed"),
            ("1.23", "hint: nothing of it is installed"),
        ] {
            let what = format!("`{series}` is not a Go release but a series");
            let ran = world.run([command, series]).refused(2, &what);
            ran.said(hint);
        }
    }
}

#[test]
fn only_releases_are_taken_away() {
    let world = World::installed(&[GO]);
    for word in [
        "1.22",
        "latest",
        "system",
        "..",
        "../go1.22.10",
        "go1.22.10/",
        "",
        "*",
    ] {
        world
            .run(["uninstall", word])
            .refused(2, "is not a Go release");
    }
    // All words are read before anything is done.
    world
        .run(["uninstall", RELEASE, "latest"])
        .refused(2, "is not a Go release");
    assert_eq!(world.stored("sdks"), [GO]);
}

#[test]
fn a_running_go_keeps_its_files() {
    let world = World::new(&[GO]);
    world.ok(["install", RELEASE]);
    let open = fs_err::File::open(world.sdk(GO).join("VERSION")).unwrap();
    world.ok(["uninstall", RELEASE]);
    assert!(std::io::read_to_string(open).unwrap().starts_with(GO));
}
