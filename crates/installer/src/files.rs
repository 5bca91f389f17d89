//! Small files, written whole or not at all.

use std::fs::DirBuilder;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::NamedTempFile;

use crate::error::{Error, cannot};
use crate::mounts;

/// How the names of files begin that are being written.
pub(crate) const UNFINISHED: &str = ".new-";
/// How many letters and digits tempfile puts behind that.
const RANDOM: usize = 6;
/// After this time an unfinished file is what a killed process left: writing one takes milliseconds.
const ABANDONED: Duration = Duration::from_hours(1);

/// Whether a name in a directory is one of goshim's for what is being written.
pub(crate) fn is_unfinished(name: &str) -> bool {
    name.strip_prefix(UNFINISHED).is_some_and(is_random)
}

/// Whether this is the end of a name that was made up, so that nobody else has it.
pub(crate) fn is_random(text: &str) -> bool {
    text.len() == RANDOM && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Writes a small file so that it is there whole or not at all, also after a power cut.
///
/// # Errors
/// Where the directory or the file cannot be written; the file is then as it was.
pub fn write_whole(path: &Path, contents: &str) -> Result<(), Error> {
    write_bytes(path, contents.as_bytes())
}

/// As [`write_whole`], where the contents need not be text.
pub(crate) fn write_bytes(path: &Path, contents: &[u8]) -> Result<(), Error> {
    let (file, dir) = unfinished(path, contents)?;
    file.persist(path)
        .map_err(|error| cannot_write(path, &error.error))?;
    sync_dir(dir)?;
    Ok(())
}

/// As [`write_whole`] for a file of the user's: any bytes, and the permissions that it has.
///
/// # Errors
/// Where the directory or the file cannot be written; the file is then as it was.
pub fn replace(path: &Path, contents: &[u8]) -> Result<(), Error> {
    let permissions = fs_err::metadata(path).map(|metadata| metadata.permissions());
    let (file, dir) = unfinished(path, contents)?;
    if let Ok(permissions) = permissions {
        file.as_file()
            .set_permissions(permissions)
            .map_err(|error| cannot_write(path, &error))?;
    }
    file.persist(path)
        .map_err(|error| cannot_write(path, &error.error))?;
    sync_dir(dir)?;
    Ok(())
}

/// As [`write_whole`], by way of a new file in `staging`, which lies on the same file system: what a killed process leaves, it leaves there.
///
/// It waits there until it is [put into its place](Staged::publish).
pub(crate) fn write_staged(staging: &Path, path: &Path, contents: &str) -> Result<Staged, Error> {
    let file = unfinished_in(staging, path, contents.as_bytes())?;
    Ok(Staged {
        file,
        path: path.to_owned(),
    })
}

/// A durable file that waits for its name.
pub(crate) struct Staged {
    file: NamedTempFile,
    path: PathBuf,
}

impl Staged {
    /// Gives it its name, over whatever has it.
    pub(crate) fn publish(self) -> Result<(), Error> {
        let dir = self.path.parent().unwrap_or(Path::new("."));
        create_dirs(dir)?;
        self.file
            .persist(&self.path)
            .map_err(|error| cannot_write(&self.path, &error.error))?;
        sync_dir(dir)?;
        Ok(())
    }
}

/// As [`write_whole`] where there is no such file yet; `false` where there is one, which stays as it is.
pub fn write_new(path: &Path, contents: &str) -> Result<bool, Error> {
    let (file, dir) = unfinished(path, contents.as_bytes())?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        written => written.map_err(|error| cannot_write(path, &error.error))?,
    };
    sync_dir(dir)?;
    Ok(true)
}

/// A durable file with the contents, which waits in the directory of `path` for its name.
fn unfinished<'a>(path: &'a Path, contents: &[u8]) -> Result<(NamedTempFile, &'a Path), Error> {
    let dir = path.parent().unwrap_or(Path::new("."));
    create_dirs(dir)?;
    Ok((unfinished_in(dir, path, contents)?, dir))
}

/// As [`unfinished`], where the file waits in another directory of the same file system.
fn unfinished_in(dir: &Path, path: &Path, contents: &[u8]) -> Result<NamedTempFile, Error> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = builder
        .prefix(UNFINISHED)
        .tempfile_in(dir)
        .map_err(|error| cannot_write(path, &error))?;
    file.write_all(contents)
        .and_then(|()| sync(file.as_file()))
        .map_err(|error| cannot_write(path, &error))?;
    Ok(file)
}

fn cannot_write(path: &Path, error: &io::Error) -> Error {
    // What tempfile adds is the name of its own file, which says nothing to anybody.
    let reason = if error.raw_os_error().is_some() {
        error.to_string()
    } else {
        error.kind().to_string()
    };
    Error::Io(io::Error::new(
        error.kind(),
        format!("cannot write {}: {reason}", path.display()),
    ))
}

/// The time since a file changed; `None` where nobody knows, or it lies ahead.
pub(crate) fn age(path: &Path) -> Option<Duration> {
    let metadata = fs_err::symlink_metadata(path).ok()?;
    metadata.modified().ok()?.elapsed().ok()
}

/// Removes the unfinished files (and directories) in `dir` that nobody is writing any more. Behind a link in its place is nothing of goshim's.
/// Failures are left for the next run.
pub(crate) fn sweep(dir: &Path) {
    if !fs_err::symlink_metadata(dir).is_ok_and(|metadata| metadata.is_dir()) {
        return;
    }
    for entry in fs_err::read_dir(dir).into_iter().flatten().flatten() {
        let is_unfinished = entry.file_name().to_str().is_some_and(is_unfinished);
        let path = entry.path();
        if is_unfinished && age(&path).is_some_and(|age| age > ABANDONED) {
            let _ = remove_all(&path);
        }
    }
}

/// Creates a directory of the store and those above it, writable by nobody else even without a umask: whoever may write here could
/// plant an SDK.
pub(crate) fn create_dirs(dir: &Path) -> io::Result<()> {
    let created = dir_builder().recursive(true).create(dir);
    created.map_err(|error| {
        cannot(
            format_args!("create the directory {}", dir.display()),
            &error,
        )
    })
}

/// A builder of directories with 0755 less the umask.
pub(crate) fn dir_builder() -> DirBuilder {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "there is no mode to set"))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o755);
    builder
}

/// Removes a file; one that is not there is as good as removed.
pub fn remove_if_there(path: &Path) -> Result<(), Error> {
    match fs_err::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Removes a file, a link, or a directory with all that is in it, also what somebody made read-only: go does so with its module cache.
/// Returns whether it was there. Links are not followed.
///
/// # Errors
/// Where something of it cannot be removed, or is [mounted](mounts::check) there: then nothing was.
pub(crate) fn remove_all(path: &Path) -> io::Result<bool> {
    mounts::check(path)?;
    let remove = || match fs_err::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs_err::remove_dir_all(path),
        Ok(_) => fs_err::remove_file(path),
        Err(error) => Err(error),
    };
    let removed = match remove() {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            make_writable(path)?;
            remove()
        }
        done => done,
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        removed => removed.map(|()| true),
    }
}

/// Does what writes to a directory, also where its owner made that read-only. Giving a directory another parent writes to itself, too.
pub(crate) fn writing_to<T>(dir: &Path, write: impl Fn() -> io::Result<T>) -> io::Result<T> {
    match write() {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            make_one_writable(dir).map_err(|_| error)?;
            write()
        }
        written => written,
    }
}

/// Lets the owner change a directory, not what is in it. Does nothing to anything else.
#[cfg(unix)]
fn make_one_writable(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = fs_err::symlink_metadata(dir)?;
    if metadata.is_dir() {
        let mut permissions = metadata.permissions();
        permissions.set_mode(permissions.mode() | 0o700);
        fs_err::set_permissions(dir, permissions)?;
    }
    Ok(())
}

/// Lets the owner change every directory of a tree. Links are not followed.
#[cfg(unix)]
fn make_writable(dir: &Path) -> io::Result<()> {
    let mut pending = vec![dir.to_owned()];
    while let Some(dir) = pending.pop() {
        if !fs_err::symlink_metadata(&dir)?.is_dir() {
            continue;
        }
        make_one_writable(&dir)?;
        for entry in fs_err::read_dir(&dir)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                pending.push(entry.path());
            }
        }
    }
    Ok(())
}

/// A directory's attribute keeps nobody on Windows from changing what is in it.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn make_one_writable(_dir: &Path) -> io::Result<()> {
    Ok(())
}

/// Windows has the attribute on files, and std's removal takes them all the same.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn make_writable(_dir: &Path) -> io::Result<()> {
    Ok(())
}

/// Opens a regular file, and nothing else: a FIFO would let us wait for ever. Links are followed.
///
/// # Errors
/// Where it cannot be opened or is something else; the path is named.
pub(crate) fn open_regular(
    path: &Path,
    options: &mut fs_err::OpenOptions,
) -> io::Result<fs_err::File> {
    #[cfg(unix)]
    fs_err::os::unix::fs::OpenOptionsExt::custom_flags(
        options,
        flags(rustix::fs::OFlags::NONBLOCK),
    );
    let no_file = || {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{} is no regular file", path.display()),
        )
    };
    let file = match options.open(path) {
        // Sockets, and devices without a driver.
        Err(_) if fs_err::metadata(path).is_ok_and(|it| !it.is_file()) => return Err(no_file()),
        file => file?,
    };
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(no_file())
    }
}

/// Flags as `custom_flags` takes them.
#[cfg(unix)]
pub(crate) fn flags(flags: rustix::fs::OFlags) -> i32 {
    flags.bits().cast_signed()
}

/// The text of a regular file of at most `cap` bytes.
///
/// # Errors
/// Where it cannot be read, is larger, or no UTF-8; the path is named.
pub(crate) fn read_text(path: &Path, cap: u64) -> io::Result<String> {
    let file = open_regular(path, fs_err::OpenOptions::new().read(true))?;
    let mut bytes = Vec::new();
    file.take(cap + 1).read_to_end(&mut bytes)?;
    let invalid = |reason: String| {
        let message = format!("{} {reason}", path.display());
        io::Error::new(io::ErrorKind::InvalidData, message)
    };
    if bytes.len() as u64 > cap {
        return Err(invalid(format!("is larger than {} MiB", cap >> 20)));
    }
    String::from_utf8(bytes).map_err(|_| invalid("is not UTF-8".to_owned()))
}

/// Whether an open file is still what its path names.
#[cfg(unix)]
pub(crate) fn is_at(file: &fs_err::File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs_err::metadata(path)) {
        (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

/// Elsewhere an open file keeps its name.
#[cfg(not(unix))]
pub(crate) fn is_at(_file: &fs_err::File, _path: &Path) -> bool {
    true
}

/// Makes a file durable, or the names in a directory.
pub(crate) fn sync(file: &std::fs::File) -> io::Result<()> {
    match file.sync_all() {
        // Here std asks for `F_FULLFSYNC`, which not every file system knows: what there is otherwise has to do.
        #[cfg(target_vendor = "apple")]
        Err(_) => flush(file),
        synced => synced,
    }
}

/// One of many calls that make a tree durable together. Where a drive need not write what it was handed (`fsync(2)` of Apple's systems), one [`sync`] in
/// the end makes it write everything: each takes milliseconds, and a Go has 15,000 files.
pub(crate) fn flush(file: &std::fs::File) -> io::Result<()> {
    #[cfg(target_vendor = "apple")]
    return Ok(rustix::fs::fsync(file)?);
    #[cfg(not(target_vendor = "apple"))]
    file.sync_all()
}

/// Makes the names in a directory durable.
#[cfg(unix)]
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    let what = format_args!("make {} durable", dir.display());
    sync(fs_err::File::open(dir)?.file()).map_err(|error| cannot(what, &error))
}

/// Windows has no such call; its file systems keep names in order themselves.
#[cfg(not(unix))]
pub(crate) fn sync_dir(_dir: &Path) -> io::Result<()> {
    Ok(())
}
