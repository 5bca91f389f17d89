//! `goshim default`

use std::process::ExitCode;

use clap::Args;
use goshim_installer::default;
use goshim_resolver::Selected;
use goshim_resolver::resolve::resolve_anywhere;

use crate::context::Context;
use crate::error::Error;
use crate::output;

/// The arguments of `default`
#[derive(Debug, Args)]
pub struct Default {
    /// The new default; without it the current one is printed
    #[arg(value_name = "VERSION")]
    query: Option<String>,

    /// Have no default
    #[arg(long, conflicts_with = "query")]
    unset: bool,
}

impl Default {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        if self.unset {
            default::unset(&context.layout)?;
            context.output.talk("there is no default now");
            return Ok(ExitCode::SUCCESS);
        }
        let Some(text) = &self.query else {
            match default::read(&context.layout)? {
                Some(text) => {
                    output::data(&goshim_resolver::escape::Escaped(text.trim()).to_string())?;
                }
                None => context
                    .output
                    .talk("no default is set: goshim default latest sets one"),
            }
            return Ok(ExitCode::SUCCESS);
        };
        let query = context.query(text)?;
        default::set(&context.layout, &query)?;
        context.output.talk(&format!("the default is {query} now"));
        // Asked as an explicit choice, so that no project here answers instead.
        let resolution = resolve_anywhere(&context.env, &context.layout, text)?;
        if let Ok(Selected::Missing(wanted)) = &resolution.outcome {
            context
                .output
                .talk(&format!("it is not installed yet: {}", wanted.command()));
        }
        Ok(ExitCode::SUCCESS)
    }
}
