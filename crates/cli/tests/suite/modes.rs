//! Modes: what the umask leaves, and nothing that an archive asks for beyond it.

use goshim_test_support::{ArchiveBuilder, Sandbox};

use crate::support::{GO, Kind, RELEASE, Ran, World, tree};

fn run(world: &World, umask: &str, words: &str) -> Ran {
    let script = format!("umask {umask}; exec \"$1\" {words} {RELEASE}");
    let mut shell = world.goshim_at(
        "/bin/sh".as_ref(),
        ["-c", &script, "sh", env!("CARGO_BIN_EXE_goshim")],
    );
    Ran::of(&mut shell).succeeded()
}

#[test]
fn umasks() {
    // Stand-ins have their programs where Go's are.
    let written = Sandbox::new();
    let written = tree(&written.install_stand_in(GO));
    for (umask, mask) in [
        ("000", 0o000),
        ("002", 0o002),
        ("022", 0o022),
        ("027", 0o027),
        ("077", 0o077),
    ] {
        let world = World::new(&[GO]);
        let ran = run(&world, umask, "install");
        let installed = tree(&world.sdk(GO));
        assert_eq!(installed.len(), written.len());
        for (path, entry) in installed {
            let full = match entry.kind {
                Kind::Dir => 0o755,
                Kind::File => written[&path].mode,
                Kind::Link | Kind::Other => panic!("{}", path.display()),
            };
            assert_eq!(
                entry.mode,
                full & !mask,
                "{} under {umask}: {:o}\n{ran}",
                path.display(),
                entry.mode
            );
        }
        run(&world, umask, "use");
        assert_eq!(world.stored("state"), ["default", "projects"]);
        for (path, entry) in tree(world.sandbox.goshim_home()) {
            let may_be_shared = path.starts_with("locks") && entry.kind == Kind::File;
            assert!(
                may_be_shared || entry.mode & 0o022 == 0,
                "{} under {umask}: {:o}",
                path.display(),
                entry.mode
            );
        }
    }
}

#[test]
fn an_archive_s_modes_do_not_survive() {
    let world = World::new(&[GO]);
    let archive = ArchiveBuilder::stand_in(GO)
        .file("go/pkg/tool/setuid", 0o4755, "x")
        .file("go/bin/plain", 0o600, "x")
        .file("go/lib/setgid", 0o2644, "x")
        .file("go/lib/all", 0o7777, "x")
        .file("go/lib/writable", 0o666, "x")
        .file("go/lib/nothing", 0o000, "x")
        .file("go/lib/others", 0o011, "x")
        .dir("go/lib/sticky/", 0o1777)
        .dir("go/lib/closed/", 0o000)
        .file("go/lib/closed/file", 0o644, "x");
    world.publish(GO, &archive.finish());
    run(&world, "022", "install");
    let installed = tree(&world.sdk(GO));
    for (path, mode) in [
        ("pkg/tool/setuid", 0o755),
        ("bin/plain", 0o755),
        ("lib/setgid", 0o644),
        ("lib/all", 0o755),
        ("lib/writable", 0o644),
        ("lib/nothing", 0o644),
        ("lib/others", 0o644),
        ("lib/sticky", 0o755),
        ("lib/closed", 0o755),
        ("lib/closed/file", 0o644),
    ] {
        let entry = &installed[std::path::Path::new(path)];
        assert_eq!(entry.mode, mode, "{path}: {:o}", entry.mode);
    }
}
