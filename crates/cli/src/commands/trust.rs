//! `goshim trust`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use goshim_installer::trust::{self, Record};
use goshim_resolver::project::Project;
use goshim_resolver::resolve::projects;
use goshim_resolver::trust::Request;
use goshim_resolver::{Env, escape, pin, workdir};
use serde_json::{Value, json};

use crate::context::{Context, in_directory};
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
    #[arg(long, group = "what", conflicts_with = "directory")]
    list: bool,

    /// Forget what is trusted in vain: its file is gone, or says something else by now
    #[arg(long, group = "what", conflicts_with = "directory")]
    prune: bool,

    /// With --show or --list: print JSON
    #[arg(long, conflicts_with_all = ["revoke", "prune"])]
    json: bool,

    /// The project's directory, instead of the working directory
    directory: Option<PathBuf>,
}

impl Trust {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        if self.list {
            self.list(context)?;
        } else if self.prune {
            prune(context)?;
        } else if self.revoke {
            self.revoke(context)?;
        } else if self.show || self.json {
            self.show(context)?;
        } else {
            self.grant(context)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The environment in the directory that is asked for.
    fn env(&self, context: &Context) -> Result<Env, Error> {
        match &self.directory {
            None => Ok(context.env.clone()),
            Some(dir) => in_directory(context.env.clone(), dir)
                .ok_or_else(|| Error::NoDirectory(dir.clone())),
        }
    }

    /// What the files that count there ask for; each of them could be trusted.
    fn requests(&self, context: &Context) -> Result<Vec<Request>, Error> {
        let mut requests = Vec::new();
        for project in projects(&self.env(context)?)? {
            if let Some(setting) = project.never_allowed() {
                return Err(goshim_resolver::Error::NeverAllowed {
                    place: project.place(setting),
                    name: setting.name.clone(),
                }
                .into());
            }
            match Request::of(&project) {
                Some(request) if !request.can_be_trusted() => {
                    return Err(Error::TrustOfLink(project.file));
                }
                request => requests.extend(request),
            }
        }
        if requests.is_empty() {
            context
                .output
                .talk("nothing here needs trust: no .goshim.toml that counts has such a setting");
        }
        Ok(requests)
    }

    /// What is shown is what is recorded: the files are not read again, and what nobody saw is not trusted.
    fn grant(&self, context: &Context) -> Result<(), Error> {
        let requests = self.requests(context)?;
        let lines: Vec<_> = requests.iter().flat_map(settings).collect();
        output::lines(&lines).map_err(Error::Unseen)?;
        for request in requests {
            trust::grant(&context.layout, &request)?;
            context.output.talk(&format!(
                "{} is trusted with these settings, here; any other needs your word again",
                escape::path(&request.file)
            ));
        }
        Ok(())
    }

    fn show(&self, context: &Context) -> Result<(), Error> {
        let requests = self.requests(context)?;
        let is_trusted = |request: &Request| {
            request.is_trusted(&context.env, &context.layout, &context.config.trusted_dirs)
        };
        if self.json {
            let shapes = requests.iter().map(|request| {
                json!({
                    "id": request.id(),
                    "file": request.file.to_string_lossy(),
                    "settings": request.settings,
                    "trusted": is_trusted(request),
                })
            });
            return Ok(output::json(&Value::Array(shapes.collect()))?);
        }
        for request in &requests {
            output::lines(&settings(request))?;
            output::data(&format!("id {}", request.id()))?;
            let word = if is_trusted(request) {
                "trusted"
            } else {
                "not trusted"
            };
            output::data(&format!("It is {word}."))?;
        }
        Ok(())
    }

    /// Takes every record of the files back, whatever they say by now. A directory that is gone is named as it was.
    fn revoke(&self, context: &Context) -> Result<(), Error> {
        let here = workdir::work_dir(&context.env, None)?.unwrap_or_default();
        let dir = self
            .directory
            .as_ref()
            .map_or(here.clone(), |dir| here.join(dir));
        let dir = dunce::canonicalize(&dir).unwrap_or_else(|_| workdir::clean(&dir));
        let mut files = vec![dir.join(pin::PROJECT_FILE)];
        let mut ids = Vec::new();
        // A file that is broken, or that is no project's any more, needs no trust, and may have had it.
        if let Ok(env) = self.env(context) {
            for project in projects(&env).unwrap_or_default() {
                ids.extend(Request::of(&project).map(|request| request.id()));
                let dir = project
                    .file
                    .parent()
                    .and_then(|dir| dunce::canonicalize(dir).ok());
                files.extend(dir.map(|dir| dir.join(pin::PROJECT_FILE)));
            }
        }
        let mut is_any = false;
        for record in trust::list(&context.layout)? {
            if files.contains(&record.file) || ids.contains(&record.id) {
                trust::revoke(&context.layout, &record.id)?;
                context.output.talk(&format!(
                    "{} is not trusted any more",
                    escape::path(&record.file)
                ));
                is_any = true;
            }
        }
        if !is_any {
            context.output.talk("there is no record of trust here");
        }
        Ok(())
    }

    fn list(&self, context: &Context) -> Result<(), Error> {
        let records = trust::list(&context.layout)?;
        if self.json {
            let shapes = records.iter().map(|record| {
                json!({
                    "id": record.id,
                    "file": record.file.to_string_lossy(),
                    "settings": record.settings,
                    "current": is_current(record),
                })
            });
            return Ok(output::json(&Value::Array(shapes.collect()))?);
        }
        for record in &records {
            let state = if is_current(record) {
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
}

/// What a file asks trust for, in lines.
fn settings(request: &Request) -> Vec<String> {
    let mut lines = vec![format!("{} sets:", escape::path(&request.file))];
    lines.extend(
        request
            .settings
            .iter()
            .map(|setting| format!("  {setting}")),
    );
    lines
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

fn prune(context: &Context) -> Result<(), Error> {
    let mut count = 0;
    for record in trust::list(&context.layout)? {
        if !is_current(&record) {
            trust::revoke(&context.layout, &record.id)?;
            count += 1;
        }
    }
    let records = if count == 1 { "record" } else { "records" };
    context.output.talk(&format!("{count} {records} removed"));
    Ok(())
}
