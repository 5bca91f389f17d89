//! `cargo xtask fuzz`: looking for input that breaks a promise of the parsers (`fuzz/src/lib.rs`).

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use clap::Args;

use crate::{Error, root};

/// Run the fuzz targets, which needs a nightly compiler and cargo-fuzz
#[derive(Debug, Args)]
pub struct Fuzz {
    /// For how long each target runs
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    seconds: u32,

    /// The targets; all of them where none is named
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
}

impl Fuzz {
    /// Runs the targets one after the other. What breaks one is kept in `fuzz/artifacts`.
    ///
    /// # Errors
    /// Where a target is broken, or cannot be run.
    pub fn run(&self) -> Result<(), Error> {
        let all = targets()?;
        if let Some(unknown) = self.targets.iter().find(|name| !all.contains(name)) {
            let all = all.join(", ");
            return Err(Error(format!("no target {unknown}: there are {all}")));
        }
        let targets = if self.targets.is_empty() {
            &all
        } else {
            &self.targets
        };
        let mut total = 0;
        let mut broken = Vec::new();
        for target in targets {
            let run = self.target(target)?;
            total += run.executions;
            let verdict = if run.is_sound {
                "nothing found"
            } else {
                "BROKEN"
            };
            println!(
                "{target:<14} {:>10} executions in {} s: {verdict}",
                run.executions, self.seconds
            );
            if !run.is_sound {
                broken.push(target.as_str());
            }
        }
        println!("fuzz: {total} executions, {} targets", targets.len());
        if broken.is_empty() {
            return Ok(());
        }
        let broken = broken.join(", ");
        Err(Error(format!(
            "{broken}: the input is in fuzz/artifacts; once it is understood it belongs into fuzz/seeds"
        )))
    }

    fn target(&self, target: &str) -> Result<Run, Error> {
        let corpus = format!("fuzz/corpus/{target}");
        fs_err::create_dir_all(root().join(&corpus))?;
        let seeds = format!("fuzz/seeds/{target}");
        let seconds = format!("-max_total_time={}", self.seconds);
        let mut command = Command::new("rustup");
        command
            .args(["run", "nightly", "cargo", "fuzz", "run"])
            .args([target, &corpus, &seeds, "--"])
            // What takes a second would hold up every go command.
            .args([&seconds, "-timeout=1", "-print_final_stats=1"])
            // The most that is read of a settings file; what is slow shows in long input alone.
            .arg("-max_len=65536")
            .current_dir(root())
            // Those of the cargo that runs this task would reach the other compiler.
            .env_remove("CARGO")
            .env_remove("RUSTUP_TOOLCHAIN")
            .stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .map_err(|error| Error(format!("cannot run rustup: {error}")))?;
        let mut executions = None;
        let mut last_words = Vec::new();
        for line in BufReader::new(child.stderr.take().ok_or_else(no_pipe)?).lines() {
            let line = line?;
            if let Some(count) = line.strip_prefix("stat::number_of_executed_units:") {
                executions = count.trim().parse().ok();
            }
            last_words.push(line);
            if last_words.len() > 60 {
                last_words.remove(0);
            }
        }
        let status = child.wait()?;
        if !status.success() {
            eprintln!("{}", last_words.join("\n"));
        }
        match executions {
            Some(executions) => Ok(Run {
                executions,
                is_sound: status.success(),
            }),
            None => Err(Error(format!(
                "{target} did not run ({status}): `rustup toolchain install nightly` and `cargo install cargo-fuzz` bring what it needs"
            ))),
        }
    }
}

fn no_pipe() -> Error {
    Error("no pipe from cargo fuzz".to_owned())
}

/// What became of a target.
struct Run {
    executions: u64,
    is_sound: bool,
}

/// The names of all targets.
fn targets() -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for entry in fs_err::read_dir(root().join("fuzz/fuzz_targets"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".rs").map(str::to_owned));
    }
    names.sort_unstable();
    Ok(names)
}
