//! `goshim config`

use std::process::ExitCode;

use clap::Args;
use goshim_resolver::config_list::{self, Origin, Setting};
use goshim_resolver::escape;
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::Error;
use crate::output;

/// The arguments of `config`
#[derive(Debug, Args)]
pub struct Config {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Config {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let settings = config_list::list(&context.env, &context.layout)?;
        // People show what they see to others.
        let shown = |value: &Option<String>| value.as_deref().map(escape::without_passwords);
        if self.json {
            let shapes = settings.iter().map(|Setting { key, value, origin }| {
                let (variable, file) = match origin {
                    Origin::Variable(name) => (Some(name), None),
                    Origin::User(file) | Origin::Machine(file) => (None, Some(file.to_string_lossy())),
                    Origin::Default => (None, None),
                };
                json!({ "key": key, "value": shown(value), "origin": { "kind": origin.kind(), "name": variable, "file": file } })
            });
            output::json(&Value::Array(shapes.collect()))?;
            return Ok(ExitCode::SUCCESS);
        }
        for Setting { key, value, origin } in &settings {
            let value = shown(value).unwrap_or_else(|| "(not set)".to_owned());
            output::data(&format!("{key} = {value}  ({origin})"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
