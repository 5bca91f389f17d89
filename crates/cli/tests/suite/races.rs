//! What others do to the store, and to the files that goshim reads, while it works: nothing that was not verified becomes visible, nothing
//! incomplete does, and nobody's files are written to.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use goshim_test_support::{ArchiveBuilder, Fault, host, stand_in};

use crate::hostile::{Zipped, windows, zip};
use crate::support::{GO, RELEASE, Ran, World, as_stranger, index, is_root, sha256, through};

/// After this time something that is waited for will not come.
const PATIENCE: Duration = Duration::from_mins(1);

/// The program under strace, which does `inject` to its calls, several of them with `;` between.
pub(crate) fn traced<'a>(
    world: &World,
    inject: &str,
    arguments: impl IntoIterator<Item = &'a str>,
) -> Command {
    let log = world.sandbox.root().join("strace.log");
    let calls: Vec<_> = inject
        .split(';')
        .filter_map(|one| one.split(':').next())
        .collect();
    let trace = format!("trace={}", calls.join(","));
    let injects: Vec<_> = inject
        .split(';')
        .map(|one| format!("inject={one}"))
        .collect();
    let mut options = vec!["-f", "-o", log.to_str().unwrap(), "-e", &trace];
    for inject in &injects {
        options.extend(["-e", inject]);
    }
    through("strace", &options, &world.goshim(arguments))
}

pub(crate) fn start(mut command: Command) -> Child {
    let command = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

pub(crate) fn finish(what: &str, child: Child) -> Ran {
    Ran::from_output(what.to_owned(), child.wait_with_output().unwrap())
}

/// The program, stopped as soon as it has made one of the calls that are named, until it may go on. However slow the machine is, what the test does
/// meanwhile comes in between.
pub(crate) struct Stopped {
    child: Child,
}

impl Stopped {
    /// Starts the program with `arguments`, under strace.
    pub(crate) fn at<'a>(
        world: &World,
        call: &str,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut command = traced(world, &format!("{call}:signal=SIGSTOP:when=1"), arguments);
        command.process_group(0);
        Self {
            child: start(command),
        }
    }

    /// Lets it go on, as often as it stops, to its end.
    pub(crate) fn finish(mut self, what: &str) -> Ran {
        let group = format!("-{}", self.child.id());
        while self.child.try_wait().unwrap().is_none() {
            // It fails where all of them have just ended.
            let go_on = Command::new("kill").args(["-CONT", "--", &group]).output();
            go_on.unwrap();
            std::thread::sleep(Duration::from_millis(20));
        }
        finish(what, self.child)
    }
}

/// An installation that has written its records, and is stopped before it publishes.
pub(crate) fn about_to_publish(world: &World) -> Stopped {
    let stopped = Stopped::at(world, "syncfs", ["install", RELEASE]);
    wait_until("the records", || !world.stored("receipts").is_empty());
    stopped
}

#[track_caller]
pub(crate) fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_zip_that_is_changed_between_hashing_and_unpacking() {
    let world = World::new(&[GO]);
    let name = format!("{GO}.windows-amd64.zip");
    let with = |text: &[u8]| {
        let mut entries = windows("go/");
        entries.push(Zipped::file("go/src/x.go", text));
        zip(&entries)
    };
    let (good, evil) = (with(b"package good\n"), with(b"package evil\n"));
    let file = world.sandbox.write(&name, &good);
    let digest = sha256(&good);
    let arguments = [
        "install",
        "--from",
        file.to_str().unwrap(),
        "--sha256",
        &digest,
    ];
    // The directory of a zip is sought once all of it was hashed.
    let child = start(traced(&world, "lseek:delay_enter=700000", arguments));
    wait_until("staging", || !world.stored("staging").is_empty());
    std::thread::sleep(Duration::from_millis(300));
    fs_err::write(&file, &evil).unwrap();
    let ran = finish("an install of a zip that changes", child);
    assert_eq!(world.stored("sdks"), [""; 0], "{ran}");
    ran.refused(1, &sha256(&evil));
    // Not because of what it is.
    fs_err::write(&file, &good).unwrap();
    world.ok(arguments);
}

#[test]
fn a_part_file_that_is_a_link_is_not_written_through() {
    let world = World::new(&[GO]);
    let part = world.part(&stand_in::archive(GO));
    fs_err::create_dir_all(part.parent().unwrap()).unwrap();
    let mine = world.sandbox.write("mine", "my only copy\n");
    for link in [
        |to: &Path, name: &Path| fs_err::os::unix::fs::symlink(to, name).unwrap(),
        |to: &Path, name: &Path| fs_err::hard_link(to, name).unwrap(),
    ] {
        link(&mine, &part);
        world.ok(["install", RELEASE]);
        world.assert_is_reference(&"behind a link");
        assert_eq!(fs_err::read_to_string(&mine).unwrap(), "my only copy\n");
        assert_eq!(world.stored("downloads"), [""; 0]);
        world.ok(["uninstall", RELEASE]);
    }
}

#[test]
fn a_part_file_that_cannot_be_locked_is_left_alone() {
    let world = World::new(&[GO]);
    let part = world.part(&stand_in::archive(GO));
    fs_err::create_dir_all(part.parent().unwrap()).unwrap();
    fs_err::write(&part, "another installer's bytes").unwrap();
    let is_untouched = |context: &Ran| {
        world.assert_is_reference(context);
        let left = fs_err::read_to_string(&part).unwrap();
        assert_eq!(left, "another installer's bytes", "{context}");
        assert_eq!(world.stored("downloads").len(), 1, "{context}");
    };
    // A file system without locks.
    let ran = Ran::of(&mut traced(
        &world,
        "flock:error=ENOLCK",
        ["install", RELEASE],
    ));
    is_untouched(&ran.succeeded());
    let downloads = part.parent().unwrap();
    fs_err::rename(&part, downloads.join("aside")).unwrap();
    world.ok(["uninstall", RELEASE]);
    Ran::of(&mut traced(
        &world,
        "flock:error=ENOLCK",
        ["install", RELEASE],
    ))
    .succeeded();
    assert_eq!(world.stored("downloads"), ["aside"]);
    fs_err::rename(downloads.join("aside"), &part).unwrap();
    world.ok(["uninstall", RELEASE]);
    // Somebody else's lock.
    let held = fs_err::File::open(&part).unwrap();
    held.file().lock().unwrap();
    is_untouched(&world.ok(["install", RELEASE]));
    world.ok(["uninstall", RELEASE]);
    drop(held);
    // Nobody's: its bytes are gone on with, and are found to be wrong.
    world.ok(["install", RELEASE]);
    assert_eq!(world.stored("downloads"), [""; 0]);
}

/// Lets an installation that is [`under_way`] go on to its end.
fn finish_under_way(world: &World, child: Child) {
    world.mirror.set_fault(&host::archive_name(GO), None);
    finish("an install", child).succeeded();
}

/// An installation that waits for the server, with its staging directory made.
fn under_way(world: &World) -> Child {
    world.mirror.set_fault(
        &host::archive_name(GO),
        Some(Fault::Stall(Duration::from_secs(20))),
    );
    let child = start(world.goshim(["install", RELEASE]));
    wait_until("the server is asked", || {
        world.mirror.hits(&host::archive_name(GO)) > 0
    });
    child
}

#[test]
fn an_installation_whose_lock_file_was_removed_is_not_swept() {
    let world = World::new(&[GO]);
    let child = under_way(&world);
    fs_err::remove_dir_all(world.sandbox.goshim_home().join("locks")).unwrap();
    world.ok(["cache", "clean"]);
    finish_under_way(&world, child);
    world.assert_is_reference(&"after a sweep");
}

#[test]
fn an_installation_of_another_machine_is_not_swept_before_it_is_old() {
    let world = World::new(&[GO]);
    let child = under_way(&world);
    let staged = world.stored("staging").pop().unwrap();
    let owner = world
        .sandbox
        .goshim_home()
        .join("staging")
        .join(&staged)
        .join("owner");
    fs_err::write(&owner, "another machine").unwrap();
    // Its locks do not reach this one.
    let sweep = || Ran::of(&mut traced(&world, "flock:retval=0", ["cache", "clean"])).succeeded();
    sweep();
    finish_under_way(&world, child);
    world.assert_is_reference(&"after a sweep");
    // What was killed there goes when it is old.
    let left = world.sandbox.mkdir("goshim/staging/go1.22.10~other0");
    let owner = left.join("owner");
    fs_err::write(&owner, "another machine").unwrap();
    sweep();
    assert_eq!(world.stored("staging").len(), 1);
    let file = fs_err::OpenOptions::new().write(true).open(&owner).unwrap();
    let old = std::time::SystemTime::now() - Duration::from_hours(7);
    file.file().set_modified(old).unwrap();
    sweep();
    assert_eq!(world.stored("staging").len(), 0);
}

#[test]
fn an_installation_that_is_swept_all_the_same_publishes_nothing() {
    let world = World::new(&[GO]);
    let child = about_to_publish(&world);
    // Neither lock keeps the sweeper out, and it takes its time for each file.
    let sweeper = start(traced(
        &world,
        "flock:retval=0;unlinkat:delay_enter=200000",
        ["cache", "clean"],
    ));
    wait_until("the sweep", || world.stored("staging").is_empty());
    let ran = child.finish("an install");
    assert_eq!(world.stored("sdks"), [""; 0], "{ran}");
    ran.refused(
        1,
        "another process removed the unfinished installation of go1.22.10",
    );
    finish("a sweep", sweeper).succeeded();
    world.ok(["install", RELEASE]);
    world.assert_is_reference(&"tried again");
    assert_eq!(
        world.stored("staging").len() + world.stored("trash").len(),
        0
    );
}

#[test]
fn a_reinstallation_that_cannot_exchange_leaves_the_records_alone() {
    let world = World::new(&[GO]);
    world.ok(["install", RELEASE]);
    // The same release, whose bytes are others now.
    let other = ArchiveBuilder::stand_in(GO).file("go/doc/new.html", 0o644, "new");
    world.publish(GO, &other.finish());
    let ran = Ran::of(&mut traced(
        &world,
        "renameat2:error=ENOSYS",
        ["install", "--reinstall", RELEASE],
    ));
    ran.refused(1, "cannot be replaced in one step");
    world.ok(["verify"]);
    // Neither does one whose records cannot be put into their place.
    let ran = Ran::of(&mut traced(
        &world,
        "renameat:error=EIO;rename:error=EIO",
        ["install", "--reinstall", RELEASE],
    ));
    ran.ended_with(1);
    world.ok(["verify"]);
    world.ok(["install", "--reinstall", RELEASE]);
    world.ok(["verify"]);
    assert!(world.sdk(GO).join("doc/new.html").exists());
}

#[test]
fn only_a_file_system_without_locks_is_taken_for_one() {
    let world = World::new(&[GO]);
    for error in ["ENOLCK", "EOPNOTSUPP", "ENOSYS", "EINTR:when=1"] {
        let inject = format!("flock:error={error}");
        Ran::of(&mut traced(&world, &inject, ["install", RELEASE])).succeeded();
        world.assert_is_reference(&error);
        world.ok(["uninstall", RELEASE]);
    }
    for error in ["EIO", "EINTR"] {
        let inject = format!("flock:error={error}");
        let ran = Ran::of(&mut traced(&world, &inject, ["install", RELEASE])).ended_with(1);
        let said = format!("cannot lock {}", world.sandbox.goshim_home().display());
        ran.said(&said).said("locks/go1.22.10");
        assert_eq!(world.stored("sdks"), [""; 0]);
    }
}

#[test]
fn no_more_threads_is_an_error() {
    let world = World::new(&[GO, "go1.21.13"]);
    let archive = stand_in::archive(GO);
    let file = world.sandbox.write(&host::archive_name(GO), &archive);
    let digest = sha256(&archive);
    let from = [
        "install",
        "--from",
        file.to_str().unwrap(),
        "--sha256",
        &digest,
    ];
    let mut failures = 0;
    for nth in 1..=3 {
        let inject = format!("clone3:error=EAGAIN:when={nth}+");
        let ran = Ran::of(&mut traced(&world, &inject, from));
        assert!(!ran.stderr.contains("panicked"), "{ran}");
        if ran.code != Some(0) {
            failures += 1;
            ran.ended_with(1).said("error: cannot start a thread");
            assert_eq!(world.stored("sdks"), [""; 0]);
        }
    }
    assert!(failures > 0, "no thread was refused");
    // Nor may the HTTP client have any.
    let ran = Ran::of(&mut traced(
        &world,
        "clone3:error=EAGAIN",
        ["install", "1.21.13"],
    ));
    let ran = ran.ended_with(1).said("error: cannot start a thread");
    assert!(!ran.stderr.contains("panicked"), "{ran}");
}

/// The HTTP client has threads of its own, where a server's address is looked up: each limit stops another one.
#[test]
fn a_limit_of_processes_is_an_error() {
    let world = World::new(&[GO]);
    if !is_root(&world.sandbox) {
        println!("NOT CHECKED: another user's limit needs root");
        return;
    }
    let url = world.mirror.url().replace("127.0.0.1", "localhost");
    let mut refused = 0;
    let listed = Ran::of(&mut as_stranger(&world, &["list", "--remote"]));
    listed.succeeded();
    // Its copy of the program lies where everybody can go.
    let program = world.sandbox.bin().join("goshim");
    for most in 1..=5 {
        let mut inner = world.goshim_at(&program, ["list", "--remote"]);
        inner.env("GOSHIM_INDEX_URL", &url);
        inner.env("GOSHIM_HTTP_RETRIES", "0");
        // A user whom no other test has: what runs as one counts.
        let user = ["--reuid=54322", "--regid=54322", "--clear-groups", "--"];
        let limit = format!("--nproc={most}");
        let stranger = through("setpriv", &user, &inner);
        let ran = Ran::of(&mut through("prlimit", &[&limit], &stranger));
        assert!(!ran.stderr.contains("panicked"), "{ran}");
        if ran.code != Some(0) {
            refused += 1;
            ran.ended_with(1).said("cannot start a thread");
        }
    }
    assert!(refused >= 3, "{refused} limits were reached");
}

/// Runs the program, which must not wait for ever.
fn patiently(world: &World, inner: &Command) -> Ran {
    let ran = Ran::of(&mut through("timeout", &["-s", "KILL", "20"], inner));
    assert!(
        ran.code.is_some_and(|code| code < 128),
        "it hung: {ran}\n{:?}",
        world.stored("")
    );
    ran
}

#[test]
fn what_is_no_file_is_refused_at_once() {
    let world = World::new(&[GO]);
    let fifo = |relative: &str| {
        let path = world.sandbox.write(relative, "");
        fs_err::remove_file(&path).unwrap();
        let status = Command::new("mkfifo").arg(&path).status();
        assert!(status.unwrap().success());
        path
    };
    let lock = fifo("goshim/locks/go1.22.10");
    patiently(&world, &world.goshim(["install", RELEASE]))
        .ended_with(1)
        .said("locks/go1.22.10 is no regular file");
    fs_err::remove_file(lock).unwrap();

    let index_file = fifo("index.json");
    let mut command = world.goshim(["install", RELEASE]);
    command.env("GOSHIM_INDEX_URL", &index_file);
    patiently(&world, &command)
        .ended_with(1)
        .said("index.json is no regular file");

    let archive = fifo(&host::archive_name(GO));
    let from = ["install", "--from", archive.to_str().unwrap()];
    patiently(&world, &world.goshim(from)).refused(1, "it is no regular file");
    fs_err::remove_file(&archive).unwrap();
    let ran = world.run(from).refused(1, "no such file");
    assert!(!ran.stderr.contains("check the network"), "{ran}");
    world.assert_nothing_is_installed(&"nothing of it was a file");
}

#[test]
fn an_index_in_a_file_has_a_largest_size_and_digits_of_either_case() {
    let world = World::new(&[GO]);
    let archive = stand_in::archive(GO);
    let dir = world.sandbox.mkdir("own");
    let name = host::archive_name(GO);
    fs_err::write(dir.join(&name), &archive).unwrap();
    let digest = sha256(&archive).to_ascii_uppercase();
    let json = index(GO, &name, &digest, archive.len());
    fs_err::write(dir.join("index.json"), json).unwrap();
    let install = || {
        let mut command = world.goshim(["install", RELEASE]);
        command.env("GOSHIM_INDEX_URL", &dir);
        command.env_remove("GOSHIM_MIRROR");
        Ran::of(&mut command)
    };
    install().succeeded();
    world.assert_is_reference(&"upper case");
    let receipt = world.sandbox.goshim_home().join("receipts/go1.22.10.toml");
    let receipt = fs_err::read_to_string(receipt).unwrap();
    assert!(receipt.contains(&sha256(&archive)), "{receipt}");
    world.ok(["uninstall", RELEASE]);
    let large = fs_err::File::create(dir.join("index.json")).unwrap();
    large.set_len(33 << 20).unwrap();
    install()
        .ended_with(1)
        .said("index.json is larger than 32 MiB");
}
