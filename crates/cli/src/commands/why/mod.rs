//! `goshim why`

mod as_go;
mod timings;
mod what_if;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;
use goshim_resolver::child::Change;
use goshim_resolver::environment::Source;
use goshim_resolver::next::{Next, next};
use goshim_resolver::origin::{Origin, Step, Verdict};
use goshim_resolver::resolve::shadowed;
use goshim_resolver::settings::{AutoInstall, Config};
use goshim_resolver::{Env, Layout, Resolution, Selected, escape, pin, resolve};
use serde_json::{Value, json};

use self::as_go::AsGo;
use self::timings::Timings;
use crate::commands::env;
use crate::context::Context;
use crate::error::{self, Error};
use crate::{exit, output};

/// The arguments of `why`
#[derive(Debug, Args)]
pub struct Why {
    /// Print JSON
    #[arg(long)]
    json: bool,

    /// Ask what the Go of this name would do by itself, without goshim, as in `goshim why --as-go go1.27.3`
    #[arg(long, value_name = "TOOLCHAIN")]
    as_go: Option<String>,

    /// Ask for another directory (DIR), another environment (NAME=VALUE; an empty value unsets it), or as if a file were not there (-FILE).
    /// May be given more than once
    #[arg(long, value_name = "DIR|NAME=VALUE|-FILE", allow_hyphen_values = true)]
    what_if: Vec<String>,

    /// Measure what the shim adds to a call of go in this directory, on this machine
    #[arg(long, conflicts_with_all = ["as_go", "what_if", "arguments"])]
    timings: bool,

    /// The arguments that go would get, as in `goshim why -- -C tools build`
    #[arg(value_name = "ARGS", last = true)]
    arguments: Vec<OsString>,
}

impl Why {
    /// Whether the question is what another Go would do.
    pub(crate) fn is_about_another_go(&self) -> bool {
        self.as_go.is_some()
    }

    /// The answer to that question.
    ///
    /// # Errors
    /// Where a word of `--what-if` means nothing, or the output cannot be written.
    pub(crate) fn answer_as_go(&self, env: &Env) -> Result<ExitCode, Error> {
        let env = what_if::apply(env, &self.what_if)?;
        let go = self.as_go.as_deref().unwrap_or_default();
        let answer = AsGo::ask(go, &env, &self.arguments)?;
        if self.json {
            output::json(&answer.shape())?;
        } else {
            output::lines(&answer.lines())?;
        }
        Ok(if answer.is_refused() {
            ExitCode::from(exit::FAILURE)
        } else {
            ExitCode::SUCCESS
        })
    }

    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let env = what_if::apply(&context.env, &self.what_if)?;
        let layout = Layout::new(&env)?;
        let resolution = resolve(&env, &layout, &self.arguments, None)?;
        let next = next(&resolution, &env, &self.arguments);
        let changes = match &resolution.outcome {
            Ok(_) => resolution.changes(&env),
            Err(_) => Vec::new(),
        };
        let timings = if self.timings {
            Timings::measure(&resolution, &env, &layout)?
        } else {
            None
        };
        let asked = Context {
            config: Config::load(&env, &layout)?,
            env: env.clone(),
            layout,
            ..*context
        };
        if self.json {
            let mut answer = shape(&asked.config, &resolution, next.as_ref(), &changes);
            if self.timings {
                answer["timings"] = timings.map_or(Value::Null, Timings::shape);
            }
            output::json(&answer)?;
        } else {
            let mut lines = lines(&resolution, next.as_ref(), context.is_verbose);
            if let Ok(Selected::Missing(wanted)) = &resolution.outcome {
                let installation = asked.installation(&resolution, wanted);
                lines.insert(1, format!("  install    {installation}"));
            }
            if context.is_verbose {
                lines.extend(self.shadowed(&env, &resolution));
            }
            // The first line says already where the selected Go is.
            let said: Vec<Change> = changes
                .into_iter()
                .filter(|change| context.is_verbose || change.source != Source::Selection)
                .collect();
            let environment = env::lines(&said, &resolution.overruled);
            lines.extend(
                environment
                    .iter()
                    .map(|line| format!("  gets       {line}")),
            );
            output::lines(&lines)?;
            if self.timings {
                let nothing = "  timings    nothing to measure: no Go runs here".to_owned();
                output::data(&timings.map_or(nothing, Timings::line))?;
            }
        }
        match resolution.outcome {
            Ok(_) => Ok(ExitCode::SUCCESS),
            Err(failure) => {
                // The question is answered, so a Go that is not there is a failure like any other.
                let code = if failure.is_about_trust() {
                    exit::UNTRUSTED
                } else {
                    exit::FAILURE
                };
                error::report(&failure.into());
                Ok(ExitCode::from(code))
            }
        }
    }
}

impl Why {
    /// The pin files that are there and were not looked at. The shim has no use for them, so only this answer is made to.
    fn shadowed(&self, env: &Env, resolution: &Resolution) -> Vec<String> {
        let is_explicit = resolution
            .choice
            .as_ref()
            .is_some_and(|choice| choice.origin.is_explicit());
        let lines = shadowed(env, &self.arguments, resolution)
            .into_iter()
            .map(|file| {
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                let value = pin::read(&file).map_or_else(String::new, |pin| {
                    format!(" ({})", escape::Escaped(&pin.text()))
                });
                let reason = if is_explicit {
                    "what was said for this call or shell comes first"
                } else if name == pin::PROJECT_FILE {
                    "the nearer .goshim.toml counts alone, for it does not say inherit"
                } else {
                    "a nearer pin file won"
                };
                let shown = escape::path(&file);
                format!(
                    "  {:<10} {name} {shown}{value}: {reason}",
                    Verdict::Lost.word()
                )
            });
        lines.collect()
    }
}

/// The decision in a few lines; with every step where `is_verbose`.
fn lines(resolution: &Resolution, next: Option<&Next>, is_verbose: bool) -> Vec<String> {
    let mut lines = Vec::new();
    lines.push(match &resolution.outcome {
        Ok(Selected::Installed(sdk)) => format!(
            "{} runs here: {}",
            sdk.version.toolchain(),
            escape::path(&sdk.program("go"))
        ),
        Ok(Selected::System(go)) => {
            let version = go
                .version
                .as_ref()
                .map_or("of unknown version".to_owned(), ToString::to_string);
            format!(
                "the system's Go {version} runs here: {}",
                escape::path(&go.go)
            )
        }
        Ok(Selected::Linked(linked)) => format!(
            "{} runs here: {}",
            linked.text(),
            escape::path(&linked.program("go"))
        ),
        Ok(Selected::Missing(wanted)) => format!(
            "Go {} is to run here and is not installed: {}",
            wanted.text(),
            wanted.command()
        ),
        Err(_) => "no Go can run here".to_owned(),
    });
    if let Some(choice) = &resolution.choice {
        lines.push(format!("  chosen by  {}: {}", choice.origin, choice.text()));
    }
    if let Some(floor) = &resolution.floor {
        let effect = if resolution.raised && resolution.outcome.is_ok() {
            ", which raised the choice"
        } else {
            ""
        };
        lines.push(format!(
            "  floor      {}: {}{effect}",
            floor.place, floor.version
        ));
    }
    // What the person at the keyboard said is exact: no policy was asked.
    if !resolution
        .choice
        .as_ref()
        .is_some_and(|choice| choice.origin.is_explicit())
    {
        lines.push(format!("  policy     {}", resolution.policy.word()));
    }
    let hold = if resolution.hold {
        ", for it gets GOTOOLCHAIN=local"
    } else {
        ""
    };
    lines.extend(next.map(|next| match next {
        Next::Stay => format!("  cmd/go     stays with this Go{hold}"),
        Next::Switch(to) => {
            let toolchain = escape::text(&to.toolchain);
            let origin = to
                .origin
                .as_ref()
                .map_or_else(|| "GOTOOLCHAIN".to_owned(), ToString::to_string);
            format!("  cmd/go     switches to {toolchain} by itself, because of {origin}")
        }
        Next::Refuse(words) => format!("  cmd/go     refuses: {}", escape::text(words)),
    }));
    let chosen = resolution
        .choice
        .as_ref()
        .and_then(|choice| choice.origin.place())
        .map(|place| &place.file);
    let is_other = |step: &Step| step.file.is_none() || step.file.as_ref() != chosen;
    let is_told = |step: &&Step| {
        is_verbose || matches!(step.verdict, Verdict::Lost | Verdict::Skipped) && is_other(step)
    };
    for step in resolution.trace.iter().filter(is_told) {
        let place = step
            .file
            .as_deref()
            .map_or_else(String::new, |file| format!(" {}", escape::path(file)));
        let value = step.value.as_ref().map_or_else(String::new, |value| {
            format!(" ({})", escape::Escaped(value))
        });
        lines.push(format!(
            "  {:<10} {}{place}{value}: {}",
            step.verdict.word(),
            step.source,
            step.reason
        ));
    }
    lines
}

/// The stable shape of `--json`.
fn shape(
    config: &Config,
    resolution: &Resolution,
    next: Option<&Next>,
    changes: &[Change],
) -> Value {
    let choice = resolution.choice.as_ref().map(|choice| {
        let place = choice.origin.place();
        let name = if let Origin::Variable(name) = choice.origin {
            Some(name)
        } else {
            None
        };
        let origin = json!({
            "kind": choice.origin.kind(),
            "name": name,
            "file": place.map(|place| place.file.to_string_lossy()),
            "line": place.map(|place| place.line),
            "column": place.and_then(|place| place.column),
        });
        json!({ "query": choice.text(), "origin": origin })
    });
    let floor = resolution.floor.as_ref().map(|floor| {
        json!({ "version": floor.version.to_string(), "file": floor.place.file.to_string_lossy(), "line": floor.place.line })
    });
    let selected = match &resolution.outcome {
        Ok(Selected::Installed(sdk)) => {
            json!({ "toolchain": sdk.version.toolchain(), "goroot": sdk.root.to_string_lossy(), "state": "installed" })
        }
        Ok(Selected::System(go)) => {
            let toolchain = go.version.as_ref().map(goshim_resolver::Version::toolchain);
            json!({ "toolchain": toolchain, "goroot": go.root.to_string_lossy(), "state": "system" })
        }
        Ok(Selected::Linked(linked)) => {
            let toolchain = linked
                .version
                .as_ref()
                .map(goshim_resolver::Version::toolchain);
            json!({ "toolchain": toolchain, "goroot": linked.root.to_string_lossy(), "state": "linked" })
        }
        Ok(Selected::Missing(wanted)) => {
            let at_least = wanted.at_least.as_ref().map(ToString::to_string);
            let auto_install = match resolution.auto_install {
                _ if resolution.refuses_as_old(wanted, config).is_some() => "too-old",
                AutoInstall::Always => "always",
                AutoInstall::Ask => "ask",
                AutoInstall::Never => "never",
            };
            json!({ "toolchain": null, "goroot": null, "state": "missing", "query": wanted.query.to_string(), "at_least": at_least, "auto_install": auto_install })
        }
        Err(_) => Value::Null,
    };
    let next = next.map(|next| match next {
        Next::Stay => json!({ "action": "stay" }),
        Next::Switch(to) => {
            json!({ "action": "switch", "toolchain": to.toolchain, "source": to.source.word() })
        }
        Next::Refuse(words) => json!({ "action": "refuse", "reason": words }),
    });
    let trace = resolution.trace.iter().map(|step| {
        let file = step.file.as_ref().map(|file| file.to_string_lossy());
        json!({ "source": step.source, "file": file, "value": step.value, "verdict": step.verdict.word(), "reason": step.reason })
    });
    json!({
        "choice": choice,
        "floor": floor,
        "raised": resolution.raised,
        "policy": resolution.policy.word(),
        "selected": selected,
        "hold": resolution.hold,
        "cmd_go": next,
        "environment": env::shape(changes, env::shown),
        "overruled": env::shape_of_overruled(&resolution.overruled, env::shown),
        "error": resolution.outcome.as_ref().err().map(ToString::to_string),
        "trace": trace.collect::<Vec<_>>(),
    })
}
