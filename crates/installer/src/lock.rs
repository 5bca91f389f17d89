//! One process at a time changes an SDK. The lock is the operating system's, so it goes with its holder.

use std::fs::TryLockError;
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use fs_err::File;
use goshim_resolver::{Layout, Version};

use crate::cancel::Cancel;
use crate::error::{Error, cannot};
use crate::event::Event;
use crate::files;

/// After this time people are told that there is a wait.
const TELL: Duration = Duration::from_secs(1);
/// After this time the wait is an error. A whole download fits into it.
const GIVE_UP: Duration = Duration::from_mins(10);
/// So often a file is opened anew that was replaced before it was locked, and a call made anew that a signal broke off.
const TRIES: usize = 100;

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
        for _ in 0..TRIES {
            let file = files::open_regular(
                path,
                fs_err::OpenOptions::new()
                    .create(true)
                    .truncate(false)
                    .read(true)
                    .write(true),
            )?;
            match try_lock(&file)? {
                Locked::Held if files::is_at(&file, path) => {
                    return Ok(Some(Self { file: Some(file) }));
                }
                // Somebody removed the file that is locked now: the next process would lock another one.
                Locked::Held => {}
                Locked::Busy => return Ok(None),
                // Publishing is one rename that replaces nothing, so at worst work is done twice.
                Locked::Unsupported => return Ok(Some(Self { file: None })),
            }
        }
        Ok(None)
    }
}

/// What came of locking a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Locked {
    /// It is locked, until it is closed.
    Held,
    /// Somebody else has locked it.
    Busy,
    /// The file system has no locks, as some network file systems.
    Unsupported,
}

/// Locks a file if nobody has.
///
/// # Errors
/// Whatever says neither that it is locked nor that there are no locks; it names the file.
pub(crate) fn try_lock(file: &File) -> io::Result<Locked> {
    let mut tries = 0;
    loop {
        tries += 1;
        match file.file().try_lock() {
            Ok(()) => return Ok(Locked::Held),
            Err(TryLockError::WouldBlock) => return Ok(Locked::Busy),
            Err(TryLockError::Error(error)) if has_no_locks(&error) => {
                return Ok(Locked::Unsupported);
            }
            Err(TryLockError::Error(error))
                if error.kind() == io::ErrorKind::Interrupted && tries < TRIES => {}
            Err(TryLockError::Error(error)) => {
                return Err(cannot(
                    format_args!("lock {}", file.path().display()),
                    &error,
                ));
            }
        }
    }
}

#[cfg(unix)]
fn has_no_locks(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let unsupported = [Errno::NOLCK, Errno::OPNOTSUPP, Errno::NOTSUP, Errno::NOSYS];
    error.kind() == io::ErrorKind::Unsupported
        || Errno::from_io_error(error).is_some_and(|errno| unsupported.contains(&errno))
}

#[cfg(not(unix))]
fn has_no_locks(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
}
