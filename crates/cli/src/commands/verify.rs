//! `goshim verify`

use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use goshim_installer::receipt::Receipt;
use goshim_installer::verify::{Differences, verify};
use goshim_resolver::linked;
use goshim_resolver::store::{self, Sdk};
use goshim_resolver::{Layout, Platform, Version, escape};
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::{self, Error};
use crate::output;
use crate::{
    commands::list::{foreign_platforms, store_of},
    exit,
};

/// The arguments of `verify`
#[derive(Debug, Args)]
pub struct Verify {
    /// Releases such as 1.22.10, or names of the store such as go1.22.10.windows-amd64; without one, all that are installed
    #[arg(value_name = "RELEASE")]
    releases: Vec<String>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let mut shapes = Vec::new();
        let mut code = ExitCode::SUCCESS;
        let sdks = sdks(context, &self.releases)?;
        if sdks.is_empty() {
            context.output.talk("nothing is installed yet");
        }
        for (layout, sdk) in sdks {
            match verify(&layout, &sdk) {
                Ok(found) => {
                    if !found.is_empty() {
                        code = ExitCode::from(exit::FAILURE);
                    }
                    if !self.json {
                        tell(context, &layout, &sdk, &found)?;
                    }
                    let mut shape = json!({
                        "toolchain": sdk.version.toolchain(),
                        "goroot": sdk.root.to_string_lossy(),
                        "store": store_of(&layout, &sdk).to_string_lossy(),
                        "ok": found.is_empty(),
                    });
                    add(&mut shape, &found);
                    shapes.push(shape);
                }
                // One that cannot be verified keeps nobody from hearing about the others.
                Err(error) => code = error::report(&error.into()),
            }
        }
        if self.json {
            output::json(&Value::Array(shapes))?;
        }
        if self.releases.is_empty() {
            for name in linked::names(&context.layout) {
                context.output.talk(&format!(
                    "{name} is linked: there is nothing to compare it with"
                ));
            }
        }
        Ok(code)
    }
}

/// The SDKs of these releases, which must be installed; without any, all that are, for whichever platform. Each comes with the layout of its
/// platform.
fn sdks(context: &Context, releases: &[String]) -> Result<Vec<(Layout, Sdk)>, Error> {
    if releases.is_empty() {
        let foreign = foreign_platforms(&context.layout);
        let mut sdks = Vec::new();
        for platform in std::iter::once(Platform::host()).chain(foreign) {
            let layout = context.layout.for_platform(platform);
            let of_platform = store::list(&layout)?;
            sdks.extend(of_platform.into_iter().map(|sdk| (layout.clone(), sdk)));
        }
        return Ok(sdks);
    }
    let find = |(layout, version): (Layout, Version)| match store::find(&layout, &version) {
        Some(sdk) => Ok((layout, sdk)),
        None => Err(Error::Installer(goshim_installer::Error::NotInstalled {
            toolchain: layout.name(&version),
        })),
    };
    context.sdks(releases)?.into_iter().map(find).collect()
}

/// The differences as data, a line each.
fn tell(context: &Context, layout: &Layout, sdk: &Sdk, found: &Differences) -> Result<(), Error> {
    let toolchain = &layout.name(&sdk.version);
    if found.has_no_modes {
        context.output.talk(&format!(
            "the file system of {toolchain} keeps no permissions: they were not looked at"
        ));
    }
    if found.is_empty() {
        context
            .output
            .talk(&format!("{toolchain} is as it was installed"));
        return Ok(());
    }
    lines(toolchain, found)?;
    context.output.talk(&format!(
        "{toolchain} is not as it was installed: {} changed, {} missing, {} extra",
        found.changed.len(),
        found.missing.len(),
        found.extra.len()
    ));
    if !found.changed.is_empty() || !found.missing.is_empty() {
        let command = Receipt::read(layout, &sdk.version)
            .filter(Receipt::is_of_the_user)
            .map_or_else(
                || format!("goshim repair {toolchain}"),
                |receipt| receipt.command(&sdk.version),
            );
        context.output.talk(&format!("{command} mends it"));
    }
    Ok(())
}

/// A line for each difference: the toolchain, the kind, the path.
pub(crate) fn lines(toolchain: &str, found: &Differences) -> Result<(), Error> {
    for (kind, paths) in kinds(found) {
        for path in paths {
            output::data(&format!("{toolchain} {kind:<7} {}", escape::path(path)))?;
        }
    }
    Ok(())
}

/// Adds the differences to the shape of an SDK.
pub(crate) fn add(shape: &mut Value, found: &Differences) {
    for (kind, paths) in kinds(found) {
        if let Some(members) = shape.as_object_mut() {
            let paths: Vec<_> = paths.into_iter().map(Path::to_string_lossy).collect();
            members.insert(kind.to_owned(), json!(paths));
        }
    }
}

fn kinds(found: &Differences) -> [(&'static str, Vec<&Path>); 3] {
    [
        ("changed", found.changed.iter().map(Path::new).collect()),
        ("missing", found.missing.iter().map(Path::new).collect()),
        ("extra", found.extra.iter().map(Path::new).collect()),
    ]
}
