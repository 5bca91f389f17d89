//! Reading files that somebody else wrote: bounded in size and time, and never through a FIFO or a device.

use std::fs::{File, Metadata};
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
    /// A regular file, whole, and what the system says of it.
    File(Vec<u8>, Metadata),
    /// Nothing: no such name, a dangling link, a link that leads to itself.
    Nothing,
    /// Perhaps something: the directory that would have it may not be entered.
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
    Ok(Found::File(bytes, metadata))
}

/// The bytes of a regular file of somebody else's; `None` where there is none, or none that can be read and has at most `cap` bytes.
///
/// Never blocks, whatever lies there.
pub fn regular_file(path: &Path, cap: u64) -> Option<Vec<u8>> {
    match read(path, cap) {
        Ok(Found::File(bytes, _)) => Some(bytes),
        _ => None,
    }
}

/// The bytes of a regular file of goshim's own, of at most `cap` bytes; `None` where there is none.
///
/// Never blocks, whatever lies there.
///
/// # Errors
/// Where something is there that cannot be read, or is no file, or is larger: it may say anything.
pub fn own_file(path: &Path, cap: u64) -> Result<Option<Vec<u8>>, Error> {
    let reason = match read(path, cap)? {
        Found::File(bytes, _) => return Ok(Some(bytes)),
        Found::Nothing => return Ok(None),
        Found::Hidden => io::ErrorKind::PermissionDenied.into(),
        Found::NotAFile => io::Error::other("it is no file"),
    };
    Err(Error::Unreadable {
        file: path.to_owned(),
        source: reason,
    })
}

/// Reads a small UTF-8 file of goshim's own or of the user's; `None` where there is none.
pub(crate) fn read_text(path: &Path) -> Result<Option<String>, Error> {
    match read(path, SETTINGS_CAP)? {
        Found::File(bytes, _) => {
            String::from_utf8(bytes)
                .map(Some)
                .map_err(|_| Error::Unreadable {
                    file: path.to_owned(),
                    source: io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"),
                })
        }
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
            // A link that may be seen, to what may not.
            Err(source)
                if source.kind() == io::ErrorKind::PermissionDenied
                    && std::fs::symlink_metadata(path).is_ok() =>
            {
                Err(Error::Unreadable {
                    file: path.to_owned(),
                    source,
                })
            }
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

/// Which file something is, whatever it is called: its device and number.
pub(crate) type Identity = (u64, u64);

/// The identity of a file; `None` where the system has none to give.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there is none")]
pub(crate) fn identity(metadata: &Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
pub(crate) fn identity(_metadata: &Metadata) -> Option<Identity> {
    None
}

/// Whether a pin file may count, of which `read` was read: in a directory that everybody may write to, only one that the user or root owns; in one that a
/// group may write to which is not the user's first, also one of the directory's owner.
///
/// Otherwise anybody could plant a `.go-version` above somebody else's project (`/tmp`, a shared scratch directory).
#[cfg(unix)]
pub(crate) fn is_trustworthy(file: &Path, read: Option<&Metadata>) -> bool {
    use std::os::unix::fs::MetadataExt;
    let Some(Ok(dir)) = file.parent().map(std::fs::metadata) else {
        return true;
    };
    let is_open_to_all = dir.mode() & 0o002 != 0;
    // On macOS the first group is that of all users (`staff`).
    let is_own_group =
        !cfg!(target_os = "macos") && dir.gid() == rustix::process::getegid().as_raw();
    let is_open_to_group = dir.mode() & 0o020 != 0 && !is_own_group;
    if !is_open_to_all && !is_open_to_group {
        return true;
    }
    let user = rustix::process::geteuid().as_raw();
    let may_own = |owner: u32| owner == 0 || owner == user || !is_open_to_all && owner == dir.uid();
    let Ok(there) = std::fs::symlink_metadata(file) else {
        return false;
    };
    // Of a link its own owner counts: whoever made it chose what it names. Else what was read may have been exchanged since.
    let is_what_was_read = there.is_symlink()
        || read.is_none_or(|read| may_own(read.uid()) && identity(read) == identity(&there));
    may_own(there.uid()) && is_what_was_read
}

/// Other systems have no such bits; Windows' shared directories are protected by their access lists.
#[cfg(not(unix))]
pub(crate) fn is_trustworthy(_file: &Path, _read: Option<&Metadata>) -> bool {
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
        assert!(matches!(read(&file, 5), Ok(Found::File(bytes, _)) if bytes == b"12345"));
        assert!(matches!(
            read(&file, 4),
            Err(Error::TooLarge { cap: 4, .. })
        ));
    }
}
