//! Threads where the system may have no more of them, which is an error and no panic.

use std::io;
use std::thread::{Builder, JoinHandle};

/// Starts a thread.
///
/// # Errors
/// Where the user has as many as the system allows.
pub(crate) fn start<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    Builder::new().spawn(work).map_err(|error| refused(&error))
}

/// The error of a thread that could not be started.
pub(crate) fn refused(error: &io::Error) -> io::Error {
    io::Error::new(
        error.kind(),
        format!("cannot start a thread, for there is a limit of processes (ulimit -u): {error}"),
    )
}
