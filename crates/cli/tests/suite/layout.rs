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
            .starts_with("The layout is per-project.\n  GOPATH     "),
        "{ran}"
    );
    world.ok(["layout", "init"]).said("says so already");
    world
        .run(["layout", "init", "--kind", "shared"])
        .ended_with(1)
        .said(".goshim.toml:2 has a layout already");
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
    assert!(ran.stdout.contains("/bin  (the layout of "), "{ran}");
    let json = world.ok(["layout", "show", "--json"]).json();
    assert_eq!(json["kind"], "per-project");
    assert_eq!(json["directories"].as_array().unwrap().len(), 3, "{json:#}");
    assert_eq!(json["directories"][0]["source"]["line"], 2);
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
