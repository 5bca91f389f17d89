//! `goshim uninstall`

use std::process::ExitCode;

use clap::Args;
use goshim_installer::default;
use goshim_installer::uninstall::uninstall;
use goshim_resolver::{Query, Version};

use crate::context::Context;
use crate::error::Error;
use crate::progress::Progress;

/// The arguments of `uninstall`
#[derive(Debug, Args)]
pub struct Uninstall {
    /// The releases to take away, such as 1.22.10, or names of the store such as go1.22.10.windows-amd64
    #[arg(value_name = "RELEASE", required = true)]
    releases: Vec<String>,

    /// Take them away although somebody is running them
    #[arg(long)]
    force: bool,
}

impl Uninstall {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let sdks = context.sdks(&self.releases)?;
        context.tell_unlisted_stores();
        for (layout, version) in sdks {
            let progress = Progress::new(context.output);
            uninstall(&layout, &version, self.force, &mut |event| {
                progress.show(&event);
            })?;
            context
                .output
                .talk(&format!("uninstalled {}", layout.name(&version)));
            if layout == context.layout && is_default(context, &version) {
                context.output.talk(&format!("{version} is still your default and comes back with the next go; goshim default sets another"));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Whether the default names exactly this release.
fn is_default(context: &Context, version: &Version) -> bool {
    let text = default::read(&context.layout)
        .ok()
        .flatten()
        .unwrap_or_default();
    matches!(Query::parse(text.trim()), Ok(Query::Release(default)) if default == *version)
}
