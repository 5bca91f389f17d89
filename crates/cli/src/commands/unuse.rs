//! `goshim unuse`

use std::process::ExitCode;

use goshim_installer::files;
use goshim_resolver::{escape, workdir};

use crate::commands::use_version::{is_version_file, tell_what_runs};
use crate::context::Context;
use crate::error::Error;

/// Removes the `.go-version` of the working directory. That there is none is no failure.
pub(crate) fn run(context: &mut Context) -> Result<ExitCode, Error> {
    let dir = workdir::work_dir(&context.env, None)?.ok_or(Error::NoWorkingDirectory)?;
    let file = dir.join(".go-version");
    let shown = escape::path(&file);
    if file.symlink_metadata().is_err() {
        context
            .output
            .talk(&format!("there is no {shown}: nothing is pinned by it"));
    } else if is_version_file(context, &file) {
        files::remove_if_there(&file).map_err(Error::Pin)?;
        context.output.talk(&format!("removed {shown}"));
    } else {
        return Err(Error::NotAPin { file });
    }
    if let Ok(resolution) = context.resolve() {
        tell_what_runs(context, &resolution);
    }
    Ok(ExitCode::SUCCESS)
}
