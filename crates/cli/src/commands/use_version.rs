//! `goshim use`

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use clap::Args;
use goshim_installer::files;
use goshim_resolver::resolve::governing_file;
use goshim_resolver::store::Sdk;
use goshim_resolver::{
    Query, Resolution, Selected, Version, escape, pin, regular_file, resolve, workdir,
};

use crate::context::{Context, missing};
use crate::error::Error;
use crate::known::as_query;
use crate::progress::Progress;

/// The arguments of `use`
#[derive(Debug, Args)]
pub struct Use {
    /// What to write: a release (1.22.10), a series (1.22), latest, oldstable, system or a linked name
    #[arg(value_name = "VERSION")]
    query: String,

    /// Write the release that it means now: the newest installed one, else the newest published one
    #[arg(long)]
    exact: bool,

    /// Edit the toolchain line of go.mod (or go.work) instead, with that release's own go
    #[arg(long)]
    toolchain: bool,
}

/// The first Go with a toolchain line.
const FIRST_WITH_TOOLCHAIN: &str = "1.21";

impl Use {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let query = context.query(&self.query)?;
        let file = if self.toolchain {
            self.edit_toolchain_line(context)?
        } else {
            // A name is as exact as can be.
            let text = if self.exact && !matches!(query, Query::Linked(_)) {
                as_query(&exact(context, &query, &self.query)?)
            } else {
                self.query.clone()
            };
            let dir = workdir::work_dir(&context.env, None)?.ok_or(Error::NoWorkingDirectory)?;
            let file = dir.join(".go-version");
            write(&target_of(context, &file)?, &text)?;
            let shown = escape::path(&file);
            context.output.talk(&format!("wrote {shown}: {text}"));
            file
        };
        context.record_project();
        tell_effect(context, &file);
        Ok(ExitCode::SUCCESS)
    }

    /// Lets cmd/go edit its own file. Returns the file.
    fn edit_toolchain_line(&self, context: &Context) -> Result<PathBuf, Error> {
        let file = governing_file(&context.env)?.ok_or(Error::NoModule)?;
        let sdk = installed(context, &self.query)?;
        let toolchain = sdk.version.toolchain();
        if Version::parse(FIRST_WITH_TOOLCHAIN).is_some_and(|first| sdk.version < first) {
            return Err(Error::NoToolchainLine { toolchain });
        }
        let is_work = file.file_name().is_some_and(|name| name == "go.work");
        let status = Command::new(sdk.program("go"))
            .args([if is_work { "work" } else { "mod" }, "edit"])
            .arg(format!("-toolchain={toolchain}"))
            .arg(&file)
            // This very Go is to do it, whatever the file asks for, with its own tools.
            .env("GOTOOLCHAIN", "local")
            .env("GOROOT", &sdk.root)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status();
        let status = status.map_err(|source| Error::Exec {
            program: escape::path(&sdk.program("go")),
            source,
        })?;
        if !status.success() {
            return Err(Error::Edit { file, toolchain });
        }
        let shown = escape::path(&file);
        context
            .output
            .talk(&format!("edited {shown}: toolchain {toolchain}"));
        Ok(file)
    }
}

/// Writes a pin. Comments around the version that was there stay, and the permissions.
fn write(file: &Path, text: &str) -> Result<(), Error> {
    let old = match fs_err::metadata(file) {
        Ok(metadata) if !metadata.is_file() || metadata.permissions().readonly() => {
            return Err(Error::Refused {
                file: file.to_owned(),
                reason: "it is read-only, or no regular file".to_owned(),
            });
        }
        Ok(_) => regular_file(file, MOST_BYTES).unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    let new = String::from_utf8(old)
        .ok()
        .and_then(|old| repinned(&old, text));
    let new = new.unwrap_or_else(|| format!("{text}\n"));
    files::replace(file, new.as_bytes()).map_err(Error::Pin)
}

/// The most bytes of a `.go-version` that is kept but for its version.
const MOST_BYTES: u64 = 4096;

/// A version file with another version; `None` where it has not exactly one.
fn repinned(old: &str, version: &str) -> Option<String> {
    let mut lines = old.split_inclusive('\n').map(pin::without_comment);
    let there = lines.find(|line| !line.is_empty())?;
    let is_alone = lines.all(str::is_empty);
    Query::parse(there).ok().filter(|_| is_alone)?;
    let mut is_done = false;
    let lines = old.split_inclusive('\n').map(|line| {
        if is_done || pin::without_comment(line) != there {
            return line.to_owned();
        }
        is_done = true;
        line.replacen(there, version, 1)
    });
    let text: String = lines.collect();
    Some(if text.ends_with('\n') {
        text
    } else {
        text + "\n"
    })
}

/// The installed SDK that a query means.
fn installed(context: &Context, text: &str) -> Result<Sdk, Error> {
    let resolution = resolve(&context.env, &context.layout, &[], Some(text))?;
    let asker = resolution.asker();
    match resolution.outcome? {
        Selected::Installed(sdk) => Ok(sdk),
        Selected::System(_) | Selected::Linked(_) => Err(Error::NotARelease(text.to_owned())),
        Selected::Missing(wanted) => Err(missing(asker, &wanted)),
    }
}

/// The release that a query means now: the newest installed one, else the newest published one.
fn exact(context: &Context, query: &Query, text: &str) -> Result<Version, Error> {
    match installed(context, text) {
        Err(Error::Missing { .. }) => {
            let installer = context.installer()?;
            let progress = Progress::new(context.output);
            let index = installer.index(&mut |event| progress.show(&event))?;
            let release = index.select(query, None, installer.platform())?;
            Ok(release.version.clone())
        }
        sdk => Ok(sdk?.version),
    }
}

/// The file to write. A link stays one where it leads to a version file: that is where the person keeps the version. It may also come
/// with somebody's repository, so nothing else is written through it.
fn target_of(context: &Context, file: &Path) -> Result<PathBuf, Error> {
    let Ok(link) = fs_err::read_link(file) else {
        return Ok(file.to_owned());
    };
    let target = dunce::canonicalize(file)
        .ok()
        .filter(|target| is_version_file(context, target));
    target.ok_or_else(|| Error::PinLink {
        file: file.to_owned(),
        target: link,
    })
}

/// Whether a file is empty or has a version, and perhaps comments. A word that is no linked SDK's name may be anything: a password, say.
pub(crate) fn is_version_file(context: &Context, file: &Path) -> bool {
    let is_small =
        fs_err::metadata(file).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= 4096);
    let is_fine = |line: &str| line.is_empty() || context.query(line).is_ok();
    is_small
        && fs_err::read_to_string(file)
            .is_ok_and(|text| text.lines().map(pin::without_comment).all(is_fine))
}

/// The pin is written; what it leads to, or why it does not count, is worth a line.
fn tell_effect(context: &Context, file: &Path) {
    let Ok(resolution) = context.resolve() else {
        return;
    };
    let counts = resolution
        .choice
        .as_ref()
        .and_then(|choice| choice.origin.place())
        .is_some_and(|place| place.file == file);
    let disagreement = disagreement(context, file);
    if let Some(line) = &disagreement {
        context.output.talk(line);
    }
    if let (false, Some(choice)) = (counts, &resolution.choice) {
        let is_told = disagreement.is_some()
            && choice
                .origin
                .place()
                .is_some_and(|place| place.file.parent() == file.parent());
        if !is_told {
            context.output.talk(&format!(
                "it does not decide here: {} comes first (goshim why says more)",
                choice.origin
            ));
        }
    }
    tell_what_runs(context, &resolution);
}

/// The line about another pin file beside the one that was written, where the two ask for different Gos; of several the first that counts.
fn disagreement(context: &Context, file: &Path) -> Option<String> {
    let written = pin::read(file)?;
    let dir = file.parent()?;
    let others = pin::NAMES.map(|name| dir.join(name));
    let (other, name) = others.iter().zip(pin::NAMES).find_map(|(other, name)| {
        let pin = pin::read(other).filter(|_| other != file)?;
        (pin.queries != written.queries).then_some((pin, name))
    })?;
    // In the order of their names: in one directory the first one counts.
    let counts = if name == pin::PROJECT_FILE {
        name
    } else {
        ".go-version"
    };
    Some(format!(
        "{} asks for {}: the two disagree, and {counts} counts",
        context.shown(&other.place),
        other.text()
    ))
}

/// What runs here, in a line.
pub(crate) fn tell_what_runs(context: &Context, resolution: &Resolution) {
    let asker = resolution.asker();
    let line = match &resolution.outcome {
        Ok(Selected::Installed(sdk)) => format!("{} runs here, {asker}", sdk.version.toolchain()),
        Ok(Selected::Linked(linked)) => format!("{} runs here, {asker}", linked.text()),
        Ok(Selected::System(_)) => format!("the system's Go runs here, {asker}"),
        Ok(Selected::Missing(wanted)) => {
            let installation = context.installation(resolution, wanted);
            format!(
                "Go {} is {asker} and not installed yet: {installation}",
                wanted.text()
            )
        }
        Err(error) => format!("but no Go can run here: {error}"),
    };
    context.output.talk(&line);
}
