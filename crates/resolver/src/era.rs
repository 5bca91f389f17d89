//! The generations of cmd/go whose behaviour before and during toolchain selection differs.

use crate::version::Version;

/// A generation of cmd/go, named by the first minor that has its behaviour. Each was observed with one release.
///
/// Go 1.20 and older have no generation: they do not select a toolchain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Era {
    /// Go 1.21, as 1.21.13: a toolchain line that equals the minimum replaces it.
    Go121,
    /// Go 1.22 to 1.26, as 1.22.10: `go install pkg@version` does not read the module's file.
    Go122,
    /// Go 1.27 and later, as 1.27.3: it does, and `go env GOMOD` never switches.
    Go127,
}

impl Era {
    /// The newest generation, whose rules goshim follows itself.
    pub(crate) const NEWEST: Self = Self::Go127;

    /// The generation of a Go release; `None` before 1.21, which is where selection began.
    pub(crate) fn of(version: &Version) -> Option<Self> {
        [Self::Go127, Self::Go122, Self::Go121]
            .into_iter()
            .find(|era| *version >= era.first())
    }

    /// The language version with which it began, which is below everything else of its minor, prereleases included.
    pub(crate) fn first(self) -> Version {
        Version::language_version(match self {
            Self::Go121 => 21,
            Self::Go122 => 22,
            Self::Go127 => 27,
        })
    }
}
