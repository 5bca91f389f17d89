//! `.goshim.toml` and the user's `config.toml`: data with a fixed schema, where an unknown key is an error.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;

use crate::error::Error;
use crate::escape::Escaped;
use crate::layout::Layout;
use crate::origin::Place;
use crate::read;
use crate::version::Version;

/// How the lines of go.mod and go.work count (docs/concepts/resolution.md).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// The toolchain line is a pin, the go line a floor.
    #[default]
    Project,
    /// As `project`, and the go line is a pin where there is no toolchain line.
    Exact,
    /// Both are a floor, as `GOTOOLCHAIN=auto` has it.
    Floor,
    /// Neither is read: cmd/go decides for itself on top of the choice.
    Native,
}

impl Policy {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Exact => "exact",
            Self::Floor => "floor",
            Self::Native => "native",
        }
    }

    /// The policy with this name.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Project, Self::Exact, Self::Floor, Self::Native]
            .into_iter()
            .find(|policy| policy.word() == word)
    }
}

/// What the shim does where the selected SDK is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AutoInstall {
    /// Install it.
    #[default]
    Always,
    /// Ask on a terminal; elsewhere as `never`.
    Ask,
    /// Say which command installs it.
    Never,
}

impl AutoInstall {
    /// The mode with this name.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "always" => Some(Self::Always),
            "ask" => Some(Self::Ask),
            "never" => Some(Self::Never),
            _ => None,
        }
    }
}

/// A project's `.goshim.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectFile {
    /// Whether the next file above fills what this one leaves open.
    #[serde(default)]
    pub(crate) inherit: bool,
    #[serde(default)]
    pub(crate) go: GoTable,
}

/// Its table `[go]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GoTable {
    pub(crate) version: Option<Spanned<String>>,
    pub(crate) policy: Option<Policy>,
    pub(crate) strict: Option<bool>,
}

/// A `config.toml`: the user's, or the machine's below it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The policy where no variable and no project file names one.
    pub policy: Option<Policy>,
    /// Whether a pin below the floor is an error.
    pub strict: Option<bool>,
    /// What the shim does where an SDK is missing.
    pub auto_install: Option<AutoInstall>,
    /// The oldest release that a project's files may have installed; 1.21.1 by default.
    pub auto_install_min: Option<String>,
    /// What the child's GOROOT becomes.
    pub goroot: Option<GorootSetting>,
    /// The index's address.
    pub index: Option<String>,
    /// Where the files come from, in this order.
    pub mirrors: Option<Vec<String>>,
    /// Further stores, absolute: looked up after the user's own, in this order, and never written.
    pub stores: Option<Vec<PathBuf>>,
    /// How servers are talked to.
    #[serde(default)]
    pub http: HttpTable,
}

/// The table `[http]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpTable {
    /// Seconds without a byte after which a connection counts as broken.
    pub timeout: Option<f64>,
    /// Seconds until a connection must stand.
    pub connect_timeout: Option<f64>,
    /// How often a broken download is tried again without progress.
    pub retries: Option<u32>,
    /// Bytes a second below which a server counts as too slow.
    pub min_rate: Option<u64>,
    /// A file with certificates (PEM) of further authorities.
    pub ca_file: Option<PathBuf>,
}

/// The setting `goroot`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GorootSetting {
    /// The selected SDK's root.
    Set,
    /// Removed: go finds its own root.
    Unset,
}

impl Config {
    /// What holds: the user's configuration, and the machine's where that leaves something open.
    ///
    /// # Errors
    /// Where one of the files cannot be read or is not as documented.
    pub fn of(layout: &Layout) -> Result<Self, Error> {
        let user = Self::read(layout.config())?;
        let machine = layout.machine_config();
        Ok(user.over(machine.map(|file| Self::read(&file)).transpose()?))
    }

    /// This configuration, with what it leaves open taken from `below`.
    fn over(self, below: Option<Self>) -> Self {
        let Some(below) = below else { return self };
        Self {
            policy: self.policy.or(below.policy),
            strict: self.strict.or(below.strict),
            auto_install: self.auto_install.or(below.auto_install),
            auto_install_min: self.auto_install_min.or(below.auto_install_min),
            goroot: self.goroot.or(below.goroot),
            index: self.index.or(below.index),
            mirrors: self.mirrors.or(below.mirrors),
            stores: self.stores.or(below.stores),
            http: HttpTable {
                timeout: self.http.timeout.or(below.http.timeout),
                connect_timeout: self.http.connect_timeout.or(below.http.connect_timeout),
                retries: self.http.retries.or(below.http.retries),
                min_rate: self.http.min_rate.or(below.http.min_rate),
                ca_file: self.http.ca_file.or(below.http.ca_file),
            },
        }
    }

    /// Reads one file; all open where there is none.
    ///
    /// # Errors
    /// Where the file cannot be read or is not as documented.
    pub fn read(file: &Path) -> Result<Self, Error> {
        let Some(text) = read::read_text(file)? else {
            return Ok(Self::default());
        };
        let config: Self = parse(file, &text)?;
        let is_relative = |store: &PathBuf| !store.is_absolute();
        if config.stores.iter().flatten().any(is_relative) {
            let place = Place {
                file: file.to_owned(),
                line: line_with(&text, "stores"),
            };
            return Err(Error::Settings {
                place,
                problem: "stores has a path that is not absolute".to_owned(),
            });
        }
        if config
            .auto_install_min
            .as_deref()
            .is_some_and(|min| Version::parse(min).is_none())
        {
            let place = Place {
                file: file.to_owned(),
                line: line_with(&text, "auto_install_min"),
            };
            return Err(Error::Settings {
                place,
                problem: "auto_install_min is not a Go release such as 1.21.1".to_owned(),
            });
        }
        Ok(config)
    }

    /// The oldest release that a project's files may have installed without a word from the user.
    ///
    /// Go 1.21.0 and older have holes through which a module's files could run code or choose a toolchain.
    pub fn auto_install_min(&self) -> Option<Version> {
        Version::parse(self.auto_install_min.as_deref().unwrap_or("1.21.1"))
    }
}

/// Parses a settings file; an error names the line and quotes nothing raw.
pub(crate) fn parse<T: DeserializeOwned>(file: &Path, text: &str) -> Result<T, Error> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_at(text, span.start));
        Error::Settings {
            place: Place {
                file: file.to_owned(),
                line,
            },
            problem: Escaped(error.message()).to_string(),
        }
    })
}

/// The line, counted from 1, of a byte offset.
pub(crate) fn line_at(text: &str, offset: usize) -> usize {
    1 + text
        .bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
}

fn line_with(text: &str, key: &str) -> usize {
    1 + text
        .lines()
        .position(|line| line.trim_start().starts_with(key))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_are_errors_with_their_line() {
        for (text, line) in [
            ("inherit = true\n[go]\nversoin = \"1\"\n", 3),
            ("[env]\nPATH = \"x\"\n", 1),
            ("[go]\npolicy = \"fast\"\n", 2),
        ] {
            match parse::<ProjectFile>(Path::new("p/.goshim.toml"), text) {
                Err(Error::Settings { place, .. }) => assert_eq!(place.line, line, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn messages_are_escaped() {
        let Err(error) = parse::<ProjectFile>(Path::new("x"), "\"\\u001b[31m\" = 1") else {
            panic!("accepted")
        };
        assert!(!error.to_string().contains('\u{1b}'), "{error}");
    }
}
