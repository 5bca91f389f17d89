//! `goshim which`

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use goshim_resolver::Selected;

use crate::context::{Context, missing};
use crate::error::Error;
use crate::output;

/// The arguments of `which`
#[derive(Debug, Args)]
pub struct Which {
    /// The program
    #[arg(value_enum, default_value_t = Program::Go)]
    program: Program,
}

/// The programs of an SDK that have shims.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Program {
    /// The go command
    Go,
    /// The formatter
    Gofmt,
}

impl Which {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let name = match self.program {
            Program::Go => "go",
            Program::Gofmt => "gofmt",
        };
        let resolution = context.resolve()?;
        let asker = resolution.asker();
        let program = match resolution.outcome? {
            Selected::Installed(sdk) => sdk.program(name),
            Selected::System(go) => go.program(name),
            Selected::Linked(linked) => linked.program(name),
            Selected::Missing(wanted) => return Err(missing(asker, &wanted)),
        };
        output::path(&program)?;
        Ok(ExitCode::SUCCESS)
    }
}
