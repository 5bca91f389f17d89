//! `goshim link` and `goshim unlink`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueHint};
use goshim_installer::{default, links};
use goshim_resolver::linked::{self, Name};
use goshim_resolver::{Query, escape, workdir};

use crate::context::Context;
use crate::error::Error;

/// The arguments of `link`
#[derive(Debug, Args)]
pub struct Link {
    /// The name: lower-case letters, digits, - and _
    #[arg(value_name = "NAME")]
    name: String,

    /// The root of the SDK: what its `go env GOROOT` prints
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: PathBuf,
}

/// The arguments of `unlink`
#[derive(Debug, Args)]
pub struct Unlink {
    /// The name
    #[arg(value_name = "NAME")]
    name: String,
}

impl Link {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let name = Name::parse(&self.name).ok_or_else(|| Error::NotAName(self.name.clone()))?;
        let here = workdir::work_dir(&context.env, None)?;
        let root = match here {
            _ if self.dir.is_absolute() => self.dir.clone(),
            Some(here) => here.join(&self.dir),
            None => return Err(Error::NoWorkingDirectory),
        };
        let root = workdir::clean(&root);
        let linked = linked::inspect(&context.layout, &name, &root)?;
        // A link that is damaged led nowhere.
        let before = linked::root_of(&context.layout, &name).ok().flatten();
        links::set(&context.layout, &name, &root)?;
        let text = linked.text();
        let shown = escape::path(&root);
        context
            .output
            .talk(&match before.filter(|before| *before != root) {
                Some(before) => format!(
                    "{text} is linked to {shown} now; it was {}",
                    escape::path(&before)
                ),
                None => format!("{text} is linked to {shown}"),
            });
        context.output.talk(&format!(
            "go +{name} runs it; goshim use {name} pins a directory to it"
        ));
        Ok(ExitCode::SUCCESS)
    }
}

impl Unlink {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let not_linked = || Error::not_linked(&context.layout, &self.name);
        let name = Name::parse(&self.name).ok_or_else(not_linked)?;
        if !links::remove(&context.layout, &name)? {
            return Err(not_linked());
        }
        context.output.talk(&format!(
            "{name} is not linked any more; the SDK is as it was"
        ));
        let default = default::read(&context.layout)
            .ok()
            .flatten()
            .unwrap_or_default();
        if Query::parse(default.trim()) == Ok(Query::Linked(name)) {
            context
                .output
                .talk("it is still your default; goshim default sets another");
        }
        Ok(ExitCode::SUCCESS)
    }
}
