//! `goshim uninstall`

use std::process::ExitCode;

use clap::Args;
use goshim_installer::uninstall::uninstall;

use crate::context::{Context, release};
use crate::error::Error;
use crate::progress::Progress;

/// The arguments of `uninstall`
#[derive(Debug, Args)]
pub struct Uninstall {
    /// The releases to take away, such as 1.22.10
    #[arg(value_name = "RELEASE", required = true)]
    releases: Vec<String>,
}

impl Uninstall {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        // All words are read before anything is taken away.
        let versions = self.releases.iter().map(|text| release(text)).collect::<Result<Vec<_>, _>>()?;
        for version in versions {
            let mut progress = Progress::new(context.output);
            uninstall(&context.layout, &version, &mut |event| progress.show(&event))?;
            context.output.talk(&format!("uninstalled {}", version.toolchain()));
        }
        Ok(ExitCode::SUCCESS)
    }
}
