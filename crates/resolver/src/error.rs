//! Why no Go can be chosen.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::escape::{self, Escaped};
use crate::origin::Place;
use crate::pin::Problem;
use crate::query::InvalidQuery;

/// A failure of the resolver: what is wrong, and where. [`Error::hint`] says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No directory for the store can be named.
    #[error("neither GOSHIM_HOME nor a home directory is set")]
    NoHome,
    /// `GOSHIM_HOME` names a different place in each directory.
    #[error("GOSHIM_HOME is not an absolute path: {}", escape::path(.value))]
    RelativeHome {
        /// Its value.
        value: PathBuf,
    },
    /// A file that is there cannot be read.
    #[error("cannot read {}: {source}", escape::path(.file))]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is larger than its kind ever is.
    #[error("{} is larger than {cap} bytes", escape::path(.file))]
    TooLarge {
        /// The file.
        file: PathBuf,
        /// The limit, in bytes.
        cap: u64,
    },
    /// A go.mod or go.work is a FIFO, socket or device.
    #[error("{} is not a regular file", escape::path(.file))]
    NotAFile {
        /// The file.
        file: PathBuf,
    },
    /// A pin file cannot be read with certainty.
    #[error("{place}: {problem}")]
    Pin {
        /// The line.
        place: Place,
        /// What is wrong with it.
        problem: Problem,
    },
    /// `.goshim.toml` or `config.toml` is not as documented.
    #[error("{place}: {problem}")]
    Settings {
        /// The line.
        place: Place,
        /// What is wrong with it; foreign text in it is escaped.
        problem: String,
    },
    /// A variable or argument is no query.
    #[error("{what}: {source}")]
    Query {
        /// The variable or argument.
        what: &'static str,
        /// Why.
        source: InvalidQuery,
    },
    /// A variable has a value outside its list.
    #[error("{variable} is `{}`: it must be {expected}", Escaped(.value))]
    Variable {
        /// Its name.
        variable: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// cmd/go refuses the value of `GOTOOLCHAIN`.
    #[error("{}invalid GOTOOLCHAIN `{}`{problem}", at(.place.as_ref()), Escaped(.value))]
    GoToolchain {
        /// The line of go's settings file; `None` for the variable.
        place: Option<Place>,
        /// The value.
        value: String,
        /// What is wrong with it.
        problem: GoToolchainProblem,
    },
    /// cmd/go refuses a toolchain line.
    #[error("{place}: invalid toolchain `{}`", Escaped(.value))]
    ToolchainLine {
        /// The line.
        place: Place,
        /// Its value.
        value: String,
    },
    /// GOWORK is neither `off`, `auto` nor an absolute path.
    #[error("invalid GOWORK `{}`: not an absolute path", Escaped(.value))]
    GoWork {
        /// Its value.
        value: String,
    },
    /// `-C` names a directory that cannot be entered.
    #[error("chdir {}: {source}", escape::path(.dir))]
    ChangeDir {
        /// The directory.
        dir: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The toolchain is no published release.
    #[error("{asker} asks for {}: no published release has this name", Escaped(.name))]
    NoSuchRelease {
        /// The toolchain name.
        name: String,
        /// Who asks for it.
        asker: String,
    },
    /// `system` was asked for and PATH has no other go.
    #[error("{asker} asks for the system's Go, and PATH has no go but goshim's own")]
    NoSystemGo {
        /// Who asks for it.
        asker: String,
    },
    /// A pin is below the floor, under `strict`.
    #[error("{pin} asks for Go {query}, and {floor_place} requires {floor}")]
    BelowFloor {
        /// The pin's line.
        pin: Place,
        /// What it says.
        query: String,
        /// The line of go.mod or go.work.
        floor_place: Place,
        /// What it says.
        floor: String,
    },
    /// Nothing is installed and nothing asks for anything.
    #[error("no Go is installed and nothing here asks for one")]
    NothingInstalled,
}

/// What cmd/go has against a value of GOTOOLCHAIN (`toolchain.Select`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoToolchainProblem {
    /// It is no toolchain name.
    Name,
    /// What stands before the `+` is none.
    Minimum,
    /// What stands after it is neither `auto` nor `path`.
    Suffix,
}

impl fmt::Display for GoToolchainProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => ": the name is no toolchain",
            Self::Minimum => ": the name before the + is no toolchain",
            Self::Suffix => ": only version suffixes are +auto and +path",
        })
    }
}

/// A place in front of a message.
fn at(place: Option<&Place>) -> String {
    place.map_or_else(String::new, |place| format!("{place}: "))
}

impl Error {
    /// The error with the line that it comes from, for a value that stands in go's settings file.
    #[must_use]
    pub(crate) fn at(self, line: &Place) -> Self {
        match self {
            Self::GoToolchain { value, problem, .. } => Self::GoToolchain {
                place: Some(line.clone()),
                value,
                problem,
            },
            error => error,
        }
    }

    /// What to do about it, as a sentence without a full stop; `None` where the message says it all.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoHome => "set HOME, or GOSHIM_HOME to an absolute directory".to_owned(),
            Self::RelativeHome { .. } => "set GOSHIM_HOME to an absolute directory".to_owned(),
            Self::Unreadable { .. } => "make the file readable, or remove it".to_owned(),
            Self::TooLarge { .. } | Self::NotAFile { .. } => "look at what is there: it does not look like a file of a project".to_owned(),
            Self::Pin { problem, .. } => problem.hint(),
            Self::Query { source, .. } => source.hint(),
            Self::Settings { .. } => "see docs/reference/project-file.md and docs/reference/config.md for what these files may say".to_owned(),
            Self::GoToolchain { .. } => "GOTOOLCHAIN may be local, auto, path, a name such as go1.22.10, or a name with +auto or +path".to_owned(),
            Self::ToolchainLine { .. } => "write a release such as go1.22.10, or default".to_owned(),
            Self::GoWork { .. } => "set GOWORK to off, auto or an absolute path".to_owned(),
            Self::NoSuchRelease { name, .. } => {
                let release = crate::version::Version::from_toolchain(name)
                    .filter(crate::query::within_limits)?;
                let release = if release.is_language() { format!("{release}.0") } else { release.release_name().to_string() };
                let release = format!("go{release}");
                if release == *name {
                    return None;
                }
                format!("the release is called {release}")
            }
            Self::NoSystemGo { .. } => "install a Go outside goshim, or ask for a release: goshim use 1.22.10".to_owned(),
            Self::BelowFloor { floor, .. } => format!("write {floor} or newer into the pin file, or turn strict off"),
            Self::NothingInstalled => "run goshim install latest".to_owned(),
            Self::Variable { .. } | Self::ChangeDir { .. } => return None,
        })
    }
}
