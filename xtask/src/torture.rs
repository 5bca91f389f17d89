//! `cargo xtask torture`: the tests that put the store under fire, for longer than a test may take.

use std::process::Command;

use crate::product::{cargo_program, run};
use crate::{Error, root};

/// Kill, starve, crowd and unplug the store for a long time
#[derive(Debug, clap::Args)]
pub struct Torture {
    /// How often all of it is done
    #[arg(long, default_value_t = 1)]
    times: u32,
}

impl Torture {
    /// Runs the tests in their long form, and prints what they counted. Power cuts need root.
    ///
    /// # Errors
    /// Where one of them fails.
    pub fn run(&self) -> Result<(), Error> {
        for time in 1..=self.times {
            println!("== {time} of {}", self.times);
            // A long form has every error at every position, ten times as many rounds and as long a soak, and a cut at every call.
            let tests = ["torture::", "storm::", "power::", "hostile::"];
            let mut command = Command::new(cargo_program());
            command
                .args([
                    "test",
                    "--locked",
                    "--package",
                    "goshim",
                    "--test",
                    "suite",
                    "--",
                ])
                .args(tests)
                .args(["--nocapture", "--test-threads", "1"])
                .env("TORTURE", "long")
                .current_dir(root());
            run(&mut command)?;
        }
        Ok(())
    }
}
