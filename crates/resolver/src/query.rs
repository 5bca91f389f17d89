//! What a person writes to name a Go: a release, a series, or a word.

use std::fmt;

use crate::escape::Escaped;
use crate::linked;
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
    /// An SDK of the user's own, under the name that `goshim link` gave it; whether there is one is not looked at here.
    Linked(linked::Name),
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
    /// What to write, whatever stood there.
    pub const HINT: &'static str =
        "write a release such as 1.22.10, a series such as 1.22, or latest, oldstable or system";

    fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            reason: reason(text),
        }
    }

    /// The name of no linked SDK. It may as well be a mistake for anything else.
    pub fn not_linked(name: &linked::Name) -> Self {
        Self {
            text: name.to_string(),
            reason: Some(NOT_LINKED),
        }
    }

    /// Whether all that is wrong is that no SDK is linked under this name.
    pub fn is_not_linked(&self) -> bool {
        self.reason == Some(NOT_LINKED)
    }

    /// What to write instead: the one version that the text may mean, where there is one.
    pub fn hint(&self) -> String {
        match likely(&self.text) {
            Some(query) => format!("write {query}, if that is what is meant"),
            None if self.is_not_linked() => {
                format!(
                    "{}; or goshim link {} DIR gives an SDK of your own this name",
                    Self::HINT,
                    self.text
                )
            }
            None => Self::HINT.to_owned(),
        }
    }
}

/// What is wrong with a word that could be a name.
const NOT_LINKED: &str = "no linked SDK has this name either";

/// The release that everybody skipped: 1.7.3 followed on 1.7.1. All other gaps lie before the first published archive, 1.2.2.
const NEVER_PUBLISHED: &str = "1.7.2";

/// What is wrong with a text that is no query, where more can be said than that.
fn reason(text: &str) -> Option<&'static str> {
    let version = Version::parse(text.trim_start_matches("go").trim_start_matches('v'));
    if text.starts_with(['{', '[']) {
        Some("it looks like JSON")
    } else if text.starts_with(['<', '>', '=', '^', '~', '!']) || text.contains('*') {
        Some("a range or a pattern is never read from here")
    } else if text.contains(char::is_whitespace) {
        Some("it is more than one word")
    } else if text.starts_with("path:") || text.contains(['/', '\\']) {
        Some("a path is never read from here")
    } else if text == "go" || text == "golang" {
        Some("goshim is for Go alone, and reads nothing but its version")
    } else if text.starts_with("ref:") {
        Some("a source revision cannot be installed")
    } else if prerelease_of_patch(text).is_some() {
        Some("only a minor has betas and release candidates, and they have no patch number")
    } else if text.ends_with('.') {
        Some("a number is missing at its end")
    } else if version.as_ref().is_some_and(is_never_published) {
        Some("no such release was ever published")
    } else if version.is_some_and(|version| version.fields().first() != Some(&"1")) {
        Some("the first number of every Go is 1")
    } else {
        None
    }
}

fn is_never_published(version: &Version) -> bool {
    version.as_str() == NEVER_PUBLISHED
}

/// The patch release and the prerelease's tail of `1.24.0rc2`: (`1.24`, `0`, `rc2`).
///
/// One release was published under such a name, go1.9.2rc2; Go itself finds no version in it.
fn prerelease_of_patch(text: &str) -> Option<(&str, &str, &str)> {
    let digits = |c: char| c.is_ascii_digit();
    let (minor, rest) = text.rsplit_once('.')?;
    let kind = rest.find(|c| !digits(c)).filter(|at| *at > 0)?;
    let (patch, pre) = rest.split_at_checked(kind)?;
    let is_prerelease = ["rc", "beta"].iter().any(|kind| pre.starts_with(kind));
    (is_prerelease && minor.contains('.')).then_some((minor, patch, pre))
}

/// The one version that a text may mean which is no query: `go version go1.16.5 linux/amd64`, `echo "1.23" > .go-version`, `1.23.`.
fn likely(text: &str) -> Option<Query> {
    if let Some((minor, patch, pre)) = prerelease_of_patch(text) {
        let likely = if patch == "0" {
            format!("{minor}{pre}")
        } else {
            format!("{minor}.{patch}")
        };
        return Query::parse(&likely).ok();
    }
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    let mut queries = words.filter_map(|word| {
        let word = word
            .trim_start_matches(|c: char| c.is_ascii_alphabetic())
            .trim_end_matches('.');
        let query = Query::parse(word).ok()?;
        word.contains('.').then_some(query)
    });
    let first = queries.next()?;
    queries.all(|query| query == first).then_some(first)
}

impl Query {
    /// Parses what a person wrote, with or without a leading `go` or `v`.
    ///
    /// # Errors
    /// [`InvalidQuery`] where the text is outside the grammar
    /// `(go|v)?1[.MINOR[.PATCH|.x|(rc|beta)N]]`, `latest`, `stable`, `oldstable`, `system`, or [`linked::Name`].
    pub fn parse(text: &str) -> Result<Self, InvalidQuery> {
        match linked::Name::parse(text) {
            Some(name) => Ok(Self::Linked(name)),
            None => Self::parse_version(text),
        }
    }

    /// As [`Query::parse`], where the name of a linked SDK means nothing: what is published has none.
    ///
    /// # Errors
    /// As [`Query::parse`].
    pub fn parse_version(text: &str) -> Result<Self, InvalidQuery> {
        match text {
            "latest" | "stable" => return Ok(Self::Latest),
            "oldstable" => return Ok(Self::OldStable),
            "system" => return Ok(Self::System),
            _ => {}
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
            .filter(|version| within_limits(version) && !is_never_published(version))
            .ok_or_else(|| InvalidQuery::new(text))?;
        let dots = digits.bytes().filter(|b| *b == b'.').count();
        let is_series = dots < 2 && !version.is_prerelease();
        if any_patch && (!is_series) {
            return Err(InvalidQuery::new(text));
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
        let is_release = is_name
            && within_limits(&version)
            && !version.is_language()
            && !is_never_published(&version);
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
            Self::Linked(name) => name.fmt(f),
            Self::Named(name) => Escaped(name).fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn what_is_wrong_is_said_with_what_was_likely_meant() {
        for (text, reason, likely) in [
            ("1.24.0rc2", "no patch number", Some("1.24rc2")),
            ("1.9.2rc2", "no patch number", Some("1.9.2")),
            ("go1.18.0beta1", "no patch number", Some("1.18beta1")),
            ("1.7.2", "ever published", None),
            ("go1.7.2", "ever published", None),
            ("2.0.0", "is 1", None),
            (">=1.20", "a range", Some("1.20")),
            ("1.22.*", "a range or a pattern", Some("1.22")),
            ("/opt/go", "a path", None),
            ("go1.21 or go1.22", "more than one word", None),
            ("go1.22 or 1.22", "more than one word", Some("1.22")),
        ] {
            let invalid = Query::parse(text).unwrap_err();
            assert!(invalid.to_string().contains(reason), "{invalid}");
            let hint = likely.map_or(InvalidQuery::HINT.to_owned(), |likely| {
                format!("write {likely}, if that is what is meant")
            });
            assert_eq!(invalid.hint(), hint, "{text}");
        }
        assert_eq!(Query::parse("1.22d").unwrap_err().reason, None);
        assert_eq!(
            Query::from_toolchain("go1.7.2"),
            Some(Query::Named("go1.7.2".to_owned()))
        );
    }
}
