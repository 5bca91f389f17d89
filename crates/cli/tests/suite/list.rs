//! `goshim list`

use std::process::Stdio;

use goshim_test_support::{host, stand_in};
use serde_json::json;

use crate::support::{GO, World, index, sha256};

/// This machine, as JSON names it.
fn platform() -> String {
    format!("{}/{}", host::os(), host::arch())
}

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
    assert_eq!(
        lines,
        [
            "go1.23rc1  2024-11-27",
            "go1.22.10  2024-11-27  runs here: .go-version:1",
            "go1.22.9   2024-11-27  default",
            "go1.9.7",
        ],
        "{ran}"
    );
    assert_eq!(ran.stderr, "");
    let listed = world.ok(["list", "--json"]).json();
    let goroot = |toolchain: &str| world.sdk(toolchain).to_str().unwrap().to_owned();
    let store = world.sandbox.goshim_home().to_str().unwrap();
    assert_eq!(
        listed[1],
        json!({
            "toolchain": GO, "platform": platform(), "goroot": goroot(GO), "store": store, "linked": null, "default": false, "selected": true,
            "selected_by": { "kind": "pin-file", "file": world.sandbox.project().join(".go-version"), "line": 1, "column": null },
            "built": "2024-11-27T20:27:20Z", "support": null, "newer_patch": null, "size": null,
        })
    );
    assert_eq!(
        listed[2],
        json!({
            "toolchain": "go1.22.9", "platform": platform(), "goroot": goroot("go1.22.9"), "store": store, "linked": null, "default": true,
            "selected": false, "selected_by": null,
            "built": "2024-11-27T20:27:20Z", "support": null, "newer_patch": null, "size": null,
        })
    );
    assert_eq!(listed.as_array().unwrap().len(), 4);
}

#[test]
fn what_is_no_sdk_is_not_listed() {
    let world = World::installed(&[GO]);
    for name in ["notes/x", ".hidden/x", "go/x", "gotip/x", "go1.x/x"] {
        world.sandbox.write(&format!("goshim/sdks/{name}"), "");
    }
    world
        .sandbox
        .write("goshim/staging/go1.21.13~abcdef/go/VERSION", "go1.21.13");
    assert_eq!(
        world.ok(["list"]).stdout,
        format!("{GO}  2024-11-27  runs here\n")
    );
}

#[test]
fn a_broken_pin_is_no_reason_not_to_list() {
    let world = World::installed(&[GO]);
    world.sandbox.write("project/.go-version", "banana\n");
    assert_eq!(world.ok(["list"]).stdout, "go1.22.10  2024-11-27\n");
}

#[test]
fn what_is_published() {
    let world = World::new(&["go1.20", "go1.21rc2", "go1.21.0", GO, "go1.22beta1"]);
    world.ok(["install", "1.21.0"]);
    let ran = world.ok(["list", "--remote"]);
    assert_eq!(
        ran.stdout,
        "go1.22.10  end of life\ngo1.21.0   end of life  installed\ngo1.20     end of life\n"
    );
    let ran = world.ok(["list", "--remote", "--all"]);
    assert_eq!(
        ran.stdout,
        "go1.22.10    end of life\ngo1.22beta1  prerelease\ngo1.21.0     end of life  installed\n\
         go1.21rc2    prerelease\ngo1.20       end of life\n"
    );
    let all = world.ok(["list", "--remote", "--all", "--json"]).json();
    for (place, toolchain, is_stable, is_installed, support) in [
        (1, "go1.22beta1", false, false, "prerelease"),
        (2, "go1.21.0", true, true, "end-of-life"),
    ] {
        let archive = stand_in::archive(toolchain);
        assert_eq!(
            all[place],
            json!({
                "toolchain": toolchain, "platform": platform(), "stable": is_stable, "installed": is_installed,
                "support": support,
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
    assert_eq!(listed(&["1.21"]), "go1.21.0  end of life  installed\n");
    assert_eq!(
        listed(&["1.21", "--all"]),
        "go1.21.0   end of life  installed\ngo1.21rc2  prerelease\n"
    );
    assert_eq!(listed(&["1.21rc2"]), "go1.21rc2  prerelease\n");
    assert_eq!(listed(&["latest"]), "go1.22.10  end of life\n");
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
    assert_eq!(
        world.ok(["list", "--remote"]).stdout,
        "go1.22.10  end of life\n"
    );
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
    for command in [
        "list",
        "list --json",
        "why",
        "which",
        "--version",
        "--help",
        "help list",
    ] {
        shell(&format!("\"$1\" {command} >/dev/full"))
            .ended_with(1)
            .said("error: cannot write the output");
    }
    let ran = shell("\"$1\" prompt >/dev/full").succeeded();
    assert_eq!(ran.stderr, "", "a prompt has no place for errors");
}

#[test]
fn what_is_out_of_date_or_for_others() {
    let world = World::new(&["go1.20.1", "go1.21.13", "go1.22.12", "go1.23.4"]);
    for toolchain in ["go1.20.1", "go1.22.10", "go1.22.12", "go1.23.3"] {
        world.sandbox.install_stand_in(toolchain);
    }
    let root = world.sandbox.mkdir("goshim/sdks/go1.21.0.plan9-arm");
    fs_err::write(
        root.join("VERSION"),
        "go1.21.0\ntime 2023-08-04T20:14:06Z\n",
    )
    .unwrap();
    // Which releases there are is known once somebody has asked.
    assert!(!world.ok(["list"]).stdout.contains("out"));
    world.ok(["list", "--remote"]);
    world
        .mirror
        .set_fault("", Some(goshim_test_support::Fault::Status(500)));
    let listed = world.ok(["list"]).stdout;
    let lines: Vec<_> = listed.lines().collect();
    assert_eq!(
        lines,
        [
            "go1.23.3            2024-11-27  end of life  1.23.4 is out   runs here",
            "go1.22.12           2024-11-27  end of life",
            "go1.22.10           2024-11-27  end of life  1.22.12 is out",
            "go1.20.1                        end of life",
            "go1.21.0.plan9-arm  2023-08-04  end of life",
        ],
        "{listed}"
    );
    let listed = world.ok(["list", "--json", "--size"]).json();
    assert_eq!(listed[2]["newer_patch"], "go1.22.12");
    assert!(listed[2]["size"].as_u64().unwrap() > 1000, "{listed}");
    assert_eq!(listed[4]["platform"], "plan9/arm");
    assert_eq!(listed[4]["built"], "2023-08-04T20:14:06Z");
    let foreign = world.ok(["list", "--os", "plan9", "--arch", "arm", "--size"]);
    assert_eq!(
        foreign.stdout,
        "go1.21.0.plan9-arm  2023-08-04  end of life     1 MB\n"
    );
}

#[test]
fn a_version_file_may_say_anything() {
    let world = World::installed(&[GO]);
    for text in [
        "go1.22.10\ntime yesterday\n",
        "go1.22.10\ntime 2024-11-27T\u{1b}[31m\n",
        "go1.22.10\ntime \u{202e}2024-11-27T00:00:00Z\n",
        "time",
        "",
    ] {
        fs_err::write(world.sdk(GO).join("VERSION"), text).unwrap();
        assert_eq!(world.ok(["list"]).stdout, "go1.22.10  runs here\n");
    }
    fs_err::remove_file(world.sdk(GO).join("VERSION")).unwrap();
    assert_eq!(world.ok(["list"]).stdout, "go1.22.10  runs here\n");
}

#[test]
fn what_is_asked_for_and_missing_is_said() {
    let world = World::installed(&[GO]);
    let talk = || world.ok(["list"]).stderr;
    assert_eq!(talk(), "");
    world.ok(["default", "1.21"]);
    let default = "Go 1.21 is your default and not installed: goshim install 1.21\n";
    assert_eq!(
        talk(),
        "Go 1.21 is asked for by your default (goshim default) and not installed: goshim install 1.21\n",
        "said once where it is to run"
    );
    world.ok(["use", "1.23.1"]);
    let pin = world.sandbox.project().join(".go-version");
    let here = format!(
        "Go 1.23.1 is asked for by {}:1 and not installed: goshim install 1.23.1\n",
        pin.display()
    );
    assert_eq!(talk(), format!("{here}{default}"));
    world.ok(["use", "1.22"]);
    assert_eq!(talk(), default);
    assert_eq!(
        world.ok(["list", "1.22"]).stderr,
        "",
        "that is another question"
    );
    assert_eq!(world.ok(["-q", "list"]).stderr, "");
    assert_eq!(
        world
            .ok(["list", "--json"])
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
