//! `goshim shell`

use std::path::PathBuf;
use std::process::{Command, ExitCode, ExitStatus};

use clap::Args;
use goshim_resolver::settings::GorootSetting;
use goshim_resolver::{Selected, escape, resolve, variables};
use goshim_shell::Shell as Language;

use crate::context::{Context, missing};
use crate::error::Error;
use crate::exit;
use crate::startup::places;

/// The arguments of `shell`
#[derive(Debug, Args)]
pub struct Shell {
    /// The Go of the shell; without it the one that runs here
    #[arg(value_name = "VERSION")]
    query: Option<String>,
}

impl Shell {
    /// Runs a shell in which every `go` is the same, until the person leaves it. Returns the shell's exit code.
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let resolution = resolve(&context.env, &context.layout, &[], self.query.as_deref())?;
        let asker = resolution.asker();
        let (version, bin, root) = match resolution.outcome? {
            Selected::Installed(sdk) => {
                let bin = sdk.root.join("bin");
                (sdk.version.to_string(), bin, Some(sdk.root))
            }
            Selected::System(go) => {
                let bin = go.go.parent().map(PathBuf::from).unwrap_or_default();
                ("system".to_owned(), bin, None)
            }
            Selected::Linked(linked) => {
                let bin = linked.root.join("bin");
                (linked.name.to_string(), bin, Some(linked.root))
            }
            Selected::Missing(wanted) => return Err(missing(asker, &wanted)),
        };
        let version = self.query.clone().unwrap_or(version);
        let program = context.login_shell();
        let mut command = Command::new(program);
        command.env(variables::VERSION, &version);
        // Where there are shims, they obey the variable; where there are none, the SDK's own directory has to do.
        let first = if context.is_set_up() {
            context.layout.shims()
        } else {
            if resolution.goroot == GorootSetting::Set {
                command.envs(root.map(|root| ("GOROOT", root)));
            }
            bin
        };
        let old = context.env.var("PATH").into_iter();
        let old = old
            .flat_map(std::env::split_paths)
            .filter(|dir| *dir != first);
        let failed = |source| Error::Exec {
            program: escape::path(program),
            source,
        };
        let path = std::env::join_paths(std::iter::once(first.clone()).chain(old))
            .map_err(|error| failed(std::io::Error::other(error)))?;
        command.env("PATH", path);

        let dir = tempfile::Builder::new()
            .prefix("goshim-shell-")
            .tempdir()
            .map_err(Error::NoTemporary)?;
        let zdotdir = places(&context.env)?.zdotdir;
        let subshell = Language::of_program(program).subshell(dir.path(), &zdotdir);
        for (name, text) in &subshell.files {
            fs_err::write(dir.path().join(name), text).map_err(Error::NoTemporary)?;
        }
        if subshell.moves_zdotdir {
            command.env("ZDOTDIR", dir.path());
        }
        command.args(&subshell.arguments);
        context.output.talk(&format!(
            "go is Go {version} in this shell; leave it with exit"
        ));
        crate::interrupt::leave_to_child()?;
        let status = command.status().map_err(failed)?;
        Ok(code(status))
    }
}

/// A shell's exit code, also where a signal ended it.
fn code(status: ExitStatus) -> ExitCode {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status).map(|signal| 128 + signal);
    #[cfg(not(unix))]
    let signal = None;
    let code = status.code().or(signal);
    ExitCode::from(
        code.and_then(|code| u8::try_from(code).ok())
            .unwrap_or(exit::FAILURE),
    )
}
