//! Becoming the program, with nothing of the process lost.
//!
//! This file defines C's `main` instead of Rust's: Rust's start-up would ignore SIGPIPE and reopen closed standard streams, and its
//! `exec` would then hand the child a state that it would not have had without the shim.

use std::ffi::{CStr, CString, OsStr, OsString, c_char, c_int};
use std::fs::{File, Metadata};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Stdio;
use std::ptr;

use goshim_resolver::Env;
use goshim_resolver::child::Change;

use crate::decide::{self, Exec};
use crate::trace;

/// C's entry point. Returns the exit code where the process did not become go.
#[expect(
    unsafe_code,
    reason = "C's entry point has a fixed name and raw arguments"
)]
#[unsafe(no_mangle)]
extern "C" fn main(
    count: c_int,
    words: *const *const c_char,
    environment: *const *const c_char,
) -> c_int {
    let count = usize::try_from(count).unwrap_or_default();
    let argument = |index| {
        // SAFETY: the system passes `count` pointers to NUL-terminated strings that live as long as the process.
        let word = unsafe { CStr::from_ptr(*words.add(index)) };
        OsString::from_vec(word.to_bytes().to_vec())
    };
    let arguments = (0..count).map(argument).collect();
    let env = Env::from_os();
    let code = match decide::decide(arguments, &env) {
        Ok(exec) if is_this_program(&exec.program) => decide::refuse_itself(&exec.program),
        Ok(exec) => {
            trace::exec(&env, &exec);
            let error = become_program(&exec, environment);
            decide::cannot_execute(&exec.program, &error)
        }
        Err(code) => code,
    };
    c_int::from(code)
}

/// Whether `program` is this one under another name, by device and inode.
fn is_this_program(program: &Path) -> bool {
    // What the link names may be gone or replaced; the link itself leads to the running program all the same.
    let own = if cfg!(target_os = "linux") {
        std::fs::metadata("/proc/self/exe")
    } else {
        std::env::current_exe().and_then(std::fs::metadata)
    };
    let identity = |file: &Metadata| (file.dev(), file.ino());
    own.is_ok_and(|own| {
        std::fs::metadata(program).is_ok_and(|program| identity(&program) == identity(&own))
    })
}

/// The controlling terminal to ask somebody at; `None` where there is none, or this process is in the background, where the attempt to read
/// would stop it.
pub(crate) fn terminal() -> Option<File> {
    let terminal = File::options()
        .read(true)
        .write(true)
        .open("/dev/tty")
        .ok()?;
    is_in_foreground(&terminal).then_some(terminal)
}

#[expect(unsafe_code, reason = "std knows nothing of process groups")]
fn is_in_foreground(terminal: &File) -> bool {
    // SAFETY: both take numbers and return numbers.
    unsafe { libc::tcgetpgrp(terminal.as_raw_fd()) == libc::getpgrp() }
}

/// Stderr as a child's stdout; nothing where it is closed.
pub(crate) fn stderr() -> Stdio {
    let duplicate = std::io::stderr().as_fd().try_clone_to_owned();
    duplicate.map_or_else(|_| Stdio::null(), Stdio::from)
}

/// Whether the error is that a child ended and the system kept nothing of it.
pub(crate) fn is_forgotten(error: &std::io::Error) -> bool {
    error.raw_os_error() == Some(libc::ECHILD)
}

/// Replaces this process. Returns only where that failed, with the reason.
#[expect(
    unsafe_code,
    reason = "std's exec changes signal dispositions and sorts the environment"
)]
fn become_program(exec: &Exec, environment: *const *const c_char) -> std::io::Error {
    let c_string = |bytes: &OsStr| CString::new(bytes.as_bytes());
    let (program, arguments) = match (
        c_string(exec.program.as_os_str()),
        exec.arguments
            .iter()
            .map(|word| c_string(word))
            .collect::<Result<Vec<_>, _>>(),
    ) {
        (Ok(program), Ok(arguments)) => (program, arguments),
        (Err(error), _) | (_, Err(error)) => return error.into(),
    };
    let assignments: Vec<CString> = exec
        .changes
        .iter()
        .filter_map(|change| assignment(change).ok().flatten())
        .collect();
    let mut environment = inherited(environment, &exec.changes);
    environment.extend(assignments.iter().map(|assignment| assignment.as_ptr()));
    environment.push(ptr::null());
    let mut words: Vec<*const c_char> = arguments.iter().map(|word| word.as_ptr()).collect();
    words.push(ptr::null());
    // SAFETY: all three are NUL-terminated, the arrays end with a null pointer, and everything they point to outlives the call.
    unsafe { libc::execve(program.as_ptr(), words.as_ptr(), environment.as_ptr()) };
    std::io::Error::last_os_error()
}

/// The entries of the environment that no change names, as they are: same order, same bytes, duplicates included.
#[expect(
    unsafe_code,
    reason = "the raw environment keeps what std's copy loses: entries without `=`"
)]
fn inherited(mut entry: *const *const c_char, changes: &[Change]) -> Vec<*const c_char> {
    let mut entries = Vec::with_capacity(128);
    // SAFETY: the environment ends with a null pointer, its strings with NUL, and this process has one thread, which does not change it.
    unsafe {
        while !entry.is_null() && !(*entry).is_null() {
            let bytes = CStr::from_ptr(*entry).to_bytes();
            let is_changed = changes.iter().any(|change| {
                bytes
                    .strip_prefix(change.name.as_bytes())
                    .is_some_and(|rest| rest.first() == Some(&b'='))
            });
            if !is_changed {
                entries.push(*entry);
            }
            entry = entry.add(1);
        }
    }
    entries
}

fn assignment(change: &Change) -> Result<Option<CString>, std::ffi::NulError> {
    let Some(value) = &change.value else {
        return Ok(None);
    };
    let mut bytes = change.name.as_bytes().to_vec();
    bytes.push(b'=');
    bytes.extend_from_slice(value.as_bytes());
    CString::new(bytes).map(Some)
}
