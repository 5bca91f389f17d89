//! Many at once: each does what it was asked for, and no work is done twice.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};
use std::time::Duration;

use goshim_test_support::{Fault, host};

use crate::support::{GO, RELEASE, Ran, World};

/// Starts the program, for all of them to run at the same time.
fn start(world: &World, arguments: &[&str]) -> (String, Child) {
    let mut command = world.goshim(arguments.iter().copied());
    let command = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    (format!("{command:?}"), command.spawn().unwrap())
}

fn finish(children: Vec<(String, Child)>) -> Vec<Ran> {
    let ended = children.into_iter();
    ended
        .map(|(what, child)| Ran::from_output(what, child.wait_with_output().unwrap()))
        .collect()
}

fn all_succeeded(all: Vec<Ran>) -> Vec<Ran> {
    all.into_iter().map(Ran::succeeded).collect()
}

fn count(all: &[Ran], text: &str) -> usize {
    all.iter().filter(|ran| ran.stderr.contains(text)).count()
}

#[test]
fn eight_installations_of_one_release() {
    let world = World::new(&[GO]);
    world.mirror.set_delay(Duration::from_millis(20));
    let all = finish(
        (0..8)
            .map(|_| start(&world, &["install", RELEASE]))
            .collect(),
    );
    let all = all_succeeded(all);
    assert_eq!(world.mirror.hits(&host::archive_name(GO)), 1);
    world.assert_is_reference(&"after eight at once");
    assert_eq!(count(&all, "installed go1.22.10 in"), 1);
    assert_eq!(count(&all, "is installed already"), 7);
    assert_eq!(count(&all, "is your default now"), 1);
    assert_eq!(
        world.stored("staging").len()
            + world.stored("trash").len()
            + world.stored("downloads").len(),
        0
    );
}

#[test]
fn eight_installations_by_a_series_and_by_name() {
    let world = World::new(&[GO]);
    world.mirror.set_delay(Duration::from_millis(20));
    let queries = [
        "1.22",
        "latest",
        RELEASE,
        "go1.22.10",
        "1.22.x",
        "1",
        "stable",
        "v1.22.10",
    ];
    let all = finish(
        queries
            .iter()
            .map(|query| start(&world, &["install", query]))
            .collect(),
    );
    all_succeeded(all);
    assert_eq!(world.mirror.hits(&host::archive_name(GO)), 1);
}

#[test]
fn eight_installations_of_three_releases() {
    let toolchains = [GO, "go1.21.13", "go1.23.1"];
    let world = World::new(&toolchains);
    world.mirror.set_delay(Duration::from_millis(10));
    let children = (0..8)
        .map(|n| start(&world, &["install", toolchains[n % 3]]))
        .collect();
    let all = all_succeeded(finish(children));
    for toolchain in toolchains {
        assert_eq!(
            world.mirror.hits(&host::archive_name(toolchain)),
            1,
            "{toolchain}"
        );
    }
    assert_eq!(world.stored("sdks"), ["go1.21.13", "go1.22.10", "go1.23.1"]);
    assert_eq!(count(&all, "in "), 3);
    // One default, and it is what one of them said.
    let default = fs_err::read_to_string(world.default_file()).unwrap();
    assert_eq!(count(&all, "is your default now"), 1, "{default}");
    assert_eq!(
        count(&all, &format!("go{} is your default now", default.trim())),
        1,
        "{default}"
    );
    assert_eq!(world.stored("staging").len(), 0);
}

#[test]
fn the_links_of_installations_at_once_are_all_there() {
    let toolchains = [
        "go1.20.1", "go1.20.2", "go1.21.1", "go1.21.2", GO, "go1.23.1",
    ];
    let world = World::new(&toolchains);
    world.set_up_shims();
    for _ in 0..4 {
        let all = finish(
            toolchains
                .iter()
                .map(|toolchain| start(&world, &["install", toolchain]))
                .collect(),
        );
        all_succeeded(all);
        let mut expected = vec![".goshim".to_owned(), "go".to_owned()];
        expected.extend(toolchains.map(str::to_owned));
        expected.sort_unstable();
        assert_eq!(world.stored("shims"), expected);
        let all = finish(
            toolchains
                .iter()
                .map(|toolchain| start(&world, &["uninstall", toolchain]))
                .collect(),
        );
        all_succeeded(all);
        assert_eq!(world.stored("shims"), [".goshim", "go"]);
    }
}

#[test]
fn one_fails_and_the_next_goes_on() {
    let world = World::new(&[GO]);
    world
        .mirror
        .set_fault(&host::archive_name(GO), Some(Fault::Status(404)));
    let all = finish(
        (0..4)
            .map(|_| start(&world, &["install", RELEASE]))
            .collect(),
    );
    for ran in all {
        ran.refused(1, "status 404");
    }
    world.assert_nothing_is_installed(&"all four were refused");
}

#[test]
fn installations_and_uninstallations_at_once() {
    let world = World::new(&[GO]);
    for _ in 0..3 {
        let commands = [
            ["install", RELEASE],
            ["uninstall", RELEASE],
            ["install", RELEASE],
            ["uninstall", RELEASE],
        ];
        let all = finish(commands.iter().map(|words| start(&world, words)).collect());
        for ran in all {
            assert!(
                ran.code == Some(0) || ran.stderr.contains("error: go1.22.10 is not installed"),
                "{ran}"
            );
        }
        let listed = world.ok(["list"]);
        if listed.stdout.contains(GO) {
            world.assert_is_reference(&listed);
        }
    }
    world.ok(["install", RELEASE]);
    world.assert_is_reference(&"at the end");
    assert_eq!(
        world.stored("staging").len() + world.stored("trash").len(),
        0
    );
}

#[test]
fn a_wait_is_told() {
    let world = World::new(&[GO]);
    let archive = host::archive_name(GO);
    // Until somebody waits, but no longer than the program itself bears.
    let silence = Fault::Stall(Duration::from_secs(20));
    world.mirror.set_fault(&archive, Some(silence));
    let first = start(&world, &["install", RELEASE]);
    while world.mirror.hits(&archive) == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let (what, mut second) = start(&world, &["install", RELEASE]);
    let told = "waiting for another goshim that is changing go1.22.10";
    let mut said = BufReader::new(second.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains(told) {
        assert!(said.read_line(&mut line).unwrap() > 0, "{what}: {line}");
    }
    world.mirror.set_fault(&archive, None);
    let first = all_succeeded(finish(vec![first]));
    assert_eq!(count(&first, told), 0);
    said.read_to_string(&mut line).unwrap();
    assert!(second.wait().unwrap().success(), "{line}");
    assert_eq!(line.matches(told).count(), 1, "{line}");
    assert_eq!(world.mirror.hits(&archive), 1);
}
