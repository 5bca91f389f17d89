//! Every setting of the configuration with its value and who says so, for `goshim config`.

use std::fmt;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::env::Env;
use crate::error::Error;
use crate::escape;
use crate::layout::Layout;
use crate::settings::{self, Config};
use crate::{read, variables};

/// A key of `config.toml`.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name, with dots between tables.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// The variable that overrules it.
    pub variable: Option<&'static str>,
    /// What holds without it, as it would be written; empty where that is no value.
    default: &'static str,
}

/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// `true` or `false`.
    Switch,
    /// A number.
    Number,
    /// Texts.
    List,
}

impl Key {
    const fn new(
        name: &'static str,
        kind: Kind,
        variable: Option<&'static str>,
        default: &'static str,
    ) -> Self {
        Self {
            name,
            kind,
            variable,
            default,
        }
    }
}

/// What a key holds; `None` where there is no such key. What is a name of a variable is a key behind `env.`: which ones may be set, the file's
/// reader says.
pub fn kind_of(name: &str) -> Option<Kind> {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    match name.strip_prefix("env.") {
        Some("GOFLAGS") => Some(Kind::List),
        Some(name) => (!name.is_empty() && name.bytes().all(is_of_name)).then_some(Kind::Text),
        None => KEYS.iter().find(|key| key.name == name).map(|key| key.kind),
    }
}

/// All keys but those of `[env]`, in the order of docs/reference/config.md.
pub const KEYS: &[Key] = &[
    Key::new("policy", Kind::Text, Some(variables::POLICY), "\"project\""),
    Key::new("strict", Kind::Switch, Some(variables::STRICT), "false"),
    Key::new(
        "auto_install",
        Kind::Text,
        Some(variables::AUTO_INSTALL),
        "\"always\"",
    ),
    Key::new("auto_install_min", Kind::Text, None, "\"1.21.1\""),
    Key::new("goroot", Kind::Text, None, "\"set\""),
    Key::new("layout", Kind::Text, None, "\"shared\""),
    Key::new(
        "untrusted",
        Kind::Text,
        Some(variables::UNTRUSTED),
        "\"refuse\"",
    ),
    Key::new("trusted_dirs", Kind::List, None, "[]"),
    Key::new(
        "index",
        Kind::Text,
        Some(variables::INDEX_URL),
        "\"https://go.dev/dl/\"",
    ),
    Key::new("mirrors", Kind::List, Some(variables::MIRROR), ""),
    Key::new("stores", Kind::List, None, "[]"),
    Key::new(
        "http.timeout",
        Kind::Number,
        Some(variables::HTTP_TIMEOUT),
        "30",
    ),
    Key::new(
        "http.connect_timeout",
        Kind::Number,
        Some(variables::HTTP_CONNECT_TIMEOUT),
        "10",
    ),
    Key::new(
        "http.retries",
        Kind::Number,
        Some(variables::HTTP_RETRIES),
        "2",
    ),
    Key::new(
        "http.min_rate",
        Kind::Number,
        Some(variables::HTTP_MIN_RATE),
        "1024",
    ),
    Key::new("http.ca_file", Kind::Text, None, ""),
];

/// A setting as it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The key, with dots between tables.
    pub key: String,
    /// Its value as TOML, a variable's as it is; `None` where the default is no value.
    pub value: Option<String>,
    /// Who says so.
    pub origin: Origin,
}

/// Who says what a setting is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A variable.
    Variable(&'static str),
    /// The user's file.
    User(PathBuf),
    /// The machine's.
    Machine(PathBuf),
    /// Nobody: it is what holds without a word.
    Default,
}

impl Origin {
    /// The word for this kind in JSON; stable.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Variable(_) => "variable",
            Self::User(_) => "user",
            Self::Machine(_) => "machine",
            Self::Default => "default",
        }
    }
}

impl Setting {
    /// Its values for programs: texts without quotes, and of a list each.
    pub fn plain(&self) -> Vec<String> {
        let Some(value) = &self.value else {
            return Vec::new();
        };
        if matches!(self.origin, Origin::Variable(_)) {
            return vec![value.clone()];
        }
        let table: Option<Table> = toml::from_str(&format!("value = {value}")).ok();
        match table.and_then(|mut table| table.remove("value")) {
            Some(Value::Array(values)) => values.into_iter().map(plain).collect(),
            Some(value) => vec![plain(value)],
            None => vec![value.clone()],
        }
    }
}

fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        value => value.to_string(),
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => f.write_str(name),
            Self::User(file) | Self::Machine(file) => f.write_str(&escape::path(file)),
            Self::Default => f.write_str("default"),
        }
    }
}

/// Every key with its value, then the variables of `[env]`. The directories of `trusted_dirs` add up, and each file has its own entry.
///
/// # Errors
/// Where a file cannot be read or is not as documented.
pub fn list(env: &Env, layout: &Layout) -> Result<Vec<Setting>, Error> {
    // What is wrong with the files is an error here as everywhere.
    Config::load(env, layout)?;
    let files = [
        (
            entries(env, layout.config())?,
            Origin::User(layout.config().to_owned()),
        ),
        (
            entries(env, layout.machine_config())?,
            Origin::Machine(layout.machine_config().to_owned()),
        ),
    ];
    let mut settings = Vec::new();
    for key in KEYS {
        let from_variable = key.variable.and_then(|variable| {
            let value = env.text(variable)?;
            Some(Setting {
                key: key.name.to_owned(),
                value: Some(value),
                origin: Origin::Variable(variable),
            })
        });
        let from_files = files.iter().filter_map(|(entries, origin)| {
            let (name, value) = entries.iter().find(|(name, _)| name == key.name)?;
            Some(Setting {
                key: name.clone(),
                value: Some(value.clone()),
                origin: origin.clone(),
            })
        });
        let said = from_variable.into_iter().chain(from_files);
        let counts = if key.name == "trusted_dirs" {
            usize::MAX
        } else {
            1
        };
        let before = settings.len();
        settings.extend(said.take(counts));
        if settings.len() == before {
            settings.push(Setting {
                key: key.name.to_owned(),
                value: Some(key.default.to_owned()).filter(|value| !value.is_empty()),
                origin: Origin::Default,
            });
        }
    }
    // Variables, and keys that have no row of their own.
    for (entries, origin) in &files {
        for (name, value) in entries {
            let is_known = KEYS.iter().any(|key| key.name == name)
                || settings.iter().any(|setting| setting.key == *name);
            if !is_known {
                settings.push(Setting {
                    key: name.clone(),
                    value: Some(value.clone()),
                    origin: origin.clone(),
                });
            }
        }
    }
    Ok(settings)
}

/// The entries of a file, by their dotted keys.
fn entries(env: &Env, file: &Path) -> Result<Vec<(String, String)>, Error> {
    if env.is_hidden(file) {
        return Ok(Vec::new());
    }
    let table: Table = match read::read_text(file)? {
        Some(text) => settings::parse(file, &text)?,
        None => return Ok(Vec::new()),
    };
    let mut entries = Vec::new();
    for (name, value) in table {
        match value {
            Value::Table(table) => {
                entries.extend(
                    table
                        .into_iter()
                        .map(|(key, value)| (format!("{name}.{key}"), value.to_string())),
                );
            }
            value => entries.push((name, value.to_string())),
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page has a row for each key, and the key is one that a file may have.
    #[test]
    fn every_key_is_documented_and_accepted() {
        let page = fs_err::read_to_string(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../docs/reference/config.md"
        ))
        .unwrap();
        for Key { name, default, .. } in KEYS {
            assert!(page.contains(&format!("| `{name}` |")), "{name} has no row");
            let value = if default.is_empty() { "[]" } else { default };
            let value = if *name == "http.ca_file" {
                "\"/x\""
            } else {
                value
            };
            settings::parse::<Config>(Path::new("x"), &format!("{name} = {value}\n")).unwrap();
            let kind = match value.chars().next() {
                Some('"') => Kind::Text,
                Some('[') => Kind::List,
                Some('0'..='9') => Kind::Number,
                _ => Kind::Switch,
            };
            assert_eq!(kind_of(name), Some(kind), "{name}");
        }
    }
}
