//! An installation as it goes: a bar on a terminal, plain lines elsewhere.

use std::time::Duration;

use goshim_installer::Event;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::Output;

/// Shows the events of one operation.
pub(crate) struct Progress {
    output: Output,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(crate) fn new(output: Output) -> Self {
        Self { output, bar: None }
    }

    /// Shows one event.
    pub(crate) fn show(&mut self, event: &Event<'_>) {
        match event {
            Event::OldIndex { age, reason } => self.line(&format!(
                "{reason}: using the index fetched {} ago",
                shown_age(*age)
            )),
            Event::Waiting { version } => self.line(&format!(
                "waiting for another goshim that is changing {}",
                version.toolchain()
            )),
            Event::Downloading {
                version,
                url,
                resumed,
                total,
            } => {
                let size =
                    total.map_or_else(String::new, |total| format!(" ({} MB)", total / 1_000_000));
                let resumed_text = if *resumed > 0 {
                    format!(", going on after {} MB", resumed / 1_000_000)
                } else {
                    String::new()
                };
                self.line(&format!(
                    "downloading {} from {url}{size}{resumed_text}",
                    version.toolchain()
                ));
                if self.output.has_progress_bar() {
                    self.bar = Some(bar(*total));
                }
            }
            Event::Progress { received } => {
                if let Some(bar) = &self.bar {
                    bar.set_position(*received);
                }
            }
            Event::Retrying { reason } => self.line(&format!("{reason}: trying again")),
            Event::Publishing => self.end(),
        }
    }

    /// Removes the bar.
    pub(crate) fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| self.output.talk(text)),
            None => self.output.talk(text),
        }
    }
}

fn bar(total: Option<u64>) -> ProgressBar {
    let style = match total {
        Some(_) => {
            ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
        }
        None => ProgressStyle::with_template("{spinner} {bytes} {bytes_per_sec}"),
    };
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(10));
    // The templates are constants; a broken one falls back to indicatif's own.
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn shown_age(age: Duration) -> String {
    let minutes = age.as_secs() / 60;
    match minutes {
        0 => "less than a minute".to_owned(),
        1 => "a minute".to_owned(),
        2..=119 => format!("{minutes} minutes"),
        120..=2879 => format!("{} hours", minutes / 60),
        _ => format!("{} days", minutes / 60 / 24),
    }
}
