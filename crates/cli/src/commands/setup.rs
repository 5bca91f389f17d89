//! `goshim setup`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use goshim_installer::shims;
use goshim_resolver::{escape, variables};
use goshim_shell::Shell;

use crate::context::Context;
use crate::error::Error;
use crate::output;

/// Puts the shims in place; the lines for the shell's start-up file are the data, all else is talk.
pub(crate) fn run(context: &mut Context) -> Result<ExitCode, Error> {
    let goshim = std::env::current_exe()?;
    let shim = goshim.with_file_name(format!("goshim-shim{}", std::env::consts::EXE_SUFFIX));
    let dir = shims::setup(&context.layout, &shim, &goshim)?;
    context
        .output
        .talk(&format!("the shims are in {}", escape::path(&dir)));
    match first_go(context) {
        Some(go) if go.parent() == Some(&dir) => {
            context
                .output
                .talk("PATH names them first: go is goshim's here");
            return Ok(ExitCode::SUCCESS);
        }
        Some(go) if is_on_path(context, &dir) => {
            context.output.talk(&format!(
                "PATH names them, but {} comes first",
                escape::path(&go)
            ));
        }
        _ => {}
    }
    let shell = Shell::of_program(context.env.var("SHELL").map_or(Path::new("sh"), Path::new));
    context.output.talk(&format!(
        "add this at the end of ~/{} and start a new shell:",
        shell.rc_file()
    ));
    if let Some(home) = context.env.text(variables::HOME) {
        output::data(&shell.export_line(variables::HOME, &home))?;
    }
    output::data(&shell.path_line(&dir.to_string_lossy()))?;
    Ok(ExitCode::SUCCESS)
}

/// The first `go` that PATH names.
fn first_go(context: &Context) -> Option<PathBuf> {
    let go = format!("go{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(context.env.var("PATH")?)
        .map(|dir| dir.join(&go))
        .find(|go| go.is_file())
}

fn is_on_path(context: &Context, dir: &Path) -> bool {
    context
        .env
        .var("PATH")
        .is_some_and(|path| std::env::split_paths(path).any(|entry| entry == dir))
}
