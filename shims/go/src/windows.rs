//! Windows has no exec: the program is a child, and its exit code is ours.

use std::fs::File;
use std::os::windows::io::AsHandle;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use goshim_resolver::Env;

use crate::decide;
use crate::trace;

/// Runs go and returns its exit code.
#[expect(
    clippy::disallowed_methods,
    reason = "the process's own arguments, read once; and an exit code above 255 passes by no other way"
)]
pub(crate) fn main() -> ExitCode {
    let env = Env::from_os();
    let exec = match decide::decide(std::env::args_os().collect(), &env) {
        Ok(exec) if is_this_program(&exec.program) => {
            return ExitCode::from(decide::refuse_itself(&exec.program));
        }
        Ok(exec) => exec,
        Err(code) => return ExitCode::from(code),
    };
    trace::exec(&env, &exec);
    outlive_ctrl_c();
    let mut command = Command::new(&exec.program);
    command.args(exec.arguments.iter().skip(1));
    for change in &exec.changes {
        match &change.value {
            Some(value) => command.env(&change.name, value),
            None => command.env_remove(&change.name),
        };
    }
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => ExitCode::from(decide::cannot_execute(&exec.program, &error)),
    }
}

/// Whether `program` is this one under another name. A copy of it is not seen.
fn is_this_program(program: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let own = std::env::current_exe().ok().and_then(|own| real(&own));
    own.is_some() && own == real(program)
}

/// Leaves Ctrl-C to go: the console sends it to both, and the shim's exit code is go's only if it waits for go.
///
/// A handler and not the attribute "ignore Ctrl-C", which go would inherit.
#[expect(unsafe_code, reason = "std has no handler for the console's events")]
fn outlive_ctrl_c() {
    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn SetConsoleCtrlHandler(handler: Option<extern "system" fn(u32) -> i32>, add: i32) -> i32;
    }
    extern "system" fn handled(_event: u32) -> i32 {
        1
    }
    // SAFETY: the handler touches nothing and lives as long as the program.
    unsafe { SetConsoleCtrlHandler(Some(handled), 1) };
}

/// Nobody is asked on Windows yet, so `ask` is `never`.
pub(crate) fn terminal() -> Option<File> {
    None
}

/// Stderr as a child's stdout; nothing where it is closed.
pub(crate) fn stderr() -> Stdio {
    let duplicate = std::io::stderr().as_handle().try_clone_to_owned();
    duplicate.map_or_else(|_| Stdio::null(), Stdio::from)
}

/// Windows forgets no child.
pub(crate) fn is_forgotten(_error: &std::io::Error) -> bool {
    false
}
