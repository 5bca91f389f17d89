//! Threads where the system may have no more of them, which is an error and no panic.

use std::io;
use std::thread::{Builder, JoinHandle};

use crate::error::cannot;

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
    let what = "start a thread, for there is a limit of processes (ulimit -u)";
    cannot(what, error)
}

/// The error of a thread that a library could not start, where that is what `error` comes from.
pub(crate) fn refusal_in(error: &(dyn std::error::Error + 'static)) -> Option<io::Error> {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let last = causes.last()?.downcast_ref::<io::Error>()?;
    (last.kind() == io::ErrorKind::WouldBlock).then(|| refused(last))
}
