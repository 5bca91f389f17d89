//! What the keys of `config.toml` and `.goshim.toml` take, and the words for a value that is none of it.
//!
//! What is accepted, serde decides, by the types that are read. This is asked where it refused a file: people are told what a key takes and what is there, and
//! not the names that a parser has for types.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::escape::{self, Escaped};

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// One of these words.
    Words(&'static [&'static str]),
    /// `true` or `false`.
    Switch,
    /// A number: what it counts, with an example.
    Number(&'static str),
    /// A whole number from 0 on: what it counts.
    Count(&'static str),
    /// A text: what it means, with an example.
    Text(&'static str),
    /// Texts: what they mean, with an example.
    List(&'static str),
    /// Flags for go, which may have commas in them.
    Flags,
}

/// What a variable takes that is no list.
pub const VARIABLE: Takes = Takes::Text("a text in quotes, such as \"1\"");

/// A key with dots between tables, in which `*` stands for any name, and what it takes.
pub(crate) type Entry = (&'static str, Takes);

/// The keys of `.goshim.toml`, in the order of docs/reference/project-file.md.
pub(crate) const PROJECT: &[Entry] = &[
    ("inherit", Takes::Switch),
    (
        "go.version",
        Takes::Text("a version in quotes, such as \"1.22.10\""),
    ),
    ("go.policy", POLICY),
    ("go.strict", Takes::Switch),
    ("layout.kind", LAYOUT),
    ("layout.gopath", DIRECTORY),
    ("layout.gobin", DIRECTORY),
    ("layout.gocache", DIRECTORY),
    ("layout.gomodcache", DIRECTORY),
    ("env.GOFLAGS", Takes::Flags),
    ("env.*", VARIABLE),
    ("profile.*.env.GOFLAGS", Takes::Flags),
    ("profile.*.env.*", VARIABLE),
];

pub(crate) const POLICY: Takes = Takes::Words(&["project", "exact", "floor", "native"]);
pub(crate) const LAYOUT: Takes = Takes::Words(&["shared", "per-version", "per-project"]);
const DIRECTORY: Takes = Takes::Text("a directory below this file's, in quotes, such as \".go\"");

impl Takes {
    fn accepts(self, value: &DeValue<'_>) -> bool {
        let is_text = |value: &Spanned<DeValue<'_>>| value.get_ref().is_str();
        match (self, value) {
            (Self::Words(words), DeValue::String(text)) => words.contains(&text.as_ref()),
            (Self::Switch, DeValue::Boolean(_))
            | (Self::Number(_), DeValue::Integer(_) | DeValue::Float(_))
            | (Self::Text(_), DeValue::String(_)) => true,
            (Self::Count(_), DeValue::Integer(number)) => {
                u64::from_str_radix(number.as_str(), number.radix()).is_ok()
            }
            (Self::List(_) | Self::Flags, DeValue::Array(items)) => items.iter().all(is_text),
            _ => false,
        }
    }
}

/// As people say it behind "it takes".
impl fmt::Display for Takes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) => {
                let words: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
                f.write_str(&either(&words))
            }
            Self::Switch => f.write_str("true or false"),
            Self::Number(what) | Self::Count(what) | Self::Text(what) | Self::List(what) => {
                f.write_str(what)
            }
            Self::Flags => f.write_str("a list of flags, such as [\"-mod=readonly\"]"),
        }
    }
}

/// `a, b or c`.
fn either(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., last] => format!("{} or {last}", before.join(", ")),
    }
}

/// Why a text was refused, with the byte at which that is: the first value that its key does not take, or the first key that there is not; `None` where
/// all of them are as they should be.
pub(crate) fn explain(text: &str, keys: &[Entry]) -> Option<(usize, String)> {
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            let span = error.span().unwrap_or_default();
            let problem = match bare_value(text, span.start) {
                Some(value) => format!(
                    "this is not TOML: a text stands in quotes; {} is there",
                    Escaped(&escape::without_passwords(value))
                ),
                None => format!("this is not TOML: {}", Escaped(error.message())),
            };
            return Some((span.start, problem));
        }
    };
    let mut misfits = Vec::new();
    look(text, keys, table.get_ref(), &mut Vec::new(), &mut misfits);
    misfits.into_iter().min_by_key(|(at, _)| *at)
}

/// The value of the line around a byte, where somebody wrote `version = 1.22.10`: neither a value of TOML nor the beginning of one on several lines.
fn bare_value(text: &str, at: usize) -> Option<&str> {
    let start = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
    let (_, value) = text.get(start..)?.lines().next()?.split_once('=')?;
    let value = value.trim();
    let is_bare = !value.is_empty()
        && value.chars().count() <= MOST_SHOWN
        && !value.starts_with(['"', '\'', '[', '{', '='])
        && DeValue::parse(value).is_err();
    is_bare.then_some(value)
}

/// The byte at which the value of a key begins; `None` where it is not there.
pub(crate) fn offset_of(text: &str, key: &[&str]) -> Option<usize> {
    let parsed = DeTable::parse(text).ok()?;
    let (last, tables) = key.split_last()?;
    let mut table = parsed.get_ref();
    for name in tables {
        table = table.get(*name)?.get_ref().as_table()?;
    }
    Some(table.get(*last)?.span().start)
}

/// Adds what is wrong in a table, whose name is `path`.
fn look<'a>(
    text: &str,
    keys: &[Entry],
    table: &'a DeTable<'_>,
    path: &mut Vec<&'a str>,
    misfits: &mut Vec<(usize, String)>,
) {
    for (name, value) in table {
        path.push(name.get_ref());
        let shown = Escaped(&path.join(".")).to_string();
        let at = value.span().start;
        match found(keys, path) {
            Found::Key(takes) if takes.accepts(value.get_ref()) => {}
            Found::Key(takes) => {
                let there = there(text, value.get_ref(), value.span());
                misfits.push((at, format!("{shown} takes {takes}; {there} is there")));
            }
            Found::Table => match value.get_ref() {
                DeValue::Table(table) => look(text, keys, table, path, misfits),
                other => {
                    let there = there(text, other, value.span());
                    let problem = format!("{shown} is a table, [{shown}]; {there} is there");
                    misfits.push((at, problem));
                }
            },
            Found::Nothing => {
                let (_, above) = path.split_last().unwrap_or((&"", &[]));
                let wrong = Escaped(name.get_ref());
                let whose = if above.is_empty() {
                    "there is".to_owned()
                } else {
                    format!("[{}] has", Escaped(&above.join(".")))
                };
                let known = names_in(keys, above);
                let problem = format!("{whose} no key `{wrong}`: write {}", either(&known));
                misfits.push((name.span().start, problem));
            }
        }
        path.pop();
    }
}

/// What stands under a name.
enum Found {
    Key(Takes),
    Table,
    Nothing,
}

fn found(keys: &[Entry], path: &[&str]) -> Found {
    let mut is_table = false;
    for (key, takes) in keys {
        let mut segments = key.split('.');
        let fits = path.iter().all(
            |name| matches!(segments.next(), Some(segment) if segment == "*" || segment == *name),
        );
        match (fits, segments.next()) {
            (true, None) => return Found::Key(*takes),
            (fits, _) => is_table |= fits,
        }
    }
    if is_table {
        Found::Table
    } else {
        Found::Nothing
    }
}

/// The names that may stand in a table; those of tables in brackets.
fn names_in(keys: &[Entry], table: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (key, _) in keys {
        let mut segments = key.split('.');
        let is_here = table.iter().all(
            |name| matches!(segments.next(), Some(segment) if segment == "*" || segment == *name),
        );
        let name = match (segments.next(), segments.next()) {
            (Some(name), None) => name.to_owned(),
            (Some(name), Some(_)) => {
                let path: Vec<&str> = table.iter().copied().chain([name]).collect();
                format!("[{}]", Escaped(&path.join(".")))
            }
            (None, _) => continue,
        };
        if is_here && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The most characters of a wrong value that are shown.
const MOST_SHOWN: usize = 40;

/// A value as it is written, where that is short.
fn there(text: &str, value: &DeValue<'_>, span: Range<usize>) -> String {
    let written = text.get(span).unwrap_or_default();
    let is_short = written.chars().count() <= MOST_SHOWN && !written.contains('\n');
    let kind: Cow<'_, str> = match value {
        DeValue::Table(_) => "a table".into(),
        _ if is_short && !written.is_empty() => Escaped(&escape::without_passwords(written))
            .to_string()
            .into(),
        DeValue::Array(_) => "a list".into(),
        _ => "a longer text".into(),
    };
    kind.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        let (at, problem) = explain(text, PROJECT).unwrap();
        let before = text.get(..at).unwrap();
        let line = 1 + before.matches('\n').count();
        let column = 1 + before.chars().rev().take_while(|c| *c != '\n').count();
        format!("{line}:{column} {problem}")
    }

    #[test]
    fn what_a_key_takes_and_what_is_there() {
        for (text, expected) in [
            (
                "[go]\nversion = 1.22\n",
                "2:11 go.version takes a version in quotes, such as \"1.22.10\"; 1.22 is there",
            ),
            (
                "go = \"1.22\"\n",
                "1:6 go is a table, [go]; \"1.22\" is there",
            ),
            (
                "go.policy = \"fast\"\n",
                "1:13 go.policy takes \"project\", \"exact\", \"floor\" or \"native\"; \"fast\" is there",
            ),
            (
                "inherit = \"yes\"\n",
                "1:11 inherit takes true or false; \"yes\" is there",
            ),
            (
                "[env]\nGOFLAGS = [\"-v\", 1]\n",
                "2:11 env.GOFLAGS takes a list of flags, such as [\"-mod=readonly\"]; [\"-v\", 1] is there",
            ),
            (
                "[env]\nCGO_ENABLED = 0\n",
                "2:15 env.CGO_ENABLED takes a text in quotes, such as \"1\"; 0 is there",
            ),
            (
                "[profile.p]\nGOOS = \"linux\"\n",
                "2:1 [profile.p] has no key `GOOS`: write [profile.p.env]",
            ),
            (
                "version = \"1.22\"\n",
                "1:1 there is no key `version`: write inherit, [go], [layout], [env] or [profile]",
            ),
            (
                "[layout]\nkind = 1\n[go]\nnonsense = 1\n",
                "2:8 layout.kind takes \"shared\", \"per-version\" or \"per-project\"; 1 is there",
            ),
            (
                "[env.A]\n",
                "1:1 env.A takes a text in quotes, such as \"1\"; a table is there",
            ),
            ("[[go]]\n", "1:1 go is a table, [go]; [[go]] is there"),
            (
                "[go]\nversion = 1.22.10\n",
                "2:15 this is not TOML: a text stands in quotes; 1.22.10 is there",
            ),
            (
                "inherit = false\ninherit = true\n",
                "2:1 this is not TOML: duplicate key",
            ),
            (
                "[go]\nversion = \"1.22\n",
                "2:16 this is not TOML: invalid basic string, expected `\"`",
            ),
        ] {
            assert_eq!(problem(text), expected);
        }
    }

    #[test]
    fn nothing_is_wrong_with_what_is_documented() {
        let page = include_str!("../../../docs/reference/project-file.md");
        let (_, file) = page.split_once("```toml .goshim.toml\n").unwrap();
        let (file, _) = file.split_once("```").unwrap();
        assert!(file.contains("[profile.prod.env]"));
        assert_eq!(explain(file, PROJECT), None);
    }

    #[test]
    fn a_long_value_and_a_password_are_not_shown() {
        let long = format!("inherit = \"{}\"\n", "x".repeat(99));
        assert!(problem(&long).ends_with("; a longer text is there"));
        let secret = problem("inherit = \"https://me:secret@x/\"\n");
        assert!(secret.contains("https://…@x/"), "{secret}");
    }

    #[test]
    fn a_value_is_found_under_its_key() {
        let text = "# stores\nstores = [1]\n[http]\nretries = 99\n";
        assert_eq!(offset_of(text, &["stores"]), Some(18));
        assert_eq!(offset_of(text, &["http", "retries"]), text.find("99"));
        assert_eq!(offset_of(text, &["http", "timeout"]), None);
    }
}
