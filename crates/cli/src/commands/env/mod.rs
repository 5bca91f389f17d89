//! `goshim env`, and what the child of `goshim exec` gets.

mod dotenv;
mod github_actions;

use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use goshim_resolver::child::Change;
use goshim_resolver::environment::{Assignment, Source};
use goshim_resolver::{Resolution, Selected, escape, resolve};
use goshim_shell::Shell;
use serde_json::{Value, json};

use crate::context::{Context, missing};
use crate::error::Error;
use crate::output;
use crate::shells::ShellName;

/// The arguments of `env`
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line, and they exclude each other"
)]
#[derive(Debug, Args)]
pub struct Env {
    /// Another Go than this directory's, such as +1.22
    #[arg(value_name = "+VERSION", value_parser = query)]
    query: Option<String>,

    /// Print lines for this shell [default: the one that SHELL names]
    #[arg(long, value_enum, group = "format")]
    shell: Option<ShellName>,

    /// Print JSON
    #[arg(long, group = "format")]
    json: bool,

    /// Print lines for a .env file, which editors read
    #[arg(long, group = "format")]
    dotenv: bool,

    /// Give it to the next steps of a GitHub Actions job, by the files that its runner reads; print nothing
    #[arg(long, group = "format")]
    github_actions: bool,

    /// Show who sets each variable, and what does not count because you exported it
    #[arg(long, group = "format")]
    explain: bool,
}

/// A query with its `+`, which is taken off.
pub(super) fn query(text: &str) -> Result<String, &'static str> {
    let query = text.strip_prefix('+');
    query.map(str::to_owned).ok_or("write it as +1.22")
}

impl Env {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let resolution = resolve(&context.env, &context.layout, &[], self.query.as_deref())?;
        let overruled = resolution.overruled.clone();
        let path_front = resolution.path_front(&context.env);
        let changes = changes(context, resolution)?;
        if self.json {
            let values = changes.iter().map(|change| change.value.as_deref());
            let environment = with_bytes(shape(&changes, text), values);
            let values = overruled.iter().map(|known| Some(known.value.as_os_str()));
            let overruled = with_bytes(shape_of_overruled(&overruled, text), values);
            output::json(&json!({ "environment": environment, "overruled": overruled }))?;
        } else if self.dotenv {
            write_lines(dotenv::lines(&changes)?)?;
        } else if self.github_actions {
            github_actions::add(&context.env, &changes, &path_front)?;
        } else if self.explain {
            output::lines(&lines(&changes, &overruled))?;
        } else {
            write_lines(shell_lines(self.shell(context), &changes)?)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn shell(&self, context: &Context) -> Shell {
        let own = || Shell::of_program(context.login_shell());
        self.shell.map_or_else(own, |name| name.0)
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

/// The lines that make the changes in a shell.
///
/// # Errors
/// Where a value is not text, and the shell keeps nothing else.
pub(super) fn shell_lines(shell: Shell, changes: &[Change]) -> Result<Vec<OsString>, Error> {
    let line = |Change { name, value, .. }: &Change| match value {
        Some(value) => shell.export(name, value).ok_or_else(|| Error::Unwritable {
            name: name.clone(),
            format: shell.name(),
            problem: NOT_TEXT,
        }),
        None => Ok(shell.unset_line(name).into()),
    };
    changes.iter().map(line).collect()
}

/// Why a format of text cannot hold a value.
const NOT_TEXT: &str = "it is not UTF-8";

/// Lines for a program: their own bytes, and escaped where a terminal would show them.
pub(super) fn write_lines(lines: impl IntoIterator<Item = impl AsRef<OsStr>>) -> io::Result<()> {
    let is_terminal = io::stdout().is_terminal();
    lines.into_iter().try_for_each(|line| {
        if is_terminal {
            output::data(&line.as_ref().to_string_lossy())
        } else {
            output::path(Path::new(line.as_ref()))
        }
    })
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
    let file = source.file().map(|file| file.to_string_lossy());
    let place = source.place();
    json!({
        "kind": source.kind(),
        "file": file,
        "line": place.map(|place| place.line),
        "column": place.and_then(|place| place.column),
    })
}

/// A value for a program, as far as JSON can hold it.
fn text(value: &OsStr) -> String {
    value.to_string_lossy().into_owned()
}

/// Adds the bytes of those values that JSON cannot hold.
fn with_bytes<'a>(mut shapes: Value, values: impl Iterator<Item = Option<&'a OsStr>>) -> Value {
    for (shape, value) in shapes.as_array_mut().into_iter().flatten().zip(values) {
        shape["bytes"] = value.map_or(Value::Null, bytes_beyond_text);
    }
    shapes
}

/// The bytes of a value that is not UTF-8; null for all others.
fn bytes_beyond_text(value: &OsStr) -> Value {
    #[cfg(unix)]
    if value.to_str().is_none() {
        return json!(std::os::unix::ffi::OsStrExt::as_bytes(value));
    }
    // On other systems a value has no bytes that a program could set.
    let _ = value;
    Value::Null
}

/// A value for people, who may show it to others: without control characters, and without the passwords of addresses.
pub(crate) fn shown(value: &OsStr) -> String {
    escape::text(&escape::without_passwords(&value.to_string_lossy()))
}
