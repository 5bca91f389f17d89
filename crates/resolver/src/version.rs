//! Go versions, in the grammar and order of cmd/go's own version package.
//!
//! The rules are those of `cmd/go/internal/gover` (`gover.go`, `toolchain.go`), which differ from semantic versions in three ways
//! that matter: `1.21` is a *language version* that sorts before `1.21rc1`, which sorts before the release `1.21.0`; below 1.21
//! the first release of a minor has no patch number (`1.20` equals `1.20.0`); and there is no prerelease of a patch.

use std::cmp::Ordering;
use std::fmt;

/// A valid Go version without the leading `go`, such as `1.22.10`, `1.21` or `1.22rc2`.
///
/// Order and equality are Go's (`gover.Compare`): `1.20` and `1.20.0` are equal although [`Version::as_str`] differs.
/// Numbers are unbounded and kept as text, as in Go.
#[derive(Clone)]
pub struct Version {
    text: String,
    parts: Parts,
}

/// The fields that Go compares, in the order in which it compares them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Parts {
    major: Decimal,
    minor: Decimal,
    patch: Decimal,
    kind: String,
    pre: Decimal,
}

/// A decimal number as text, without leading zeros; empty sorts before `0` (`gover.CmpInt`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Decimal(String);

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0
            .len()
            .cmp(&other.0.len())
            .then_with(|| self.0.cmp(&other.0))
    }
}

impl Version {
    /// Parses a version without its `go` prefix; `None` where Go calls it invalid (`gover.Parse`).
    pub fn parse(text: &str) -> Option<Self> {
        let parts = Parts::parse(text)?;
        Some(Self {
            text: text.to_owned(),
            parts,
        })
    }

    /// The version in a toolchain name such as `go1.22.10` or `go1.22.10-custom`; `None` where Go finds none.
    ///
    /// `gover.FromToolchain`: a suffix begins with a blank, a tab or `-`; a name with a slash is never a toolchain.
    pub fn from_toolchain(name: &str) -> Option<Self> {
        if name.contains(['/', '\\']) {
            return None;
        }
        let rest = name.strip_prefix("go")?;
        let version = rest.split([' ', '\t', '-']).next().unwrap_or_default();
        Self::parse(version)
    }

    /// The language version `1.<minor>`, for a minor since 1.21, where it differs from every release.
    pub(crate) fn language_version(minor: u32) -> Self {
        Self {
            text: format!("1.{minor}"),
            parts: Parts {
                major: Decimal("1".to_owned()),
                minor: Decimal(minor.to_string()),
                ..Parts::default()
            },
        }
    }

    /// The version as it was written, such as `1.22.10`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The toolchain name, such as `go1.22.10`. It is always a single, plain path component.
    pub fn toolchain(&self) -> String {
        format!("go{}", self.text)
    }

    /// Whether this is a language version such as `1.22`, of which there is no release (`gover.IsLang`).
    pub fn is_language(&self) -> bool {
        self.parts.patch.0.is_empty() && self.parts.kind.is_empty() && self.parts.pre.0.is_empty()
    }

    /// The language version that this version belongs to: `1.22` for `1.22.10`, `1` for `1.0.3` (`gover.Lang`).
    pub fn language(&self) -> String {
        let Parts { major, minor, .. } = &self.parts;
        if major.0 == "1" && minor.0 == "0" {
            major.0.clone()
        } else {
            format!("{}.{}", major.0, minor.0)
        }
    }

    /// Whether this is a beta or a release candidate (`gover.IsPrerelease`).
    pub fn is_prerelease(&self) -> bool {
        !self.parts.kind.is_empty()
    }

    /// The language version before this one: `1.21` for `1.22.10`; the major number alone below `x.2` (`gover.Prev`).
    pub fn previous_language(&self) -> String {
        let Parts { major, minor, .. } = &self.parts;
        match minor.0.as_str() {
            "0" | "1" => major.0.clone(),
            _ => format!("{}.{}", major.0, decrement(&minor.0)),
        }
    }

    /// Whether both belong to one minor (`1.22.3` and `1.22rc1` do).
    pub fn same_minor(&self, other: &Self) -> bool {
        self.parts.major == other.parts.major && self.parts.minor == other.parts.minor
    }

    /// Whether the major number is `other`'s.
    pub fn same_major(&self, other: &Self) -> bool {
        self.parts.major == other.parts.major
    }

    /// The version under the name that its release has: there is no go1.20.0, that release is called go1.20, and go1.0.0 is go1.
    ///
    /// From 1.21 on the first release of a minor is written with its `.0`, and nothing changes.
    #[must_use]
    pub fn release_name(&self) -> Self {
        let Parts {
            major,
            minor,
            patch,
            kind,
            ..
        } = &self.parts;
        let before_patch_zero = minor.cmp(&Decimal("21".to_owned())) == Ordering::Less;
        if !before_patch_zero || patch.0 != "0" || !kind.is_empty() {
            return self.clone();
        }
        let text = if minor.0 == "0" {
            major.0.clone()
        } else {
            format!("{}.{}", major.0, minor.0)
        };
        Self {
            text,
            parts: self.parts.clone(),
        }
    }

    /// The five fields major, minor, patch, kind, prerelease number, empty where absent.
    pub fn fields(&self) -> [&str; 5] {
        let Parts {
            major,
            minor,
            patch,
            kind,
            pre,
        } = &self.parts;
        [&major.0, &minor.0, &patch.0, kind, &pre.0]
    }
}

impl Parts {
    fn parse(text: &str) -> Option<Self> {
        let (major, rest) = cut_number(text)?;
        let mut parts = Self {
            major,
            ..Self::default()
        };
        if rest.is_empty() {
            parts.minor = Decimal("0".to_owned());
            parts.patch = Decimal("0".to_owned());
            return Some(parts);
        }
        let (minor, rest) = cut_number(rest.strip_prefix('.')?)?;
        parts.minor = minor;
        if rest.is_empty() {
            // Before 1.21 there were no language versions: 1.20 is the release that 1.20.0 would be.
            if parts.minor < Decimal("21".to_owned()) {
                parts.patch = Decimal("0".to_owned());
            }
            return Some(parts);
        }
        if let Some(rest) = rest.strip_prefix('.') {
            let (patch, rest) = cut_number(rest)?;
            parts.patch = patch;
            return rest.is_empty().then_some(parts);
        }
        let digits = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (kind, number) = rest.split_at_checked(digits)?;
        if kind.is_empty() || !kind.bytes().all(|b| b.is_ascii_lowercase()) {
            return None;
        }
        kind.clone_into(&mut parts.kind);
        if number.is_empty() {
            return Some(parts);
        }
        let (pre, rest) = cut_number(number)?;
        parts.pre = pre;
        rest.is_empty().then_some(parts)
    }
}

/// A decimal number without leading zeros from the front of `text`, and the rest (`gover.cutInt`).
fn cut_number(text: &str) -> Option<(Decimal, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    let leading_zero = digits.len() > 1 && digits.starts_with('0');
    (!digits.is_empty() && !leading_zero).then(|| (Decimal(digits.to_owned()), rest))
}

/// The decimal number before a positive one (`gover.DecInt`).
fn decrement(digits: &str) -> String {
    let mut reversed = Vec::with_capacity(digits.len());
    let mut borrow = true;
    for digit in digits.bytes().rev() {
        reversed.push(match (borrow, digit) {
            (true, b'0') => '9',
            (true, digit) => {
                borrow = false;
                char::from(digit - 1)
            }
            (false, digit) => char::from(digit),
        });
    }
    let text: String = reversed.into_iter().rev().collect();
    match text.trim_start_matches('0') {
        "" => "0".to_owned(),
        trimmed => trimmed.to_owned(),
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts.cmp(&other.parts)
    }
}

impl std::hash::Hash for Version {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.parts.hash(state);
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Version({})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../tests/vectors/version.json")).unwrap()
    }

    #[test]
    fn parses_as_go_does() {
        let vectors = vectors();
        let cases = vectors["versions"].as_array().unwrap();
        assert_eq!(cases.len(), 64, "the vectors are whole");
        for case in cases {
            let text = case["v"].as_str().unwrap();
            let version = Version::parse(text);
            assert_eq!(
                version.is_some(),
                case["valid"].as_bool().unwrap(),
                "{text}: valid"
            );
            let Some(version) = version else { continue };
            assert_eq!(
                version.is_language(),
                case["is_lang"].as_bool().unwrap(),
                "{text}: is_lang"
            );
            assert_eq!(
                version.language(),
                case["lang"].as_str().unwrap(),
                "{text}: lang"
            );
            assert_eq!(
                version.is_prerelease(),
                case["prerelease"].as_bool().unwrap(),
                "{text}: prerelease"
            );
            assert_eq!(
                version.previous_language(),
                case["prev"].as_str().unwrap(),
                "{text}: prev"
            );
            let parsed: Vec<_> = case["parsed"]
                .as_array()
                .unwrap()
                .iter()
                .map(|f| f.as_str().unwrap())
                .collect();
            assert_eq!(version.fields().as_slice(), parsed, "{text}: fields");
        }
    }

    #[test]
    fn orders_as_go_does() {
        let vectors = vectors();
        let classes: Vec<Vec<&str>> = (vectors["sorted"].as_array().unwrap().iter())
            .map(|class| {
                class
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|v| v.as_str().unwrap())
                    .collect()
            })
            .collect();
        assert_eq!(classes.len(), 41, "the vectors are whole");
        let ranked = || {
            classes
                .iter()
                .enumerate()
                .flat_map(|(rank, class)| class.iter().map(move |v| (rank, *v)))
        };
        for (rank, a) in ranked() {
            for (other_rank, b) in ranked() {
                // An invalid version is `None`, which sorts before every valid one, as in Go.
                assert_eq!(
                    Version::parse(a).cmp(&Version::parse(b)),
                    rank.cmp(&other_rank),
                    "{a} against {b}"
                );
            }
        }
    }

    #[test]
    fn reads_toolchain_names_as_go_does() {
        let vectors = vectors();
        let names = vectors["from_toolchain"].as_object().unwrap();
        assert_eq!(names.len(), 27, "the vectors are whole");
        for (name, expected) in names {
            let version = Version::from_toolchain(name);
            assert_eq!(
                version.as_ref().map_or("", Version::as_str),
                expected.as_str().unwrap(),
                "{name:?}"
            );
        }
    }

    #[test]
    fn names_releases_as_they_are_published() {
        for (written, name) in [
            ("1.20.0", "1.20"),
            ("1.20", "1.20"),
            ("1.20.1", "1.20.1"),
            ("1.21.0", "1.21.0"),
            ("1.0.0", "1"),
            ("1.18beta1", "1.18beta1"),
        ] {
            assert_eq!(
                Version::parse(written).unwrap().release_name().as_str(),
                name
            );
        }
    }
}
