//! The command line of goshim: words in, words out. What it decides and does comes from the resolver and the installer.
//!
//! Data goes to stdout, talk to stderr. Errors say what is wrong, where, and what to do next.

use std::process::ExitCode;

use clap::FromArgMatches;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use goshim_resolver::escape;

mod args;
mod ask;
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
mod other_tools;
mod output;
mod platform;
mod progress;
mod shells;
mod startup;
mod table;

pub use args::Cli;
pub use error::Error;
pub use help::definition;

/// What was typed, and what helps, where it is another tool's word and no mistyped one of ours.
fn about_other_tools(error: &clap::Error) -> Option<(String, String)> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    match error.kind() {
        // Words within a command are that command's own.
        ErrorKind::InvalidSubcommand if is_first_word(text(ContextKind::InvalidSubcommand)?) => {
            let word = text(ContextKind::InvalidSubcommand)?;
            let what = format!("goshim has no command `{}`", escape::Escaped(word));
            Some((what, other_tools::about_command(word)?))
        }
        ErrorKind::UnknownArgument => {
            let option = text(ContextKind::InvalidArg)?;
            // What is like it says less than the line about it.
            let is_like_another = error.get(ContextKind::SuggestedArg).is_some();
            if is_like_another && option != other_tools::UNSET {
                return None;
            }
            let what = format!("there is no option `{}` here", escape::Escaped(option));
            let command = first_word()?;
            let command = definition()
                .find_subcommand(&command)?
                .get_name()
                .to_owned();
            Some((what, other_tools::about_option(&command, option)?))
        }
        ErrorKind::MissingRequiredArgument => {
            let line = other_tools::about_nothing(&first_word()?)?;
            Some(("it takes a version, and there is none".to_owned(), line))
        }
        _ => None,
    }
}

/// Whether a word stands where a command does: before it there are nothing but options.
fn is_first_word(word: &str) -> bool {
    first_word().is_some_and(|first| first == word)
}

/// The first word that is no option, where it is text.
fn first_word() -> Option<String> {
    let mut words = std::env::args_os().skip(1);
    let first = words.find(|word| !word.as_encoded_bytes().starts_with(b"-"))?;
    first.into_string().ok()
}

/// Runs the program on the process's arguments. Returns its exit code.
pub fn run() -> ExitCode {
    let parsed = definition()
        .try_get_matches()
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(mut error) => {
            if let Some((what, line)) = about_other_tools(&error) {
                return error::report_usage(&what, &line);
            }
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
            } else if let Err(unwritten) = error.print() {
                return error::report(&Error::Output(unwritten));
            }
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(exit::USAGE));
        }
    };
    cli.run().unwrap_or_else(|error| error::report(&error))
}
