//! One process at a time changes an SDK. The lock is the operating system's, so it goes with its holder.

use std::fs::TryLockError;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use fs_err::File;
use goshim_resolver::{Layout, Version};

use crate::cancel::Cancel;
use crate::error::Error;
use crate::event::Event;
use crate::files;

/// After this time people are told that there is a wait.
const TELL: Duration = Duration::from_secs(1);
/// After this time the wait is an error. A whole download fits into it.
const GIVE_UP: Duration = Duration::from_mins(10);

/// The lock on an SDK; dropping it releases it. The file stays: its existence says nothing.
#[derive(Debug)]
pub(crate) struct Lock {
    file: Option<File>,
}

impl Lock {
    /// Waits for the lock of `version`.
    pub(crate) fn acquire(
        layout: &Layout,
        version: &Version,
        cancel: &Cancel,
        on_event: &mut dyn FnMut(Event<'_>),
    ) -> Result<Self, Error> {
        let path = layout.lock(version);
        let started = Instant::now();
        let mut was_told = false;
        let mut pause = Duration::from_millis(5);
        loop {
            cancel.check()?;
            if let Some(lock) = Self::attempt(&path)? {
                return Ok(lock);
            }
            let waited = started.elapsed();
            if waited > GIVE_UP {
                return Err(Error::Busy {
                    toolchain: layout.name(version),
                    waited,
                    lock: path,
                });
            }
            if waited > TELL && !was_told {
                was_told = true;
                on_event(Event::Waiting { version });
            }
            sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(100));
        }
    }

    /// The lock of `version` if nobody holds it.
    pub(crate) fn try_acquire(layout: &Layout, version: &Version) -> Result<Option<Self>, Error> {
        Self::attempt(&layout.lock(version))
    }

    /// Whether the file system has locks: without them this one keeps nobody out.
    pub(crate) fn is_real(&self) -> bool {
        self.file.is_some()
    }

    fn attempt(path: &Path) -> Result<Option<Self>, Error> {
        if let Some(dir) = path.parent() {
            files::create_dirs(dir)?;
        }
        let file = fs_err::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)?;
        match file.file().try_lock() {
            Ok(()) => Ok(Some(Self { file: Some(file) })),
            Err(TryLockError::WouldBlock) => Ok(None),
            // Some network file systems have no locks. Publishing is one rename that replaces nothing, so at worst work is done twice.
            Err(TryLockError::Error(_)) => Ok(Some(Self { file: None })),
        }
    }
}
