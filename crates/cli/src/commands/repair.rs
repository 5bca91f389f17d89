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
    /// Releases such as 1.22.10
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
        let versions = context.releases(&self.releases)?;
        let cancel = Cancel::default();
        let interrupt = Interrupt::listen(&cancel)?;
        let installer = context.installer()?.stopped_by(cancel);
        let mut shapes = Vec::new();
        for version in versions {
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
                tell(context, &repaired)?;
            }
        }
        if self.json {
            output::json(&Value::Array(shapes))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn tell(context: &Context, repaired: &Repaired) -> Result<(), Error> {
    let toolchain = repaired.sdk.version.toolchain();
    let found = &repaired.found;
    if found.is_empty() {
        context
            .output
            .talk(&format!("{toolchain} is as it was installed"));
        return Ok(());
    }
    verify::lines(&toolchain, found)?;
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
