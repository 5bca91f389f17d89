//! Broken connections: what has arrived is not asked for again, and is trusted no more than the rest.

use std::io::Write as _;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use goshim_test_support::{Fault, Script, host, stand_in};

use crate::support::{GO, RELEASE, Ran, World, index, sha256};

/// The Range headers of the requests for the archive; the empty one where there was none.
fn ranges(world: &World) -> Vec<String> {
    let path = format!("/dl/{}", host::archive_name(GO));
    let requests = world
        .mirror
        .requests()
        .into_iter()
        .filter(|request| request.path == path);
    requests
        .map(|request| request.range.unwrap_or_default())
        .collect()
}

const WHOLE: &str = "";

fn range(from: usize) -> String {
    format!("bytes={from}-")
}

#[test]
fn a_broken_connection_goes_on_behind_what_came() {
    let world = World::new(&[GO]);
    let archive = host::archive_name(GO);
    let size = stand_in::archive(GO).len();
    let most = size * 2 / 3;
    world
        .mirror
        .set_fault(&archive, Some(Fault::Truncate(most as u64)));
    let ran = world.ok(["install", RELEASE]).said("trying again");
    assert_eq!(ranges(&world), [WHOLE, &range(most)], "{ran}");
    world.assert_is_reference(&ran);
}

#[test]
fn a_killed_download_goes_on_in_the_next_run() {
    let world = World::new(&[GO]);
    let archive = stand_in::archive(GO);
    let half = (archive.len() / 2) as u64;
    let name = host::archive_name(GO);
    let silence = Fault::Stall(Duration::from_mins(1));
    world.mirror.set_fault(&name, Some(silence));
    let mut child = world
        .goshim(["install", RELEASE])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let part = world.part(&archive);
    let arrived = || fs_err::metadata(&part).map_or(0, |metadata| metadata.len());
    while arrived() < half {
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let there = usize::try_from(arrived()).unwrap();
    assert_eq!(there as u64, half);
    world.mirror.set_fault(&name, None);
    let ran = world.ok(["install", RELEASE]).said("going on after");
    assert_eq!(ranges(&world), [WHOLE, &range(there)], "{ran}");
    world.assert_is_reference(&ran);
    assert_eq!(world.stored("downloads"), [""; 0]);
}

#[test]
fn a_damaged_part_starts_over() {
    let archive = stand_in::archive(GO);
    let half = archive.len() / 2;
    let mut late = archive[..half].to_vec();
    late[half - 1] ^= 1;
    for (name, part, expected) in [
        (
            "noise",
            vec![b'x'; half],
            vec![range(half), WHOLE.to_owned()],
        ),
        (
            "a web page",
            b"<html>".to_vec(),
            vec![range(6), WHOLE.to_owned()],
        ),
        ("one bit", late, vec![range(half), WHOLE.to_owned()]),
        ("sound", archive[..half].to_vec(), vec![range(half)]),
        ("one byte", archive[..1].to_vec(), vec![range(1)]),
        ("all", archive.clone(), vec![]),
        (
            "all, damaged",
            vec![0; archive.len()],
            vec![WHOLE.to_owned()],
        ),
        (
            "more than all",
            vec![0; archive.len() + 1],
            vec![WHOLE.to_owned()],
        ),
        ("nothing", vec![], vec![WHOLE.to_owned()]),
    ] {
        let world = World::new(&[GO]);
        fs_err::create_dir_all(world.sandbox.goshim_home().join("downloads")).unwrap();
        fs_err::write(world.part(&archive), part).unwrap();
        let ran = world.ok(["install", RELEASE]);
        assert_eq!(ranges(&world), expected, "{name}: {ran}");
        world.assert_is_reference(&format!("{name}: {ran}"));
        assert_eq!(world.stored("downloads"), [""; 0], "{name}");
        assert_eq!(world.stored("staging"), [""; 0], "{name}");
    }
}

#[test]
fn parts_where_the_index_gives_no_size() {
    let archive = stand_in::archive(GO);
    let json = index(GO, &host::archive_name(GO), &sha256(&archive), 0);
    for (name, part) in [
        ("half", &archive[..archive.len() / 2]),
        ("all", &archive[..]),
        ("more than all", &[&archive[..], b"x"].concat()),
        ("noise of the same length", &vec![b'x'; archive.len()]),
    ] {
        let world = World::new(&[GO]);
        world.mirror.set_fault("", Some(Fault::Body(json.clone())));
        fs_err::create_dir_all(world.sandbox.goshim_home().join("downloads")).unwrap();
        fs_err::write(world.part(&archive), part).unwrap();
        let ran = world.ok(["install", RELEASE]);
        world.assert_is_reference(&format!("{name}: {ran}"));
    }
}

#[test]
fn a_mirror_that_announces_a_whole_disk() {
    let archive = stand_in::archive(GO);
    let world = World::new(&[GO]);
    let json = index(GO, &host::archive_name(GO), &sha256(&archive), 0);
    world.mirror.set_fault("", Some(Fault::Body(json)));
    let endless = Script::start(|_, _, stream| {
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
            1u64 << 40
        )?;
        stream.write_all(&vec![b'x'; 1 << 20])
    });
    let mut command = world.goshim(["install", RELEASE]);
    command.env("GOSHIM_MIRROR", endless.url());
    command.env("GOSHIM_HTTP_RETRIES", "0");
    Ran::of(&mut command).refused(1, "sent 1099511627776 bytes instead of 536870912");
    assert_eq!(world.stored("downloads"), [""; 0]);
}

#[test]
fn a_part_that_is_no_file() {
    let world = World::new(&[GO]);
    fs_err::create_dir_all(world.part(&stand_in::archive(GO))).unwrap();
    let ran = world
        .run(["install", RELEASE])
        .ended_with(1)
        .said("error: ");
    assert_eq!(world.stored("sdks"), [""; 0], "{ran}");
    assert_eq!(world.stored("staging"), [""; 0], "{ran}");
}
