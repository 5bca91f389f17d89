//! The links to SDKs of the user's own: a small file each, which the resolver reads. What they lead to is never touched.

use std::io;
use std::path::Path;

use goshim_resolver::Layout;
use goshim_resolver::linked::Name;

use crate::error::Error;
use crate::files;

/// Links a tree under a name; a link that was there before is replaced.
///
/// # Errors
/// Where the store cannot be written, or on Windows the path is no Unicode.
pub fn set(layout: &Layout, name: &Name, root: &Path) -> Result<(), Error> {
    files::write_bytes(&layout.link(name), &line(root)?)
}

/// Takes a link away. Returns whether there was one.
///
/// # Errors
/// Where the store cannot be written.
pub fn remove(layout: &Layout, name: &Name) -> Result<bool, Error> {
    match fs_err::remove_file(layout.link(name)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        removed => Ok(removed.map(|()| true)?),
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn line(root: &Path) -> Result<Vec<u8>, Error> {
    use std::os::unix::ffi::OsStrExt as _;
    Ok([root.as_os_str().as_bytes(), b"\n"].concat())
}

#[cfg(not(unix))]
fn line(root: &Path) -> Result<Vec<u8>, Error> {
    let text = root.to_str().ok_or_else(|| {
        let message = format!("{} is not Unicode", root.display());
        io::Error::new(io::ErrorKind::InvalidInput, message)
    })?;
    Ok(format!("{text}\n").into_bytes())
}
