//! The shim's own words, on stderr only: stdout is go's.

use std::io::{IsTerminal, Write, stderr};

/// One line, in one piece, for many shims may share a terminal. A closed stderr is no reason to fail.
pub(crate) fn line(text: &str) {
    let _ = stderr().write_all(format!("goshim: {text}\n").as_bytes());
}

/// What is wrong and what to do about it.
pub(crate) fn error(text: &str, hint: Option<&str>) {
    line(text);
    if let Some(hint) = hint {
        let _ = writeln!(stderr(), "  hint: {hint}");
    }
}

/// Whether somebody sees it.
pub(crate) fn is_terminal() -> bool {
    stderr().is_terminal()
}
