//! `goshim config`

use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use goshim_installer::install::Installer;
use goshim_resolver::config_list::{self, KEYS, Origin, Setting, Value as Toml, takes_of};
use goshim_resolver::schema::Takes;
use goshim_resolver::{Env, escape, settings, variables};
use serde_json::{Value, json};

use crate::config_file;
use crate::context::Context;
use crate::error::Error;
use crate::exit;
use crate::nearest::nearest;
use crate::output;
use crate::startup::Edit;

/// The arguments of `config`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Config {
    #[command(subcommand)]
    action: Option<Action>,

    #[command(flatten)]
    list: List,
}

/// What to do with it; without a word it is listed.
#[derive(Debug, Subcommand)]
enum Action {
    /// Show every setting, and who says so
    List(List),
    /// Print the value that counts, alone; each of a list on a line
    Get {
        /// The setting, such as policy, http.timeout or env.GOFLAGS
        #[arg(value_name = "KEY")]
        key: String,
    },
    /// Write a value into your config.toml; comments and order stay
    Set {
        /// The setting, such as policy, http.timeout or env.GOFLAGS
        #[arg(value_name = "KEY")]
        key: String,

        /// The value, without quotes of TOML; of a list each, or with commas between
        #[arg(value_name = "VALUE", required = true, allow_hyphen_values = true)]
        values: Vec<String>,
    },
    /// Take a setting out of your config.toml
    Unset {
        /// The setting
        #[arg(value_name = "KEY")]
        key: String,
    },
}

/// The arguments of `config list`
#[derive(Debug, Args)]
struct List {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Config {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        match &self.action {
            None => self.list.run(context),
            Some(Action::List(list)) => list.run(context),
            Some(Action::Get { key }) => get(context, key),
            Some(Action::Set { key, values }) => set(context, key, values),
            Some(Action::Unset { key }) => unset(context, key),
        }
    }
}

/// A value as TOML. People show what they see to others.
fn shown(value: &Toml) -> String {
    escape::without_passwords(&value.to_string())
}

/// A value for a program: what TOML has, JSON has as well.
fn as_json(value: &Toml) -> Value {
    match value {
        Toml::String(text) => json!(escape::without_passwords(text)),
        Toml::Integer(number) => json!(number),
        Toml::Float(number) => json!(number),
        Toml::Boolean(switch) => json!(switch),
        Toml::Array(items) => items.iter().map(as_json).collect(),
        // No setting is one.
        Toml::Datetime(_) | Toml::Table(_) => Value::Null,
    }
}

impl List {
    fn run(&self, context: &Context) -> Result<ExitCode, Error> {
        let settings = config_list::list(&context.env, &context.layout)?;
        if self.json {
            let shapes = settings.iter().map(|Setting { key, value, origin }| {
                let (variable, file) = match origin {
                    Origin::Variable(name) => (Some(name), None),
                    Origin::User(file) | Origin::Machine(file) => (None, Some(file.to_string_lossy())),
                    Origin::Default => (None, None),
                };
                json!({ "key": key, "value": value.as_ref().map(as_json), "origin": { "kind": origin.kind(), "name": variable, "file": file } })
            });
            output::json(&Value::Array(shapes.collect()))?;
            return Ok(ExitCode::SUCCESS);
        }
        for setting in &settings {
            output::data(&line(setting))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// `policy = "exact"  (/home/you/.config/goshim/config.toml)`
fn line(Setting { key, value, origin }: &Setting) -> String {
    let value = value.as_ref().map_or_else(|| "(not set)".to_owned(), shown);
    format!("{key} = {value}  ({origin})")
}

/// What counts for a key; of `trusted_dirs`, which add up, each file's.
fn counting(context: &Context, key: &str) -> Result<Vec<Setting>, Error> {
    let mut settings = config_list::list(&context.env, &context.layout)?;
    settings.retain(|setting| setting.key == key);
    Ok(settings)
}

fn takes(key: &str) -> Result<Takes, Error> {
    takes_of(key).ok_or_else(|| Error::NoSuchKey {
        key: key.to_owned(),
        nearest: nearest(key, KEYS.iter().map(|key| key.name)),
    })
}

fn get(context: &Context, key: &str) -> Result<ExitCode, Error> {
    takes(key)?;
    let settings = counting(context, key)?;
    let is_set = settings.iter().any(|setting| setting.value.is_some());
    for value in settings.iter().flat_map(Setting::plain) {
        output::data(&escape::without_passwords(&value))?;
    }
    if !is_set {
        context.output.talk(&format!("{key} is not set"));
        return Ok(ExitCode::from(exit::FAILURE));
    }
    Ok(ExitCode::SUCCESS)
}

fn set(context: &Context, key: &str, values: &[String]) -> Result<ExitCode, Error> {
    let value = toml_of(key, takes(key)?, values)?;
    let changed = change(context, key, Some(&value))?;
    let shown_value = escape::without_passwords(&value);
    let file = context.shown_path(context.layout.config());
    context.output.talk(&match changed {
        Changed::Nothing => format!("{key} is {shown_value} in {file} already"),
        Changed::From(None) => format!("{key} is {shown_value} in {file}"),
        Changed::From(Some(old)) => {
            format!("{key} is {shown_value} in {file}; it was {old}")
        }
    });
    // What else is wrong with the configuration was there before.
    let settings = counting(context, key).unwrap_or_default();
    if let Some(Setting {
        origin: Origin::Variable(name),
        value,
        ..
    }) = settings.first()
    {
        let value = value.as_ref().map(shown).unwrap_or_default();
        context
            .output
            .talk(&format!("here the variable {name} overrules it: {value}"));
    }
    Ok(ExitCode::SUCCESS)
}

fn unset(context: &Context, key: &str) -> Result<ExitCode, Error> {
    // A key that goshim does not know is what has to go where it breaks the file.
    let changed = change(context, key, None)?;
    let file = context.shown_path(context.layout.config());
    let Changed::From(old) = changed else {
        takes(key)?;
        context.output.talk(&format!("{key} is not in {file}"));
        return Ok(ExitCode::SUCCESS);
    };
    let old = old.map_or_else(String::new, |old| format!("; it was {old}"));
    context
        .output
        .talk(&format!("{key} is not in {file} any more{old}"));
    for setting in counting(context, key).unwrap_or_default() {
        context
            .output
            .talk(&format!("what counts now: {}", line(&setting)));
    }
    Ok(ExitCode::SUCCESS)
}

/// The words of the command line as TOML.
fn toml_of(key: &str, takes: Takes, values: &[String]) -> Result<String, Error> {
    if matches!(takes, Takes::List(_) | Takes::Flags) {
        return Ok(array(key, takes, values)?.to_string());
    }
    let refused = |value: String, problem| {
        Err(Error::ConfigValue {
            key: key.to_owned(),
            value: escape::without_passwords(&value),
            problem,
        })
    };
    let [text] = values else {
        return refused(values.join(" "), "it is one value, and no list".to_owned());
    };
    let is_fine = match takes {
        Takes::Switch => text.parse::<bool>().is_ok(),
        // What TOML has no spelling for is no number.
        Takes::Number(_) => text.parse::<f64>().is_ok() && text.parse::<toml_edit::Value>().is_ok(),
        Takes::Count(_) => text.parse::<u64>().is_ok() && text.parse::<toml_edit::Value>().is_ok(),
        Takes::Words(words) => words.contains(&text.as_str()),
        Takes::Text(_) | Takes::List(_) | Takes::Flags => true,
    };
    if !is_fine {
        return refused(text.clone(), format!("it takes {takes}"));
    }
    Ok(match takes {
        Takes::Words(_) | Takes::Text(_) => toml_edit::Value::from(text.as_str()).to_string(),
        _ => text.clone(),
    })
}

/// The words as a list: each is an entry, several with commas between them (as variables have them; flags for go may have commas), or an array of TOML.
fn array(key: &str, takes: Takes, values: &[String]) -> Result<toml_edit::Array, Error> {
    let mut array = toml_edit::Array::new();
    for word in values {
        let entries: Option<Vec<String>> = if word.starts_with('[') {
            word.parse().ok().and_then(|value: toml_edit::Value| {
                let items = value.as_array()?.iter();
                items.map(|item| item.as_str().map(str::to_owned)).collect()
            })
        } else if takes == Takes::Flags {
            Some(vec![word.clone()])
        } else {
            Some(
                word.split(',')
                    .map(|entry| entry.trim().to_owned())
                    .collect(),
            )
        };
        let problem = match &entries {
            None => "it is no array of TOML with texts in quotes",
            Some(entries) if entries.iter().any(String::is_empty) => "an entry is empty",
            Some(_) => "",
        };
        if !problem.is_empty() {
            return Err(Error::ConfigValue {
                key: key.to_owned(),
                value: escape::without_passwords(word),
                problem: problem.to_owned(),
            });
        }
        array.extend(entries.unwrap_or_default());
    }
    Ok(array)
}

/// What became of the user's file.
enum Changed {
    /// It says so already.
    Nothing,
    /// It was written; with the value before, if any.
    From(Option<String>),
}

/// Gives a key a value in the user's file, or with `None` takes it out. The new text is read as ever before it takes the old one's place.
fn change(context: &Context, key: &str, value: Option<&str>) -> Result<Changed, Error> {
    let file = context.layout.config();
    let dir = file.parent();
    // Without it there is nothing to lock. That it cannot be made is told where the file cannot be written.
    if let (Some(dir), Some(_)) = (dir, value) {
        let _ = fs_err::create_dir_all(dir);
    }
    let _lock = dir.and_then(lock);
    let mut before = None;
    let edit = Edit::plan(file, |old| {
        let text = old.unwrap_or_default().to_vec();
        let text = String::from_utf8(text).map_err(|_| Error::Refused {
            file: file.to_owned(),
            reason: "it is not UTF-8".to_owned(),
        })?;
        before = value_in(&text, key);
        let new = match value {
            Some(value) => config_file::set(&text, key, value).map(Some),
            None => config_file::unset(&text, key),
        };
        // What is no TOML has no keys: the reader knows the line.
        let new = new.map_err(|_| broken(file, &text))?;
        let Some(new) = new.filter(|new| *new != text) else {
            return Ok(old.map(<[u8]>::to_vec));
        };
        if let Err(problem) = check(context, file, key, &new) {
            let without = config_file::unset(&new, key).ok().flatten();
            let is_to_blame = without.is_some_and(|text| check(context, file, key, &text).is_ok());
            match value {
                Some(value) if is_to_blame => {
                    return Err(Error::ConfigValue {
                        key: key.to_owned(),
                        value: escape::without_passwords(value.trim_matches('"')),
                        problem,
                    });
                }
                _ if settings::Config::parse(file, &new).is_err() => {
                    return Err(broken(file, &text));
                }
                // Another server's setting is wrong, which is no reason not to write this one.
                _ => {}
            }
        }
        Ok(Some(new.into_bytes()))
    })?;
    match edit {
        None => Ok(Changed::Nothing),
        Some(edit) => {
            edit.apply()?;
            Ok(Changed::From(before))
        }
    }
}

/// Keeps other goshims from changing a file of this directory until dropped, lest one undoes what the other has done. `None` where the directory is not there
/// yet or cannot be locked, which is no reason not to write.
fn lock(dir: &Path) -> Option<fs_err::File> {
    let dir = fs_err::File::open(dir).ok()?;
    dir.file().lock().ok()?;
    Some(dir)
}

/// The value of a key in a text, for people.
fn value_in(text: &str, key: &str) -> Option<String> {
    let document: toml_edit::DocumentMut = text.parse().ok()?;
    let item = match key.split_once('.') {
        Some((table, leaf)) => document.get(table)?.get(leaf)?,
        None => document.get(key)?,
    };
    Some(escape::without_passwords(item.to_string().trim()))
}

/// The error for a file that is broken as it lies there.
fn broken(file: &Path, text: &str) -> Error {
    match settings::Config::parse(file, text) {
        Err(error) => Error::BrokenConfig(error),
        Ok(_) => Error::Refused {
            file: file.to_owned(),
            reason: "it could not be read back".to_owned(),
        },
    }
}

/// What is wrong with a text in which a key was changed, as whoever reads the file says it; the servers' settings have a reader of their own.
fn check(context: &Context, file: &Path, key: &str, text: &str) -> Result<(), String> {
    let config = settings::Config::parse(file, text).map_err(|error| match error {
        goshim_resolver::Error::Settings { problem, .. } => problem,
        error => error.to_string(),
    })?;
    if key == "index" || key == "mirrors" || key.starts_with("http.") {
        let installer = Installer::new(&without_variables(&context.env), &context.layout, &config);
        installer.map_err(|error| escape::text(&error.to_string()))?;
    }
    Ok(())
}

/// The environment, in which nothing overrules a file.
fn without_variables(env: &Env) -> Env {
    let of_keys = KEYS.iter().filter_map(|key| key.variable);
    of_keys
        .chain([variables::OFFLINE])
        .fold(env.clone(), Env::without)
}
