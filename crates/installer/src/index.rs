//! The index of published releases, in the JSON of <https://go.dev/dl/?mode=json&include=all>.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use goshim_resolver::escape::Escaped;
use goshim_resolver::{Query, Version};
use serde::Deserialize;

use crate::error::{Error, PAGE};
use crate::hex::{SHA256, is_hex};
use crate::platform::Platform;

/// All releases that the index names and that goshim can mean, newest first.
#[derive(Clone, Debug)]
pub struct Index {
    releases: Vec<Release>,
    /// Who vouches for what it says, for receipts: its address, or this program.
    pub(crate) origin: String,
}

/// A published release.
#[derive(Clone, Debug)]
pub struct Release {
    /// Its version.
    pub version: Version,
    /// Neither a beta nor a release candidate.
    pub is_stable: bool,
    pub(crate) archives: Vec<Archive>,
}

/// An archive of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// Its name, which is all of its address that the index has a say in.
    pub filename: String,
    /// What it is for.
    pub platform: Platform,
    /// What the index vouches for.
    pub hash: Hash,
    /// Bytes; `None` where nobody says so.
    pub size: Option<u64>,
}

/// The sha256 of an archive, 64 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hash {
    /// It was published.
    Published(String),
    /// It was not: 22 old releases have none in the official index.
    Missing,
    /// The official index and the table in this program do not agree. One of them was tampered with.
    Disputed {
        /// That of the index.
        index: String,
        /// That of the table.
        table: String,
    },
}

/// The JSON; unknown fields are ignored.
#[derive(Deserialize)]
#[serde(expecting = "a release with its files")]
struct JsonRelease {
    version: String,
    #[serde(default)]
    files: Vec<JsonFile>,
}

#[derive(Deserialize)]
#[serde(expecting = "a file with its hash")]
struct JsonFile {
    filename: String,
    #[serde(default)]
    sha256: String,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    kind: String,
}

impl Index {
    /// Reads the JSON. `url` names it in errors.
    pub(crate) fn parse(json: &str, url: &str) -> Result<Self, Error> {
        let invalid = |reason: String| Error::Index {
            url: url.to_owned(),
            reason,
        };
        match json.trim_start().chars().next() {
            Some('[') => {}
            Some('<') => return Err(invalid(PAGE.to_owned())),
            Some(_) => return Err(invalid("it is no list".to_owned())),
            None => return Err(invalid("it is empty".to_owned())),
        }
        let json: Vec<JsonRelease> = serde_json::from_str(json)
            .map_err(|error| invalid(Escaped(&error.to_string()).to_string()))?;
        let releases = json.into_iter().filter_map(Release::from_json);
        let releases = once_each(releases).map_err(invalid)?;
        if releases.is_empty() {
            return Err(invalid("it names no release".to_owned()));
        }
        Ok(Self::new(url.to_owned(), releases))
    }

    /// The index of `releases`, which may come in any order.
    pub(crate) fn new(origin: String, mut releases: Vec<Release>) -> Self {
        releases.sort_by(|a, b| b.version.cmp(&a.version));
        Self { releases, origin }
    }

    /// All of them, newest first.
    pub fn releases(&self) -> &[Release] {
        &self.releases
    }

    /// What the official index and the table in this program say together: each may name what the other one does not, and a hash that
    /// both name must be the same.
    pub(crate) fn joined_with_table(self, table: Self) -> Self {
        let mut joined: BTreeMap<Version, Release> = (self.releases.into_iter())
            .map(|release| (release.version.clone(), release))
            .collect();
        for release in table.releases {
            match joined.entry(release.version.clone()) {
                Entry::Vacant(entry) => drop(entry.insert(release)),
                Entry::Occupied(mut entry) => entry.get_mut().join(release),
            }
        }
        Self::new(self.origin, joined.into_values().collect())
    }

    /// All releases with an archive for `platform`, newest first.
    pub fn for_platform(&self, platform: Platform) -> impl Iterator<Item = &Release> {
        self.releases
            .iter()
            .filter(move |release| release.archive(platform).is_some())
    }

    /// The release of exactly this version.
    pub(crate) fn find(&self, version: &Version) -> Option<&Release> {
        self.releases
            .iter()
            .find(|release| release.version == *version)
    }

    /// The releases that `query` covers, newest first, prereleases only where they are wanted or named; empty where there are none.
    ///
    /// # Errors
    /// Where the query can mean nothing that is published.
    pub fn matching(
        &self,
        query: &Query,
        platform: Platform,
        with_prereleases: bool,
    ) -> Result<Vec<&Release>, Error> {
        let all = self.for_platform(platform);
        Ok(match query {
            Query::Series(series) => all
                .filter(|release| {
                    series.contains(&release.version)
                        || with_prereleases && series.covers(&release.version)
                })
                .collect(),
            Query::Release(version) => all.filter(|release| release.version == *version).collect(),
            _ => match self.select(query, None, platform) {
                Ok(release) => vec![release],
                Err(Error::NoRelease { .. }) => Vec::new(),
                Err(error) => return Err(error),
            },
        })
    }

    /// The release that `query` means: of a series the newest stable patch. None below `at_least` will do; where that is a
    /// prerelease itself and nothing stable has followed, a prerelease will do.
    ///
    /// # Errors
    /// Where there is none.
    pub fn select(
        &self,
        query: &Query,
        at_least: Option<&Version>,
        platform: Platform,
    ) -> Result<&Release, Error> {
        let no_release = || Error::NoRelease {
            query: query.to_string(),
            at_least: at_least.map(ToString::to_string),
        };
        let meets = |release: &&Release| at_least.is_none_or(|floor| release.version >= *floor);
        if let Query::Release(version) = query {
            let release = self.find(version).filter(meets).ok_or_else(no_release)?;
            return match release.archive(platform) {
                Some(_) => Ok(release),
                None => Err(Error::NoArchive {
                    toolchain: version.toolchain(),
                    platform: platform.to_string(),
                }),
            };
        }
        let stable = || {
            self.for_platform(platform)
                .filter(|release| release.is_stable)
        };
        let found = match query {
            Query::Latest => stable().find(meets),
            Query::OldStable => {
                let newest = stable().next().ok_or_else(no_release)?;
                let previous = newest.version.previous_language();
                stable()
                    .filter(meets)
                    .find(|release| release.version.language() == previous)
            }
            Query::Series(series) => stable()
                .filter(meets)
                .find(|release| series.contains(&release.version))
                .or_else(|| {
                    let names_prerelease = at_least.is_some_and(Version::is_prerelease);
                    let mut prereleases = self
                        .for_platform(platform)
                        .filter(meets)
                        .filter(|release| series.covers(&release.version));
                    prereleases.find(|_| names_prerelease)
                }),
            Query::Release(_) | Query::System | Query::Linked(_) | Query::Named(_) => {
                return Err(Error::NotInstallable {
                    query: query.to_string(),
                });
            }
        };
        found.ok_or_else(no_release)
    }
}

/// Makes one of releases that are named twice. An archive that is named twice must be the same one: each reader would else take another of them,
/// and what was compared with the table need not be what is installed.
fn once_each(all: impl Iterator<Item = Release>) -> Result<Vec<Release>, String> {
    let mut archives: BTreeMap<String, Archive> = BTreeMap::new();
    let mut releases: BTreeMap<Version, Release> = BTreeMap::new();
    for mut release in all {
        let mut twice = None;
        // Its name has the version in it.
        release
            .archives
            .retain(|archive| match archives.entry(archive.filename.clone()) {
                Entry::Vacant(entry) => {
                    entry.insert(archive.clone());
                    true
                }
                Entry::Occupied(entry) => {
                    if entry.get() != archive {
                        twice = Some(archive.filename.clone());
                    }
                    false
                }
            });
        if let Some(filename) = twice {
            return Err(format!("it has different things to say of {filename}"));
        }
        match releases.entry(release.version.clone()) {
            Entry::Vacant(entry) => drop(entry.insert(release)),
            Entry::Occupied(mut entry) => entry.get_mut().archives.append(&mut release.archives),
        }
    }
    Ok(releases.into_values().collect())
}

impl Release {
    /// The release with these archives; `None` where there are none.
    pub(crate) fn new(version: Version, archives: Vec<Archive>) -> Option<Self> {
        let is_stable = !version.is_prerelease();
        (!archives.is_empty()).then_some(Self {
            version,
            is_stable,
            archives,
        })
    }

    /// Takes what goshim can mean: a valid version, and archives that are named after it and a platform. This passes over the bootstrap
    /// entry (`go1` with an archive of 1.4) and go1.9.2rc2 (no version by Go's own rules).
    fn from_json(json: JsonRelease) -> Option<Self> {
        let version = json.version.strip_prefix("go").and_then(Version::parse)?;
        let archives = json
            .files
            .into_iter()
            .filter(|file| file.kind == "archive" && is_plain(&file.filename))
            .filter_map(|file| {
                let size = Some(file.size).filter(|size| *size > 0);
                Archive::new(&version, file.filename, &file.sha256, size)
            })
            .collect();
        Self::new(version, archives)
    }

    /// The archive for `platform`, or the one that runs on it: Apple's arm64 machines run what was made for amd64, and Go has no
    /// archives for them before 1.16.
    pub fn archive(&self, platform: Platform) -> Option<&Archive> {
        let own = |platform: Platform| {
            self.archives
                .iter()
                .filter(|archive| archive.platform == platform)
                // Until 1.4.2 there were two for each architecture of macOS, neither under the regular name: the later system's.
                .max_by_key(|archive| {
                    let is_regular =
                        archive.filename == platform.archive(&self.version.toolchain());
                    (is_regular, archive.filename.as_str())
                })
        };
        own(platform).or_else(|| {
            let is_too_old = Version::parse("1.16beta1").is_some_and(|first| self.version < first);
            let is_apple = platform.os == "darwin" && platform.arch == "arm64";
            (is_apple && is_too_old)
                .then(|| {
                    own(Platform {
                        os: "darwin",
                        arch: "amd64",
                    })
                })
                .flatten()
        })
    }

    /// Adds what the table in this program knows of the same release.
    fn join(&mut self, table: Self) {
        for archive in table.archives {
            match self
                .archives
                .iter_mut()
                .find(|known| known.filename == archive.filename)
            {
                Some(known) => {
                    known.size = known.size.or(archive.size);
                    known.hash = std::mem::replace(&mut known.hash, Hash::Missing)
                        .joined_with_table(archive.hash);
                }
                None => self.archives.push(archive),
            }
        }
    }
}

impl Archive {
    /// The archive of this name; `None` where the name is not made of the release's toolchain and a platform.
    pub(crate) fn new(
        version: &Version,
        filename: String,
        sha256: &str,
        size: Option<u64>,
    ) -> Option<Self> {
        let platform = archive_platform(&filename, version)?;
        // Digits of either case mean the same.
        let sha256 = sha256.to_ascii_lowercase();
        let hash = if is_hex(&sha256, SHA256) {
            Hash::Published(sha256)
        } else {
            Hash::Missing
        };
        Some(Self {
            filename,
            platform,
            hash,
            size,
        })
    }
}

impl Hash {
    fn joined_with_table(self, table: Self) -> Self {
        match (self, table) {
            (Self::Published(index), Self::Published(table)) if index != table => {
                Self::Disputed { index, table }
            }
            (Self::Missing, table) => table,
            (index, _) => index,
        }
    }

    /// The hash, where it was published and nobody disputes it.
    pub fn published(&self) -> Option<&str> {
        match self {
            Self::Published(sha256) => Some(sha256),
            Self::Missing | Self::Disputed { .. } => None,
        }
    }
}

/// The platform in the name of an archive of `version`: `go1.4.2.darwin-amd64-osx10.8.tar.gz` is for darwin/amd64.
fn archive_platform(filename: &str, version: &Version) -> Option<Platform> {
    let rest = filename
        .strip_prefix(&version.toolchain())?
        .strip_prefix('.')?;
    let name = rest
        .strip_suffix(".tar.gz")
        .or_else(|| rest.strip_suffix(".zip"))?;
    let name = match name.rsplit_once("-osx") {
        Some((name, system)) if name.starts_with("darwin-") && system.starts_with("10.") => name,
        _ => name,
    };
    let platform = Platform::from_name(name)?;
    rest.ends_with(platform.extension()).then_some(platform)
}

/// The version and platform that the name of an archive such as `go1.22.10.linux-amd64.tar.gz` means.
pub(crate) fn parse_filename(filename: &str) -> Option<(Version, Platform)> {
    // The version ends at the last dot before the platform's dash.
    let (before, _) = filename.split_once('-')?;
    let (toolchain, _) = before.rsplit_once('.')?;
    let version = Version::parse(toolchain.strip_prefix("go")?)?;
    let platform = archive_platform(filename, &version)?;
    Some((version, platform))
}

/// Whether a file name is made of the characters that file names of Go are made of; no path is.
fn is_plain(name: &str) -> bool {
    name.len() <= 100
        && !name.starts_with('.')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINUX: Platform = Platform {
        os: "linux",
        arch: "amd64",
    };

    fn file(filename: &str) -> String {
        format!(
            r#"{{"filename":"{filename}","os":"","arch":"","version":"","sha256":"{}","size":1,"kind":"archive"}}"#,
            "ab".repeat(32)
        )
    }

    fn index(releases: &[(&str, &str)]) -> Index {
        let releases: Vec<_> = (releases.iter())
            .map(|(version, filename)| {
                format!(
                    r#"{{"version":"{version}","stable":true,"new":1,"files":[{}]}}"#,
                    file(filename)
                )
            })
            .collect();
        Index::parse(&format!("[{}]", releases.join(",")), "test").unwrap()
    }

    #[test]
    fn what_is_named_twice_is_one_thing_or_an_error() {
        let json = |second: &str| {
            let one = file("go1.22.10.linux-amd64.tar.gz");
            format!(
                r#"[{{"version":"go1.22.10","files":[{one},{one}]}},{{"version":"go1.22.10","files":[{second}]}}]"#
            )
        };
        let other = file("go1.22.10.linux-arm64.tar.gz");
        let both = Index::parse(&json(&other), "test").unwrap();
        assert_eq!(both.releases().len(), 1);
        assert_eq!(both.releases()[0].archives.len(), 2);
        let evil = file("go1.22.10.linux-amd64.tar.gz").replace("abab", "cdcd");
        let refused = Index::parse(&json(&evil), "test").unwrap_err().to_string();
        assert!(refused.contains("different things"), "{refused}");
    }

    fn select(index: &Index, query: &str, at_least: Option<&str>) -> Option<String> {
        let at_least = at_least.map(|floor| Version::parse(floor).unwrap());
        index
            .select(&Query::parse(query).unwrap(), at_least.as_ref(), LINUX)
            .ok()
            .map(|release| release.version.to_string())
    }

    #[test]
    fn queries_mean_the_newest_stable_patch() {
        let index = index(&[
            ("go1.22.9", "go1.22.9.linux-amd64.tar.gz"),
            ("go1.22.10", "go1.22.10.linux-amd64.tar.gz"),
            ("go1.24rc1", "go1.24rc1.linux-amd64.tar.gz"),
            ("go1.23.1", "go1.23.1.linux-amd64.tar.gz"),
            ("go1.23.2", "go1.23.2.darwin-arm64.tar.gz"),
            ("go1.20", "go1.20.linux-amd64.tar.gz"),
        ]);
        for (query, at_least, expected) in [
            ("1.22", None, Some("1.22.10")),
            ("1.22", Some("1.22.11"), None),
            ("1.22.9", None, Some("1.22.9")),
            ("latest", None, Some("1.23.1")),
            ("oldstable", None, Some("1.22.10")),
            ("1", None, Some("1.23.1")),
            ("1.24", None, None),
            ("1.24", Some("1.24rc1"), Some("1.24rc1")),
            ("1.24rc1", None, Some("1.24rc1")),
            ("1.20.0", None, Some("1.20")),
            ("1.23.2", None, None),
            ("1.19", None, None),
        ] {
            assert_eq!(
                select(&index, query, at_least).as_deref(),
                expected,
                "{query} {at_least:?}"
            );
        }
    }

    #[test]
    fn odd_entries_are_passed_over() {
        let index = index(&[
            ("go1", "go1.4-bootstrap-20170531.tar.gz"),
            ("go1.9.2rc2", "go1.9.2rc2.linux-amd64.tar.gz"),
            ("go1.22.1", "../go1.22.1.linux-amd64.tar.gz"),
            ("go1.22.2", "go1.22.3.linux-amd64.tar.gz"),
            ("go1.21.0", "go1.21.0.linux-amd64.tar.gz"),
        ]);
        assert_eq!(index.releases.len(), 1);
    }

    #[test]
    fn a_web_page_is_no_index() {
        let error = Index::parse("<!DOCTYPE html>", "http://h/").unwrap_err();
        assert!(error.to_string().contains("web page"), "{error}");
    }

    #[test]
    fn names_of_archives() {
        let version = Version::parse("1.4.2").unwrap();
        for (name, expected) in [
            ("go1.4.2.linux-amd64.tar.gz", Some("linux/amd64")),
            ("go1.4.2.linux-armv6l.tar.gz", Some("linux/arm")),
            ("go1.4.2.freebsd-arm.tar.gz", Some("freebsd/arm")),
            ("go1.4.2.darwin-386-osx10.6.tar.gz", Some("darwin/386")),
            ("go1.4.2.windows-amd64.zip", Some("windows/amd64")),
            ("go1.4.2.windows-amd64.tar.gz", None),
            ("go1.4.2.linux-amd64.zip", None),
            ("go1.4.2.linux-amd64-osx10.6.tar.gz", None),
            ("go1.4.20.linux-amd64.tar.gz", None),
            ("go1.4.2.src.tar.gz", None),
        ] {
            let platform = archive_platform(name, &version).map(|platform| platform.to_string());
            assert_eq!(platform.as_deref(), expected, "{name}");
        }
        for (name, expected) in [
            ("go1.22.10.linux-amd64.tar.gz", Some("1.22.10")),
            ("go1.21rc2.windows-386.zip", Some("1.21rc2")),
            ("go1.4.2.darwin-amd64-osx10.8.tar.gz", Some("1.4.2")),
            ("go1.4-bootstrap-20170531.tar.gz", None),
            ("x.tar.gz", None),
        ] {
            let version = parse_filename(name).map(|(version, _)| version.to_string());
            assert_eq!(version.as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn index_and_table_must_agree() {
        let release = |hash: &str| {
            let version = Version::parse("1.22.1").unwrap();
            let name = LINUX.archive("go1.22.1");
            let archive = Archive::new(&version, name, hash, None).unwrap();
            Release::new(version, vec![archive]).unwrap()
        };
        let (a, b) = ("a".repeat(64), "b".repeat(64));
        for (index, table, expected) in [
            (&*a, &*a, Hash::Published(a.clone())),
            (&*a, "", Hash::Published(a.clone())),
            ("", &*a, Hash::Published(a.clone())),
            ("", "", Hash::Missing),
            (
                &*a,
                &*b,
                Hash::Disputed {
                    index: a.clone(),
                    table: b.clone(),
                },
            ),
        ] {
            let index = Index::new(String::new(), vec![release(index)]);
            let joined = index.joined_with_table(Index::new(String::new(), vec![release(table)]));
            assert_eq!(joined.releases.len(), 1);
            assert_eq!(joined.releases[0].archives[0].hash, expected);
        }
    }

    #[test]
    fn apple_s_machines_run_older_releases_by_amd64() {
        let index = index(&[
            ("go1.15.15", "go1.15.15.darwin-amd64.tar.gz"),
            ("go1.16", "go1.16.darwin-amd64.tar.gz"),
            ("go1.17", "go1.17.darwin-arm64.tar.gz"),
        ]);
        let arm = Platform {
            os: "darwin",
            arch: "arm64",
        };
        let files: Vec<_> = index
            .for_platform(arm)
            .map(|release| &*release.archive(arm).unwrap().filename)
            .collect();
        assert_eq!(
            files,
            [
                "go1.17.darwin-arm64.tar.gz",
                "go1.15.15.darwin-amd64.tar.gz"
            ]
        );
    }
}
