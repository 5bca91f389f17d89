//! `goshim use`

use std::os::unix::fs::{MetadataExt, PermissionsExt};

use fs_err::os::unix::fs::symlink;

use crate::support::{GO, Ran, World, as_stranger};

fn written(world: &World) -> String {
    fs_err::read_to_string(world.sandbox.project().join(".go-version")).unwrap()
}

#[test]
fn writes_what_was_typed() {
    let world = World::installed(&[GO]);
    for word in [
        "1.22.10",
        "go1.22.10",
        "v1.22.10",
        "1.22",
        "1.22.x",
        "latest",
        "stable",
        "oldstable",
        "1.23rc1",
    ] {
        let ran = world.ok(["use", word]).said("wrote ");
        assert_eq!(ran.stdout, "");
        assert_eq!(written(&world), format!("{word}\n"));
    }
    let ran = world.ok(["use", "1.22"]);
    assert!(
        ran.stderr.contains("go1.22.10 runs here, asked for by ")
            && ran.stderr.contains(".go-version:1"),
        "{ran}"
    );
    let ran = world.ok(["use", "1.21.13"]);
    assert!(
        ran.stderr.contains("Go 1.21.13 is asked for by")
            && ran.stderr.contains("goshim install 1.21.13"),
        "{ran}"
    );
    let mode = fs_err::metadata(world.sandbox.project().join(".go-version"))
        .unwrap()
        .mode();
    assert_eq!(mode & 0o777, 0o644);
    assert_eq!(
        crate::support::names(world.sandbox.project()),
        [".go-version"],
        "no temporary file stays"
    );
}

#[test]
fn what_is_no_query_writes_nothing() {
    let world = World::installed(&[GO]);
    for word in [
        "banana",
        "../x",
        "/usr/local/go",
        "1.22.10\nlatest",
        "",
        " 1.22",
        "ref:master",
    ] {
        world.run(["use", word]).refused(2, "is not a Go version");
    }
    world.run(["use"]).ended_with(2);
    assert!(!world.sandbox.project().join(".go-version").exists());
}

#[test]
fn what_does_not_count_is_said() {
    let world = World::installed(&[GO, "go1.23.1"]);
    world
        .sandbox
        .write("project/.goshim.toml", "[go]\nversion = \"1.23.1\"\n");
    world
        .ok(["use", "1.22.10"])
        .said(".goshim.toml:2:11 asks for 1.23.1: the two disagree, and .goshim.toml counts\n")
        .said("go1.23.1 runs here, asked for by")
        .said(".goshim.toml:2:11\n");
    let origin = world.ok(["why", "--json"]).json()["choice"]["origin"].clone();
    assert_eq!(
        (&origin["line"], &origin["column"]),
        (&2.into(), &11.into())
    );
    let by = world.ok(["current", "--json"]).json()["selected_by"].clone();
    assert_eq!((&by["line"], &by["column"]), (&2.into(), &11.into()));
    let world = World::installed(&[GO]);
    world
        .sandbox
        .write("project/go.mod", "module m\n\ngo 1.99\n");
    world
        .ok(["use", "1.22.10"])
        .said("required by")
        .said("go.mod:3");
    assert_eq!(
        Ran::of(
            world
                .goshim(["use", "1.22"])
                .env("GOSHIM_VERSION", "1.22.10")
        )
        .succeeded()
        .stderr
        .lines()
        .count(),
        3
    );
}

#[test]
fn a_link_to_a_version_file_stays_one() {
    let world = World::installed(&[GO]);
    let link = world.sandbox.project().join(".go-version");
    for (contents, after) in [
        ("1.21\n", "1.22\n"),
        ("", "1.22\n"),
        (
            "# the Go of all our services\n1.21.13 # for now\n",
            "# the Go of all our services\n1.22 # for now\n",
        ),
    ] {
        let target = world.sandbox.write("shared/go-version", contents);
        if !link.is_symlink() {
            symlink("../shared/go-version", &link).unwrap();
        }
        world.ok(["use", "1.22"]);
        assert!(link.is_symlink());
        assert_eq!(fs_err::read_to_string(target).unwrap(), after);
    }
}

#[test]
fn nothing_else_is_written_through_a_link() {
    let world = World::installed(&[GO]);
    let link = world.sandbox.project().join(".go-version");
    let precious = world.sandbox.write("home/.bashrc", "export PATH\n");
    let big = world.sandbox.write("home/big", "#".repeat(5000));
    for (target, contents) in [
        (&precious, "export PATH\n".to_owned()),
        (&big, "#".repeat(5000)),
    ] {
        symlink(target, &link).unwrap();
        world
            .run(["use", "1.22"])
            .refused(1, "which is no version file");
        assert_eq!(fs_err::read_to_string(target).unwrap(), contents);
        fs_err::remove_file(&link).unwrap();
    }
    for target in ["nowhere", ".go-version", "/dev/null", "/dev/full", "."] {
        symlink(target, &link).unwrap();
        world
            .run(["use", "1.22"])
            .refused(1, "which is no version file");
        assert!(link.is_symlink());
        fs_err::remove_file(&link).unwrap();
    }
}

#[test]
fn odd_things_of_that_name() {
    let world = World::installed(&[GO]);
    let dir = world.sandbox.mkdir("project/.go-version");
    world
        .run(["use", "1.22"])
        .ended_with(1)
        .said("it is read-only, or no regular file");
    fs_err::remove_dir(&dir).unwrap();
    assert!(
        world
            .sandbox
            .command("mkfifo")
            .arg(&dir)
            .status()
            .unwrap()
            .success()
    );
    world
        .run(["use", "1.22"])
        .refused(1, "it is read-only, or no regular file");
}

#[test]
fn a_directory_that_cannot_be_written() {
    let world = World::installed(&[GO]);
    let project = world.sandbox.project();
    fs_err::set_permissions(project, PermissionsExt::from_mode(0o555)).unwrap();
    let ran = Ran::of(&mut as_stranger(&world, &["use", "1.22"])).refused(1, "cannot write");
    assert!(
        ran.stderr
            .contains("hint: change into a directory that you may write to"),
        "{ran}"
    );
    fs_err::set_permissions(project, PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(crate::support::names(project), [""; 0]);
}

#[test]
fn a_directory_that_was_deleted() {
    let world = World::installed(&[GO]);
    let script = "mkdir gone && cd gone && rmdir ../gone && exec \"$1\" use 1.22";
    let mut shell = world.sandbox.command("sh");
    shell.args(["-c", script, "sh", env!("CARGO_BIN_EXE_goshim")]);
    Ran::of(&mut shell).refused(1, "the working directory cannot be read");
}

/// A repository cannot have a file of the user's shown, in a log of CI for instance.
#[test]
fn a_link_shows_nothing_of_what_it_leads_to() {
    let world = World::installed(&[GO]);
    let secret = world.sandbox.write("home/secret", "password hunter2\n");
    for name in [".go-version", ".tool-versions", ".goshim.toml"] {
        let link = world.sandbox.project().join(name);
        let text = match name {
            ".tool-versions" => "golang hunter2\n",
            ".goshim.toml" => "hunter2 = 1\n",
            _ => "hunter2\n",
        };
        fs_err::write(&secret, text).unwrap();
        symlink(&secret, &link).unwrap();
        for words in [
            &["which"][..],
            &["why"],
            &["why", "--json"],
            &["current"],
            &["list"],
            &[],
            &["trust"],
            &["env"],
        ] {
            let ran = world.run(words.iter().copied());
            let all = format!("{}{}", ran.stdout, ran.stderr);
            assert!(!all.contains("hunter2"), "{name} {words:?}: {ran}");
        }
        world.run(["which"]).ended_with(1).said(&format!(
            "{name}:1: what this link leads to names no version"
        ));
        fs_err::remove_file(&link).unwrap();
        // The project's own words are shown.
        fs_err::write(&link, text).unwrap();
        world.run(["which"]).ended_with(1).said("hunter2");
        fs_err::remove_file(&link).unwrap();
    }
}

/// Another Go would run than the one that somebody wrote down, and what a project's file asks trust for would not be asked.
#[test]
fn a_link_to_what_may_not_be_seen_is_an_error() {
    let world = World::installed(&[GO]);
    let closed = world.sandbox.mkdir("closed");
    fs_err::set_permissions(&closed, PermissionsExt::from_mode(0o000)).unwrap();
    for name in [".goshim.toml", ".go-version", ".tool-versions"] {
        let file = world.sandbox.project().join(name);
        symlink(closed.join("x"), &file).unwrap();
        Ran::of(&mut as_stranger(&world, &["which"]))
            .refused(1, "Permission denied")
            .said(name);
        fs_err::remove_file(&file).unwrap();
    }
    // cmd/go looks for a go.mod above then, and so does goshim.
    symlink(closed.join("x"), world.sandbox.project().join("go.mod")).unwrap();
    Ran::of(&mut as_stranger(&world, &["which"])).succeeded();
    fs_err::set_permissions(&closed, PermissionsExt::from_mode(0o755)).unwrap();
}

#[test]
fn use_changes_the_version_and_nothing_around_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::installed(&[GO]);
    for (before, after) in [
        ("# the team's\n1.21\n", "# the team's\n1.22\n"),
        ("1.21 # for CI\r\n", "1.22 # for CI\r\n"),
        ("go1.21.13", "1.22\n"),
        ("\n\n1.21\n\n", "\n\n1.22\n\n"),
        ("1.20\n1.21\n", "1.22\n"),
        ("banana\n", "1.22\n"),
        ("# nothing\n", "1.22\n"),
        ("", "1.22\n"),
    ] {
        let file = world.sandbox.write("project/.go-version", before);
        fs_err::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
        world.ok(["use", "1.22"]);
        assert_eq!(fs_err::read_to_string(&file).unwrap(), after, "{before:?}");
        let mode = fs_err::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }
    let file = world.sandbox.write("project/.go-version", "1.21\n");
    fs_err::set_permissions(&file, PermissionsExt::from_mode(0o444)).unwrap();
    world
        .run(["use", "1.22"])
        .refused(1, "it is read-only, or no regular file");
    assert_eq!(fs_err::read_to_string(&file).unwrap(), "1.21\n");
}

#[test]
fn another_pin_beside_is_told() {
    let world = World::installed(&[GO, "go1.23.1"]);
    let disagreement = |ran: &Ran| {
        let lines = ran.stderr.lines().filter(|line| line.contains("disagree"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let tools = |text: &str| world.sandbox.write("project/.tool-versions", text);
    tools("node 22\ngolang 1.23.1\n");
    assert_eq!(
        disagreement(&world.ok(["use", "1.22.10"])),
        [".tool-versions:2 asks for 1.23.1: the two disagree, and .go-version counts"]
    );
    for agreeing in ["golang 1.22.10\n", "node 22\n", "golang ref:master\n"] {
        tools(agreeing);
        assert_eq!(
            disagreement(&world.ok(["use", "1.22.10"])),
            [""; 0],
            "{agreeing}"
        );
    }
    let project = world
        .sandbox
        .write("project/.goshim.toml", "[go]\nversion = \"1.23.1\"\n");
    let ran = world.ok(["use", "1.22.10"]).said("go1.23.1 runs here");
    assert_eq!(
        disagreement(&ran),
        [".goshim.toml:2:11 asks for 1.23.1: the two disagree, and .goshim.toml counts"]
    );
    assert!(!ran.stderr.contains("does not decide"), "said once\n{ran}");
    // Nothing of what a link leads to is shown.
    let secret = world.sandbox.write("secret", "golang hunter2\n");
    fs_err::remove_file(project).unwrap();
    fs_err::remove_file(world.sandbox.project().join(".tool-versions")).unwrap();
    symlink(secret, world.sandbox.project().join(".tool-versions")).unwrap();
    let ran = world.ok(["use", "1.22.10"]);
    assert!(!ran.stderr.contains("hunter2"), "{ran}");
}

#[test]
fn what_the_next_go_does_is_not_promised_in_vain() {
    let world = World::new(&[GO]);
    world.ok(["install", "1.22.10"]);
    world
        .ok(["use", "1.99.9"])
        .said("no such release is known here, and goshim install 1.99.9 asks whether there is");
    world.publish("go1.20.14", b"");
    let unasked = World::installed(&[GO]);
    unasked
        .ok(["use", "1.23.1"])
        .said("the next go here installs it, or goshim install 1.23.1 does now");
    let why = |world: &World| world.run(["why"]).stdout;
    assert!(
        why(&unasked).contains("\n  install    the next go here installs it, or "),
        "{}",
        why(&unasked)
    );
    let ran = unasked.ok(["use", "1.20.14"]);
    let refusal = "releases before 1.21.1 are not installed on a project's word (auto_install_min), and goshim install 1.20.14 installs it";
    assert!(ran.stderr.contains(refusal), "{ran}");
    let told = why(&unasked);
    assert!(
        told.contains(&format!("\n  install    {refusal}\n")),
        "{told}"
    );
    let state = |world: &World| world.run(["why", "--json"]).json()["selected"].clone();
    assert_eq!(state(&unasked)["auto_install"], "too-old");
    unasked.ok(["use", "1.23.1"]);
    assert_eq!(state(&unasked)["auto_install"], "always");
    unasked.ok(["config", "set", "auto_install", "never"]);
    assert_eq!(state(&unasked)["auto_install"], "never");
    unasked
        .ok(["use", "1.23.1"])
        .said("go installs nothing here by itself, and goshim install 1.23.1 does");
}
