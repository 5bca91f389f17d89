//! The command line of goshim: words in, words out. What it decides and does comes from the resolver and the installer.
//!
//! Data goes to stdout, talk to stderr. Errors say what is wrong, where, and what to do next.

use std::process::ExitCode;

use clap::Parser;

mod args;
mod commands;
mod context;
mod error;
mod exit;
mod interrupt;
mod logging;
mod new_shell;
mod output;
mod platform;
mod progress;
mod shells;
mod startup;

pub use args::Cli;
pub use error::Error;

/// Runs the program on the process's arguments. Returns its exit code.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
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
