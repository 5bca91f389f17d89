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
struct Key {
    name: &'static str,
    /// The variable that overrules it.
    variable: Option<&'static str>,
    /// What holds without it, as it would be written; empty where that is no value.
    default: &'static str,
}

impl Key {
    const fn new(
        name: &'static str,
        variable: Option<&'static str>,
        default: &'static str,
    ) -> Self {
        Self {
            name,
            variable,
            default,
        }
    }
}

/// All keys but those of `[env]`, in the order of docs/reference/config.md.
const KEYS: &[Key] = &[
    Key::new("policy", Some(variables::POLICY), "\"project\""),
    Key::new("strict", Some(variables::STRICT), "false"),
    Key::new("auto_install", Some(variables::AUTO_INSTALL), "\"always\""),
    Key::new("auto_install_min", None, "\"1.21.1\""),
    Key::new("goroot", None, "\"set\""),
    Key::new("layout", None, "\"shared\""),
    Key::new("untrusted", Some(variables::UNTRUSTED), "\"refuse\""),
    Key::new("trusted_dirs", None, "[]"),
    Key::new(
        "index",
        Some(variables::INDEX_URL),
        "\"https://go.dev/dl/\"",
    ),
    Key::new("mirrors", Some(variables::MIRROR), ""),
    Key::new("stores", None, "[]"),
    Key::new("http.timeout", Some(variables::HTTP_TIMEOUT), "30"),
    Key::new(
        "http.connect_timeout",
        Some(variables::HTTP_CONNECT_TIMEOUT),
        "10",
    ),
    Key::new("http.retries", Some(variables::HTTP_RETRIES), "2"),
    Key::new("http.min_rate", Some(variables::HTTP_MIN_RATE), "1024"),
    Key::new("http.ca_file", None, ""),
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
        }
    }
}
