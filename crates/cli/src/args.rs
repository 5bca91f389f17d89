//! The command line's words.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use goshim_resolver::Env;

use crate::commands::{
    cache, completions, config, default, env, exec, init, install, layout, list, prompt, prune,
    repair, session, setup, shell, trust, uninstall, unsetup, use_version, verify, which, why,
};
use crate::context::Context;
use crate::error::Error;

/// The Go version switcher: every directory gets the Go that it asks for
#[derive(Debug, Parser)]
#[command(
    name = "goshim",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// Say more: once for decisions, twice for every step
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,

    /// Say nothing but errors and data
    #[arg(short, long, global = true)]
    pub quiet: bool,

    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Install a Go, verified: 1.22.10, 1.22, latest; without a version, the one this directory asks for
    Install(install::Install),
    /// Take an installed Go away
    Uninstall(uninstall::Uninstall),
    /// Show what is installed, or with --remote what is published
    List(list::List),
    /// Write a pin for this project, from what its go.mod, CI and Dockerfile say already; shows it first
    Init(init::Init),
    /// Pin this directory to a version: writes .go-version
    Use(use_version::Use),
    /// Show or set the Go for directories that ask for none
    Default(default::Default),
    /// Print the path of the go that runs here
    Which(which::Which),
    /// Explain which Go runs here, and why
    Why(why::Why),
    /// Print what a program gets that runs with this directory's Go, as lines for a shell: eval "$(goshim env)"
    Env(env::Env),
    /// Run a program with the Go of this directory, or with another one: exec +1.22 make
    Exec(exec::Exec),
    /// Let the environment of this directory's .goshim.toml count, after you have read it
    Trust(trust::Trust),
    /// Show or choose where GOPATH and GOBIN are for this project
    Layout(layout::Layout),
    /// Show every setting of the configuration, and who says so
    Config(config::Config),
    /// Compare installed files with what was installed
    Verify(verify::Verify),
    /// Mend the files that are not as they were installed
    Repair(repair::Repair),
    /// Show which installed Gos nobody needs, or with --yes take them away
    Prune(prune::Prune),
    /// Show what is kept for convenience, or remove it
    Cache(cache::Cache),
    /// Start a shell with one Go, until you leave it
    Shell(shell::Shell),
    /// Print a few characters about the Go that runs here, for a shell's prompt
    Prompt(prompt::Prompt),
    /// Put the shims in place, and on PATH in your shell's start-up file: shown first, and written if you say yes
    Setup(setup::Setup),
    /// Take out what setup put in; with --purge everything that goshim keeps
    Unsetup(unsetup::Unsetup),
    /// Print the code that completes goshim's command line in a shell
    Completions(completions::Completions),
    /// What completes a command line, for the code of `completions`
    #[command(name = "__complete", hide = true)]
    Complete(completions::Complete),
    /// Run a program in a session of its own, for `setup`
    #[command(name = "__session", hide = true)]
    Session(session::Session),
}

impl Cli {
    /// Runs the command. Returns the exit code.
    pub(crate) fn run(&self) -> Result<ExitCode, Error> {
        match &self.command {
            // What a Go does by itself has nothing to do with goshim's own files, so those may be broken.
            Command::Why(why) if why.is_about_another_go() => why.answer_as_go(&Env::from_os()),
            Command::Completions(completions) => completions.run(),
            Command::Complete(complete) => complete.run(),
            Command::Session(session) => session.run(),
            // A prompt has no place for what is wrong with the configuration.
            Command::Prompt(prompt) => {
                Context::new(self).map_or(Ok(ExitCode::SUCCESS), |context| prompt.run(&context))
            }
            command => command.run(&mut Context::new(self)?),
        }
    }
}

impl Command {
    /// Runs it. Returns the exit code.
    fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        match self {
            Self::Install(command) => command.run(context),
            Self::Uninstall(command) => command.run(context),
            Self::List(command) => command.run(context),
            Self::Init(command) => command.run(context),
            Self::Use(command) => command.run(context),
            Self::Default(command) => command.run(context),
            Self::Which(command) => command.run(context),
            Self::Why(command) => command.run(context),
            Self::Env(command) => command.run(context),
            Self::Exec(command) => command.run(context),
            Self::Trust(command) => command.run(context),
            Self::Layout(command) => command.run(context),
            Self::Config(command) => command.run(context),
            Self::Verify(command) => command.run(context),
            Self::Repair(command) => command.run(context),
            Self::Prune(command) => command.run(context),
            Self::Cache(command) => command.run(context),
            Self::Shell(command) => command.run(context),
            Self::Setup(command) => command.run(context),
            Self::Unsetup(command) => command.run(context),
            // Those work without a context.
            Self::Prompt(command) => command.run(context),
            Self::Completions(command) => command.run(),
            Self::Complete(command) => command.run(),
            Self::Session(command) => command.run(),
        }
    }
}
