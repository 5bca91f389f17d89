//! `goshim why --timings`: what the shim adds to a call of go, measured here and now.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use goshim_installer::shims;
use goshim_resolver::child::Change;
use goshim_resolver::{Env, Layout, Resolution, escape};
use serde_json::{Value, json};

use crate::error::Error;

/// How often go is called in each of the two ways.
const CALLS: usize = 31;

/// The medians of `go version`, in turns directly and through the shim.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timings {
    direct: Duration,
    shim: Duration,
}

impl Timings {
    /// Measures. `None` where no Go runs here that could be called.
    ///
    /// # Errors
    /// Where the shim or the Go cannot be run, or fails.
    pub(super) fn measure(
        resolution: &Resolution,
        env: &Env,
        layout: &Layout,
    ) -> Result<Option<Self>, Error> {
        let selected = resolution.outcome.as_ref().ok();
        let Some(go) = selected.and_then(|selected| selected.program("go")) else {
            return Ok(None);
        };
        let shim = layout.shims().join(shims::program("go"));
        let mut direct = Command::new(&go);
        for Change { name, value, .. } in resolution.changes(env) {
            match value {
                Some(value) => direct.env(name, value),
                None => direct.env_remove(name),
            };
        }
        // The Go finds its own root; an inherited one could be another's.
        direct.env_remove("GOROOT");
        let mut through = Command::new(&shim);
        let mut times = [Vec::new(), Vec::new()];
        for command in [&mut direct, &mut through] {
            command
                .arg("version")
                .stdin(Stdio::null())
                .stdout(Stdio::null());
        }
        // One turn to warm up, which is not counted.
        for turn in 0..=CALLS {
            for ((command, program), times) in [(&mut direct, &go), (&mut through, &shim)]
                .into_iter()
                .zip(&mut times)
            {
                let time = call(command, program)?;
                if turn > 0 {
                    times.push(time);
                }
            }
        }
        let [direct, shim] = times.map(|mut times| {
            times.sort_unstable();
            times.get(times.len() / 2).copied().unwrap_or_default()
        });
        Ok(Some(Self { direct, shim }))
    }

    /// What the shim adds; nothing where noise makes it the faster one.
    fn added(self) -> Duration {
        self.shim.saturating_sub(self.direct)
    }

    /// It for people.
    pub(super) fn line(self) -> String {
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        format!(
            "  timings    go version, {CALLS} calls each in turns, medians: {:.2} ms directly, {:.2} ms through the shim, which adds {:.2} ms",
            ms(self.direct),
            ms(self.shim),
            ms(self.added())
        )
    }

    /// The stable shape in `--json`.
    pub(super) fn shape(self) -> Value {
        let us = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let (direct, shim) = (us(self.direct), us(self.shim));
        json!({ "calls": CALLS, "direct_us": direct, "shim_us": shim, "added_us": shim.saturating_sub(direct) })
    }
}

/// How long one call of `go version` takes.
fn call(command: &mut Command, program: &Path) -> Result<Duration, Error> {
    let failed = |source| Error::Exec {
        program: escape::path(program),
        source,
    };
    let started = Instant::now();
    let status = command.status().map_err(failed)?;
    let time = started.elapsed();
    if status.success() {
        Ok(time)
    } else {
        Err(failed(std::io::Error::other(format!(
            "it ended with {status}"
        ))))
    }
}
