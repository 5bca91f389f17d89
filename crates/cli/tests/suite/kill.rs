//! A kill at any moment leaves nothing that a person has to tidy up.

use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use goshim_test_support::host;

use crate::support::{GO, RELEASE, Ran, World, through};

/// How many kills there are in all.
const KILLS: u32 = 50;
/// Of these, how many come before the program can have done much.
const AT_START: u32 = 5;
/// What decides the other moments.
const SEED: u64 = 0x60_5b_1e_55;

#[derive(Debug, Default)]
struct Counts {
    kills: u32,
    had_finished: u32,
    showed_the_sdk: u32,
    left_a_part: u32,
    left_staging: u32,
    left_no_default: u32,
}

#[test]
fn fifty_kills_at_random_moments_of_an_installation() {
    // Two worlds, for the time is mostly waiting: each takes half.
    let halves = [SEED, SEED + 1].map(|seed| thread::spawn(move || kills(seed, KILLS / 2)));
    let counts = halves.map(|half| half.join().unwrap());
    println!("seeds {SEED:#x} and the next one: {counts:#?}");
    let total: u32 = counts.iter().map(|counts| counts.kills).sum();
    assert_eq!(total, KILLS);
    for (what, count) in [
        (
            "left a part file",
            counts.iter().map(|counts| counts.left_a_part).sum::<u32>(),
        ),
        (
            "left something in staging",
            counts.iter().map(|counts| counts.left_staging).sum(),
        ),
    ] {
        assert!(count > 0, "no kill {what}: the moments are not spread");
    }
}

fn kills(seed: u64, wanted: u32) -> Counts {
    let world = World::new(&[GO]);
    let slowly = Duration::from_millis(12);
    world.mirror.warm_up().unwrap();
    world.mirror.set_delay(slowly);
    let mut times = [Duration::ZERO; 3];
    for time in &mut times {
        let started = Instant::now();
        world.ok(["install", RELEASE]);
        *time = started.elapsed();
        world.ok(["uninstall", RELEASE]);
    }
    times.sort_unstable();
    let whole = times[1];
    // When the SDK appears: nearer to it with every kill that aims at it.
    let mut late = whole;
    let mut random = Random(seed);
    let mut counts = Counts::default();
    for attempt in 0.. {
        if counts.kills == wanted {
            break;
        }
        assert!(attempt < 20 * wanted, "{counts:?}");
        world.run(["uninstall", RELEASE]);
        world.ok(["default", "--unset"]);
        world.mirror.set_delay(slowly);
        // The last steps are short: every second kill aims at them.
        let is_late = attempt >= AT_START && attempt % 2 == 0;
        let moment = match attempt {
            early if early < AT_START => random.up_to(Duration::from_millis(5)),
            _ if is_late => late * 9 / 10 + random.up_to(late / 5),
            _ => random.up_to(whole),
        };
        let mut install = world.goshim(["install", RELEASE]);
        let mut child = install
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(moment);
        child.kill().unwrap();
        let status = child.wait().unwrap();
        let context = format!("seed {seed:#x}, {counts:?}, killed after {moment:?} of {whole:?}");
        if status.signal() == Some(9) {
            counts.kills += 1;
        } else {
            assert!(status.success(), "{status}, {context}");
            counts.had_finished += 1;
        }
        let is_listed = check(&world, &mut counts, &context);
        counts.showed_the_sdk += u32::from(is_listed && !status.success());
        if is_late {
            late = if is_listed {
                late * 19 / 20
            } else {
                late * 21 / 20
            };
        }
    }
    counts
}

/// What is listed is whole, and the next plain installation succeeds and leaves nothing behind. Returns whether it was listed.
fn check(world: &World, counts: &mut Counts, context: &dyn fmt::Display) -> bool {
    let listed = world.ok(["list"]);
    let is_listed = listed.stdout.contains(GO);
    assert_eq!(is_listed, world.sdk(GO).exists(), "{context}\n{listed}");
    if is_listed {
        world.assert_is_reference(context);
        assert_eq!(
            world.stored("receipts"),
            [format!("{GO}.toml")],
            "{context}"
        );
        assert_eq!(world.stored("manifests"), [GO], "{context}");
    } else {
        assert!(!listed.stdout.contains("go1"), "{context}\n{listed}");
    }
    counts.left_a_part += u32::from(!world.stored("downloads").is_empty());
    counts.left_staging += u32::from(!world.stored("staging").is_empty());
    counts.left_no_default += u32::from(is_listed && !world.default_file().exists());
    world.mirror.set_delay(Duration::ZERO);
    let again = world.ok(["install", RELEASE]);
    let context = format!("{context}\n{again}");
    world.assert_is_reference(&context);
    for dir in ["staging", "trash", "downloads"] {
        assert_eq!(world.stored(dir), [""; 0], "{dir}: {context}");
    }
    assert_eq!(
        fs_err::read_to_string(world.default_file()).unwrap(),
        "1.22.10\n",
        "{context}"
    );
    assert_eq!(world.ok(["list"]).stdout.lines().count(), 1, "{context}");
    is_listed
}

#[test]
fn kills_of_an_uninstallation() {
    let world = World::new(&[GO]);
    let mut random = Random(SEED);
    world.ok(["install", RELEASE]);
    let started = Instant::now();
    world.ok(["uninstall", RELEASE]);
    let whole = started.elapsed();
    let (mut gone, mut there) = (0, 0);
    for _ in 0..15 {
        world.ok(["install", RELEASE]);
        let moment = random.up_to(whole);
        let mut uninstall = world.goshim(["uninstall", RELEASE]);
        let mut child = uninstall
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(moment);
        child.kill().unwrap();
        child.wait().unwrap();
        if world.ok(["list"]).stdout.contains(GO) {
            there += 1;
            world.assert_is_reference(&format!("killed after {moment:?}"));
        } else {
            gone += 1;
            assert!(!world.sdk(GO).exists());
        }
    }
    println!("seed {SEED:#x}: {gone} gone, {there} there");
    world.ok(["install", RELEASE]);
    assert_eq!(
        world.stored("staging").len() + world.stored("trash").len(),
        0
    );
}

#[test]
fn a_kill_at_each_call_that_publishes_or_retires() {
    let world = World::new(&[GO]);
    world.set_up_shims();
    let log = world.sandbox.root().join("log");
    let mut kills = 0;
    for call in [
        "rename",
        "renameat",
        "renameat2",
        "link",
        "symlink",
        "unlink",
        "fsync",
        "syncfs",
    ] {
        for command in ["install", "uninstall"] {
            for nth in 1.. {
                // Where it is there or gone already, all the better.
                world.run([
                    if command == "install" {
                        "uninstall"
                    } else {
                        "install"
                    },
                    RELEASE,
                ]);
                world.ok(["default", "--unset"]);
                let inject = format!("inject={call}:signal=SIGKILL:when={nth}");
                let arguments = ["-f", "-o", log.to_str().unwrap(), "-e", &inject];
                let traced = Ran::of(&mut through(
                    "strace",
                    &arguments,
                    &world.goshim([command, RELEASE]),
                ));
                if traced.code == Some(0) {
                    break;
                }
                let context = format!("{command}, killed at {call} {nth}\n{traced}");
                assert_eq!(traced.code, None, "{context}");
                kills += 1;
                check(&world, &mut Counts::default(), &context);
                let mut shims = world.stored("shims");
                shims.retain(|name| !name.starts_with('.'));
                assert_eq!(shims, ["go", GO], "{context}");
            }
        }
    }
    println!("{kills} kills");
    assert!(kills >= 15, "{kills}");
}

#[test]
fn leftovers_of_others_go_unless_somebody_is_at_work() {
    let world = World::new(&[GO, "go1.21.13"]);
    let store = world.sandbox.goshim_home();
    for leftover in [
        "staging/go1.21.13~abcdef/go/x",
        "trash/go1.20~abcdef/go/bin/go",
        "staging/go1.22.10~abcdef/x",
    ] {
        world.sandbox.write(&format!("goshim/{leftover}"), "");
    }
    let unfinished = [
        "index/.new-abcdef",
        "state/.new-abcdef",
        "shims/.new-abcdef",
    ];
    for file in unfinished {
        let file = world.sandbox.write(&format!("goshim/{file}"), "");
        let status = world
            .sandbox
            .command("touch")
            .args(["-d", "2001-01-01"])
            .arg(file)
            .status();
        assert!(status.unwrap().success());
    }
    world.sandbox.write("goshim/index/.new-ABCDEF", "");
    let held = world.sandbox.write("goshim/locks/go1.21.13", "");
    let held = fs_err::File::open(held).unwrap();
    held.file().lock().unwrap();
    world.ok(["install", RELEASE]);
    assert_eq!(world.stored("staging"), ["go1.21.13~abcdef"]);
    assert_eq!(world.stored("trash"), [""; 0]);
    for file in unfinished {
        assert!(!store.join(file).exists(), "{file}");
    }
    assert!(
        store.join("index/.new-ABCDEF").exists(),
        "somebody may be writing it"
    );
    drop(held);
    // An installation that has nothing to do tidies up as well.
    world.ok(["install", RELEASE]);
    assert_eq!(world.stored("staging"), [""; 0]);
    assert_eq!(world.mirror.hits(&host::archive_name(GO)), 1);
}

/// Numbers that are the same in every run (xorshift64*).
struct Random(u64);

impl Random {
    fn up_to(&mut self, most: Duration) -> Duration {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        most * u32::try_from(number >> 16).unwrap() / (1 << 16)
    }
}
