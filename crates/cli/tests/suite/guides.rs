//! The pages of docs/guide, followed: what they type is run, and what they show must come out. A block whose fence says `not-run` is not run.

use std::path::Path;
use std::process::Command;

use goshim_test_support::{page, stand_in};

use crate::support::World;

/// What the pages' mirror has.
const PUBLISHED: &[&str] = &[
    "go1.21.13",
    "go1.22.10",
    "go1.22.12",
    "go1.26.7",
    "go1.26.8",
    "go1.27.2",
    "go1.27.3",
];

/// Follows a page in one directory; each block is a shell of its own. Returns how many blocks were run.
#[track_caller]
fn follow(text: &str) -> usize {
    follow_in(&World::new(PUBLISHED), text)
}

/// As [`follow`], where something is prepared.
#[track_caller]
fn follow_in(world: &World, text: &str) -> usize {
    let app = world.sandbox.mkdir("home/app");
    let blocks = page::blocks(text);
    let mut followed = 0;
    for (at, block) in blocks.iter().enumerate() {
        assert!(
            matches!(
                &*block.info,
                "sh" | "sh not-run" | "text" | "json" | "yaml" | "dockerfile"
            ),
            "line {}: a block of `{}`",
            block.line,
            block.info
        );
        if block.info != "sh" {
            continue;
        }
        let shown = blocks.get(at + 1).filter(|next| next.info == "text");
        let goshim = Path::new(env!("CARGO_BIN_EXE_goshim"));
        let path = format!("{}:/usr/bin:/bin", goshim.parent().unwrap().display());
        let mut shell: Command =
            world.goshim_at("sh".as_ref(), ["-c", &format!("exec 2>&1\n{}", block.text)]);
        shell
            .env("PATH", path)
            .env_remove("GOSHIM_HOME")
            .current_dir(&app)
            .env("PWD", &app);
        let output = shell.output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let said = said.replace(world.sandbox.home().to_str().unwrap(), "/home/you");
        let shown = shown.map_or("", |shown| shown.text.as_str());
        assert!(
            page::is_shown(&said, shown),
            "line {}:\n{}says\n{said}\ninstead of\n{shown}",
            block.line,
            block.text
        );
        followed += 1;
    }
    followed
}

#[test]
fn install() {
    assert_eq!(follow(include_str!("../../../../docs/guide/install.md")), 2);
}

#[test]
fn team() {
    assert_eq!(follow(include_str!("../../../../docs/guide/team.md")), 4);
}

#[test]
fn editors() {
    assert_eq!(follow(include_str!("../../../../docs/guide/editors.md")), 2);
}

#[test]
fn containers() {
    assert_eq!(
        follow(include_str!("../../../../docs/guide/containers.md")),
        2
    );
}

#[test]
fn own_sdks() {
    let world = World::new(PUBLISHED);
    let root = world.sandbox.home().join("src/go");
    stand_in::write_sdk(&root, "go1.27.3");
    fs_err::remove_file(root.join("VERSION")).unwrap();
    fs_err::write(root.join("VERSION.cache"), "devel go1.28-7a2cf1b").unwrap();
    let page = include_str!("../../../../docs/guide/own-sdks.md");
    assert_eq!(follow_in(&world, page), 1);
}

#[test]
fn moving() {
    assert_eq!(follow(include_str!("../../../../docs/guide/moving.md")), 2);
}
