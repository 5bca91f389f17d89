//! `goshim env`, and what the child of `goshim exec` gets.

use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use goshim_resolver::child::Change;
use goshim_resolver::environment::{Assignment, Source};
use goshim_resolver::{Resolution, Selected, escape, resolve};
use goshim_shell::Shell;
use serde_json::{Value, json};

use crate::context::{Context, missing};
use crate::error::Error;
use crate::output;

/// The arguments of `env`
#[derive(Debug, Args)]
pub struct Env {
    /// Another Go than this directory's, such as +1.22
    #[arg(value_name = "+VERSION", value_parser = query)]
    query: Option<String>,

    /// The shell that is to read the lines; without it, the one that SHELL names
    #[arg(long, value_enum)]
    shell: Option<ShellName>,

    /// Print JSON
    #[arg(long, group = "format", conflicts_with = "shell")]
    json: bool,

    /// Show who sets each variable, and what does not count because you exported it
    #[arg(long, group = "format", conflicts_with = "shell")]
    explain: bool,
}

/// How the environment is written.
#[derive(Clone, Copy, Debug)]
enum Format {
    /// As lines that a shell evaluates.
    Shell(Shell),
    /// For programs.
    Json,
    /// For people.
    Explanation,
}

/// A shell whose language goshim knows.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ShellName {
    /// GNU Bash
    Bash,
    /// The Z shell
    Zsh,
    /// fish
    Fish,
    /// Any other shell of the Bourne family
    Posix,
}

impl From<ShellName> for Shell {
    fn from(name: ShellName) -> Self {
        match name {
            ShellName::Bash => Self::Bash,
            ShellName::Zsh => Self::Zsh,
            ShellName::Fish => Self::Fish,
            ShellName::Posix => Self::Posix,
        }
    }
}

/// A query with its `+`, which is taken off.
fn query(text: &str) -> Result<String, &'static str> {
    let query = text.strip_prefix('+');
    query.map(str::to_owned).ok_or("write it as +1.22")
}

impl Env {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let resolution = resolve(&context.env, &context.layout, &[], self.query.as_deref())?;
        let overruled = resolution.overruled.clone();
        let changes = changes(context, resolution)?;
        match self.format(context) {
            Format::Shell(shell) => {
                for change in &changes {
                    write_line(&shell_line(shell, change))?;
                }
            }
            Format::Json => {
                let shape = json!({ "environment": shape(&changes, exact), "overruled": shape_of_overruled(&overruled, exact) });
                output::json(&shape)?;
            }
            Format::Explanation => output::lines(&lines(&changes, &overruled))?,
        }
        Ok(ExitCode::SUCCESS)
    }

    fn format(&self, context: &Context) -> Format {
        let own = || Shell::of_program(Path::new(context.env.var("SHELL").unwrap_or_default()));
        match (self.json, self.explain) {
            (true, _) => Format::Json,
            (_, true) => Format::Explanation,
            _ => Format::Shell(self.shell.map_or_else(own, Shell::from)),
        }
    }
}

/// What changes for a program that is to find the selection as `go`; each variable once, PATH last.
///
/// # Errors
/// Where no Go can run, or the selected one is not installed.
pub(crate) fn changes(context: &Context, resolution: Resolution) -> Result<Vec<Change>, Error> {
    let mut changes = resolution.changes(&context.env);
    let path = resolution.path(&context.env, &context.layout);
    let asker = resolution.asker();
    if let Selected::Missing(wanted) = resolution.outcome? {
        return Err(missing(asker, &wanted));
    }
    changes.extend(path.map_err(Error::Path)?);
    Ok(changes)
}

fn shell_line(shell: Shell, change: &Change) -> OsString {
    match &change.value {
        Some(value) => shell.export(&change.name, value),
        None => shell.unset_line(&change.name).into(),
    }
}

/// A line for a shell: its own bytes for the shell, escaped for a terminal.
fn write_line(line: &OsStr) -> io::Result<()> {
    if io::stdout().is_terminal() {
        return output::data(&line.to_string_lossy());
    }
    output::path(Path::new(line))
}

/// The environment for people: each variable with its value, and who says so.
pub(crate) fn lines(changes: &[Change], overruled: &[Assignment]) -> Vec<String> {
    let told = changes
        .iter()
        .filter(|change| change.source != Source::Goshim);
    let told = told.map(|change| match &change.value {
        Some(value) => format!("{}={}  ({})", change.name, shown(value), change.source),
        None => format!("no {}  ({})", change.name, change.source),
    });
    let overruled = overruled.iter().map(|assignment| {
        let Assignment {
            name,
            value,
            source,
        } = assignment;
        format!(
            "{name} as you exported it, and not {}  ({source})",
            shown(value)
        )
    });
    told.chain(overruled).collect()
}

/// The environment as `--json` has it, with its values as `write` has them.
pub(crate) fn shape(changes: &[Change], write: fn(&OsStr) -> String) -> Value {
    let shapes = changes.iter().map(|change| {
        let value = change.value.as_deref().map(write);
        json!({ "name": change.name, "value": value, "source": shape_of_source(&change.source) })
    });
    Value::Array(shapes.collect())
}

/// What does not count, in the same shape.
pub(crate) fn shape_of_overruled(overruled: &[Assignment], write: fn(&OsStr) -> String) -> Value {
    let shapes = overruled.iter().map(|assignment| {
        let Assignment {
            name,
            value,
            source,
        } = assignment;
        json!({ "name": name, "value": write(value), "source": shape_of_source(source) })
    });
    Value::Array(shapes.collect())
}

pub(crate) fn shape_of_source(source: &Source) -> Value {
    let (file, line) = source.file().unzip();
    let file = file.map(|file| file.to_string_lossy().into_owned());
    json!({ "kind": source.kind(), "file": file, "line": line.flatten() })
}

/// A value for a program.
fn exact(value: &OsStr) -> String {
    value.to_string_lossy().into_owned()
}

/// A value for people, who may show it to others: without control characters, and without the passwords of addresses.
pub(crate) fn shown(value: &OsStr) -> String {
    escape::text(&escape::without_passwords(&value.to_string_lossy()))
}
