//! `goshim use`

use std::process::ExitCode;

use clap::Args;
use goshim_installer::files;
use goshim_resolver::{Query, Selected, workdir};

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
        // A link stays one: what it leads to is what the person keeps the version in.
        let target = fs_err::canonicalize(&file).unwrap_or_else(|_| file.clone());
        files::write_whole(&target, &format!("{}\n", self.query))?;
        context.output.talk(&format!("wrote {}: {}", goshim_resolver::escape::path(&file), self.query));
        tell_effect(context);
        Ok(ExitCode::SUCCESS)
    }
}

/// The pin is written; what it leads to, or why it does not count, is worth a line.
fn tell_effect(context: &Context) {
    let Ok(resolution) = context.resolve() else { return };
    let asker = resolution.asker();
    let line = match &resolution.outcome {
        Ok(Selected::Installed(sdk)) => format!("{} runs here, {asker}", sdk.version.toolchain()),
        Ok(Selected::System(_)) => format!("the system's Go runs here, {asker}"),
        Ok(Selected::Missing(wanted)) => format!("Go {} is {asker} and not installed yet: {}", wanted.text(), wanted.command()),
        Err(error) => format!("but no Go can run here: {error}"),
    };
    context.output.talk(&line);
}
