//! Reading files that somebody else wrote: bounded in size and time, and never through a FIFO or a device.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::error::Error;

/// The most bytes of go.mod, go.work and go's own settings files: the limit that cmd/go has for a go.mod (`modfile.MaxGoMod`, `zip.MaxGoMod`).
pub(crate) const MODULE_FILE_CAP: u64 = 16 << 20;
/// The most bytes of `.goshim.toml`, `.tool-versions` and goshim's own files.
pub(crate) const SETTINGS_CAP: u64 = 64 << 10;
/// The most bytes of `.go-version`.
pub(crate) const PIN_CAP: u64 = 4 << 10;

/// The most bytes of `/etc/passwd`.
#[cfg(target_os = "linux")]
pub(crate) const PASSWD_CAP: u64 = 4 << 20;

/// What is at a path.
pub(crate) enum Found {
    /// A regular file, whole.
    File(Vec<u8>),
    /// Nothing: no such name, a dangling link, a link that leads to itself.
    Nothing,
    /// Perhaps something: a directory on the way may not be entered.
    Hidden,
    /// Something that is no regular file: a directory, FIFO, socket or device. It was not read.
    NotAFile,
}

/// Reads the regular file at `path` of at most `cap` bytes.
///
/// Never blocks (`O_NONBLOCK`), never becomes the controlling terminal's reader, follows links as every tool does.
///
/// # Errors
/// A file that is there but cannot be read, or is larger than `cap`.
pub(crate) fn read(path: &Path, cap: u64) -> Result<Found, Error> {
    let file = match open(path) {
        Ok(file) => file,
        Err(error) => return absent(path, error),
    };
    let unreadable = |source| Error::Unreadable {
        file: path.to_owned(),
        source,
    };
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Ok(Found::NotAFile);
    }
    let too_large = || Error::TooLarge {
        file: path.to_owned(),
        cap,
    };
    if metadata.len() > cap {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default() + 1);
    // It may be growing.
    file.take(cap + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > cap {
        return Err(too_large());
    }
    Ok(Found::File(bytes))
}

/// Reads a small UTF-8 file of goshim's own or of the user's; `None` where there is none.
pub(crate) fn read_text(path: &Path) -> Result<Option<String>, Error> {
    match read(path, SETTINGS_CAP)? {
        Found::File(bytes) => String::from_utf8(bytes)
            .map(Some)
            .map_err(|_| Error::Unreadable {
                file: path.to_owned(),
                source: io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"),
            }),
        Found::Nothing | Found::Hidden | Found::NotAFile => Ok(None),
    }
}

/// Tells "nothing there" from "there, but not for you": the second must not look like the first, or a pin would silently not count.
fn absent(path: &Path, error: io::Error) -> Result<Found, Error> {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename => {
            Ok(Found::Nothing)
        }
        // A link that leads to itself has no metadata. A FIFO without a writer opens; a socket does not (ENXIO), nor does a device without a driver.
        _ => match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => Err(Error::Unreadable {
                file: path.to_owned(),
                source: error,
            }),
            Ok(_) => Ok(Found::NotAFile),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(Found::Hidden),
            Err(_) => Ok(Found::Nothing),
        },
    }
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Whether a pin file may count: in a directory that everybody may write to, only one that the user or root owns does.
///
/// Otherwise anybody could plant a `.go-version` above somebody else's project (`/tmp`, a shared scratch directory).
#[cfg(unix)]
pub(crate) fn is_trustworthy(file: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let Some(dir) = file.parent() else {
        return true;
    };
    let writable_by_others = std::fs::metadata(dir).is_ok_and(|dir| dir.mode() & 0o002 != 0);
    if !writable_by_others {
        return true;
    }
    // Of a link its own owner counts: whoever made it chose what it names.
    std::fs::symlink_metadata(file)
        .is_ok_and(|file| file.uid() == 0 || file.uid() == rustix::process::geteuid().as_raw())
}

/// Other systems have no such bit; Windows' shared directories are protected by their access lists.
#[cfg(not(unix))]
pub(crate) fn is_trustworthy(_file: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_no_file_and_a_missing_one_is_nothing() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(read(dir.path(), PIN_CAP), Ok(Found::NotAFile)));
        assert!(matches!(
            read(&dir.path().join("x"), PIN_CAP),
            Ok(Found::Nothing)
        ));
        assert!(matches!(
            read(&dir.path().join("x/y/z"), PIN_CAP),
            Ok(Found::Nothing)
        ));
    }

    #[cfg(unix)]
    #[test]
    fn a_fifo_never_blocks_and_a_link_to_itself_is_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let fifo = dir.path().join("fifo");
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&fifo)
                .status()
                .unwrap()
                .success()
        );
        assert!(matches!(read(&fifo, PIN_CAP), Ok(Found::NotAFile)));
        let circle = dir.path().join("circle");
        std::os::unix::fs::symlink("circle", &circle).unwrap();
        assert!(matches!(read(&circle, PIN_CAP), Ok(Found::Nothing)));
    }

    #[test]
    fn the_cap_is_an_error_and_not_a_cut() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("f");
        fs_err::write(&file, "12345").unwrap();
        assert!(matches!(read(&file, 5), Ok(Found::File(bytes)) if bytes == b"12345"));
        assert!(matches!(
            read(&file, 4),
            Err(Error::TooLarge { cap: 4, .. })
        ));
    }
}
