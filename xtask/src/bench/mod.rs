//! `cargo xtask bench`: how fast goshim is, against what there would be without it.
//!
//! Machines differ and are busy, so a time means nothing by itself: the contestants take turns in one run, and the ratios of their
//! medians are the result.

pub mod install;
pub mod shim;

use crate::Error;

/// Measure goshim against what there would be without it
#[derive(Debug, clap::Args)]
pub struct Bench {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Install(install::Install),
    Shim(shim::Shim),
}

impl Bench {
    /// Measures, and prints medians, ratios and goals.
    ///
    /// # Errors
    /// Where a contestant fails. A goal that is missed is printed and is no error: the machine may be busy.
    pub fn run(&self) -> Result<(), Error> {
        match &self.what {
            What::Install(install) => install.run(),
            What::Shim(shim) => shim.run(),
        }
    }
}
