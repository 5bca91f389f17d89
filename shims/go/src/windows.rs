//! Windows has no exec: the program is a child, and its exit code is ours.

use std::process::{Command, ExitCode};

use goshim_resolver::Env;

use crate::decide::{self, Change};
use crate::trace;

/// Runs go and returns its exit code.
#[expect(
    clippy::disallowed_methods,
    reason = "the process's own arguments, read once; and an exit code above 255 passes by no other way"
)]
pub(crate) fn main() -> ExitCode {
    let env = Env::from_os();
    let exec = match decide::decide(std::env::args_os().collect(), &env) {
        Ok(exec) => exec,
        Err(code) => return ExitCode::from(code),
    };
    trace::exec(&env, &exec);
    let mut command = Command::new(&exec.program);
    command.args(exec.arguments.iter().skip(1));
    for change in &exec.changes {
        match change {
            Change::Set(name, value) => command.env(name, value),
            Change::Remove(name) => command.env_remove(name),
        };
    }
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => ExitCode::from(decide::cannot_execute(&exec.program, &error)),
    }
}
