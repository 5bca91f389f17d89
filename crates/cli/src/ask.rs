//! Asking the person at the keyboard.

use std::io::{self, BufRead as _, IsTerminal as _};

use crate::output::{self, Output};

/// Whether somebody is there to be asked.
pub(crate) fn is_person(output: Output) -> bool {
    !output.is_quiet() && io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks a person; nothing but a yes is one.
pub(crate) fn says_yes(question: &str) -> bool {
    output::say("", &format!("{question} [y/N]"));
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes" | "Yes")
}
