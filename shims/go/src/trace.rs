//! `GOSHIM_TRACE=1`: each step on stderr, with the microseconds since the shim started.
//!
//! Where the variable is not set this costs one comparison for each step.

use std::fmt::Write as _;
use std::time::Duration;

use goshim_resolver::origin::Step;
use goshim_resolver::{Env, Resolution, escape};

use crate::decide::Exec;
use crate::say;

/// A step that ends now.
pub(crate) fn step(env: &Env, text: impl FnOnce() -> String) {
    if let Some(at) = env.elapsed() {
        print(at, &text());
    }
}

/// The first step: what there is to decide from.
pub(crate) fn started(env: &Env) {
    step(env, || {
        let dir = env
            .physical_dir
            .as_deref()
            .map_or_else(|| "a directory that is gone".to_owned(), escape::path);
        format!("read {} variables, in {dir}", env.vars.len())
    });
}

/// What the resolver looked at, each source at its own time.
pub(crate) fn resolution(env: &Env, resolution: &Resolution) {
    for Step {
        source,
        file,
        value,
        verdict,
        reason,
        at,
    } in &resolution.trace
    {
        let Some(at) = at else { continue };
        let file = file
            .as_deref()
            .map_or_else(String::new, |file| format!(" {}", escape::path(file)));
        let value = value.as_ref().map_or_else(String::new, |value| {
            format!(" ({})", escape::Escaped(value))
        });
        print(
            *at,
            &format!("{source}{file}{value}: {}, {reason}", verdict.word()),
        );
    }
    step(env, || "decided".to_owned());
}

/// The last step: what the process becomes.
pub(crate) fn exec(env: &Env, exec: &Exec) {
    step(env, || {
        let mut text = format!("exec {}", escape::path(&exec.program));
        for change in &exec.changes {
            // Writing into a String cannot fail.
            let _ = match &change.value {
                Some(value) => {
                    let value = escape::without_passwords(&value.to_string_lossy());
                    write!(text, ", {}={}", change.name, escape::Escaped(&value))
                }
                None => write!(text, ", without {}", change.name),
            };
        }
        text
    });
}

fn print(at: Duration, text: &str) {
    say::line(&format!("{:>7} us  {text}", at.as_micros()));
}
