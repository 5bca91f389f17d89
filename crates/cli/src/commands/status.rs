//! `goshim` without a command: where one stands, and what to do next.

use std::process::ExitCode;

use goshim_resolver::{Selected, store};

use crate::context::Context;
use crate::error::Error;
use crate::output;

/// How many installed versions are named.
const NAMED: usize = 4;

/// A few lines for whoever is new or lost.
pub(crate) fn run(context: &Context) -> Result<ExitCode, Error> {
    let sdks = store::list(&context.layout)?;
    let mut next: Vec<(String, &str)> = Vec::new();
    let here = match context.resolve() {
        Err(error) => format!("none: {error}"),
        Ok(resolution) => {
            let asker = resolution.asker();
            match resolution.outcome {
                Ok(Selected::Installed(sdk)) => format!("{}, {asker}", sdk.version.toolchain()),
                Ok(Selected::System(go)) => {
                    let version = go
                        .version
                        .map_or_else(String::new, |version| format!(" {version}"));
                    format!("the system's{version}, {asker}")
                }
                Ok(Selected::Linked(linked)) => format!("{}, {asker}", linked.text()),
                Ok(Selected::Missing(wanted)) => {
                    next.push((wanted.command(), "installs what this directory asks for"));
                    format!("Go {}, {asker}; it is not installed", wanted.text())
                }
                Err(goshim_resolver::Error::NothingInstalled) => "none yet".to_owned(),
                Err(error @ goshim_resolver::Error::Untrusted { .. }) => {
                    next.push((
                        "goshim trust --show".to_owned(),
                        "shows what is to be trusted; goshim trust does it",
                    ));
                    format!("none: {error}")
                }
                Err(error) => {
                    next.push(("goshim why".to_owned(), "says more about that"));
                    format!("none: {error}")
                }
            }
        }
    };
    if sdks.is_empty() && next.is_empty() {
        next.push(("goshim install latest".to_owned(), "installs the newest Go"));
    }
    let shims = context.layout.shims();
    let path = match context.first_go() {
        Some(go) if go.parent() == Some(&shims) => {
            "go is goshim's: every directory gets its own Go".to_owned()
        }
        first => {
            let effect = if context.is_set_up() {
                "says what go is in a new shell: this one is older, or not set up"
            } else {
                "makes go goshim's"
            };
            next.push(("goshim setup".to_owned(), effect));
            match first {
                Some(go) => format!("go is {}, not goshim's", context.shown_path(&go)),
                None => "there is no go".to_owned(),
            }
        }
    };
    let names: Vec<String> = (sdks.iter().take(NAMED))
        .map(|sdk| sdk.version.toolchain())
        .collect();
    let installed = match sdks.len() {
        0 => "nothing yet".to_owned(),
        count if count > NAMED => format!("{} and {} more", names.join(", "), count - NAMED),
        _ => names.join(", "),
    };
    if next.is_empty() {
        next.push((
            "goshim use 1.22".to_owned(),
            "pins this directory to a version",
        ));
        next.push(("goshim why".to_owned(), "explains which Go runs here"));
    }
    next.push(("goshim --help".to_owned(), "names the commands"));
    output::data(&format!(
        "goshim {}, the Go version switcher",
        env!("CARGO_PKG_VERSION")
    ))?;
    for (what, state) in [("here", here), ("installed", installed), ("on PATH", path)] {
        output::data(&format!("  {what:<10} {state}"))?;
    }
    output::data("next:")?;
    for (command, effect) in next {
        output::data(&format!("  {command:<22} {effect}"))?;
    }
    Ok(ExitCode::SUCCESS)
}
