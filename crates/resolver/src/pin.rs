//! Pin files: `.goshim.toml`, `.go-version` and `.tool-versions`, as people really write them.
//!
//! What cannot be read with certainty is an error that names its line. It never counts as absent, for then another Go would run
//! than the one that somebody wrote down.

use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::error::Error;
use crate::escape::Escaped;
use crate::origin::{Place, Step, Verdict};
use crate::query::Query;
use crate::read::{self, Found};
use crate::settings::{self, Policy, ProjectFile};
use crate::workdir::identity;

/// The names of pin files, in their order within one directory.
pub const NAMES: [&str; 3] = [".goshim.toml", ".go-version", ".tool-versions"];

/// A pin: what a project's file asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pin {
    /// At least one query; of several the first installed one counts, as asdf has it.
    pub(crate) queries: Vec<Query>,
    pub(crate) place: Place,
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
}

/// Walks `dirs` (nearest first) for pin files, noting each file in `trace`.
///
/// # Errors
/// A pin file of the project, or a `.goshim.toml` anywhere, that is there and cannot be read with certainty.
pub(crate) fn find<'a>(
    env: &Env,
    dirs: impl Iterator<Item = &'a Path>,
    trace: &mut Vec<Step>,
) -> Result<Pins, Error> {
    let mut walk = Walk {
        env,
        pins: Pins::default(),
        wants_project_file: true,
        trace,
    };
    for dir in dirs {
        for name in NAMES {
            walk.look(dir, name)?;
        }
        if walk.pins.project.is_some() && !walk.wants_project_file {
            break;
        }
    }
    Ok(walk.pins)
}

/// The state of the walk upward.
struct Walk<'a> {
    env: &'a Env,
    pins: Pins,
    /// The nearest `.goshim.toml` alone counts, unless it says `inherit`.
    wants_project_file: bool,
    trace: &'a mut Vec<Step>,
}

impl Walk<'_> {
    /// Looks at one name in one directory.
    fn look(&mut self, dir: &Path, name: &'static str) -> Result<(), Error> {
        // After the pin only the policy is still open, and it stands in .goshim.toml alone.
        let is_wanted = match name {
            ".goshim.toml" => self.wants_project_file,
            _ => self.pins.project.is_none(),
        };
        if !is_wanted {
            return Ok(());
        }
        let file = dir.join(name);
        let cap = match name {
            ".go-version" => read::PIN_CAP,
            _ => read::SETTINGS_CAP,
        };
        let bytes = match read::read(&file, cap) {
            Ok(Found::Nothing) => return Ok(()),
            Ok(Found::NotAFile) => {
                self.step(name, file, None, Verdict::Skipped, "not a regular file");
                return Ok(());
            }
            Ok(Found::File(bytes)) => Ok(bytes),
            Err(error) => Err(error),
        };
        // Neither the content nor an error of it counts: nobody may stop the user's go with a file that cannot be read.
        if !read::is_trustworthy(&file) {
            let reason = "somebody else's file in a directory that everybody may write to";
            self.step(name, file, None, Verdict::Skipped, reason);
            return Ok(());
        }
        let text = bytes.and_then(|bytes| {
            decode(&bytes).ok_or_else(|| problem(&file, 1, "it is not text".to_owned()))
        });
        let pin = match name {
            ".goshim.toml" => self.project_file(&file, &text?)?,
            ".go-version" => text
                .and_then(|text| pin_of_go_version(&file, &text))
                .map(Some),
            _ => text.and_then(|text| pin_of_tool_versions(&file, &text)),
        };
        if is_home_or_above(self.env, dir) {
            self.take_default(name, file, pin);
            return Ok(());
        }
        match pin? {
            None => self.step(name, file, None, Verdict::Absent, NAMES_NO_GO),
            Some(pin) if self.pins.project.is_some() => {
                self.step(name, file, Some(pin.text()), Verdict::Lost, NEARER_WON);
            }
            Some(pin) => {
                let reason = "the nearest pin file";
                self.step(name, file, Some(pin.text()), Verdict::Chosen, reason);
                self.pins.project = Some(pin);
            }
        }
        Ok(())
    }

    /// Takes policy and strictness from a `.goshim.toml`. Returns its pin; that it is no query matters only where it would be the choice.
    fn project_file(
        &mut self,
        file: &Path,
        text: &str,
    ) -> Result<Result<Option<Pin>, Error>, Error> {
        let project: ProjectFile = settings::parse(file, text)?;
        self.wants_project_file = project.inherit;
        self.pins.policy = self.pins.policy.or(project.go.policy);
        self.pins.strict = self.pins.strict.or(project.go.strict);
        Ok(pin_of_project_file(file, text, &project))
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
        });
    }
}

const NAMES_NO_GO: &str = "it names no Go";
const NEARER_WON: &str = "a nearer pin file won";

impl Pin {
    /// Its queries as they are shown.
    fn text(&self) -> String {
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
fn decode(bytes: &[u8]) -> Option<String> {
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
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_owned()).ok(),
        bytes => String::from_utf8(bytes.to_owned()).ok(),
    }
}

fn problem(file: &Path, line: usize, problem: String) -> Error {
    Error::Pin {
        place: Place {
            file: file.to_owned(),
            line,
        },
        problem,
    }
}

/// A line of a pin file without its comment (`#` or `//`) and surrounding blanks.
pub fn without_comment(line: &str) -> &str {
    let end = line
        .find('#')
        .unwrap_or(line.len())
        .min(line.find("//").unwrap_or(line.len()));
    line.get(..end).unwrap_or_default().trim()
}

fn parse_query(file: &Path, line: usize, text: &str) -> Result<Query, Error> {
    Query::parse(text).map_err(|error| problem(file, line, error.to_string()))
}

fn pin_of_project_file(
    file: &Path,
    text: &str,
    project: &ProjectFile,
) -> Result<Option<Pin>, Error> {
    let Some(version) = &project.go.version else {
        return Ok(None);
    };
    let line = settings::line_at(text, version.span().start);
    let query = parse_query(file, line, version.get_ref())?;
    Ok(Some(Pin {
        queries: vec![query],
        place: Place {
            file: file.to_owned(),
            line,
        },
    }))
}

/// `.go-version` has one version; the same one twice is still one.
fn pin_of_go_version(file: &Path, text: &str) -> Result<Pin, Error> {
    let mut pin: Option<Pin> = None;
    for (index, line) in text.lines().enumerate() {
        let content = without_comment(line);
        if content.is_empty() {
            continue;
        }
        let line = index + 1;
        let query = parse_query(file, line, content)?;
        match &pin {
            Some(pin) if pin.queries.first() == Some(&query) => {}
            Some(pin) => {
                let problem_text = format!(
                    "a second version, `{}`, after the one on line {}",
                    Escaped(content),
                    pin.place.line
                );
                return Err(problem(file, line, problem_text));
            }
            None => {
                pin = Some(Pin {
                    queries: vec![query],
                    place: Place {
                        file: file.to_owned(),
                        line,
                    },
                });
            }
        }
    }
    pin.ok_or_else(|| problem(file, 1, "it names no version".to_owned()))
}

/// `.tool-versions` has a line for each tool: `golang 1.22.10 1.21.13`, or with asdf-golang's other name `go`.
fn pin_of_tool_versions(file: &Path, text: &str) -> Result<Option<Pin>, Error> {
    let mut pin: Option<Pin> = None;
    for (index, line) in text.lines().enumerate() {
        let mut words = without_comment(line).split_whitespace();
        if !matches!(words.next(), Some("golang" | "go")) {
            continue;
        }
        let line = index + 1;
        let queries = words
            .map(|word| parse_query(file, line, word))
            .collect::<Result<Vec<_>, _>>()?;
        if queries.is_empty() {
            return Err(problem(file, line, "it names no version".to_owned()));
        }
        match &pin {
            Some(pin) if pin.queries == queries => {}
            Some(pin) => {
                return Err(problem(
                    file,
                    line,
                    format!("a second line for Go, after line {}", pin.place.line),
                ));
            }
            None => {
                pin = Some(Pin {
                    queries,
                    place: Place {
                        file: PathBuf::from(file),
                        line,
                    },
                });
            }
        }
    }
    Ok(pin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn go_version(bytes: &[u8]) -> Result<String, String> {
        let text = decode(bytes).ok_or("not text")?;
        pin_of_go_version(Path::new("p/.go-version"), &text)
            .map(|pin| pin.queries[0].to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn go_version_as_people_write_it() {
        for (bytes, expected) in [
            (&b"1.22.10\n"[..], "1.22.10"),
            (b"go1.22.10", "1.22.10"),
            (b"v1.22.10\r\n", "1.22.10"),
            (b"  1.22 \t\n\n", "1.22"),
            (
                b"# the Go of this project\n// and why\n1.22.x # newest\n",
                "1.22",
            ),
            (b"\xef\xbb\xbf1.22.10\n", "1.22.10"),
            (b"\xff\xfe1\0.\x002\x002\0\n\0", "1.22"),
            (b"1.22.10\n1.22.10\n", "1.22.10"),
            (b"latest\n", "latest"),
            (b"system", "system"),
            (b"1.19.0", "1.19.0"),
        ] {
            assert_eq!(
                go_version(bytes).as_deref(),
                Ok(expected),
                "{:?}",
                String::from_utf8_lossy(bytes)
            );
        }
    }

    #[test]
    fn go_version_that_cannot_be_read_with_certainty() {
        for (bytes, line) in [
            (
                &b"<<<<<<< HEAD\n1.18.1\n=======\n1.19.9\n>>>>>>> e2\n"[..],
                1,
            ),
            (b"1.26.5\n1.26.6\n", 2),
            (b"{\n  \"go\": \"1.26\"\n}\n", 1),
            (b"echo \"1.23\" > .go-version", 1),
            (b"# c\n1.22d", 2),
            (b"1.24.0rc2", 1),
            (b"", 1),
            (b"path:/tmp/go", 1),
            (b"../../tmp/go", 1),
        ] {
            let error = go_version(bytes).unwrap_err();
            assert!(
                error.starts_with(&format!("p/.go-version:{line}: ")),
                "{error}"
            );
        }
        assert!(!go_version(b"1.22\x1b[31m").unwrap_err().contains('\u{1b}'));
    }

    #[test]
    fn tool_versions_has_many_tools() {
        let pin = |text| pin_of_tool_versions(Path::new(".tool-versions"), text);
        let text = "# tools\nnodejs 24.9.0\ngolangci-lint 2.1.6\ngolang   1.22.4 1.21.13 # two\n";
        let found = pin(text).unwrap().unwrap();
        assert_eq!(
            found
                .queries
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>(),
            ["1.22.4", "1.21.13"]
        );
        assert_eq!(found.place.line, 4);
        assert!(
            pin("golangci-lint 2.1.6\ngo-jsonnet 1\n")
                .unwrap()
                .is_none()
        );
        assert!(
            pin("golang ref:master\n").is_err()
                && pin("golang\n").is_err()
                && pin("golang 1.22.1\ngo 1.22.2\n").is_err()
        );
    }
}
