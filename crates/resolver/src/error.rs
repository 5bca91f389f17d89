//! Why no Go can be chosen.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::escape::{self, Escaped};
use crate::linked;
use crate::origin::Place;
use crate::pin::{PROJECT_FILE, Problem};
use crate::query::InvalidQuery;

/// A failure of the resolver: what is wrong, and where. [`Error::hint`] says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No directory for the store can be named.
    #[error("neither GOSHIM_HOME nor a home directory is set")]
    NoHome,
    /// A variable names a different place in each directory.
    #[error("{variable} is not an absolute path: {}", escape::path(.value))]
    Relative {
        /// Its name.
        variable: &'static str,
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
        /// The line and the column.
        place: Place,
        /// What is wrong with it; foreign text in it is escaped.
        problem: String,
    },
    /// A pin file is a link, and what it leads to names no version. Nothing of that is shown.
    #[error("{place}: what this link leads to names no version")]
    LeadsAstray {
        /// The line.
        place: Place,
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
    /// A linked SDK, or one that is to be linked, cannot be used.
    #[error("cannot use {} as {name}: {problem}", escape::path(.root))]
    Link {
        /// The name.
        name: linked::Name,
        /// Where it leads.
        root: PathBuf,
        /// Why not.
        problem: linked::Problem,
    },
    /// A pin is below the floor, under `strict`.
    #[error("{pin} asks for Go {query}, and {floor_place} requires {floor}")]
    BelowFloor {
        /// The pin's line; in a box, for results of functions are to stay small.
        pin: Box<Place>,
        /// What it says.
        query: String,
        /// The line of go.mod or go.work.
        floor_place: Place,
        /// What it says.
        floor: String,
    },
    /// A project's file has settings that need trust, and has it not.
    #[error("{place}: {} needs your trust, for it could run programs or move downloads{}", Escaped(.name), of_profile(.profile.as_deref()))]
    Untrusted {
        /// The first such line.
        place: Place,
        /// What it sets.
        name: String,
        /// The profile that counts, where there is one.
        profile: Option<String>,
    },
    /// A project's file sets what no project may.
    #[error("{place}: a project may never set {}", Escaped(.name))]
    NeverAllowed {
        /// The line.
        place: Place,
        /// What it sets.
        name: String,
    },
    /// A project's file has profiles, and not the one that is asked for.
    #[error("{} has no profile {}", escape::path(.file), Escaped(.profile))]
    NoProfile {
        /// The file.
        file: PathBuf,
        /// The profile.
        profile: String,
        /// Those that it has.
        known: Vec<String>,
    },
    /// A directory of the layout leads out of the project.
    #[error("{place}: {} leads out of the project", escape::path(.path))]
    LayoutEscapes {
        /// The line.
        place: Place,
        /// The directory.
        path: PathBuf,
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

fn of_profile(profile: Option<&str>) -> String {
    profile.map_or_else(String::new, |profile| format!(" (profile {profile})"))
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

    /// Whether a project's settings are refused because they might not be the user's: programs then end with exit code 78.
    pub fn is_about_trust(&self) -> bool {
        matches!(
            self,
            Self::Untrusted { .. } | Self::NeverAllowed { .. } | Self::LayoutEscapes { .. }
        )
    }

    /// What to do about it, as a sentence without a full stop; `None` where the message says it all.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoHome => "set HOME, or GOSHIM_HOME to an absolute directory".to_owned(),
            Self::Relative { variable, .. } => format!("set {variable} to an absolute path"),
            Self::Unreadable { .. } => "make it a file that you may read: goshim does not guess what it says".to_owned(),
            Self::TooLarge { .. } | Self::NotAFile { .. } => "look at what is there: it does not look like a file of a project".to_owned(),
            Self::Pin { problem, .. } => problem.hint(),
            Self::LeadsAstray { .. } => "look at what it leads to, or write the version into a file in its place".to_owned(),
            Self::Query { source, .. } => source.hint(),
            Self::Settings { place, .. } => {
                let page = if place.file.ends_with(PROJECT_FILE) { "project-file.md" } else { "config.md" };
                format!("mend that line; docs/reference/{page} has every key with what it takes")
            }
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
            Self::Link { name, problem, .. } => problem.hint(name),
            Self::NoSystemGo { .. } => "install a Go outside goshim, or ask for a release: goshim use 1.22.10".to_owned(),
            Self::BelowFloor { floor, .. } => format!("write {floor} or newer into the pin file, or turn strict off"),
            Self::Untrusted { .. } => "read what it sets with goshim trust --show, then run goshim trust; or set GOSHIM_UNTRUSTED=ignore to go on without".to_owned(),
            Self::NeverAllowed { .. } => "take the line out; what your go commands need everywhere belongs into your own config.toml".to_owned(),
            Self::NoProfile { known, .. } => format!("set GOSHIM_PROFILE to one of {}, or unset it", known.join(", ")),
            Self::LayoutEscapes { .. } => "name a directory below the one of the file, without links that lead elsewhere".to_owned(),
            Self::NothingInstalled => "run goshim install latest".to_owned(),
            Self::Variable { .. } | Self::ChangeDir { .. } => return None,
        })
    }
}
