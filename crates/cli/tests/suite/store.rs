//! The store over its life: replaced, used, verified, mended, tidied, and read from elsewhere.

use std::ffi::OsStr;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use goshim_test_support::{ArchiveBuilder, Fault, host, stand_in};
use serde_json::json;

use crate::races::traced;
use crate::support::{
    GO, RELEASE, Ran, World, as_stranger, install_programs, is_root, names, sha256, through, tree,
};

#[test]
fn a_reinstallation_takes_the_old_one_s_place() {
    let world = World::new(&[GO]);
    world.ok(["install", RELEASE]);
    fs_err::write(world.sdk(GO).join("VERSION"), "damaged").unwrap();
    world.sandbox.write("goshim/sdks/go1.22.10/extra", "");
    let old = fs_err::metadata(world.sdk(GO)).unwrap().ino();
    world.ok(["install", RELEASE]).said("is installed already");
    let ran = world
        .ok(["install", "--reinstall", RELEASE])
        .said("installed go1.22.10 in");
    world.assert_is_reference(&ran);
    assert_ne!(fs_err::metadata(world.sdk(GO)).unwrap().ino(), old);
    for dir in ["staging", "trash", "downloads"] {
        assert_eq!(world.stored(dir), [""; 0], "{dir}");
    }
    assert_eq!(world.mirror.hits(&host::archive_name(GO)), 2);
    // The same by the word that other tools have for it, and by a series.
    world.ok(["install", "--force", "1.22"]);
    assert_eq!(world.mirror.hits(&host::archive_name(GO)), 3);
}

#[test]
fn a_reinstallation_that_fails_leaves_the_old_one() {
    let world = World::new(&[GO]);
    world.ok(["install", RELEASE]);
    let hostile = ArchiveBuilder::stand_in(GO).symlink("go/link", "/etc");
    world.publish(GO, &hostile.finish());
    world
        .run(["install", "--reinstall", RELEASE])
        .refused(1, "neither a file nor a directory");
    world.assert_is_reference(&"after the refusal");
    world.ok(["verify"]);
}

#[test]
fn what_is_running_is_not_taken_away() {
    let world = World::new(&[GO]);
    world.ok(["install", RELEASE]);
    // The working directory of a process counts as well as its program.
    let mut user = world
        .sandbox
        .command("sleep")
        .arg("60")
        .current_dir(world.sdk(GO).join("src"))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let ran = world
        .run(["uninstall", RELEASE])
        .refused(3, &format!("process {}", user.id()));
    world.assert_is_reference(&ran);
    world.ok(["uninstall", "--force", RELEASE]);
    assert!(!world.sdk(GO).exists());
    user.kill().unwrap();
    user.wait().unwrap();
    world.ok(["install", RELEASE]);
    world.ok(["uninstall", RELEASE]);
}

#[test]
fn verify_names_every_difference() {
    let world = World::new(&[GO, "go1.21.13"]);
    world.ok(["install", RELEASE, "1.21.13"]);
    let before = tree(world.sandbox.goshim_home());
    world
        .ok(["verify"])
        .said("go1.22.10 is as it was installed");
    let sdk = world.sdk(GO);
    fs_err::write(sdk.join("src/fmt/print.go"), "package evil\n").unwrap();
    fs_err::remove_file(sdk.join("LICENSE")).unwrap();
    fs_err::write(sdk.join("src/fmt/new\u{1b}.go"), "").unwrap();
    fs_err::remove_file(sdk.join("PATENTS")).unwrap();
    fs_err::os::unix::fs::symlink("/etc/passwd", sdk.join("PATENTS")).unwrap();
    let ran = world
        .run(["verify", RELEASE])
        .ended_with(1)
        .printed_plainly();
    assert_eq!(
        ran.stdout,
        "go1.22.10 changed PATENTS\ngo1.22.10 changed src/fmt/print.go\n\
         go1.22.10 missing LICENSE\ngo1.22.10 extra   src/fmt/new\\u{1b}.go\n"
    );
    let ran = world.run(["verify", "--json"]).ended_with(1);
    let home = world.sandbox.goshim_home().to_str().unwrap().to_owned();
    assert_eq!(
        ran.json(),
        json!([
            {
                "toolchain": GO, "goroot": format!("{home}/sdks/{GO}"), "store": home, "ok": false,
                "changed": ["PATENTS", "src/fmt/print.go"], "missing": ["LICENSE"], "extra": ["src/fmt/new\u{1b}.go"],
            },
            {
                "toolchain": "go1.21.13", "goroot": format!("{home}/sdks/go1.21.13"), "store": home, "ok": true,
                "changed": [], "missing": [], "extra": [],
            },
        ])
    );
    world.ok(["verify", "1.21.13"]);
    world
        .run(["verify", "1.20.1"])
        .refused(1, "is not installed");
    world.ok(["repair", "--remove-extra", RELEASE]);
    let mut after = tree(world.sandbox.goshim_home());
    after.retain(|path, _| !path.ends_with("trash"));
    assert!(before == after, "{before:#?}\n{after:#?}");
}

#[test]
fn what_cannot_be_verified_is_said() {
    for (damage, reason) in [
        ("manifests/go1.22.10", "it has no manifest"),
        ("receipts/go1.22.10.toml", "it has no receipt"),
    ] {
        let world = World::new(&[GO]);
        world.ok(["install", RELEASE]);
        fs_err::remove_file(world.sandbox.goshim_home().join(damage)).unwrap();
        world.run(["verify"]).refused(1, reason);
        world.ok(["repair", RELEASE]);
        world.ok(["verify"]);
    }
    let world = World::new(&[GO]);
    world.ok(["install", RELEASE]);
    // Whoever changes a file and its line in the manifest is found out by the receipt's h1.
    let manifest = world.sandbox.goshim_home().join("manifests").join(GO);
    let text = fs_err::read_to_string(&manifest).unwrap();
    fs_err::write(&manifest, text.replacen(['0', '1'], "2", 1)).unwrap();
    world.run(["verify"]).refused(1, "contradict each other");
    // Also of a file that the h1 leaves out.
    let doc = world.sdk(GO).join("doc/godebug.md");
    assert!(doc.exists());
    world.ok(["install", "--reinstall", RELEASE]);
    fs_err::write(&doc, "evil").unwrap();
    let text = fs_err::read_to_string(&manifest).unwrap();
    let end = text.find("  doc/godebug.md").unwrap();
    let line = sha256(b"evil");
    let text = format!("{}{line}{}", &text[..end - line.len()], &text[end..]);
    fs_err::write(&manifest, text).unwrap();
    world.run(["verify"]).refused(1, "contradict each other");
    // The receipt of an older goshim does not say which manifest is its.
    world.ok(["repair", RELEASE]);
    let receipt = world.sandbox.goshim_home().join("receipts/go1.22.10.toml");
    let text = fs_err::read_to_string(&receipt).unwrap();
    let older = text
        .lines()
        .filter(|line| !line.starts_with("manifest_sha256"));
    let older = older.collect::<Vec<_>>().join("\n");
    assert!(older.len() + 64 < text.len());
    fs_err::write(&receipt, older).unwrap();
    world.ok(["verify"]);
    fs_err::write(&manifest, "nonsense").unwrap();
    world.run(["verify"]).refused(1, "its manifest is broken");
    world.ok(["repair", RELEASE]);
    world.ok(["verify"]);
}

#[test]
fn repair_replaces_nothing_but_what_differs() {
    let world = World::new(&[GO]);
    world.ok(["install", RELEASE]);
    let sdk = world.sdk(GO);
    let kept = fs_err::metadata(sdk.join("README.md")).unwrap().ino();
    world.ok(["repair", RELEASE]).said("is as it was installed");
    assert_eq!(
        world.mirror.hits(&host::archive_name(GO)),
        1,
        "nothing to fetch"
    );
    fs_err::write(sdk.join("bin/go"), "x").unwrap();
    fs_err::remove_dir_all(sdk.join("src/fmt")).unwrap();
    fs_err::write(sdk.join("src/fmt"), "a file in a directory's place").unwrap();
    fs_err::remove_file(sdk.join("LICENSE")).unwrap();
    world.sandbox.write(
        "goshim/sdks/go1.22.10/LICENSE/x",
        "a directory in a file's place",
    );
    world.sandbox.write(
        "goshim/sdks/go1.22.10/pkg/linux_amd64/fmt.a",
        "what go install std left",
    );
    let ran = world.ok(["repair", RELEASE, "--json"]);
    assert_eq!(ran.json()[0]["changed"], json!(["bin/go"]));
    assert_eq!(ran.json()[0]["extra_removed"], false);
    assert_eq!(fs_err::metadata(sdk.join("README.md")).unwrap().ino(), kept);
    let ran = world.run(["verify"]).ended_with(1);
    assert_eq!(ran.stdout, "go1.22.10 extra   pkg/linux_amd64/fmt.a\n");
    world.ok(["repair", "--remove-extra", RELEASE]);
    world.ok(["verify"]);
    assert_eq!(world.mirror.hits(&host::archive_name(GO)), 2);
    assert_eq!(
        world.stored("trash").len() + world.stored("staging").len(),
        0
    );
    world
        .run(["repair", "1.21.13"])
        .refused(1, "is not installed");
}

/// A directory that something else took the place of: what is in the way goes, and not what was mended.
#[test]
fn repair_puts_a_directory_back_where_something_else_is() {
    for arguments in [
        &["repair", RELEASE][..],
        &["repair", "--remove-extra", RELEASE],
    ] {
        for is_link in [true, false] {
            let world = World::new(&[GO]);
            world.ok(["install", RELEASE]);
            let bin = world.sdk(GO).join("bin");
            fs_err::remove_dir_all(&bin).unwrap();
            let mine = world.sandbox.write("mine/go", "mine");
            if is_link {
                fs_err::os::unix::fs::symlink(mine.parent().unwrap(), &bin).unwrap();
            } else {
                fs_err::write(&bin, "a file").unwrap();
            }
            let ran = world
                .ok(arguments.iter().copied())
                .said("removed 1 that were not installed");
            assert!(!ran.stderr.contains("left "), "{ran}");
            world.assert_is_reference(&ran);
            world.ok(["verify"]);
            assert_eq!(fs_err::read_to_string(mine).unwrap(), "mine");
        }
    }
}

#[test]
fn permissions_that_let_others_in_or_keep_programs_from_running_are_mended() {
    let world = World::new(&[GO]);
    world.ok(["install", RELEASE]);
    let sdk = world.sdk(GO);
    let modes = [
        ("bin/go", 0o644),
        ("bin/gofmt", 0o4755),
        ("LICENSE", 0o666),
        ("VERSION", 0o000),
        ("src/fmt", 0o777),
    ];
    for (path, mode) in modes {
        fs_err::set_permissions(sdk.join(path), PermissionsExt::from_mode(mode)).unwrap();
    }
    let expected = "go1.22.10 changed LICENSE\ngo1.22.10 changed VERSION\ngo1.22.10 changed bin/go\n\
                    go1.22.10 changed bin/gofmt\ngo1.22.10 changed src/fmt/\n";
    let ran = world.run(["verify"]).ended_with(1);
    assert_eq!(ran.stdout, expected, "{ran}");
    world
        .mirror
        .set_fault(&host::archive_name(GO), Some(Fault::Status(404)));
    let ran = world.ok(["repair", RELEASE]);
    assert_eq!(ran.stdout, expected, "no archive is needed for it\n{ran}");
    world.assert_is_reference(&ran);
    world.ok(["verify"]);
    fs_err::set_permissions(&sdk, PermissionsExt::from_mode(0o777)).unwrap();
    let ran = world.run(["verify"]).ended_with(1);
    assert_eq!(ran.stdout, "go1.22.10 changed ./\n", "{ran}");
    world.ok(["repair", RELEASE]);
    world.ok(["verify"]);
}

/// Hidden from their owner: what cannot be read is not what was installed.
#[test]
fn what_cannot_be_read_is_mended() {
    let world = World::new(&[GO]);
    world.ok(["install", RELEASE]);
    let sdk = world.sdk(GO);
    for (path, mode) in [("VERSION", 0o000), ("src/fmt", 0o000), ("bin", 0o600)] {
        fs_err::set_permissions(sdk.join(path), PermissionsExt::from_mode(mode)).unwrap();
    }
    let ran = Ran::of(&mut as_owner(&world, &["verify"])).ended_with(1);
    assert!(ran.stdout.contains("go1.22.10 changed VERSION\n"), "{ran}");
    assert!(ran.stdout.contains("go1.22.10 changed src/fmt/\n"), "{ran}");
    Ran::of(&mut as_owner(&world, &["repair", RELEASE])).succeeded();
    Ran::of(&mut as_owner(&world, &["verify"])).succeeded();
}

/// An owner may change what nobody else may, whatever its permissions are now.
#[test]
fn what_somebody_else_owns_is_replaced() {
    let world = World::new(&[GO]);
    if !is_root(&world.sandbox) {
        println!("NOT CHECKED: giving files away takes root");
        return;
    }
    world.ok(["install", RELEASE]);
    let sdk = world.sdk(GO);
    for path in ["LICENSE", "src/fmt"] {
        std::os::unix::fs::chown(sdk.join(path), Some(54321), None).unwrap();
    }
    let in_hand = fs_err::OpenOptions::new()
        .append(true)
        .open(sdk.join("LICENSE"))
        .unwrap();
    let expected = "go1.22.10 changed LICENSE\ngo1.22.10 changed src/fmt/\n";
    let ran = world.run(["verify"]).ended_with(1);
    assert_eq!(ran.stdout, expected, "{ran}");
    let ran = world.ok(["repair", RELEASE]);
    assert_eq!(ran.stdout, expected, "{ran}");
    (&in_hand).write_all(b"evil").unwrap();
    world.ok(["verify"]);
    // All of it may be one other user's.
    Ran::of(&mut as_owner(&world, &["verify"])).succeeded();
    world.ok(["verify"]);
}

/// On FAT every file has the permissions that it was mounted with.
#[test]
fn a_file_system_without_permissions_is_not_asked_for_them() {
    let world = World::new(&[GO]);
    world.ok(["install", RELEASE]);
    let status = Command::new("chmod")
        .args(["-R", "0777"])
        .arg(world.sdk(GO))
        .status();
    assert!(status.unwrap().success());
    world.run(["verify"]).ended_with(1);
    // What a tmpfs or an ext4 is takes four bytes to say.
    for magic in ["444d0000", "b0ba1120"] {
        let inject = format!("statfs:poke_exit=@arg2={magic}");
        let verify = || Ran::of(&mut traced(&world, &inject, ["verify"]));
        verify()
            .succeeded()
            .said("the file system of go1.22.10 keeps no permissions: they were not looked at");
        let license = world.sdk(GO).join("LICENSE");
        fs_err::write(&license, "other").unwrap();
        let ran = verify().ended_with(1);
        assert_eq!(ran.stdout, "go1.22.10 changed LICENSE\n", "{ran}");
        Ran::of(&mut traced(&world, &inject, ["repair", RELEASE])).succeeded();
        let mode = fs_err::metadata(world.sdk(GO).join("VERSION")).unwrap();
        assert_eq!(mode.permissions().mode() & 0o777, 0o777);
    }
}

#[test]
fn a_record_of_projects_that_is_a_link_is_not_written_through() {
    let world = World::new(&[GO]);
    world.ok(["install", RELEASE]);
    let mine = world.sandbox.write("mine", "/known\n");
    let record = world.sandbox.goshim_home().join("state/projects");
    let _ = fs_err::remove_file(&record);
    fs_err::os::unix::fs::symlink(&mine, &record).unwrap();
    world.ok(["use", RELEASE]);
    assert_eq!(fs_err::read_to_string(&mine).unwrap(), "/known\n");
    assert!(!record.is_symlink());
    let known = fs_err::read_to_string(&record).unwrap();
    let here = world.sandbox.project();
    let expected = format!("/known\n{}\n", here.to_str().unwrap());
    assert_eq!(known, expected, "what it said is still known");
}

/// A command that runs the program with `arguments` as somebody to whom permissions mean something, and who owns the store.
pub(crate) fn as_owner(world: &World, arguments: &[&str]) -> Command {
    let command = as_stranger(world, arguments);
    if is_root(&world.sandbox) {
        let mut chown = Command::new("chown");
        let chown = chown
            .args(["-hR", "54321:54321"])
            .arg(world.sandbox.goshim_home());
        assert!(chown.status().unwrap().success());
    }
    command
}

#[test]
fn extra_files_go_whatever_their_names_are() {
    let world = World::new(&[GO]);
    world.ok(["install", RELEASE]);
    let name = OsStr::from_bytes(b"src/caf\xe9.go");
    fs_err::write(world.sdk(GO).join(name), "").unwrap();
    world.run(["verify"]).ended_with(1).printed_plainly();
    let ran = world.ok(["repair", "--remove-extra", RELEASE]);
    world.assert_is_reference(&ran);
    world.ok(["verify"]);
}

#[test]
fn repair_writes_through_no_link() {
    let world = World::new(&[GO]);
    world.ok(["install", RELEASE]);
    let mine = world.sandbox.write("mine/VERSION", "my own work");
    let root = world.sdk(GO);
    fs_err::remove_dir_all(&root).unwrap();
    fs_err::os::unix::fs::symlink(mine.parent().unwrap(), &root).unwrap();
    for arguments in [
        &["repair", RELEASE][..],
        &["repair", "--remove-extra", RELEASE],
    ] {
        world
            .run(arguments.iter().copied())
            .refused(1, "is a symbolic link")
            .said("remove the link");
        assert_eq!(names(mine.parent().unwrap()), ["VERSION"]);
        assert_eq!(fs_err::read_to_string(&mine).unwrap(), "my own work");
    }
}

/// What is taken away while it is being repaired stays away: no part of it comes back under its name.
#[test]
fn repair_resurrects_nothing() {
    for is_replaced in [false, true] {
        let world = World::new(&[GO]);
        world.ok(["install", RELEASE]);
        let root = world.sdk(GO);
        fs_err::remove_file(root.join("src/fmt/print.go")).unwrap();
        let archive = host::archive_name(GO);
        let before = world.mirror.hits(&archive);
        let stall = Fault::Stall(Duration::from_secs(20));
        world.mirror.set_fault(&archive, Some(stall));
        let mut repair = world.goshim(["repair", RELEASE]);
        let repair = repair.stdout(Stdio::piped()).stderr(Stdio::piped());
        let repair = repair.spawn().unwrap();
        while world.mirror.hits(&archive) == before {
            std::thread::sleep(Duration::from_millis(5));
        }
        fs_err::remove_dir_all(&root).unwrap();
        if is_replaced {
            world.sandbox.write("goshim/sdks/go1.22.10/mine", "");
        }
        world.mirror.set_fault(&archive, None);
        let output = repair.wait_with_output().unwrap();
        Ran::from_output("repair".to_owned(), output)
            .ended_with(1)
            .said("was taken away while it was being repaired");
        assert_eq!(root.exists(), is_replaced);
        if is_replaced {
            assert_eq!(names(&root), ["mine"]);
        }
    }
}

/// What the user vouched for only the user can vouch for again, and is told how.
#[test]
fn what_the_user_vouched_for() {
    let world = World::new(&[GO]);
    let archive = stand_in::archive("go1.22.11");
    let file = world.sandbox.write(
        &format!("files/{}", host::archive_name("go1.22.11")),
        &archive,
    );
    let file = file.to_str().unwrap();
    let hash = sha256(&archive);
    let install = ["install", "--from", file, "--sha256", &hash];
    world.ok(install);
    world
        .sandbox
        .write("goshim/sdks/go1.22.11/LICENSE", "damaged");
    let command = format!("goshim install --from '{file}' --sha256 {hash} --reinstall 1.22.11");
    world
        .run(["verify", "1.22.11"])
        .ended_with(1)
        .said(&command);
    world
        .run(["repair", "1.22.11"])
        .refused(1, "on your own word")
        .said(&command);
    // The file's name says which release it is.
    world.ok(install.into_iter().chain(["--reinstall"]));
    world.ok(["verify", "1.22.11"]);
    world
        .sandbox
        .write("goshim/sdks/go1.22.11/LICENSE", "damaged");
    world.ok(install.into_iter().chain(["--reinstall", "1.22.11"]));
    world.ok(["verify", "1.22.11"]);
}

#[test]
fn nothing_waits_for_a_fifo_in_a_files_place() {
    let world = World::new(&[GO]);
    world.ok(["install", RELEASE]);
    let fifo = |file: &str| {
        let file = world.sandbox.goshim_home().join(file);
        let _ = fs_err::remove_file(&file);
        let made = Command::new("mkfifo").arg(&file).status().unwrap();
        assert!(made.success());
        file
    };
    fifo("manifests/go1.22.10");
    world.run(["verify"]).refused(1, "manifest cannot be read");
    world.ok(["repair", RELEASE]);
    fifo("receipts/go1.22.10.toml");
    world.run(["verify"]).refused(1, "has no receipt");
    world.ok(["repair", RELEASE]);
    world.ok(["verify"]);
    let default = fifo("state/default");
    world.run(["default"]).refused(1, "state/default");
    world.ok(["list"]);
    world
        .run(["prune", "--days", "0", "--yes"])
        .refused(1, "state/default");
    fs_err::remove_file(default).unwrap();
    fifo("state/projects");
    world.sandbox.write("project/.go-version", "1.22.10\n");
    world
        .run(["prune", "--days", "0", "--yes"])
        .refused(1, "state/projects");
    world.ok(["install"]);
    // Nor does anything read for ever.
    let manifest = world.sandbox.goshim_home().join("manifests/go1.22.10");
    fs_err::OpenOptions::new()
        .write(true)
        .open(&manifest)
        .unwrap()
        .set_len(1 << 40)
        .unwrap();
    world.run(["verify"]).refused(1, "manifest cannot be read");
}

/// The record of projects is what keeps SDKs: no byte in it makes goshim forget all of them.
#[test]
fn prune_knows_projects_whatever_is_in_their_record() {
    let world = World::new(&[GO, "go1.21.13", "go1.20.1"]);
    world.ok(["install", RELEASE, "1.21.13", "1.20.1"]);
    world.ok(["default", "1.20.1"]);
    let record = world.sandbox.goshim_home().join("state/projects");
    let plain = world.sandbox.mkdir("plain");
    let odd = world.sandbox.root().join(OsStr::from_bytes(b"q\xff"));
    fs_err::create_dir(&odd).unwrap();
    let make_known = |dir: &Path, release: &str| {
        let mut command = world.goshim(["use", release]);
        Ran::of(command.current_dir(dir).env("PWD", dir)).succeeded();
    };
    make_known(&plain, RELEASE);
    make_known(&odd, "1.21.13");
    let all = world.stored("sdks");
    world
        .ok(["prune", "--days", "0", "--yes"])
        .said("everything that is installed is needed, as goshim prune -v shows");
    assert_eq!(world.stored("sdks"), all);
    let mut text = fs_err::read(&record).unwrap();
    text.extend_from_slice(b"/x\xff\n\xfe\n");
    fs_err::write(&record, &text).unwrap();
    for _ in 0..3 {
        make_known(&plain, RELEASE);
        make_known(&odd, "1.21.13");
    }
    assert_eq!(fs_err::read(&record).unwrap(), text, "both are known");
    world.ok(["prune", "--days", "0", "--yes"]);
    assert_eq!(world.stored("sdks"), all);
    // Nothing is known where it cannot be read.
    fs_err::remove_file(&record).unwrap();
    fs_err::create_dir(&record).unwrap();
    world
        .run(["prune", "--days", "0", "--yes"])
        .refused(1, "state/projects");
    assert_eq!(world.stored("sdks"), all);
}

/// What killed processes left goes, also what go or somebody else made read-only; where it does not, that is said.
#[test]
fn leftovers_go_also_where_they_are_read_only() {
    let world = World::new(&[GO]);
    world.ok(["install", RELEASE]);
    for dir in ["trash/go1.22.10~aaaaaa", "staging/go1.22.10~bbbbbb"] {
        let dir = world.sandbox.mkdir(&format!("goshim/{dir}/go"));
        fs_err::write(dir.join("f"), "").unwrap();
        fs_err::set_permissions(dir, PermissionsExt::from_mode(0o555)).unwrap();
    }
    let mut clean = as_owner(&world, &["cache", "clean"]);
    let ran = Ran::of(&mut clean).succeeded();
    for dir in ["trash", "staging"] {
        assert_eq!(world.stored(dir), [""; 0], "{ran}");
    }
}

#[test]
fn prune_keeps_what_is_needed() {
    let all = [
        "go1.20.1",
        "go1.20.2",
        "go1.21.13",
        GO,
        "go1.23.1",
        "go1.24.1",
    ];
    let world = World::new(&all);
    let mut words = vec!["install"];
    words.extend(all);
    world.ok(words);
    world.ok(["default", "1.23"]);
    world.sandbox.write(
        "project/go.mod",
        "module m\n\ngo 1.21\n\ntoolchain go1.21.13\n",
    );
    let other = world.sandbox.mkdir("other");
    world.sandbox.write("other/.go-version", "1.20.1\n");
    // A command in the directory makes it known; the shim never would.
    let mut exec = world.goshim(["exec", "true"]);
    exec.current_dir(&other)
        .env("PWD", &other)
        .env("PATH", "/usr/bin:/bin");
    Ran::of(&mut exec).succeeded();
    let listed =
        fs_err::read_to_string(world.sandbox.goshim_home().join("state/projects")).unwrap();
    assert_eq!(listed, format!("{}\n", other.display()));
    let ran = world.ok(["prune"]).said("nothing to take away");
    assert_eq!(ran.stdout, "", "all were installed today");
    let needed = ["go1.20.1", "go1.21.13", "go1.23.1"];
    let ran = world.ok(["prune", "--days", "0", "--json"]);
    for one in ran.json().as_array().unwrap() {
        let is_needed = needed.contains(&one["toolchain"].as_str().unwrap());
        assert_eq!(one["needed"], is_needed, "{one}");
        assert_eq!(one["removed"], false);
    }
    assert_eq!(world.stored("sdks").len(), 6, "a dry run");
    let ran = world.ok(["prune", "--days", "0"]).said("nobody needs 3");
    assert_eq!(ran.stdout.lines().count(), 3, "{ran}");
    // One that is running stays, whatever is known.
    let mut user = world
        .sandbox
        .command("sleep")
        .arg("60")
        .current_dir(world.sdk("go1.24.1"))
        .spawn()
        .unwrap();
    world
        .ok(["-v", "prune", "--days", "0", "--yes"])
        .said("processes are running from it");
    user.kill().unwrap();
    user.wait().unwrap();
    assert_eq!(
        world.stored("sdks"),
        ["go1.20.1", "go1.21.13", "go1.23.1", "go1.24.1"]
    );
    fs_err::remove_dir_all(other).unwrap();
    world.ok(["prune", "--days", "0", "--yes"]);
    assert_eq!(world.stored("sdks"), ["go1.21.13", "go1.23.1"]);
    let listed =
        fs_err::read_to_string(world.sandbox.goshim_home().join("state/projects")).unwrap();
    assert_eq!(listed, "", "what is gone is forgotten");
    // What cannot be understood may need anything.
    world.sandbox.write("project/.go-version", "nonsense!\n");
    world
        .run(["prune", "--days", "0", "--yes"])
        .refused(1, ".go-version");
    assert_eq!(world.stored("sdks").len(), 2);
}

/// A part file, whose archive has a sha256 of these digits.
fn part(digit: char) -> String {
    format!("goshim/downloads/{}.part", digit.to_string().repeat(64))
}

#[test]
fn the_cache_is_measured_and_cleaned() {
    let world = World::new(&[GO]);
    world.ok(["install", RELEASE]);
    let old = world.sandbox.write(&part('a'), vec![0; 3_000_000]);
    let of_the_future = world.sandbox.write(&part('b'), "x");
    for (file, date) in [(&old, "2001-01-01"), (&of_the_future, "2099-01-01")] {
        let mut touch = world.sandbox.command("touch");
        let touched = touch.args(["-d", date]).arg(file).status();
        assert!(touched.unwrap().success());
    }
    world.sandbox.write(&part('c'), vec![0; 5000]);
    world.sandbox.write("goshim/index/cards.txt", "mine");
    world
        .sandbox
        .write("goshim/staging/go1.21.13~abcdef/go/x", vec![0; 5000]);
    let sizes = world.ok(["cache", "--json"]).json();
    assert!(sizes["downloads"].as_u64().unwrap() >= 3_000_000, "{sizes}");
    assert!(sizes["leftovers"].as_u64().unwrap() >= 5000, "{sizes}");
    let ran = world.ok(["cache"]);
    assert!(ran.stdout.starts_with("downloads  3.0 MB\n"), "{ran}");
    world
        .ok(["cache", "clean"])
        .said("removed 3.")
        .said("cards.txt as it is: it is not goshim's");
    assert_eq!(
        world.stored("downloads"),
        [format!("{}.part", "c".repeat(64))]
    );
    assert_eq!(world.stored("index"), ["cards.txt"]);
    assert_eq!(world.stored("staging"), [""; 0]);
    world.ok(["verify"]);
    // An empty store has nothing, and that is no failure.
    let empty = World::new(&[]);
    empty.ok(["cache"]);
    empty.ok(["cache", "clean"]);
}

/// A store such as an image has, and a world whose configuration names it.
fn with_further_store() -> (World, std::path::PathBuf) {
    let image = World::new(&[GO, "go1.21.13"]);
    image.ok(["install", RELEASE, "1.21.13"]);
    let world = World::new(&[GO, "go1.23.1"]);
    let opt = world.sandbox.root().join("opt");
    fs_err::rename(image.sandbox.goshim_home(), &opt).unwrap();
    let config = format!("stores = [\"/nonexistent\", {:?}]\n", opt.to_str().unwrap());
    world
        .sandbox
        .write("home/.config/goshim/config.toml", config);
    (world, opt)
}

#[test]
fn further_stores_are_found_and_never_written() {
    let (world, opt) = with_further_store();
    let before = tree(&opt);
    let there = opt.join("sdks").join(GO);
    world.sandbox.write("project/.go-version", "1.22\n");
    let which = world.ok(["which"]);
    assert_eq!(
        which.stdout,
        format!("{}\n", there.join("bin/go").display())
    );
    let why = world.ok(["why", "--json"]).json();
    assert_eq!(why["selected"]["goroot"], there.to_str().unwrap());
    world.ok(["install", RELEASE]).said("is installed already");
    assert_eq!(world.stored("sdks"), [""; 0]);
    assert_eq!(world.mirror.hits(&host::archive_name(GO)), 0);
    world
        .run(["uninstall", RELEASE])
        .refused(1, "which goshim only reads");
    world
        .run(["repair", RELEASE])
        .refused(1, "which goshim only reads");
    world
        .ok(["verify"])
        .said("go1.21.13 is as it was installed");
    world.ok(["install", "1.23.1"]);
    let listed = world.ok(["list"]);
    let note = format!("in {}", opt.display());
    assert_eq!(listed.stdout.matches(&note).count(), 2, "{listed}");
    let listed = world.ok(["list", "--json"]).json();
    assert_eq!(
        listed[0]["store"],
        world.sandbox.goshim_home().to_str().unwrap()
    );
    assert_eq!(listed[1]["store"], opt.to_str().unwrap());
    // The user's own comes first; prune and repair look at nothing else.
    world.ok(["install", "--reinstall", RELEASE]);
    assert_eq!(world.stored("sdks"), [GO, "go1.23.1"]);
    let which = world.ok(["which"]);
    assert!(
        which
            .stdout
            .starts_with(world.sandbox.goshim_home().to_str().unwrap())
    );
    fs_err::remove_file(world.sandbox.project().join(".go-version")).unwrap();
    world.ok(["prune", "--days", "0", "--yes"]);
    assert_eq!(tree(&opt), before, "nothing was written there");
}

#[test]
fn a_store_of_an_image_serves_any_user() {
    let (world, opt) = with_further_store();
    if !is_root(&world.sandbox) {
        println!("NOT CHECKED: files of another user need root");
        return;
    }
    // Somebody who may write nothing but his own directory.
    for (dir, mode) in [(&opt, 0o755), (&world.sandbox.home().to_owned(), 0o755)] {
        fs_err::set_permissions(dir, PermissionsExt::from_mode(mode)).unwrap();
    }
    world.sandbox.write("project/.go-version", "1.22.10\n");
    let ran = Ran::of(&mut as_stranger(&world, &["which"])).succeeded();
    assert_eq!(ran.stdout, format!("{}/sdks/{GO}/bin/go\n", opt.display()));
    Ran::of(&mut as_stranger(&world, &["verify", RELEASE])).succeeded();
}

#[test]
fn a_further_store_that_cannot_be_listed_is_passed_over() {
    let world = World::new(&[GO]);
    world.sandbox.write("broken/sdks", "no directory");
    let broken = world.sandbox.root().join("broken");
    world.sandbox.write(
        "home/.config/goshim/config.toml",
        format!("stores = [{:?}]\n", broken.to_str().unwrap()),
    );
    // As `goshim setup` leaves it: then the names there are brought in step.
    world.sandbox.write("goshim/shims/go", "");
    for arguments in [
        &["install", RELEASE][..],
        &["list"],
        &["uninstall", RELEASE],
    ] {
        let ran = world.ok(arguments.iter().copied());
        assert_eq!(
            ran.stderr.matches("a store is passed over: ").count(),
            1,
            "{ran}"
        );
        ran.said("broken/sdks");
    }
    assert_eq!(world.stored("sdks"), [""; 0]);
    assert_eq!(world.stored("shims"), ["go"]);
}

#[test]
fn a_relative_store_is_an_error_with_its_line() {
    let world = World::new(&[GO]);
    world.sandbox.write(
        "home/.config/goshim/config.toml",
        "strict = false\nstores = [\"opt\"]\n",
    );
    world.run(["list"]).refused(1, "config.toml:2");
}

/// Whether file systems can be mounted, in a namespace where nobody else sees them; says so where they cannot.
#[expect(clippy::print_stdout, reason = "a check that was not made is told")]
pub(crate) fn can_mount(world: &World) -> bool {
    let dir = world.sandbox.mkdir("mounted");
    let tried = world
        .sandbox
        .command("unshare")
        .args(["-m", "mount", "-t", "tmpfs", "tmpfs"])
        .arg(dir)
        .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
        .output();
    let is_fine = tried.is_ok_and(|output| output.status.success());
    if !is_fine {
        println!("NOT CHECKED: mounting needs root, and the right to do it");
    }
    is_fine
}

/// Runs `words` where the store is a file system of its own, with so many bytes, in a private mount namespace.
fn on_small_disk(world: &World, bytes: u64, words: &str) -> Ran {
    let script = format!(
        "mount -t tmpfs -o size={bytes} tmpfs \"$1\" && {{ \"$2\" {words}; code=$?; ls \"$1/sdks\" 2>/dev/null; exit $code; }}"
    );
    let inner = world.goshim_at(
        "/bin/sh".as_ref(),
        [
            "-c",
            &script,
            "sh",
            world.sandbox.goshim_home().to_str().unwrap(),
            env!("CARGO_BIN_EXE_goshim"),
        ],
    );
    let mut command = through("unshare", &["-m"], &inner);
    command.env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
    Ran::of(&mut command)
}

#[test]
fn a_disk_that_is_too_small() {
    let world = World::new(&[GO]);
    if !can_mount(&world) {
        return;
    }
    world.ok(["install", RELEASE]);
    let need: u64 = tree(&world.sdk(GO))
        .keys()
        .map(|path| {
            fs_err::metadata(world.sdk(GO).join(path))
                .unwrap()
                .len()
                .div_ceil(4096)
                * 4096
                + 4096
        })
        .sum();
    let mut refused = 0;
    for percent in (10..=250).step_by(20) {
        let ran = on_small_disk(&world, need * percent / 100, &format!("install {RELEASE}"));
        if ran.code == Some(0) {
            assert_eq!(ran.stdout, format!("{GO}\n"), "{percent} %\n{ran}");
            continue;
        }
        refused += 1;
        assert_eq!(ran.stdout, "", "{percent} %\n{ran}");
        ran.refused(1, "No space left on device")
            .said("free some space");
    }
    assert!(
        (3..12).contains(&refused),
        "{refused} of 13 sizes were too small"
    );
}

#[test]
fn a_store_that_cannot_be_written() {
    let world = World::new(&[GO, "go1.21.13"]);
    if !can_mount(&world) {
        return;
    }
    world.ok(["install", RELEASE]);
    for (words, may_succeed) in [
        ("install 1.21.13", false),
        ("install --reinstall 1.22.10", false),
        ("uninstall 1.22.10", false),
        ("repair 1.22.10", false),
        ("default 1.22", false),
        ("install 1.22.10", true),
        ("which", true),
        ("list", true),
        ("verify", true),
        ("prune", true),
        ("cache", true),
    ] {
        let script = format!(
            "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" && exec \"$2\" {words}"
        );
        let inner = world.goshim_at(
            "/bin/sh".as_ref(),
            [
                "-c",
                &script,
                "sh",
                world.sandbox.goshim_home().to_str().unwrap(),
                env!("CARGO_BIN_EXE_goshim"),
            ],
        );
        let mut command = through("unshare", &["-m"], &inner);
        command.env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
        let ran = Ran::of(&mut command);
        if may_succeed {
            ran.succeeded();
        } else {
            ran.refused(1, world.sandbox.goshim_home().to_str().unwrap())
                .said("set GOSHIM_HOME");
        }
        world.assert_is_reference(&words);
    }
}

/// All permissions are as they should be there, and nothing could ever run.
#[test]
fn no_shims_where_no_program_can_be_run() {
    let world = World::new(&[]);
    if !can_mount(&world) {
        return;
    }
    let goshim = install_programs(&world.sandbox);
    let inner = world.goshim_at(
        "/bin/sh".as_ref(),
        [
            "-c",
            "mount -t tmpfs -o noexec tmpfs \"$1\" && exec \"$2\" setup --yes",
            "sh",
            world.sandbox.mkdir("goshim").to_str().unwrap(),
            goshim.to_str().unwrap(),
        ],
    );
    let mut command = through("unshare", &["-m"], &inner);
    command.env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
    Ran::of(&mut command)
        .refused(1, "is mounted noexec")
        .said("set GOSHIM_HOME");
    assert!(!world.sandbox.home().join(".profile").exists());
}

#[test]
fn staging_on_another_file_system() {
    let world = World::new(&[GO]);
    if !can_mount(&world) {
        return;
    }
    let sdks = world.sandbox.mkdir("goshim/sdks");
    let script = format!("mount -t tmpfs tmpfs \"$1\" && exec \"$2\" install {RELEASE}");
    let inner = world.goshim_at(
        "/bin/sh".as_ref(),
        [
            "-c",
            &script,
            "sh",
            sdks.to_str().unwrap(),
            env!("CARGO_BIN_EXE_goshim"),
        ],
    );
    let mut command = through("unshare", &["-m"], &inner);
    command.env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
    Ran::of(&mut command)
        .refused(1, "cannot rename")
        .said("one file system");
}
