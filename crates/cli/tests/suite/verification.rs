//! Nothing that is not exactly the published release is ever installed: one error, an untouched store, and the next installation from
//! a healthy server succeeds.

use goshim_test_support::{ArchiveBuilder, Fault, host, stand_in};

use crate::support::{GO, RELEASE, World, gzip, index, sha256};

/// Where faults are set for the index.
const INDEX: &str = "";

/// Installs while the server does `fault` to `file`, then from the healthy server.
#[track_caller]
fn refuses(file: &str, fault: Fault, reason: &str) {
    let world = World::new(&[GO]);
    let file = if file == INDEX {
        String::new()
    } else {
        host::archive_name(GO)
    };
    let outside = world.outside();
    world.mirror.set_fault(&file, Some(fault));
    let ran = world
        .run(["install", RELEASE])
        .refused(1, reason)
        .printed_plainly();
    world.assert_nothing_is_installed(&ran);
    assert!(
        outside == world.outside(),
        "something outside the store changed\n{ran}"
    );
    world.mirror.set_fault(&file, None);
    let ran = world.ok(["install", RELEASE]);
    world.assert_is_reference(&ran);
    assert_eq!(world.stored("downloads"), [""; 0], "{ran}");
}

fn archive() -> Vec<u8> {
    stand_in::archive(GO)
}

#[test]
fn one_flipped_byte_anywhere() {
    let last = archive().len() as u64 - 1;
    for offset in [0, 5, 12, last / 2, last - 5, last] {
        refuses("archive", Fault::FlipByte(offset), "sha256");
    }
}

#[test]
fn a_body_that_never_comes() {
    refuses("archive", Fault::Truncate(0), "cannot fetch");
}

#[test]
fn a_body_that_is_always_cut() {
    let half = archive()[..archive().len() / 2].to_vec();
    let reason = format!("sent {} bytes instead of {}", half.len(), archive().len());
    refuses("archive", Fault::Body(half), &reason);
}

#[test]
fn an_empty_body() {
    refuses("archive", Fault::Body(Vec::new()), "sent 0 bytes");
}

#[test]
fn a_body_that_is_too_long() {
    let long = [archive(), vec![0]].concat();
    refuses(
        "archive",
        Fault::Body(long),
        &format!("instead of {}", archive().len()),
    );
}

#[test]
fn another_file_of_the_same_length() {
    refuses(
        "archive",
        Fault::Body(vec![b'x'; archive().len()]),
        "sha256",
    );
}

#[test]
fn a_web_page_instead_of_the_archive() {
    refuses("archive", Fault::Html, "a web page instead of a file");
    // One that says that it is something else, and has the right length.
    let mut page = b"\n <html>Please sign in.</html>".to_vec();
    page.resize(archive().len(), b' ');
    refuses("archive", Fault::Body(page), "a web page instead of a file");
}

#[test]
fn statuses_of_the_archive() {
    refuses("archive", Fault::Status(404), "status 404");
    refuses("archive", Fault::Status(403), "status 403");
    refuses("archive", Fault::Status(500), "status 500");
}

#[test]
fn a_web_page_instead_of_the_index() {
    refuses(INDEX, Fault::Html, "it is a web page");
}

#[test]
fn statuses_of_the_index() {
    refuses(INDEX, Fault::Status(404), "status 404");
    refuses(INDEX, Fault::Status(500), "status 500");
}

#[test]
fn an_index_that_is_none() {
    refuses(INDEX, Fault::Truncate(20), "cannot fetch");
    for (text, reason) in [
        ("", "it is empty"),
        ("[]", "it names no release"),
        ("{}", "it is no list"),
        ("null", "it is no list"),
        (
            "[1]",
            "expected a release with its files at line 1 column 2",
        ),
        ("[{\"version\":", "line 1 column 12"),
        ("[\"\\u001b[31m\"]", "expected a release with its files"),
        ("[{\"version\":\"go1.22.10\"}]", "it names no release"),
    ] {
        refuses(INDEX, Fault::Body(text.into()), reason);
    }
    refuses(INDEX, Fault::Body(b"[\xff]".to_vec()), "cannot fetch");
    let deep = "[".repeat(100_000);
    refuses(INDEX, Fault::Body(deep.into()), "the index at");
}

#[test]
fn an_index_that_contradicts_itself() {
    let name = host::archive_name(GO);
    let one = |hash: &str| {
        let text = String::from_utf8(index(GO, &name, hash, archive().len())).unwrap();
        text.trim_matches(['[', ']']).to_owned()
    };
    let (right, wrong) = (one(&sha256(&archive())), one(&"0".repeat(64)));
    let both = format!("[{right},{wrong}]");
    refuses(INDEX, Fault::Body(both.into()), "different things");
}

#[test]
fn an_index_without_a_usable_hash() {
    let (name, size) = (host::archive_name(GO), archive().len());
    for hash in ["", "0", &"0".repeat(63), &"z".repeat(64)] {
        refuses(
            INDEX,
            Fault::Body(index(GO, &name, hash, size)),
            "no published sha256",
        );
    }
    refuses(
        INDEX,
        Fault::Body(index(GO, &name, &"0".repeat(64), size)),
        "its sha256 is",
    );
}

#[test]
fn an_index_with_another_size() {
    let (name, hash, size) = (host::archive_name(GO), sha256(&archive()), archive().len());
    refuses(
        INDEX,
        Fault::Body(index(GO, &name, &hash, size - 1)),
        "bytes instead of",
    );
    refuses(
        INDEX,
        Fault::Body(index(GO, &name, &hash, size + 1)),
        "bytes instead of",
    );
}

#[test]
fn an_index_that_names_another_place() {
    // The names are made by goshim, the index only has to agree.
    for name in [
        "../go1.22.10.linux-amd64.tar.gz",
        "/etc/passwd",
        "http://other/x.tar.gz",
    ] {
        refuses(
            INDEX,
            Fault::Body(index(GO, name, &sha256(&archive()), 1)),
            "the index at",
        );
    }
}

#[test]
fn no_archive_for_this_machine() {
    let json = index(
        GO,
        "go1.22.10.plan9-arm.tar.gz",
        &sha256(&archive()),
        archive().len(),
    );
    refuses(INDEX, Fault::Body(json), "was not published for");
}

#[test]
fn a_release_that_does_not_exist() {
    let world = World::new(&[GO]);
    for query in ["1.22.99", "1.23", "1.22.11", "1.22rc1", "oldstable"] {
        let ran = world
            .run(["install", query])
            .refused(1, "no published release");
        world.assert_nothing_is_installed(&ran);
        assert_eq!(world.mirror.hits(&host::archive_name(GO)), 0, "{ran}");
    }
    world
        .run(["install", "1.22", "--at-least", "1.22.11"])
        .refused(1, "1.22.11 or newer");
    world
        .run(["install", RELEASE, "--at-least", "1.22.11"])
        .refused(1, "1.22.11 or newer");
    world.ok(["install", RELEASE]);
    // Also where it is there.
    world
        .run(["install", RELEASE, "--at-least", "1.22.11"])
        .refused(1, "1.22.11 or newer");
}

/// Installs an archive that the index vouches for, then, from the same place, the right one.
#[track_caller]
fn refuses_archive(name: &str, archive: &[u8], reason: &str) {
    let world = World::new(&[GO]);
    // A file that hostile archives aim at, and a directory that they could drop something into.
    let canary = world.sandbox.write("canary/file", "untouched");
    world.sandbox.write("goshim/downloads/canary", "untouched");
    let outside = world.outside();
    world.publish(GO, archive);
    let ran = world
        .run(["install", RELEASE])
        .refused(1, reason)
        .printed_plainly();
    let ran = format!("{name}: {ran}");
    world.assert_nothing_is_installed(&ran);
    assert!(
        outside == world.outside(),
        "something outside the store changed\n{ran}"
    );
    assert_eq!(fs_err::read(canary).unwrap(), b"untouched", "{ran}");
    assert_eq!(world.stored("downloads"), ["canary"], "{ran}");
    let known = ["downloads", "index", "locks", "staging"];
    assert_eq!(world.stored(""), known, "{ran}");
    world.publish(GO, &stand_in::archive(GO));
    let ran = world.ok(["install", RELEASE]);
    world.assert_is_reference(&format!("{name}: {ran}"));
}

fn go() -> ArchiveBuilder {
    ArchiveBuilder::stand_in(GO)
}

#[test]
fn archives_that_are_another_release() {
    for (name, version) in [
        ("another release", "go1.22.1\ntime 2024-11-27T20:27:20Z\n"),
        ("its name as a prefix", "go1.22.100\n"),
        ("the name on the second line", "\ngo1.22.10\n"),
        ("a development build", "devel go1.22-abc\n"),
        ("nothing", ""),
        ("a terminal escape", "\u{1b}]0;x\u{7}\n"),
    ] {
        refuses_archive(name, &go().version(version).finish(), "its VERSION is");
    }
    let bytes = go().replace("go/VERSION", b"\xff\xfe\n").finish();
    refuses_archive("VERSION is not UTF-8", &bytes, "its VERSION is");
    refuses_archive(
        "no VERSION",
        &go().without("go/VERSION").finish(),
        "no VERSION",
    );
}

#[test]
fn archives_without_a_go_for_this_machine() {
    refuses_archive(
        "no bin/go",
        &go().without("go/bin/go").finish(),
        "it has no bin/go",
    );
    let dir = go().without("go/bin/go").dir("go/bin/go/", 0o755).finish();
    refuses_archive("bin/go is a directory", &dir, "it has no bin/go");
    for (name, program) in [
        ("a script", &b"#!/bin/sh\necho owned\n"[..]),
        ("a Windows program", b"MZ\x90\0\x03\0\0\0"),
        ("a Mach-O program", b"\xcf\xfa\xed\xfe\x07\0\0\x01"),
        ("empty", b""),
        ("three bytes", b"\x7fEL"),
    ] {
        let archive = go().replace("go/bin/go", program).finish();
        refuses_archive(name, &archive, "is no program for");
    }
}

#[test]
fn archives_that_lead_out() {
    let world = World::new(&[]);
    let absolute = world
        .sandbox
        .root()
        .join("canary/x")
        .to_str()
        .unwrap()
        .to_owned();
    for path in [
        "../x",
        "../../x",
        "../../../canary/x",
        "go/../x",
        "go/../../x",
        "go/../../../../canary/x",
        "go/bin/../../../x",
        "/tmp/goshim-x",
        &absolute,
        "x",
        "gox/x",
        "./go/x",
        "go/./x",
        "go//x",
        "go/x/",
        "go/a\\..\\x",
        "go/C:x",
        "go/x\n",
        "go/x\u{1b}[31m",
        "go/\u{202e}x",
        "go/x.",
        "go/x ",
        "//go/x",
    ] {
        // The hostile entry comes last, when all else is in place.
        refuses_archive(path, &go().file(path, 0o644, "x").finish(), "the name");
    }
    let not_utf8 = go().file(b"go/\xff\xfe", 0o644, "x").finish();
    refuses_archive("not UTF-8", &not_utf8, "is not UTF-8");
    let first = ArchiveBuilder::new().file("../x", 0o644, "x").finish();
    refuses_archive("first of all", &first, "the name `../x`");
    let dir = go().dir("../canary/dir/", 0o777).finish();
    refuses_archive("a directory", &dir, "the name");
    let long = go()
        .file(format!("go/{}", "n".repeat(300)), 0o644, "x")
        .finish();
    refuses_archive("a long name", &long, "the name");
    let deep = go()
        .file(format!("go/{}x", "d/".repeat(40)), 0o644, "x")
        .finish();
    refuses_archive("a deep name", &deep, "the name");
}

#[test]
fn archives_with_links_and_devices() {
    let reason = "neither a file nor a directory";
    for (name, archive) in [
        (
            "a symbolic link out",
            go().symlink("go/link", "../../../canary"),
        ),
        ("an absolute link", go().symlink("go/link", "/etc")),
        ("a harmless link", go().symlink("go/link", "VERSION")),
        (
            "a link for bin",
            go().symlink("go/lib2", "../../../canary")
                .file("go/lib2/file", 0o644, "x"),
        ),
        ("a hard link", go().hard_link("go/hard", "go/VERSION")),
        (
            "a hard link out",
            go().hard_link("go/hard", "../../../canary/file"),
        ),
        (
            "a character device",
            go().raw("go/null", b'3', 0o666, "", ""),
        ),
        ("a block device", go().raw("go/disk", b'4', 0o666, "", "")),
        ("a FIFO", go().raw("go/fifo", b'6', 0o666, "", "")),
        ("an unknown type", go().raw("go/what", b'Z', 0o644, "", "")),
    ] {
        refuses_archive(name, &archive.finish(), reason);
    }
}

#[test]
fn archives_that_contradict_themselves() {
    for (name, archive, reason) in [
        (
            "a name twice",
            go().file("go/bin/go", 0o755, "x"),
            "is there twice",
        ),
        (
            "VERSION twice",
            go().file("go/VERSION", 0o644, "go1.22.1\n"),
            "is there twice",
        ),
        (
            "names that differ in case",
            go().file("go/version", 0o644, "x"),
            "is there twice",
        ),
        (
            "a directory twice",
            go().dir("go/bin/", 0o755),
            "is there twice",
        ),
        (
            "directories that differ in case, on the way to files",
            go().file("go/lib/one/x", 0o644, "x")
                .file("go/lib/One/y", 0o644, "y"),
            "in two spellings",
        ),
        (
            "a file and then a directory",
            go().file("go/VERSION/x", 0o644, "x"),
            "a file and a directory",
        ),
        (
            "a directory and then a file",
            go().file("go/src/go", 0o644, "x")
                .file("go/src/go/x", 0o644, "x"),
            "a file and a directory",
        ),
    ] {
        refuses_archive(name, &archive.finish(), reason);
    }
}

#[test]
fn archives_with_something_behind_their_end() {
    let tar = go().tar();
    let hidden = ArchiveBuilder::new().file("go/hidden", 0o755, "x").tar();
    for (name, archive) in [
        ("after the archive", gzip(&[&tar[..], b"x"].concat())),
        ("a second archive", gzip(&[&tar[..], &hidden].concat())),
        (
            "after the compressed data",
            [&gzip(&tar)[..], b"x"].concat(),
        ),
        ("a second member", [gzip(&tar), gzip(&hidden)].concat()),
        (
            "zeros after the compressed data",
            [&gzip(&tar)[..], &[0; 512]].concat(),
        ),
    ] {
        refuses_archive(name, &archive, "something follows");
    }
}

#[test]
fn archives_that_are_none() {
    let reason = "is not a Go distribution";
    let whole = stand_in::archive(GO);
    let tar = go().tar();
    for (name, archive) in [
        ("empty", Vec::new()),
        ("text", b"hello\n".to_vec()),
        ("not compressed", tar.clone()),
        ("cut", whole[..whole.len() / 2].to_vec()),
        ("without its checksum", whole[..whole.len() - 8].to_vec()),
        ("cut in the archive", gzip(&tar[..tar.len() / 2 + 100])),
        ("an empty archive", ArchiveBuilder::new().finish()),
        (
            "only a directory",
            ArchiveBuilder::new().dir("go/", 0o755).finish(),
        ),
        (
            "go is a file",
            ArchiveBuilder::new().file("go", 0o755, "x").finish(),
        ),
        (
            "noise",
            gzip(
                &(0..4096)
                    .map(|n| u8::try_from(n * n % 251).unwrap())
                    .collect::<Vec<_>>(),
            ),
        ),
    ] {
        refuses_archive(name, &archive, reason);
    }
}

#[test]
fn archives_that_unpack_to_too_much() {
    // A header may say what it likes; nothing is allocated or written on its word.
    let mut tar = ArchiveBuilder::new().file("go/huge", 0o644, "").tar();
    tar[124..135].copy_from_slice(format!("{:011o}", 600 << 20).as_bytes());
    tar[148..156].fill(b' ');
    let sum: u32 = tar[..512].iter().map(|byte| u32::from(*byte)).sum();
    tar[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    refuses_archive(
        "a huge file",
        &gzip(&tar),
        "larger than any Go distribution",
    );
}
