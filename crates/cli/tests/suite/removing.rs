//! What is taken away: all of it or nothing is seen, whatever the disk is like, and nothing of anybody else's goes with it.

use std::time::{Duration, SystemTime};

use crate::races::{Stopped, about_to_publish, finish, start, traced, wait_until};
use crate::store::{as_owner, can_mount};
use crate::support::{GO, RELEASE, Ran, World, through, tree};

const OTHER: &str = "go1.21.13";

/// Runs a script of the shell in a mount namespace of its own: `$1` is the store, `$2` the program, `$3` the sandbox.
fn with_mounts(world: &World, script: &str) -> Ran {
    let arguments = [
        "-c",
        script,
        "sh",
        world.sandbox.goshim_home().to_str().unwrap(),
        env!("CARGO_BIN_EXE_goshim"),
        world.sandbox.root().to_str().unwrap(),
    ];
    let inner = world.goshim_at("/bin/sh".as_ref(), arguments);
    let mut command = through("unshare", &["-m"], &inner);
    command.env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
    Ran::of(&mut command)
}

#[test]
fn a_purge_meanwhile_lets_no_half_tree_be_published() {
    let world = World::new(&[GO]);
    let child = about_to_publish(&world);
    // It takes its time for each file.
    let purge = ["unsetup", "--purge", "--yes"];
    let purge = start(traced(&world, "unlinkat:delay_enter=100000", purge));
    wait_until("the purge", || world.stored("staging").is_empty());
    let ran = child.finish("an install");
    assert_eq!(world.stored("sdks"), [""; 0], "{ran}");
    ran.refused(1, "another process removed the unfinished installation");
    finish("a purge", purge);
    world.ok(["install", RELEASE]);
    world.assert_is_reference(&"tried again");
}

#[test]
fn sweeping_takes_goshims_names_alone() {
    let world = World::new(&[GO, OTHER]);
    let mine = [
        "goshim/downloads/film.part",
        "goshim/index/.new-theme/cards",
        "goshim/state/.new-plan",
        "goshim/staging/go1.22.10~/notes",
        "goshim/trash/go1.22.10~old/notes",
        "theirs/go1.22.10~abcdef/notes",
    ];
    let old = SystemTime::now() - Duration::from_hours(24 * 30);
    for file in mine {
        let file = world.sandbox.write(file, "mine");
        for path in [&*file, file.parent().unwrap()] {
            fs_err::File::open(path)
                .unwrap()
                .file()
                .set_modified(old)
                .unwrap();
        }
    }
    let before = tree(&world.sandbox.root().join("theirs"));
    world.ok(["install", RELEASE]);
    world.ok(["cache", "clean"]);
    for file in mine {
        assert!(world.sandbox.root().join(file).exists(), "{file}");
    }
    // Nor does it reach through a link.
    for name in ["trash", "staging", "links"] {
        let dir = world.sandbox.goshim_home().join(name);
        let _ = fs_err::remove_dir_all(&dir);
        fs_err::os::unix::fs::symlink(world.sandbox.root().join("theirs"), &dir).unwrap();
        world.ok(["install", "1.21.13"]);
        world.ok(["cache", "clean"]);
        world.ok(["uninstall", "1.21.13"]);
        assert_eq!(tree(&world.sandbox.root().join("theirs")), before, "{name}");
        fs_err::remove_file(dir).unwrap();
    }
}

#[test]
fn what_is_mounted_in_an_sdk_is_not_deleted() {
    let world = World::new(&[GO]);
    if !can_mount(&world) {
        return;
    }
    world.sandbox.write("theirs/only copy", "mine");
    for (make, at) in [
        ("mkdir -p \"$at\"", "src/a b"),
        ("true", "src"),
        ("true", ""),
        ("rm -r \"$at\"; mkdir \"$at\"", "VERSION"),
    ] {
        for words in [
            "uninstall 1.22.10",
            "install --reinstall 1.22.10",
            "unsetup --purge --yes",
            "repair --remove-extra 1.22.10",
        ] {
            // A mount of the same file system has the same device.
            let ran = with_mounts(
                &world,
                &format!(
                    "\"$2\" install -q 1.22.10 || exit 9; at=\"$1/sdks/go1.22.10/{at}\"; {make}
                    mount --bind \"$3/theirs\" \"$at\" || exit 9; \"$2\" {words}; code=$?
                    umount \"$at\" || exit 8; exit $code"
                ),
            );
            let mine = world.sandbox.root().join("theirs/only copy");
            assert!(mine.exists(), "{ran}");
            let ran = ran.ended_with(1).said("something is mounted at ");
            ran.said("hint: unmount it");
            assert!(world.sdk(GO).exists());
            world.ok(["repair", "--remove-extra", RELEASE]);
            world.ok(["verify"]);
        }
    }
}

#[test]
fn sdks_of_an_image() {
    let world = World::new(&[GO, OTHER]);
    if !can_mount(&world) {
        return;
    }
    world.ok(["install", RELEASE, "1.21.13"]);
    let image = world.sandbox.root().join("image");
    fs_err::rename(world.sandbox.goshim_home(), &image).unwrap();
    fs_err::create_dir(world.sandbox.goshim_home()).unwrap();
    // What is in the layer below cannot be renamed.
    let container = |script: &str| {
        let script = format!(
            "mkdir -p \"$3/upper\" && mount -t tmpfs tmpfs \"$3/upper\" && mkdir \"$3/upper/u\" \"$3/upper/w\" &&
            mount -t overlay -o \"redirect_dir=off,lowerdir=$3/image,upperdir=$3/upper/u,workdir=$3/upper/w\" overlay \"$1\" || exit 9
            {script}"
        );
        with_mounts(&world, &script)
    };
    container(
        "\"$2\" install --reinstall 1.22.10 2>\"$3/said\" && exit 8
        echo oops >>\"$1/sdks/go1.22.10/VERSION\"
        \"$2\" repair 1.22.10 && \"$2\" verify -q && \"$2\" uninstall 1.22.10 || exit 7
        test -e \"$1/sdks/go1.22.10\" && exit 6
        \"$2\" install 1.22.10 && \"$2\" verify -q || exit 5
        \"$2\" install --reinstall 1.22.10 && \"$2\" uninstall 1.22.10 1.21.13 || exit 4
        ls \"$1/sdks\" \"$1/staging\" \"$1/trash\" \"$1/receipts\" \"$1/manifests\" | grep go1. && exit 3
        exit 0",
    )
    .succeeded();
    let said = fs_err::read_to_string(world.sandbox.root().join("said")).unwrap();
    assert!(said.contains("cannot be replaced in one step"), "{said}");
    assert!(said.contains("hint: goshim repair"), "{said}");
    // Broken off at its second deletion, it is not taken for whole, and goes with the next try.
    let ran = container(
        "strace -f -o /dev/null -e trace=unlink,unlinkat,rmdir -e inject=unlink,unlinkat,rmdir:signal=KILL:when=2 \"$2\" uninstall 1.22.10 && exit 8
        test -e \"$1/sdks/go1.22.10/LICENSE\" || exit 7
        test -e \"$1/sdks/go1.22.10/bin/go\" && exit 6
        \"$2\" verify 1.22.10 && exit 5
        \"$2\" uninstall 1.22.10 && ls \"$1/sdks\"",
    );
    assert_eq!(ran.succeeded().stdout.lines().last(), Some(OTHER));
}

#[test]
fn room_is_made_on_a_full_disk() {
    let world = World::new(&[GO, OTHER]);
    if !can_mount(&world) {
        return;
    }
    // A file system with so few files that none can be made.
    let ran = with_mounts(
        &world,
        "mount -t tmpfs -o size=100m,nr_inodes=300 tmpfs \"$1\" || exit 9
        \"$2\" install -q 1.22.10 1.21.13 || exit 8
        n=0; while mkdir \"$1/full$n\" 2>/dev/null; do n=$((n+1)); done
        \"$2\" uninstall 1.22.10 && \"$2\" prune --days 0 --yes -q || exit 7
        ls \"$1/sdks\" \"$1/staging\"| grep go1. && exit 6; \"$2\" install -q 1.22.10",
    );
    ran.succeeded();
}

#[test]
fn trash_on_another_disk() {
    let world = World::new(&[GO]);
    if !can_mount(&world) {
        return;
    }
    let ran = with_mounts(
        &world,
        "\"$2\" install -q 1.22.10 || exit 9
        mkdir -p \"$1/trash\" && mount -t tmpfs tmpfs \"$1/trash\" || exit 8
        strace -f -o /dev/null -e trace=unlink,unlinkat,rmdir -e inject=unlink,unlinkat,rmdir:signal=KILL:when=2 \"$2\" uninstall 1.22.10 && exit 7
        test -e \"$1/sdks/go1.22.10\" && exit 6
        \"$2\" install -q 1.22.10 && \"$2\" verify && ls \"$1/staging\"",
    );
    assert_eq!(ran.succeeded().stdout, "");
}

#[test]
fn what_another_process_took_away_is_not_installed() {
    let world = World::new(&[GO]);
    let gone = "go1.22.10 is not installed";
    // It waits for the lock.
    world.ok(["install", RELEASE]);
    let slow = "renameat2:delay_enter=1500000";
    let uninstall = start(traced(&world, slow, ["uninstall", RELEASE]));
    wait_until("the trash", || {
        world.sandbox.goshim_home().join("trash").exists()
    });
    world.run(["repair", RELEASE]).refused(1, gone);
    finish("an uninstallation", uninstall).succeeded();
    // It takes no lock.
    world.ok(["install", RELEASE]);
    let log = world.sandbox.root().join("strace.log");
    fs_err::remove_file(&log).unwrap();
    let verify = Stopped::at(&world, "statfs", ["verify"]);
    wait_until("the stop", || {
        fs_err::read_to_string(&log).is_ok_and(|log| log.contains("stopped by SIGSTOP"))
    });
    world.ok(["uninstall", RELEASE]);
    verify.finish("a verification").refused(1, gone);
    // Neither does it.
    world.ok(["install", RELEASE]);
    let _ = fs_err::remove_dir(world.sandbox.goshim_home().join("trash"));
    let purge = ["unsetup", "--purge", "--yes"];
    // Longer than an uninstallation takes on any machine.
    let purge = start(traced(&world, "renameat2:delay_enter=6000000", purge));
    wait_until("the trash", || {
        world.sandbox.goshim_home().join("trash").exists()
    });
    world.ok(["uninstall", RELEASE]);
    finish("a purge", purge).succeeded();
}

#[test]
fn an_sdk_that_its_owner_made_read_only_goes_too() {
    let world = World::new(&[GO]);
    world.ok(["install", RELEASE]);
    let protect = || {
        let status = std::process::Command::new("chmod")
            .args(["-R", "a-w"])
            .arg(world.sdk(GO))
            .status();
        assert!(status.unwrap().success());
    };
    protect();
    Ran::of(&mut as_owner(&world, &["install", "--reinstall", RELEASE])).succeeded();
    let sdk = world.sdk(GO);
    fs_err::write(sdk.join("src/fmt/extra.go"), "").unwrap();
    fs_err::write(sdk.join("LICENSE"), "other").unwrap();
    fs_err::remove_dir_all(sdk.join("lib")).unwrap();
    protect();
    let repair = ["repair", "--remove-extra", RELEASE];
    Ran::of(&mut as_owner(&world, &repair)).succeeded();
    Ran::of(&mut as_owner(&world, &["verify"])).succeeded();
    protect();
    Ran::of(&mut as_owner(&world, &["uninstall", RELEASE])).succeeded();
    for dir in ["sdks", "staging", "trash"] {
        assert_eq!(world.stored(dir), [""; 0], "{dir}");
    }
}
