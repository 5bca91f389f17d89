//! `goshim list`

use std::process::Stdio;

use goshim_test_support::{host, stand_in};
use serde_json::json;

use crate::support::{GO, World, index, sha256};

#[test]
fn an_empty_store() {
    let world = World::new(&[]);
    let ran = world.ok(["list"]).said("nothing is installed yet");
    assert_eq!(ran.stdout, "");
    assert_eq!(world.ok(["list", "--json"]).json(), json!([]));
    assert_eq!(world.ok(["-q", "list"]).stderr, "");
    assert_eq!(world.stored(""), [""; 0], "looking makes nothing");
}

#[test]
fn newest_first_with_the_default_and_what_runs_here() {
    let world = World::installed(&["go1.9.7", GO, "go1.22.9", "go1.23rc1"]);
    world.ok(["default", "1.22.9"]);
    world.ok(["use", "1.22"]);
    let ran = world.ok(["list"]);
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 4, "{ran}");
    assert_eq!(lines[0], "go1.23rc1");
    assert!(
        lines[1].starts_with("go1.22.10      runs here, asked for by ")
            && lines[1].ends_with(".go-version:1"),
        "{ran}"
    );
    assert_eq!(&lines[2..], ["go1.22.9       default", "go1.9.7"]);
    assert_eq!(ran.stderr, "");
    let listed = world.ok(["list", "--json"]).json();
    let goroot = |toolchain: &str| world.sdk(toolchain).to_str().unwrap().to_owned();
    let store = world.sandbox.goshim_home().to_str().unwrap();
    assert_eq!(
        listed[1],
        json!({ "toolchain": GO, "goroot": goroot(GO), "store": store, "default": false, "selected": true })
    );
    assert_eq!(
        listed[2],
        json!({ "toolchain": "go1.22.9", "goroot": goroot("go1.22.9"), "store": store, "default": true, "selected": false })
    );
    assert_eq!(listed.as_array().unwrap().len(), 4);
}

#[test]
fn what_is_no_sdk_is_not_listed() {
    let world = World::installed(&[GO]);
    for name in [
        "go1.21.0.linux-386/x",
        "notes/x",
        ".hidden/x",
        "go/x",
        "gotip/x",
        "go1.x/x",
    ] {
        world.sandbox.write(&format!("goshim/sdks/{name}"), "");
    }
    world
        .sandbox
        .write("goshim/staging/go1.21.13~abc/go/VERSION", "go1.21.13");
    assert_eq!(
        world.ok(["list"]).stdout,
        format!("{GO}      runs here, asked for by the newest installed SDK\n")
    );
}

#[test]
fn a_broken_pin_is_no_reason_not_to_list() {
    let world = World::installed(&[GO]);
    world.sandbox.write("project/.go-version", "banana\n");
    assert_eq!(world.ok(["list"]).stdout, "go1.22.10\n");
}

#[test]
fn what_is_published() {
    let world = World::new(&["go1.20", "go1.21rc2", "go1.21.0", GO, "go1.22beta1"]);
    world.ok(["install", "1.21.0"]);
    let ran = world.ok(["list", "--remote"]);
    assert_eq!(ran.stdout, "go1.22.10\ngo1.21.0       installed\ngo1.20\n");
    let ran = world.ok(["list", "--remote", "--all"]);
    assert_eq!(
        ran.stdout,
        "go1.22.10\ngo1.22beta1\ngo1.21.0       installed\ngo1.21rc2\ngo1.20\n"
    );
    let all = world.ok(["list", "--remote", "--all", "--json"]).json();
    for (place, toolchain, is_stable, is_installed) in [
        (1, "go1.22beta1", false, false),
        (2, "go1.21.0", true, true),
    ] {
        let archive = stand_in::archive(toolchain);
        assert_eq!(
            all[place],
            json!({
                "toolchain": toolchain, "stable": is_stable, "installed": is_installed,
                "file": host::archive_name(toolchain), "sha256": sha256(&archive), "size": archive.len(),
            })
        );
    }
    let stable = world.ok(["list", "--remote", "--json"]).json();
    assert_eq!(stable.as_array().unwrap().len(), 3);
    let listed = |arguments: &[&str]| {
        let words = ["list", "--remote"].iter().chain(arguments);
        world.ok(words.copied()).stdout
    };
    assert_eq!(listed(&["1.21"]), "go1.21.0       installed\n");
    assert_eq!(
        listed(&["1.21", "--all"]),
        "go1.21.0       installed\ngo1.21rc2\n"
    );
    assert_eq!(listed(&["1.21rc2"]), "go1.21rc2\n");
    assert_eq!(listed(&["latest"]), "go1.22.10\n");
    assert_eq!(listed(&["1.19"]), "");
    assert_eq!(listed(&["--os", "plan9", "--arch", "386"]), "");
    world
        .run(["list", "--remote", "system"])
        .refused(1, "system cannot be installed");
    world
        .run(["list", "--remote", "--os", "templeos"])
        .refused(2, "Go was never published for templeos/");
}

#[test]
fn what_is_published_for_others_is_not_shown() {
    let world = World::new(&[]);
    let json = index(GO, "go1.22.10.plan9-arm.tar.gz", &"0".repeat(64), 1);
    world
        .mirror
        .set_fault("", Some(goshim_test_support::Fault::Body(json)));
    assert_eq!(world.ok(["list", "--remote"]).stdout, "");
    let json = index(GO, &host::archive_name(GO), &"0".repeat(64), 1);
    world
        .mirror
        .set_fault("", Some(goshim_test_support::Fault::Body(json)));
    assert_eq!(world.ok(["list", "--remote"]).stdout, "go1.22.10\n");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let world = World::installed(&[GO, "go1.21.13", "go1.20"]);
    for arguments in [
        &["list"][..],
        &["list", "--json"],
        &["list", "--remote"],
        &["why"],
        &["which"],
        &["--help"],
        &["--version"],
    ] {
        let mut command = world.goshim(arguments.iter().copied());
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(
            output.status.success() && stderr.is_empty(),
            "{arguments:?}: {} {stderr}",
            output.status
        );
    }
}

#[test]
fn closed_and_full_outputs() {
    let world = World::installed(&[GO]);
    let program = env!("CARGO_BIN_EXE_goshim");
    let shell = |script: &str| {
        let mut shell = world.sandbox.command("sh");
        shell.args(["-c", script, "sh", program]);
        crate::support::Ran::of(&mut shell)
    };
    for command in [
        "list",
        "list --json",
        "why",
        "which",
        "default",
        "list 2>&-",
        "which <&-",
    ] {
        shell(&format!("\"$1\" {command} >&-")).succeeded();
    }
    shell("\"$1\" list --bad 2>&-").ended_with(2);
    for command in ["list", "list --json", "why", "which"] {
        shell(&format!("\"$1\" {command} >/dev/full"))
            .ended_with(1)
            .said("error: cannot write the output");
    }
}
