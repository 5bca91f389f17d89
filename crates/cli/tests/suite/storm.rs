//! Crowds: many installers of one release, some of them killed, and everything at once for a while.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use goshim_test_support::host;

use crate::support::{GO, RELEASE, Ran, World};
use crate::torture::is_long;

/// How many installers meet, and how often.
const INSTALLERS: usize = 32;
const ROUNDS: usize = 20;
/// How long everything happens at once.
const SOAK: Duration = Duration::from_secs(30);
/// How often each of them happens at least.
const LEAST: usize = 20;

fn start(world: &World, arguments: &[&str]) -> Child {
    world
        .goshim(arguments.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Who holds a lock, as the kernel tells it.
fn holder(lock: &Path) -> Option<u32> {
    let inode = format!(":{}", fs_err::metadata(lock).ok()?.ino());
    let locks = fs_err::read_to_string("/proc/locks").ok()?;
    // `1: FLOCK  ADVISORY  WRITE 1234 00:1b:5678 0 EOF`
    let mut held = locks
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    let held = held.find(|words| words.get(5).is_some_and(|place| place.ends_with(&inode)))?;
    held.get(4)?.parse().ok()
}

#[test]
fn thirty_two_installers_and_some_are_killed() {
    let world = World::in_memory(&[GO]);
    let archive = host::archive_name(GO);
    let (mut killed, mut resumed) = (0, 0);
    let rounds = if is_long() { 10 * ROUNDS } else { ROUNDS };
    for round in 0..rounds {
        world.run(["uninstall", RELEASE]);
        let before = world.mirror.hits(&archive);
        world
            .mirror
            .set_delay(Duration::from_millis(if round % 2 == 1 { 150 } else { 5 }));
        let mut children: Vec<Child> = (0..INSTALLERS)
            .map(|_| start(&world, &["--quiet", "install", RELEASE]))
            .collect();
        // In every second round some die, and among them whoever holds the lock and downloads.
        let mut victims = 0;
        if round % 2 == 1 {
            while world.mirror.hits(&archive) == before {
                thread::sleep(Duration::from_millis(1));
            }
            let holder = holder(&world.sandbox.goshim_home().join("locks").join(GO));
            for number in 0..4 {
                let is_holder = |child: &Child| number == 0 && Some(child.id()) == holder;
                let place = children
                    .iter()
                    .position(is_holder)
                    .unwrap_or(round * 7 % children.len());
                let mut victim = children.remove(place);
                victim.kill().unwrap();
                victims += usize::from(!victim.wait().unwrap().success());
            }
        }
        killed += victims;
        for child in children {
            let ran = Ran::from_output(format!("round {round}"), child.wait_with_output().unwrap());
            ran.succeeded();
        }
        world.assert_is_reference(&format!("round {round}"));
        let downloads = world.mirror.hits(&archive) - before;
        // A killed holder's download is gone on with by the next one, in a request of its own.
        resumed += downloads - 1;
        assert!(
            (1..=1 + victims).contains(&downloads),
            "round {round}: {downloads} downloads, {victims} killed"
        );
        for dir in ["staging", "trash", "downloads"] {
            assert_eq!(world.stored(dir), [""; 0], "{dir}, round {round}");
        }
    }
    println!(
        "{rounds} rounds of {INSTALLERS} installers: 0 failures, one download each; {killed} killed, of whom {resumed} were downloading"
    );
    assert!(killed >= rounds, "{killed} killed");
    assert!(
        resumed >= rounds / 4,
        "{resumed} of those who were downloading were killed"
    );
}

#[test]
fn everything_at_once() {
    let world = World::in_memory(&[GO, "go1.21.13"]);
    // The holders of the soak: whoever has a file of the SDK must find it whole.
    let stop = AtomicBool::new(false);
    let outcomes: [AtomicUsize; 5] = Default::default();
    let until = Instant::now() + if is_long() { SOAK * 10 } else { SOAK };
    // A busy machine takes its time.
    let is_over = || {
        let counts = outcomes.iter().map(|count| count.load(Ordering::Relaxed));
        Instant::now() >= until && counts.min() >= Some(LEAST)
    };
    world.sandbox.write("project/.go-version", "1.22.10\n");
    thread::scope(|scope| {
        for (number, words) in [
            &["--quiet", "install", RELEASE][..],
            &["--quiet", "install", "--reinstall", RELEASE],
            &["--quiet", "uninstall", RELEASE],
            &["list"],
            &["exec", "go", "version"],
        ]
        .into_iter()
        .enumerate()
        {
            let (world, stop, outcomes, is_over) = (&world, &stop, &outcomes, &is_over);
            scope.spawn(move || {
                while !is_over() && !stop.load(Ordering::Relaxed) {
                    let ran = world.run(words.iter().copied());
                    let is_defined = match (number, ran.code) {
                        (_, Some(0)) => true,
                        (2, Some(1)) => ran
                            .stderr
                            .starts_with("error: go1.22.10 is not installed\n"),
                        (2, Some(3)) => ran
                            .stderr
                            .starts_with("error: go1.22.10 is in use by process"),
                        // Selected, and taken away before it could be started.
                        (4, Some(127)) => {
                            ran.stderr.contains("is not installed")
                                || ran.stderr.contains("cannot run go")
                        }
                        // Taken away while it was starting: the stand-in misses its own files.
                        (4, _) => {
                            ran.stderr.contains("the path of this program")
                                || ran.stderr.contains("VERSION")
                        }
                        _ => false,
                    };
                    if !is_defined {
                        stop.store(true, Ordering::Relaxed);
                    }
                    assert!(is_defined, "{ran}");
                    assert!(number != 3 || ran.stdout.lines().count() <= 1, "{ran}");
                    outcomes[number].fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let counts = outcomes.map(AtomicUsize::into_inner);
    println!(
        "install, reinstall, uninstall, list, exec: {counts:?} runs, all with a defined outcome"
    );
    world.ok(["install", RELEASE]);
    world.assert_is_reference(&"after the soak");
    assert_eq!(
        world.stored("staging").len() + world.stored("trash").len(),
        0
    );
}
