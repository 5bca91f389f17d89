//! `goshim layout`: where go's own directories are for a project.

use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use goshim_installer::{files, layouts};
use goshim_resolver::environment::{Assignment, Source};
use goshim_resolver::origin::Place;
use goshim_resolver::project::{LayoutKind, Project};
use goshim_resolver::resolve::projects;
use goshim_resolver::{escape, pin, workdir};
use serde_json::json;

use crate::commands::env;
use crate::context::Context;
use crate::error::Error;
use crate::output;

/// The arguments of `layout`
#[derive(Debug, Args)]
pub struct Layout {
    #[command(subcommand)]
    command: Command,
}

/// What to do with it.
#[derive(Debug, Subcommand)]
enum Command {
    /// Write the layout into this directory's .goshim.toml
    Init {
        /// Where GOPATH and GOBIN are to be
        #[arg(long, value_enum, default_value = "per-project")]
        kind: Kind,
    },
    /// Show where go's directories are here, and who says so
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove what this project's layout keeps in the store: its GOPATH, and the tools in its GOBIN
    Clean {
        /// Those of projects that are gone, instead
        #[arg(long)]
        gone: bool,
    },
}

/// The kinds of layouts.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// They are left alone
    Shared,
    /// A GOPATH for each Go
    PerVersion,
    /// A GOPATH and a GOBIN for each project
    PerProject,
}

impl From<Kind> for LayoutKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Shared => Self::Shared,
            Kind::PerVersion => Self::PerVersion,
            Kind::PerProject => Self::PerProject,
        }
    }
}

/// go's directories that a layout may move.
const NAMES: [&str; 4] = ["GOPATH", "GOBIN", "GOMODCACHE", "GOCACHE"];

impl Layout {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        match &self.command {
            Command::Init { kind } => init(context, (*kind).into())?,
            Command::Show { json } => show(context, *json)?,
            Command::Clean { gone } => clean(context, *gone)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn init(context: &Context, kind: LayoutKind) -> Result<(), Error> {
    let dir = workdir::work_dir(&context.env, None)?.ok_or(Error::NoWorkingDirectory)?;
    let file = dir.join(pin::PROJECT_FILE);
    let table = format!("[layout]\nkind = \"{}\"\n", kind.word());
    if fs_err::symlink_metadata(&file).is_ok_and(|file| file.is_symlink()) {
        return Err(Error::FileIsLink(file));
    }
    let shown = escape::path(&file);
    match pin::read_project(&file)? {
        None => {
            let new = inherit(context)? + &table;
            if !files::write_new(&file, &new).map_err(Error::Pin)? {
                return Err(Error::FileExists(file));
            }
        }
        Some(project) => match &project.layout.kind {
            Some((there, _)) if *there == kind => {
                if kind == LayoutKind::PerProject {
                    layouts::make(&context.layout, &dir)?;
                }
                context.output.talk(&format!("{shown} says so already"));
                return show(context, false);
            }
            Some((_, place)) => return Err(Error::LayoutExists(place.clone())),
            None if !project.layout.directories.is_empty() => {
                let (_, _, place) = project
                    .layout
                    .directories
                    .first()
                    .ok_or(Error::NoWorkingDirectory)?;
                return Err(Error::LayoutExists(place.clone()));
            }
            None => {
                let before = String::from_utf8(fs_err::read(&file)?).map_err(|_| {
                    goshim_resolver::Error::Pin {
                        place: Place::of_line(&file, 1),
                        problem: pin::Problem::NotText,
                    }
                })?;
                let gap = if before.is_empty() {
                    ""
                } else if before.ends_with('\n') {
                    "\n"
                } else {
                    "\n\n"
                };
                let text = format!("{before}{gap}{table}");
                // A table at the end of a file says the same wherever it is added, unless the file has its own notion of `layout`.
                Project::parse(&file, &text)?;
                files::replace(&file, text.as_bytes()).map_err(Error::Pin)?;
            }
        },
    }
    context
        .output
        .talk(&format!("wrote {shown}: the layout is {}", kind.word()));
    if kind == LayoutKind::PerProject {
        layouts::make(&context.layout, &dir)?;
    }
    show(context, false)
}

/// How a new `.goshim.toml` begins, so that one above it goes on to count; empty where there is none.
///
/// # Errors
/// Where one above cannot be read.
pub(super) fn inherit(context: &Context) -> Result<String, Error> {
    let projects = projects(&context.env)?;
    Ok(projects.first().map_or_else(String::new, |above| {
        context.output.talk(&format!(
            "{} goes on to count: inherit = true",
            escape::path(&above.file)
        ));
        "inherit = true\n\n".to_owned()
    }))
}

fn show(context: &Context, is_json: bool) -> Result<(), Error> {
    let resolution = context.resolve()?;
    let projects = projects(&context.env)?;
    let kind = projects
        .iter()
        .find_map(|project| project.layout.kind.as_ref().map(|(kind, _)| *kind))
        .or(context.config.layout)
        // Without a project there is none to have a GOPATH of its own.
        .filter(|kind| *kind != LayoutKind::PerProject || !projects.is_empty())
        .unwrap_or_default();
    resolution.outcome?;
    let known = |name: &str| {
        resolution
            .environment
            .iter()
            .find(|known| known.name == name)
    };
    if is_json {
        let directories: Vec<_> = NAMES
            .iter()
            .filter_map(|name| known(name))
            .map(|Assignment { name, value, source }| {
                json!({ "name": name, "value": value.to_string_lossy(), "source": env::shape_of_source(source) })
            })
            .collect();
        return Ok(output::json(
            &json!({ "kind": kind.word(), "directories": directories }),
        )?);
    }
    // One line asks for all that a kind sets, and is then named once.
    let mut sources = NAMES.iter().filter_map(|name| Some(&known(name)?.source));
    let common = sources
        .next()
        .filter(|first| sources.all(|source| source == *first));
    let by = match common {
        Some(Source::Layout(Some(place))) => format!(", by {}", context.shown(place)),
        Some(Source::Layout(None)) => ", by your configuration".to_owned(),
        _ => String::new(),
    };
    output::data(&format!("The layout is {}{by}.", kind.word()))?;
    for name in NAMES {
        let line = match (known(name), context.env.var(name)) {
            (Some(Assignment { value, .. }), _) if !by.is_empty() => {
                format!("  {name:<10} {}", env::shown(value))
            }
            (Some(Assignment { value, source, .. }), _) => {
                format!("  {name:<10} {}  ({source})", env::shown(value))
            }
            (None, Some(exported)) => {
                format!("  {name:<10} {}  (you exported it)", env::shown(exported))
            }
            (None, None) => format!("  {name:<10} as go has it"),
        };
        output::data(&line)?;
    }
    Ok(())
}

fn clean(context: &Context, is_gone: bool) -> Result<(), Error> {
    let dirs = if is_gone {
        layouts::gone(&context.layout)?
    } else {
        let here = workdir::work_dir(&context.env, None)?.ok_or(Error::NoWorkingDirectory)?;
        // That of the nearest file: what one above it keeps is another project's.
        let projects = projects(&context.env)?;
        let nearest = projects.first().and_then(|project| project.file.parent());
        let dir = nearest.map_or(here, Path::to_owned);
        vec![layouts::directory(&context.layout, &dir)]
    };
    let mut is_any = false;
    for dir in dirs {
        if layouts::remove(&dir)? {
            context
                .output
                .talk(&format!("removed {}", escape::path(&dir)));
            is_any = true;
        }
    }
    if !is_any {
        context.output.talk("there is nothing to remove");
    }
    Ok(())
}
