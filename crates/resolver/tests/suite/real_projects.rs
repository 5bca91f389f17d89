//! The pin files of 99 real projects (vectors/real-projects.json): each gives what a careful reader takes it to say, or an error, and each
//! directory selects what Go 1.21.13 was seen to select.

use std::collections::BTreeMap;
use std::path::Path;

use goshim_resolver::cmdgo::{self, LocalGo, Source};
use goshim_resolver::origin::Origin;
use goshim_resolver::resolve::Choice;
use goshim_resolver::{Env, Error, Layout, Query, Resolution, pin, resolve};
use serde_json::{Map, Value};
use tempfile::TempDir;

/// The files that a careful reader can only guess at, and what goshim says of them: the project, the line, and a part of the message.
const REFUSED: [(&str, &str, usize, &str); 17] = [
    (
        "bschaatsbergen/hclfmt",
        "55a27a8",
        1,
        "`1.23.` is not a Go version: a number is missing",
    ),
    (
        "naoto243/go-excel-playground",
        "",
        3,
        "a range or a pattern",
    ),
    (
        "0x73746F66/golang-kafka-mysql",
        "",
        1,
        "it is more than one word",
    ),
    (
        "448267450/food-delivery-platform",
        "",
        1,
        "it is more than one word",
    ),
    ("AlexxNica/cockroach", "", 1, "a range or a pattern"),
    (
        "Lorioux/google-provider",
        "",
        1,
        "a merge conflict is not resolved",
    ),
    ("WavesMan/YoBFF", "", 1, "`1.22d` is not a Go version"),
    ("Zyvro/Zyvro-engine", "", 1, "it looks like JSON"),
    (
        "mk23mk/example-github-cicd-study",
        "",
        1,
        "the first number of every Go is 1",
    ),
    (
        "mvanhorn/printing-press-library",
        "",
        2,
        "a second version, `1.26.6`, after the one on line 1",
    ),
    (
        "tooforg/public-test-repo",
        "",
        2,
        "it is more than one word",
    ),
    (
        "cockroachdb/cockroach",
        "05bbe3e",
        1,
        "a range or a pattern",
    ),
    (
        "Keepsake-Games/packer-plugin-proxmox",
        "478bb29",
        1,
        "a range or a pattern",
    ),
    (
        "elastic/e2e-testing",
        "97b4d8b",
        1,
        "a merge conflict is not resolved",
    ),
    (
        "elastic/elastic-agent-shipper",
        "97692a7",
        1,
        "a merge conflict is not resolved",
    ),
    (
        "jubittajohn/etcd",
        "",
        1,
        "a merge conflict is not resolved",
    ),
    ("openshift/etcd", "", 1, "a merge conflict is not resolved"),
];

/// A project of the vectors, written to disk.
struct Project<'a> {
    vector: &'a Value,
    dir: TempDir,
}

impl Project<'_> {
    fn text(&self, key: &str) -> &str {
        self.vector[key].as_str().unwrap_or_default()
    }

    fn write(vector: &Value) -> Project<'_> {
        let dir = TempDir::new().unwrap();
        let path = |name: &str| {
            let path = dir.path().join("project").join(name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            path
        };
        for (name, text) in entries(vector, "files") {
            fs_err::write(path(name), text).unwrap();
        }
        for (name, text) in entries(vector, "files_base64") {
            fs_err::write(path(name), base64(text)).unwrap();
        }
        for (name, target) in entries(vector, "symlinks") {
            fs_err::os::unix::fs::symlink(target, path(name)).unwrap();
            // The vectors leave the target out; the pin says what was in it.
            let pin = vector["pin"][name].as_str().unwrap();
            fs_err::write(path(target), format!("{pin}\n")).unwrap();
        }
        Project { vector, dir }
    }

    /// The pin file `file`, read by itself.
    fn read(&self, file: &str) -> Result<Choice, Error> {
        let path = self.dir.path().join("project").join(file);
        let pin = pin::parse(&path, &fs_err::read(&path).unwrap())?.unwrap();
        Ok(Choice {
            queries: pin.queries,
            origin: Origin::PinFile(pin.place),
        })
    }

    /// What runs in `dir`, with nothing installed.
    fn resolve(&self, dir: &str) -> Resolution {
        let project = self.dir.path().join("project");
        let env = Env {
            physical_dir: fs_err::canonicalize(project.join(dir)).ok(),
            home: Some(self.dir.path().join("home")),
            ..Env::default()
        }
        .with("GOSHIM_CEILING", fs_err::canonicalize(&project).unwrap());
        let layout = Layout::new(&env).unwrap();
        resolve(&env, &layout, &[], None).unwrap()
    }
}

/// The names and texts of an object of a vector; none where it has no such object.
fn entries<'a>(vector: &'a Value, key: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let object = vector.get(key).map(|value| value.as_object().unwrap());
    let object = object.into_iter().flatten();
    object.map(|(name, text)| (name.as_str(), text.as_str().unwrap()))
}

/// The few files that JSON cannot hold as text.
fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for digit in text.bytes().filter(|byte| *byte != b'=') {
        let value = DIGITS.iter().position(|known| *known == digit).unwrap();
        bits = bits << 6 | u32::try_from(value).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    bytes
}

/// What the vectors take a file to say, as queries.
fn expected(pin: &Value) -> Vec<Query> {
    let texts = pin.as_array().cloned().unwrap_or(vec![pin.clone()]);
    let queries = texts
        .iter()
        .map(|text| Query::parse(text.as_str().unwrap()));
    queries.map(Result::unwrap).collect()
}

fn is_read(name: &str, file: &str, pin: &Value, found: Result<Choice, Error>) {
    let choice = found.unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(choice.origin.kind(), "pin-file", "{name}");
    let place = choice.origin.place().unwrap();
    assert!(place.file.ends_with(file), "{name}: {place}");
    assert_eq!(choice.queries, expected(pin), "{name}: {place}");
}

fn is_refused(name: &str, file: &str, line: usize, problem: &str, found: Result<Choice, Error>) {
    let error = found.expect_err(name);
    let (message, hint) = (error.to_string(), error.hint().unwrap());
    let Error::Pin { place, .. } = &error else {
        panic!("{name}: {message}");
    };
    assert!(place.file.ends_with(file), "{name}: {message}");
    assert_eq!(place.line, line, "{name}: {message}");
    assert!(message.contains(problem), "{name}: {message}");
    assert!(!message.contains(char::is_control), "{name}: {message:?}");
    let advises = ["write ", "keep one"]
        .iter()
        .any(|start| hint.starts_with(start));
    assert!(advises, "{name}: {hint}");
}

/// The refusal of this project's pin file, where it is one of [`REFUSED`].
fn refusal(project: &Project<'_>) -> Option<(usize, &'static str)> {
    let (name, commit) = (project.text("project"), project.text("commit"));
    let refused = REFUSED
        .iter()
        .find(|(refused, at, ..)| *refused == name && commit.starts_with(at))?;
    Some((refused.2, refused.3))
}

/// The pin file that counts in `dir`: the nearest one, and in one directory `.go-version`.
fn nearest(pins: &Map<String, Value>, dir: &str) -> Option<String> {
    let dir = dir.trim_start_matches('.');
    Path::new(dir).ancestors().find_map(|dir| {
        let names = [".go-version", ".tool-versions"].into_iter();
        let mut files = names.map(|name| dir.join(name).to_str().unwrap().to_owned());
        files.find(|file| pins.contains_key(file))
    })
}

#[test]
fn every_pin_file_gives_its_pin_or_an_error() {
    let vectors = include_str!("../vectors/real-projects.json");
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for vector in vectors["projects"].as_array().unwrap() {
        let project = Project::write(vector);
        let name = project.text("project");
        for (file, pin) in vector["pin"].as_object().unwrap() {
            let found = project.read(file);
            if let Some((line, problem)) = refusal(&project) {
                is_refused(name, file, line, problem, found);
                *counts.entry("refused").or_default() += 1;
            } else {
                is_read(name, file, pin, found);
                *counts.entry("read").or_default() += 1;
            }
        }
        *counts.entry("projects").or_default() += 1;
    }
    // Nothing was passed over, and no file was refused beyond the list.
    let expected = [("projects", 99), ("read", 66), ("refused", 17)];
    assert_eq!(counts, BTreeMap::from(expected));
}

#[test]
fn every_directory_has_the_choice_of_its_nearest_pin_file() {
    let vectors = include_str!("../vectors/real-projects.json");
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for vector in vectors["projects"].as_array().unwrap() {
        let project = Project::write(vector);
        let name = project.text("project");
        let pins = vector["pin"].as_object().unwrap();
        for dir in vector["auto_1.21.13"].as_object().unwrap().keys() {
            let resolution = project.resolve(dir);
            let choice = resolution.choice;
            let found = resolution.outcome.map(|_| choice.clone());
            let kind = match (nearest(pins, dir), refusal(&project)) {
                (Some(file), Some((line, problem))) => {
                    let found = found.map(Option::unwrap);
                    is_refused(name, &file, line, problem, found);
                    "refused"
                }
                (Some(file), None) => {
                    is_read(name, &file, &pins[&file], found.map(Option::unwrap));
                    "pinned"
                }
                (None, _) => {
                    let kind = choice.map(|choice| choice.origin.kind());
                    let of_module = matches!(kind, None | Some("toolchain-line"));
                    assert!(of_module, "{name}: {dir}: {kind:?}");
                    "without a pin"
                }
            };
            *counts.entry(kind).or_default() += 1;
        }
    }
    let expected = [("pinned", 124), ("refused", 17), ("without a pin", 50)];
    assert_eq!(counts, BTreeMap::from(expected));
}

#[test]
fn every_directory_selects_what_go_1_21_13_would() {
    let vectors = include_str!("../vectors/real-projects.json");
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    let go = LocalGo::new("go1.21.13").unwrap();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for vector in vectors["projects"].as_array().unwrap() {
        let project = Project::write(vector);
        for (dir, expected) in vector["auto_1.21.13"].as_object().unwrap() {
            let path = project.dir.path().join("project").join(dir);
            let env = Env {
                physical_dir: fs_err::canonicalize(path).ok(),
                ..Env::default()
            };
            let selection = cmdgo::select(&go, &env, &["version".into()]).unwrap();
            let (selected, kind) = match selection.source {
                Source::Local => ("local", "local"),
                _ => (selection.toolchain.as_str(), "another"),
            };
            let name = project.text("project");
            assert_eq!(selected, expected.as_str().unwrap(), "{name}: {dir}");
            *counts.entry(kind).or_default() += 1;
        }
    }
    assert_eq!(counts, BTreeMap::from([("another", 93), ("local", 98)]));
}

#[test]
fn a_release_without_a_patch_number_is_found_under_its_name() {
    // lacework/go-sdk asks for 1.18.0, which was published as go1.18.
    let Ok(Query::Release(version)) = Query::parse("1.18.0") else {
        panic!("no release");
    };
    assert_eq!(version.toolchain(), "go1.18");
}
