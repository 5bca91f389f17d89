//! Everything that goshim keeps, taken away.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use goshim_resolver::Layout;

use crate::error::Error;
use crate::files::remove_if_there;

/// What [`purge`] would delete: the files and directories of store, state and configuration that are there.
pub fn contents(layout: &Layout) -> Vec<PathBuf> {
    let mut all = layout.contents();
    all.push(layout.state().to_owned());
    all.push(layout.config().to_owned());
    all.retain(|path| fs_err::symlink_metadata(path).is_ok());
    let is_empty = |dir: &PathBuf| {
        let entries = fs_err::read_dir(dir);
        entries.is_ok_and(|mut entries| entries.next().is_none())
    };
    all.extend(around(layout).into_iter().filter(is_empty));
    all.dedup();
    all
}

/// The directories that hold all of it. They may be the user's own, and go only where they are empty.
fn around(layout: &Layout) -> Vec<PathBuf> {
    let of_config = layout.config().parent().map(Path::to_owned);
    std::iter::once(layout.home().to_owned())
        .chain(of_config)
        .collect()
}

/// Deletes store, state and configuration. Directories that hold anything else stay, with what they hold.
///
/// # Errors
/// Where something cannot be deleted; what comes after it is still there then.
pub fn purge(layout: &Layout) -> Result<(), Error> {
    for path in contents(layout) {
        let is_dir = fs_err::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_dir());
        if is_dir && fs_err::remove_dir(&path).is_err() {
            remove_dir(&path)?;
        } else if !is_dir {
            remove_if_there(&path)?;
        }
    }
    for dir in around(layout) {
        let _ = fs_err::remove_dir(dir);
    }
    Ok(())
}

/// Deletes a directory of the store. It goes out of sight by one rename first: nobody sees half an SDK.
fn remove_dir(dir: &Path) -> io::Result<()> {
    let mut hidden = dir.as_os_str().to_owned();
    hidden.push(".purged");
    let hidden = PathBuf::from(hidden);
    if hidden.exists() {
        delete(&hidden)?;
    }
    fs_err::rename(dir, &hidden)?;
    delete(&hidden)
}

fn delete(dir: &Path) -> io::Result<()> {
    match fs_err::remove_dir_all(dir) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            // go makes the directories of its module cache read-only.
            make_writable(dir)?;
            fs_err::remove_dir_all(dir)
        }
        done => done,
    }
}

/// Lets the owner change this directory and all below it.
fn make_writable(dir: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs_err::set_permissions(dir, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    for entry in fs_err::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            make_writable(&entry.path())?;
        }
    }
    Ok(())
}
