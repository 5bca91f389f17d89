//! `goshim prompt`

use clap::Args;
use goshim_resolver::origin::Origin;
use goshim_resolver::{Resolution, Selected};

use crate::context::Context;
use crate::output;

/// The arguments of `prompt`
#[derive(Debug, Args)]
pub struct Prompt {
    /// Print nothing where neither a file of the project nor a variable asks for a Go
    #[arg(long)]
    project: bool,
}

impl Prompt {
    /// Prints a few characters about the Go that runs here. A prompt has no place for errors, so there are none.
    pub(crate) fn run(&self, context: &Context) {
        if let Ok(resolution) = context.resolve()
            && (!self.project || is_asked_for(&resolution))
            && let Some(text) = text(&resolution)
        {
            let _ = output::data(&text);
        }
    }
}

/// `1.22.10`; `1.23?` where that is not installed; `system 1.22.2`; the name of a linked SDK.
fn text(resolution: &Resolution) -> Option<String> {
    match resolution.outcome.as_ref().ok()? {
        Selected::Installed(sdk) => Some(sdk.version.to_string()),
        Selected::Missing(wanted) => Some(format!("{}?", wanted.query)),
        Selected::Linked(linked) => Some(linked.name.to_string()),
        Selected::System(go) => Some(match &go.version {
            Some(version) => format!("system {version}"),
            None => "system".to_owned(),
        }),
    }
}

/// Whether the directory or the person at the keyboard has a say.
fn is_asked_for(resolution: &Resolution) -> bool {
    let is_of_user = |origin: &Origin| {
        matches!(
            origin,
            Origin::Default(_)
                | Origin::GoEnvFile(_)
                | Origin::HomePinFile(_)
                | Origin::System
                | Origin::NewestInstalled
        )
    };
    let choice = resolution.choice.as_ref();
    resolution.floor.is_some() || choice.is_some_and(|choice| !is_of_user(&choice.origin))
}
