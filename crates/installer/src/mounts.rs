//! What is mounted in a tree: to delete that would be to delete somebody else's files.

use std::io;
use std::path::{Path, PathBuf};

use crate::place;

/// Fails where something is mounted at `path` or below it. A link is looked at itself.
///
/// # Errors
/// The place of the mount, as [`io::ErrorKind::ResourceBusy`].
pub(crate) fn check(path: &Path) -> io::Result<()> {
    if !fs_err::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir()) {
        return Ok(());
    }
    // The kernel names places by their real path.
    let real = fs_err::canonicalize(path)?;
    let mounted = match table() {
        Some(table) => places(&table).find(|place| place.starts_with(&real)),
        None => on_another_device(&real)?,
    };
    match mounted {
        None => Ok(()),
        Some(place) => Err(io::Error::new(
            io::ErrorKind::ResourceBusy,
            format!("something is mounted at {}", place.display()),
        )),
    }
}

/// What the system says is mounted, where it does.
fn table() -> Option<Vec<u8>> {
    if cfg!(target_os = "linux") {
        fs_err::read("/proc/self/mountinfo").ok()
    } else {
        None
    }
}

/// The places in Linux's table: the fifth field of each line, with blanks and their like as octal digits (`man proc_pid_mountinfo`).
fn places(table: &[u8]) -> impl Iterator<Item = PathBuf> {
    let lines = table.split(|byte| *byte == b'\n');
    lines.filter_map(|line| {
        let field = line.split(|byte| *byte == b' ').nth(4)?;
        let mut place = Vec::new();
        let mut rest = field;
        while let Some((byte, behind)) = rest.split_first() {
            rest = behind;
            let escaped = behind.split_at_checked(3).filter(|_| *byte == b'\\');
            let decoded = escaped.and_then(|(digits, behind)| {
                let digits = std::str::from_utf8(digits).ok()?;
                Some((u8::from_str_radix(digits, 8).ok()?, behind))
            });
            match decoded {
                Some((byte, behind)) => {
                    place.push(byte);
                    rest = behind;
                }
                None => place.push(*byte),
            }
        }
        place::from_bytes(place)
    })
}

/// A directory below `root` that is on another device. Where the system has no table, that is all that can be seen of a mount.
#[cfg(unix)]
fn on_another_device(root: &Path) -> io::Result<Option<PathBuf>> {
    use std::os::unix::fs::MetadataExt as _;
    let device = fs_err::symlink_metadata(root)?.dev();
    let mut pending = vec![root.to_owned()];
    while let Some(dir) = pending.pop() {
        // What cannot be looked into cannot be deleted either.
        for entry in fs_err::read_dir(dir).into_iter().flatten().flatten() {
            if let Ok(metadata) = entry.metadata()
                && metadata.is_dir()
            {
                if metadata.dev() != device {
                    return Ok(Some(entry.path()));
                }
                pending.push(entry.path());
            }
        }
    }
    Ok(None)
}

/// On Windows what is mounted in a directory is a reparse point, which std's removal does not follow.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn on_another_device(_root: &Path) -> io::Result<Option<PathBuf>> {
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_decoded() {
        let table = b"36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw\n\
            37 35 0:5 / /a\\040b\\134c\\ rw - tmpfs t rw\n\nshort line\n";
        let found: Vec<_> = places(table).collect();
        assert_eq!(found, [PathBuf::from("/mnt2"), "/a b\\c\\".into()]);
    }

    #[test]
    fn a_plain_tree_has_no_mounts() {
        let dir = tempfile::tempdir().unwrap();
        fs_err::create_dir_all(dir.path().join("a/b")).unwrap();
        assert!(check(dir.path()).is_ok());
        assert!(check(&dir.path().join("not there")).is_ok());
        assert_eq!(on_another_device(dir.path()).unwrap(), None);
        #[cfg(target_os = "linux")]
        assert!(check(Path::new("/proc")).is_err());
    }
}
