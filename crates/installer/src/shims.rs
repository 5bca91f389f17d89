//! The directory that PATH names: the shim as `go`, `gofmt` and one name for each installed SDK, and `goshim` itself.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use goshim_resolver::{
    Layout, Platform, Version, escape, regular_file, store as installed, system,
};
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::files::{
    self, UNFINISHED, create_dirs, is_unfinished, remove_all, remove_if_there, sync_dir,
    write_whole,
};
use crate::hex::hex;

/// A shim is smaller.
const LARGEST: u64 = 256 << 20;

/// Puts the shims in place, over those of an older goshim. Returns the directory for PATH.
///
/// `shim` is the shim's program, `goshim` the command line's; the first is copied, the second linked to, so that the shim finds it.
///
/// # Errors
/// Where `shim` does not exist, the directory cannot be written, no program can be run from it, or it has one of somebody else's by one of these names.
pub fn setup(layout: &Layout, shim: &Path, goshim: &Path) -> Result<PathBuf, Error> {
    if !shim.is_file() {
        return Err(Error::NoShim {
            file: shim.to_owned(),
        });
    }
    let dir = layout.shims();
    let _lock = lock(&dir)?;
    if !runs_programs(&dir) {
        return Err(Error::NoExec { dir });
    }
    let go = dir.join(program("go"));
    let is_current = is_same(shim, &go);
    for name in ["go", "gofmt", "goshim"] {
        let path = dir.join(program(name));
        let is_ours = name == "go" && is_current || is_ours(&dir, &path);
        if !is_ours && fs_err::symlink_metadata(&path).is_ok() {
            return Err(Error::NotAShim { path });
        }
    }
    // Before the copy is there: whoever is killed in between leaves one that is known, old or new.
    let mut known = vec![digest(&go), digest(shim)];
    if cfg!(windows) {
        // The others are copies there, each as old as it may be.
        known.extend(own(layout).iter().map(|program| digest(program)));
        known.push(digest(goshim));
    }
    let known: BTreeSet<String> = known.into_iter().flatten().collect();
    let known: Vec<String> = known.into_iter().collect();
    write_whole(&dir.join(system::MARKER), &(known.join("\n") + "\n"))?;
    link(goshim, &dir.join(program("goshim")))?;
    if !is_current {
        put_copy(shim, &go)?;
    }
    link_to_shim(&dir, &program("gofmt"))?;
    sync_dir(&dir)?;
    sync(layout)?;
    Ok(dir)
}

/// Brings the names `go1.22.10` in step with the installed SDKs. Does nothing before [`setup`], and to nobody else's programs.
///
/// cmd/go's own switching, scripts and the habits of golang.org/dl find our SDKs by these names instead of downloading.
///
/// # Errors
/// Where the directory cannot be written.
pub fn sync(layout: &Layout) -> Result<(), Error> {
    let dir = layout.shims();
    // A link to a `go` of somebody else's would run that.
    if !is_ours(&dir, &dir.join(program("go"))) {
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
        let Some(version) = version_of(&name) else {
            continue;
        };
        let path = dir.join(&name);
        // Looked at once more, for another process may have published it since the list was made.
        if !wanted.contains_key(&name)
            && installed::find(layout, &version).is_none()
            && is_ours(&dir, &path)
        {
            remove_if_there(&path)?;
        }
    }
    for (name, version) in wanted {
        let path = dir.join(&name);
        if !is_ours(&dir, &path) && fs_err::symlink_metadata(&path).is_ok() {
            tracing::debug!(file = %escape::path(&path), "left alone: it is not goshim's");
            continue;
        }
        link_to_shim(&dir, &name)?;
        // Another process may have taken the SDK away since the list was made: a name without one would keep cmd/go from looking further.
        if installed::find(layout, &version).is_none() {
            remove_if_there(&dir.join(&name))?;
        }
    }
    Ok(())
}

/// What [`setup`] and [`sync`] made in the directory of the shims; nothing where no [`setup`] was.
pub fn own(layout: &Layout) -> Vec<PathBuf> {
    let dir = layout.shims();
    let is_dir = fs_err::symlink_metadata(&dir).is_ok_and(|metadata| metadata.is_dir());
    let marker = dir.join(system::MARKER);
    if !is_dir || !marker.exists() {
        return Vec::new();
    }
    let mut own = Vec::new();
    for entry in fs_err::read_dir(&dir).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_named =
            ["go", "gofmt", "goshim"].map(program).contains(&name) || version_of(&name).is_some();
        let path = entry.path();
        if is_unfinished(&name) || is_named && is_ours(&dir, &path) {
            own.push(path);
        }
    }
    // Last, for by it the others are known.
    own.push(marker);
    own
}

/// Takes the shims away, and their directory where nothing else is in it.
///
/// # Errors
/// Where something cannot be deleted.
pub fn remove(layout: &Layout) -> Result<(), Error> {
    if own(layout).is_empty() {
        return Ok(());
    }
    let _lock = lock(&layout.shims())?;
    for path in own(layout) {
        match remove_all(&path) {
            // Perhaps it is the program that runs here: Windows lets it move, and cleans its temporary directory itself.
            Err(error) if cfg!(windows) && error.kind() == io::ErrorKind::PermissionDenied => {
                move_away(&path, &std::env::temp_dir()).map_err(|_| error)?;
            }
            removed => {
                removed?;
            }
        }
    }
    let _ = fs_err::remove_dir(layout.shims());
    // With nothing installed there is no store either.
    let _ = fs_err::remove_dir(layout.home());
    Ok(())
}

/// So often the directory is made anew that was taken away before it was locked.
const TRIES: usize = 100;

/// Makes the directory, and keeps another [`setup`] or [`remove`] out of it until dropped. `None` where directories cannot be locked, which is no reason to
/// do nothing: on Windows nobody can so much as open one.
fn lock(dir: &Path) -> Result<Option<fs_err::File>, Error> {
    if !cfg!(unix) {
        create_dirs(dir)?;
        return Ok(None);
    }
    for _ in 0..TRIES {
        match create_dirs(dir) {
            // The one around it was just taken away.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            made => made?,
        }
        let Ok(file) = fs_err::File::open(dir) else {
            continue;
        };
        if file.file().lock().is_err() {
            return Ok(None);
        }
        // Who had the lock before may have taken the directory away.
        if files::is_at(&file, dir) {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

/// Whether the file system lets programs run. Where it does not, every permission is as it should be, and only the system's last word is a refusal.
#[cfg(target_os = "linux")]
fn runs_programs(dir: &Path) -> bool {
    use rustix::fs::{StatVfsMountFlags, statvfs};
    statvfs(dir).map_or(true, |system| {
        !system.f_flag.contains(StatVfsMountFlags::NOEXEC)
    })
}

#[cfg(not(target_os = "linux"))]
fn runs_programs(_dir: &Path) -> bool {
    true
}

/// Puts a copy of a program in its place, over whatever is there, which may be running.
fn put_copy(from: &Path, to: &Path) -> io::Result<()> {
    let dir = to.parent().unwrap_or(Path::new("."));
    let staged = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .tempdir_in(dir)?;
    let copy = staged.path().join("copy");
    copy_program(from, &copy)?;
    match fs_err::rename(&copy, to) {
        Err(error) if cfg!(windows) && error.kind() == io::ErrorKind::PermissionDenied => {
            replace_running(&copy, to)
        }
        renamed => renamed,
    }
}

/// Windows replaces no program that is running, but gives it another name: one that a later run sweeps.
fn replace_running(new: &Path, program: &Path) -> io::Result<()> {
    let old = move_away(program, program.parent().unwrap_or(Path::new(".")))?;
    let renamed = fs_err::rename(new, program);
    if renamed.is_err() {
        let _ = fs_err::rename(&old, program);
    }
    renamed
}

/// Gives a program a name in `dir` that nobody else has. Returns it.
fn move_away(program: &Path, dir: &Path) -> io::Result<PathBuf> {
    let new = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .make_in(dir, |new| fs_err::rename(program, new))?;
    // A program that runs cannot be deleted on Windows, where this is for.
    new.into_temp_path().keep().map_err(|error| error.error)
}

/// Makes a new program of a file. Whatever the file lets others do, or itself, what PATH names is an ordinary program.
fn copy_program(from: &Path, to: &Path) -> io::Result<()> {
    let mut options = fs_err::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    fs_err::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o755);
    let mut new = options.open(to)?;
    io::copy(&mut fs_err::File::open(from)?, &mut new)?;
    files::sync(new.file())
}

/// The release that a name in the directory stands for.
fn version_of(name: &str) -> Option<Version> {
    let toolchain = name
        .strip_suffix(std::env::consts::EXE_SUFFIX)
        .unwrap_or(name);
    Version::from_toolchain(toolchain).filter(|version| version.toolchain() == toolchain)
}

/// Whether goshim made this: a link to the shim or to goshim, or a copy that the marker knows. A marker that names none is an older
/// goshim's, and by it the `go` beside it is its own.
fn is_ours(dir: &Path, path: &Path) -> bool {
    let is = |name: &str| path.file_name() == Some(program(name).as_ref());
    if !is("go")
        && let Ok(target) = fs_err::read_link(path)
    {
        return if is("goshim") {
            target.is_absolute() && target.file_name() == path.file_name()
        } else {
            target == Path::new(&program("go"))
        };
    }
    let Some(marker) = regular_file(&dir.join(system::MARKER), 4096) else {
        return false;
    };
    let known = String::from_utf8_lossy(&marker);
    (is("go") || cfg!(windows))
        && digest(path).is_some_and(|digest| {
            known.trim().is_empty() || known.lines().any(|line| line == digest)
        })
}

/// The digest of a program, as the marker has it.
fn digest(file: &Path) -> Option<String> {
    let bytes = regular_file(file, LARGEST)?;
    Some(hex(&Sha256::digest(bytes)))
}

/// The name of a program's file on this system: `go`, or `go.exe`.
pub fn program(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

fn is_same(a: &Path, b: &Path) -> bool {
    matches!((digest(a), digest(b)), (Some(a), Some(b)) if a == b)
}

/// One more name for the shim, which looks at the name that it was called by.
#[cfg(unix)]
fn link_to_shim(dir: &Path, name: &str) -> Result<(), Error> {
    link(Path::new("go"), &dir.join(name))
}

/// Windows: links need a privilege there, so the shim is copied.
#[cfg(not(unix))]
fn link_to_shim(dir: &Path, name: &str) -> Result<(), Error> {
    link(&dir.join(program("go")), &dir.join(name))
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

/// A copy, for the same reason.
#[cfg(not(unix))]
fn link(target: &Path, name: &Path) -> Result<(), Error> {
    if !is_same(target, name) {
        put_copy(target, name)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_cannot_be_replaced_makes_way() {
        let dir = tempfile::tempdir().unwrap();
        let (new, program) = (dir.path().join("new"), dir.path().join("go"));
        fs_err::write(&new, "new").unwrap();
        fs_err::write(&program, "old").unwrap();
        replace_running(&new, &program).unwrap();
        assert_eq!(fs_err::read(&program).unwrap(), b"new");
        let names = fs_err::read_dir(dir.path()).unwrap();
        let mut names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let old = names.find(|name| name != "go").unwrap();
        assert!(
            is_unfinished(&old),
            "{old}: a later run takes it for what was left"
        );
        assert_eq!(fs_err::read(dir.path().join(&old)).unwrap(), b"old");
        assert!(
            replace_running(&new, &program).is_err(),
            "there is no new one"
        );
        assert_eq!(fs_err::read(&program).unwrap(), b"new", "it is back");
    }

    #[test]
    fn a_copy_is_whole_and_leaves_nothing_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("shim"), dir.path().join("go"));
        fs_err::write(&from, "shim").unwrap();
        for _ in 0..2 {
            put_copy(&from, &to).unwrap();
            assert!(is_same(&from, &to));
        }
        assert_eq!(fs_err::read_dir(dir.path()).unwrap().count(), 2);
    }
}
