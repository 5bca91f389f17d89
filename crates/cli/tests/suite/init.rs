//! `goshim init`: shows what it found and what it would write, and overwrites nothing.

use crate::support::{GO, World};

fn world(files: &[(&str, &str)]) -> World {
    let world = World::installed(&[GO]);
    for (name, text) in files {
        world.sandbox.write(&format!("project/{name}"), text);
    }
    world
}

const WORKFLOW: &str = "on: push\njobs:\n  test:\n    strategy:\n      matrix:\n        go: ['1.21', '1.22']\n    steps:\n      - uses: actions/setup-go@v5\n        with:\n          go-version: ${{ matrix.go }}\n";

#[test]
fn what_never_ends_is_not_read_to_its_end() {
    let world = World::installed(&[GO]);
    for endless in ["/dev/zero", "/proc/self/pagemap", "/proc/kmsg"] {
        let link = world.sandbox.project().join("Dockerfile");
        fs_err::os::unix::fs::symlink(endless, &link).unwrap();
        world.run(["init"]).ended_with(1);
        fs_err::remove_file(&link).unwrap();
    }
}

#[test]
fn the_strongest_word_is_pinned() {
    for (files, expected) in [
        (&[("go.mod", "module m\n\ngo 1.22.3\n")][..], "1.22"),
        (
            &[
                ("go.mod", "module m\n\ngo 1.21\n\ntoolchain go1.22.10\n"),
                ("Dockerfile", "FROM golang:1.27.3\n"),
            ],
            "1.22.10",
        ),
        (
            &[
                ("go.mod", "module m\n\ngo 1.21\n\ntoolchain default\n"),
                (
                    "Dockerfile",
                    "FROM golang:1.22.10-alpine AS build\nFROM scratch\n",
                ),
            ],
            "1.22.10",
        ),
        (
            &[
                ("go.mod", "module m\n\ngo 1.20\n"),
                (".github/workflows/test.yml", WORKFLOW),
            ],
            "1.22",
        ),
        (
            &[(
                ".gitlab-ci.yml",
                "test:\n  image: golang:1.21.13-bookworm\n",
            )],
            "1.21.13",
        ),
        // What is below the go line would not work.
        (
            &[
                ("go.mod", "module m\n\ngo 1.22\n"),
                ("Dockerfile", "FROM golang:1.19\n"),
            ],
            "1.22",
        ),
        (
            &[
                ("go.mod", "module m\n\ngo 1.22.5\n"),
                ("Dockerfile", "FROM golang:1.22\n"),
            ],
            "1.22",
        ),
    ] {
        let world = world(files);
        let shown = world.ok(["init"]).said("nothing was written");
        assert_eq!(
            shown.stdout,
            format!(".go-version:\n  {expected}\n"),
            "{files:?}\n{shown}"
        );
        let file = world.sandbox.project().join(".go-version");
        assert!(!file.exists());
        world.ok(["init", "--yes"]).said("wrote ");
        assert_eq!(
            fs_err::read_to_string(&file).unwrap(),
            format!("{expected}\n")
        );
        world
            .run(["init", "--yes", "--toml"])
            .refused(1, ".go-version is there already");
        fs_err::remove_file(&file).unwrap();
        world.ok(["init", "--yes", "--toml"]);
        let text = fs_err::read_to_string(world.sandbox.project().join(".goshim.toml")).unwrap();
        assert_eq!(text, format!("[go]\nversion = \"{expected}\"\n"));
        let why = world.ok(["why", "--json"]).json();
        assert_eq!(why["choice"]["query"], expected);
    }
}

#[test]
fn it_names_the_lines_and_says_when_there_are_none() {
    let world = world(&[
        ("go.mod", "module m\n\ngo 1.21\n"),
        (".github/workflows/test.yml", WORKFLOW),
    ]);
    let ran = world.ok(["init"]);
    for line in [
        "go.mod:3 requires at least 1.21",
        "test.yml:6 names 1.21",
        "test.yml:6 names 1.22",
    ] {
        assert!(ran.stderr.contains(line), "{line}\n{ran}");
    }
    for (files, reason) in [
        (&[][..], "names a Go"),
        (
            &[
                ("Dockerfile", "FROM golang:latest\n"),
                (".gitlab-ci.yml", "image: golang:$GO\n"),
            ],
            "names a Go",
        ),
        (
            &[
                ("Dockerfile", "FROM golang:1.22\n"),
                (".tool-versions", "nodejs 20\n"),
            ],
            ".tool-versions is there already",
        ),
        (
            &[("Dockerfile", "FROM golang:1.22\n"), (".goshim.toml", "")],
            ".goshim.toml is there already",
        ),
    ] {
        let world = self::world(files);
        world.run(["init", "--yes"]).ended_with(1).said(reason);
        assert!(!world.sandbox.project().join(".go-version").exists());
    }
    // A dangling link is there, and nothing is written through it.
    let world = self::world(&[("Dockerfile", "FROM golang:1.22\n")]);
    fs_err::os::unix::fs::symlink("../planted", world.sandbox.project().join(".go-version"))
        .unwrap();
    world.run(["init", "--yes"]).refused(1, "is there already");
    assert!(!world.sandbox.root().join("planted").exists());
}
