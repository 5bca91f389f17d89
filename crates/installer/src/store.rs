//! Staging, publishing and trash: the only file that puts something below `sdks/` or takes it away.

use std::io;
use std::path::{Path, PathBuf};

use goshim_resolver::{Layout, Version};
use tempfile::TempDir;

use crate::error::Error;
use crate::files::{self, create_dirs, remove_if_there, sync_dir};
use crate::lock::Lock;

/// A private directory on the store's own file system, removed when dropped.
///
/// Its name begins with that of the SDK, so that whoever finds it later knows which lock its owner held.
pub(crate) fn stage(layout: &Layout, version: &Version) -> Result<TempDir, Error> {
    named_temp(&layout.staging(), layout, version)
}

fn named_temp(dir: &Path, layout: &Layout, version: &Version) -> Result<TempDir, Error> {
    create_dirs(dir)?;
    let made = tempfile::Builder::new()
        .prefix(&format!("{}{SEPARATOR}", layout.name(version)))
        .tempdir_in(dir);
    made.map_err(|error| {
        io::Error::new(
            error.kind(),
            format!("cannot create a directory in {}: {error}", dir.display()),
        )
        .into()
    })
}

/// Between the SDK's name and the random part of a name in staging and trash; no SDK's name has it.
const SEPARATOR: char = '~';

/// Makes everything below `root` durable, then gives it its name below `sdks/`.
///
/// The caller holds the lock. An SDK that is there is left alone: it is complete by the same rule.
pub(crate) fn publish(layout: &Layout, version: &Version, root: &Path) -> Result<(), Error> {
    sync_tree(root)?;
    let sdks = layout.sdks();
    create_dirs(&sdks)?;
    let name = layout.sdk(version);
    match rename_to_new(root, &name) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return if name.is_dir() {
                Ok(())
            } else {
                Err(Error::InTheWay { path: name })
            };
        }
        published => published?,
    }
    sync_dir(&sdks)?;
    Ok(())
}

/// Makes everything below `root` durable, then lets it and the SDK that is there change places, in one step. The old one is then at `root`.
///
/// # Errors
/// Where the file system cannot do that: an SDK that is there is never taken away before its successor is.
pub(crate) fn replace(layout: &Layout, version: &Version, root: &Path) -> Result<(), Error> {
    sync_tree(root)?;
    let name = layout.sdk(version);
    exchange(root, &name)?
        .then_some(())
        .ok_or_else(|| Error::NoExchange {
            toolchain: layout.name(version),
        })?;
    sync_dir(&layout.sdks())?;
    Ok(())
}

/// A private directory for what goes, on the store's own file system.
pub(crate) fn trash(layout: &Layout, version: &Version) -> Result<TempDir, Error> {
    named_temp(&layout.trash(), layout, version)
}

/// Takes an SDK out of sight with one rename, then deletes it.
pub(crate) fn retire(layout: &Layout, version: &Version) -> Result<(), Error> {
    let trash = trash(layout, version)?;
    fs_err::rename(layout.sdk(version), trash.path().join("go"))?;
    sync_dir(&layout.sdks())?;
    for file in [layout.receipt(version), layout.manifest(version)] {
        remove_if_there(&file)?;
    }
    // A part that cannot be deleted now is swept by a later run; the SDK is gone either way.
    let _ = trash.close();
    Ok(())
}

/// Removes what killed processes left in staging, trash and beside small files. Whoever still works holds the lock of the toolchain
/// in the name.
///
/// `held` is the lock of `version` where the caller has it: what bears that name is nobody's. Where the file system has no locks a
/// process at work looks like a killed one, and all stays. Failures are left for the next run.
pub(crate) fn sweep(layout: &Layout, version: &Version, held: Option<&Lock>) {
    sweep_with(layout, held.map(|held| (version, held)));
}

/// As [`sweep`], by somebody who holds no lock.
pub(crate) fn sweep_all(layout: &Layout) {
    sweep_with(layout, None);
}

fn sweep_with(layout: &Layout, held: Option<(&Version, &Lock)>) {
    for dir in [layout.staging(), layout.trash()] {
        let Ok(entries) = fs_err::read_dir(&dir) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let owner = name
                .split_once(SEPARATOR)
                .and_then(|(sdk, _)| layout.named(sdk));
            let Some((of_owner, owner)) = owner else {
                continue;
            };
            // Held by us, or free: then it is ours until the end of this turn.
            let held = held
                .filter(|(version, _)| of_owner.name(&owner) == layout.name(version))
                .map(|(_, lock)| lock);
            let taken = if held.is_none() {
                Lock::try_acquire(&of_owner, &owner).ok().flatten()
            } else {
                None
            };
            if held.or(taken.as_ref()).is_some_and(Lock::is_real) {
                tracing::debug!(leftover = %entry.path().display(), "removing");
                let _ = fs_err::remove_dir_all(entry.path());
            }
        }
    }
    for dir in [
        Some(layout.index().as_path()),
        layout.default_file().parent(),
        Some(layout.shims().as_path()),
        Some(layout.links().as_path()),
    ]
    .into_iter()
    .flatten()
    {
        files::sweep(dir);
    }
}

/// Renames a directory to a name that must be free.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // A file system without the flag: a plain rename never replaces a directory that has something in it.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => plain_rename_to_new(from, to),
        Err(error) => Err(describe(&io::Error::from(error), from, to)),
        Ok(()) => Ok(()),
    }
}

/// Lets two directories change places; `false` where the file system cannot.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchange(a: &Path, b: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Ok(false),
        Err(error) => Err(describe(&io::Error::from(error), a, b)),
        Ok(()) => Ok(true),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange(_a: &Path, _b: &Path) -> io::Result<bool> {
    Ok(false)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    plain_rename_to_new(from, to)
}

fn plain_rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    match fs_err::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
            Err(io::ErrorKind::AlreadyExists.into())
        }
        renamed => renamed,
    }
}

fn describe(error: &io::Error, from: &Path, to: &Path) -> io::Error {
    io::Error::new(
        error.kind(),
        format!(
            "cannot rename {} to {}: {error}",
            from.display(),
            to.display()
        ),
    )
}

/// Makes a whole tree durable. On Linux one `syncfs` of its file system is ten times faster than a call for each file.
#[cfg(target_os = "linux")]
pub(crate) fn sync_tree(root: &Path) -> io::Result<()> {
    let dir = fs_err::File::open(root)?;
    match rustix::fs::syncfs(dir.file()) {
        Err(rustix::io::Errno::NOSYS) => sync_each(root),
        synced => Ok(synced?),
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn sync_tree(root: &Path) -> io::Result<()> {
    sync_each(root)
}

fn sync_each(root: &Path) -> io::Result<()> {
    let mut pending: Vec<PathBuf> = vec![root.to_owned()];
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            for entry in fs_err::read_dir(&path)? {
                pending.push(entry?.path());
            }
            sync_dir(&path)?;
        } else {
            fs_err::OpenOptions::new()
                .write(true)
                .open(&path)?
                .sync_all()?;
        }
    }
    Ok(())
}
