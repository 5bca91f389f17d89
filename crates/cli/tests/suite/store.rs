//! The store over its life: replaced, used, verified, mended, tidied, and read from elsewhere.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Stdio;

use goshim_test_support::{ArchiveBuilder, host};
use serde_json::json;

use crate::support::{GO, RELEASE, Ran, World, is_root, through, tree};

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

#[test]
fn the_cache_is_measured_and_cleaned() {
    let world = World::new(&[GO]);
    world.ok(["install", RELEASE]);
    let old = world
        .sandbox
        .write("goshim/downloads/abc.part", vec![0; 3_000_000]);
    let touched = world
        .sandbox
        .command("touch")
        .args(["-d", "2001-01-01"])
        .arg(&old)
        .status();
    assert!(touched.unwrap().success());
    world
        .sandbox
        .write("goshim/downloads/at-work.part", vec![0; 5000]);
    world
        .sandbox
        .write("goshim/staging/go1.21.13~abc/go/x", vec![0; 5000]);
    let sizes = world.ok(["cache", "--json"]).json();
    assert!(sizes["downloads"].as_u64().unwrap() >= 3_000_000, "{sizes}");
    assert!(sizes["leftovers"].as_u64().unwrap() >= 5000, "{sizes}");
    let ran = world.ok(["cache"]);
    assert!(ran.stdout.starts_with("downloads  3.0 MB\n"), "{ran}");
    world.ok(["cache", "clean"]).said("removed 3.");
    assert_eq!(world.stored("downloads"), ["at-work.part"]);
    assert_eq!(
        world.stored("index").len() + world.stored("staging").len(),
        0
    );
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
    let ran = Ran::of(&mut crate::support::as_stranger(&world, &["which"])).succeeded();
    assert_eq!(ran.stdout, format!("{}/sdks/{GO}/bin/go\n", opt.display()));
    Ran::of(&mut crate::support::as_stranger(
        &world,
        &["verify", RELEASE],
    ))
    .succeeded();
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
fn can_mount(world: &World) -> bool {
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
