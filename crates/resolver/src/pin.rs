//! Pin files: `.goshim.toml`, `.go-version` and `.tool-versions`, as people really write them.
//!
//! What cannot be read with certainty is an error that names its line. It never counts as absent, for then another Go would run
//! than the one that somebody wrote down.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::error::Error;
use crate::escape::Escaped;
use crate::origin::{Place, Step, Verdict};
use crate::project::Project;
use crate::query::{InvalidQuery, Query};
use crate::read::{self, Found};
use crate::settings::{self, Policy};
use crate::workdir::identity;

/// The names of pin files, in their order within one directory.
pub const NAMES: [&str; 3] = [PROJECT_FILE, ".go-version", ".tool-versions"];

/// The name of a project's settings, which may pin as well.
pub const PROJECT_FILE: &str = ".goshim.toml";

/// A pin: what a project's file asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// At least one query; of several the first installed one counts, as asdf has it.
    pub queries: Vec<Query>,
    /// The line that says so.
    pub place: Place,
}

/// Why a pin file cannot be read with certainty. What is shown of the file is escaped.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A word is no query.
    #[error(transparent)]
    Query(#[from] InvalidQuery),
    /// The bytes are neither UTF-8 nor UTF-16 with a byte order mark.
    #[error("it is not text")]
    NotText,
    /// Nobody wrote a version into it.
    #[error("it names no version")]
    Empty,
    /// Git left its marks, and with them both sides.
    #[error("`{}`: a merge conflict is not resolved", Escaped(.mark))]
    Conflict {
        /// The first of them.
        mark: String,
    },
    /// A second version in a `.go-version`.
    #[error("a second version, `{}`, after the one on line {first}", Escaped(.text))]
    SecondVersion {
        /// What the line says.
        text: String,
        /// The line that has the first one.
        first: usize,
    },
    /// A second line for Go in a `.tool-versions`.
    #[error("a second line for Go, `{}`, after line {first}", Escaped(.text))]
    SecondLine {
        /// What it says.
        text: String,
        /// The first one.
        first: usize,
    },
}

impl Problem {
    /// What to write instead.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Query(invalid) => invalid.hint(),
            Self::NotText => "save the file as UTF-8".to_owned(),
            Self::Empty => InvalidQuery::HINT.to_owned(),
            Self::Conflict { .. } => {
                "keep one side, and remove the lines of <<<<<<<, ======= and >>>>>>>".to_owned()
            }
            Self::SecondVersion { .. } => "keep one of the two".to_owned(),
            Self::SecondLine { .. } => {
                "keep one of the two: several versions are written on one line".to_owned()
            }
        }
    }
}

/// What the pin file `file`, of one of the [`NAMES`], asks for; `None` where it says nothing about Go.
///
/// # Errors
/// [`Error::Pin`] or [`Error::Settings`] where that cannot be told with certainty.
pub fn parse(file: &Path, bytes: &[u8]) -> Result<Option<Pin>, Error> {
    let text = decode(file, bytes)?;
    if file.ends_with(PROJECT_FILE) {
        let project = Project::parse(file, &text)?;
        return pin_of_project_file(&text, &project);
    }
    if file.ends_with(".go-version") {
        return pin_of_go_version(file, &text).map(Some);
    }
    pin_of_tool_versions(file, &text)
}

/// The settings of a `.goshim.toml`; `None` where there is no such file.
///
/// # Errors
/// Where it cannot be read, or is not as documented.
pub fn read_project(file: &Path) -> Result<Option<Project>, Error> {
    match read::read(file, read::SETTINGS_CAP)? {
        Found::File(bytes, metadata) => {
            let text = without_foreign_words(file, decode(file, &bytes))?;
            parse_project(file, &text, &metadata).map(Some)
        }
        Found::Nothing | Found::Hidden | Found::NotAFile => Ok(None),
    }
}

/// The settings of a `.goshim.toml` that was read.
fn parse_project(file: &Path, text: &str, metadata: &Metadata) -> Result<Project, Error> {
    Ok(Project {
        identity: read::identity(metadata),
        ..without_foreign_words(file, Project::parse(file, text))?
    })
}

/// Whoever writes a link chooses what is read. So that no repository can have a file of the user's shown, in a log of CI for instance, a failure that may quote
/// the file tells of a link only where it fails.
fn without_foreign_words<T>(file: &Path, result: Result<T, Error>) -> Result<T, Error> {
    result.map_err(|error| match error {
        Error::Pin { place, .. } | Error::Settings { place, .. } if is_link(file) => {
            let place = Place::of_line(place.file, place.line);
            Error::LeadsAstray { place }
        }
        error => error,
    })
}

/// A name of a linked SDK is any word, and any word of a file that somebody else's link leads to might be a secret.
fn without_names(file: &Path, pin: Option<Pin>) -> Result<Option<Pin>, Error> {
    let is_name = |query: &Query| matches!(query, Query::Linked(_));
    match pin {
        Some(Pin { queries, place }) if queries.iter().any(is_name) && is_link(file) => {
            let place = Place::of_line(place.file, place.line);
            Err(Error::LeadsAstray { place })
        }
        pin => Ok(pin),
    }
}

fn is_link(file: &Path) -> bool {
    std::fs::symlink_metadata(file).is_ok_and(|file| file.is_symlink())
}

/// What a pin file that may be there says; `None` where it is not, says nothing about Go or nothing certain, or is a link and says what is not for everybody.
pub fn read(file: &Path) -> Option<Pin> {
    let found = read::read(file, read::SETTINGS_CAP).ok()?;
    let Found::File(bytes, metadata) = found else {
        return None;
    };
    if !read::is_trustworthy(file, Some(&metadata)) {
        return None;
    }
    let pin = without_foreign_words(file, parse(file, &bytes)).ok()?;
    without_names(file, pin).ok()?
}

/// The pin files in `dirs` that no walk for a pin needs to look at, because a nearer one has said enough: all that are there, but for those in `seen`.
pub(crate) fn shadowed(env: &Env, dirs: &[&Path], seen: &[Step]) -> Vec<PathBuf> {
    let files = dirs.iter().flat_map(|dir| NAMES.map(|name| dir.join(name)));
    files
        .filter(|file| seen.iter().all(|step| step.file.as_ref() != Some(file)))
        .filter(|file| !env.is_hidden(file))
        .filter(|file| std::fs::symlink_metadata(file).is_ok_and(|there| !there.is_dir()))
        .collect()
}

/// What the walk upward found.
#[derive(Debug, Default)]
pub(crate) struct Pins {
    /// The nearest pin below the home directory.
    pub(crate) project: Option<Pin>,
    /// The nearest pin in the home directory or above it: a default and not a pin. Where it cannot be read with certainty, that is an error
    /// for those alone who would follow it.
    pub(crate) home: Option<Result<Pin, Error>>,
    /// The policy of the nearest `.goshim.toml`.
    pub(crate) policy: Option<Policy>,
    /// Its `strict`.
    pub(crate) strict: Option<bool>,
    /// The `.goshim.toml` that count, nearest first.
    pub(crate) projects: Vec<Project>,
}

/// Walks `dirs` (nearest first) for pin files, noting each file in `trace`. Where no pin is wanted, only `.goshim.toml` is looked for.
///
/// # Errors
/// A pin file of the project, or a `.goshim.toml` anywhere, that is there and cannot be read with certainty.
pub(crate) fn find<'a>(
    env: &Env,
    dirs: impl Iterator<Item = &'a Path>,
    wants_pin: bool,
    trace: &mut Vec<Step>,
) -> Result<Pins, Error> {
    let mut walk = Walk {
        env,
        pins: Pins::default(),
        wants_pin,
        wants_project_file: true,
        trace,
    };
    for dir in dirs {
        for name in NAMES {
            walk.look(dir, name)?;
        }
        if !walk.wants_pin && !walk.wants_project_file {
            break;
        }
    }
    Ok(walk.pins)
}

/// The state of the walk upward.
struct Walk<'a> {
    env: &'a Env,
    pins: Pins,
    /// Whether a pin is still to be found.
    wants_pin: bool,
    /// The nearest `.goshim.toml` alone counts, unless it says `inherit`.
    wants_project_file: bool,
    trace: &'a mut Vec<Step>,
}

impl Walk<'_> {
    /// Looks at one name in one directory.
    fn look(&mut self, dir: &Path, name: &'static str) -> Result<(), Error> {
        // After the pin only what .goshim.toml says beside it is still open.
        let is_wanted = match name {
            PROJECT_FILE => self.wants_project_file,
            _ => self.wants_pin,
        };
        if !is_wanted {
            return Ok(());
        }
        let file = dir.join(name);
        if self.env.is_hidden(&file) {
            return Ok(());
        }
        let cap = match name {
            ".go-version" => read::PIN_CAP,
            _ => read::SETTINGS_CAP,
        };
        let bytes = match read::read(&file, cap) {
            Ok(Found::Nothing) => return Ok(()),
            Ok(Found::Hidden) => {
                // Once for all names in it.
                if self.trace.last().and_then(|step| step.file.as_deref()) != Some(dir) {
                    let reason = "it may not be entered: what lies in it does not count";
                    self.step("directory", dir.to_owned(), None, Verdict::Skipped, reason);
                }
                return Ok(());
            }
            Ok(Found::NotAFile) => {
                self.step(name, file, None, Verdict::Skipped, "not a regular file");
                return Ok(());
            }
            Ok(Found::File(bytes, metadata)) => Ok((bytes, metadata)),
            Err(error) => Err(error),
        };
        let metadata = bytes.as_ref().ok().map(|(_, metadata)| metadata);
        // Neither the content nor an error of it counts: nobody may stop the user's go with a file that cannot be read.
        if !read::is_trustworthy(&file, metadata) {
            let reason = "somebody else's file in a directory that others may write to";
            self.step(name, file, None, Verdict::Skipped, reason);
            return Ok(());
        }
        let pin = match name {
            PROJECT_FILE => {
                let (bytes, metadata) = bytes?;
                self.project_file(&file, &bytes, &metadata)?
            }
            _ => bytes.and_then(|(bytes, _)| without_foreign_words(&file, parse(&file, &bytes))),
        };
        let pin = pin.and_then(|pin| without_names(&file, pin));
        if is_home_or_above(self.env, dir) {
            self.take_default(name, file, pin);
            return Ok(());
        }
        match pin? {
            None => self.step(name, file, None, Verdict::Absent, NAMES_NO_GO),
            Some(pin) if !self.wants_pin => {
                self.step(name, file, Some(pin.text()), Verdict::Lost, NEARER_WON);
            }
            Some(pin) => {
                let reason = "the nearest pin file";
                self.step(name, file, Some(pin.text()), Verdict::Chosen, reason);
                self.pins.project = Some(pin);
                self.wants_pin = false;
            }
        }
        Ok(())
    }

    /// Takes policy and strictness from a `.goshim.toml`. Returns its pin; that it is no query matters only where it would be the choice.
    fn project_file(
        &mut self,
        file: &Path,
        bytes: &[u8],
        metadata: &Metadata,
    ) -> Result<Result<Option<Pin>, Error>, Error> {
        let text = without_foreign_words(file, decode(file, bytes))?;
        let project = parse_project(file, &text, metadata)?;
        self.wants_project_file = project.inherit;
        self.pins.policy = self.pins.policy.or(project.go.policy);
        self.pins.strict = self.pins.strict.or(project.go.strict);
        let pin = without_foreign_words(file, pin_of_project_file(&text, &project));
        self.pins.projects.push(project);
        Ok(pin)
    }

    /// Takes a pin file of the home directory or above it.
    fn take_default(&mut self, name: &'static str, file: PathBuf, pin: Result<Option<Pin>, Error>) {
        let value = pin.as_ref().ok().and_then(Option::as_ref).map(Pin::text);
        let (verdict, reason) = match &pin {
            Ok(None) => (Verdict::Absent, NAMES_NO_GO),
            Err(_) => (
                Verdict::Skipped,
                "it cannot be read with certainty, which matters where it would be the choice",
            ),
            Ok(Some(_)) if self.pins.home.is_some() => (Verdict::Lost, NEARER_WON),
            Ok(Some(_)) => (
                Verdict::Skipped,
                "in the home directory or above it: a default, not a pin",
            ),
        };
        self.step(name, file, value, verdict, reason);
        if let Some(pin) = pin.transpose() {
            self.pins.home.get_or_insert(pin);
        }
    }

    fn step(
        &mut self,
        source: &'static str,
        file: PathBuf,
        value: Option<String>,
        verdict: Verdict,
        reason: &'static str,
    ) {
        self.trace.push(Step {
            source,
            file: Some(file),
            value,
            verdict,
            reason,
            at: self.env.elapsed(),
        });
    }
}

const NAMES_NO_GO: &str = "it names no Go";
const NEARER_WON: &str = "a nearer pin file won";

impl Pin {
    /// Its queries as they are shown.
    pub fn text(&self) -> String {
        let queries: Vec<_> = self.queries.iter().map(ToString::to_string).collect();
        queries.join(" ")
    }
}

/// Whether `dir` is the home directory or above it, by name or, through links, by identity.
fn is_home_or_above(env: &Env, dir: &Path) -> bool {
    env.absolute_home().is_some_and(|home| {
        let leads_here = || {
            let dir = identity(dir);
            dir.is_some() && home.ancestors().any(|above| identity(above) == dir)
        };
        home.starts_with(dir) || leads_here()
    })
}

/// Decodes UTF-8 (with or without a byte order mark) and UTF-16 with one, as Windows editors write it.
fn decode(file: &Path, bytes: &[u8]) -> Result<String, Error> {
    let utf16 = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest
            .as_chunks::<2>()
            .0
            .iter()
            .map(|pair| unit(*pair))
            .collect();
        String::from_utf16(&units)
            .ok()
            .filter(|_| rest.len().is_multiple_of(2))
    };
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_owned()).ok(),
        bytes => String::from_utf8(bytes.to_owned()).ok(),
    };
    text.ok_or_else(|| problem(file, 1, Problem::NotText))
}

fn problem(file: &Path, line: usize, problem: Problem) -> Error {
    Error::Pin {
        place: Place::of_line(file, line),
        problem,
    }
}

/// The error for a file with the marks of a merge conflict: which of its sides counts, nobody can tell.
fn refuse_conflict(file: &Path, text: &str) -> Result<(), Error> {
    let is_mark = |line: &str| {
        ["<<<<<<<", "|||||||", "=======", ">>>>>>>"]
            .iter()
            .any(|mark| line.starts_with(mark))
    };
    let first = text.lines().enumerate().find(|(_, line)| is_mark(line));
    first.map_or(Ok(()), |(index, line)| {
        let mark = line.to_owned();
        Err(problem(file, index + 1, Problem::Conflict { mark }))
    })
}

/// A line of a pin file without its comment (`#` or `//`) and surrounding blanks.
pub fn without_comment(line: &str) -> &str {
    let end = line
        .find('#')
        .unwrap_or(line.len())
        .min(line.find("//").unwrap_or(line.len()));
    line.get(..end).unwrap_or_default().trim()
}

fn parse_query(place: Place, text: &str) -> Result<Query, Error> {
    Query::parse(text).map_err(|invalid| Error::Pin {
        place,
        problem: invalid.into(),
    })
}

fn pin_of_project_file(text: &str, project: &Project) -> Result<Option<Pin>, Error> {
    let file = project.file.as_path();
    let Some(version) = &project.go.version else {
        return Ok(None);
    };
    let place = settings::place_at(file, text, version.span().start);
    let query = parse_query(place.clone(), version.get_ref())?;
    Ok(Some(Pin {
        queries: vec![query],
        place,
    }))
}

/// `.go-version` has one version; the same one twice is still one.
fn pin_of_go_version(file: &Path, text: &str) -> Result<Pin, Error> {
    refuse_conflict(file, text)?;
    let mut pin: Option<Pin> = None;
    for (index, line) in text.lines().enumerate() {
        let content = without_comment(line);
        if content.is_empty() {
            continue;
        }
        let line = index + 1;
        let query = parse_query(Place::of_line(file, line), content)?;
        match &pin {
            Some(pin) if pin.queries.first() == Some(&query) => {}
            Some(pin) => {
                let second = Problem::SecondVersion {
                    text: content.to_owned(),
                    first: pin.place.line,
                };
                return Err(problem(file, line, second));
            }
            None => {
                pin = Some(Pin {
                    queries: vec![query],
                    place: Place::of_line(file, line),
                });
            }
        }
    }
    pin.ok_or_else(|| problem(file, 1, Problem::Empty))
}

/// `.tool-versions` has a line for each tool: `golang 1.22.10 1.21.13`, or with asdf-golang's other name `go`.
fn pin_of_tool_versions(file: &Path, text: &str) -> Result<Option<Pin>, Error> {
    let mut pin: Option<Pin> = None;
    for (index, line) in text.lines().enumerate() {
        let content = without_comment(line);
        let mut words = content.split_whitespace();
        if !matches!(words.next(), Some("golang" | "go")) {
            continue;
        }
        if pin.is_none() {
            // A conflict over other tools matters too: on which side of it the line of Go stands is not looked at.
            refuse_conflict(file, text)?;
        }
        let line = index + 1;
        let queries = words
            .map(|word| parse_query(Place::of_line(file, line), word))
            .collect::<Result<Vec<_>, _>>()?;
        if queries.is_empty() {
            return Err(problem(file, line, Problem::Empty));
        }
        match &pin {
            Some(pin) if pin.queries == queries => {}
            Some(pin) => {
                let second = Problem::SecondLine {
                    text: content.to_owned(),
                    first: pin.place.line,
                };
                return Err(problem(file, line, second));
            }
            None => {
                pin = Some(Pin {
                    queries,
                    place: Place::of_line(file, line),
                });
            }
        }
    }
    Ok(pin)
}

#[cfg(test)]
#[path = "pin_tests.rs"]
mod tests;
