//! The directory that go works in, by cmd/go's notion of it.
//!
//! `os.Getwd` trusts `$PWD` where it is absolute and names the same directory as `.`, and the walk upward is lexical: below a
//! linked directory, the directories above are those of the path that the person typed (`cmd/go/internal/base/path.go`).

use std::path::{Component, Path, PathBuf};

use crate::env::Env;
use crate::error::Error;

/// The working directory, cleaned, after `-C`; `None` where it was deleted or cannot be read.
///
/// # Errors
/// Where the directory of `-C` cannot be entered.
pub fn work_dir(env: &Env, change_dir: Option<&Path>) -> Result<Option<PathBuf>, Error> {
    let physical = match change_dir {
        None => env.physical_dir.clone(),
        Some(dir) => {
            let failed = |source| Error::ChangeDir {
                dir: dir.to_owned(),
                source,
            };
            if dir.as_os_str().is_empty() {
                return Err(failed(std::io::ErrorKind::NotFound.into()));
            }
            let target = env
                .physical_dir
                .as_deref()
                .unwrap_or(Path::new(""))
                .join(dir);
            let target = entered(&target).map_err(failed)?;
            if !target.is_dir() {
                return Err(failed(std::io::ErrorKind::NotADirectory.into()));
            }
            // A directory that may not be searched cannot be entered either.
            std::fs::metadata(target.join(".")).map_err(failed)?;
            Some(target)
        }
    };
    let Some(physical) = physical else {
        return Ok(None);
    };
    let logical = env
        .var("PWD")
        .map(PathBuf::from)
        // On Windows Go asks the system alone (`os.Getwd`), and shells of the Unix kind leave a PWD of their own there.
        .filter(|pwd| {
            !cfg!(windows) && pwd.is_absolute() && (*pwd == physical || same_file(pwd, &physical))
        });
    Ok(Some(clean(&logical.unwrap_or(physical))))
}

/// What the system calls a directory once a process has entered it. Windows keeps the name that it was entered by, links included.
///
/// # Errors
/// Where there is no such directory.
pub fn entered(dir: &Path) -> std::io::Result<PathBuf> {
    if cfg!(windows) {
        std::fs::metadata(dir)?;
        std::path::absolute(dir)
    } else {
        std::fs::canonicalize(dir)
    }
}

/// Removes `.` and `..` lexically, as Go's `filepath.Clean` does for an absolute path.
pub fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                cleaned.pop();
            }
            component => cleaned.push(component),
        }
    }
    cleaned
}

/// Whether both names lead to one file.
pub(crate) fn same_file(a: &Path, b: &Path) -> bool {
    identity(a).is_some_and(|a| Some(a) == identity(b))
}

/// What makes a file the same under any name: device and inode. `None` where there is none.
#[cfg(unix)]
pub(crate) fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// Elsewhere: the path without links.
#[cfg(not(unix))]
pub(crate) fn identity(path: &Path) -> Option<PathBuf> {
    std::fs::canonicalize(path).ok()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn pwd_counts_where_it_names_the_directory() {
        let root = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(root.path()).unwrap();
        fs_err::create_dir_all(root.join("real/sub")).unwrap();
        std::os::unix::fs::symlink(root.join("real"), root.join("link")).unwrap();
        let env = |pwd: &str| {
            Env {
                physical_dir: Some(root.join("real/sub")),
                ..Env::default()
            }
            .with("PWD", root.join(pwd))
        };
        assert_eq!(
            work_dir(&env("link/sub"), None).unwrap().unwrap(),
            root.join("link/sub")
        );
        assert_eq!(
            work_dir(&env("link/sub/."), None).unwrap().unwrap(),
            root.join("link/sub")
        );
        assert_eq!(
            work_dir(&env("link"), None).unwrap().unwrap(),
            root.join("real/sub"),
            "a stale PWD does not count"
        );
        assert_eq!(
            work_dir(&env("link/sub"), Some(Path::new("..")))
                .unwrap()
                .unwrap(),
            root.join("real")
        );
        assert!(work_dir(&env("link"), Some(Path::new("missing"))).is_err());
        assert_eq!(
            work_dir(&Env::default(), None).unwrap(),
            None,
            "a deleted directory"
        );
    }

    #[test]
    fn cleaning_is_lexical() {
        assert_eq!(clean(Path::new("/a/./b/../c//d/")), Path::new("/a/c/d"));
        assert_eq!(clean(Path::new("/../x")), Path::new("/x"));
    }
}
