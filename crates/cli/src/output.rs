//! Data to stdout, talk to stderr.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use goshim_resolver::{Env, escape};
use serde_json::Value;

/// How much a command talks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    is_quiet: bool,
    /// Whether the terminal understands nothing but lines.
    is_dumb: bool,
}

impl Output {
    /// `is_quiet`: no talk.
    pub(crate) fn new(is_quiet: bool, env: &Env) -> Self {
        Self {
            is_quiet,
            is_dumb: env.var("TERM").is_some_and(|term| term == "dumb"),
        }
    }

    /// Whether there is to be no talk.
    pub(crate) fn is_quiet(self) -> bool {
        self.is_quiet
    }

    /// A line for people. That it cannot be written is no reason to fail.
    pub(crate) fn talk(self, line: &str) {
        if !self.is_quiet {
            say("", line);
        }
    }

    /// Whether a progress bar has a place.
    pub(crate) fn has_progress_bar(self) -> bool {
        !self.is_quiet && !self.is_dumb && io::stderr().is_terminal()
    }
}

/// A line on stderr. `style` is ours; the text may quote anybody, so nothing in it reaches the terminal that could steer it.
/// That it cannot be written is no reason to fail.
pub(crate) fn say(style: &str, text: &str) {
    let _ = writeln!(anstream::stderr(), "{style}{}", printable(text));
}

/// A line of data.
pub(crate) fn data(line: &str) -> io::Result<()> {
    writeln!(anstream::stdout(), "{}", printable(line))
}

/// Lines of data.
pub(crate) fn lines(lines: &[String]) -> io::Result<()> {
    lines.iter().try_for_each(|line| data(line))
}

/// A value as JSON, for scripts. Characters that could steer a terminal are escaped as JSON has it.
pub(crate) fn json(value: &Value) -> io::Result<()> {
    let mut text = String::new();
    for c in format!("{value:#}").chars() {
        // Outside strings JSON has no other such character than the newline.
        if c == '\n' || escape::is_printable(c.encode_utf8(&mut [0; 4])) {
            text.push(c);
        } else {
            let _ = write!(text, "\\u{:04x}", u32::from(c));
        }
    }
    writeln!(io::stdout(), "{text}")
}

/// Text without characters that steer a terminal, whatever its length.
pub(crate) fn printable(text: &str) -> String {
    escape::text(text)
}

/// A path as data: its own bytes for a program, escaped for a terminal.
pub(crate) fn path(path: &Path) -> io::Result<()> {
    if io::stdout().is_terminal() {
        return data(&escape::path(path));
    }
    let mut stdout = io::stdout().lock();
    #[cfg(unix)]
    stdout.write_all(std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()))?;
    #[cfg(not(unix))]
    stdout.write_all(path.to_string_lossy().as_bytes())?;
    stdout.write_all(b"\n")
}
