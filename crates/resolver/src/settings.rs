//! The user's `config.toml` and the machine's: data with a fixed schema, where an unknown key is an error. What `.goshim.toml` shares with them is
//! here too.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::config_list;
use crate::env::Env;
use crate::error::Error;
use crate::escape::{self, Escaped};
use crate::layout::Layout;
use crate::origin::Place;
use crate::project::LayoutKind;
use crate::read;
use crate::schema;
use crate::tiers::Value;
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
    /// What becomes of a project's settings that need trust and have none.
    pub untrusted: Option<Untrusted>,
    /// Directories below which every project is trusted.
    #[serde(default)]
    pub trusted_dirs: Vec<PathBuf>,
    /// The layout where the project names none.
    pub layout: Option<LayoutKind>,
    /// Variables for go, where neither the environment nor the project sets them.
    #[serde(default)]
    pub env: BTreeMap<String, Value>,
    /// The same of the machine's configuration.
    #[serde(skip)]
    pub machine_env: BTreeMap<String, Value>,
}

/// The setting `untrusted`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Untrusted {
    /// No go runs.
    #[default]
    Refuse,
    /// The file's free settings count, and no module is downloaded.
    Ignore,
}

impl Untrusted {
    /// The mode with this name.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "refuse" => Some(Self::Refuse),
            "ignore" => Some(Self::Ignore),
            _ => None,
        }
    }
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

impl HttpTable {
    fn above(self, machine: Self) -> Self {
        Self {
            timeout: self.timeout.or(machine.timeout),
            connect_timeout: self.connect_timeout.or(machine.connect_timeout),
            retries: self.retries.or(machine.retries),
            min_rate: self.min_rate.or(machine.min_rate),
            ca_file: self.ca_file.or(machine.ca_file),
        }
    }
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
    /// Reads the user's configuration, and the machine's below it: what the first leaves open, the second fills.
    ///
    /// # Errors
    /// Where a file cannot be read or is not as documented.
    pub fn load(env: &Env, layout: &Layout) -> Result<Self, Error> {
        let read = |file: &Path| {
            if env.is_hidden(file) {
                Ok(Self::default())
            } else {
                Self::read(file)
            }
        };
        let user = read(layout.config())?;
        Ok(user.above(read(layout.machine_config())?))
    }

    fn above(self, machine: Self) -> Self {
        Self {
            policy: self.policy.or(machine.policy),
            strict: self.strict.or(machine.strict),
            auto_install: self.auto_install.or(machine.auto_install),
            auto_install_min: self.auto_install_min.or(machine.auto_install_min),
            goroot: self.goroot.or(machine.goroot),
            index: self.index.or(machine.index),
            mirrors: self.mirrors.or(machine.mirrors),
            stores: self.stores.or(machine.stores),
            http: self.http.above(machine.http),
            untrusted: self.untrusted.or(machine.untrusted),
            trusted_dirs: [self.trusted_dirs, machine.trusted_dirs].concat(),
            layout: self.layout.or(machine.layout),
            env: self.env,
            machine_env: machine.env,
        }
    }

    /// Reads one configuration; all open where there is no file.
    ///
    /// # Errors
    /// Where the file cannot be read or is not as documented.
    pub fn read(file: &Path) -> Result<Self, Error> {
        match read::read_text(file)? {
            Some(text) => Self::parse(file, &text),
            None => Ok(Self::default()),
        }
    }

    /// What a text says that is, or is to be, in `file`.
    ///
    /// # Errors
    /// Where it is not as documented.
    pub fn parse(file: &Path, text: &str) -> Result<Self, Error> {
        // A file that is to be written must be one that can be read.
        if text.len() as u64 > read::SETTINGS_CAP {
            return Err(Error::TooLarge {
                file: file.to_owned(),
                cap: read::SETTINGS_CAP,
            });
        }
        let config: Self = parse(file, text, &config_list::entries())?;
        let problem_of = |key: &[&str], problem: String| {
            let offset = schema::offset_of(text, key).unwrap_or_default();
            error_at(file, text, offset, problem)
        };
        if let Some(store) = config
            .stores
            .iter()
            .flatten()
            .find(|dir| !dir.is_absolute())
        {
            let problem = format!("stores: {} is not absolute", escape::path(store));
            return Err(problem_of(&["stores"], problem));
        }
        if let Some(min) = &config.auto_install_min
            && Version::parse(min).is_none()
        {
            let problem = format!(
                "auto_install_min: `{}` is not a Go release such as 1.21.1",
                Escaped(min)
            );
            return Err(problem_of(&["auto_install_min"], problem));
        }
        if let Some(dir) = config.trusted_dirs.iter().find(|dir| !dir.is_absolute()) {
            let problem = format!("trusted_dirs: {} is not absolute", escape::path(dir));
            return Err(problem_of(&["trusted_dirs"], problem));
        }
        if let Some(name) = config.env.keys().find(|name| !is_settable(name)) {
            let problem = format!("env: goshim sets no variable `{}`", Escaped(name));
            return Err(problem_of(&["env", name], problem));
        }
        let problem = |(name, value): (&String, &Value)| Some((name.clone(), value.problem(name)?));
        if let Some((name, problem)) = config.env.iter().find_map(problem) {
            let problem = format!("env.{name}: {problem}");
            return Err(problem_of(&["env", &name], problem));
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

/// Whether the user's configuration may set a variable: it is one, and goshim does not decide about it itself.
fn is_settable(name: &str) -> bool {
    is_variable_name(name)
        && !name.starts_with("GOSHIM_")
        && name != "GOROOT"
        && !name.starts_with("GOTOOLCHAIN_INTERNAL_")
}

/// Whether shells and files of variables can name such a variable.
pub(crate) fn is_variable_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Parses a settings file; an error names line and column, and quotes nothing raw.
pub(crate) fn parse<T: DeserializeOwned>(
    file: &Path,
    text: &str,
    keys: &[schema::Entry],
) -> Result<T, Error> {
    toml::from_str(text).map_err(|error: toml::de::Error| {
        let (offset, problem) = schema::explain(text, keys).unwrap_or_else(|| {
            let offset = error.span().map_or(0, |span| span.start);
            (offset, Escaped(error.message()).to_string())
        });
        error_at(file, text, offset, problem)
    })
}

/// The error about what is at a byte offset of a settings file.
pub(crate) fn error_at(file: &Path, text: &str, offset: usize, problem: String) -> Error {
    Error::Settings {
        place: place_at(file, text, offset),
        problem,
    }
}

/// The line and the column of a byte offset.
pub(crate) fn place_at(file: &Path, text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    Place {
        file: file.to_owned(),
        line: 1 + before.matches('\n').count(),
        column: Some(1 + before.chars().rev().take_while(|c| *c != '\n').count()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_configuration_is_above_the_machines() {
        let dir = tempfile::tempdir().unwrap();
        let (user, machine) = (dir.path().join("u"), dir.path().join("m"));
        fs_err::write(&user, "policy = 'exact'\n[env]\nA = 'user'\n").unwrap();
        fs_err::write(
            &machine,
            "policy = 'floor'\nstrict = true\n[env]\nA = 'machine'\nB = 'x'\n",
        )
        .unwrap();
        let config = Config::read(&user)
            .unwrap()
            .above(Config::read(&machine).unwrap());
        assert_eq!(config.policy, Some(Policy::Exact));
        assert_eq!(config.strict, Some(true));
        assert_eq!((config.env.len(), config.machine_env.len()), (1, 2));
    }

    #[test]
    fn errors_point_at_line_and_column() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        for (text, line, column) in [
            ("strict = true\npolicy = 'fast'\n", 2, 10),
            ("  nonsense = 1\n", 1, 3),
            ("[env]\nGOSHIM_HOME = 'x'\n", 2, 15),
            ("trusted_dirs = ['x']\n", 1, 16),
            ("strict = true\nauto_install_min = 'x'\n", 2, 20),
            ("[env]\nGOFLAGS = '-race'\n", 2, 11),
            ("[env]\nGOPATH = 'x'\n", 2, 10),
        ] {
            fs_err::write(&file, text).unwrap();
            match Config::read(&file) {
                Err(Error::Settings { place, .. }) => {
                    assert_eq!((place.line, place.column), (line, Some(column)), "{text}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn messages_are_escaped() {
        let Err(error) = Config::parse(Path::new("x"), "\"\\u001b[31m\" = 1") else {
            panic!("accepted")
        };
        assert!(!error.to_string().contains('\u{1b}'), "{error}");
    }
}
