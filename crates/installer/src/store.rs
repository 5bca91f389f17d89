//! Staging, publishing and trash: the only file that puts something below `sdks/` or takes it away.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use fs_err::File;
use goshim_resolver::{Layout, Version, escape, regular_file};
use tempfile::TempDir;

use crate::error::{Error, cannot};
use crate::files::{self, create_dirs, remove_if_there, sync_dir};
use crate::lock::{self, Lock, Locked};
use crate::{mounts, own};

/// The file in a staging directory that its owner has locked. It says which start of which machine that is.
const OWNER: &str = "owner";
/// After this time a staging directory of another machine's is what a killed process left: no installation takes as long.
const ABANDONED: Duration = Duration::from_hours(6);

/// A private directory on the store's own file system, removed when dropped.
///
/// Its name begins with that of the SDK, so that whoever finds it later knows which lock its owner held.
pub(crate) struct Staging {
    /// Locked, where that can be: somebody may have removed the lock of the SDK. Closed before the directory goes.
    owner: Option<File>,
    dir: TempDir,
    toolchain: String,
}

impl Drop for Staging {
    fn drop(&mut self) {
        self.owner = None;
        // Not left to `TempDir`, which would delete what is mounted there, and stop at what somebody made read-only. What stays is swept later.
        let _ = files::remove_all(self.path());
    }
}

impl Staging {
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The error itself, or what it comes from where another process took this directory away.
    pub(crate) fn or_swept(&self, error: Error) -> Error {
        if self.path().is_dir() || matches!(error, Error::Cancelled) {
            return error;
        }
        Error::Swept {
            toolchain: self.toolchain.clone(),
        }
    }
}

/// Makes a staging directory for an SDK.
pub(crate) fn stage(layout: &Layout, version: &Version) -> Result<Staging, Error> {
    let staging = layout.staging();
    create_dirs(&staging)?;
    let dir = tempfile::Builder::new()
        .prefix(&prefix(layout, version))
        .tempdir_in(&staging)
        .map_err(|error| {
            cannot(
                format_args!("create a directory in {}", staging.display()),
                &error,
            )
        })?;
    let mut owner = fs_err::OpenOptions::new()
        .create_new(true)
        .write(true)
        .open(dir.path().join(OWNER))?;
    // That nobody else has locked it is not looked at: then the directory is on its way out, and the next step fails.
    lock::try_lock(&owner)?;
    owner.write_all(&machine())?;
    Ok(Staging {
        owner: Some(owner),
        dir,
        toolchain: layout.name(version),
    })
}

/// What tells this start of this machine from others, where the system says it.
fn machine() -> Vec<u8> {
    regular_file(Path::new("/proc/sys/kernel/random/boot_id"), 256).unwrap_or_default()
}

/// Whether a staging directory, whose SDK's lock could be taken, is nobody's. Locks need not reach from one machine to another.
pub(crate) fn is_abandoned(dir: &Path) -> bool {
    let file = dir.join(OWNER);
    let owner = match files::open_regular(&file, fs_err::OpenOptions::new().read(true)) {
        Ok(owner) => owner,
        // Without the file it was not yet begun, or is no staging directory but something that [goes](hide).
        Err(error) => {
            use io::ErrorKind::{NotADirectory, NotFound};
            return matches!(error.kind(), NotFound | NotADirectory);
        }
    };
    if !matches!(lock::try_lock(&owner), Ok(Locked::Held)) {
        return false;
    }
    let note = regular_file(&file, 256).unwrap_or_default();
    note.is_empty() || note == machine() || files::age(&file).is_some_and(|age| age > ABANDONED)
}

/// Between the SDK's name and the random part of a name in staging and trash; no SDK's name has it.
const SEPARATOR: char = '~';

/// How the names of an SDK's directories in staging and trash begin.
fn prefix(layout: &Layout, version: &Version) -> String {
    format!("{}{SEPARATOR}", layout.name(version))
}

/// The SDK whose directory in staging or trash has this name; `None` where goshim makes no such names.
pub(crate) fn owner_of(layout: &Layout, name: &str) -> Option<(Layout, Version)> {
    let (sdk, random) = name.split_once(SEPARATOR)?;
    layout.named(sdk).filter(|_| files::is_random(random))
}

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
    // It is deleted in the end.
    mounts::check(&name)?;
    files::writing_to(&name, || exchange(root, &name))?
        .then_some(())
        .ok_or_else(|| Error::NoExchange {
            toolchain: layout.name(version),
        })?;
    // What is not known to last is taken back, for its records are those of the other one.
    sync_dir(&layout.sdks()).inspect_err(|_| {
        let _ = exchange(root, &name);
    })?;
    Ok(())
}

/// Takes an SDK out of sight, then deletes it. Returns why something of it stays, where that is so: the SDK is gone either way.
///
/// # Errors
/// Where it is still there, or was not there.
pub(crate) fn retire(layout: &Layout, version: &Version) -> Result<Option<Error>, Error> {
    let root = layout.sdk(version);
    let hidden = match hide(layout, version, &root) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            remove_in_place(&root)?;
            None
        }
        // Whoever purges the store, or works where there are no locks, asks nobody.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(Error::NotInstalled {
                toolchain: layout.name(version),
            });
        }
        hidden => Some(hidden?),
    };
    let mut stays = sync_dir(&layout.sdks()).map_err(Error::from).err();
    for file in [layout.receipt(version), layout.manifest(version)] {
        stays = remove_if_there(&file).err().or(stays);
    }
    let deleted = hidden.map_or(Ok(false), |hidden| files::remove_all(&hidden));
    Ok(stays.or(deleted.map_err(Error::from).err()))
}

/// Deletes an SDK where it is: an overlay renames no directory that is in a layer below, as what the image of a container holds. Its `go` goes
/// first: what is left where this is broken off runs for nobody, and the next try takes it.
fn remove_in_place(root: &Path) -> io::Result<()> {
    mounts::check(root)?;
    let programs = root.join("bin");
    if fs_err::symlink_metadata(&programs).is_ok_and(|bin| bin.is_dir()) {
        for name in ["go", "go.exe"] {
            files::remove_all(&programs.join(name))?;
        }
    }
    files::remove_all(root).map(drop)
}

/// Takes something of an SDK's out of sight, then deletes it. What of it cannot be deleted is swept by a later run.
///
/// # Errors
/// Where it could not be moved; then it is as it was.
pub(crate) fn discard(layout: &Layout, version: &Version, path: &Path) -> io::Result<()> {
    let hidden = hide(layout, version, path)?;
    let _ = files::remove_all(&hidden);
    Ok(())
}

/// Gives a file, a link or a directory of an SDK's a new name in the trash, in one step: whoever looks for it, or publishes it, finds all of it or
/// nothing.
fn hide(layout: &Layout, version: &Version, path: &Path) -> io::Result<PathBuf> {
    mounts::check(path)?;
    let hide_in = |dir: &Path| {
        create_dirs(dir)?;
        let hidden = tempfile::Builder::new()
            .prefix(&prefix(layout, version))
            .make_in(dir, |new| {
                files::writing_to(path, || rename_to_new(path, new))
            })?;
        hidden.into_temp_path().keep().map_err(|error| error.error)
    };
    match hide_in(&layout.trash()) {
        // A full disk may have no room for another directory, and somebody's link may lead to another disk. Staging is where the SDK came from.
        Err(error) if is_of_the_disk(&error) => hide_in(&layout.staging()),
        hidden => hidden,
    }
}

fn is_of_the_disk(error: &io::Error) -> bool {
    use io::ErrorKind::{CrossesDevices, QuotaExceeded, StorageFull};
    matches!(error.kind(), CrossesDevices | QuotaExceeded | StorageFull)
}

/// Removes what killed processes left in staging, trash and beside small files. Whoever still works holds the lock of the toolchain
/// in the name.
///
/// `held` is the lock of `version` where the caller has it: what bears that name is nobody's, unless [its owner](is_abandoned) is seen to be at work
/// all the same. Where the file system has no locks a process at work looks like a killed one, and all stays. Failures are left for the next run.
pub(crate) fn sweep(layout: &Layout, version: &Version, held: Option<&Lock>) {
    sweep_with(layout, held.map(|held| (version, held)));
}

/// As [`sweep`], by somebody who holds no lock.
pub(crate) fn sweep_all(layout: &Layout) {
    sweep_with(layout, None);
}

fn sweep_with(layout: &Layout, held: Option<(&Version, &Lock)>) {
    for dir in [layout.staging(), layout.trash()] {
        for path in own::contents(layout, &dir).own {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let Some((of_owner, owner)) = owner_of(layout, &name) else {
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
                if dir == layout.trash() {
                    let _ = files::remove_all(&path);
                } else if is_abandoned(&path) {
                    tracing::debug!(leftover = %escape::path(&path), "removing");
                    // Should its owner be at work after all, it finds nothing to publish, and never half a tree.
                    let _ = discard(&of_owner, &owner, &path);
                }
            }
        }
    }
    for dir in [
        layout.index(),
        layout.state().to_owned(),
        layout.shims(),
        layout.links(),
    ] {
        files::sweep(&dir);
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
        // The last one is an overlay's, of a directory in a layer below.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP | Errno::XDEV) => Ok(false),
        Err(error) => Err(describe(&io::Error::from(error), a, b)),
        Ok(()) => Ok(true),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange(_a: &Path, _b: &Path) -> io::Result<bool> {
    Ok(false)
}

/// As [`rename_to_new`] by a call that replaces files and empty directories: it is looked first, and whoever could come in between waits for the
/// lock of the SDK, or has made up another name.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    if fs_err::symlink_metadata(to).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
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

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn describe(error: &io::Error, from: &Path, to: &Path) -> io::Error {
    cannot(
        format_args!("rename {} to {}", from.display(), to.display()),
        error,
    )
}

/// Makes a whole tree durable. On Linux one `syncfs` of its file system is ten times faster than a call for each file.
#[cfg(target_os = "linux")]
pub(crate) fn sync_tree(root: &Path) -> io::Result<()> {
    let dir = File::open(root)?;
    match rustix::fs::syncfs(dir.file()) {
        Err(rustix::io::Errno::NOSYS) => sync_each(root),
        synced => synced.map_err(|error| {
            let what = format_args!("make {} durable", root.display());
            cannot(what, &error.into())
        }),
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn sync_tree(root: &Path) -> io::Result<()> {
    sync_each(root)
}

/// As [`sync_tree`], by a call for each file and directory.
fn sync_each(root: &Path) -> io::Result<()> {
    let flush = |file: &File| {
        let what = format_args!("make {} durable", file.path().display());
        files::flush(file.file()).map_err(|error| cannot(what, &error))
    };
    let mut pending: Vec<PathBuf> = vec![root.to_owned()];
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            for entry in fs_err::read_dir(&path)? {
                pending.push(entry?.path());
            }
            // Windows opens no directory, and keeps names in order itself.
            if cfg!(unix) {
                flush(&File::open(&path)?)?;
            }
        } else {
            flush(&fs_err::OpenOptions::new().write(true).open(&path)?)?;
        }
    }
    if cfg!(target_vendor = "apple") {
        sync_dir(root)?;
    }
    Ok(())
}
