//! `goshim repair`

use std::process::ExitCode;

use clap::Args;
use goshim_installer::Cancel;
use goshim_installer::repair::Repaired;
use serde_json::{Value, json};

use crate::commands::verify;
use crate::context::Context;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::output;
use crate::progress::Progress;

/// The arguments of `repair`
#[derive(Debug, Args)]
pub struct Repair {
    /// Releases such as 1.22.10, or names of the store such as go1.22.10.windows-amd64
    #[arg(value_name = "RELEASE", required = true)]
    releases: Vec<String>,

    /// Remove what was not installed, too
    #[arg(long)]
    remove_extra: bool,

    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

impl Repair {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let sdks = context.sdks(&self.releases)?;
        let cancel = Cancel::default();
        let interrupt = Interrupt::listen(&cancel)?;
        let mut shapes = Vec::new();
        for (layout, version) in sdks {
            let installer = context
                .installer()?
                .for_platform(layout.platform())
                .stopped_by(cancel.clone());
            let progress = Progress::new(context.output);
            let repaired = installer.repair(&version, self.remove_extra, &|place, event| {
                progress.show_of(place, &event);
            });
            progress.end_all();
            if let Some(code) = interrupt.code() {
                context.output.talk("stopped");
                return Ok(code);
            }
            let repaired = repaired?;
            if self.json {
                shapes.push(shape(&repaired));
            } else {
                tell(context, &layout.name(&version), &repaired)?;
            }
        }
        if self.json {
            output::json(&Value::Array(shapes))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn tell(context: &Context, toolchain: &str, repaired: &Repaired) -> Result<(), Error> {
    let found = &repaired.found;
    if found.is_empty() {
        context
            .output
            .talk(&format!("{toolchain} is as it was installed"));
        return Ok(());
    }
    verify::lines(toolchain, found)?;
    let mended = found.changed.len() + found.missing.len();
    if mended > 0 {
        context
            .output
            .talk(&format!("mended {toolchain}: {mended} files"));
    }
    let left = repaired.left.len();
    let removed = found.extra.len().saturating_sub(left);
    if removed > 0 {
        context
            .output
            .talk(&format!("removed {removed} that were not installed"));
    }
    if left > 0 {
        context.output.talk(&format!(
            "left {left} that were not installed as they are: --remove-extra removes them"
        ));
    }
    Ok(())
}

fn shape(repaired: &Repaired) -> Value {
    let mut shape = json!({
        "toolchain": repaired.sdk.version.toolchain(),
        "goroot": repaired.sdk.root.to_string_lossy(),
        "extra_removed": !repaired.found.extra.is_empty() && repaired.left.is_empty(),
    });
    verify::add(&mut shape, &repaired.found);
    shape
}
