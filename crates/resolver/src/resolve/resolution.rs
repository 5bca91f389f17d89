//! What a resolution comes to, and the words for it.

use std::path::{Path, PathBuf};

use crate::environment::Assignment;
use crate::error::Error;
use crate::linked::Linked;
use crate::origin::{Origin, Place, Step};
use crate::query::Query;
use crate::settings::{AutoInstall, Config, GorootSetting, Policy};
use crate::store::Sdk;
use crate::system::SystemGo;
use crate::version::Version;

/// A query with the place that asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is asked for. Of several the first installed one counts.
    pub queries: Vec<Query>,
    /// Who asks.
    pub origin: Origin,
}

impl Choice {
    pub(super) fn one(query: Query, origin: Origin) -> Self {
        Self {
            queries: vec![query],
            origin,
        }
    }

    /// The queries as text, separated by blanks.
    pub fn text(&self) -> String {
        self.queries
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// The least Go that the governing go.mod or go.work accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Floor {
    /// It.
    pub version: Version,
    /// The line that says so.
    pub place: Place,
}

impl Floor {
    /// The error for a floor that no release can meet, such as `go 2.0`.
    pub(super) fn no_such_release(&self) -> Error {
        Error::NoSuchRelease {
            name: self.version.toolchain(),
            asker: format!("the go line of {}", self.place),
        }
    }
}

/// What is missing, for the installer to turn into a release: only it has the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The query.
    pub query: Query,
    /// The least release of it that will do.
    pub at_least: Option<Version>,
}

impl Wanted {
    /// It for people: `1.22 (1.22.5 or newer)`.
    pub fn text(&self) -> String {
        match self.narrowing_floor() {
            Some(floor) => format!("{} ({floor} or newer)", self.query),
            None => self.query.to_string(),
        }
    }

    /// The words that install it, for people.
    pub fn command(&self) -> String {
        format!("goshim {}", self.arguments().join(" "))
    }

    /// The arguments with which `goshim` installs it.
    pub fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["install".to_owned()];
        if self.query == Query::OldStable {
            // It is the minor before the newest one, so the newest one has to be there as well.
            arguments.push(Query::Latest.to_string());
        }
        arguments.push(self.query.to_string());
        if let Some(floor) = self.narrowing_floor() {
            arguments.extend(["--at-least".to_owned(), floor.to_string()]);
        }
        arguments
    }

    /// Whether nothing that it means can be `min` or newer.
    fn is_older_than(&self, min: &Version) -> bool {
        match &self.query {
            Query::Release(version) => version < min,
            Query::Series(series) => !series.reaches(min),
            Query::Latest
            | Query::OldStable
            | Query::System
            | Query::Linked(_)
            | Query::Named(_) => false,
        }
    }

    /// The floor where it says more than the query: every patch of 1.22 is 1.22 or newer, and a release is what it is.
    fn narrowing_floor(&self) -> Option<&Version> {
        self.at_least.as_ref().filter(|floor| match &self.query {
            Query::Release(_) => false,
            Query::Series(series) => series.to_string() != floor.as_str(),
            Query::Latest
            | Query::OldStable
            | Query::System
            | Query::Linked(_)
            | Query::Named(_) => true,
        })
    }
}

/// The Go that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selected {
    /// An SDK of the store.
    Installed(Sdk),
    /// A Go that is not goshim's.
    System(SystemGo),
    /// An SDK of the user's own, under a name.
    Linked(Linked),
    /// An SDK that the store does not have.
    Missing(Wanted),
}

impl Selected {
    /// Its version; `None` where it is missing, or does not say.
    pub fn version(&self) -> Option<&Version> {
        match self {
            Self::Installed(sdk) => Some(&sdk.version),
            Self::System(go) => go.version.as_ref(),
            Self::Linked(linked) => linked.version.as_ref(),
            Self::Missing(_) => None,
        }
    }

    /// Its root; `None` where it is missing.
    pub fn root(&self) -> Option<&Path> {
        match self {
            Self::Installed(sdk) => Some(&sdk.root),
            Self::System(go) => Some(&go.root),
            Self::Linked(linked) => Some(&linked.root),
            Self::Missing(_) => None,
        }
    }

    /// The path of one of its programs, `go` or `gofmt`; `None` where it is missing.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        match self {
            Self::Installed(sdk) => Some(sdk.program(name)),
            Self::System(go) => Some(go.program(name)),
            Self::Linked(linked) => Some(linked.program(name)),
            Self::Missing(_) => None,
        }
    }
}

/// A pin and the go line of one project disagree, and the pin was raised: worth one line to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The pin's line.
    pub pin: Place,
    /// What it says.
    pub query: String,
    /// The floor that it is below.
    pub floor: Floor,
}

/// The outcome of a resolution, with everything that led to it.
#[derive(Debug)]
pub struct Resolution {
    /// The query that won; `None` where only a floor speaks, or nothing.
    pub choice: Option<Choice>,
    /// The floor, where one applies.
    pub floor: Option<Floor>,
    /// Whether the floor changed what runs.
    pub raised: bool,
    /// The policy that applied.
    pub policy: Policy,
    /// The Go that runs, or why none can.
    pub outcome: Result<Selected, Error>,
    /// Whether the child needs `GOTOOLCHAIN=local`, so that cmd/go does not leave the selection.
    pub hold: bool,
    /// A disagreement worth telling.
    pub notice: Option<Notice>,
    /// What the shim may do where the SDK is missing.
    pub auto_install: AutoInstall,
    /// What becomes of GOROOT.
    pub goroot: GorootSetting,
    /// Whether the system's Go runs, and GOROOT is that of an SDK of ours, which a goshim or go above has left in the environment.
    pub drops_goroot: bool,
    /// The variables of project, layout and configuration. What the user exported is not among them, but for GOPROXY where settings are left out.
    pub environment: Vec<Assignment>,
    /// Those that do not count, because the user exported another value.
    pub overruled: Vec<Assignment>,
    /// Every source that was looked at, in order.
    pub trace: Vec<Step>,
}

impl Resolution {
    /// The line of a file that decides what runs; `None` where no file does.
    pub fn place(&self) -> Option<&Place> {
        match (&self.choice, &self.floor) {
            (_, Some(floor)) if self.raised || self.choice.is_none() => Some(&floor.place),
            (Some(choice), _) => choice.origin.place(),
            (None, _) => None,
        }
    }

    /// Below which release a project's word installs nothing (`auto_install_min`), where that keeps a shim from installing what is missing; `None` where it may.
    pub fn refuses_as_old(&self, wanted: &Wanted, config: &Config) -> Option<Version> {
        let comes_with_project = self
            .choice
            .as_ref()
            .is_none_or(|choice| choice.origin.is_project())
            || self.raised;
        config
            .auto_install_min()
            .filter(|min| comes_with_project && wanted.is_older_than(min))
    }

    /// Who asks for what runs, for people.
    pub fn asker(&self) -> String {
        match (&self.choice, &self.floor) {
            (_, Some(floor)) if self.raised || self.choice.is_none() => {
                format!("required by {}", floor.place)
            }
            (Some(choice), _) => format!("asked for by {}", choice.origin),
            (None, _) => "asked for by nothing".to_owned(),
        }
    }
}
