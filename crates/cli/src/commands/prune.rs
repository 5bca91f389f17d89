//! `goshim prune`

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use goshim_installer::projects;
use goshim_installer::prune::{Reason, Surveyed, survey};
use goshim_installer::uninstall::uninstall;
use goshim_resolver::escape;
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::Error;
use crate::output;
use crate::progress::Progress;

const DAY: u64 = 24 * 60 * 60;

/// The arguments of `prune`
#[derive(Debug, Args)]
pub struct Prune {
    /// Take them away; without it they are only listed
    #[arg(long)]
    yes: bool,

    /// Keep what was installed or run within so many days
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    days: u32,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Prune {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let recently = Duration::from_secs(u64::from(self.days) * DAY);
        let surveyed = survey(&context.env, &context.layout, recently)?;
        let unneeded = || surveyed.iter().filter(|one| one.reasons.is_empty());
        if self.yes {
            for one in unneeded() {
                let progress = Progress::new(context.output);
                uninstall(&context.layout, &one.sdk.version, false, &mut |event| {
                    progress.show(&event);
                })?;
            }
            projects::forget_gone(&context.layout)?;
        }
        if self.json {
            let shapes = surveyed.iter().map(|one| shape(one, self.yes));
            output::json(&Value::Array(shapes.collect()))?;
            return Ok(ExitCode::SUCCESS);
        }
        for one in unneeded() {
            output::data(&format!(
                "{:<14} {:>6} MB",
                one.sdk.version.toolchain(),
                one.bytes / 1_000_000
            ))?;
        }
        if context.is_verbose {
            for one in surveyed.iter().filter(|one| !one.reasons.is_empty()) {
                let reasons: Vec<_> = one.reasons.iter().map(text).collect();
                context.output.talk(&format!(
                    "{:<14} stays: {}",
                    one.sdk.version.toolchain(),
                    reasons.join("; ")
                ));
            }
        }
        let megabytes = unneeded().map(|one| one.bytes).sum::<u64>() / 1_000_000;
        context.output.talk(&match (unneeded().count(), self.yes) {
            (0, _) if surveyed.is_empty() => "nothing is installed yet".to_owned(),
            (0, _) if context.is_verbose => {
                "nothing to take away: everything that is installed is needed".to_owned()
            }
            (0, _) => "nothing to take away: everything that is installed is needed, as goshim prune -v shows".to_owned(),
            (count, true) => format!("took {count} away, {megabytes} MB"),
            (count, false) => {
                format!("nobody needs {count}, {megabytes} MB; goshim prune --yes takes that away")
            }
        });
        Ok(ExitCode::SUCCESS)
    }
}

fn text(reason: &Reason) -> String {
    match reason {
        Reason::Default => "your default".to_owned(),
        Reason::Project(dir) => format!("runs in {}", escape::path(dir)),
        Reason::Recent(age) => match age.as_secs() / DAY {
            0 => "installed or run today".to_owned(),
            days => format!("installed or run {days} days ago"),
        },
        Reason::InUse => "processes are running from it".to_owned(),
    }
}

fn shape(one: &Surveyed, was_said_yes: bool) -> Value {
    json!({
        "toolchain": one.sdk.version.toolchain(),
        "goroot": one.sdk.root.to_string_lossy(),
        "bytes": one.bytes,
        "needed": !one.reasons.is_empty(),
        "reasons": one.reasons.iter().map(text).collect::<Vec<_>>(),
        "removed": was_said_yes && one.reasons.is_empty(),
    })
}
