//! Bad words, bad variables, and names that would steer a terminal.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;

use goshim_test_support::{ArchiveBuilder, Fault};

use crate::support::{GO, RELEASE, Ran, World};

/// Changes a command before it runs.
type Change<'a> = dyn Fn(&mut Command) -> &mut Command + 'a;

/// A terminal escape, a bell, a C1 control, a line that moves, and text that runs backwards.
const HOSTILE: &str = "\u{1b}[31m\u{7}\u{9b}2J\u{202e}\r\u{200b}x";

#[test]
fn bad_arguments() {
    let world = World::installed(&[GO]);
    for arguments in [
        &["banana"][..],
        &["help", "banana"],
        &["list", "x"],
        &["list", "--all"],
        &["list", "--bad"],
        &["use"],
        &["use", "1.22", "1.23"],
        &["which", "banana"],
        &["uninstall"],
        &["default", "1.22", "1.23"],
        &["exec"],
        &["why", "x"],
        &["install", "--at-least"],
        &["install", "banana"],
        &["use", "banana"],
        &["default", "banana"],
        &["uninstall", "banana"],
        &["install", ""],
    ] {
        let ran = world.run(arguments.iter().copied()).ended_with(2);
        assert!(ran.stdout.is_empty() && !ran.stderr.is_empty(), "{ran}");
    }
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["install", "--help"],
        &["help"],
        &["help", "install"],
        &["-h"],
    ] {
        let ran = world.ok(arguments.iter().copied());
        assert!(ran.stderr.is_empty() && !ran.stdout.is_empty(), "{ran}");
    }
    world
        .run(["list", "all"])
        .said("goshim list --remote shows all that is published");
    // Other tools show then what a directory asks for.
    for command in ["use", "local", "pin"] {
        world
            .run([command])
            .refused(2, "it takes a version, and there is none")
            .said("goshim current says what runs in it now");
    }
    for arguments in [&["verify"][..], &["prune"]] {
        let ran = World::new(&[]).ok(arguments.iter().copied());
        ran.said("nothing is installed yet");
    }
    let not_utf8 = OsStr::from_bytes(b"\xff\x1b");
    for command in ["install", "use", "default", "uninstall", "which", "why"] {
        let mut command = world.goshim([command]);
        Ran::of(command.arg(not_utf8))
            .ended_with(2)
            .printed_plainly();
    }
}

#[test]
fn bad_variables() {
    let world = World::installed(&[GO]);
    for (variable, value, reason) in [
        (
            "GOSHIM_HOME",
            "relative",
            "GOSHIM_HOME is not an absolute path: relative",
        ),
        (
            "GOSHIM_VERSION",
            "banana",
            "GOSHIM_VERSION: `banana` is not a Go version",
        ),
        (
            "GOSHIM_VERSION",
            "../../evil",
            "a path is never read from here",
        ),
        (
            "GOSHIM_POLICY",
            "banana",
            "GOSHIM_POLICY is `banana`: it must be project, exact, floor or native",
        ),
        (
            "GOSHIM_STRICT",
            "banana",
            "GOSHIM_STRICT is `banana`: it must be",
        ),
        (
            "GOSHIM_OFFLINE",
            "banana",
            "GOSHIM_OFFLINE is `banana`: it must be",
        ),
        (
            "GOSHIM_AUTO_INSTALL",
            "banana",
            "GOSHIM_AUTO_INSTALL is `banana`: it must be always, ask or never",
        ),
        ("GOTOOLCHAIN", "banana", "invalid GOTOOLCHAIN `banana`"),
        ("GOWORK", "banana", "invalid GOWORK `banana`"),
    ] {
        let ran = Ran::of(world.goshim(["which"]).env(variable, value)).ended_with(1);
        assert!(
            ran.stderr.starts_with("error: ") && ran.stderr.contains(reason),
            "{ran}"
        );
        assert_eq!(ran.stdout, "");
        Ran::of(world.goshim(["which"]).env(variable, HOSTILE))
            .ended_with(1)
            .printed_plainly();
        Ran::of(world.goshim(["why", "--json"]).env(variable, HOSTILE))
            .ended_with(1)
            .printed_plainly();
        // An empty variable is as good as none.
        if variable != "GOSHIM_HOME" {
            Ran::of(world.goshim(["which"]).env(variable, "")).succeeded();
        }
    }
}

#[test]
fn homes() {
    let world = World::new(&[GO]);
    let run = |change: &Change| {
        let mut command = world.goshim(["install", RELEASE]);
        change(&mut command);
        Ran::of(&mut command)
    };
    for home in ["goshim", "./goshim", "../goshim", "~/goshim"] {
        run(&|command| command.env("GOSHIM_HOME", home))
            .refused(1, "GOSHIM_HOME is not an absolute path");
    }
    for home in ["relative", "."] {
        run(&|command| command.env_remove("GOSHIM_HOME").env("HOME", home))
            .refused(1, "neither GOSHIM_HOME nor a home directory is set");
    }
    assert_eq!(crate::support::names(world.sandbox.project()), [""; 0]);
    run(&|command| command.env_remove("HOME")).succeeded();
    run(&|command| command.env("HOME", "relative")).succeeded();
    let data = world.sandbox.root().join("data");
    run(&|command| {
        command
            .env_remove("GOSHIM_HOME")
            .env("XDG_DATA_HOME", &data)
    })
    .succeeded();
    assert!(data.join("goshim/sdks/go1.22.10").is_dir());
}

#[test]
fn nobody_s_home() {
    let world = World::installed(&[GO]);
    if !crate::support::is_root(&world.sandbox) {
        println!("NOT CHECKED: becoming another user needs root");
        return;
    }
    // A user whom the system does not know has no home.
    let mut command = crate::support::as_stranger(&world, &["list"]);
    Ran::of(command.env_remove("HOME").env_remove("GOSHIM_HOME"))
        .refused(1, "neither GOSHIM_HOME nor a home directory is set");
}

#[test]
fn broken_configuration() {
    let world = World::installed(&[GO]);
    for (text, place) in [
        ("mirrror = \"x\"\n", ":1:1: "),
        ("policy = \"fast\"\n", ":1:10: "),
        ("[", ":1:"),
        ("auto_install_min = \"banana\"\n", ":1:20: "),
        (&*format!("\"{HOSTILE}\" = 1\n"), ":1:"),
    ] {
        world.sandbox.write("home/.config/goshim/config.toml", text);
        for command in ["list", "which", "why"] {
            world
                .run([command])
                .refused(1, &format!("config.toml{place}"))
                .printed_plainly();
        }
    }
    world
        .sandbox
        .write("home/.config/goshim/config.toml", b"\xff");
    world
        .run(["list"])
        .refused(1, "config.toml")
        .printed_plainly();
}

/// A program gets the path's own bytes, and what it starts works there.
#[test]
fn paths_of_any_bytes() {
    let world = World::new(&[GO]);
    let store = world.sandbox.root().join(OsStr::from_bytes(b"s\xff\x1b\n"));
    let in_store = |arguments: &[&str]| {
        let mut command = world.goshim(arguments.iter().copied());
        let output = command.env("GOSHIM_HOME", &store).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        output.stdout
    };
    in_store(&["install", RELEASE]);
    let which = store.join("sdks/go1.22.10/bin/go");
    let which = [which.as_os_str().as_bytes(), b"\n"].concat();
    assert_eq!(in_store(&["which"]), which);
    assert!(in_store(&["exec", "go", "version"]).starts_with(b"go version go1.22.10"));
}

#[test]
fn hostile_arguments() {
    let world = World::installed(&[GO]);
    let plus = format!("+{HOSTILE}");
    let option = format!("--{HOSTILE}");
    for arguments in [
        &[HOSTILE][..],
        &[&option],
        &["install", HOSTILE],
        &["install", "1.22", "--at-least", HOSTILE],
        &["use", HOSTILE],
        &["default", HOSTILE],
        &["where", HOSTILE],
        &["latest", HOSTILE],
        &["upgrade", HOSTILE],
        &["ls-remote", HOSTILE],
        &["uninstall", HOSTILE],
        &["which", HOSTILE],
        &["why", HOSTILE],
        &["why", "--", "-C", HOSTILE],
        &["why", "--", &plus],
        &["exec", HOSTILE],
        &["exec", &plus],
        &["list", &option],
        &["config", "get", HOSTILE],
        &["config", "set", HOSTILE, "x"],
        &["config", "set", "policy", HOSTILE],
        &["config", "unset", HOSTILE],
        &["link", HOSTILE, "."],
        &["link", "tip", HOSTILE],
        &["unlink", HOSTILE],
    ] {
        let ran = world.run(arguments.iter().copied()).printed_plainly();
        assert_ne!(ran.code, Some(0), "{ran}");
    }
}

#[test]
fn hostile_servers() {
    let world = World::new(&[GO]);
    for body in [
        HOSTILE.to_owned(),
        format!("<html>{HOSTILE}"),
        format!("[\"{HOSTILE}\"]"),
        "[\"\\u001b[31m\\u009b\\u202e\"]".to_owned(),
        "[{\"version\":\"go1.22.10\\u001b\",\"files\":[]}]".to_owned(),
        "[{\"version\":1,\"\\u001b\":2}]".to_owned(),
    ] {
        world
            .mirror
            .set_fault("", Some(Fault::Body(body.into_bytes())));
        world
            .run(["list", "--remote"])
            .ended_with(1)
            .printed_plainly();
        world
            .run(["-vvv", "install", RELEASE])
            .ended_with(1)
            .printed_plainly();
    }
    world.mirror.set_fault("", None);
    let archive = ArchiveBuilder::stand_in(GO).file(format!("go/{HOSTILE}"), 0o644, "");
    world.publish(GO, &archive.finish());
    world
        .run(["install", RELEASE])
        .refused(1, "the name `go/")
        .printed_plainly();
}
