//! `goshim exec`

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use clap::Args;
use goshim_resolver::settings::GorootSetting;
use goshim_resolver::{Selected, escape, resolve, variables};

use crate::context::{Context, missing};
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
        for (name, value) in resolution.hold_changes(&context.env) {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let asker = resolution.asker();
        let bin = match resolution.outcome? {
            Selected::Installed(sdk) => {
                match resolution.goroot {
                    GorootSetting::Set => command.env("GOROOT", &sdk.root),
                    GorootSetting::Unset => command.env_remove("GOROOT"),
                };
                sdk.root.join("bin")
            }
            // The system's Go finds its own root.
            Selected::System(go) => go.go.parent().map(PathBuf::from).unwrap_or_default(),
            Selected::Missing(wanted) => return Err(missing(asker, &wanted)),
        };
        if let Some(query) = query {
            // Nested go commands that come by the shims agree.
            command.env(variables::VERSION, query);
        }
        // An empty PATH has no entries. Split, it would have one: the working directory.
        let old = context
            .env
            .var("PATH")
            .into_iter()
            .flat_map(std::env::split_paths);
        let path =
            std::env::join_paths(std::iter::once(bin).chain(old)).map_err(|error| Error::Exec {
                program: escape::path(program.as_ref()),
                source: io::Error::other(error),
            })?;
        command.env("PATH", path);
        become_command(command, program)
    }
}

#[cfg(unix)]
fn become_command(mut command: Command, program: &OsStr) -> Result<ExitCode, Error> {
    let source = std::os::unix::process::CommandExt::exec(&mut command);
    Err(Error::Exec {
        program: escape::path(program.as_ref()),
        source,
    })
}

#[cfg(not(unix))]
#[expect(
    clippy::disallowed_methods,
    reason = "an exit code above 255 passes by no other way"
)]
fn become_command(mut command: Command, program: &OsStr) -> Result<ExitCode, Error> {
    let failed = |source| Error::Exec {
        program: escape::path(program.as_ref()),
        source,
    };
    let status = command.status().map_err(failed)?;
    std::process::exit(status.code().unwrap_or(crate::exit::FAILURE.into()))
}
