//! `cargo xtask install`: a release for daily use.

use std::path::PathBuf;
use std::process::Command;

use crate::Error;
use crate::product::{self, place, run};

/// Where it goes.
#[derive(Debug, clap::Args)]
pub struct Install {
    /// The directory for goshim and goshim-shim [default: ~/.local/bin]
    #[arg(long)]
    to: Option<PathBuf>,
}

impl Install {
    /// Builds a release, puts it into place, and sets the shims up.
    ///
    /// # Errors
    /// Where the build fails or the directory cannot be written.
    pub fn run(&self) -> Result<(), Error> {
        let product = product::build()?;
        let dir = match &self.to {
            Some(dir) => std::path::absolute(dir)?,
            None => home()?.join(".local/bin"),
        };
        fs_err::create_dir_all(&dir)?;
        for program in [&product.shim, &product.goshim] {
            place(program, &dir.join(program.file_name().unwrap_or_default()))?;
        }
        println!("goshim and goshim-shim are in {}", dir.display());
        run(Command::new(dir.join(product.goshim.file_name().unwrap_or_default())).arg("setup"))
    }
}

fn home() -> Result<PathBuf, Error> {
    goshim_resolver::Env::from_os()
        .home
        .ok_or_else(|| Error("HOME is not set: say --to DIR".to_owned()))
}
