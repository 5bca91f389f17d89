//! `goshim cache`

use std::process::ExitCode;

use clap::{Args, Subcommand};
use goshim_installer::cache;
use goshim_resolver::escape;
use serde_json::json;

use crate::context::Context;
use crate::error::Error;
use crate::output;

/// The arguments of `cache`
#[derive(Debug, Args)]
pub struct Cache {
    #[command(subcommand)]
    action: Option<Action>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What to do with it.
#[derive(Debug, Subcommand)]
enum Action {
    /// Remove partial downloads, copies of indexes and what killed processes left
    Clean,
}

impl Cache {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let layout = &context.layout;
        let before = cache::sizes(layout);
        if let Some(Action::Clean) = self.action {
            let foreign = cache::clean(layout)?;
            let freed = before.total().saturating_sub(cache::sizes(layout).total());
            for path in foreign {
                let path = escape::path(&path);
                context
                    .output
                    .talk(&format!("left {path} as it is: it is not goshim's"));
            }
            context
                .output
                .talk(&format!("removed {}", megabytes(freed)));
            return Ok(ExitCode::SUCCESS);
        }
        if self.json {
            output::json(&json!({
                "downloads": before.downloads,
                "index": before.index,
                "leftovers": before.leftovers,
            }))?;
            return Ok(ExitCode::SUCCESS);
        }
        for (kind, bytes) in [
            ("downloads", before.downloads),
            ("index", before.index),
            ("leftovers", before.leftovers),
        ] {
            output::data(&format!("{kind:<10} {}", megabytes(bytes)))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
