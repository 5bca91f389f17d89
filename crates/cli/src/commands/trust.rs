//! `goshim trust`

use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use goshim_installer::trust::{self, Record};
use goshim_resolver::project::Project;
use goshim_resolver::resolve::projects;
use goshim_resolver::trust::Request;
use goshim_resolver::{escape, pin};

use crate::context::Context;
use crate::error::Error;
use crate::output;

/// The arguments of `trust`
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line, and they exclude each other"
)]
pub struct Trust {
    /// Show what would be trusted, and whether it is, and change nothing
    #[arg(long, group = "what")]
    show: bool,

    /// Take the trust in the project of this directory back
    #[arg(long, group = "what")]
    revoke: bool,

    /// List everything that is trusted
    #[arg(long, group = "what")]
    list: bool,

    /// Forget what is trusted in vain: its file is gone, or says something else by now
    #[arg(long, group = "what")]
    prune: bool,
}

impl Trust {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        if self.list {
            list(context)?;
        } else if self.prune {
            prune(context)?;
        } else {
            self.run_here(context)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// On the files that count in the working directory.
    fn run_here(&self, context: &Context) -> Result<(), Error> {
        let projects = projects(&context.env)?;
        let mut is_any = false;
        for project in &projects {
            if let Some(setting) = project.never_allowed() {
                return Err(goshim_resolver::Error::NeverAllowed {
                    place: setting.place.clone(),
                    name: setting.name.clone(),
                }
                .into());
            }
            let Some(request) = Request::of(project) else {
                continue;
            };
            is_any = true;
            self.run_on(context, project, &request)?;
        }
        if !is_any {
            context
                .output
                .talk("nothing here needs trust: no .goshim.toml that counts has such a setting");
        }
        Ok(())
    }

    fn run_on(&self, context: &Context, project: &Project, request: &Request) -> Result<(), Error> {
        let file = escape::path(&project.file);
        if !request.can_be_trusted() {
            return Err(Error::TrustOfLink(project.file.clone()));
        }
        if self.revoke {
            for record in trust::list(&context.layout)? {
                if record.file == request.file || record.id == request.id() {
                    trust::revoke(&context.layout, &record.id)?;
                }
            }
            context
                .output
                .talk(&format!("{file} is not trusted any more"));
            return Ok(());
        }
        output::data(&format!("{file} sets:"))?;
        for setting in &request.settings {
            output::data(&format!("  {setting}"))?;
        }
        let is_trusted =
            request.is_trusted(&context.env, &context.layout, &context.config.trusted_dirs);
        if self.show {
            output::data(&format!("id {}", request.id()))?;
            let word = if is_trusted { "trusted" } else { "not trusted" };
            output::data(&format!("It is {word}."))?;
            return Ok(());
        }
        trust::grant(&context.layout, request)?;
        context.output.talk(&format!(
            "{file} is trusted with these settings, here; any other needs your word again"
        ));
        Ok(())
    }
}

/// Whether what was trusted is still what the file says.
fn is_current(record: &Record) -> bool {
    read(&record.file)
        .and_then(|project| Request::of(&project))
        .is_some_and(|request| request.id() == record.id)
}

fn read(file: &Path) -> Option<Project> {
    pin::read_project(file).ok().flatten()
}

fn list(context: &Context) -> Result<(), Error> {
    for record in trust::list(&context.layout)? {
        let state = if is_current(&record) {
            ""
        } else {
            " (in vain: it is gone, or says something else by now)"
        };
        output::data(&format!("{}{state}", escape::path(&record.file)))?;
        for setting in &record.settings {
            output::data(&format!("  {setting}"))?;
        }
    }
    Ok(())
}

fn prune(context: &Context) -> Result<(), Error> {
    let mut count = 0;
    for record in trust::list(&context.layout)? {
        if !is_current(&record) {
            trust::revoke(&context.layout, &record.id)?;
            count += 1;
        }
    }
    context.output.talk(&format!("{count} records removed"));
    Ok(())
}
