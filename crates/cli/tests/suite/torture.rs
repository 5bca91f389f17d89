//! The store under fire: killed at every call that changes something, and told every error that such a call can give.
//!
//! `strace` counts the calls of each thread for itself. So every position that any thread reaches is tried, and what was hit is looked at
//! afterwards: the categories in [`PLACES`] must all be among it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use goshim_test_support::{ArchiveBuilder, TlsFront};

use crate::support::{Entry, GO, RELEASE, Ran, World, through, tree};

/// Another SDK, which is nobody's subject and must stay what it is.
const BYSTANDER: &str = "go1.21.13";

/// The calls that change something, and those that lock.
const CALLS: [&str; 20] = [
    "openat",
    "write",
    "pwrite64",
    "mkdir",
    "mkdirat",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "unlink",
    "unlinkat",
    "rmdir",
    "ftruncate",
    "fsync",
    "fdatasync",
    "syncfs",
    "flock",
];

/// What the calls can fail with.
const ERRORS: [&str; 6] = ["ENOSPC", "EIO", "EROFS", "EACCES", "EMFILE", "EINTR"];

/// Seconds after which a run counts as hanging.
const PATIENCE: &str = "60";

/// Fewer would mean that something is no longer looked at. These are what was counted when this was written, less a tenth.
const LEAST_KILLS: usize = 460;
const LEAST_INJECTIONS: usize = 1000;

/// Where at least one kill must have hit: a call, and a part of its line in the log.
const PLACES: [(&str, &str); 14] = [
    ("openat", "/staging/"),
    ("openat", ".part"),
    ("openat", "/locks/"),
    ("write", ""),
    ("mkdir", "/staging/"),
    ("fsync", ""),
    ("syncfs", ""),
    ("renameat", "/receipts/"),
    ("renameat", "/manifests/"),
    ("renameat2", "RENAME_NOREPLACE"),
    ("renameat2", "RENAME_EXCHANGE"),
    ("renameat2", "/trash/"),
    ("unlink", "/receipts/"),
    ("unlinkat", ""),
];

/// What is done to the store, and from which state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Install,
    Reinstall,
    Uninstall,
    Default,
}

const DEEDS: [Deed; 4] = [
    Deed::Install,
    Deed::Reinstall,
    Deed::Uninstall,
    Deed::Default,
];

impl Deed {
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Install => &["--quiet", "install", RELEASE],
            Self::Reinstall => &["--quiet", "install", "--reinstall", RELEASE],
            Self::Uninstall => &["--quiet", "uninstall", RELEASE],
            Self::Default => &["--quiet", "default", "1.21.13"],
        }
    }
}

/// A world that is put back into its state before each blow.
struct Rig {
    world: World,
    states: PathBuf,
    log: PathBuf,
    certificate: PathBuf,
    reference: BTreeMap<PathBuf, Entry>,
}

/// An SDK with enough small files that the thread which writes them gets further than any other thread does.
fn archive(toolchain: &str) -> Vec<u8> {
    let mut archive = ArchiveBuilder::new()
        .file("go/VERSION", 0o644, format!("{toolchain}\n"))
        .dir("go/bin/", 0o755)
        .file("go/bin/go", 0o755, "\x7fELF and more")
        .file("go/bin/gofmt", 0o755, "\x7fELF and more");
    for dir in 0..12 {
        for file in 0..5 {
            archive = archive.file(format!("go/src/p{dir}/f{file}.go"), 0o644, "package p\n");
        }
    }
    archive.finish()
}

impl Rig {
    fn new() -> Self {
        let world = World::in_memory(&[GO, BYSTANDER]);
        for toolchain in [GO, BYSTANDER] {
            world.publish(toolchain, &archive(toolchain));
        }
        world.mirror.warm_up().unwrap();
        world.set_up_shims();
        let states = world.sandbox.mkdir("states");
        world.ok(["install", BYSTANDER]);
        copy(world.sandbox.goshim_home(), &states.join("without"));
        world.ok(["install", RELEASE]);
        world.ok(["default", RELEASE]);
        copy(world.sandbox.goshim_home(), &states.join("with"));
        let reference = tree(&world.sdk(GO));
        let log = world.sandbox.root().join("log");
        let certificate = world.sandbox.root().join("certificate.pem");
        let front = TlsFront::start(world.mirror.address(), &["localhost"]);
        front.write_certificate(&certificate);
        Self {
            world,
            states,
            log,
            certificate,
            reference,
        }
    }

    fn reset(&self, deed: Deed) {
        let state = if deed == Deed::Install {
            "without"
        } else {
            "with"
        };
        fs_err::remove_dir_all(self.world.sandbox.goshim_home()).unwrap();
        copy(&self.states.join(state), self.world.sandbox.goshim_home());
    }

    /// Runs the deed under strace, which does `inject` to it.
    fn run(&self, deed: Deed, inject: Option<&str>) -> Ran {
        let calls = format!("trace={}", CALLS.join(","));
        let mut arguments = vec!["-f", "-o", self.log.to_str().unwrap(), "-e", &calls];
        let inject = inject.map(|inject| format!("inject={inject}"));
        if let Some(inject) = &inject {
            arguments.extend(["-e", inject]);
        }
        let mut inner = self.world.goshim(deed.words().iter().copied());
        // One file to read instead of the hundreds that a system may have, whose calls would hide those of other threads.
        inner.env("SSL_CERT_FILE", &self.certificate);
        // What hangs is killed with all that belongs to it, and has no code then.
        let traced = through("strace", &arguments, &inner);
        Ran::of(&mut through("timeout", &["-s", "KILL", PATIENCE], &traced))
    }

    /// Every position of each call that a thread reaches, and whether it may be a [wake-up](is_wake_up).
    fn positions(&self, deed: Deed) -> BTreeMap<(&'static str, usize), bool> {
        self.reset(deed);
        self.run(deed, None).succeeded();
        let mut counts: BTreeMap<(&str, String), usize> = BTreeMap::new();
        let mut positions = BTreeMap::new();
        for line in fs_err::read_to_string(&self.log).unwrap().lines() {
            let mut words = line.split_whitespace();
            let thread = words.next().unwrap().to_owned();
            let name = words
                .next()
                .and_then(|word| word.split('(').next())
                .unwrap_or_default();
            if let Some(call) = CALLS.iter().find(|call| **call == name) {
                let nth = counts.entry((call, thread)).or_default();
                *nth += 1;
                *positions.entry((*call, *nth)).or_default() |= is_wake_up(line);
            }
        }
        positions
    }

    /// What is visible is whole, nothing that was good is gone, and the next plain run leaves all as it should be.
    fn check(&self, deed: Deed, context: &str) {
        let world = &self.world;
        self.visible_is_whole(context);
        if deed == Deed::Reinstall || deed == Deed::Default {
            assert!(world.sdk(GO).is_dir(), "a good version was lost\n{context}");
        }
        let default = fs_err::read_to_string(world.default_file()).unwrap();
        let expected: &[&str] = match deed {
            Deed::Install => &["1.21.13\n"],
            Deed::Default => &["1.22.10\n", "1.21.13\n"],
            Deed::Reinstall | Deed::Uninstall => &["1.22.10\n"],
        };
        assert!(expected.contains(&&*default), "{default:?}\n{context}");
        let again = world.ok(["install", RELEASE]);
        self.visible_is_whole(&format!("{context}\n{again}"));
        assert_eq!(world.stored("sdks"), [BYSTANDER, GO], "{context}\n{again}");
        for dir in ["staging", "trash"] {
            assert_eq!(world.stored(dir), [""; 0], "{dir}: {context}\n{again}");
        }
        // What a reinstallation received waits for the next one.
        let parts = world.stored("downloads");
        assert!(
            parts.is_empty() || deed == Deed::Reinstall,
            "{context}\n{again}"
        );
        let mut shims = world.stored("shims");
        shims.retain(|name| !name.starts_with('.'));
        assert_eq!(shims, ["go", BYSTANDER, GO], "{context}\n{again}");
    }

    fn visible_is_whole(&self, context: &str) {
        let world = &self.world;
        for name in world.stored("sdks") {
            let mut seen = tree(&world.sdk(&name));
            let version = Path::new("VERSION");
            let mut reference = self.reference.clone();
            if name == BYSTANDER {
                // It differs in nothing but its name.
                assert!(seen.remove(version).is_some(), "{name}\n{context}");
                reference.remove(version);
            }
            assert!(seen == reference, "{name} is not whole\n{context}");
            for record in [format!("receipts/{name}.toml"), format!("manifests/{name}")] {
                let record = world.sandbox.goshim_home().join(record);
                assert!(
                    fs_err::metadata(&record).is_ok_and(|it| it.len() > 0),
                    "{}\n{context}",
                    record.display()
                );
            }
        }
        assert!(world.sdk(BYSTANDER).is_dir(), "{context}");
    }
}

/// Copies a tree of files, directories and links.
fn copy(from: &Path, to: &Path) {
    fs_err::create_dir_all(to).unwrap();
    for entry in fs_err::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy(&entry.path(), &target);
        } else if kind.is_symlink() {
            fs_err::os::unix::fs::symlink(fs_err::read_link(entry.path()).unwrap(), target)
                .unwrap();
        } else {
            fs_err::copy(entry.path(), target).unwrap();
        }
    }
}

/// Carries out all blows, on as many rigs as there are processors. `blow` gets one and its number.
fn on_rigs<B: Sync>(blows: &[B], blow: impl Fn(&Rig, &B) + Sync) {
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism()
        .map_or(2, usize::from)
        .min(4);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let rig = Rig::new();
                while let Some(one) = blows.get(next.fetch_add(1, Ordering::Relaxed)) {
                    blow(&rig, one);
                }
            });
        }
    });
}

/// Each deed with each position of each call, but for those where threads wake each other, unless `with_wake_ups`.
fn positions(with_wake_ups: bool) -> Vec<(Deed, &'static str, usize)> {
    let rig = Rig::new();
    let mut all = Vec::new();
    for deed in DEEDS {
        for ((call, nth), is_wake_up) in rig.positions(deed) {
            if with_wake_ups || !is_wake_up {
                all.push((deed, call, nth));
            }
        }
    }
    all
}

#[test]
fn killed_at_every_call_that_changes_something() {
    let blows = positions(true);
    let kills = AtomicUsize::new(0);
    let hit: Mutex<BTreeSet<(&str, String)>> = Mutex::default();
    on_rigs(&blows, |rig, (deed, call, nth)| {
        rig.reset(*deed);
        let ran = rig.run(*deed, Some(&format!("{call}:signal=SIGKILL:when={nth}")));
        let context = format!("{deed:?}, killed at {call} {nth}\n{ran}");
        if ran.code == Some(0) {
            return;
        }
        assert_eq!(ran.code, None, "{context}");
        kills.fetch_add(1, Ordering::Relaxed);
        let log = fs_err::read_to_string(&rig.log).unwrap();
        // The call that was cut off is the last of its kind that was begun.
        let last = log
            .lines()
            .rev()
            .find(|line| line.contains(&format!(" {call}(")));
        let place = last.unwrap_or_default().to_owned();
        hit.lock().unwrap().insert((call, place));
        rig.check(*deed, &context);
    });
    let kills = kills.into_inner();
    let hit = hit.into_inner().unwrap();
    let mut table = String::new();
    for (call, part) in PLACES {
        let count = hit
            .iter()
            .filter(|(name, line)| *name == call && line.contains(part))
            .count();
        writeln!(table, "{count:>4}  {call} {part}").unwrap();
        assert!(count > 0, "no kill hit {call} {part}");
    }
    println!("{kills} kills: 0 corrupt, 0 unrecoverable, 0 good versions lost\n{table}");
    assert!(
        kills >= LEAST_KILLS,
        "{kills} kills, at least {LEAST_KILLS} are expected"
    );
}

#[test]
fn told_every_error_at_every_call() {
    let mut blows = Vec::new();
    // Each position with one error, in turns, and then with the next, until there are enough; a long run takes all.
    let positions = positions(false);
    let enough = if is_long() {
        positions.len() * ERRORS.len()
    } else {
        LEAST_INJECTIONS * 6 / 5
    };
    for number in 0..enough {
        let (deed, call, nth) = positions[number % positions.len()];
        let turn = number % positions.len() + number / positions.len();
        blows.push((deed, call, nth, ERRORS[turn % ERRORS.len()]));
    }
    let (injections, failures) = (AtomicUsize::new(0), AtomicUsize::new(0));
    on_rigs(&blows, |rig, (deed, call, nth, error)| {
        rig.reset(*deed);
        let ran = rig.run(*deed, Some(&format!("{call}:error={error}:when={nth}")));
        let context = format!("{deed:?}, {error} from {call} {nth}\n{ran}");
        let log = fs_err::read_to_string(&rig.log).unwrap();
        // Each thread has its own count, so more than one may have been hit.
        let mut hits = log.lines().filter(|line| line.contains("(INJECTED)"));
        if hits.clone().any(is_wake_up) {
            rig.check(*deed, &context);
            return;
        }
        assert!(!ran.stderr.contains("panicked"), "{context}");
        assert!(ran.code.is_some_and(|code| code != 101), "{context}");
        injections.fetch_add(usize::from(hits.next().is_some()), Ordering::Relaxed);
        if ran.code != Some(0) {
            failures.fetch_add(1, Ordering::Relaxed);
            // One clear error, unless the program never got to its own first line.
            let is_loader = ran.code == Some(127);
            let errors = ran
                .stderr
                .lines()
                .filter(|line| line.starts_with("error: "));
            assert!(
                is_loader || errors.count() == 1 || *call == "write",
                "{context}"
            );
        }
        rig.check(*deed, &context);
    });
    let (injections, failures) = (injections.into_inner(), failures.into_inner());
    println!(
        "{injections} errors injected, {failures} runs failed: 0 panics, 0 corrupt, all recovered"
    );
    assert!(injections >= LEAST_INJECTIONS, "{injections}");
    assert!(
        failures > injections / 4,
        "{failures} of {injections}: the errors do not reach the program"
    );
}

/// Whether a line of the log is a thread of the HTTP client that wakes another one. That is no call on the store, and cannot fail in earnest;
/// where it is made to, the other thread sleeps for ever.
fn is_wake_up(line: &str) -> bool {
    line.contains(r#""\1\0\0\0\0\0\0\0", 8)"#)
}

/// Whether `cargo xtask torture` runs this, with more time than a test has.
#[expect(
    clippy::disallowed_methods,
    reason = "a word to the tests, not to the product"
)]
pub(crate) fn is_long() -> bool {
    std::env::var_os("TORTURE").is_some()
}
