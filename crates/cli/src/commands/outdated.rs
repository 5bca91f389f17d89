//! `goshim outdated`

use std::process::ExitCode;

use clap::Args;
use goshim_resolver::{Version, store};
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::Error;
use crate::known::{Known, Support, as_query};
use crate::output;
use crate::progress::Progress;
use crate::table::{self, Cell};

/// The arguments of `outdated`
#[derive(Debug, Args)]
pub struct Outdated {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Outdated {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let installer = context.installer()?;
        let progress = Progress::new(context.output);
        let index = installer.index(&mut |event| progress.show(&event))?;
        let versions = newest_of_minors(context)?;
        let known = Known::new(Some(&index), installer.platform(), &versions);
        let outdated: Vec<(&Version, &Version)> = versions
            .iter()
            .filter_map(|version| Some((version, known.newer_patch(version)?)))
            .collect();
        if self.json {
            let shapes = outdated.iter().map(|(version, newer)| {
                json!({
                    "toolchain": version.toolchain(),
                    "newer_patch": newer.toolchain(),
                    "support": known.support(version).map(Support::word),
                })
            });
            output::json(&Value::Array(shapes.collect()))?;
            return Ok(ExitCode::SUCCESS);
        }
        let rows = outdated.iter().map(|(version, newer)| {
            vec![
                Cell::new(version.toolchain()),
                Cell::new(format!("{} is out", as_query(newer))),
                Cell::new(known.support(version).map_or("", Support::text)),
            ]
        });
        table::print(&rows.collect::<Vec<_>>())?;
        context.output.talk(if versions.is_empty() {
            "nothing is installed yet: goshim install latest"
        } else if outdated.is_empty() {
            "every installed minor has its newest patch"
        } else {
            "goshim upgrade installs them"
        });
        Ok(ExitCode::SUCCESS)
    }
}

/// Of each installed minor the newest release, newest first.
pub(crate) fn newest_of_minors(context: &Context) -> Result<Vec<Version>, Error> {
    let sdks = store::list(&context.layout)?;
    let mut versions: Vec<Version> = sdks.into_iter().map(|sdk| sdk.version).collect();
    versions.dedup_by(|next, kept| next.same_minor(kept));
    Ok(versions)
}
