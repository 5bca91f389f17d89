//! `goshim exec`

use std::ffi::{OsStr, OsString};
use std::process::{Command, ExitCode};

use clap::Args;
use goshim_resolver::child::Change;
use goshim_resolver::{escape, resolve};

use crate::commands::env;
use crate::context::Context;
use crate::error::Error;

/// The arguments of `exec`
#[derive(Debug, Args)]
pub struct Exec {
    /// A leading +VERSION, then the program and its arguments
    #[arg(
        value_name = "[+VERSION] COMMAND",
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    words: Vec<OsString>,
}

impl Exec {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let mut words = self.words.iter();
        let mut program = words.next().map(OsString::as_os_str).unwrap_or_default();
        let query = program.to_str().and_then(|word| word.strip_prefix('+'));
        if query.is_some() {
            // `exec +1.22 -- make`, as `exec -- make`.
            let mut rest = words.by_ref().skip_while(|word| *word == "--");
            program = rest.next().map_or(OsStr::new("go"), OsString::as_os_str);
        }
        if query.is_none() {
            context.record_project();
        }
        let resolution = resolve(&context.env, &context.layout, &[], query)?;
        let mut command = Command::new(program);
        command.args(words);
        for Change { name, value, .. } in env::changes(context, resolution)? {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        become_command(command, program)
    }
}

#[cfg(unix)]
pub(super) fn become_command(mut command: Command, program: &OsStr) -> Result<ExitCode, Error> {
    let source = std::os::unix::process::CommandExt::exec(&mut command);
    Err(Error::Exec {
        program: escape::path(program.as_ref()),
        source,
    })
}

#[cfg(windows)]
#[expect(
    clippy::disallowed_methods,
    reason = "an exit code above 255 passes by no other way"
)]
pub(super) fn become_command(mut command: Command, program: &OsStr) -> Result<ExitCode, Error> {
    let failed = |source| Error::Exec {
        program: escape::path(program.as_ref()),
        source,
    };
    crate::interrupt::leave_to_child()?;
    let status = command.status().map_err(failed)?;
    std::process::exit(status.code().unwrap_or(crate::exit::FAILURE.into()))
}
