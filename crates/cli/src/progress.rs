//! Installations as they go: a bar for each on a terminal, plain lines elsewhere.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _};
use std::sync::{LazyLock, Mutex, PoisonError};

use goshim_installer::Event;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::Output;

/// The bars below what is written to stderr.
fn screen() -> &'static MultiProgress {
    static SCREEN: LazyLock<MultiProgress> =
        LazyLock::new(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10)));
    &SCREEN
}

/// Writes to stderr, with the bars out of the way.
pub(crate) fn above_bars<T>(write: impl FnOnce() -> T) -> T {
    // A terminal that was closed is none any more. `suspend` would panic there, and an installation need not end because nobody watches it.
    if io::stderr().is_terminal() {
        screen().suspend(write)
    } else {
        write()
    }
}

/// Shows the events of operations that go on at the same time.
pub(crate) struct Progress {
    output: Output,
    /// Whether the durations of the stages are shown.
    has_timings: bool,
    /// The bar of each operation that has one, by the operation's place.
    bars: Mutex<BTreeMap<usize, ProgressBar>>,
}

impl Progress {
    pub(crate) fn new(output: Output) -> Self {
        Self {
            output,
            has_timings: false,
            bars: Mutex::default(),
        }
    }

    /// It, with a line for the durations of each installation's stages.
    pub(crate) fn with_timings(self, has_timings: bool) -> Self {
        Self {
            has_timings,
            ..self
        }
    }

    /// Shows an event of the only operation that goes on.
    pub(crate) fn show(&self, event: &Event<'_>) {
        self.show_of(0, event);
    }

    /// Shows an event of the operation that has this place among those that go on.
    pub(crate) fn show_of(&self, place: usize, event: &Event<'_>) {
        match event {
            Event::OldIndex {
                date,
                newest,
                reason,
            } => {
                let index = match date {
                    Some(date) => format!("the index of {date}"),
                    None => format!(
                        "the index of goshim {}, which ends with {newest}",
                        env!("CARGO_PKG_VERSION")
                    ),
                };
                let reason = reason.map_or_else(String::new, |reason| format!("{reason}; "));
                self.line(&format!("{reason}offline, using {index}"));
            }
            Event::Substitute {
                version,
                wanted,
                instead,
            } => self.line(&format!(
                "{} was not published for {wanted}; taking the one for {instead}, which runs there by translation (Rosetta)",
                version.toolchain()
            )),
            Event::Waiting { version } => self.line(&format!(
                "waiting for another goshim that is changing {}",
                version.toolchain()
            )),
            Event::Downloading {
                name,
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
                self.line(&format!("downloading {name} from {url}{size}{resumed_text}"));
                if self.output.has_progress_bar() {
                    self.end(place);
                    let bar = screen().add(bar(name, *total));
                    self.bars().insert(place, bar);
                }
            }
            Event::Progress { received } => {
                if let Some(bar) = self.bars().get(&place) {
                    bar.set_position(*received);
                }
            }
            Event::Retrying { reason } => self.line(&format!("{reason}: trying again")),
            Event::NextSource { reason } => self.line(&format!("{reason}: trying the next mirror")),
            Event::Remains { name, reason } => self.line(&format!(
                "{name} is gone, but not all that belongs to it: {reason}"
            )),
            Event::UsersUnknown { name } => self.line(&format!(
                "this system does not say whether somebody is running {name}"
            )),
            Event::Publishing => self.end(place),
            Event::Published { name, timings } => {
                let seconds = |duration: std::time::Duration| format!("{:.1} s", duration.as_secs_f64());
                self.line(&format!("installed {name} in {}", seconds(timings.total())));
                if self.has_timings {
                    self.line(&format!(
                        "  index {}, wait {}, download and unpack {}, publish {}",
                        seconds(timings.index),
                        seconds(timings.wait),
                        seconds(timings.unpack),
                        seconds(timings.publish)
                    ));
                }
            }
        }
    }

    /// Removes the bar of an operation.
    pub(crate) fn end(&self, place: usize) {
        if let Some(bar) = self.bars().remove(&place) {
            bar.finish_and_clear();
            screen().remove(&bar);
        }
    }

    /// Removes all bars, which leaves the terminal as it was.
    pub(crate) fn end_all(&self) {
        let places: Vec<usize> = self.bars().keys().copied().collect();
        for place in places {
            self.end(place);
        }
    }

    fn bars(&self) -> std::sync::MutexGuard<'_, BTreeMap<usize, ProgressBar>> {
        self.bars.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn line(&self, text: &str) {
        above_bars(|| self.output.talk(text));
    }
}

/// The columns of a name, so that several bars are in line.
const NAME: usize = 12;

/// The columns that everything behind a bar's name takes, at most.
const BEHIND_NAME: usize =
    " ################ 1000.00 MiB/1000.00 MiB 1000.00 KiB/s, 59m left".len();

/// A bar with bytes, rate and what is left of the time; on a narrow terminal the percentage alone.
fn bar(name: &str, total: Option<u64>) -> ProgressBar {
    let width = terminal_size::terminal_size_of(io::stderr()).map(|(width, _)| width.0);
    let needed = name.len().max(NAME) + BEHIND_NAME;
    let is_narrow = width.is_some_and(|width| width > 0 && usize::from(width) < needed);
    let style = match total {
        Some(_) if is_narrow => ProgressStyle::with_template("{prefix} {percent}%"),
        Some(_) => ProgressStyle::with_template(
            "{prefix} {bar:16} {bytes}/{total_bytes} {bytes_per_sec}, {eta} left",
        ),
        None => ProgressStyle::with_template("{prefix} {spinner} {bytes} {bytes_per_sec}"),
    };
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
    // The templates are constants; a broken one falls back to indicatif's own.
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_prefix(format!("{name:<NAME$}"))
}
