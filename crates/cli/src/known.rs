//! What is known of the published releases without asking anybody: which are supported, and whether a newer patch is out.

use goshim_installer::index::Index;
use goshim_installer::table;
use goshim_resolver::{Platform, Query, Version};

/// How many minors Go supports: the newest ones (<https://go.dev/doc/devel/release>).
const SUPPORTED_MINORS: usize = 2;

/// Whether Go's developers still repair a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Support {
    /// Its minor is among the newest two.
    Supported,
    /// It is not.
    EndOfLife,
    /// A beta or a release candidate: it was never supported.
    Prerelease,
}

impl Support {
    /// The word for people.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::EndOfLife => "end of life",
            Self::Prerelease => "prerelease",
        }
    }

    /// The word in JSON; stable.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::EndOfLife => "end-of-life",
            Self::Prerelease => "prerelease",
        }
    }
}

/// The stable releases that somebody knows.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Of each minor the newest patch for any platform, newest first.
    newest: Vec<Version>,
    /// The same for the platform that the question is about.
    newest_here: Vec<Version>,
}

impl Known {
    /// What the index knows for a platform, and what is installed: a release that is here was published, whatever an old index says.
    /// What is supported is decided by Go's own releases, of which an index may offer a few. Nothing at all where there is no index.
    pub(crate) fn new<'a>(
        index: Option<&'a Index>,
        platform: Platform,
        installed: impl IntoIterator<Item = &'a Version>,
    ) -> Self {
        let Some(index) = index else {
            return Self::default();
        };
        let installed: Vec<&Version> = installed.into_iter().collect();
        let everywhere = index.releases().iter();
        let everywhere = everywhere.map(|release| &release.version);
        let here = index.for_platform(platform);
        let here = here.map(|release| &release.version);
        let official: Vec<Version> = table::stable().collect();
        Self {
            newest: newest_of_minors(everywhere.chain(&official).chain(installed.iter().copied())),
            newest_here: newest_of_minors(here.chain(installed.iter().copied())),
        }
    }

    /// Whether a release is supported; `None` where no release is known.
    pub(crate) fn support(&self, version: &Version) -> Option<Support> {
        let newest = self.newest.first()?;
        if version.is_prerelease() {
            return Some(Support::Prerelease);
        }
        let mut supported = self.newest.iter().take(SUPPORTED_MINORS);
        let is_supported = version > newest || supported.any(|newest| newest.same_minor(version));
        Some(if is_supported {
            Support::Supported
        } else {
            Support::EndOfLife
        })
    }

    /// The newest patch of a release's minor, where it is newer.
    pub(crate) fn newer_patch(&self, version: &Version) -> Option<&Version> {
        let mut newest = self.newest_here.iter();
        let newest = newest.find(|newest| newest.same_minor(version));
        newest.filter(|newest| *newest > version)
    }
}

/// Of each minor the newest stable release, newest first.
fn newest_of_minors<'a>(versions: impl Iterator<Item = &'a Version>) -> Vec<Version> {
    let mut versions: Vec<&Version> = versions
        .filter(|version| !version.is_prerelease())
        .collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions.dedup_by(|next, kept| next.same_minor(kept));
    versions.into_iter().cloned().collect()
}

/// A release as people write it: `1.20.0`, for `1.20` is the series.
pub(crate) fn as_query(version: &Version) -> String {
    Query::Release(version.clone()).to_string()
}
