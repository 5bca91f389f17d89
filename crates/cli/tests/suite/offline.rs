//! Without a network, and with stores that cannot be written.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use goshim_test_support::{Fault, host, stand_in};

use crate::support::{GO, Kind, RELEASE, Ran, World, as_stranger, tree};

fn offline(world: &World, arguments: &[&str]) -> Ran {
    Ran::of(
        world
            .goshim(arguments.iter().copied())
            .env("GOSHIM_OFFLINE", "1"),
    )
}

#[test]
fn offline_without_a_copy_of_the_index() {
    let world = World::new(&[GO]);
    for arguments in [
        &["list", "--remote"][..],
        &["install", RELEASE],
        &["install", "latest"],
    ] {
        offline(&world, arguments).refused(1, "GOSHIM_OFFLINE is set");
    }
    assert_eq!(world.mirror.requests().len(), 0);
    world.assert_nothing_is_installed(&"offline");
}

#[test]
fn offline_with_a_copy_of_the_index() {
    let world = World::new(&[GO, "go1.21.13"]);
    world.ok(["install", RELEASE]);
    let asked = world.mirror.requests().len();
    let ran = offline(&world, &["list", "--remote"]).succeeded();
    assert_eq!(
        ran.stdout,
        "go1.22.10  end of life  installed\ngo1.21.13  end of life\n"
    );
    assert_eq!(ran.stderr.lines().count(), 1, "{ran}");
    for query in [RELEASE, "1.22", "latest"] {
        offline(&world, &["install", query])
            .succeeded()
            .said("is installed already");
    }
    let archive = host::archive_name("go1.21.13");
    offline(&world, &["install", "1.21"]).refused(
        1,
        &format!("{archive} is needed, and GOSHIM_OFFLINE is set"),
    );
    offline(&world, &["install", "1.20"]).refused(1, "no published release matches 1.20");
    assert_eq!(world.mirror.requests().len(), asked, "offline is offline");
    for value in ["0", "false", ""] {
        Ran::of(
            world
                .goshim(["list", "--remote"])
                .env("GOSHIM_OFFLINE", value),
        )
        .succeeded();
    }
    Ran::of(
        world
            .goshim(["install", "1.21"])
            .env("GOSHIM_OFFLINE", "maybe"),
    )
    .ended_with(1)
    .said("error: GOSHIM_OFFLINE is `maybe`");
}

#[test]
fn offline_all_that_is_local_works() {
    let world = World::installed(&[GO]);
    for arguments in [
        &["list"][..],
        &["which"],
        &["why"],
        &["use", "1.22"],
        &["default", "1.22"],
        &["exec", "go"],
        &["uninstall", RELEASE],
    ] {
        offline(&world, arguments).succeeded();
    }
    assert_eq!(world.mirror.requests().len(), 0);
}

#[test]
fn an_unreachable_index_is_replaced_by_its_copy_with_one_line() {
    let mut world = World::new(&[GO]);
    world.ok(["list", "--remote"]);
    for fault in [Fault::Status(500), Fault::Status(404), Fault::Truncate(10)] {
        if matches!(fault, Fault::Truncate(_)) {
            // Another index, or the server would only say that nothing changed.
            world.publish(GO, b"another archive");
        }
        world.mirror.set_fault("", Some(fault));
        let ran = world
            .ok(["list", "--remote"])
            .said("; offline, using the index of 2");
        assert_eq!(
            (&*ran.stdout, ran.stderr.lines().count()),
            ("go1.22.10  end of life\n", 1),
            "{ran}"
        );
    }
    // The index may be away while the files are not.
    world.mirror.set_fault("", Some(Fault::Status(500)));
    world.publish(GO, &stand_in::archive(GO));
    world
        .ok(["install", "latest"])
        .said("offline, using the index of")
        .said("installed go1.22.10");
    // What is served instead of it is an error, and leaves the copy as it is.
    world.mirror.set_fault("", Some(Fault::Html));
    world
        .run(["list", "--remote"])
        .refused(1, "it is a web page")
        .said("captive portal");
    let url = world.mirror.url();
    let elsewhere = World::new(&[]);
    world.mirror = elsewhere.mirror;
    let mut command = world.goshim(["list", "--remote"]);
    let ran = Ran::of(command.env("GOSHIM_INDEX_URL", &url))
        .succeeded()
        .said("cannot fetch");
    assert_eq!(
        (&*ran.stdout, ran.stderr.lines().count()),
        ("go1.22.10  end of life  installed\n", 1),
        "{ran}"
    );
    // The copy is of that index alone.
    let mut command = world.goshim(["list", "--remote"]);
    Ran::of(command.env("GOSHIM_INDEX_URL", url.replace("/dl/", "/other/")))
        .refused(1, "cannot fetch");
}

#[test]
fn an_index_that_did_not_change_is_not_sent_again() {
    let world = World::new(&[GO]);
    let list = || world.ok(["list", "--remote"]).stdout;
    let etags = || -> Vec<Option<String>> {
        let requests = world.mirror.requests();
        let etag = |headers: &[(String, String)]| {
            headers
                .iter()
                .find(|(name, _)| name == "if-none-match")
                .map(|(_, etag)| etag.clone())
        };
        requests
            .iter()
            .map(|request| etag(&request.headers))
            .collect()
    };
    assert_eq!(list(), "go1.22.10  end of life\n");
    let [copy] = &world.stored("index")[..] else {
        panic!("one copy")
    };
    let copy = world.sandbox.goshim_home().join("index").join(copy);
    let first = fs_err::metadata(&copy).unwrap();
    let long_ago = first.modified().unwrap() - Duration::from_hours(48);
    let file = fs_err::OpenOptions::new().write(true).open(&copy).unwrap();
    file.file().set_modified(long_ago).unwrap();
    assert_eq!(list(), "go1.22.10  end of life\n");
    let [None, Some(etag)] = &etags()[..] else {
        panic!("{:?}", etags())
    };
    assert!(
        fs_err::read_to_string(&copy)
            .unwrap()
            .starts_with(&format!("{etag}\n["))
    );
    let renewed = fs_err::metadata(&copy).unwrap();
    assert_eq!(renewed.ino(), first.ino(), "it was not written again");
    assert!(
        renewed.modified().unwrap() > long_ago,
        "its date is today's"
    );
    // One that changed is.
    stand_in::write_mirror(&world.sandbox.root().join("mirror"), &[GO, "go1.21.13"]);
    assert_eq!(list(), "go1.22.10  end of life\ngo1.21.13  end of life\n");
    assert_eq!(etags()[2].as_ref(), Some(etag));
    assert_eq!(list(), "go1.22.10  end of life\ngo1.21.13  end of life\n");
    assert!(etags()[3].is_some() && etags()[3] != etags()[2]);
}

#[test]
fn a_broken_copy_is_an_error_and_then_replaced() {
    let world = World::new(&[GO]);
    world.ok(["list", "--remote"]);
    let dir = world.sandbox.goshim_home().join("index");
    let [copy] = &world.stored("index")[..] else {
        panic!("one copy")
    };
    fs_err::write(dir.join(copy), "half of").unwrap();
    offline(&world, &["list", "--remote"]).refused(1, "the index at");
    world.ok(["list", "--remote"]);
    assert_eq!(
        offline(&world, &["list", "--remote"]).succeeded().stdout,
        "go1.22.10  end of life\n"
    );
}

#[test]
fn unreachable_servers() {
    let world = World::new(&[GO]);
    // The port of a server that is gone.
    let gone = World::new(&[]).mirror.url();
    let run = |variable: &str| Ran::of(world.goshim(["install", RELEASE]).env(variable, &gone));
    run("GOSHIM_INDEX_URL").refused(1, &format!("cannot fetch {gone}"));
    run("GOSHIM_MIRROR").refused(1, &format!("cannot fetch {gone}"));
    world.assert_nothing_is_installed(&"unreachable");
    for address in [
        "ftp://host/",
        "host",
        "tmp/x",
        "file://host/tmp",
        "http://",
        "\u{1b}[31m",
    ] {
        for variable in ["GOSHIM_INDEX_URL", "GOSHIM_MIRROR"] {
            let ran = Ran::of(world.goshim(["install", RELEASE]).env(variable, address));
            ran.refused(
                1,
                &format!("{variable} is neither an http, https or file address"),
            )
            .printed_plainly();
        }
    }
}

/// Takes everybody's permission to write to the store, and gives it back when dropped.
struct ReadOnly<'a>(&'a Path);

impl<'a> ReadOnly<'a> {
    fn new(root: &'a Path) -> Self {
        change_dirs(root, 0o555);
        Self(root)
    }
}

impl Drop for ReadOnly<'_> {
    fn drop(&mut self) {
        change_dirs(self.0, 0o755);
    }
}

fn change_dirs(root: &Path, mode: u32) {
    for (path, entry) in tree(root) {
        if entry.kind == Kind::Dir {
            fs_err::set_permissions(root.join(path), PermissionsExt::from_mode(mode)).unwrap();
        }
    }
    fs_err::set_permissions(root, PermissionsExt::from_mode(mode)).unwrap();
}

#[test]
fn a_store_that_cannot_be_written() {
    let world = World::new(&[GO, "go1.21.13"]);
    world.ok(["install", RELEASE]);
    let _read_only = ReadOnly::new(world.sandbox.goshim_home());
    let before = tree(world.sandbox.goshim_home());
    let run = |arguments: &[&str]| Ran::of(&mut as_stranger(&world, arguments));
    for arguments in [
        &["list"][..],
        &["list", "--json"],
        &["list", "--remote"],
        &["which"],
        &["why"],
        &["exec", "go"],
        &["default"],
    ] {
        run(arguments).succeeded();
    }
    run(&["install", RELEASE])
        .succeeded()
        .said("is installed already");
    run(&["install", "1.22"])
        .succeeded()
        .said("is installed already");
    for arguments in [
        &["install", "1.21.13"][..],
        &["uninstall", RELEASE],
        &["default", "1.21"],
        &["default", "--unset"],
    ] {
        let ran = run(arguments).refused(1, "ermission denied");
        assert!(
            ran.stderr
                .contains("hint: set GOSHIM_HOME to a directory that you may write to"),
            "{ran}"
        );
        assert!(
            ran.stderr
                .contains(world.sandbox.goshim_home().to_str().unwrap()),
            "{ran}"
        );
    }
    assert!(before == tree(world.sandbox.goshim_home()));
}

#[test]
fn a_read_only_store_without_a_default() {
    let world = World::new(&[GO]);
    world.ok(["install", RELEASE]);
    world.ok(["default", "--unset"]);
    let _read_only = ReadOnly::new(world.sandbox.goshim_home());
    for query in [RELEASE, "1.22"] {
        Ran::of(&mut as_stranger(&world, &["install", query]))
            .succeeded()
            .said("is installed already");
    }
}

#[test]
fn an_empty_store_that_cannot_be_written() {
    let world = World::new(&[GO]);
    let _read_only = ReadOnly::new(world.sandbox.goshim_home());
    Ran::of(&mut as_stranger(&world, &["install", RELEASE])).refused(1, "ermission denied");
    Ran::of(&mut as_stranger(&world, &["list"])).succeeded();
    assert_eq!(world.stored(""), [""; 0]);
}

#[test]
fn a_store_that_is_a_file() {
    let world = World::new(&[GO]);
    let file = world.sandbox.write("file", "");
    let run = |arguments: &[&str]| {
        Ran::of(
            world
                .goshim(arguments.iter().copied())
                .env("GOSHIM_HOME", &file),
        )
    };
    run(&["install", RELEASE]).ended_with(1).said("error: ");
    run(&["uninstall", RELEASE]).refused(1, "is not installed");
}
