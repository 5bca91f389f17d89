//! What the command line says when something fails.

use std::env::JoinPathsError;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::process::ExitCode;

use goshim_resolver::linked::{self, Name};
use goshim_resolver::origin::Place;
use goshim_resolver::query::InvalidQuery;
use goshim_resolver::{Layout, Query, escape};

use crate::exit;
use crate::nearest::nearest;
use crate::output;
use crate::startup::Refused;

/// A failure of a command.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `GOSHIM_HOME` is a directory that has other things in it.
    #[error("GOSHIM_HOME is {}, {what}: goshim's files are not to lie among others", escape::path(.dir))]
    HomeIsTaken {
        /// It.
        dir: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// `setup` by way of sudo, with the home directory of who called it.
    #[error("HOME is {}, which belongs to the user who called sudo: what root writes there they could not change", escape::path(.0))]
    SomebodysHome(PathBuf),
    /// No Go can be chosen.
    #[error(transparent)]
    Resolver(#[from] goshim_resolver::Error),
    /// An installation or a change of the store failed.
    #[error(transparent)]
    Installer(#[from] goshim_installer::Error),
    /// An argument is no query.
    #[error(transparent)]
    Query(#[from] InvalidQuery),
    /// An argument of `--at-least` or `uninstall` is no release.
    #[error("`{}` is not a Go release", escape::Escaped(.0))]
    NotARelease(String),
    /// Where one installed release is meant, an argument is a series.
    #[error("`{}` is not a Go release but a series of them", escape::Escaped(.text))]
    Series {
        /// It.
        text: String,
        /// What is installed of it, as people write it, newest first.
        installed: Vec<String>,
    },
    /// An argument is a word, and no linked SDK has it for a name.
    #[error("`{}` is not a Go version, nor the name of a linked SDK", escape::Escaped(.text))]
    NotLinked {
        /// It.
        text: String,
        /// The word that may be meant.
        nearest: Option<String>,
    },
    /// An argument names a linked SDK, and goshim does this for its own alone.
    #[error("{name} is linked to {}: that is your own, and goshim neither installs, checks nor changes it", escape::path(.root))]
    IsLinked {
        /// The name.
        name: Name,
        /// Where it leads.
        root: PathBuf,
    },
    /// An SDK cannot be linked under such a name.
    #[error("`{}` cannot be the name of an SDK", escape::Escaped(.0))]
    NotAName(String),
    /// `--os` and `--arch` name no platform.
    #[error("Go was never published for {}/{}", escape::Escaped(.os), escape::Escaped(.arch))]
    NotAPlatform {
        /// GOOS.
        os: String,
        /// GOARCH.
        arch: String,
    },
    /// `--sha256` and `--from` are for one release.
    #[error("{0} is for one release at a time")]
    OneRelease(&'static str),
    /// The pin file cannot be written.
    #[error(transparent)]
    Pin(goshim_installer::Error),
    /// The pin file is a link to something that is no pin file.
    #[error("{} is a link to {}, which is no version file", escape::path(.file), escape::path(.target))]
    PinLink {
        /// The link.
        file: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// The pin file of `unuse` holds something else.
    #[error("{} is no version file", escape::path(.file))]
    NotAPin {
        /// It.
        file: PathBuf,
    },
    /// The shims' directory has a name that a line of a start-up file, or PATH, cannot hold for certain.
    #[error("no start-up file can name {}", escape::path(.0))]
    Unnameable(PathBuf),
    /// `use --toolchain` where there is no file with such a line.
    #[error("no go.mod or go.work governs this directory")]
    NoModule,
    /// `use --toolchain` with a release that knows no such line.
    #[error("{toolchain} knows no toolchain line: Go has it since 1.21")]
    NoToolchainLine {
        /// The release.
        toolchain: String,
    },
    /// cmd/go could not edit its file.
    #[error("{toolchain} could not edit {}", escape::path(.file))]
    Edit {
        /// The file.
        file: PathBuf,
        /// The toolchain that was to write its name there.
        toolchain: String,
    },
    /// `upgrade` of a minor that is not installed.
    #[error("no installed minor is meant by `{}`", escape::Escaped(.0))]
    NothingToUpgrade(String),
    /// The selected Go is not installed.
    #[error("{what} is not installed ({asker})")]
    Missing {
        /// What is missing.
        what: String,
        /// Who asks for it.
        asker: String,
        /// The command that installs it.
        command: String,
    },
    /// The program of `exec` cannot be run.
    #[error("cannot run {program}: {source}")]
    Exec {
        /// The program, escaped.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// The argument of `--as-go` is no toolchain.
    #[error("--as-go: `{}` is not the name of a Go toolchain", escape::Escaped(.0))]
    NotAToolchain(String),
    /// A directory cannot be an entry of PATH.
    #[error("PATH cannot be made: {0}")]
    Path(JoinPathsError),
    /// A file that would be written is a link: whoever made it chose what it leads to.
    #[error("{} is a link", escape::path(.0))]
    FileIsLink(PathBuf),
    /// A file that would be written is there.
    #[error("{} is there already", escape::path(.0))]
    FileExists(PathBuf),
    /// The project's file has a layout.
    #[error("{0} has a layout already")]
    LayoutExists(Place),
    /// Nothing in the directory names a Go.
    #[error("neither go.mod nor a workflow, a Dockerfile or a .gitlab-ci.yml here names a Go")]
    NothingFound,
    /// An argument is no directory.
    #[error("there is no directory {}", escape::path(.0))]
    NoDirectory(PathBuf),
    /// A project's file that is a link has no place to bind trust to.
    #[error("{} is a link, or its directory cannot be read: trust has nothing to hold on to", escape::path(.0))]
    TrustOfLink(PathBuf),
    /// A word of `--what-if` is neither a directory, a variable nor a file.
    #[error("--what-if: there is no directory `{}`", escape::Escaped(.0))]
    WhatIf(String),
    /// A format of `env` cannot hold a value.
    #[error("{name} cannot be written for {format}: {problem}")]
    Unwritable {
        /// The variable.
        name: String,
        /// What it would be written for.
        format: &'static str,
        /// What stands in the way.
        problem: &'static str,
    },
    /// `env --github-actions` where no runner reads what it writes.
    #[error("{0} is not set: this is no step of a GitHub Actions job")]
    NotInActions(&'static str),
    /// The shell has no completions.
    #[error("there are no completions for {0} shells")]
    NoCompletions(&'static str),
    /// The working directory was deleted or cannot be read.
    #[error("the working directory cannot be read")]
    NoWorkingDirectory,
    /// There is no such key in `config.toml`.
    #[error("config.toml has no key `{}`", escape::Escaped(.key))]
    NoSuchKey {
        /// It.
        key: String,
        /// The one that may be meant.
        nearest: Option<&'static str>,
    },
    /// A value is none of those that a key of `config.toml` may have.
    #[error("`{}` is no value for {key}: {problem}", escape::Escaped(.value))]
    ConfigValue {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// Why; foreign text in it is escaped.
        problem: String,
    },
    /// A file of the user's own is not to be changed.
    #[error("left {} as it is: {reason}", escape::path(.file))]
    Refused {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// `config.toml` is broken where it is not being changed.
    #[error(transparent)]
    BrokenConfig(goshim_resolver::Error),
    /// What a command is about to do could not be shown, so it was not done.
    #[error("what is to be done cannot be shown, and was not done: {0}")]
    Unseen(io::Error),
    /// The files with which `shell` starts a shell could not be written.
    #[error("temporary files cannot be written: {}", escape::text(&.0.to_string()))]
    NoTemporary(io::Error),
    /// Output could not be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
}

impl From<Refused> for Error {
    fn from(Refused { file, reason }: Refused) -> Self {
        Self::Refused { file, reason }
    }
}

impl Error {
    /// The error for a word that no linked SDK has for a name.
    pub(crate) fn not_linked(layout: &Layout, text: &str) -> Self {
        let names = linked::names(layout);
        let words = ["latest", "stable", "oldstable", "system"];
        let words = words.into_iter().chain(names.iter().map(Name::as_str));
        Self::NotLinked {
            text: text.to_owned(),
            nearest: nearest(text, words).map(str::to_owned),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Resolver(error) => error.hint(),
            Self::HomeIsTaken { .. } => Some("set it to a directory of its own, such as one named goshim there, or unset it".to_owned()),
            Self::SomebodysHome(_) => Some("run goshim setup without sudo; sudo -H is for root's own shells".to_owned()),
            Self::Query(invalid) => Some(invalid.hint()),
            Self::NotARelease(_) => Some("write a release such as 1.22.10".to_owned()),
            Self::Series { installed, .. } => Some(match &installed[..] {
                [] => "nothing of it is installed; goshim list shows what is".to_owned(),
                [one] => format!("write {one}, which is installed"),
                several => format!("name what is meant of those installed: {}", several.join(", ")),
            }),
            Self::NotAPlatform { .. } => {
                Some("name them as Go does: --os linux --arch arm64".to_owned())
            }
            Self::NotLinked { text, .. } if text == "all" => {
                Some("goshim list --remote shows all that is published".to_owned())
            }
            Self::NotLinked { nearest, .. } => Some(match nearest {
                Some(word) => format!("write {word}, if that is what is meant"),
                None => format!("{}; goshim list shows what is linked", InvalidQuery::HINT),
            }),
            Self::IsLinked { name, .. } => Some(format!(
                "goshim unlink {name} takes the name away, and leaves the SDK as it is"
            )),
            Self::NotAName(_) => Some(Name::RULE.to_owned()),
            Self::OneRelease(_) => Some("run goshim install once for each".to_owned()),
            Self::Missing { command, .. } => Some(format!("run {command}")),
            Self::Pin(goshim_installer::Error::Io(error))
                if matches!(
                    error.kind(),
                    ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
                ) =>
            {
                Some("change into a directory that you may write to".to_owned())
            }
            Self::Installer(error) | Self::Pin(error) => error.hint(),
            Self::PinLink { .. } => {
                Some("remove the link, and the file is made in its place".to_owned())
            }
            Self::NotAToolchain(_) => Some("write one such as go1.27.3".to_owned()),
            Self::TrustOfLink(_) => Some("put a file in the link's place".to_owned()),
            Self::FileIsLink(_) => Some("put a file in its place, or write into the one that it leads to".to_owned()),
            Self::FileExists(_) => Some("change it by hand, or with goshim use; nothing was written".to_owned()),
            Self::LayoutExists(_) => Some("change the file by hand".to_owned()),
            Self::NothingFound => Some("goshim use latest, or another version, pins this directory".to_owned()),
            Self::NoDirectory(_) => Some("name a directory that exists".to_owned()),
            Self::NotAPin { file } => Some(format!(
                "look at it, and remove {} yourself",
                escape::path(file)
            )),
            Self::NoModule | Self::NoToolchainLine { .. } => {
                Some("goshim use without --toolchain writes .go-version".to_owned())
            }
            Self::Unnameable(_) => Some("set GOSHIM_HOME to a directory whose name is UTF-8, without control characters and the separator of PATH".to_owned()),
            Self::Edit { .. } => Some("cmd/go says why, above".to_owned()),
            Self::NothingToUpgrade(_) => Some(
                "name one as in goshim upgrade 1.22; goshim install latest installs a new one"
                    .to_owned(),
            ),
            Self::WhatIf(_) => Some(
                "name a directory, a variable (NAME=VALUE), or a file to leave out (-FILE)"
                    .to_owned(),
            ),
            Self::NoCompletions(_) => {
                Some("name bash, zsh, fish, elvish, powershell or nushell".to_owned())
            }
            Self::NoWorkingDirectory => Some("change into a directory that exists".to_owned()),
            Self::Path(_) => Some("keep goshim's home, and the project, where no directory has the separator of PATH in its name".to_owned()),
            Self::Unwritable { .. } => Some("goshim env --json has every value as it is".to_owned()),
            Self::NotInActions(_) => Some("for other uses there are --shell, --json and --dotenv".to_owned()),
            Self::NoSuchKey { nearest, .. } => Some(match nearest {
                Some(key) => format!("write {key}, if that is what is meant"),
                None => "goshim config list has the keys; variables for go are env.NAME".to_owned(),
            }),
            Self::ConfigValue { .. } => {
                Some("docs/reference/config.md has the values of each key; nothing was written".to_owned())
            }
            Self::Refused { .. } => Some("change it yourself, or let it lead to a file of yours".to_owned()),
            Self::BrokenConfig(_) => Some(
                "mend that line first, or take its key out with goshim config unset; nothing was written".to_owned(),
            ),
            Self::Exec { program, source } if source.kind() == ErrorKind::NotFound && Query::parse_version(program).is_ok() => {
                Some(format!("a version is marked with +, and go is named after it: goshim exec +{program} go version"))
            }
            Self::Exec { source, .. } if source.kind() == ErrorKind::PermissionDenied => {
                Some("see that it may be executed, and that its file system is not mounted noexec".to_owned())
            }
            Self::NoTemporary(_) => {
                Some("set TMPDIR to a directory that you may write to".to_owned())
            }
            Self::Unseen(_) => Some("let its output go to a terminal, or to somebody who reads all of it".to_owned()),
            Self::Exec { .. } | Self::Output(_) => None,
        }
    }

    fn code(&self) -> u8 {
        match self {
            Self::Missing { .. }
            | Self::Resolver(
                goshim_resolver::Error::NothingInstalled
                | goshim_resolver::Error::NoSuchRelease { .. }
                | goshim_resolver::Error::NoSystemGo { .. },
            ) => exit::NOTHING_TO_EXECUTE,
            Self::Resolver(goshim_resolver::Error::Link { problem, .. })
                if problem.is_absence() =>
            {
                exit::NOTHING_TO_EXECUTE
            }
            Self::Resolver(goshim_resolver::Error::Link { .. }) => exit::CANNOT_EXECUTE,
            Self::Resolver(error) if error.is_about_trust() => exit::UNTRUSTED,
            Self::Exec { source, .. } if source.kind() == ErrorKind::NotFound => {
                exit::NOTHING_TO_EXECUTE
            }
            Self::Exec { .. } | Self::Path(_) => exit::CANNOT_EXECUTE,
            Self::Installer(goshim_installer::Error::InUse { .. }) => exit::IN_USE,
            Self::Query(_)
            | Self::Resolver(goshim_resolver::Error::Query {
                what: "the query", ..
            })
            | Self::NotARelease(_)
            | Self::Series { .. }
            | Self::NotLinked { .. }
            | Self::IsLinked { .. }
            | Self::NotAName(_)
            | Self::NoSuchKey { .. }
            | Self::ConfigValue { .. }
            | Self::WhatIf(_)
            | Self::NoCompletions(_)
            | Self::NotAPlatform { .. }
            | Self::OneRelease(_)
            | Self::NotAToolchain(_)
            | Self::Installer(
                goshim_installer::Error::NotASha256 { .. }
                | goshim_installer::Error::UnknownFile { .. },
            ) => exit::USAGE,
            _ => exit::FAILURE,
        }
    }
}

/// Prints a failure to stderr. Returns its exit code; a reader that closed our stdout is no failure.
pub(crate) fn report(error: &Error) -> ExitCode {
    if matches!(error, Error::Output(source) if source.kind() == ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    say(&error.to_string(), error.hint().as_deref());
    ExitCode::from(error.code())
}

/// Prints what is wrong with the words of the command line. Returns the exit code.
pub(crate) fn report_usage(problem: &str, hint: &str) -> ExitCode {
    say(problem, Some(hint));
    ExitCode::from(exit::USAGE)
}

fn say(problem: &str, hint: Option<&str>) {
    let red = anstyle::AnsiColor::Red.on_default().bold();
    let cyan = anstyle::AnsiColor::Cyan.on_default().bold();
    output::say(&format!("{red}error{red:#}: "), problem);
    if let Some(hint) = hint {
        output::say(&format!("{cyan}hint{cyan:#}: "), hint);
    }
}
