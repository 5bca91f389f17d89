//! `goshim install`

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use goshim_installer::install::{Installed, Timings};
use goshim_resolver::{Query, Selected, Version};
use serde_json::{Value, json};

use crate::context::{Context, release};
use crate::error::Error;
use crate::output;
use crate::progress::Progress;

/// The arguments of `install`
#[derive(Debug, Args)]
pub struct Install {
    /// A release (1.22.10), a series (1.22), latest or oldstable
    #[arg(value_name = "VERSION")]
    queries: Vec<String>,

    /// Accept nothing older than this release
    #[arg(long, value_name = "RELEASE", requires = "queries")]
    at_least: Option<String>,

    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

impl Install {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let mut done = Vec::new();
        for (query, at_least) in self.wanted(context)? {
            done.push(install(context, &query, at_least.as_ref())?);
        }
        if self.json {
            output::json(&Value::Array(done.iter().map(shape).collect()))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The queries of the command line, else what this directory asks for.
    fn wanted(&self, context: &Context) -> Result<Vec<(Query, Option<Version>)>, Error> {
        if !self.queries.is_empty() {
            let at_least = self.at_least.as_deref().map(floor).transpose()?;
            let queries = self
                .queries
                .iter()
                .map(|text| Query::parse(text).map(|query| (query, at_least.clone())));
            return Ok(queries.collect::<Result<_, _>>()?);
        }
        let resolution = context.resolve()?;
        let asker = resolution.asker();
        match resolution.outcome? {
            Selected::Missing(wanted) => {
                context
                    .output
                    .talk(&format!("Go {} is {asker}", wanted.text()));
                Ok(vec![(wanted.query, wanted.at_least)])
            }
            Selected::Installed(sdk) => {
                context.output.talk(&format!(
                    "{} is {asker} and installed",
                    sdk.version.toolchain()
                ));
                Ok(Vec::new())
            }
            Selected::System(_) => {
                context
                    .output
                    .talk("the system's Go runs here: there is nothing to install");
                Ok(Vec::new())
            }
        }
    }
}

/// The argument of `--at-least`: any version that a go line can name, language versions included.
fn floor(text: &str) -> Result<Version, Error> {
    Version::parse(text).map_or_else(|| release(text), Ok)
}

fn install(
    context: &Context,
    query: &Query,
    at_least: Option<&Version>,
) -> Result<Installed, Error> {
    let mut progress = Progress::new(context.output);
    let installed = context
        .installer()?
        .install(query, at_least, &mut |event| progress.show(&event));
    progress.end();
    let installed = installed?;
    let toolchain = installed.sdk.version.toolchain();
    if installed.was_there {
        context
            .output
            .talk(&format!("{toolchain} is installed already"));
    } else {
        let Timings {
            index,
            unpack,
            publish,
        } = installed.timings;
        let total = (index + unpack + publish).as_secs_f64();
        context
            .output
            .talk(&format!("installed {toolchain} in {total:.1} s"));
    }
    if installed.is_new_default {
        context.output.talk(&format!(
            "{toolchain} is your default now, being the first (goshim default changes it)"
        ));
    }
    Ok(installed)
}

fn shape(installed: &Installed) -> Value {
    let Timings {
        index,
        unpack,
        publish,
    } = installed.timings;
    let milliseconds = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    json!({
        "toolchain": installed.sdk.version.toolchain(),
        "goroot": installed.sdk.root.to_string_lossy(),
        "was_installed": installed.was_there,
        "timings_ms": { "index": milliseconds(index), "unpack": milliseconds(unpack), "publish": milliseconds(publish) },
    })
}
