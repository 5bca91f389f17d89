//! Stopping an operation from outside, as ^C does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use crate::error::Error;
use crate::threads;

/// How often those who wait look whether they are to stop.
pub(crate) const LOOK: Duration = Duration::from_millis(50);

/// A request to stop that any thread, or a signal handler, can make. Its copies are one.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// What a signal handler sets to true.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }

    /// An error where the operation is to stop.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.0.load(Ordering::Relaxed) {
            Err(Error::Cancelled)
        } else {
            Ok(())
        }
    }

    /// Runs `work` on a thread of its own, and leaves it behind where the operation is to stop: a wait for a server cannot be broken
    /// off, but the process need not wait with it.
    pub(crate) fn leaving_behind<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let (done, result) = sync_channel(1);
        let thread = threads::start(move || drop(done.send(work())))?;
        loop {
            self.check()?;
            match result.recv_timeout(LOOK) {
                Ok(result) => return Ok(result),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => match thread.join() {
                    Err(panic) => std::panic::resume_unwind(panic),
                    Ok(()) => return Err(Error::Cancelled),
                },
            }
        }
    }
}
