//! The table of published archives that is compiled into goshim, made from the seeds in `crates/installer/data/seeds`.
//!
//! A seed is a snapshot of the official index (`.json`), or a list of version, file name and sha256 (`.tsv`). To bring the table up to
//! date, put another snapshot beside them and run `cargo xtask codegen`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use goshim_resolver::Version;
use serde_json::Value;

use crate::{Error, root};

/// The table, by its path below the root.
pub(crate) const TABLE: &str = "crates/installer/data/releases.txt";

const SEEDS: &str = "crates/installer/data/seeds";

/// The sha256 and the size of an archive, as far as they were published.
#[derive(Default)]
struct Archive {
    sha256: String,
    size: u64,
}

/// The archives of each release, newest release first, by what follows `go1.22.10.` in their names.
type Releases = BTreeMap<std::cmp::Reverse<Version>, BTreeMap<String, Archive>>;

/// The text of the table.
pub(crate) fn text() -> Result<String, Error> {
    let mut releases = Releases::new();
    let mut seeds: Vec<_> = fs_err::read_dir(root().join(SEEDS))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_, std::io::Error>>()?;
    seeds.sort_unstable();
    for seed in seeds {
        let text = fs_err::read_to_string(&seed)?;
        let read = match seed.extension().and_then(|extension| extension.to_str()) {
            Some("json") => add_index(&mut releases, &text),
            Some("tsv") => add_list(&mut releases, &text),
            _ => Err("it is neither .json nor .tsv".to_owned()),
        };
        read.map_err(|problem| Error(format!("{}: {problem}", seed.display())))?;
    }
    let mut text =
        "# Made by `cargo xtask codegen` from the seeds beside it: a release a line, and below it the rest of the name, the sha256 and\n\
         # the size of each of its archives, where they are known.\n"
            .to_owned();
    for (version, archives) in &releases {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", version.0.toolchain());
        for (name, Archive { sha256, size }) in archives {
            let sha256 = if sha256.is_empty() { "-" } else { sha256 };
            let _ = match size {
                0 => writeln!(text, " {name} {sha256}"),
                size => writeln!(text, " {name} {sha256} {size}"),
            };
        }
    }
    Ok(text)
}

/// Adds a snapshot of the official index.
fn add_index(releases: &mut Releases, text: &str) -> Result<(), String> {
    let index: Vec<Value> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let files = index
        .iter()
        .filter_map(|release| release["files"].as_array())
        .flatten();
    for file in files.filter(|file| file["kind"] == "archive") {
        let field = |name: &str| file[name].as_str().unwrap_or_default();
        let size = file["size"].as_u64().unwrap_or_default();
        add(
            releases,
            field("version"),
            field("filename"),
            field("sha256"),
            size,
        )?;
    }
    Ok(())
}

/// Adds a list of version, file name and sha256, separated by tabs.
fn add_list(releases: &mut Releases, text: &str) -> Result<(), String> {
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<_> = line.split('\t').collect();
        let [version, name, sha256] = fields[..] else {
            return Err(format!("`{line}` has not three fields"));
        };
        add(releases, version, name, sha256, 0)?;
    }
    Ok(())
}

/// Adds an archive; what two seeds say of it must agree. What is no release by Go's own rules is passed over: go1.9.2rc2, and the
/// bootstrap archives under `go1`.
fn add(
    releases: &mut Releases,
    toolchain: &str,
    name: &str,
    sha256: &str,
    size: u64,
) -> Result<(), String> {
    let is_hash = sha256.len() == 64
        && (sha256.bytes()).all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !is_hash && !sha256.is_empty() {
        return Err(format!("{name} has the hash `{sha256}`"));
    }
    let version = toolchain.strip_prefix("go").and_then(Version::parse);
    let rest = name
        .strip_prefix(toolchain)
        .and_then(|rest| rest.strip_prefix('.'));
    let (Some(version), Some(rest)) = (version, rest) else {
        return Ok(());
    };
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(());
    }
    let archives = releases.entry(std::cmp::Reverse(version)).or_default();
    let known = archives.entry(rest.to_owned()).or_default();
    if !known.sha256.is_empty() && !sha256.is_empty() && known.sha256 != sha256 {
        return Err(format!("{name} has another hash in another seed"));
    }
    if is_hash {
        sha256.clone_into(&mut known.sha256);
    }
    known.size = known.size.max(size);
    Ok(())
}
