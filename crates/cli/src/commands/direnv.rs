//! `goshim __direnv`, which the library for direnv evaluates.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;
use goshim_resolver::settings::Config;
use goshim_resolver::watch::watched;
use goshim_resolver::{Env, Layout, resolve};
use goshim_shell::Shell;

use crate::commands::env::{self, query};
use crate::context::Context;
use crate::error::Error;

/// The arguments of `__direnv`
#[derive(Debug, Args)]
pub struct Direnv {
    /// Another Go than this directory's, such as +1.22
    #[arg(value_name = "+VERSION", value_parser = query)]
    query: Option<String>,
}

impl Direnv {
    /// Prints the line that has direnv watch everything that the answer depends on. It comes before all that can fail: what mends that is a change of one
    /// of these files.
    pub(crate) fn watch() -> Result<(), Error> {
        let env = Env::from_os();
        let layout = Layout::new(&env)?;
        // A configuration that is broken names no further stores, and is watched itself.
        let config = Config::load(&env, &layout).unwrap_or_default();
        let mut line = OsString::from("watch_file");
        for path in watched(&env, &layout.with_stores(&config)) {
            line.push(" ");
            // Bash has a word for any bytes.
            line.push(Shell::Bash.quote_os(path.as_os_str()).unwrap_or_default());
        }
        Ok(env::write_lines([line])?)
    }

    /// Prints the lines of `goshim env --shell bash`.
    pub(crate) fn run(&self, context: &Context) -> Result<ExitCode, Error> {
        if self.query.is_none() {
            context.record_project();
        }
        let resolution = resolve(&context.env, &context.layout, &[], self.query.as_deref())?;
        let changes = env::changes(context, resolution)?;
        env::write_lines(env::shell_lines(Shell::Bash, &changes)?)?;
        Ok(ExitCode::SUCCESS)
    }
}
