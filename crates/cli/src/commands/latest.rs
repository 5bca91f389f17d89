//! `goshim latest`

use std::process::ExitCode;

use clap::Args;
use goshim_resolver::store;
use serde_json::json;

use crate::context::Context;
use crate::error::Error;
use crate::output;
use crate::progress::Progress;

/// The arguments of `latest`
#[derive(Debug, Args)]
pub struct Latest {
    /// A series (1.22), latest or oldstable
    #[arg(value_name = "QUERY", default_value = "latest")]
    query: String,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Latest {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let query = context.published_query(&self.query)?;
        let installer = context.installer()?;
        let progress = Progress::new(context.output);
        let index = installer.index(&mut |event| progress.show(&event))?;
        let release = index.select(&query, None, installer.platform())?;
        let toolchain = release.version.toolchain();
        if self.json {
            let is_installed = store::find(&context.layout, &release.version).is_some();
            output::json(&json!({ "toolchain": toolchain, "installed": is_installed }))?;
        } else {
            output::data(&toolchain)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
