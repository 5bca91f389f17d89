//! `goshim list`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use goshim_resolver::resolve::resolve_anywhere;
use goshim_resolver::store::{self, Holder, Sdk};
use goshim_resolver::{Layout, Platform, Query, Selected, Version, escape};
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::Error;
use crate::output;
use crate::platform::PlatformArgs;
use crate::progress::Progress;

/// The arguments of `list`
#[derive(Debug, Args)]
pub struct List {
    /// With --remote: only what this query means, such as 1.22
    #[arg(value_name = "QUERY", requires = "remote")]
    query: Option<String>,

    /// Show what is published instead
    #[arg(long)]
    remote: bool,

    /// With --remote: betas and release candidates too
    #[arg(long, requires = "remote")]
    all: bool,

    #[command(flatten)]
    platform: PlatformArgs,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        if self.remote {
            self.run_remote(context)?;
        } else {
            self.run_installed(context)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn run_installed(&self, context: &Context) -> Result<(), Error> {
        if let Some(platform) = self.platform.named()?
            && platform != Platform::host()
        {
            return self.run_foreign(context, platform);
        }
        let sdks = store::list(&context.layout)?;
        let default = default_version(context);
        // A broken pin here is `why`'s to explain; what is installed can be listed all the same.
        let selected = context
            .resolve()
            .ok()
            .and_then(|resolution| match resolution.outcome {
                Ok(Selected::Installed(ref sdk)) => Some((sdk.version.clone(), resolution.asker())),
                _ => None,
            });
        let is_selected = |version: &Version| {
            selected
                .as_ref()
                .is_some_and(|(selected, _)| selected == version)
        };
        if self.json {
            let shapes = sdks.iter().map(|sdk| {
                json!({
                    "toolchain": sdk.version.toolchain(),
                    "goroot": sdk.root.to_string_lossy(),
                    "store": store_of(&context.layout, sdk).to_string_lossy(),
                    "default": default.as_ref() == Some(&sdk.version),
                    "selected": is_selected(&sdk.version),
                })
            });
            return Ok(output::json(&Value::Array(shapes.collect()))?);
        }
        if sdks.is_empty() {
            context
                .output
                .talk("nothing is installed yet: goshim install latest");
        }
        for sdk in &sdks {
            let mut notes = Vec::new();
            if default.as_ref() == Some(&sdk.version) {
                notes.push("default".to_owned());
            }
            if is_selected(&sdk.version) {
                let asker = selected.as_ref().map_or("", |(_, asker)| asker.as_str());
                notes.push(format!("runs here, {asker}"));
            }
            if store::holder(&context.layout, sdk) != Holder::Own {
                let store = store_of(&context.layout, sdk);
                notes.push(format!("in {}", escape::path(&store)));
            }
            let line = format!("{:<14} {}", sdk.version.toolchain(), notes.join(", "));
            output::data(line.trim_end())?;
        }
        Ok(())
    }

    /// The SDKs for another platform: they never run here.
    fn run_foreign(&self, context: &Context, platform: Platform) -> Result<(), Error> {
        let layout = context.layout.for_platform(platform);
        let sdks = store::list(&layout)?;
        if self.json {
            let shapes = sdks.iter().map(|sdk| {
                json!({
                    "toolchain": sdk.version.toolchain(),
                    "goroot": sdk.root.to_string_lossy(),
                    "store": store_of(&layout, sdk).to_string_lossy(),
                    "default": false,
                    "selected": false,
                })
            });
            return Ok(output::json(&Value::Array(shapes.collect()))?);
        }
        for sdk in &sdks {
            output::data(&layout.name(&sdk.version))?;
        }
        Ok(())
    }

    fn run_remote(&self, context: &Context) -> Result<(), Error> {
        let query = self.query.as_deref().map(Query::parse).transpose()?;
        let platform = self.platform.platform()?;
        let installer = context.installer()?.for_platform(platform);
        let progress = Progress::new(context.output);
        let index = installer.index(&mut |event| progress.show(&event))?;
        let present: Vec<Version> = store::list(installer.layout())?
            .into_iter()
            .map(|sdk| sdk.version)
            .collect();
        let releases = match &query {
            Some(query) => index.matching(query, platform, self.all)?,
            None => index
                .for_platform(platform)
                .filter(|release| release.is_stable || self.all)
                .collect(),
        };
        if self.json {
            let shapes = releases.iter().filter_map(|release| {
                let archive = release.archive(platform)?;
                Some(json!({
                    "toolchain": release.version.toolchain(),
                    "stable": release.is_stable,
                    "installed": present.contains(&release.version),
                    "file": archive.filename,
                    "sha256": archive.hash.published(),
                    "size": archive.size,
                }))
            });
            return Ok(output::json(&Value::Array(shapes.collect()))?);
        }
        for release in releases {
            let is_installable = release
                .archive(platform)
                .is_some_and(|archive| archive.hash.published().is_some());
            let note = if present.contains(&release.version) {
                "installed"
            } else if is_installable {
                ""
            } else {
                "no usable sha256 was published"
            };
            output::data(format!("{:<14} {note}", release.version.toolchain()).trim_end())?;
        }
        Ok(())
    }
}

/// The store that an SDK is in.
pub(crate) fn store_of(layout: &Layout, sdk: &Sdk) -> PathBuf {
    match store::holder(layout, sdk) {
        Holder::Own => layout.home().to_owned(),
        Holder::Further(store) => store.home().to_owned(),
    }
}

/// The installed release that the default means.
fn default_version(context: &Context) -> Option<Version> {
    let text = fs_err::read_to_string(context.layout.default_file()).ok()?;
    match resolve_anywhere(&context.env, &context.layout, text.trim())
        .ok()?
        .outcome
    {
        Ok(Selected::Installed(sdk)) => Some(sdk.version),
        _ => None,
    }
}
