//! The command line of goshim: words in, words out. What it decides and does comes from the resolver and the installer.
//!
//! Data goes to stdout, talk to stderr. Errors say what is wrong, where, and what to do next.

use std::process::ExitCode;

use clap::FromArgMatches;
use clap::error::{ContextKind, ContextValue};

mod args;
mod commands;
mod config_file;
mod context;
mod error;
mod exit;
mod help;
mod interrupt;
mod known;
mod logging;
mod nearest;
mod new_shell;
mod output;
mod platform;
mod progress;
mod shells;
mod startup;
mod table;

pub use args::Cli;
pub use error::Error;
pub use help::definition;

/// Runs the program on the process's arguments. Returns its exit code.
pub fn run() -> ExitCode {
    let parsed = definition()
        .try_get_matches()
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(mut error) => {
            // Of several words that are like the wrong one, clap names the likeliest last; one is enough.
            if let Some(ContextValue::Strings(similar)) =
                error.get(ContextKind::SuggestedSubcommand)
                && let Some(nearest) = similar.last().cloned()
            {
                let nearest = ContextValue::Strings(vec![nearest]);
                error.insert(ContextKind::SuggestedSubcommand, nearest);
            }
            // Clap knows its codes: 0 for help, 2 for usage. An error quotes arguments, and those may come from anywhere.
            if error.use_stderr() {
                error
                    .render()
                    .to_string()
                    .lines()
                    .for_each(|line| output::say("", line));
            } else {
                let _ = error.print();
            }
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(exit::USAGE));
        }
    };
    cli.run().unwrap_or_else(|error| error::report(&error))
}
