//! Every setting of the configuration with its value and who says so, for `goshim config`.

use std::fmt;
use std::path::{Path, PathBuf};

use toml::Table;
pub use toml::Value;

use crate::env::Env;
use crate::error::Error;
use crate::escape;
use crate::layout::Layout;
use crate::schema::{self, LAYOUT, POLICY, Takes, VARIABLE};
use crate::settings::{self, Config};
use crate::{read, variables};

/// A key of `config.toml`.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name, with dots between tables.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// The variable that overrules it.
    pub variable: Option<&'static str>,
    /// What holds without it, as it would be written; empty where that is no value.
    default: &'static str,
}

impl Key {
    const fn new(
        name: &'static str,
        takes: Takes,
        variable: Option<&'static str>,
        default: &'static str,
    ) -> Self {
        Self {
            name,
            takes,
            variable,
            default,
        }
    }
}

/// What a key takes; `None` where there is no such key. What is a name of a variable is a key behind `env.`: which ones may be set, the file's
/// reader says.
pub fn takes_of(name: &str) -> Option<Takes> {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    match name.strip_prefix("env.") {
        Some("GOFLAGS") => Some(Takes::Flags),
        Some(name) => (!name.is_empty() && name.bytes().all(is_of_name)).then_some(VARIABLE),
        None => KEYS
            .iter()
            .find(|key| key.name == name)
            .map(|key| key.takes),
    }
}

/// All keys as the words about a broken file need them.
pub(crate) fn entries() -> Vec<schema::Entry> {
    let env = [("env.GOFLAGS", Takes::Flags), ("env.*", VARIABLE)];
    KEYS.iter()
        .map(|key| (key.name, key.takes))
        .chain(env)
        .collect()
}

/// All keys but those of `[env]`, in the order of docs/reference/config.md.
pub const KEYS: &[Key] = &[
    Key::new("policy", POLICY, Some(variables::POLICY), "\"project\""),
    Key::new("strict", Takes::Switch, Some(variables::STRICT), "false"),
    Key::new(
        "auto_install",
        Takes::Words(&["always", "ask", "never"]),
        Some(variables::AUTO_INSTALL),
        "\"always\"",
    ),
    Key::new(
        "auto_install_min",
        Takes::Text("a release in quotes, such as \"1.21.1\""),
        None,
        "\"1.21.1\"",
    ),
    Key::new("goroot", Takes::Words(&["set", "unset"]), None, "\"set\""),
    Key::new("layout", LAYOUT, None, "\"shared\""),
    Key::new(
        "untrusted",
        Takes::Words(&["refuse", "ignore"]),
        Some(variables::UNTRUSTED),
        "\"refuse\"",
    ),
    Key::new("trusted_dirs", DIRECTORIES, None, "[]"),
    Key::new(
        "index",
        Takes::Text("an address in quotes, such as \"https://go.dev/dl/\""),
        Some(variables::INDEX_URL),
        "\"https://go.dev/dl/\"",
    ),
    Key::new(
        "mirrors",
        Takes::List("a list of addresses, such as [\"https://mirror.example/\"]"),
        Some(variables::MIRROR),
        "",
    ),
    Key::new("stores", DIRECTORIES, None, "[]"),
    Key::new("http.timeout", SECONDS, Some(variables::HTTP_TIMEOUT), "30"),
    Key::new(
        "http.connect_timeout",
        SECONDS,
        Some(variables::HTTP_CONNECT_TIMEOUT),
        "10",
    ),
    Key::new(
        "http.retries",
        Takes::Count("a whole number from 0 to 20"),
        Some(variables::HTTP_RETRIES),
        "2",
    ),
    Key::new(
        "http.min_rate",
        Takes::Count("a whole number of bytes, 0 for none"),
        Some(variables::HTTP_MIN_RATE),
        "1024",
    ),
    Key::new(
        "http.ca_file",
        Takes::Text("a path in quotes, such as \"/etc/ssl/corp.pem\""),
        None,
        "",
    ),
];

const DIRECTORIES: Takes = Takes::List("a list of absolute directories, such as [\"/srv/go\"]");
const SECONDS: Takes = Takes::Number("a number of seconds, such as 30 or 0.5");

/// A setting as it counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The key, with dots between tables.
    pub key: String,
    /// Its value, of the kind that the key takes, also where a variable says it; `None` where the default is no value.
    pub value: Option<Value>,
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
        match &self.value {
            Some(Value::Array(values)) => values.iter().map(plain).collect(),
            Some(value) => vec![plain(value)],
            None => Vec::new(),
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// What a variable says, as a file would say it to the same end. What it could not is a text.
fn of_variable(text: String, takes: Takes) -> Value {
    let value = match takes {
        Takes::Switch => match text.as_str() {
            "1" | "true" => Some(Value::Boolean(true)),
            "0" | "false" => Some(Value::Boolean(false)),
            _ => None,
        },
        Takes::Number(_) | Takes::Count(_) => match text.parse() {
            Ok(number) => Some(Value::Integer(number)),
            Err(_) => text.parse().ok().map(Value::Float),
        },
        Takes::List(_) => {
            let items = text.split(',').map(|item| item.trim().into());
            Some(Value::Array(items.collect()))
        }
        Takes::Words(_) | Takes::Text(_) | Takes::Flags => None,
    };
    value.unwrap_or(Value::String(text))
}

/// What is written in [`KEYS`].
fn of_default(text: &str) -> Option<Value> {
    let table: Option<Table> = toml::from_str(&format!("value = {text}")).ok();
    table?.remove("value")
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
            entries_of(env, layout.config())?,
            Origin::User(layout.config().to_owned()),
        ),
        (
            entries_of(env, layout.machine_config())?,
            Origin::Machine(layout.machine_config().to_owned()),
        ),
    ];
    let mut settings = Vec::new();
    for key in KEYS {
        let from_variable = key.variable.and_then(|variable| {
            let value = env.text(variable)?;
            Some(Setting {
                key: key.name.to_owned(),
                value: Some(of_variable(value, key.takes)),
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
                value: of_default(key.default),
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
fn entries_of(env: &Env, file: &Path) -> Result<Vec<(String, Value)>, Error> {
    if env.is_hidden(file) {
        return Ok(Vec::new());
    }
    let table: Table = match read::read_text(file)? {
        Some(text) => settings::parse(file, &text, &entries())?,
        None => return Ok(Vec::new()),
    };
    let mut entries = Vec::new();
    for (name, value) in table {
        match value {
            Value::Table(table) => {
                let keys = table.into_iter();
                entries.extend(keys.map(|(key, value)| (format!("{name}.{key}"), value)));
            }
            value => entries.push((name, value)),
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
            let text = format!("{name} = {value}\n");
            Config::parse(Path::new("x"), &text).unwrap();
            // What is said of it where it is wrong is true.
            assert_eq!(schema::explain(&text, &entries()), None, "{text}");
            let text = format!("{name} = [[]]\n");
            assert!(Config::parse(Path::new("x"), &text).is_err());
            assert!(schema::explain(&text, &entries()).is_some(), "{text}");
        }
    }
}
