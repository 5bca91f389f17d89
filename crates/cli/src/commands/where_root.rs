//! `goshim where`

use std::process::ExitCode;

use clap::Args;
use goshim_resolver::{Selected, Version, resolve};
use serde_json::json;

use crate::context::{Context, missing};
use crate::error::Error;
use crate::output;

/// The arguments of `where`
#[derive(Debug, Args)]
pub struct Where {
    /// A release (1.22.10), a series (1.22), latest, oldstable, system or a linked name; without it, what runs here
    #[arg(value_name = "VERSION")]
    query: Option<String>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Where {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        if let Some(text) = &self.query {
            context.query(text)?;
        }
        let resolution = resolve(&context.env, &context.layout, &[], self.query.as_deref())?;
        let asker = resolution.asker();
        let (toolchain, goroot) = match resolution.outcome? {
            Selected::Installed(sdk) => (Some(sdk.version.toolchain()), sdk.root),
            Selected::System(go) => (go.version.as_ref().map(Version::toolchain), go.root),
            Selected::Linked(linked) => {
                (linked.version.as_ref().map(Version::toolchain), linked.root)
            }
            Selected::Missing(wanted) => return Err(missing(asker, &wanted)),
        };
        if self.json {
            output::json(&json!({ "toolchain": toolchain, "goroot": goroot.to_string_lossy() }))?;
        } else {
            output::path(&goroot)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
