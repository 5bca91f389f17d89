//! `goshim use`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use goshim_installer::files;
use goshim_resolver::{Query, Selected, pin, workdir};

use crate::context::Context;
use crate::error::Error;

/// The arguments of `use`
#[derive(Debug, Args)]
pub struct Use {
    /// What to write: a release (1.22.10), a series (1.22), latest, oldstable or system
    #[arg(value_name = "VERSION")]
    query: String,
}

impl Use {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        Query::parse(&self.query)?;
        let dir = workdir::work_dir(&context.env, None)?.ok_or(Error::NoWorkingDirectory)?;
        let file = dir.join(".go-version");
        files::write_whole(&target_of(&file)?, &format!("{}\n", self.query)).map_err(Error::Pin)?;
        context.output.talk(&format!(
            "wrote {}: {}",
            goshim_resolver::escape::path(&file),
            self.query
        ));
        context.record_project();
        tell_effect(context, &file);
        Ok(ExitCode::SUCCESS)
    }
}

/// The file to write. A link stays one where it leads to a version file: that is where the person keeps the version. It may also come
/// with somebody's repository, so nothing else is written through it.
fn target_of(file: &Path) -> Result<PathBuf, Error> {
    let Ok(link) = fs_err::read_link(file) else {
        return Ok(file.to_owned());
    };
    let target = fs_err::canonicalize(file)
        .ok()
        .filter(|target| is_version_file(target));
    target.ok_or_else(|| Error::PinLink {
        file: file.to_owned(),
        target: link,
    })
}

/// Whether a file is empty or has a version, and perhaps comments.
fn is_version_file(file: &Path) -> bool {
    let is_small =
        fs_err::metadata(file).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= 4096);
    let is_fine = |line: &str| line.is_empty() || Query::parse(line).is_ok();
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
    if let (false, Some(choice)) = (counts, &resolution.choice) {
        context.output.talk(&format!(
            "it does not decide here: {} comes first (goshim why says more)",
            choice.origin
        ));
    }
    let asker = resolution.asker();
    let line = match &resolution.outcome {
        Ok(Selected::Installed(sdk)) => format!("{} runs here, {asker}", sdk.version.toolchain()),
        Ok(Selected::System(_)) => format!("the system's Go runs here, {asker}"),
        Ok(Selected::Missing(wanted)) => {
            format!(
                "Go {} is {asker} and not installed yet: the next go here installs it, or {} does now",
                wanted.text(),
                wanted.command()
            )
        }
        Err(error) => format!("but no Go can run here: {error}"),
    };
    context.output.talk(&line);
}
