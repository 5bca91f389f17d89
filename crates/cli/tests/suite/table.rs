//! The table of releases in the program, against the seeds that it was made from: with no network, and with no index named.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use goshim_test_support::host;
use serde_json::Value;

use crate::support::{Ran, World, names};

/// A file of a seed, as it stands there.
#[derive(Clone, Debug)]
struct Seed {
    toolchain: String,
    file: String,
    os: String,
    /// As in the seed: `armv6l`.
    arch: String,
    sha256: String,
}

/// All archives of the seeds, each once.
fn seeds() -> Vec<Seed> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../installer/data/seeds");
    let mut seeds: BTreeMap<String, Seed> = BTreeMap::new();
    for name in names(&dir) {
        let text = fs_err::read_to_string(dir.join(&name)).unwrap();
        let read = if name.ends_with(".json") {
            seeds_of_index(&text)
        } else {
            seeds_of_list(&text)
        };
        assert!(read.len() > 1000, "{name}");
        seeds.extend(read.into_iter().map(|seed| (seed.file.clone(), seed)));
    }
    assert!(seeds.len() > 3300);
    seeds.into_values().collect()
}

fn seeds_of_index(text: &str) -> Vec<Seed> {
    let index: Value = serde_json::from_str(text).unwrap();
    let releases = index.as_array().unwrap().iter();
    let files = releases.flat_map(|release| release["files"].as_array().unwrap());
    let archives = files.filter(|file| file["kind"] == "archive");
    let seed = |file: &Value| {
        let text = |name: &str| file[name].as_str().unwrap().to_owned();
        Seed {
            toolchain: text("version"),
            file: text("filename"),
            os: text("os"),
            arch: text("arch"),
            sha256: text("sha256"),
        }
    };
    archives.map(seed).collect()
}

fn seeds_of_list(text: &str) -> Vec<Seed> {
    let seed = |line: &str| {
        let [toolchain, file, sha256] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let platform = &file[toolchain.len() + 1..];
        let (os, rest) = platform.split_once('-').unwrap();
        Seed {
            toolchain: toolchain.to_owned(),
            file: file.to_owned(),
            os: os.to_owned(),
            arch: rest.split_once('.').unwrap().0.to_owned(),
            sha256: sha256.to_owned(),
        }
    };
    text.lines().skip(1).map(seed).collect()
}

/// Minor and patch of a stable release: `go1.22.10` is (22, 10), `go1.20` is (20, 0).
fn stable(toolchain: &str) -> Option<(u32, u32)> {
    let mut parts = toolchain.strip_prefix("go1.")?.split('.');
    let minor = parts.next()?.parse().ok()?;
    let patch = parts.next().map_or(Ok(0), str::parse).ok()?;
    parts.next().is_none().then_some((minor, patch))
}

/// The architecture as the command line takes it: `arm` for what linux archives call `armv6l`.
fn goarch(seed: &Seed) -> &str {
    match (&*seed.os, &*seed.arch) {
        ("linux", "armv6l" | "arm6") => "arm",
        (_, arch) => arch,
    }
}

/// The program with nothing but the table: no index is named, none was ever fetched, and there is no network.
fn alone<'a>(world: &World, arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = world.goshim(arguments);
    command
        .env_remove("GOSHIM_INDEX_URL")
        .env_remove("GOSHIM_MIRROR")
        .env("GOSHIM_OFFLINE", "1");
    command
}

/// What installing a query would take on each platform that the seeds list, asked of the program, is what the seeds themselves say.
#[test]
fn each_minor_on_each_platform_means_what_the_seeds_say() {
    let seeds = seeds();
    // The newest patch of each minor on each platform, and its archives.
    let mut newest: BTreeMap<(u32, &str, &str), (u32, Vec<&Seed>)> = BTreeMap::new();
    for seed in &seeds {
        let Some((minor, patch)) = stable(&seed.toolchain) else {
            continue;
        };
        let (known, files) = newest.entry((minor, &seed.os, goarch(seed))).or_default();
        if patch > *known || files.is_empty() {
            *known = patch;
            files.clear();
        }
        if patch == *known {
            files.push(seed);
        }
    }
    let minors: BTreeSet<u32> = newest.keys().map(|(minor, ..)| *minor).collect();
    let newest_minor = *minors.last().unwrap();
    assert!(newest_minor >= 27);
    assert_eq!(minors, (2..=newest_minor).collect(), "no minor is missing");
    let cases: Vec<_> = newest.into_iter().collect();
    let world = World::new(&[]);
    let (next, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let problems = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(((minor, os, arch), (_, files))) =
                    cases.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let query = format!("1.{minor}");
                    let arguments = ["install", &query, "--os", os, "--arch", arch];
                    let ran = Ran::of(&mut alone(&world, arguments)).ended_with(1);
                    // Where there are two (macOS until 1.4.2), the later system's.
                    let file = files.iter().max_by_key(|seed| &seed.file).unwrap();
                    let expected = if file.sha256.is_empty() {
                        refused.fetch_add(1, Ordering::Relaxed);
                        format!("error: {} has no published sha256", file.toolchain)
                    } else {
                        format!("error: {} is needed, and GOSHIM_OFFLINE is set", file.file)
                    };
                    if !ran.stderr.contains(&expected) {
                        problems.lock().unwrap().push(format!("{expected}\n{ran}"));
                    }
                }
            });
        }
    });
    let problems = problems.into_inner().unwrap();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    let refused = refused.into_inner();
    println!(
        "table: {} queries for {} minors, {refused} of them refused for want of a hash",
        cases.len(),
        minors.len()
    );
    assert!(cases.len() >= 230 && refused >= 15, "{}", cases.len());
    assert_eq!(world.mirror.requests().len(), 0);
    world.assert_nothing_is_installed(&"nothing but questions");
}

/// Every archive of the seeds is in the table with its hash, and nothing else is.
#[test]
fn every_hash_is_in_the_table() {
    let mut expected: BTreeMap<(String, String), BTreeMap<String, Option<String>>> =
        BTreeMap::new();
    for seed in seeds() {
        // What is no release by Go's own rules, and the other one of two archives.
        let is_odd = seed.toolchain == "go1" || seed.toolchain == "go1.9.2rc2";
        if is_odd || seed.file.contains("osx10.6") {
            continue;
        }
        let platform = (seed.os.clone(), goarch(&seed).to_owned());
        let hash = Some(seed.sha256).filter(|hash| !hash.is_empty());
        let files = expected.entry(platform).or_default();
        assert!(files.insert(seed.file, hash).is_none());
    }
    let world = World::new(&[]);
    let mut count = 0;
    for ((os, arch), mut files) in expected {
        if (&*os, &*arch) == ("darwin", "arm64") {
            // Those that run there by translation are listed too.
            continue;
        }
        let arguments = [
            "list", "--remote", "--all", "--json", "--os", &os, "--arch", &arch,
        ];
        let ran = Ran::of(&mut alone(&world, arguments))
            .succeeded()
            .said("offline, using the index of goshim 0.1.0, which ends with go1.2");
        for release in ran.json().as_array().unwrap() {
            let file = release["file"].as_str().unwrap();
            let hash = files.remove(file);
            assert_eq!(
                hash,
                Some(release["sha256"].as_str().map(str::to_owned)),
                "{file}"
            );
            count += 1;
        }
        assert!(files.is_empty(), "not in the table: {files:?}");
    }
    println!("table: {count} archives");
    assert!(count > 3000, "{count}");
}

#[test]
fn without_a_network_the_table_answers() {
    let world = World::new(&[]);
    let ask = |arguments: &[&str]| Ran::of(&mut alone(&world, arguments.iter().copied()));
    let listed = ask(&["list", "--remote", "1.22"]).succeeded().stdout;
    assert!(
        listed.starts_with(
            "go1.22.12  end of life\ngo1.22.11  end of life\ngo1.22.10  end of life\n"
        ),
        "{listed}"
    );
    let listed = ask(&[
        "list", "--remote", "1.4", "--os", "linux", "--arch", "amd64",
    ])
    .succeeded();
    assert!(
        listed
            .stdout
            .contains("go1.4.3  end of life  no usable sha256 was published\n"),
        "{listed}"
    );
    // Releases that were never published, or are none.
    ask(&["install", "1.7.2"]).refused(2, "no such release was ever published");
    ask(&["install", "1.7.7"]).refused(1, "no published release matches 1.7.7");
    ask(&["install", "1.28"]).refused(1, "no published release matches 1.28");
    ask(&["install", "1.9.2rc2"]).ended_with(2);
    ask(&["install", "1.4-bootstrap-20170531"]).ended_with(2);
    ask(&["install", "1.21.13", "--os", "windows", "--arch", "amd64"])
        .refused(1, "go1.21.13 was not published for windows/amd64");
    // The reason of a refusal, and the way out.
    ask(&["install", "1.4.3"])
        .refused(
            1,
            "go1.4.3 has no published sha256, so nothing vouches for its bytes",
        )
        .said("--sha256");
    ask(&["install", "1.15.15", "--os", "darwin", "--arch", "arm64"])
        .refused(1, "go1.15.15.darwin-amd64.tar.gz is needed")
        .said("go1.15.15 was not published for darwin/arm64; taking the one for darwin/amd64");
    ask(&["install", "1.16", "--os", "darwin", "--arch", "arm64"])
        .refused(1, "go1.16.15.darwin-arm64.tar.gz is needed");
}

#[test]
fn a_flat_directory_of_official_files_needs_no_index() {
    let world = World::new(&["go1.22.10"]);
    let mirror = world.mirror.url();
    let run = |arguments: &[&str]| {
        let mut command = alone(&world, arguments.iter().copied());
        // Nobody listens there: the official index is out of reach.
        command
            .env("GOSHIM_OFFLINE", "0")
            .env("HTTPS_PROXY", "http://127.0.0.1:1")
            .env("GOSHIM_MIRROR", &mirror);
        Ran::of(&mut command)
    };
    let stand_in = goshim_test_support::stand_in::archive("go1.22.10");
    let name = host::archive_name("go1.22.10");
    let official = seeds().into_iter().find(|seed| seed.file == name).unwrap();
    // The mirror has something else under that name, which is found out although it has no index.
    let given = crate::support::sha256(&stand_in);
    run(&["install", "1.22.10"])
        .refused(
            1,
            &format!("its sha256 is {given}, published is {}", official.sha256),
        )
        .said("offline, using the index of goshim 0.1.0, which ends with go1.27.0");
    assert_eq!(world.mirror.hits(""), 0, "no index was asked of the mirror");
    run(&["install", "1.22.10", "--sha256", &given])
        .refused(1, "the published sha256 of go1.22.10 is");
    world.assert_nothing_is_installed(&"refused");
}

#[test]
fn a_release_without_a_published_hash_needs_the_user_s_word() {
    let toolchain = "go1.3.3";
    let world = World::new(&[toolchain]);
    let mirror = world.mirror.url();
    let right = crate::support::sha256(&goshim_test_support::stand_in::archive(toolchain));
    let wrong = "0".repeat(64);
    let run = |arguments: &[&str]| {
        let mut command = alone(&world, arguments.iter().copied());
        command
            .env("GOSHIM_OFFLINE", "0")
            .env("HTTPS_PROXY", "http://127.0.0.1:1")
            .env("GOSHIM_MIRROR", &mirror);
        Ran::of(&mut command)
    };
    run(&["install", "1.3"]).refused(1, "go1.3.3 has no published sha256");
    run(&["install", "1.3.3", "--sha256", "abc"]).refused(2, "`abc` is no sha256");
    run(&["install", "1.3.3", "1.5.4", "--sha256", &right])
        .refused(2, "--sha256 is for one release");
    run(&["install", "1.3.3", "--sha256", &wrong]).refused(1, &format!("published is {wrong}"));
    world.assert_nothing_is_installed(&"refused");
    run(&["install", "1.3.3", "--sha256", &right.to_uppercase()])
        .succeeded()
        .said("installed go1.3.3");
    let receipt = world.sandbox.goshim_home().join("receipts/go1.3.3.toml");
    let receipt = fs_err::read_to_string(receipt).unwrap();
    assert!(
        receipt.contains("index = \"the user, with --sha256\"\n"),
        "{receipt}"
    );
}
