//! Where a choice comes from, and the trace of everything that was looked at.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::escape;

/// A line of a file, and for a settings file the column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as the walk named it.
    pub file: PathBuf,
    /// Counted from 1.
    pub line: usize,
    /// Where in the line, counted in characters from 1; `None` for files of lines, such as go.mod and `.go-version`.
    pub column: Option<usize>,
}

impl Place {
    /// A line as a whole.
    pub fn of_line(file: impl Into<PathBuf>, line: usize) -> Self {
        Self {
            file: file.into(),
            line,
            column: None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", escape::path(&self.file), self.line)?;
        self.column.map_or(Ok(()), |column| write!(f, ":{column}"))
    }
}

/// Where a choice comes from. Its order is the precedence of docs/concepts/resolution.md.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `go +QUERY`, or an argument of a command.
    Argument,
    /// `GOSHIM_VERSION` or `GOTOOLCHAIN`.
    Variable(&'static str),
    /// A pin file of the project.
    PinFile(Place),
    /// The toolchain line of the governing go.mod or go.work.
    ToolchainLine(Place),
    /// Its go line, under the policy `exact`.
    GoLine(Place),
    /// `goshim default`.
    Default(Place),
    /// `go env -w GOTOOLCHAIN=…`.
    GoEnvFile(Place),
    /// A pin file in the home directory or above it.
    HomePinFile(Place),
    /// A `go` on PATH that is not goshim's.
    System,
    /// The newest stable SDK of the store, where nothing else says anything.
    NewestInstalled,
}

impl Origin {
    /// The word for this kind in JSON; stable.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Argument => "argument",
            Self::Variable(_) => "variable",
            Self::PinFile(_) => "pin-file",
            Self::ToolchainLine(_) => "toolchain-line",
            Self::GoLine(_) => "go-line",
            Self::Default(_) => "default",
            Self::GoEnvFile(_) => "go-env-file",
            Self::HomePinFile(_) => "home-pin-file",
            Self::System => "system",
            Self::NewestInstalled => "newest-installed",
        }
    }

    /// The line of the file that says so, for the kinds that have one.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::PinFile(place)
            | Self::ToolchainLine(place)
            | Self::GoLine(place)
            | Self::Default(place)
            | Self::GoEnvFile(place)
            | Self::HomePinFile(place) => Some(place),
            Self::Argument | Self::Variable(_) | Self::System | Self::NewestInstalled => None,
        }
    }

    /// Whether the person at the keyboard said so for this very call or shell: such a choice is exact and never raised.
    pub fn is_explicit(&self) -> bool {
        matches!(self, Self::Argument | Self::Variable(_))
    }

    /// Whether the choice came with the project's files, which a stranger may have written.
    pub fn is_project(&self) -> bool {
        matches!(
            self,
            Self::PinFile(_) | Self::ToolchainLine(_) | Self::GoLine(_)
        )
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument => f.write_str("the command line"),
            Self::Variable(name) => write!(f, "the variable {name}"),
            Self::PinFile(place) | Self::HomePinFile(place) => place.fmt(f),
            Self::ToolchainLine(place) => write!(f, "the toolchain line of {place}"),
            Self::GoLine(place) => write!(f, "the go line of {place}"),
            Self::Default(_) => f.write_str("your default (goshim default)"),
            Self::GoEnvFile(place) => write!(f, "go env -w GOTOOLCHAIN, {place}"),
            Self::System => f.write_str("the go on PATH"),
            Self::NewestInstalled => f.write_str("the newest installed SDK"),
        }
    }
}

/// What became of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the choice.
    Chosen,
    /// It says something, and something before it won.
    Lost,
    /// It is the floor, or part of it.
    Floor,
    /// It is not there, or says nothing.
    Absent,
    /// It is there and was deliberately not read.
    Skipped,
    /// It changed the outcome: a choice was raised.
    Raised,
}

impl Verdict {
    /// The word in JSON and on the screen; stable.
    pub fn word(self) -> &'static str {
        match self {
            Self::Chosen => "chosen",
            Self::Lost => "lost",
            Self::Floor => "floor",
            Self::Absent => "absent",
            Self::Skipped => "skipped",
            Self::Raised => "raised",
        }
    }
}

/// One source that the resolver looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it is: `GOSHIM_VERSION`, `.go-version`, `toolchain line`.
    pub source: &'static str,
    /// Where it is, for files.
    pub file: Option<PathBuf>,
    /// What it says.
    pub value: Option<String>,
    /// What became of it.
    pub verdict: Verdict,
    /// Why.
    pub reason: &'static str,
    /// When it was taken, counted from the start of the process, where `GOSHIM_TRACE` asks for it.
    pub at: Option<Duration>,
}
