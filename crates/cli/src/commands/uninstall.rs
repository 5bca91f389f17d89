//! `goshim uninstall`

use std::process::ExitCode;

use clap::Args;
use goshim_installer::default;
use goshim_installer::uninstall::uninstall;
use goshim_resolver::resolve::resolve_anywhere;
use goshim_resolver::settings::AutoInstall;
use goshim_resolver::{Selected, Version};

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
        let was_default = default_of(context).and_then(|(_, outcome)| outcome.ok());
        let mut is_default_gone = false;
        for (layout, version) in sdks {
            let progress = Progress::new(context.output);
            uninstall(&layout, &version, self.force, &mut |event| {
                progress.show(&event);
            })?;
            context
                .output
                .talk(&format!("uninstalled {}", layout.name(&version)));
            is_default_gone |= layout == context.layout && was_default.as_ref() == Some(&version);
        }
        if let (true, Some((default, Err(auto_install)))) = (is_default_gone, default_of(context)) {
            let future = match auto_install {
                AutoInstall::Always => "comes back with the next go that needs it",
                AutoInstall::Ask => "the next go that needs it asks whether to install it again",
                AutoInstall::Never => "no go installs it again by itself",
            };
            context.output.talk(&format!(
                "{default} is still your default, and {future}; goshim default sets another"
            ));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The user's default, and the release that is installed for it, or else whether it is installed by itself.
fn default_of(context: &Context) -> Option<(String, Result<Version, AutoInstall>)> {
    let text = default::read(&context.layout).ok().flatten()?;
    let text = text.trim();
    let resolution = resolve_anywhere(&context.env, &context.layout, text).ok()?;
    let outcome = match &resolution.outcome {
        Ok(Selected::Installed(sdk)) => Ok(sdk.version.clone()),
        Ok(Selected::Missing(_)) => Err(resolution.auto_install),
        _ => return None,
    };
    Some((text.to_owned(), outcome))
}
