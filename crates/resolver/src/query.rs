//! What a person writes to name a Go: a release, a series, or a word.

use std::fmt;

use crate::escape::Escaped;
use crate::version::Version;

/// A version query. The grammar is closed: nothing else, and never a path or an address, can be written where a query is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// One release, under the name that it is published with: `1.22.10`, `1.22rc1`.
    Release(Version),
    /// The newest patch of a minor (`1.22`) or of everything (`1`).
    Series(Series),
    /// The newest stable release: newest installed for the shim, newest published for `install`.
    Latest,
    /// The newest patch of the minor before the newest one.
    OldStable,
    /// The first `go` on PATH that is not goshim's.
    System,
    /// A toolchain name that no published release has, such as `go1.22.10-custom`, `go1.20.0` (it is called go1.20), `go1.28`
    /// (a language version) or `go2.0`; only `GOTOOLCHAIN` and the lines of go.mod and go.work give these.
    Named(String),
}

/// A series of releases: `1.22` has all patches of that minor, `1` all releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Any version of the series; its patch says nothing.
    member: Version,
    whole_major: bool,
}

/// Why a text is not a query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a Go version{}", Escaped(.text), suffix(*.reason))]
pub struct InvalidQuery {
    /// The text, as it was written.
    pub text: String,
    /// A reason beyond the grammar, such as that paths are not accepted.
    pub reason: Option<&'static str>,
}

fn suffix(reason: Option<&'static str>) -> String {
    reason.map_or_else(String::new, |reason| format!(": {reason}"))
}

impl InvalidQuery {
    /// What to write instead.
    pub const HINT: &'static str =
        "write a release such as 1.22.10, a series such as 1.22, or latest, oldstable or system";
}

impl Query {
    /// Parses what a person wrote, with or without a leading `go` or `v`.
    ///
    /// # Errors
    /// [`InvalidQuery`] where the text is outside the grammar
    /// `(go|v)?1[.MINOR[.PATCH|.x|(rc|beta)N]]`, `latest`, `stable`, `oldstable`, `system`.
    pub fn parse(text: &str) -> Result<Self, InvalidQuery> {
        let invalid = |reason| InvalidQuery {
            text: text.to_owned(),
            reason,
        };
        match text {
            "latest" | "stable" => return Ok(Self::Latest),
            "oldstable" => return Ok(Self::OldStable),
            "system" => return Ok(Self::System),
            _ => {}
        }
        if text.starts_with("path:") || text.contains(['/', '\\']) {
            return Err(invalid(Some("a path is never read from here")));
        }
        if text.starts_with("ref:") {
            return Err(invalid(Some("a source revision cannot be installed")));
        }
        let digits = text
            .strip_prefix("go")
            .or_else(|| text.strip_prefix('v'))
            .unwrap_or(text);
        let (digits, any_patch) = match digits.strip_suffix(".x") {
            Some(digits) => (digits, true),
            None => (digits, false),
        };
        let version = Version::parse(digits)
            .filter(within_limits)
            .ok_or_else(|| invalid(None))?;
        let dots = digits.bytes().filter(|b| *b == b'.').count();
        let is_series = dots < 2 && !version.is_prerelease();
        if any_patch && (!is_series) {
            return Err(invalid(None));
        }
        Ok(if is_series {
            Self::Series(Series {
                whole_major: dots == 0,
                member: version,
            })
        } else {
            Self::Release(version.release_name())
        })
    }

    /// The query for a toolchain name, where names are exact as in cmd/go (`GOTOOLCHAIN`, toolchain lines). `None` where cmd/go refuses it.
    pub fn from_toolchain(name: &str) -> Option<Self> {
        let version = Version::from_toolchain(name)?;
        let is_name =
            version.toolchain() == name && version.release_name().as_str() == version.as_str();
        let is_release = is_name && within_limits(&version) && !version.is_language();
        Some(if is_release {
            Self::Release(version)
        } else {
            Self::Named(name.to_owned())
        })
    }

    /// The query for the newest patch of the minor that `version` belongs to.
    pub fn series_of(version: &Version) -> Self {
        Self::Series(Series {
            member: version.clone(),
            whole_major: false,
        })
    }
}

/// The limits on what a query may name, far above any release: they keep every derived name short.
pub(crate) fn within_limits(version: &Version) -> bool {
    let [major, minor, patch, kind, pre] = version.fields();
    let kind_is_known = match kind {
        "" => pre.is_empty(),
        "rc" | "beta" => !pre.is_empty() && pre.len() <= 3 && pre != "0",
        _ => false,
    };
    major == "1" && minor.len() <= 4 && patch.len() <= 4 && kind_is_known
}

impl Series {
    /// Whether `version` is a release of this series. Prereleases never are: they count only where they are named.
    pub fn contains(&self, version: &Version) -> bool {
        !version.is_prerelease() && self.covers(version)
    }

    /// Whether some release of this series can be `floor` or newer.
    pub fn reaches(&self, floor: &Version) -> bool {
        self.covers(floor) || self.member >= *floor
    }

    /// Whether `version`, prerelease or not, belongs to the minor (or major) of this series.
    pub fn covers(&self, version: &Version) -> bool {
        if self.whole_major {
            self.member.same_major(version)
        } else {
            self.member.same_minor(version)
        }
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, ..] = self.member.fields();
        if self.whole_major {
            f.write_str(major)
        } else {
            write!(f, "{major}.{minor}")
        }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // `1.20` would read as the series: the release is written with all three numbers, so that text and query round-trip.
            Self::Release(version) => match version.fields() {
                [major, minor, patch, "", _] => write!(f, "{major}.{minor}.{patch}"),
                _ => version.fmt(f),
            },
            Self::Series(series) => series.fmt(f),
            Self::Latest => f.write_str("latest"),
            Self::OldStable => f.write_str("oldstable"),
            Self::System => f.write_str("system"),
            Self::Named(name) => Escaped(name).fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_release_has_one_query() {
        for text in ["1.22.10", "go1.22.10", "v1.22.10"] {
            assert_eq!(Query::parse(text).unwrap().to_string(), "1.22.10");
        }
        assert!(
            matches!(Query::parse("1.20.0").unwrap(), Query::Release(version) if version.toolchain() == "go1.20")
        );
        assert!(matches!(
            Query::parse("1.22rc1").unwrap(),
            Query::Release(_)
        ));
    }

    #[test]
    fn series_have_two_numbers_or_one() {
        for (text, shown) in [
            ("1.22", "1.22"),
            ("go1.22", "1.22"),
            ("1.22.x", "1.22"),
            ("1.20", "1.20"),
            ("1", "1"),
        ] {
            let query = Query::parse(text).unwrap();
            assert!(matches!(query, Query::Series(_)), "{text}");
            assert_eq!(query.to_string(), shown);
        }
        let version = |text| Version::parse(text).unwrap();
        let Query::Series(series) = Query::parse("1.22").unwrap() else {
            panic!("a series")
        };
        assert!(series.contains(&version("1.22.0")) && series.contains(&version("1.22.10")));
        assert!(!series.contains(&version("1.22rc1")) && !series.contains(&version("1.23.0")));
        assert!(
            series.reaches(&version("1.22.99"))
                && series.reaches(&version("1.21.3"))
                && !series.reaches(&version("1.23"))
        );
    }

    #[test]
    fn the_grammar_is_closed() {
        for text in [
            "",
            "go",
            "1.",
            "1.22d",
            "1.24.0rc2",
            "1.022",
            "2",
            "2.0",
            "1.22.x.x",
            "1.22.1.x",
            "../x",
            "/x",
            "-rf",
            "path:/tmp/x",
            "ref:master",
            "1.22.10 ",
            "1.22\n",
            "LATEST",
            "1.99999",
            "1.22rc0",
            "1.22alpha1",
            "１.22",
            "http://x",
            "1.22.10-custom",
        ] {
            assert!(Query::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn toolchain_names_are_exact() {
        for name in [
            "go1.22.0-custom",
            "go1.20.0",
            "go1.28",
            "go2.0",
            "go1.22rc",
            "go1.22alpha1",
            "go1.22.12345",
        ] {
            assert_eq!(
                Query::from_toolchain(name),
                Some(Query::Named(name.to_owned()))
            );
        }
        assert!(matches!(
            Query::from_toolchain("go1.20"),
            Some(Query::Release(_))
        ));
        assert_eq!(Query::from_toolchain("1.22.0"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_names_one_plain_component(text in r"\PC{0,30}") {
            let Ok(query) = Query::parse(&text) else { return Ok(()) };
            prop_assert_eq!(Query::parse(&query.to_string()), Ok(query.clone()));
            if let Query::Release(version) = query {
                let name = version.toolchain();
                prop_assert!(name.starts_with("go1") && !name.contains("..") && !name.contains(['/', '\\']) && name.len() < 32);
            }
        }
    }
}
