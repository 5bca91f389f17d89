//! `.goshim.toml`: which Go a project wants, and the environment and layout that its go commands get (docs/reference/project-file.md).
//!
//! It is data with a fixed schema: nothing in it is expanded, included or run. What its settings take to count is in `tiers.rs`, who
//! trusts them in `trust.rs`.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::error::Error;
use crate::origin::Place;
use crate::read::Identity;
use crate::schema;
use crate::settings::{self, Policy};
use crate::tiers::{self, Tier, Value};

/// A file's settings.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// The file.
    pub file: PathBuf,
    /// Whether the next file above fills what this one leaves open.
    pub inherit: bool,
    pub(crate) go: GoTable,
    /// What its table `[layout]` says.
    pub layout: Layout,
    /// What its table `[env]` says, by name.
    pub env: Vec<Setting>,
    /// The same of each profile.
    pub profiles: BTreeMap<String, Vec<Setting>>,
    /// Which file was read; `None` for a text, and where the system does not say.
    pub(crate) identity: Option<Identity>,
}

/// A variable that the file sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The variable.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// The line that says so, counted from 1.
    pub line: usize,
    /// Where in it the value begins, counted in characters from 1.
    pub column: usize,
    /// What it takes to count.
    pub tier: Tier,
}

/// Where go's own directories are.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Derived by goshim, in the user's store.
    pub kind: Option<(LayoutKind, Place)>,
    /// Named by the file, by the variable's name; relative to the file's directory.
    pub directories: Vec<(&'static str, PathBuf, Place)>,
}

/// How GOPATH and GOBIN are derived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LayoutKind {
    /// They are left alone.
    #[default]
    Shared,
    /// A GOPATH for each Go.
    PerVersion,
    /// A GOPATH and a GOBIN for each project.
    PerProject,
}

impl LayoutKind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::PerVersion => "per-version",
            Self::PerProject => "per-project",
        }
    }
}

/// The file as TOML.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    inherit: bool,
    #[serde(default)]
    go: GoTable,
    #[serde(default)]
    layout: LayoutTable,
    #[serde(default)]
    env: BTreeMap<String, Spanned<Value>>,
    #[serde(default)]
    profile: BTreeMap<Spanned<String>, ProfileTable>,
}

/// Its table `[go]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GoTable {
    pub(crate) version: Option<Spanned<String>>,
    pub(crate) policy: Option<Policy>,
    pub(crate) strict: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LayoutTable {
    kind: Option<Spanned<LayoutKind>>,
    gopath: Option<Spanned<String>>,
    gobin: Option<Spanned<String>>,
    gocache: Option<Spanned<String>>,
    gomodcache: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileTable {
    #[serde(default)]
    env: BTreeMap<String, Spanned<Value>>,
}

impl Project {
    /// Parses the text of `file`.
    ///
    /// # Errors
    /// Where it is not as documented, with the line and the column.
    pub fn parse(file: &Path, text: &str) -> Result<Self, Error> {
        let parsed: File = settings::parse(file, text, schema::PROJECT)?;
        let parser = Parser::new(file, text);
        let LayoutTable {
            kind,
            gopath,
            gobin,
            gocache,
            gomodcache,
        } = parsed.layout;
        let named = tiers::DIRECTORIES
            .into_iter()
            .zip([gopath, gobin, gocache, gomodcache]);
        let mut directories = Vec::new();
        for (name, path) in named {
            if let Some(path) = path {
                directories.push((name, parser.path(&path)?, parser.place(&path)));
            }
        }
        let mut profiles = BTreeMap::new();
        for (name, table) in parsed.profile {
            if !is_profile_name(name.get_ref()) {
                let problem = "the name of a profile is made of a-z, 0-9, - and _";
                return Err(parser.error(&name, problem.to_owned()));
            }
            profiles.insert(name.into_inner(), parser.settings(table.env)?);
        }
        Ok(Self {
            file: file.to_owned(),
            inherit: parsed.inherit,
            go: parsed.go,
            layout: Layout {
                kind: kind.map(|kind| (*kind.get_ref(), parser.place(&kind))),
                directories,
            },
            env: parser.settings(parsed.env)?,
            profiles,
            identity: None,
        })
    }

    /// The variables under `profile`, whose settings come before those of `[env]`.
    ///
    /// # Errors
    /// Where the file has profiles and none of this name: what it would have set would be missing.
    pub fn settings(&self, profile: Option<&str>) -> Result<Vec<&Setting>, Error> {
        let mut settings: Vec<&Setting> = match profile {
            Some(name) if !self.profiles.is_empty() => {
                let of_profile = self.profiles.get(name).ok_or_else(|| Error::NoProfile {
                    file: self.file.clone(),
                    profile: name.to_owned(),
                    known: self.profiles.keys().cloned().collect(),
                })?;
                of_profile.iter().collect()
            }
            _ => Vec::new(),
        };
        for setting in &self.env {
            if !settings.iter().any(|known| known.name == setting.name) {
                settings.push(setting);
            }
        }
        Ok(settings)
    }

    /// Everything in the file that needs trust, whatever the profile, as `NAME=value` with the table in front: in one order and spelling, so that two
    /// files which ask for the same trust have the same text.
    pub fn canonical(&self) -> Vec<String> {
        let of = |table: String, settings: &[Setting]| -> Vec<String> {
            settings
                .iter()
                .filter(|setting| setting.tier == Tier::NeedsTrust)
                .map(|setting| match &setting.value {
                    Value::Text(text) => format!("{table}.{} = {text:?}", setting.name),
                    Value::List(items) => format!("{table}.{} = {items:?}", setting.name),
                })
                .collect()
        };
        let directories = self.layout.directories.iter().map(|(name, path, _)| {
            let path = path.to_string_lossy();
            format!("layout.{} = {path:?}", name.to_lowercase())
        });
        directories
            .chain(of("env".to_owned(), &self.env))
            .chain(
                self.profiles
                    .iter()
                    .flat_map(|(name, settings)| of(format!("profile.{name}.env"), settings)),
            )
            .collect()
    }

    /// Where a setting of this file stands.
    pub fn place(&self, setting: &Setting) -> Place {
        Place {
            file: self.file.clone(),
            line: setting.line,
            column: Some(setting.column),
        }
    }

    /// The first setting in the file, of any profile, that is never allowed.
    pub fn never_allowed(&self) -> Option<&Setting> {
        self.env
            .iter()
            .chain(self.profiles.values().flatten())
            .find(|setting| setting.tier == Tier::Never)
    }
}

/// What separates the entries of a list of paths.
const SEPARATOR: char = if cfg!(windows) { ';' } else { ':' };

/// Whether a text can name a profile.
pub fn is_profile_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
}

/// The file while it is turned into settings.
struct Parser<'a> {
    file: &'a Path,
    text: &'a str,
    /// Where each line ends: every setting has its line and column, and the file is looked through once for all of them.
    ends: Vec<usize>,
    /// The bytes with which no character begins: a column counts characters.
    continuations: Vec<usize>,
}

impl<'a> Parser<'a> {
    fn new(file: &'a Path, text: &'a str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at).collect();
        let mut continuations = Vec::new();
        if !text.is_ascii() {
            continuations.extend((0..text.len()).filter(|at| !text.is_char_boundary(*at)));
        }
        Self {
            file,
            text,
            ends,
            continuations,
        }
    }

    /// The line and the column where a value begins.
    fn position<T>(&self, spanned: &Spanned<T>) -> (usize, usize) {
        let start = spanned.span().start;
        let lines = self.ends.partition_point(|end| *end < start);
        let end_before = lines.checked_sub(1).and_then(|line| self.ends.get(line));
        let first = end_before.map_or(0, |end| end + 1);
        let continuations = |to: usize| self.continuations.partition_point(|at| *at < to);
        let column = 1 + start - first - (continuations(start) - continuations(first));
        (1 + lines, column)
    }

    fn place<T>(&self, spanned: &Spanned<T>) -> Place {
        let (line, column) = self.position(spanned);
        Place {
            file: self.file.to_owned(),
            line,
            column: Some(column),
        }
    }

    fn error<T>(&self, spanned: &Spanned<T>, problem: String) -> Error {
        settings::error_at(self.file, self.text, spanned.span().start, problem)
    }

    fn settings(&self, table: BTreeMap<String, Spanned<Value>>) -> Result<Vec<Setting>, Error> {
        table
            .into_iter()
            .map(|(name, spanned)| {
                let (line, column) = self.position(&spanned);
                if let Some(problem) = spanned.get_ref().problem(&name) {
                    return Err(self.error(&spanned, problem.to_owned()));
                }
                let value = spanned.into_inner();
                Ok(Setting {
                    tier: tiers::tier(&name, &value),
                    name,
                    value,
                    line,
                    column,
                })
            })
            .collect()
    }

    /// A directory of the project: relative, and not outside by its name.
    fn path(&self, spanned: &Spanned<String>) -> Result<PathBuf, Error> {
        let path = Path::new(spanned.get_ref());
        let is_below = path
            .components()
            .all(|component| matches!(component, Component::Normal(_) | Component::CurDir))
            && path.components().next().is_some()
            && !spanned.get_ref().contains('\0')
            // GOPATH is a list.
            && !spanned.get_ref().contains(SEPARATOR);
        if is_below {
            Ok(path.components().collect())
        } else {
            let problem =
                "a directory of the layout is one, relative to this file, and without `..`";
            Err(self.error(spanned, problem.to_owned()))
        }
    }
}
