//! `goshim exec`

use std::os::unix::fs::PermissionsExt;

use goshim_test_support::stand_in;

use crate::support::{GO, Ran, World};

#[test]
fn the_child_gets_this_directory_s_go() {
    let world = World::installed(&[GO, "go1.23.1"]);
    world.ok(["use", "1.22"]);
    let ran = world.ok(["exec", "go", "build", "./a b", "--", "-x"]);
    let root = world.sdk(GO);
    let expected = format!(
        "toolchain={GO}\nargv0=go\narg=build\narg=./a b\narg=--\narg=-x\nenv GOROOT={}\nenv GOTOOLCHAIN=(unset)\n\
         env GOSHIM_VERSION=(unset)\nenv GOTOOLCHAIN_INTERNAL_SWITCH_VERSION=(unset)\n",
        root.display()
    );
    assert_eq!((ran.stdout, &*ran.stderr), (expected, ""));
    let path = world.ok(["exec", "sh", "-c", "echo \"$PATH\""]).stdout;
    assert_eq!(
        path,
        format!(
            "{}:{}\n",
            root.join("bin").display(),
            world.tools().display()
        )
    );
    // Other variables and the working directory are the caller's.
    let mut command = world.goshim(["exec", "sh", "-c", "echo \"$A\"; pwd"]);
    let ran = Ran::of(command.env("A", "b c")).succeeded();
    assert_eq!(
        ran.stdout,
        format!("b c\n{}\n", world.sandbox.project().display())
    );
}

#[test]
fn a_query_wins_and_reaches_nested_calls() {
    let world = World::installed(&[GO, "go1.23.1"]);
    world.ok(["use", "1.22"]);
    let ran = world.ok(["exec", "+1.23", "go", "x"]);
    for line in [
        "toolchain=go1.23.1",
        "env GOTOOLCHAIN=local",
        "env GOSHIM_VERSION=1.23",
    ] {
        assert!(
            ran.stdout.lines().any(|there| there == line),
            "{line}\n{ran}"
        );
    }
    let nested = world.ok([
        "exec",
        "+1.23",
        env!("CARGO_BIN_EXE_goshim"),
        "exec",
        "go",
        "version",
    ]);
    assert!(
        nested.stdout.starts_with("go version go1.23.1 "),
        "{nested}"
    );
    let alone = world.ok(["exec", "+1.23"]);
    assert!(alone.stdout.starts_with("toolchain=go1.23.1\n"), "{alone}");
    let dashes = world.ok(["exec", "--", "+1.23", "go", "version"]);
    assert!(
        dashes.stdout.starts_with("go version go1.23.1 "),
        "{dashes}"
    );
    world
        .run(["exec", "+banana", "go"])
        .refused(2, "`banana` is not a Go version");
    world
        .run(["exec", "+", "go"])
        .refused(2, "is not a Go version");
    world.run(["exec", "+1.21.13", "go"]).refused(
        127,
        "Go 1.21.13 is not installed (asked for by the command line)",
    );
}

#[test]
fn cmd_go_is_held() {
    let world = World::installed(&[GO]);
    world.ok(["use", "1.22.10"]);
    world.sandbox.write(
        "project/go.mod",
        "module m\n\ngo 1.21\n\ntoolchain go1.23.1\n",
    );
    let ran = world.ok(["exec", "go", "x"]);
    assert!(ran.stdout.contains("env GOTOOLCHAIN=local\n"), "{ran}");
}

#[test]
fn exit_codes_are_the_child_s() {
    let world = World::installed(&[GO]);
    for code in [0, 1, 2, 7, 126, 127, 255] {
        world
            .run(["exec", "go", "exit", &code.to_string()])
            .ended_with(code);
    }
    let ran = world.run(["exec", "sh", "-c", "kill -9 $$"]);
    assert_eq!(
        ran.code, None,
        "the signal is the child's: exec, not spawn\n{ran}"
    );
}

#[test]
fn what_cannot_be_executed() {
    let world = World::installed(&[GO]);
    world
        .run(["exec", "no-such-program"])
        .ended_with(127)
        .said("error: cannot run no-such-program");
    world
        .run(["exec", "1.22", "go", "version"])
        .ended_with(127)
        .said("hint: a version is marked with +, and go is named after it: goshim exec +1.22 go version");
    world
        .run(["exec", "./nowhere/x"])
        .ended_with(127)
        .said("error: cannot run");
    let file = world.sandbox.write("project/file", "text");
    fs_err::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    world
        .run(["exec", "./file"])
        .ended_with(126)
        .said("error: cannot run ./file");
    world
        .run(["exec", "./"])
        .ended_with(126)
        .said("error: cannot run");
    world.run(["exec"]).ended_with(2);
    world.run(["exec", ""]).ended_with(127);
    World::new(&[])
        .run(["exec", "go"])
        .refused(127, "no Go is installed");
}

#[test]
fn path_without_a_value_does_not_become_the_working_directory() {
    let world = World::installed(&[GO]);
    let bin = world.sdk(GO).join("bin");
    for path in [None, Some("")] {
        let mut command = world.goshim(["exec", "/bin/sh", "-c", "echo \"$PATH\""]);
        match path {
            Some(path) => command.env("PATH", path),
            None => command.env_remove("PATH"),
        };
        assert_eq!(
            Ran::of(&mut command).succeeded().stdout,
            format!("{}\n", bin.display())
        );
    }
}

#[test]
fn the_setting_for_goroot_is_kept() {
    let world = World::installed(&[GO]);
    world
        .sandbox
        .write("home/.config/goshim/config.toml", "goroot = \"unset\"\n");
    let mut command = world.goshim(["exec", "go", "x"]);
    let ran = Ran::of(command.env("GOROOT", "/elsewhere")).succeeded();
    assert!(ran.stdout.contains("env GOROOT=(unset)\n"), "{ran}");
    fs_err::remove_file(world.sandbox.home().join(".config/goshim/config.toml")).unwrap();
    let mut command = world.goshim(["exec", "go", "x"]);
    let ran = Ran::of(command.env("GOROOT", "/elsewhere")).succeeded();
    assert!(
        ran.stdout
            .contains(&format!("env GOROOT={}\n", world.sdk(GO).display())),
        "{ran}"
    );
}

#[test]
fn the_system_s_go() {
    let world = World::installed(&[GO]);
    stand_in::write_sdk(&world.sandbox.mkdir("usr/go"), "go1.20.5");
    let bin = world.sandbox.root().join("usr/go/bin");
    let mut command = world.goshim(["exec", "+system", "go", "x"]);
    let ran = Ran::of(command.env("PATH", &bin).env("GOROOT", "/as/found")).succeeded();
    assert!(
        ran.stdout.starts_with("toolchain=go1.20.5\n")
            && ran.stdout.contains("env GOROOT=/as/found\n"),
        "{ran}"
    );
}

#[test]
fn a_store_that_no_path_can_name_is_an_error_and_not_another_go() {
    let world = World::installed(&[GO]);
    let odd = world.sandbox.mkdir("a:b").join("goshim");
    fs_err::rename(world.sandbox.goshim_home(), &odd).unwrap();
    let mut command = world.goshim(["exec", "go"]);
    Ran::of(command.env("GOSHIM_HOME", &odd))
        .ended_with(126)
        .said("error: PATH cannot be made");
}
