//! `goshim ls-remote`, and `goshim list --remote`

use std::process::ExitCode;

use anstyle::Style;
use clap::Args;
use goshim_resolver::{Version, store};
use serde_json::{Value, json};

use crate::commands::list::support_cell;
use crate::context::Context;
use crate::error::Error;
use crate::known::{Known, Support};
use crate::output;
use crate::platform::PlatformArgs;
use crate::progress::Progress;
use crate::table::{self, Cell};

/// The arguments of `ls-remote`
#[derive(Debug, Args)]
pub struct ListRemote {
    /// Only what this query means, such as 1.22
    #[arg(value_name = "QUERY")]
    pub(crate) query: Option<String>,

    /// Betas and release candidates too
    #[arg(long)]
    pub(crate) all: bool,

    #[command(flatten)]
    pub(crate) platform: PlatformArgs,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl ListRemote {
    /// Shows what is published for the platform, newest first.
    pub(crate) fn run(&self, context: &Context) -> Result<ExitCode, Error> {
        let query = self
            .query
            .as_deref()
            .map(|text| context.published_query(text))
            .transpose()?;
        let platform = self.platform.platform()?;
        let installer = context.installer()?.for_platform(platform);
        let progress = Progress::new(context.output);
        let index = installer.index(&mut |event| progress.show(&event))?;
        let present: Vec<Version> = store::list(installer.layout())?
            .into_iter()
            .map(|sdk| sdk.version)
            .collect();
        let releases = match &query {
            Some(query) => index.matching(query, platform, self.all)?,
            None => index
                .for_platform(platform)
                .filter(|release| release.is_stable || self.all)
                .collect(),
        };
        let known = Known::new(Some(&index), platform, &present);
        if self.json {
            let shapes = releases.iter().filter_map(|release| {
                let archive = release.archive(platform)?;
                Some(json!({
                    "toolchain": release.version.toolchain(),
                    "platform": platform.to_string(),
                    "stable": release.is_stable,
                    "installed": present.contains(&release.version),
                    "support": known.support(&release.version).map(Support::word),
                    "file": archive.filename,
                    "sha256": archive.hash.published(),
                    "size": archive.size,
                }))
            });
            output::json(&Value::Array(shapes.collect()))?;
            return Ok(ExitCode::SUCCESS);
        }
        if releases.is_empty() {
            context
                .output
                .talk(&format!("nothing of that was published for {platform}"));
        }
        let rows = releases.iter().map(|release| {
            let is_installable = release
                .archive(platform)
                .is_some_and(|archive| archive.hash.published().is_some());
            let is_present = present.contains(&release.version);
            let note = if is_present {
                "installed"
            } else if is_installable {
                ""
            } else {
                "no usable sha256 was published"
            };
            let name = if is_present {
                Style::new().bold()
            } else {
                Style::new()
            };
            vec![
                Cell::styled(release.version.toolchain(), name),
                support_cell(known.support(&release.version)),
                Cell::new(note),
            ]
        });
        table::print(&rows.collect::<Vec<_>>())?;
        Ok(ExitCode::SUCCESS)
    }
}
