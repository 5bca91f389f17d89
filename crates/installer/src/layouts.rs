//! The directories of layouts in the store: go fills them, goshim takes them away.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use goshim_resolver::{Layout, environment, regular_file};

use crate::error::Error;
use crate::{files, place};

/// A path is shorter.
const LARGEST: u64 = 64 << 10;

/// In a project's directory, the file that says whose it is: the name has only a digest of the place.
const PROJECT: &str = "project";

/// The directory of a project, which need not be there.
pub fn directory(layout: &Layout, project: &Path) -> PathBuf {
    layout.layouts().join(environment::project_key(project))
}

/// Makes the directory of a project, and notes in it whose it is.
///
/// # Errors
/// Where the store cannot be written.
pub fn make(layout: &Layout, project: &Path) -> Result<PathBuf, Error> {
    let dir = directory(layout, project);
    let real = dunce::canonicalize(project).unwrap_or_else(|_| project.to_owned());
    let mut note = real.into_os_string().into_encoded_bytes();
    note.push(b'\n');
    files::write_bytes(&dir.join(PROJECT), &note)?;
    Ok(dir)
}

/// The directories of projects that are gone, as far as their own notes say whose they are.
///
/// # Errors
/// Where the directory of all layouts cannot be read.
pub fn gone(layout: &Layout) -> Result<Vec<PathBuf>, Error> {
    let entries = match fs_err::read_dir(layout.layouts()) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut gone = Vec::new();
    for entry in entries {
        let dir = entry?.path();
        let note = dir.join(PROJECT);
        // Whatever else somebody has put there says nothing, and might be read for ever.
        if !fs_err::symlink_metadata(&note).is_ok_and(|note| note.is_file()) {
            continue;
        }
        let note = regular_file(&note, LARGEST);
        let place = note.and_then(|note| path_of(&note));
        if place.is_some_and(|place| !place.is_dir()) {
            gone.push(dir);
        }
    }
    gone.sort();
    Ok(gone)
}

/// The place in a note; `None` where it holds no absolute one.
fn path_of(note: &[u8]) -> Option<PathBuf> {
    let place = place::from_bytes(note.strip_suffix(b"\n")?.to_vec())?;
    place.is_absolute().then_some(place)
}

/// Removes a directory of [`Layout::layouts`] with all that is in it, also what go made read-only. Returns whether it was there.
///
/// # Errors
/// Where something in it cannot be removed; what is left goes with the next try.
pub fn remove(dir: &Path) -> Result<bool, Error> {
    Ok(files::remove_all(dir)?)
}
