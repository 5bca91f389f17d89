//! `goshim layout`: written once, shown, and taken away again.

use std::os::unix::fs::PermissionsExt;

use crate::support::{GO, Ran, World, names};

fn file(world: &World) -> String {
    fs_err::read_to_string(world.sandbox.project().join(".goshim.toml")).unwrap()
}

#[test]
fn init_writes_one_table_and_changes_nothing_else() {
    let world = World::installed(&[GO]);
    let ran = world.ok(["layout", "init"]);
    assert_eq!(file(&world), "[layout]\nkind = \"per-project\"\n");
    assert!(
        ran.stdout
            .starts_with("The layout is per-project, by .goshim.toml:2:8.\n  GOPATH     /"),
        "{ran}"
    );
    world.ok(["layout", "init"]).said("says so already");
    world
        .run(["layout", "init", "--kind", "shared"])
        .ended_with(1)
        .said(".goshim.toml:2:8 has a layout already");
    for before in [
        "",
        "# mine\n[go]\nversion = \"1.22\"",
        "[env]\nGOOS = \"linux\"\n",
    ] {
        world.sandbox.write("project/.goshim.toml", before);
        world.ok(["layout", "init", "--kind", "per-version"]);
        let after = file(&world);
        assert!(
            after.starts_with(before) && after.ends_with("[layout]\nkind = \"per-version\"\n"),
            "{after}"
        );
        world.ok(["which"]);
    }
    for (text, reason) in [
        ("[", ".goshim.toml:1:"),
        ("layout = {}\n", ":"),
        ("[layout]\ngopath = \".go\"\n", "has a layout already"),
    ] {
        world.sandbox.write("project/.goshim.toml", text);
        world.run(["layout", "init"]).ended_with(1).said(reason);
        assert_eq!(file(&world), text);
    }
    let file = world.sandbox.project().join(".goshim.toml");
    fs_err::remove_file(&file).unwrap();
    let other = world.sandbox.write("other.toml", "");
    fs_err::os::unix::fs::symlink(&other, &file).unwrap();
    world.run(["layout", "init"]).refused(1, "is a link");
    assert_eq!(fs_err::read_to_string(other).unwrap(), "");
}

#[test]
fn show_names_the_source_of_each_directory() {
    let world = World::installed(&[GO]);
    assert_eq!(
        world.ok(["layout", "show"]).stdout,
        "The layout is shared.\n  GOPATH     as go has it\n  GOBIN      as go has it\n  GOMODCACHE as go has it\n  GOCACHE    as go has it\n"
    );
    world.ok(["layout", "init"]);
    let mut command = world.goshim(["layout", "show"]);
    let ran = Ran::of(command.env("GOPATH", "/mine")).succeeded();
    assert!(
        ran.stdout
            .contains("  GOPATH     /mine  (you exported it)\n"),
        "{ran}"
    );
    assert!(ran.stdout.contains("/bin\n"), "{ran}");
    let json = world.ok(["layout", "show", "--json"]).json();
    assert_eq!(json["kind"], "per-project");
    assert_eq!(json["directories"].as_array().unwrap().len(), 3, "{json:#}");
    assert_eq!(json["directories"][0]["source"]["line"], 2);
    // Literal paths have a line each.
    let paths = "[layout]\ngopath = \".go\"\ngocache = \".cache\"\n";
    world.sandbox.write("project/.goshim.toml", paths);
    world.ok(["trust"]);
    let ran = world.ok(["layout", "show"]);
    for (name, line) in [("GOPATH", 2), ("GOCACHE", 3)] {
        let row = ran.stdout.lines().find(|row| row.contains(name)).unwrap();
        assert!(row.contains(&format!(".goshim.toml:{line}:")), "{ran}");
    }
}

#[test]
fn clean_removes_what_the_layout_keeps_also_what_go_made_read_only() {
    let world = World::installed(&[GO]);
    world.ok(["layout", "init"]);
    let layouts = world.sandbox.goshim_home().join("layouts");
    let [key] = &names(&layouts)[..] else {
        panic!("{:?}", names(&layouts))
    };
    let read_only = layouts.join(key).join("gopath/pkg/mod/m@v1");
    fs_err::create_dir_all(&read_only).unwrap();
    fs_err::write(read_only.join("go.mod"), "").unwrap();
    let outside = world.sandbox.write("outside/file", "");
    fs_err::os::unix::fs::symlink(
        outside.parent().unwrap(),
        layouts.join(key).join("gopath/link"),
    )
    .unwrap();
    let mode = |mode| fs_err::set_permissions(&read_only, PermissionsExt::from_mode(mode)).unwrap();
    mode(0o555);
    world.ok(["layout", "clean"]).said("removed ");
    assert_eq!(names(&layouts), [""; 0]);
    assert!(outside.exists(), "links are not followed");
    world.ok(["layout", "clean"]).said("nothing to remove");
    // Those of projects that are gone: as far as they say whose they are.
    world.sandbox.write("other/.goshim.toml", "");
    let other = world.sandbox.root().join("other");
    Ran::of(
        world
            .goshim(["layout", "init"])
            .current_dir(&other)
            .env("PWD", &other),
    )
    .succeeded();
    fs_err::create_dir_all(layouts.join("app-0123456789abcdef/gopath")).unwrap();
    world
        .ok(["layout", "clean", "--gone"])
        .said("nothing to remove");
    fs_err::remove_dir_all(&other).unwrap();
    world.ok(["layout", "clean", "--gone"]).said("removed ");
    assert_eq!(names(&layouts), ["app-0123456789abcdef"]);
}

#[test]
fn a_new_file_lets_the_one_above_count_on() {
    let world = World::installed(&[GO]);
    world
        .sandbox
        .write("project/.goshim.toml", "[env]\nCGO_ENABLED = \"0\"\n");
    world
        .sandbox
        .write("project/go.mod", "module m\n\ngo 1.22\n");
    let inner = world.sandbox.mkdir("project/inner");
    world
        .sandbox
        .write("project/inner/go.mod", "module m\n\ngo 1.22\n");
    for words in [&["layout", "init"][..], &["init", "--toml", "--yes"]] {
        let here = |words: &[&str]| {
            let mut command = world.goshim(words.iter().copied());
            Ran::of(command.current_dir(&inner).env("PWD", &inner)).succeeded()
        };
        here(words).said("project/.goshim.toml goes on to count");
        let child = here(&["exec", "go", "env", "CGO_ENABLED"]);
        assert_eq!(child.stdout, "0\n");
        // What the layout of the one above keeps is not the inner one's to take away.
        let outer = goshim_installer::layouts::directory(
            &goshim_resolver::Layout::new(
                &goshim_resolver::Env::default().with("GOSHIM_HOME", world.sandbox.goshim_home()),
            )
            .unwrap(),
            world.sandbox.project(),
        );
        fs_err::create_dir_all(outer.join("gopath")).unwrap();
        here(&["layout", "clean"]);
        assert!(outer.exists());
        fs_err::remove_file(inner.join(".goshim.toml")).unwrap();
    }
}

#[test]
fn a_project_s_layout_comes_before_the_configuration_s_gopath() {
    let world = World::installed(&[GO]);
    world.sandbox.write(
        "home/.config/goshim/config.toml",
        "[env]\nGOPATH = \"/data/go\"\nGOBIN = \"/data/bin\"\n",
    );
    let child = || {
        let words = ["exec", "go", "env", "GOPATH", "GOBIN", "GOMODCACHE"];
        world.ok(words).stdout
    };
    assert_eq!(child(), "/data/go\n/data/bin\n\n");
    world
        .sandbox
        .write("project/.goshim.toml", "[layout]\nkind = \"shared\"\n");
    assert_eq!(child(), "/data/go\n/data/bin\n\n");
    world
        .sandbox
        .write("project/.goshim.toml", "[layout]\nkind = \"per-project\"\n");
    let said = child();
    let lines: Vec<_> = said.lines().collect();
    assert!(
        lines[0].contains("/layouts/") && lines[1].contains("/layouts/"),
        "{said}"
    );
    assert_eq!(lines[2], "/data/go/pkg/mod");
    // Of what is inherited too.
    world.sandbox.write(
        ".goshim.toml",
        "[layout]\nkind = \"shared\"\ngopath = \"elsewhere\"\n",
    );
    world.sandbox.write(
        "project/.goshim.toml",
        "inherit = true\n[layout]\nkind = \"per-project\"\n",
    );
    world.ok(["trust"]);
    assert_eq!(child(), said);
}

#[test]
fn a_file_keeps_its_permissions() {
    let world = World::installed(&[GO]);
    let file = world.sandbox.write("project/.goshim.toml", "");
    for mode in [0o600, 0o444] {
        fs_err::write(&file, "").ok();
        fs_err::remove_file(&file).unwrap();
        fs_err::write(&file, "").unwrap();
        fs_err::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
        world.ok(["layout", "init"]);
        let after = fs_err::metadata(&file).unwrap().permissions().mode();
        assert_eq!(after & 0o777, mode);
    }
}

#[test]
fn directories_of_any_name_are_somebody_s_until_they_are_gone() {
    use std::os::unix::ffi::OsStrExt as _;
    let world = World::installed(&[GO]);
    for name in [&b"p\xff"[..], b"line\n", b"p\xef\xbf\xbd"] {
        let dir = world
            .sandbox
            .project()
            .join(std::ffi::OsStr::from_bytes(name));
        fs_err::create_dir_all(&dir).unwrap();
        fs_err::write(dir.join(".goshim.toml"), "[env]\nCC = \"x\"\n").unwrap();
        let here = |words: &[&str]| {
            let mut command = world.goshim(words.iter().copied());
            Ran::of(command.current_dir(&dir).env("PWD", &dir))
        };
        here(&["trust"]).succeeded();
        here(&["layout", "init"]).succeeded();
        world
            .ok(["layout", "clean", "--gone"])
            .said("nothing to remove");
        let listed = world.ok(["trust", "--list", "--json"]).json();
        assert_eq!(listed[0]["current"], true, "{name:?}");
        here(&["which"]).succeeded();
        here(&["trust", "--revoke"])
            .succeeded()
            .said("is not trusted any more");
        here(&["which"]).ended_with(78);
        fs_err::remove_dir_all(&dir).unwrap();
        world.ok(["layout", "clean", "--gone"]).said("removed ");
    }
    // What is no note is not read.
    let planted = world.sandbox.mkdir("goshim/layouts/planted");
    let made = std::process::Command::new("mkfifo")
        .arg(planted.join("project"))
        .status();
    assert!(made.unwrap().success());
    world.ok(["layout", "clean", "--gone"]);
    assert!(planted.exists());
}
