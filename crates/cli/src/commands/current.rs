//! `goshim current`

use std::process::ExitCode;

use clap::Args;
use goshim_resolver::{Selected, Version};
use serde_json::json;

use crate::commands::list::selected_by;
use crate::context::{Context, missing};
use crate::error::Error;
use crate::output;

/// The arguments of `current`
#[derive(Debug, Args)]
pub struct Current {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Current {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let resolution = context.resolve()?;
        let asker = resolution.asker();
        let selected_by = selected_by(&resolution);
        let mut shown = None;
        let (toolchain, goroot, state) = match resolution.outcome? {
            Selected::Installed(sdk) => (Some(sdk.version.toolchain()), sdk.root, "installed"),
            Selected::System(go) => {
                let toolchain = go.version.as_ref().map(Version::toolchain);
                (toolchain, go.root, "system")
            }
            Selected::Linked(linked) => {
                let toolchain = linked.version.as_ref().map(Version::toolchain);
                shown = Some(linked.text());
                (toolchain, linked.root, "linked")
            }
            Selected::Missing(wanted) => return Err(missing(asker, &wanted)),
        };
        if self.json {
            output::json(&json!({
                "toolchain": toolchain,
                "goroot": goroot.to_string_lossy(),
                "state": state,
                "selected_by": selected_by,
            }))?;
        } else {
            let shown = shown.or(toolchain);
            let shown = shown.as_deref().unwrap_or("the system's Go");
            output::data(&format!("{shown}  {asker}"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
