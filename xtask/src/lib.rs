//! The tasks of the developers of goshim, a file each. `cargo xtask --help` lists them.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tasks talk to the developer who started them"
)]

pub mod bench;
pub mod c;
pub mod case;
mod codegen;
pub mod demo;
pub mod differential;
mod error;
pub mod fuzz;
pub mod install;
pub mod mirror;
pub mod product;
mod random_case;
pub mod sdk;
mod table;
pub mod test;
mod tidy;
pub mod torture;
pub mod vectors;
pub mod wheel;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use error::Error;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "The tasks of the developers of goshim")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Show what goshim does, with three real Go versions in a throw-away home
    Demo(demo::Demo),
    /// Check and test everything
    Test,
    /// Check what no compiler checks: dependencies, invariants, documents
    Tidy,
    /// Write what is generated: pages of docs/reference, the table of releases
    Codegen {
        /// Fail where a file is not as it would be written
        #[arg(long)]
        check: bool,
    },
    Fuzz(fuzz::Fuzz),
    Mirror(mirror::Mirror),
    Bench(bench::Bench),
    Torture(torture::Torture),
    Vectors(vectors::Vectors),
    Differential(differential::Differential),
    /// Build a release and put it into place for daily use
    Install(install::Install),
}

/// Runs the task that the command line names.
pub fn run() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Demo(demo) => demo.run(),
        Task::Test => test::run(),
        Task::Tidy => tidy::run(),
        Task::Codegen { check } => codegen::run(check),
        Task::Fuzz(fuzz) => fuzz.run(),
        Task::Mirror(mirror) => mirror.run(),
        Task::Bench(bench) => bench.run(),
        Task::Torture(torture) => torture.run(),
        Task::Vectors(vectors) => vectors.run(),
        Task::Differential(differential) => differential.run(),
        Task::Install(install) => install.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}
