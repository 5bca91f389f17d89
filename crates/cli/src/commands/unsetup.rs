//! `goshim unsetup`

use std::process::ExitCode;

use clap::Args;
use goshim_installer::own::Contents;
use goshim_installer::{purge, shims};
use goshim_resolver::escape;
use goshim_shell::Shell;
use goshim_shell::session;

use super::setup::{Whole, tilde};
use crate::ask::{is_person, says_yes};
use crate::context::Context;
use crate::error::Error;
use crate::exit;
use crate::output;
use crate::startup::{Edit, Refused, places};

/// The arguments of `unsetup`
#[derive(Debug, Args)]
pub struct Unsetup {
    /// Do it without asking
    #[arg(short, long)]
    yes: bool,

    /// Also delete every installed Go, the state and the configuration
    #[arg(long)]
    purge: bool,
}

impl Unsetup {
    /// Whether it deletes everything.
    pub(crate) fn purges(&self) -> bool {
        self.purge
    }

    /// Takes out what `goshim setup` put in: goshim's lines in start-up files, the library for direnv, and the shims.
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let talk = |line: &str| context.output.talk(line);
        let places = places(&context.env)?;
        let mut files: Vec<_> = Shell::ALL
            .iter()
            .flat_map(|shell| shell.all_startup_files(&places))
            .collect();
        files.push(session::environment_d_file(&places));
        files.sort_unstable();
        files.dedup();
        let whole = [Whole::Direnv, Whole::LaunchAgent];
        let planned = files.iter().map(|file| Edit::remove(file)).chain(
            whole.map(|whole| Edit::whole(&whole.file(&places), None, |text| whole.is_ours(text))),
        );
        let mut edits = Vec::new();
        let mut refused = Vec::new();
        for edit in planned {
            match edit {
                Ok(edit) => edits.extend(edit),
                Err(reason) => refused.push(reason),
            }
        }
        // What cannot be read for other reasons than goshim's has nothing of goshim's that anybody knows of.
        refused.retain(|reason| reason.file.is_file());
        let Contents {
            own: doomed,
            foreign,
        } = if self.purge {
            purge::plan(&context.layout)
        } else {
            purge::plan_of_shims(&context.layout)
        };
        for path in &foreign {
            talk(&format!("{} stays: it is not goshim's", escape::path(path)));
        }
        if edits.is_empty() && refused.is_empty() && doomed.is_empty() {
            talk("there is nothing to take out");
            return Ok(ExitCode::SUCCESS);
        }
        for edit in &edits {
            talk(&format!(
                "goshim's lines are to go from {}",
                tilde(&edit.file, &places)
            ));
        }
        for path in &doomed {
            talk(&format!("to be deleted: {}", escape::path(path)));
        }
        if !self.yes && !is_person(context.output) {
            talk("nothing was changed: goshim unsetup --yes does it");
            return Ok(ExitCode::SUCCESS);
        }
        if !self.yes && !says_yes("do this?") {
            talk("nothing was changed");
            return Ok(ExitCode::SUCCESS);
        }
        for edit in edits {
            match edit.apply() {
                Err(reason) => refused.push(reason),
                // Perhaps goshim setup made them.
                Ok(()) => edit.remove_empty_directories(&places.config),
            }
        }
        shims::remove(&context.layout)?;
        if self.purge {
            purge::purge(&context.layout)?;
        }
        for Refused { file, reason } in &refused {
            let file = tilde(file, &places);
            output::say(
                "",
                &format!("left {file} as it is: {reason}; take goshim's lines out yourself"),
            );
        }
        if !refused.is_empty() {
            return Ok(ExitCode::from(exit::FAILURE));
        }
        talk("done; the programs goshim and goshim-shim stay where you put them");
        Ok(ExitCode::SUCCESS)
    }
}
