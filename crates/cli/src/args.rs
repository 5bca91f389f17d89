//! The command line's words.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use goshim_resolver::Env;

use crate::commands::{
    cache, current, default, exec, install, latest, list, outdated, prune, repair, setup, status,
    uninstall, unuse, upgrade, use_version, verify, version, where_root, which, why,
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
    #[arg(short, long, global = true, display_order = 900)]
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
    LsRemote(list::ListRemote),
    /// Print the newest published release
    Latest(latest::Latest),
    /// Show what has a newer patch
    Outdated(outdated::Outdated),
    /// Install the newest patch of each minor
    #[command(visible_aliases = ["up", "update"])]
    Upgrade(upgrade::Upgrade),
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
    /// Run a program with the Go of this directory
    #[command(visible_alias = "x")]
    Exec(exec::Exec),
    /// Compare installed files with what was installed
    Verify(verify::Verify),
    /// Mend the files that are not as they were installed
    Repair(repair::Repair),
    /// Show which installed Gos nobody needs, or with --yes take them away
    Prune(prune::Prune),
    /// Show what is kept for convenience, or remove it
    Cache(cache::Cache),
    /// Put the shims in place and say what to add to PATH
    Setup,
    /// Print the version of goshim
    Version(version::Version),
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
            Some(command) => command.run(&mut Context::new(self)?),
            None => status::run(&Context::new(self)?),
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
            Self::LsRemote(command) => command.run(context),
            Self::Latest(command) => command.run(context),
            Self::Outdated(command) => command.run(context),
            Self::Upgrade(command) => command.run(context),
            Self::Use(command) => command.run(context),
            Self::Unuse => unuse::run(context),
            Self::Default(command) => command.run(context),
            Self::Current(command) => command.run(context),
            Self::Which(command) => command.run(context),
            Self::Where(command) => command.run(context),
            Self::Why(command) => command.run(context),
            Self::Exec(command) => command.run(context),
            Self::Verify(command) => command.run(context),
            Self::Repair(command) => command.run(context),
            Self::Prune(command) => command.run(context),
            Self::Cache(command) => command.run(context),
            Self::Setup => setup::run(context),
            Self::Version(command) => command.run(),
        }
    }
}
