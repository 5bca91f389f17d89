//! `goshim install`, where nothing goes wrong.

use goshim_test_support::host;
use serde_json::json;

use crate::support::{GO, Kind, RELEASE, Ran, World, names, sha256, tree};

#[test]
fn what_is_installed_runs_and_is_on_record() {
    let world = World::new(&[GO]);
    let before = world.outside();
    let ran = world
        .ok(["install", RELEASE])
        .said("installed go1.22.10 in ");
    assert_eq!(ran.stdout, "");
    world.assert_is_reference(&ran);
    assert!(
        before == world.outside(),
        "something outside the store changed\n{ran}"
    );
    let ran = world.ok(["exec", "go", "version"]);
    assert_eq!(
        ran.stdout,
        format!("go version {GO} {}/{}\n", host::os(), host::arch())
    );
    let dirs = [
        "downloads",
        "index",
        "locks",
        "manifests",
        "receipts",
        "sdks",
        "staging",
        "state",
    ];
    assert_eq!(world.stored(""), dirs);
    assert_eq!(world.mirror.hits(""), 1);
    assert_eq!(world.mirror.hits(&host::archive_name(GO)), 1);
}

#[test]
fn each_sdk_has_a_receipt_and_a_manifest_that_is_its_tree() {
    let toolchains = [GO, "go1.20", "go1.23rc1"];
    let world = World::new(&toolchains);
    world.ok(["install", "1.22", "1.20.0", "1.23rc1"]);
    for toolchain in toolchains {
        let store = world.sandbox.goshim_home();
        let manifest = fs_err::read_to_string(store.join("manifests").join(toolchain)).unwrap();
        let mut lines: Vec<_> = manifest
            .lines()
            .map(|line| line.split_once("  ").unwrap())
            .collect();
        let mut files: Vec<_> = (tree(&world.sdk(toolchain)).into_iter())
            .filter(|(_, entry)| entry.kind != Kind::Dir)
            .map(|(path, entry)| (entry.contents, path.to_str().unwrap().to_owned()))
            .collect();
        assert!(lines.is_sorted_by_key(|(_, path)| *path), "{manifest}");
        lines.sort_unstable();
        files.sort_unstable();
        let files: Vec<_> = files
            .iter()
            .map(|(digest, path)| (&**digest, &**path))
            .collect();
        assert_eq!(lines, files);
        assert!(files.len() >= 38, "{files:?}");
        let receipt =
            fs_err::read_to_string(store.join("receipts").join(format!("{toolchain}.toml")))
                .unwrap();
        let archive = host::archive_name(toolchain);
        let digest = sha256(&goshim_test_support::stand_in::archive(toolchain));
        for line in [
            format!("toolchain = \"{toolchain}\""),
            format!("platform = \"{}/{}\"", host::os(), host::arch()),
            format!("source = \"{}{archive}\"", world.mirror.url()),
            format!("index = \"{}\"", world.mirror.url()),
            format!("sha256 = \"{digest}\""),
        ] {
            assert!(
                receipt.lines().any(|there| there == line),
                "no `{line}` in\n{receipt}"
            );
        }
        let h1 = receipt
            .lines()
            .find_map(|line| line.strip_prefix("h1 = \"h1:"))
            .unwrap();
        assert_eq!(h1.len(), 45, "{receipt}");
        assert!(
            receipt.contains("\ninstalled_at = ") && receipt.contains("\ngoshim = \""),
            "{receipt}"
        );
    }
}

#[test]
fn what_is_there_is_left_as_it_is() {
    let world = World::new(&[GO]);
    world.ok(["install", RELEASE]);
    world.sandbox.write("goshim/sdks/go1.22.10/mine", "");
    for query in [RELEASE, "go1.22.10", "1.22", "latest"] {
        world
            .ok(["install", query])
            .said("go1.22.10 is installed already");
    }
    assert!(world.sdk(GO).join("mine").exists());
    assert_eq!(world.mirror.hits(&host::archive_name(GO)), 1);
    // For a release that is there nobody is asked.
    let asked = world.mirror.requests().len();
    world.ok(["install", RELEASE]);
    assert_eq!(world.mirror.requests().len(), asked);
}

#[test]
fn queries_mean_the_newest_published_patch() {
    let toolchains = [
        "go1.20.1",
        "go1.20.12",
        "go1.21.1",
        "go1.21.13",
        "go1.22rc2",
        "go1.22.0",
        GO,
        "go1.23rc1",
    ];
    let world = World::new(&toolchains);
    for (query, toolchain) in [
        ("latest", GO),
        ("oldstable", "go1.21.13"),
        ("1.20", "go1.20.12"),
        ("1.20.x", "go1.20.12"),
        ("1.22rc2", "go1.22rc2"),
        ("v1.20.1", "go1.20.1"),
        ("1", GO),
    ] {
        let installed = world.ok(["install", "--json", query]).json();
        assert_eq!(installed[0]["toolchain"], toolchain, "{query}");
    }
    world
        .run(["install", "1.23"])
        .refused(1, "no published release matches 1.23");
    world
        .run(["install", "system"])
        .refused(1, "system cannot be installed");
}

#[test]
fn at_least() {
    let world = World::new(&["go1.21.3", "go1.21.13", "go1.23rc2"]);
    for (arguments, toolchain) in [
        (["1.21", "1.21.5"], "go1.21.13"),
        (["1.21", "1.21"], "go1.21.13"),
        (["latest", "1.20"], "go1.21.13"),
        (["1.21.3", "1.21.3"], "go1.21.3"),
        (["1.23", "1.23rc1"], "go1.23rc2"),
    ] {
        let installed = world
            .ok([
                "install",
                "--json",
                arguments[0],
                "--at-least",
                arguments[1],
            ])
            .json();
        assert_eq!(installed[0]["toolchain"], toolchain, "{arguments:?}");
    }
    world
        .run(["install", "1.21", "--at-least", "1.21.14"])
        .refused(
            1,
            "no published release matches 1.21 and is 1.21.14 or newer",
        );
    world
        .run(["install", "1.21.3", "--at-least", "1.21.4"])
        .refused(1, "1.21.4 or newer");
    world
        .run(["install", "1.21", "--at-least", "banana"])
        .refused(2, "`banana` is not a Go release");
    world.run(["install", "--at-least", "1.21"]).ended_with(2);
}

#[test]
fn json_of_what_was_done() {
    let world = World::new(&[GO, "go1.21.13"]);
    world.ok(["install", RELEASE]);
    let done = world.ok(["install", "--json", "1.22", "1.21"]).json();
    let first = &done[0];
    assert_eq!(first["toolchain"], GO);
    assert_eq!(first["goroot"], world.sdk(GO).to_str().unwrap());
    assert_eq!(
        (&first["was_installed"], &done[1]["was_installed"]),
        (&json!(true), &json!(false))
    );
    assert!(done[1]["timings_ms"]["unpack"].is_u64());
    assert_eq!(world.ok(["-q", "install", "--json", RELEASE]).stderr, "");
}

#[test]
fn without_a_version_what_the_directory_asks_for() {
    let toolchains = ["go1.21.3", "go1.21.13", GO, "go1.23.1"];
    let world = World::new(&toolchains);
    world
        .run(["install"])
        .refused(127, "nothing here asks for one")
        .said("goshim install latest");
    world.sandbox.write("project/.go-version", "1.21.3\n");
    world
        .ok(["install"])
        .said("Go 1.21.3 is asked for by")
        .said("installed go1.21.3");
    world
        .ok(["install"])
        .said("go1.21.3 is asked for by")
        .said("and installed");
    world.sandbox.write("project/.go-version", "1.21\n");
    world
        .sandbox
        .write("project/go.mod", "module m\n\ngo 1.21.5\n");
    world
        .ok(["install"])
        .said("Go 1.21 (1.21.5 or newer) is asked for by")
        .said("installed go1.21.13");
    fs_err::remove_file(world.sandbox.project().join(".go-version")).unwrap();
    world
        .sandbox
        .write("project/go.mod", "module m\n\ngo 1.22.3\n");
    world
        .ok(["install"])
        .said("required by")
        .said("installed go1.22.10");
    world.sandbox.write(
        "project/go.mod",
        "module m\n\ngo 1.21\n\ntoolchain go1.23.1\n",
    );
    world.ok(["install"]).said("installed go1.23.1");
    world
        .sandbox
        .write("project/go.mod", "module m\n\ngo 1.99\n");
    world
        .run(["install"])
        .refused(1, "no published release matches 1.99 and is 1.99 or newer");
    world.sandbox.write("project/.go-version", "../../evil\n");
    world
        .run(["install"])
        .refused(1, "a path is never read from here");
    assert_eq!(names(&world.sandbox.goshim_home().join("sdks")).len(), 4);
}

#[test]
fn failures_among_several() {
    let world = World::new(&[GO, "go1.21.13"]);
    world
        .run(["install", "banana", RELEASE])
        .refused(2, "`banana` is not a Go version");
    assert_eq!(
        world.stored(""),
        [""; 0],
        "all words are read before anything is done"
    );
    world
        .run(["install", "1.21.13", "1.19.1", RELEASE])
        .refused(1, "no published release matches 1.19.1");
    assert_eq!(
        world.stored("sdks"),
        [""; 0],
        "all queries become releases before anything is fetched"
    );
    // What fails later keeps no other one back.
    let archive = host::archive_name("go1.21.13");
    world
        .mirror
        .set_fault(&archive, Some(goshim_test_support::Fault::Status(404)));
    world
        .run(["install", "--json", "1.21.13", RELEASE])
        .refused(1, "status 404")
        .said("installed go1.22.10")
        .said("go1.22.10 is your default now");
    assert_eq!(world.stored("sdks"), [GO]);
}

#[test]
fn the_index_and_the_mirror_may_be_two_servers() {
    let world = World::new(&[GO]);
    let other = World::new(&[GO]);
    let mut command = world.goshim(["install", RELEASE]);
    Ran::of(command.env("GOSHIM_MIRROR", other.mirror.url())).succeeded();
    assert_eq!(
        (
            world.mirror.hits(""),
            world.mirror.hits(&host::archive_name(GO))
        ),
        (1, 0)
    );
    assert_eq!(
        (
            other.mirror.hits(""),
            other.mirror.hits(&host::archive_name(GO))
        ),
        (0, 1)
    );
    // The configuration does the same, and a project's files do not.
    let world = World::new(&[GO]);
    let config = format!(
        "index = \"{}\"\nmirrors = [\"{}\"]\n",
        world.mirror.url(),
        other.mirror.url()
    );
    world
        .sandbox
        .write("home/.config/goshim/config.toml", config);
    let mut command = world.goshim(["install", RELEASE]);
    Ran::of(
        command
            .env_remove("GOSHIM_MIRROR")
            .env_remove("GOSHIM_INDEX_URL"),
    )
    .succeeded();
    assert_eq!(other.mirror.hits(&host::archive_name(GO)), 2);
    world.sandbox.write(
        "project/.goshim.toml",
        format!("mirror = \"{}\"\n", other.mirror.url()),
    );
    world.ok(["uninstall", RELEASE]);
    world
        .run(["install"])
        .refused(1, "there is no key `mirror`: write ");
}

#[test]
fn credentials_are_never_shown() {
    let world = World::new(&[GO]);
    let secret = world
        .mirror
        .url()
        .replace("http://", "http://user:hunter2@");
    let install = |arguments: &[&str]| {
        let mut command = world.goshim(arguments.iter().copied());
        Ran::of(
            command
                .env("GOSHIM_MIRROR", &secret)
                .env("GOSHIM_INDEX_URL", &secret),
        )
    };
    let ran = install(&["-vvv", "install", RELEASE]).succeeded();
    assert!(!ran.stderr.contains("hunter2"), "{ran}");
    // The index once fetched, and once found unchanged.
    for _ in 0..2 {
        for (path, entry) in tree(world.sandbox.goshim_home()) {
            if entry.kind == Kind::File && !path.starts_with("sdks") {
                let text = fs_err::read(world.sandbox.goshim_home().join(&path)).unwrap();
                let text = String::from_utf8_lossy(&text);
                assert!(!text.contains("hunter2"), "{}: {text}", path.display());
            }
        }
        world.ok(["uninstall", RELEASE]);
        let ran = install(&["-vvv", "install", RELEASE]).succeeded();
        assert!(!ran.stderr.contains("hunter2"), "{ran}");
    }
    world.ok(["uninstall", RELEASE]);
    for fault in [
        goshim_test_support::Fault::Status(404),
        goshim_test_support::Fault::Truncate(0),
        goshim_test_support::Fault::Html,
    ] {
        world
            .mirror
            .set_fault(&host::archive_name(GO), Some(fault.clone()));
        let ran = install(&["install", RELEASE]).ended_with(1);
        assert!(!ran.stderr.contains("hunter2"), "{ran}");
    }
    let mut command = world.goshim(["install", RELEASE]);
    let ran = Ran::of(command.env("GOSHIM_INDEX_URL", "ftp://user:hunter2@host/"))
        .refused(1, "is neither an http, https or file address");
    assert!(!ran.stderr.contains("hunter2"), "{ran}");
}

#[test]
fn the_user_s_sha256_is_compared_with_what_is_there() {
    let world = World::new(&[GO]);
    world.ok(["install", RELEASE]);
    let right = sha256(&goshim_test_support::stand_in::archive(GO));
    let wrong = "0".repeat(64);
    let upper = right.to_uppercase();
    for words in [&["install", RELEASE][..], &["install"]] {
        let run = |sha256: &str| world.run(words.iter().copied().chain(["--sha256", sha256]));
        run(&right).succeeded();
        run(&upper).succeeded();
        run(&wrong)
            .refused(1, "is installed already, and its archive's sha256 is")
            .said("--reinstall");
        run("banana").refused(2, "banana");
    }
    let receipts = world.sandbox.goshim_home().join("receipts");
    fs_err::remove_dir_all(receipts).unwrap();
    world
        .run(["install", RELEASE, "--sha256", &right])
        .refused(1, "its archive's sha256 is unknown");
    world.ok(["install", RELEASE]);
}
