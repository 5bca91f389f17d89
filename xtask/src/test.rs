//! `cargo xtask test`: the one test command.

use std::time::Instant;

use crate::product::{self, cargo};
use crate::{Error, codegen, demo, tidy};

type Step = fn() -> Result<(), Error>;

/// Checks and tests everything, from the formatting to programs compiled by three real Go versions.
///
/// # Errors
/// At the first step that fails.
pub fn run() -> Result<(), Error> {
    let steps: [(&str, Step); 7] = [
        ("formatting", || cargo(&["fmt", "--all", "--check"], None)),
        ("tidy", tidy::run),
        ("generated pages", || codegen::run(true)),
        ("lints", || {
            cargo(
                &[
                    "clippy",
                    "--quiet",
                    "--locked",
                    "--workspace",
                    "--all-targets",
                    "--",
                    "--deny",
                    "warnings",
                ],
                None,
            )
        }),
        ("release build", || product::build().map(drop)),
        ("tests", || {
            cargo(&["test", "--locked", "--workspace", "--no-fail-fast"], None)
        }),
        ("demo", || demo::Demo::default().run()),
    ];
    let mut durations = Vec::new();
    for (name, step) in steps {
        println!("== {name}");
        let started = Instant::now();
        step().map_err(|error| Error(format!("{name}: {error}")))?;
        durations.push(format!("{name} {:.0} s", started.elapsed().as_secs_f64()));
    }
    println!("== everything passed: {}", durations.join(", "));
    Ok(())
}
