//! Small files, written whole or not at all.

use std::io;
use std::path::Path;

use crate::error::Error;

/// Writes a small file so that it is there whole or not at all, also after a power cut.
///
/// # Errors
/// Where the directory or the file cannot be written; the file is then as it was.
pub fn write_whole(path: &Path, contents: &str) -> Result<(), Error> {
    use std::io::Write as _;
    let dir = path.parent().unwrap_or(Path::new("."));
    fs_err::create_dir_all(dir)?;
    let named = |error: io::Error| Error::Io(io::Error::new(error.kind(), format!("cannot write {}: {error}", path.display())));
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = builder.prefix(".new-").tempfile_in(dir).map_err(named)?;
    file.write_all(contents.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(named)?;
    file.persist(path).map_err(|error| named(error.error))?;
    sync_dir(dir)?;
    Ok(())
}

/// Removes a file; one that is not there is as good as removed.
pub(crate) fn remove_if_there(path: &Path) -> Result<(), Error> {
    match fs_err::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Makes the names in a directory durable.
#[cfg(unix)]
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    fs_err::File::open(dir)?.sync_all()
}

/// Windows has no such call; its file systems keep names in order themselves.
#[cfg(not(unix))]
pub(crate) fn sync_dir(_dir: &Path) -> io::Result<()> {
    Ok(())
}
