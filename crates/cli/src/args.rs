//! The command line's words.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use goshim_resolver::Env;

use crate::commands::{
    cache, completions, config, current, default, direnv, env, exec, init, install, latest, layout,
    link, list, list_remote, outdated, prompt, prune, repair, session, setup, shell, status, trust,
    uninstall, unsetup, unuse, upgrade, use_version, verify, version, where_root, which, why,
};
use crate::context::Context;
use crate::error::Error;

/// The Go version switcher: every directory gets the Go that it asks for
#[derive(Debug, Parser)]
#[command(name = "goshim", version)]
pub struct Cli {
    /// Say more: once for decisions, twice for every step
    #[arg(short, long, global = true, action = clap::ArgAction::Count, display_order = 900)]
    pub verbose: u8,

    /// Say nothing but errors and data
    #[arg(
        short,
        long,
        global = true,
        overrides_with = "quiet",
        display_order = 900
    )]
    pub quiet: bool,

    /// What to do
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Install a Go, verified
    #[command(visible_alias = "i")]
    Install(install::Install),
    /// Take an installed Go away
    #[command(visible_aliases = ["rm", "remove"])]
    Uninstall(uninstall::Uninstall),
    /// Show what is installed or published
    #[command(visible_aliases = ["ls", "versions"])]
    List(list::List),
    /// Show what is published: list --remote
    #[command(visible_alias = "list-remote")]
    LsRemote(list_remote::ListRemote),
    /// Print the newest published release
    Latest(latest::Latest),
    /// Give an SDK of your own a name
    Link(link::Link),
    /// Take such a name away
    Unlink(link::Unlink),
    /// Show what has a newer patch
    Outdated(outdated::Outdated),
    /// Install the newest patch of each minor
    #[command(visible_aliases = ["up", "update"])]
    Upgrade(upgrade::Upgrade),
    /// Write a pin from what go.mod, CI and Dockerfile say
    Init(init::Init),
    /// Pin this directory: writes .go-version
    #[command(visible_aliases = ["local", "pin"])]
    Use(use_version::Use),
    /// Take the pin of this directory away
    #[command(visible_alias = "unpin")]
    Unuse,
    /// Show or set the Go for all other directories
    #[command(visible_alias = "global")]
    Default(default::Default),
    /// Print which Go runs here, and the line that says so
    Current(current::Current),
    /// Print the path of the go that runs here
    Which(which::Which),
    /// Print the root of an installed SDK, its GOROOT
    #[command(visible_alias = "prefix")]
    Where(where_root::Where),
    /// Explain which Go runs here, and why
    Why(why::Why),
    /// Print what the Go of this directory gets, for a shell or a tool
    Env(env::Env),
    /// Run a program with the Go of this directory
    #[command(visible_alias = "x")]
    Exec(exec::Exec),
    /// Let the settings of this project's file count
    Trust(trust::Trust),
    /// Show or choose where GOPATH and GOBIN are
    Layout(layout::Layout),
    /// Show or change the configuration, and who says what
    Config(config::Config),
    /// Compare installed files with what was installed
    Verify(verify::Verify),
    /// Mend the files that are not as they were installed
    Repair(repair::Repair),
    /// Show or take away installed Gos that nobody needs
    Prune(prune::Prune),
    /// Show what is kept for convenience, or remove it
    Cache(cache::Cache),
    /// Start a shell with one Go, until you leave it
    Shell(shell::Shell),
    /// Print a few characters for a shell's prompt
    Prompt(prompt::Prompt),
    /// Put the shims in place, and on PATH
    Setup(setup::Setup),
    /// Take out what setup put in
    Unsetup(unsetup::Unsetup),
    /// Print the code for completion in a shell
    Completions(completions::Completions),
    /// Print the version of goshim
    Version(version::Version),
    /// What completes a command line, for the code of `completions`
    #[command(name = "__complete", hide = true)]
    Complete(completions::Complete),
    /// What an .envrc gets, for direnv's library
    #[command(name = "__direnv", hide = true)]
    Direnv(direnv::Direnv),
    /// Run a program in a session of its own, for `setup`
    #[command(name = "__session", hide = true)]
    Session(session::Session),
}

impl Cli {
    /// Runs the command. Returns the exit code.
    pub(crate) fn run(&self) -> Result<ExitCode, Error> {
        match &self.command {
            // What a Go does by itself has nothing to do with goshim's own files, so those may be broken.
            Some(Command::Why(why)) if why.is_about_another_go() => {
                why.answer_as_go(&Env::from_os())
            }
            Some(Command::Version(version)) => version.run(),
            Some(Command::Completions(completions)) => completions.run(),
            Some(Command::Complete(complete)) => complete.run(),
            Some(Command::Session(session)) => session.run(),
            Some(Command::Direnv(direnv)) => {
                direnv::Direnv::watch()?;
                direnv.run(&Context::new(self)?)
            }
            // A prompt has no place for what is wrong with the configuration.
            Some(Command::Prompt(prompt)) => {
                if let Ok(context) = Context::new(self) {
                    prompt.run(&context);
                }
                Ok(ExitCode::SUCCESS)
            }
            Some(command) => {
                let mut context = if command.needs_no_config() {
                    Context::despite_config(self)?
                } else {
                    Context::new(self)?
                };
                if command.changes_store() {
                    context.refuse_taken_home()?;
                }
                command.run(&mut context)
            }
            None => status::run(&Context::new(self)?),
        }
    }
}

impl Command {
    /// Whether it mends the configuration, or is what a person needs who wants to be rid of goshim: it works whatever `config.toml` says.
    fn needs_no_config(&self) -> bool {
        matches!(self, Self::Config(_) | Self::Setup(_) | Self::Unsetup(_))
    }

    /// Whether it makes or deletes what lies in goshim's directories. `unsetup` alone is the way out, whatever they are.
    fn changes_store(&self) -> bool {
        match self {
            Self::Install(_)
            | Self::Uninstall(_)
            | Self::Link(_)
            | Self::Unlink(_)
            | Self::Upgrade(_)
            | Self::Repair(_)
            | Self::Prune(_)
            | Self::Cache(_)
            | Self::Setup(_) => true,
            Self::Unsetup(unsetup) => unsetup.purges(),
            _ => false,
        }
    }

    /// Runs it. Returns the exit code.
    fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        match self {
            Self::Install(command) => command.run(context),
            Self::Uninstall(command) => command.run(context),
            Self::List(command) => command.run(context),
            Self::LsRemote(command) => command.run(context),
            Self::Link(command) => command.run(context),
            Self::Unlink(command) => command.run(context),
            Self::Latest(command) => command.run(context),
            Self::Outdated(command) => command.run(context),
            Self::Upgrade(command) => command.run(context),
            Self::Init(command) => command.run(context),
            Self::Use(command) => command.run(context),
            Self::Unuse => unuse::run(context),
            Self::Default(command) => command.run(context),
            Self::Current(command) => command.run(context),
            Self::Which(command) => command.run(context),
            Self::Where(command) => command.run(context),
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
            // Those work without a context, or with less.
            Self::Prompt(command) => {
                command.run(context);
                Ok(ExitCode::SUCCESS)
            }
            Self::Direnv(command) => command.run(context),
            Self::Version(command) => command.run(),
            Self::Completions(command) => command.run(),
            Self::Complete(command) => command.run(),
            Self::Session(command) => command.run(),
        }
    }
}
