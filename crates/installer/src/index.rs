//! The index of published releases, in the JSON of <https://go.dev/dl/?mode=json&include=all>.

use goshim_resolver::escape::Escaped;
use goshim_resolver::{Query, Version};
use serde::Deserialize;

use crate::error::Error;
use crate::platform::Platform;

/// All releases that the index names and that goshim can mean, newest first.
#[derive(Clone, Debug)]
pub struct Index {
    releases: Vec<Release>,
}

/// A published release.
#[derive(Clone, Debug)]
pub struct Release {
    /// Its version.
    pub version: Version,
    /// Neither a beta nor a release candidate.
    pub is_stable: bool,
    archives: Vec<Archive>,
}

/// An archive of a release.
#[derive(Clone, Debug)]
pub(crate) struct Archive {
    pub(crate) filename: String,
    /// 64 lower-case hexadecimal digits; `None` for the 22 old releases that have no hash in the index.
    pub(crate) sha256: Option<String>,
    /// Bytes; `None` where the index says 0.
    pub(crate) size: Option<u64>,
}

/// The JSON; unknown fields are ignored.
#[derive(Deserialize)]
struct JsonRelease {
    version: String,
    #[serde(default)]
    files: Vec<JsonFile>,
}

#[derive(Deserialize)]
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
        if json.trim_start().starts_with('<') {
            return Err(invalid("it is a web page".to_owned()));
        }
        let json: Vec<JsonRelease> = serde_json::from_str(json)
            .map_err(|error| invalid(Escaped(&error.to_string()).to_string()))?;
        let mut releases: Vec<Release> = json.into_iter().filter_map(Release::from_json).collect();
        if releases.is_empty() {
            return Err(invalid("it names no release".to_owned()));
        }
        releases.sort_by(|a, b| b.version.cmp(&a.version));
        Ok(Self { releases })
    }

    /// All releases with an archive for `platform`, newest first.
    pub fn for_platform(&self, platform: Platform) -> impl Iterator<Item = &Release> {
        self.releases
            .iter()
            .filter(move |release| release.archive(platform).is_some())
    }

    /// The release that `query` means: of a series the newest stable patch. None below `at_least` will do; where that is a
    /// prerelease itself and nothing stable has followed, a prerelease will do.
    ///
    /// # Errors
    /// Where there is none.
    pub(crate) fn select(
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
            let release = self
                .releases
                .iter()
                .find(|release| release.version == *version)
                .filter(meets)
                .ok_or_else(no_release)?;
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
            Query::Release(_) | Query::System | Query::Named(_) => {
                return Err(Error::NotInstallable {
                    query: query.to_string(),
                });
            }
        };
        found.ok_or_else(no_release)
    }
}

impl Release {
    /// Takes what goshim can mean: a valid version and archives under their regular names. This passes over the bootstrap entry
    /// (`go1` with an archive of 1.4), go1.9.2rc2 (no version by Go's own rules) and the second archives of old macOS releases.
    fn from_json(json: JsonRelease) -> Option<Self> {
        let version = json.version.strip_prefix("go").and_then(Version::parse)?;
        let prefix = format!("{}.", json.version);
        let archives = json
            .files
            .into_iter()
            .filter(|file| file.kind == "archive" && is_plain(&file.filename))
            .filter_map(|file| {
                let platform = file.filename.strip_prefix(&prefix)?;
                let is_regular = platform.bytes().filter(|byte| *byte == b'-').count() == 1;
                let is_hash = file.sha256.len() == 64
                    && file
                        .sha256
                        .bytes()
                        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
                is_regular.then(|| Archive {
                    sha256: is_hash.then_some(file.sha256),
                    size: Some(file.size).filter(|size| *size > 0),
                    filename: file.filename,
                })
            });
        let archives: Vec<Archive> = archives.collect();
        let is_stable = !version.is_prerelease();
        (!archives.is_empty()).then_some(Self {
            version,
            is_stable,
            archives,
        })
    }

    /// The archive for `platform`.
    pub(crate) fn archive(&self, platform: Platform) -> Option<&Archive> {
        let name = platform.archive(&self.version.toolchain());
        self.archives
            .iter()
            .find(|archive| archive.filename == name)
    }
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
}
