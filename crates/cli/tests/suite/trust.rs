//! `goshim trust`: the record that it writes, and what takes it away again. What is refused without one: `xtask/tests/suite/trust.rs`.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use fs_err::os::unix::fs::symlink;
use goshim_resolver::variables;

use crate::support::{GO, Ran, World, names};

const PROJECT: &str = "[env]\nGOPRIVATE = \"corp.example\"\nGOOS = \"linux\"\n[profile.prod.env]\nGOFLAGS = [\"-ldflags=-s\"]\n";

fn project(text: &str) -> World {
    let world = World::installed(&[GO]);
    world.sandbox.write("project/.goshim.toml", text);
    world
}

impl World {
    fn records(&self) -> Vec<String> {
        names(&self.sandbox.goshim_home().join("state/trust"))
    }

    fn is_refused(&self, dir: &Path) -> bool {
        let ran = Ran::of(self.goshim(["which"]).current_dir(dir).env("PWD", dir));
        match ran.code {
            Some(0) => false,
            Some(78) => true,
            _ => panic!("{ran}"),
        }
    }

    /// Replaces the project's file, asks whether it is refused, and puts the old text back.
    fn is_refused_as(&self, text: &str) -> bool {
        let file = self.sandbox.project().join(".goshim.toml");
        let before = fs_err::read(&file).unwrap();
        fs_err::write(&file, text).unwrap();
        let is_refused = self.is_refused(self.sandbox.project());
        fs_err::write(&file, before).unwrap();
        is_refused
    }
}

#[test]
fn a_directory_of_records_that_is_a_link_is_left_alone() {
    let world = World::new(&[GO]);
    let theirs = world.sandbox.mkdir("theirs");
    let before = fs_err::metadata(&theirs).unwrap().permissions();
    world.sandbox.mkdir("goshim/state");
    let records = world.sandbox.goshim_home().join("state/trust");
    symlink(&theirs, records).unwrap();
    world
        .sandbox
        .write("project/.goshim.toml", "[env]\nGOPRIVATE = \"x\"\n");
    world
        .run(["trust"])
        .ended_with(1)
        .said("state/trust is a symbolic link");
    assert_eq!(fs_err::metadata(&theirs).unwrap().permissions(), before);
    assert_eq!(names(&theirs), [""; 0]);
}

#[test]
fn a_record_is_what_was_shown_and_nobody_else_can_read_it() {
    let world = project(PROJECT);
    world
        .run(["which"])
        .refused(78, "GOPRIVATE needs your trust");
    let shown = world.ok(["trust", "--show"]);
    for line in [
        "  env.GOPRIVATE = \"corp.example\"",
        "  profile.prod.env.GOFLAGS = [\"-ldflags=-s\"]",
        "It is not trusted.",
    ] {
        assert!(
            shown.stdout.lines().any(|there| there == line),
            "{line}\n{shown}"
        );
    }
    assert!(
        !shown.stdout.contains("GOOS"),
        "what is free needs no trust\n{shown}"
    );
    assert_eq!(world.records(), [""; 0], "showing changes nothing");
    let trusted = world.ok(["trust"]).said("is trusted with these settings");
    assert!(shown.stdout.starts_with(&trusted.stdout), "{trusted}");
    let [id] = &world.records()[..] else {
        panic!("{:?}", world.records())
    };
    assert!(shown.stdout.contains(&format!("\nid {id}\n")), "{shown}");
    let dir = world.sandbox.goshim_home().join("state/trust");
    assert_eq!(
        fs_err::metadata(&dir).unwrap().permissions().mode() & 0o777,
        0o700
    );
    world.ok(["which"]);
    assert!(
        world
            .ok(["trust", "--show"])
            .stdout
            .ends_with("It is trusted.\n")
    );
    world.ok(["trust"]);
    assert_eq!(world.records().len(), 1, "trusting twice is trusting once");
}

#[test]
fn what_changes_a_setting_that_is_not_free_revokes() {
    let world = project(PROJECT);
    world.ok(["trust"]);
    for same in [
        PROJECT.to_owned(),
        format!("# why\n[go]\nversion = \"1.22\"\n{PROJECT}"),
        format!("[layout]\nkind = \"per-project\"\n{PROJECT}"),
        PROJECT.replace("\"linux\"", "\"windows\""),
        PROJECT.replace("GOOS = \"linux\"\n", ""),
        PROJECT.replace('"', "'"),
        PROJECT.replace('\n', "\r\n"),
        format!("{PROJECT}[profile.dev.env]\nGOFLAGS = [\"-race\"]\n"),
        format!("inherit = true\n{PROJECT}"),
    ] {
        assert!(!world.is_refused_as(&same), "{same}");
    }
    for other in [
        PROJECT.replace("corp.example", "corp.examplf"),
        PROJECT.replace("corp.example", "corp.example,x"),
        PROJECT.replace("corp.example", ""),
        PROJECT.replace("GOPRIVATE", "GONOSUMDB"),
        PROJECT.replace("-ldflags=-s", "-ldflags=-w"),
        PROJECT.replace(
            "[profile.prod.env]\nGOFLAGS",
            "[profile.prod.env]\nGOPROXY = \"direct\"\nGOFLAGS",
        ),
        PROJECT.replace("profile.prod", "profile.dev"),
        PROJECT.replace("\"linux\"", "\"li nux\""),
        format!("[layout]\ngopath = \".go\"\n{PROJECT}"),
    ] {
        assert!(world.is_refused_as(&other), "{other}");
    }
    assert!(!world.is_refused(world.sandbox.project()), "as it was");
}

#[test]
fn another_place_has_no_record() {
    let world = project(PROJECT);
    world.ok(["trust"]);
    let old = world.sandbox.project().to_owned();
    let copy = world.sandbox.mkdir("copy");
    fs_err::copy(old.join(".goshim.toml"), copy.join(".goshim.toml")).unwrap();
    assert!(world.is_refused(&copy), "a copy");
    assert!(
        !world.is_refused(&world.sandbox.mkdir("project/deep/er")),
        "below it"
    );
    let moved = world.sandbox.root().join("moved");
    fs_err::rename(&old, &moved).unwrap();
    assert!(world.is_refused(&moved), "moved");
    // A way to the same file is the same file, and a link at its place is another one.
    symlink(&moved, &old).unwrap();
    assert!(
        world.is_refused(&old),
        "the directory became a link to a moved one"
    );
    fs_err::remove_file(&old).unwrap();
    fs_err::rename(&moved, &old).unwrap();
    symlink(&old, &moved).unwrap();
    assert!(!world.is_refused(&moved), "by another way");
    fs_err::rename(old.join(".goshim.toml"), old.join("real.toml")).unwrap();
    symlink("real.toml", old.join(".goshim.toml")).unwrap();
    assert!(world.is_refused(&old), "the file became a link");
    world.run(["trust"]).refused(1, "is a link");
}

#[test]
fn trust_is_taken_back_listed_and_pruned() {
    let world = project(PROJECT);
    let other = world.sandbox.mkdir("other");
    fs_err::write(other.join(".goshim.toml"), "[env]\nCC = \"gcc\"\n").unwrap();
    world.ok(["trust"]);
    world.ok(["trust", other.to_str().unwrap()]);
    assert!(!world.is_refused(&other));
    let listed = world.ok(["trust", "--list"]).stdout;
    assert!(
        listed.contains("/other/.goshim.toml\n  env.CC = \"gcc\"\n"),
        "{listed}"
    );
    let json = world.ok(["trust", "--list", "--json"]).json();
    assert_eq!(json.as_array().unwrap().len(), 2);
    assert!(
        json.as_array()
            .unwrap()
            .iter()
            .all(|record| record["current"] == true)
    );
    world
        .ok(["trust", "--revoke", "../other"])
        .said("is not trusted any more");
    assert!(world.is_refused(&other));
    world
        .ok(["trust", "--revoke", "../other"])
        .said("no record");
    assert_eq!(world.records().len(), 1);
    // A file that changed, or went, leaves a record in vain.
    world.ok(["trust", "--prune"]).said("0 records removed");
    world.ok(["trust", "../other"]);
    fs_err::write(other.join(".goshim.toml"), "[env]\nCC = \"clang\"\n").unwrap();
    assert!(world.ok(["trust", "--list"]).stdout.contains("in vain"));
    world.ok(["trust", "--prune"]).said("1 record removed");
    world.ok(["trust", "../other"]);
    fs_err::remove_dir_all(&other).unwrap();
    // What is gone can still be named, and a file that is broken can be revoked.
    world
        .ok(["trust", "--revoke", "../other"])
        .said("is not trusted any more");
    fs_err::write(world.sandbox.project().join(".goshim.toml"), "[").unwrap();
    world
        .ok(["trust", "--revoke"])
        .said("is not trusted any more");
    assert_eq!(world.records(), [""; 0]);
    world
        .run(["trust", "../other"])
        .refused(1, "there is no directory");
}

#[test]
fn a_record_counts_only_where_nobody_else_can_write_one() {
    let world = project(PROJECT);
    world.ok(["trust"]);
    let dir = world.sandbox.goshim_home().join("state/trust");
    let id = world.records().remove(0);
    let mode = |mode| fs_err::set_permissions(&dir, PermissionsExt::from_mode(mode)).unwrap();
    for open in [0o755, 0o770, 0o777, 0o1777] {
        mode(open);
        assert!(world.is_refused(world.sandbox.project()), "{open:o}");
    }
    mode(0o700);
    assert!(!world.is_refused(world.sandbox.project()));
    // A link to such a directory, or to such a file, is none.
    let elsewhere = world.sandbox.root().join("elsewhere");
    fs_err::rename(&dir, &elsewhere).unwrap();
    symlink(&elsewhere, &dir).unwrap();
    assert!(world.is_refused(world.sandbox.project()));
    fs_err::remove_file(&dir).unwrap();
    fs_err::rename(&elsewhere, &dir).unwrap();
    let record = dir.join(&id);
    fs_err::rename(&record, dir.join("x")).unwrap();
    symlink("x", &record).unwrap();
    assert!(world.is_refused(world.sandbox.project()));
    if crate::support::is_root(&world.sandbox) {
        fs_err::remove_file(&record).unwrap();
        fs_err::rename(dir.join("x"), &record).unwrap();
        assert!(!world.is_refused(world.sandbox.project()));
        std::os::unix::fs::chown(&record, Some(65534), None).unwrap();
        assert!(
            world.is_refused(world.sandbox.project()),
            "somebody else's record"
        );
    } else {
        println!("NOT CHECKED: somebody else's record needs root");
    }
}

/// A reader that went away has not seen all of it.
#[test]
fn what_nobody_could_see_is_neither_trusted_nor_written() {
    let world = project(PROJECT);
    world
        .sandbox
        .write("new/go.mod", "module example.com/new\n\ngo 1.22\n");
    let new = world.sandbox.root().join("new");
    for (words, dir) in [
        (&["trust"][..], world.sandbox.project()),
        (&["init", "--yes"], &new),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = world.goshim(words.iter().copied());
        command.current_dir(dir).env("PWD", dir).stdout(writer);
        Ran::of(&mut command).refused(1, "what is to be done cannot be shown");
    }
    assert_eq!(world.records(), [""; 0]);
    assert_eq!(names(&new), ["go.mod"]);
}

#[test]
fn ci_grants_by_id_and_users_by_directory() {
    let world = project(PROJECT);
    let id = world.ok(["trust", "--show", "--json"]).json()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for (value, code) in [
        (id.clone(), 0),
        (format!("0000, {id} ,x"), 0),
        (id.to_uppercase(), 78),
        (id[..63].to_owned(), 78),
        ("*".to_owned(), 78),
        ("1".to_owned(), 78),
    ] {
        let mut command = world.goshim(["which"]);
        Ran::of(command.env(variables::TRUST, &value)).ended_with(code);
    }
    let root = world.sandbox.root().to_str().unwrap().to_owned();
    symlink(world.sandbox.root(), world.sandbox.home().join("link")).unwrap();
    for (dir, code) in [
        (root.clone(), 0),
        (format!("{root}/project"), 0),
        (format!("{root}/home/link/project/"), 0),
        // By components, and not by letters.
        (format!("{root}/proj"), 78),
        (format!("{root}/project/deeper"), 78),
        (format!("{root}/nowhere"), 78),
    ] {
        world.sandbox.write(
            "home/.config/goshim/config.toml",
            format!("trusted_dirs = [{dir:?}]\n"),
        );
        world.run(["which"]).ended_with(code);
    }
    // The machine's configuration can as well, below the user's.
    let machine = world
        .sandbox
        .write("machine.toml", format!("trusted_dirs = [{root:?}]\n"));
    let mut command = world.goshim(["which"]);
    Ran::of(command.env(variables::MACHINE_CONFIG, &machine)).succeeded();
    // Nothing of it trusts what is never allowed.
    world
        .sandbox
        .write("project/.goshim.toml", "[env]\nLD_PRELOAD = \"x\"\n");
    let mut command = world.goshim(["which"]);
    Ran::of(command.env(variables::MACHINE_CONFIG, &machine))
        .refused(78, "a project may never set LD_PRELOAD");
    world
        .run(["trust"])
        .refused(78, "a project may never set LD_PRELOAD");
    assert_eq!(world.records(), [""; 0]);
}

#[test]
fn a_project_cannot_trust_itself() {
    let world = project("");
    let before = world.records();
    let secret = world.ok(["trust", "--show"]);
    assert_eq!(secret.stdout, "", "{secret}");
    for text in [
        "trusted_dirs = [\"/\"]\n",
        "untrusted = \"ignore\"\n",
        "[trust]\nids = []\n",
        "[go]\ntrusted = true\n",
        "[layout]\ntrusted = true\n",
        "[env.CC]\ntrusted = true\n",
    ] {
        let text = format!("{text}[env]\nCC = \"x\"\n");
        world.sandbox.write("project/.goshim.toml", text);
        let ran = world.run(["which"]);
        assert!(matches!(ran.code, Some(1 | 78)), "{ran}");
    }
    for name in [
        "GOSHIM_TRUST",
        "GOSHIM_UNTRUSTED",
        "GOSHIM_HOME",
        "GOSHIM_MACHINE_CONFIG",
        "GOSHIM_SET",
        "XDG_STATE_HOME",
        "XDG_CONFIG_HOME",
        "HOME",
    ] {
        world.sandbox.write(
            "project/.goshim.toml",
            format!("[env]\n{name} = \"x\"\nCC = \"x\"\n"),
        );
        world.run(["which"]).refused(78, name);
    }
    // Files of the project under the names that goshim keeps its own in.
    world.sandbox.write("project/.goshim.toml", PROJECT);
    let id = world.ok(["trust", "--show", "--json"]).json()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for place in [
        "state/trust",
        ".local/state/goshim/trust",
        "goshim/trust",
        "trust",
    ] {
        world.sandbox.write(&format!("project/{place}/{id}"), "");
    }
    world
        .sandbox
        .write("project/config.toml", "trusted_dirs = [\"/\"]\n");
    world
        .sandbox
        .write("project/goshim/config.toml", "trusted_dirs = [\"/\"]\n");
    for (name, value) in [("XDG_STATE_HOME", "."), ("XDG_CONFIG_HOME", ".")] {
        let mut command = world.goshim(["which"]);
        Ran::of(command.env(name, value)).refused(78, "GOPRIVATE");
    }
    let mut command = world.goshim(["which"]);
    Ran::of(command.env(variables::MACHINE_CONFIG, "config.toml"))
        .refused(1, "not an absolute path");
    assert_eq!(world.records(), before);
}

#[test]
fn ignoring_leaves_settings_out_and_downloads_nothing() {
    let world = project(PROJECT);
    let mut command = world.goshim(["exec", "go", "env", "GOPRIVATE", "GOOS", "GOPROXY"]);
    // Not even from the user's own proxy, which would see private names.
    command
        .env(variables::UNTRUSTED, "ignore")
        .env("GOPROXY", "https://proxy.example");
    assert_eq!(Ran::of(&mut command).succeeded().stdout, "\nlinux\noff\n");
    world.sandbox.write(
        "home/.config/goshim/config.toml",
        "untrusted = \"ignore\"\n",
    );
    assert_eq!(
        world
            .ok(["exec", "go", "env", "GOPRIVATE", "GOPROXY"])
            .stdout,
        "\noff\n"
    );
    let mut command = world.goshim(["which"]);
    Ran::of(command.env(variables::UNTRUSTED, "refuse")).refused(78, "GOPRIVATE");
    let mut command = world.goshim(["which"]);
    Ran::of(command.env(variables::UNTRUSTED, "yes"))
        .ended_with(1)
        .said("refuse or ignore");
    // What is never allowed is left out as well.
    world.sandbox.write(
        "project/.goshim.toml",
        "[env]\nLD_PRELOAD = \"x\"\nGOOS = \"plan9\"\n",
    );
    assert_eq!(
        world.ok(["exec", "go", "env", "LD_PRELOAD", "GOOS"]).stdout,
        "\nplan9\n"
    );
}

#[test]
fn what_runs_no_go_needs_no_trust() {
    let world = project(&format!("[go]\nversion = \"1.22\"\n{PROJECT}"));
    world.ok(["default", "1.22.10"]);
    assert!(world.ok(["list"]).stdout.contains("default"));
    let pruned = world.ok(["prune", "--json"]).json();
    assert_eq!(pruned[0]["needed"], true, "{pruned:#}");
    // The default, and the project, although nobody trusts it.
    for reason in ["your default", "runs in "] {
        assert!(pruned.to_string().contains(reason), "{pruned:#}");
    }
    world.ok(["use", "1.22.10"]);
    world.ok(["config"]);
}
