//! The list of releases, in the form of `https://go.dev/dl/?mode=json`.

use std::{cmp::Reverse, collections::BTreeMap, io, path::Path};

use serde_json::{Value, json};

/// Builds the index of the archives in `dir`, newest release first. `hash` gives the sha256 of a file in `dir`.
pub(crate) fn build(
    dir: &Path,
    hash: impl Fn(&str) -> io::Result<String>,
) -> io::Result<Vec<Value>> {
    let mut releases = BTreeMap::<_, Vec<Value>>::new();
    for entry in fs_err::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some((version, os, arch)) = parse_name(&name) else {
            continue;
        };
        releases
            .entry((order(version), version.to_owned()))
            .or_default()
            .push(json!({
                "filename": name,
                "os": os,
                "arch": arch,
                "version": version,
                "sha256": hash(&name)?,
                "size": fs_err::metadata(entry.path())?.len(),
                "kind": "archive",
            }));
    }
    let releases = releases.into_iter().rev().map(|((_, version), mut files)| {
        files.sort_by_key(|file| file["filename"].to_string());
        json!({ "version": version, "stable": is_stable(&version), "files": files })
    });
    Ok(releases.collect())
}

/// What is left without `include=all`: the latest patch of each of the two newest minors.
pub(crate) fn newest(mut releases: Vec<Value>) -> Vec<Value> {
    let version = |release: &Value| release["version"].as_str().unwrap_or_default().to_owned();
    releases.retain(|release| is_stable(&version(release)));
    releases.sort_by_key(|release| Reverse(order(&version(release))));
    releases.dedup_by_key(|release| order(&version(release)).minor());
    releases.truncate(2);
    releases
}

fn is_stable(version: &str) -> bool {
    !version.contains("beta") && !version.contains("rc")
}

/// Version, os and arch in `go1.22.10.linux-amd64.tar.gz`.
fn parse_name(name: &str) -> Option<(&str, &str, &str)> {
    let stem = name
        .strip_suffix(".tar.gz")
        .or_else(|| name.strip_suffix(".zip"))?;
    let (version, platform) = stem.rsplit_once('.')?;
    let (os, arch) = platform.split_once('-')?;
    version
        .strip_prefix("go")?
        .starts_with(|c: char| c.is_ascii_digit())
        .then_some((version, os, arch))
}

/// Sorts as the releases came out: `go1.21rc2` before `go1.21.0`.
#[derive(Eq, Ord, PartialEq, PartialOrd)]
struct Order {
    numbers: [u32; 3],
    /// 0 for a beta, 1 for a release candidate, 2 for a release; and the number of the first two.
    kind: (u8, u32),
}

impl Order {
    fn minor(&self) -> [u32; 2] {
        [self.numbers[0], self.numbers[1]]
    }
}

fn order(version: &str) -> Order {
    let number = |text: &str| text.parse().unwrap_or(0);
    let version = version.trim_start_matches("go");
    let (numbers, kind) = if let Some((numbers, n)) = version.split_once("beta") {
        (numbers, (0, number(n)))
    } else if let Some((numbers, n)) = version.split_once("rc") {
        (numbers, (1, number(n)))
    } else {
        (version, (2, 0))
    };
    let mut parts = numbers.split('.').map(number);
    Order {
        numbers: std::array::from_fn(|_| parts.next().unwrap_or(0)),
        kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_names_of_archives_only() {
        assert_eq!(
            parse_name("go1.22.10.linux-amd64.tar.gz"),
            Some(("go1.22.10", "linux", "amd64"))
        );
        assert_eq!(
            parse_name("go1.21rc2.windows-386.zip"),
            Some(("go1.21rc2", "windows", "386"))
        );
        assert_eq!(
            parse_name("go1.20.linux-armv6l.tar.gz"),
            Some(("go1.20", "linux", "armv6l"))
        );
        for name in [
            "go1.22.10.src.tar.gz",
            "gopls.linux-amd64.tar.gz",
            "index.json",
            "go1.22.10.linux-amd64.pkg",
        ] {
            assert_eq!(parse_name(name), None, "{name}");
        }
    }

    #[test]
    fn orders_by_release() {
        let sorted = [
            "go1",
            "go1.9",
            "go1.10beta1",
            "go1.10rc1",
            "go1.10",
            "go1.10.1",
            "go1.21rc9",
            "go1.21rc10",
        ];
        assert!(sorted.is_sorted_by(|a, b| order(a) < order(b)));
    }
}
