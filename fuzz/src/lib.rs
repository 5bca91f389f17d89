//! What must hold for any bytes, one function for each fuzz target. A violation is a panic.
//!
//! `cargo xtask fuzz` looks for violations; the resolver's tests run the same functions over `fuzz/seeds` and the findings kept
//! there, with a stable compiler.

use std::path::Path;
use std::sync::OnceLock;

use goshim_resolver::gomod::Directive;
use goshim_resolver::pin::Pin;
use goshim_resolver::{Env, Error, Layout, Query, Version, gomod, pin, resolve};

/// Checks one input.
pub type Target = fn(&[u8]);

/// Every target, under the name of its folder in `fuzz/seeds` and of its file in `fuzz/fuzz_targets`.
pub const TARGETS: [(&str, Target); 6] = [
    ("go_version", go_version),
    ("gotoolchain", gotoolchain),
    ("module_file", module_file),
    ("project_file", project_file),
    ("query", query),
    ("tool_versions", tool_versions),
];

/// go.mod and go.work, against a second and simpler reading of the same rule.
pub fn module_file(data: &[u8]) {
    for key in ["go", "toolchain"] {
        let found = gomod::directive(data, key);
        assert_eq!(found, lookup(data, key), "{key}");
        if let Some(Directive { value, .. }) = found {
            for version in [Version::parse(&value), Version::from_toolchain(&value)] {
                version.iter().for_each(check_version);
            }
            if let Some(query) = Query::from_toolchain(&value) {
                check_toolchain_query(&query, &value);
            }
        }
    }
}

/// `GoModLookup` of cmd/go, line by line and on text.
fn lookup(data: &[u8], key: &str) -> Option<Directive> {
    for (index, line) in data.split(|byte| *byte == b'\n').enumerate() {
        let line = String::from_utf8_lossy(line);
        let Some(rest) = line.trim().strip_prefix(key) else {
            continue;
        };
        if rest.starts_with([' ', '\t']) {
            let value = rest.split("//").next().unwrap_or_default().trim();
            return (!value.is_empty()).then(|| Directive {
                value: value.to_owned(),
                line: index + 1,
            });
        }
    }
    None
}

/// `.go-version`.
pub fn go_version(data: &[u8]) {
    let Some(pin) = check_pin(".go-version", data) else {
        return;
    };
    // What it asks for stands on its line, alone but for a comment.
    if let Some(line) = line_of(data, &pin) {
        let content = pin::without_comment(line.trim_start_matches('\u{feff}'));
        assert_eq!(Query::parse(content).as_ref(), Ok(&pin.queries[0]));
        assert_eq!(pin.queries.len(), 1);
    }
}

/// `.tool-versions`.
pub fn tool_versions(data: &[u8]) {
    let Some(pin) = check_pin(".tool-versions", data) else {
        return;
    };
    if let Some(line) = line_of(data, &pin) {
        let line = pin::without_comment(line.trim_start_matches('\u{feff}'));
        let (tool, versions) = line.split_once(char::is_whitespace).unwrap();
        assert!(matches!(tool, "golang" | "go"), "{tool:?}");
        let versions = versions.split_whitespace().map(Query::parse);
        assert!(versions.eq(pin.queries.into_iter().map(Ok)));
    }
}

/// `.goshim.toml`.
pub fn project_file(data: &[u8]) {
    check_pin(".goshim.toml", data);
}

/// Queries, a line each: each is refused or round-trips, and their versions have one order.
pub fn query(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut versions = Vec::new();
    for text in text.split('\n').take(16) {
        match Query::parse(text) {
            Ok(query) => check_query(&query),
            Err(invalid) => {
                check_shown(&invalid.to_string());
                let hint = invalid.hint();
                check_shown(&hint);
                if let Some((likely, _)) = hint
                    .strip_prefix("write ")
                    .and_then(|rest| rest.split_once(", if that is what is meant"))
                {
                    assert!(Query::parse(likely).is_ok(), "{hint}");
                }
            }
        }
        if let Some(query) = Query::from_toolchain(text) {
            check_toolchain_query(&query, text);
        }
        versions.extend(Version::parse(text));
        versions.extend(Version::from_toolchain(text));
    }
    versions.iter().for_each(check_version);
    versions.sort();
    for (index, lesser) in versions.iter().enumerate() {
        for greater in &versions[index..] {
            assert!(lesser <= greater, "{lesser} <= {greater}");
            assert_eq!(lesser == greater, lesser.cmp(greater).is_eq());
            assert_eq!(greater.cmp(lesser), lesser.cmp(greater).reverse());
        }
    }
}

/// The variable GOTOOLCHAIN, with nothing else to decide.
pub fn gotoolchain(data: &[u8]) {
    let value = String::from_utf8_lossy(data).into_owned();
    let env = store().with("GOTOOLCHAIN", value.clone());
    let resolution = resolve(&env, layout(), &[], None);
    let resolution = resolution.unwrap_or_else(|error| panic!("{error}"));
    for query in resolution.choice.iter().flat_map(|choice| &choice.queries) {
        let name = value.split('+').next().unwrap_or_default();
        check_toolchain_query(query, name);
    }
    if let Err(error) = &resolution.outcome {
        check_error(error);
    }
}

/// Reads a pin file and checks what comes out of it.
fn check_pin(name: &str, data: &[u8]) -> Option<Pin> {
    match pin::parse(&Path::new("p").join(name), data) {
        Ok(None) => {
            assert_ne!(name, ".go-version", "it is for Go alone");
            None
        }
        Ok(Some(pin)) => {
            assert!(!pin.queries.is_empty() && pin.place.line > 0);
            pin.queries.iter().for_each(check_query);
            Some(pin)
        }
        Err(error) => {
            let shown = error.to_string();
            let line = shown.strip_prefix(&format!("p/{name}:"));
            let line = line.and_then(|rest| rest.split(':').next());
            let line: usize = line.and_then(|line| line.parse().ok()).expect(&shown);
            // UTF-16 has its newlines among these bytes as well.
            assert!((1..=1 + data.len()).contains(&line), "{shown}");
            check_error(&error);
            None
        }
    }
}

/// The line of a pin, where the file is UTF-8.
fn line_of<'a>(data: &'a [u8], pin: &Pin) -> Option<&'a str> {
    if data.starts_with(&[0xff, 0xfe]) || data.starts_with(&[0xfe, 0xff]) {
        return None;
    }
    let text = std::str::from_utf8(data).expect("what is no text has no pin");
    Some(text.lines().nth(pin.place.line - 1).expect("a line"))
}

fn check_query(query: &Query) {
    assert!(!matches!(query, Query::Named(_)), "only cmd/go's names are");
    assert_eq!(Query::parse(&query.to_string()).as_ref(), Ok(query));
    if let Query::Release(version) = query {
        check_version(version);
        assert!(version.toolchain().len() < 32);
    }
}

fn layout() -> &'static Layout {
    static LAYOUT: OnceLock<Layout> = OnceLock::new();
    LAYOUT.get_or_init(|| Layout::new(&store()).expect("an absolute GOSHIM_HOME"))
}

/// An environment with a store that is not there.
fn store() -> Env {
    Env::default().with("GOSHIM_HOME", "/nonexistent/goshim")
}

/// A toolchain name is a release under exactly this name, or kept as it is.
fn check_toolchain_query(query: &Query, name: &str) {
    match query {
        Query::Release(version) => {
            check_version(version);
            assert_eq!(version.toolchain(), name);
        }
        Query::Named(named) => assert_eq!(named, name),
        query => panic!("{query}"),
    }
}

fn check_version(version: &Version) {
    let name = version.toolchain();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '.';
    assert!(name.starts_with("go") && name.chars().all(is_plain));
    let below = layout().sdk(version);
    assert_eq!(below.parent(), Some(layout().sdks().as_path()));
    let again = Version::from_toolchain(&name).unwrap();
    assert_eq!((again.as_str(), &again), (version.as_str(), version));
    assert_eq!(version.release_name(), *version);
}

fn check_error(error: &Error) {
    check_shown(&error.to_string());
    check_shown(&error.hint().unwrap_or_default());
}

/// Nothing steers a terminal.
fn check_shown(text: &str) {
    assert!(goshim_resolver::escape::is_printable(text), "{text:?}");
}
