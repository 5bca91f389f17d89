//! `goshim version`

use std::process::ExitCode;

use clap::Args;
use goshim_resolver::Platform;
use serde_json::json;

use crate::error::Error;
use crate::output;

/// The arguments of `version`
#[derive(Debug, Args)]
pub struct Version {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Version {
    pub(crate) fn run(&self) -> Result<ExitCode, Error> {
        let version = env!("CARGO_PKG_VERSION");
        let platform = Platform::host();
        if self.json {
            output::json(&json!({ "goshim": version, "platform": platform.to_string() }))?;
        } else {
            output::data(&format!("goshim {version} {platform}"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
