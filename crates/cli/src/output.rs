//! Data to stdout, talk to stderr.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use goshim_resolver::escape;
use serde_json::Value;

/// How much a command talks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    is_quiet: bool,
}

impl Output {
    /// `is_quiet`: no talk.
    pub(crate) fn new(is_quiet: bool) -> Self {
        Self { is_quiet }
    }

    /// A line for people. That it cannot be written is no reason to fail.
    pub(crate) fn talk(self, line: &str) {
        if !self.is_quiet {
            let _ = writeln!(anstream::stderr(), "{line}");
        }
    }

    /// Whether a progress bar has a place.
    pub(crate) fn has_progress_bar(self) -> bool {
        !self.is_quiet && io::stderr().is_terminal()
    }
}

/// A line of data.
pub(crate) fn data(line: &str) -> io::Result<()> {
    writeln!(anstream::stdout(), "{line}")
}

/// A value as JSON, for scripts.
pub(crate) fn json(value: &Value) -> io::Result<()> {
    writeln!(io::stdout(), "{value:#}")
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
