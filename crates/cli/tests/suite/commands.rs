//! The words that people bring from other tools, and the commands that answer in a line.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use goshim_test_support::Terminal;

use crate::support::{GO, Ran, World};

#[test]
fn words_of_other_tools() {
    let world = World::new(&["go1.21.13", GO, "go1.22.12"]);
    world.ok(["i", "1.22.10"]);
    world.ok(["install", "1.21.13"]);
    assert_eq!(world.ok(["ls"]).stdout, world.ok(["list"]).stdout);
    assert_eq!(world.ok(["versions"]).stdout, world.ok(["list"]).stdout);
    let remote = world.ok(["list", "--remote"]).stdout;
    assert_eq!(remote.lines().count(), 3);
    assert_eq!(world.ok(["ls-remote"]).stdout, remote);
    assert_eq!(world.ok(["list-remote"]).stdout, remote);
    world.ok(["global", "1.21"]);
    assert_eq!(world.ok(["default"]).stdout, "1.21\n");
    for word in ["local", "pin"] {
        world.ok([word, "1.22"]).said("wrote ");
        world.ok(["unpin"]).said("removed ");
    }
    world.ok(["rm", "1.22.10"]).said("uninstalled go1.22.10");
    world.ok(["remove", "1.21.13"]);
    assert_eq!(world.stored("sdks"), [""; 0]);
}

#[test]
fn a_wrong_word_gets_the_nearest_right_one() {
    let world = World::new(&[]);
    for (wrong, right) in [
        ("instal", "install"),
        ("isntall", "install"),
        ("lsit", "list"),
        ("lst", "list"),
        ("uninstal", "uninstall"),
        ("upgrad", "upgrade"),
        ("defualt", "default"),
        ("whcih", "which"),
        ("curent", "current"),
    ] {
        let ran = world.run([wrong]).ended_with(2);
        assert!(ran.stderr.contains(&format!("'{right}'")), "{ran}");
        assert_eq!(ran.stderr.matches("similar").count(), 1, "{ran}");
    }
    let ran = world.run(["list", "--jsn"]).ended_with(2);
    assert!(ran.stderr.contains("'--json'"), "{ran}");
    let ran = world.run(["config", "gett"]).ended_with(2);
    assert!(ran.stderr.contains("'get'"), "{ran}");
}

#[test]
fn words_of_other_tools_get_a_line_that_helps() {
    let world = World::new(&[]);
    for (words, what, hint) in [
        (
            &["rehash"][..],
            "no command `rehash`",
            "there is nothing to do",
        ),
        (
            &["reshim", "golang"],
            "no command `reshim`",
            "there is nothing to do",
        ),
        (
            &["plugin", "add", "golang"],
            "no command `plugin`",
            "goshim is for Go alone",
        ),
        (
            &["activate", "zsh"],
            "no command `activate`",
            "nothing is hooked into a shell",
        ),
        (
            &["-q", "self", "update"],
            "no command `self`",
            "docs/guide/install.md",
        ),
        (
            &["implode"],
            "no command `implode`",
            "goshim unsetup --purge",
        ),
        (
            &["toolchain", "link", "x", "/y"],
            "no command `toolchain`",
            "link are commands",
        ),
        (
            &["+1.22", "build"],
            "no command `+1.22`",
            "go +1.22 runs one go command",
        ),
        (
            &["1.22"],
            "no command `1.22`",
            "goshim use 1.22 pins this directory",
        ),
        (
            &["use", "-g", "1.22"],
            "no option `-g`",
            "goshim default 1.22",
        ),
        (
            &["install", "--list"],
            "no option `--list`",
            "goshim list --remote",
        ),
        (
            &["install", "golang", "1.22"],
            "`golang` is not a Go version",
            "write a release",
        ),
        (
            &["use", "go@1.22"],
            "`go@1.22` is not a Go version",
            "write 1.22",
        ),
    ] {
        world.run(words.iter().copied()).refused(2, what).said(hint);
    }
    // An option that another command of another tool has says nothing about this one.
    for words in [["env", "-s"], ["trust", "-l"], ["shell", "-g"]] {
        let ran = world.run(words).ended_with(2);
        assert!(ran.stderr.contains("unexpected argument"), "{ran}");
    }
    world
        .run(["shell", "--unset"])
        .refused(2, "no option `--unset`")
        .said("exit leaves");
    // Within a command a word is that command's own.
    let ran = world.run(["config", "self"]).ended_with(2);
    assert!(ran.stderr.contains("unrecognized subcommand"), "{ran}");
}

#[test]
fn nothing_to_do_is_a_place_to_start() {
    let world = World::new(&[GO, "go1.22.12"]);
    let ran = world.ok([]);
    assert!(ran.stdout.lines().count() < 10, "{ran}");
    for text in [
        "here       none yet",
        "installed  nothing yet",
        "on PATH    there is no go",
        "goshim install latest  installs the newest Go",
        "goshim setup ",
        "goshim --help ",
    ] {
        assert!(ran.stdout.contains(text), "no `{text}`: {ran}");
    }
    assert_eq!(ran.stderr, "");
    assert_eq!(world.stored(""), [""; 0], "looking makes nothing");
    world.ok(["install", "1.22.10"]);
    world.ok(["use", "1.22.12"]);
    let ran = world.ok([]);
    for text in [
        "here       Go 1.22.12, asked for by ",
        ".go-version:1; it is not installed",
        "installed  go1.22.10\n",
        "goshim install 1.22.12 installs what this directory asks for",
    ] {
        assert!(ran.stdout.contains(text), "no `{text}`: {ran}");
    }
    // Where go is goshim's there is nothing to set up.
    let shims = world.sandbox.goshim_home().join("shims");
    fs_err::create_dir_all(&shims).unwrap();
    fs_err::write(shims.join("go"), "").unwrap();
    world.ok(["use", "1.22.10"]);
    let ran = Ran::of(world.goshim([]).env("PATH", &shims)).succeeded();
    assert!(
        ran.stdout.contains("on PATH    go is goshim's") && !ran.stdout.contains("goshim setup"),
        "{ran}"
    );
    assert!(ran.stdout.contains("goshim use 1.22 "), "{ran}");
    // A shell that is older than the shims.
    let ran = world.ok([]);
    assert!(
        ran.stdout
            .contains("goshim setup           says what go is in a new shell"),
        "{ran}"
    );
    world.sandbox.write("project/.go-version", "banana\n");
    let ran = world.ok([]);
    assert!(
        ran.stdout.contains("none: ") && ran.stdout.contains("goshim why "),
        "{ran}"
    );
    world.sandbox.write("project/.go-version", "1.22.10\n");
    world
        .sandbox
        .write("project/.goshim.toml", "[env]\nGOPRIVATE = \"x\"\n");
    let ran = world.ok([]);
    assert!(
        ran.stdout.contains("GOPRIVATE needs your trust")
            && ran.stdout.contains("goshim trust --show "),
        "{ran}"
    );
}

#[test]
fn current_and_where() {
    let world = World::installed(&[GO, "go1.22.9", "go1.21.13"]);
    world.ok(["use", "1.21"]);
    let pin = world.sandbox.project().join(".go-version");
    assert_eq!(
        world.ok(["current"]).stdout,
        format!("go1.21.13  asked for by {}:1\n", pin.display())
    );
    let root = |toolchain: &str| format!("{}\n", world.sdk(toolchain).display());
    assert_eq!(world.ok(["where"]).stdout, root("go1.21.13"));
    assert_eq!(world.ok(["where", "1.22"]).stdout, root(GO));
    assert_eq!(world.ok(["where", "go1.22.9"]).stdout, root("go1.22.9"));
    assert_eq!(world.ok(["prefix", "latest"]).stdout, root(GO));
    world.ok(["use", "1.20"]);
    for arguments in [&["current"][..], &["where"], &["where", "1.19"]] {
        world
            .run(arguments.iter().copied())
            .refused(127, "is not installed");
    }
    world
        .run(["where", "banana"])
        .refused(2, "is not a Go version");
    world.run(["where", "system"]).ended_with(127);
}

#[test]
fn newest_and_newer() {
    let world = World::new(&[
        "go1.20.1",
        "go1.20.14",
        GO,
        "go1.22.12",
        "go1.23.4",
        "go1.24rc1",
    ]);
    assert_eq!(world.ok(["latest"]).stdout, "go1.23.4\n");
    assert_eq!(world.ok(["latest", "1.22"]).stdout, "go1.22.12\n");
    assert_eq!(world.ok(["latest", "oldstable"]).stdout, "go1.22.12\n");
    world.run(["latest", "1.19"]).refused(1, "1.19");
    world.run(["latest", "system"]).refused(1, "system");
    world.ok(["outdated"]).said("nothing is installed yet");
    world.ok(["install", "1.22.10", "1.20.1", "1.23.4"]);
    let ran = world.ok(["outdated"]).said("goshim upgrade installs them");
    assert_eq!(
        ran.stdout,
        "go1.22.10  1.22.12 is out  end of life\ngo1.20.1   1.20.14 is out  end of life\n"
    );
    // The default was set by the first installation, and a release.
    world.ok(["default", "1.22.10"]);
    world
        .run(["upgrade", "1.19"])
        .refused(1, "no installed minor is meant by `1.19`");
    world
        .ok(["upgrade", "1.22"])
        .said("installed go1.22.12 in")
        .said("the default stays 1.22.10, the release that it names: goshim default 1.22 follows");
    assert_eq!(
        world.ok(["default"]).stdout,
        "1.22.10\n",
        "a release was meant so"
    );
    // That is worth a word as long as it is so.
    world
        .ok(["upgrade", "1.22"])
        .said("there is nothing newer")
        .said("the default stays 1.22.10");
    assert_eq!(
        world.stored("sdks"),
        ["go1.20.1", GO, "go1.22.12", "go1.23.4"],
        "nothing is taken away"
    );
    world.ok(["default", "1.20"]);
    world.ok(["upgrade"]).said("installed go1.20.14 in");
    assert_eq!(
        world.ok(["default"]).stdout,
        "1.20\n",
        "a series follows by itself"
    );
    world.ok(["upgrade"]).said("there is nothing newer");
    world
        .ok(["outdated"])
        .said("every installed minor has its newest patch");
    // A prerelease becomes the release that it was a candidate for.
    world.ok(["install", "1.24rc1"]);
    world.ok(["upgrade"]).said("there is nothing newer");
}

#[test]
fn a_failed_upgrade_changes_nothing() {
    let world = World::new(&[GO, "go1.22.12"]);
    world.ok(["install", "1.22.10"]);
    world.ok(["default", "1.22.10"]);
    world.publish("go1.22.12", b"this is no archive");
    world.run(["upgrade"]).ended_with(1);
    assert_eq!(world.ok(["default"]).stdout, "1.22.10\n");
    assert_eq!(world.stored("sdks"), [GO]);
}

#[test]
fn use_exact_and_unuse() {
    let world = World::new(&[GO, "go1.22.12", "go1.20"]);
    let written = || fs_err::read_to_string(world.sandbox.project().join(".go-version")).unwrap();
    world.ok(["use", "1.22", "--exact"]);
    assert_eq!(
        written(),
        "1.22.12\n",
        "the newest published, where none is installed"
    );
    world.ok(["install", "1.22.10"]);
    world.ok(["use", "1.22", "--exact"]);
    assert_eq!(written(), "1.22.10\n", "the newest installed");
    world.ok(["use", "--exact", "1.20"]);
    assert_eq!(written(), "1.20.0\n", "1.20 would be the series");
    world.run(["use", "--exact", "1.19"]).refused(1, "1.19");
    world.run(["use", "--exact", "system"]).ended_with(127);
    assert_eq!(written(), "1.20.0\n");
    world
        .ok(["unuse"])
        .said("removed ")
        .said("go1.22.10 runs here");
    assert!(!world.sandbox.project().join(".go-version").exists());
    world.ok(["unuse"]).said("there is no ");
    world.sandbox.write("project/.go-version", "my notes\n");
    world.run(["unuse"]).refused(1, "is no version file");
    assert_eq!(written(), "my notes\n");
}

/// An SDK whose go does what `go mod edit` would, and says how it was called.
fn with_editor(world: &World, toolchain: &str) {
    world.sandbox.install_stand_in(toolchain);
    let go = world.sdk(toolchain).join("bin/go");
    fs_err::remove_file(&go).unwrap();
    let script = format!(
        "#!/usr/bin/env sh\nprintf '%s\\n' \"$GOTOOLCHAIN $GOROOT\" \"$@\" >'{}'\nprintf '\\ntoolchain {toolchain}\\n' >>\"$4\"\n",
        world.sandbox.root().join("called").display()
    );
    fs_err::write(&go, script).unwrap();
    fs_err::set_permissions(&go, PermissionsExt::from_mode(0o755)).unwrap();
}

#[test]
fn the_toolchain_line_is_edited_by_go_itself() {
    let world = World::new(&[GO]);
    world
        .run(["use", "1.22", "--toolchain"])
        .refused(1, "no go.mod or go.work governs this directory");
    world
        .sandbox
        .write("project/go.mod", "module m\n\ngo 1.21\n");
    world
        .run(["use", "1.22", "--toolchain"])
        .refused(127, "Go 1.22 is not installed");
    with_editor(&world, GO);
    let deep = world.sandbox.mkdir("project/a/b");
    let mut command = world.goshim(["use", "1.22", "--toolchain"]);
    let go_mod = world.sandbox.project().join("go.mod");
    Ran::of(
        command
            .current_dir(&deep)
            .env("PWD", &deep)
            .env("GOTOOLCHAIN", "auto"),
    )
    .succeeded()
    .said(&format!("edited {}: toolchain {GO}", go_mod.display()))
    .said("go1.22.10 runs here, asked for by the toolchain line of ");
    let called = fs_err::read_to_string(world.sandbox.root().join("called")).unwrap();
    assert_eq!(
        called,
        format!(
            "local {}\nmod\nedit\n-toolchain={GO}\n{}\n",
            world.sdk(GO).display(),
            go_mod.display()
        )
    );
    assert!(!world.sandbox.project().join(".go-version").exists());
    world.sandbox.install_stand_in("go1.20.5");
    world
        .run(["use", "1.20.5", "--toolchain"])
        .refused(1, "go1.20.5 knows no toolchain line");
}

/// What a command that succeeds shows at a terminal of so many columns.
pub(crate) fn at_terminal(
    world: &World,
    columns: u16,
    words: &str,
    variables: &[(&str, &str)],
) -> String {
    let mut command = world.goshim(words.split_whitespace());
    command
        .env("PATH", format!("{}:/usr/bin:/bin", world.tools().display()))
        .env("SHELL", "/bin/sh")
        .env_remove("NO_COLOR")
        .envs(variables.iter().copied());
    let (screen, status) = Terminal::start(command, columns, "").finish();
    let screen = String::from_utf8(screen).unwrap();
    assert!(status.success(), "{words}: {status}: {screen}");
    screen
}

#[test]
fn terminals_of_every_kind() {
    let world = World::installed(&[GO, "go1.22.9"]);
    world.ok(["use", "1.22"]);
    world.ok(["list", "--remote"]);
    for (variables, is_coloured) in [
        (&[("TERM", "xterm")][..], true),
        (&[("TERM", "dumb")], false),
        (&[("TERM", "xterm"), ("NO_COLOR", "1")], false),
        (&[("TERM", "xterm"), ("CLICOLOR", "0")], false),
    ] {
        for columns in [80, 20] {
            let mut is_any_coloured = false;
            for words in [
                "list",
                "list --remote",
                "why",
                "outdated",
                "current",
                "",
                "--help",
            ] {
                let screen = at_terminal(&world, columns, words, variables);
                assert!(!screen.is_empty());
                let plain = without_colours(&screen);
                is_any_coloured |= plain != screen.replace('\r', "");
                let stray = plain.chars().find(|c| c.is_control() && *c != '\n');
                assert_eq!(stray, None, "{words} {variables:?}: {screen:?}");
            }
            assert_eq!(is_any_coloured, is_coloured, "{variables:?}");
        }
    }
    let narrow = without_colours(&at_terminal(&world, 20, "list", &[("TERM", "xterm")]));
    assert_eq!(
        narrow,
        "go1.22.10\n  2024-11-27\n  end of life\n  runs here: .go-version:1\n\
         go1.22.9\n  2024-11-27\n  end of life\n  1.22.10 is out\n"
    );
    // Colour that is asked for goes into pipes as well.
    let mut list = world.goshim(["list"]);
    let ran = Ran::of(list.env_remove("NO_COLOR").env("CLICOLOR_FORCE", "1")).succeeded();
    assert!(ran.stdout.contains("\u{1b}["), "{ran}");
    assert_eq!(
        without_colours(&ran.stdout),
        world.ok(["list"]).printed_plainly().stdout
    );
}

#[test]
fn an_installation_at_a_terminal() {
    for (term, columns, has_bar) in [
        ("xterm", 80, true),
        ("xterm", 20, true),
        ("dumb", 80, false),
    ] {
        let world = World::new(&[GO]);
        // Slow enough for a bar to be drawn.
        let archive = goshim_test_support::host::archive_name(GO);
        let pause = goshim_test_support::Fault::Stall(std::time::Duration::from_millis(500));
        world.mirror.set_fault(&archive, Some(pause));
        let screen = at_terminal(&world, columns, "install 1.22.10", &[("TERM", term)]);
        assert!(screen.contains("installed go1.22.10 in "), "{screen:?}");
        assert_eq!(screen.contains("\u{1b}[2K"), has_bar, "{term}: {screen:?}");
        // What is left on the screen has no bar, and each code is one that clears or colours.
        let cleared = screen
            .replace("\u{1b}[2K", "")
            .replace("\u{1b}[1A", "")
            .replace("\u{1b}[1B", "");
        let plain = without_colours(&cleared).replace('\r', "");
        let stray = plain.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(stray, None, "{term}: {screen:?}");
    }
}

/// A screen without the carriage returns of the terminal and the colours of goshim, which are all that may steer it.
pub(crate) fn without_colours(screen: &str) -> String {
    let mut plain = String::new();
    let mut rest = screen;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        let end = after.find(|c: char| !c.is_ascii_digit() && c != ';');
        rest = match end {
            Some(end) if after[end..].starts_with('m') => &after[end + 1..],
            _ => panic!("not a colour: {after:?}"),
        };
    }
    plain.push_str(rest);
    plain.replace("\r\n", "\n")
}

#[test]
fn what_completes_a_line() {
    let world = World::installed(&[GO]);
    let words = |line: &[&str]| -> Vec<String> {
        let index = (line.len() - 1).to_string();
        let arguments = [&["__complete", &index, "--"], line].concat();
        let said = world.ok(arguments).stdout;
        let words = said.lines().map(|line| line.split('\t').next().unwrap());
        words.map(str::to_owned).collect()
    };
    let commands = words(&["goshim", ""]);
    for command in ["install", "uninstall", "use", "unuse", "upgrade", "where"] {
        assert!(commands.contains(&command.to_owned()), "{commands:?}");
    }
    for alias in ["i", "remove", "local", "--help"] {
        assert!(!commands.contains(&alias.to_owned()), "{commands:?}");
    }
    assert!(words(&["goshim", "local", "1.22"]).contains(&"1.22.10".to_owned()));
    assert!(words(&["goshim", "ls", "--s"]).contains(&"--size".to_owned()));
    assert_eq!(
        words(&["goshim", "config", "set", "policy", ""]),
        ["project", "exact", "floor", "native"]
    );
    assert_eq!(
        words(&["goshim", "-v", "config", "set", "auto_install", "a"]),
        ["always", "ask"]
    );
    assert_eq!(words(&["goshim", "config", "set", "strict", "t"]), ["true"]);
    assert!(words(&["goshim", "config", "set", "http.t"]).contains(&"http.timeout".to_owned()));
    assert_eq!(words(&["goshim", "config", "set", "index", "h"]), [""; 0]);
    assert_eq!(
        words(&["goshim", "list", "--os", "d"]),
        ["darwin", "dragonfly"]
    );
    assert_eq!(
        words(&["goshim", "install", "--arch=arm"]),
        ["--arch=arm", "--arch=arm64"]
    );
    // As Bash splits it.
    assert_eq!(
        words(&["goshim", "list", "--os", "=", "d"]),
        ["darwin", "dragonfly"]
    );
    assert_eq!(
        words(&["goshim", "layout", "init", "--kind", "="]),
        ["shared", "per-version", "per-project"]
    );
    assert_eq!(
        words(&["goshim", "list", "--os", "=", "linux", "--arch", "=", "arm"]),
        ["arm", "arm64"]
    );
    // Programs, of PATH and of a Go, behind `exec` alone.
    let tool = world.sandbox.write("tools/make-believe", "#!/bin/sh\n");
    fs_err::set_permissions(tool, PermissionsExt::from_mode(0o755)).unwrap();
    world.sandbox.write("tools/make-notes.txt", "");
    assert_eq!(words(&["goshim", "exec", "make-"]), ["make-believe"]);
    assert_eq!(words(&["goshim", "x", "+1.22", "gof"]), ["gofmt"]);
    assert_eq!(words(&["goshim", "exec", "+1.22."]), ["+1.22.10"]);
    assert_eq!(words(&["goshim", "exec", "make-believe", "make-"]), [""; 0]);
    // Shells know how to quote the names of files.
    world.sandbox.write("project/$(touch PWNED)/x", "");
    for line in [
        &["goshim", "link", "t", "$"][..],
        &["goshim", "install", "--from", ""],
        &["goshim", "trust", ""],
    ] {
        assert_eq!(words(line), [""; 0], "{line:?}");
    }
}

#[test]
fn a_query_narrows_the_list() {
    let world = World::installed(&["go1.21.13", GO, "go1.22.12"]);
    let listed = |query: &str| world.ok(["list", query]).stdout.lines().count();
    for (query, count) in [
        ("1.22", 2),
        ("1.21.13", 1),
        ("latest", 1),
        ("1.23", 0),
        ("system", 0),
    ] {
        assert_eq!(listed(query), count, "{query}");
    }
    world
        .run(["list", "banana"])
        .ended_with(2)
        .said("`banana` is not a Go version");
}

#[test]
fn a_query_that_is_none_is_misuse_everywhere() {
    let world = World::installed(&[GO]);
    for words in [
        &["exec", "+bogus", "true"][..],
        &["env", "+bogus"],
        &["shell", "bogus"],
        &["where", "bogus"],
        &["use", "bogus"],
        &["default", "bogus"],
        &["install", "bogus"],
    ] {
        world.run(words.iter().copied()).ended_with(2);
    }
}

#[test]
fn another_tool_s_way_to_unpin_is_understood() {
    let world = World::installed(&[GO]);
    for command in ["use", "local", "pin"] {
        world
            .run([command, "--unset"])
            .refused(2, "there is no option `--unset` here")
            .said("goshim unuse takes a directory's pin away");
    }
}

#[test]
fn quiet_said_twice_is_quiet() {
    let world = World::installed(&[GO]);
    for words in [
        &["-q", "-q", "use", "1.22"][..],
        &["-qq", "use", "1.22"],
        &["-q", "use", "1.22", "--quiet"],
    ] {
        assert_eq!(world.ok(words.iter().copied()).stderr, "", "{words:?}");
    }
}

/// Nobody could tell what is goshim's among a person's own files, so nothing is put there, and nothing deleted.
#[test]
fn a_store_is_no_directory_of_other_things() {
    let world = World::new(&[GO]);
    let home = world.sandbox.home().to_owned();
    world.sandbox.write("home/shims/mine", "mine");
    world.sandbox.write("home/sdks/mine", "mine");
    let link = world.sandbox.root().join("link");
    fs_err::os::unix::fs::symlink(&home, &link).unwrap();
    let before = crate::support::tree(&home);
    let roundabout = home.join("x/..");
    for (dir, what) in [
        (home.as_path(), "your home directory"),
        (&link, "your home directory"),
        (&roundabout, "your home directory"),
        (Path::new("/"), "the root directory"),
        (Path::new("//"), "the root directory"),
    ] {
        for words in [
            &["install", "1.22.10"][..],
            &["uninstall", "1.22.10"],
            &["setup", "--yes"],
            &["unsetup", "--purge", "--yes"],
            &["prune", "--yes"],
            &["cache", "clean"],
        ] {
            let mut command = world.goshim(words.iter().copied());
            Ran::of(command.env("GOSHIM_HOME", dir))
                .refused(
                    1,
                    &format!(", {what}: goshim's files are not to lie among others"),
                )
                .said("set it to a directory of its own");
        }
    }
    assert_eq!(before, crate::support::tree(&home));
    // What only looks may look, and a directory below is one of its own.
    let mut command = world.goshim(["list"]);
    Ran::of(command.env("GOSHIM_HOME", &home)).succeeded();
    let mut command = world.goshim(["install", "1.22.10"]);
    Ran::of(command.env("GOSHIM_HOME", home.join("goshim"))).succeeded();
}

#[test]
fn the_first_default_is_as_exact_as_what_was_asked_for() {
    for (asked, default) in [
        ("1.22.10", "1.22.10\n"),
        ("1.22", "1.22\n"),
        ("latest", "1.23\n"),
        ("oldstable", "1.22\n"),
        ("1.24rc1", "1.24rc1\n"),
    ] {
        let world = World::new(&[GO, "go1.23.4", "go1.24rc1"]);
        world.ok(["install", asked]).said("is your default now");
        assert_eq!(world.ok(["default"]).stdout, default, "{asked}");
    }
}
