//! `goshim link`, `goshim unlink`, and what every other command makes of a linked SDK

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use goshim_test_support::stand_in;
use serde_json::json;

use crate::support::{GO, RELEASE, Ran, World, tree};

/// A tree of the user's own, outside the store.
fn own(world: &World, name: &str, toolchain: &str) -> PathBuf {
    let root = world.sandbox.root().join("own").join(name);
    stand_in::write_sdk(&root, toolchain);
    root
}

/// A world with an installed Go, and 1.27.3 linked as `tip`.
fn linked() -> (World, PathBuf) {
    let world = World::installed(&[GO]);
    let root = own(&world, "tip", "go1.27.3");
    world.ok(["link", "tip", root.to_str().unwrap()]);
    (world, root)
}

#[test]
fn a_linked_sdk_runs_like_any_other() {
    let (world, root) = linked();
    let go = root.join("bin/go");
    let before = tree(&root);
    world.ok(["use", "tip"]).said("tip (go1.27.3) runs here");
    let pin = world.sandbox.project().join(".go-version");
    assert_eq!(fs_err::read_to_string(&pin).unwrap(), "tip\n");
    let place = pin.display();
    for (arguments, expected) in [
        (&["which"][..], format!("{}\n", go.display())),
        (&["where"], format!("{}\n", root.display())),
        (&["where", "tip"], format!("{}\n", root.display())),
        (
            &["current"],
            format!("tip (go1.27.3)  asked for by {place}:1\n"),
        ),
        (&["prompt"], "tip\n".to_owned()),
    ] {
        assert_eq!(world.ok(arguments.iter().copied()).stdout, expected);
    }
    let why = world.ok(["why"]).stdout;
    let first = format!("tip (go1.27.3) runs here: {}\n", go.display());
    assert!(why.starts_with(&first), "{why}");
    let why = world.ok(["why", "--json"]).json();
    assert_eq!(
        why["selected"],
        json!({ "toolchain": "go1.27.3", "goroot": root, "state": "linked" })
    );
    assert_eq!(world.ok(["current", "--json"]).json()["state"], "linked");
    for arguments in [
        &["exec", "go", "env", "GOROOT"][..],
        &["exec", "+tip", "go", "env", "GOROOT"],
    ] {
        let ran = world.ok(arguments.iter().copied());
        assert_eq!(ran.stdout, format!("{}\n", root.display()));
    }
    let env = world.ok(["env", "--json"]).stdout;
    assert!(
        env.contains(go.parent().unwrap().to_str().unwrap()),
        "{env}"
    );
    let status = world.ok([]).stdout;
    assert!(
        status.contains("here       tip (go1.27.3), asked for by"),
        "{status}"
    );
    world.ok(["install"]).said("there is nothing to install");
    world.ok(["use", "tip", "--exact"]).said(": tip");
    world.ok(["unuse"]).said("removed");
    world.ok(["default", "tip"]);
    assert_eq!(world.ok(["which"]).stdout, format!("{}\n", go.display()));
    assert_eq!(world.ok(["default"]).stdout, "tip\n");
    // Nothing of it was touched in all this, and the pin file was the only one written.
    assert!(tree(&root) == before);
}

#[test]
fn a_shell_follows_the_name() {
    let (world, root) = linked();
    let mut shell = world.goshim(["shell", "tip"]);
    let shell = shell.env("SHELL", "/bin/sh").stdin({
        let script = world
            .sandbox
            .write("script", "go env GOROOT GOSHIM_VERSION\n");
        fs_err::File::open(script).unwrap().into_parts().0
    });
    let ran = Ran::of(shell).succeeded();
    let expected = format!("{}\ntip\n", root.display());
    assert!(ran.stdout.contains(&expected), "{ran}");
}

#[test]
fn list_shows_what_is_linked_and_what_is_wrong_with_it() {
    let (world, root) = linked();
    let broken = own(&world, "corp", "go1.22.3");
    world.ok(["link", "corp", broken.to_str().unwrap()]);
    fs_err::remove_dir_all(&broken).unwrap();
    world.ok(["default", "tip"]);
    let listed = world.ok(["list"]).stdout;
    let line = |name: &str| listed.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(
        line("corp").ends_with("there is no such directory"),
        "{listed}"
    );
    assert!(
        line("tip").contains("go1.27.3, linked to") && line("tip").ends_with("default, runs here"),
        "{listed}"
    );
    let shapes = world.ok(["list", "--json"]).json();
    let of = |at: usize| &shapes[at]["linked"];
    assert_eq!((of(0), shapes.as_array().unwrap().len()), (&json!(null), 3));
    assert_eq!(
        *of(1),
        json!({ "name": "corp", "problem": "there is no such directory" })
    );
    assert_eq!(*of(2), json!({ "name": "tip", "problem": null }));
    assert_eq!(
        (
            &shapes[2]["toolchain"],
            &shapes[2]["goroot"],
            &shapes[2]["store"]
        ),
        (&json!("go1.27.3"), &json!(root), &json!(null))
    );
}

#[test]
fn linked_anew_it_leads_elsewhere_and_relative_paths_are_from_here() {
    let (world, root) = linked();
    own(&world, "other", "go1.22.3");
    let other = world.sandbox.root().join("own/other");
    let now = format!(
        "tip (go1.22.3) is linked to {} now; it was {}\n",
        other.display(),
        root.display()
    );
    world.ok(["link", "tip", "../own/other/"]).said(&now);
    world
        .ok(["link", "tip", "../own/other"])
        .said("is linked to");
    assert_eq!(
        world.ok(["where", "tip"]).stdout,
        format!("{}\n", other.display())
    );
    assert_eq!(world.stored("links"), ["tip"]);
}

#[test]
fn unlink_takes_the_name_away_and_nothing_else() {
    let (world, root) = linked();
    let before = tree(&root);
    world.ok(["default", "tip"]);
    world
        .ok(["unlink", "tip"])
        .said("tip is not linked any more; the SDK is as it was")
        .said("it is still your default");
    assert!(tree(&root) == before);
    assert_eq!(world.stored("links"), [""; 0]);
    world
        .run(["unlink", "tip"])
        .refused(2, "nor the name of a linked SDK");
    world
        .run(["which"])
        .refused(
            1,
            "default:1: `tip` is not a Go version: no linked SDK has this name",
        )
        .said("goshim link tip DIR");
}

#[test]
fn what_is_for_installed_ones_says_no() {
    let (world, root) = linked();
    let before = tree(&root);
    let reason = format!("tip is linked to {}", root.display());
    for arguments in [
        &["uninstall", "tip"][..],
        &["uninstall", RELEASE, "tip"],
        &["repair", "tip"],
        &["verify", "tip"],
        &["install", "tip"],
        &["upgrade", "tip"],
        &["latest", "tip"],
        &["ls-remote", "tip"],
    ] {
        world
            .run(arguments.iter().copied())
            .refused(2, &reason)
            .said("goshim unlink tip takes the name away");
    }
    assert_eq!(world.stored("sdks"), [GO]);
    // All that are installed are verified, and the other one is named.
    let ran = world.run(["verify"]);
    assert!(
        ran.stderr
            .contains("tip is linked: there is nothing to compare it with"),
        "{ran}"
    );
    world.ok(["use", "tip"]);
    for arguments in [&["prune", "--yes"][..], &["outdated"], &["upgrade"]] {
        world.ok(arguments.iter().copied());
    }
    world.run(["use", "tip", "--toolchain"]).ended_with(1);
    assert!(tree(&root) == before);
}

#[test]
fn a_name_that_is_none_and_a_tree_that_is_none_are_refused() {
    let world = World::installed(&[GO]);
    let root = own(&world, "tip", "go1.27.3");
    let dir = root.to_str().unwrap();
    for name in [
        "1.22",
        "go1.22.10",
        "latest",
        "system",
        "auto",
        "Tip",
        "../tip",
        "a.b",
        "go",
        "v2",
        "",
    ] {
        world
            .run(["link", name, dir])
            .refused(2, "cannot be the name of an SDK")
            .said("begins with a letter");
    }
    let refused = |dir: &str, code: i32, reason: &str| {
        world.run(["link", "tip", dir]).refused(code, reason);
    };
    refused("nowhere", 127, "there is no such directory");
    refused(".", 127, "it has no bin/go");
    refused(
        world.sdk(GO).to_str().unwrap(),
        126,
        "it lies in a store of goshim's",
    );
    let go = root.join("bin/go");
    let set_mode = |path: &PathBuf, mode| {
        fs_err::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for (path, mode, reason) in [
        (&go, 0o644, "its bin/go is not executable"),
        (&go, 0o757, "everybody may write to"),
        (&root, 0o777, "everybody may write to"),
    ] {
        set_mode(path, mode);
        refused(dir, 126, reason);
        set_mode(path, 0o755);
    }
    fs_err::write(&go, b"MZ\x90\0\0\0\0\0").unwrap();
    refused(dir, 126, "its bin/go is for Windows");
    fs_err::remove_dir_all(root.join("pkg/tool")).unwrap();
    refused(dir, 126, "it is no GOROOT");
    assert_eq!(world.stored("links"), [""; 0]);
}

#[test]
fn a_tree_that_went_away_is_one_clear_error_everywhere() {
    let (world, root) = linked();
    world.ok(["use", "tip"]);
    fs_err::remove_dir_all(&root).unwrap();
    let reason = format!(
        "cannot use {} as tip: there is no such directory",
        root.display()
    );
    for arguments in [
        &["which"][..],
        &["where", "tip"],
        &["current"],
        &["exec", "go", "version"],
        &["env"],
        &["shell"],
    ] {
        world
            .run(arguments.iter().copied())
            .refused(127, &reason)
            .said("goshim link tip DIR, or goshim unlink tip");
    }
    world.run(["why"]).ended_with(1).said(&reason);
    world.ok(["list"]);
    world.ok(["prune"]);
    world.ok(["unuse"]);
}

#[test]
fn a_word_that_is_no_link_is_never_written_or_followed() {
    let (world, _) = linked();
    for (word, hint) in [
        ("lates", "write latest, if that is what is meant"),
        ("tipp", "write tip, if that is what is meant"),
        ("banana", "goshim list shows what is linked"),
    ] {
        for command in ["use", "default", "where"] {
            world
                .run([command, word])
                .refused(2, &format!("`{word}` is not a Go version, nor the name of"))
                .said(hint);
        }
    }
    assert!(!world.sandbox.project().join(".go-version").exists());
    // A stranger's project may name what you linked, and nothing else.
    world.sandbox.mkdir("project/corp/bin");
    world.sandbox.write("project/.go-version", "corp\n");
    world
        .run(["which"])
        .refused(
            1,
            ".go-version:1: `corp` is not a Go version: no linked SDK has this name",
        )
        .said("goshim link corp DIR gives an SDK of your own this name");
    // A file with a word is no version file: it may be a secret that a link leads to.
    let secret = world.sandbox.write("home/secret", "hunter\n");
    let pin = world.sandbox.project().join(".go-version");
    fs_err::remove_file(&pin).unwrap();
    fs_err::os::unix::fs::symlink(&secret, &pin).unwrap();
    world
        .run(["use", "1.22"])
        .refused(1, "which is no version file");
    world.run(["unuse"]).refused(1, "is no version file");
    assert_eq!(fs_err::read_to_string(secret).unwrap(), "hunter\n");
}

#[test]
fn completion_knows_the_names() {
    let (world, _) = linked();
    let complete = |words: &[&str]| {
        let index = (words.len() - 1).to_string();
        let arguments = ["__complete", &index, "--"];
        let ran = world.ok(arguments.into_iter().chain(words.iter().copied()));
        ran.stdout.contains("tip\tlinked")
    };
    for words in [
        &["goshim", "use", "t"][..],
        &["goshim", "unlink", ""],
        &["goshim", "default", ""],
    ] {
        assert!(complete(words), "{words:?}");
    }
    assert!(!complete(&["goshim", "install", ""]));
}
