//! The known projects: directories whose files chose a Go. Commands record them, never the shim; `goshim prune` keeps what they need.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use goshim_resolver::{Layout, escape, own_file};

use crate::error::Error;
use crate::{files, place};

/// More are not kept: the oldest are forgotten.
const MOST: usize = 1000;

/// So many paths as long as paths can be, in hexadecimal digits.
const LARGEST: u64 = 16 << 20;

/// Records a directory. A convenience: that it cannot be written is no reason to fail.
pub fn record(layout: &Layout, dir: &Path) {
    if let Err(error) = try_record(layout, dir) {
        let error = escape::text(&error.to_string());
        tracing::debug!(error, "the project is not recorded");
    }
}

fn try_record(layout: &Layout, dir: &Path) -> Result<(), Error> {
    let mut known = list(layout)?;
    if known.iter().any(|known| known == dir) {
        return Ok(());
    }
    let file = layout.projects();
    let is_link = fs_err::symlink_metadata(&file).is_ok_and(|it| it.is_symlink());
    if known.len() >= MOST {
        known.drain(..known.len() - MOST / 2);
    } else if !is_link {
        return append(&file, dir);
    }
    // What a link leads to is somebody else's: it is replaced, as where every other record is written.
    known.push(dir.to_owned());
    files::write_whole(&file, &lines(&known))
}

fn append(file: &Path, dir: &Path) -> Result<(), Error> {
    if let Some(parent) = file.parent() {
        files::create_dirs(parent)?;
    }
    // One short line in one write: of several processes none spoils another's.
    let mut options = fs_err::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use fs_err::os::unix::fs::OpenOptionsExt as _;
        use rustix::fs::OFlags;
        options.custom_flags(files::flags(OFlags::NONBLOCK | OFlags::NOFOLLOW));
        options.mode(0o644);
    }
    let mut file = options.open(file)?;
    Ok(file.write_all(line(dir).as_bytes())?)
}

/// The known projects, those that were recorded first first.
///
/// # Errors
/// Where the record is there and cannot be read: then nobody knows which there are.
pub fn list(layout: &Layout) -> Result<Vec<PathBuf>, Error> {
    let bytes = own_file(&layout.projects(), LARGEST)?.unwrap_or_default();
    let mut known: Vec<PathBuf> = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        // Two processes may have recorded the same one; half a line is what a power cut left.
        let path = place::path(line).filter(|path| path.is_absolute() && !known.contains(path));
        known.extend(path);
    }
    Ok(known)
}

/// Forgets the projects whose directories are gone. One that nobody can look at may be there.
///
/// # Errors
/// Where the record cannot be read or written; it is then as it was.
pub fn forget_gone(layout: &Layout) -> Result<(), Error> {
    let mut known = list(layout)?;
    let before = known.len();
    known.retain(|dir| match fs_err::metadata(dir) {
        Ok(metadata) => metadata.is_dir(),
        Err(error) => error.kind() == ErrorKind::PermissionDenied,
    });
    if known.len() == before {
        return Ok(());
    }
    files::write_whole(&layout.projects(), &lines(&known))
}

fn line(dir: &Path) -> String {
    place::text(dir) + "\n"
}

fn lines(dirs: &[PathBuf]) -> String {
    dirs.iter().map(|dir| line(dir)).collect()
}
