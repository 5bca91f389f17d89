//! The directory that PATH names: the shim as `go`, `gofmt` and one name for each installed SDK, and `goshim` itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use goshim_resolver::{Layout, Platform, Version, store as installed, system};

use crate::error::Error;
use crate::files::{UNFINISHED, create_dirs, remove_if_there, sync_dir, write_whole};

/// Puts the shims in place, over those of an older goshim. Returns the directory for PATH.
///
/// `shim` is the shim's program, `goshim` the command line's; the first is copied, the second linked to, so that the shim finds it.
///
/// # Errors
/// Where `shim` does not exist, or the directory cannot be written.
pub fn setup(layout: &Layout, shim: &Path, goshim: &Path) -> Result<PathBuf, Error> {
    if !shim.is_file() {
        return Err(Error::NoShim {
            file: shim.to_owned(),
        });
    }
    let dir = layout.shims();
    create_dirs(&dir)?;
    write_whole(&dir.join(system::MARKER), "")?;
    link(goshim, &dir.join(program("goshim")))?;
    let go = dir.join(program("go"));
    if !is_same(shim, &go) {
        let staged = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .tempdir_in(&dir)?;
        let copy = staged.path().join(program("go"));
        fs_err::copy(shim, &copy)?;
        fs_err::File::open(&copy)?.sync_all()?;
        // A rename, for the program may be running.
        fs_err::rename(&copy, &go)?;
    }
    link_to_shim(&dir, &program("gofmt"))?;
    sync_dir(&dir)?;
    sync(layout)?;
    Ok(dir)
}

/// Brings the names `go1.22.10` in step with the installed SDKs. Does nothing before [`setup`].
///
/// cmd/go's own switching, scripts and the habits of golang.org/dl find our SDKs by these names instead of downloading.
///
/// # Errors
/// Where the directory cannot be written.
pub fn sync(layout: &Layout) -> Result<(), Error> {
    let dir = layout.shims();
    if !dir.join(program("go")).exists() {
        return Ok(());
    }
    // The SDKs of other platforms have no names there.
    let layout = &layout.for_platform(Platform::host());
    let wanted: BTreeMap<String, Version> = installed::list(layout)?
        .into_iter()
        .map(|sdk| (program(&sdk.version.toolchain()), sdk.version))
        .collect();
    for entry in fs_err::read_dir(&dir)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let toolchain = name
            .strip_suffix(std::env::consts::EXE_SUFFIX)
            .unwrap_or(&name);
        let Some(version) =
            Version::from_toolchain(toolchain).filter(|version| version.toolchain() == toolchain)
        else {
            continue;
        };
        // Looked at once more, for another process may have published it since the list was made.
        if !wanted.contains_key(&name) && installed::find(layout, &version).is_none() {
            remove_if_there(&dir.join(&name))?;
        }
    }
    for (name, version) in wanted {
        link_to_shim(&dir, &name)?;
        // Another process may have taken the SDK away since the list was made: a name without one would keep cmd/go from looking further.
        if installed::find(layout, &version).is_none() {
            remove_if_there(&dir.join(&name))?;
        }
    }
    Ok(())
}

/// Takes the directory of the shims away; `false` where there is none that [`setup`] made.
///
/// # Errors
/// Where it cannot be deleted.
pub fn remove(layout: &Layout) -> Result<bool, Error> {
    let dir = layout.shims();
    if !dir.join(system::MARKER).exists() {
        return Ok(false);
    }
    fs_err::remove_dir_all(dir)?;
    // With nothing installed there is no store either.
    let _ = fs_err::remove_dir(layout.home());
    Ok(true)
}

fn program(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

fn is_same(a: &Path, b: &Path) -> bool {
    matches!((fs_err::read(a), fs_err::read(b)), (Ok(a), Ok(b)) if a == b)
}

/// One more name for the shim, which looks at the name that it was called by.
#[cfg(unix)]
fn link_to_shim(dir: &Path, name: &str) -> Result<(), Error> {
    link(Path::new("go"), &dir.join(name))
}

/// Windows: links need a privilege there, so the shim is copied.
#[cfg(not(unix))]
fn link_to_shim(dir: &Path, name: &str) -> Result<(), Error> {
    fs_err::copy(dir.join(program("go")), dir.join(name))?;
    Ok(())
}

/// Makes `name` a link to `target`, over whatever it was, in one step.
#[cfg(unix)]
fn link(target: &Path, name: &Path) -> Result<(), Error> {
    if fs_err::read_link(name).is_ok_and(|current| current == target) {
        return Ok(());
    }
    let dir = name.parent().unwrap_or(Path::new("."));
    let staged = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .tempdir_in(dir)?;
    let new = staged.path().join("link");
    fs_err::os::unix::fs::symlink(target, &new)?;
    fs_err::rename(new, name)?;
    Ok(())
}

#[cfg(not(unix))]
fn link(target: &Path, name: &Path) -> Result<(), Error> {
    fs_err::copy(target, name)?;
    Ok(())
}
