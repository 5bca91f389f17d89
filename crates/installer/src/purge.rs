//! Everything that goshim keeps, taken away.

use std::path::{Path, PathBuf};

use goshim_resolver::Layout;

use crate::error::Error;
use crate::files::{remove_all, remove_if_there};
use crate::{own, shims, store};

/// What [`purge`] would delete of store, state and configuration: directories that hold nothing else, and single files and directories in
/// the others. And what would stay, being somebody else's.
pub fn plan(layout: &Layout) -> own::Contents {
    let mut plan = own::Contents::default();
    for dir in own::directories(layout) {
        add(&mut plan, layout, dir);
    }
    if fs_err::symlink_metadata(layout.config()).is_ok() {
        plan.own.push(layout.config().to_owned());
    }
    let is_empty = |dir: &PathBuf| {
        let entries = fs_err::read_dir(dir);
        entries.is_ok_and(|mut entries| entries.next().is_none())
    };
    plan.own.extend(around(layout).into_iter().filter(is_empty));
    plan.own.dedup();
    plan
}

/// As [`plan`], where only the shims are to go.
pub fn plan_of_shims(layout: &Layout) -> own::Contents {
    let mut plan = own::Contents::default();
    if !shims::own(layout).is_empty() {
        add(&mut plan, layout, layout.shims());
    }
    plan
}

fn add(plan: &mut own::Contents, layout: &Layout, dir: PathBuf) {
    let contents = own::contents(layout, &dir);
    if fs_err::symlink_metadata(&dir).is_ok() && contents.foreign.is_empty() {
        plan.own.push(dir);
    } else {
        plan.own.extend(contents.own);
    }
    plan.foreign.extend(contents.foreign);
}

/// The directories that hold all of it. They may be the user's own, and go only where they are empty.
fn around(layout: &Layout) -> Vec<PathBuf> {
    let of_config = layout.config().parent().map(Path::to_owned);
    std::iter::once(layout.home().to_owned())
        .chain(of_config)
        .collect()
}

/// Deletes what goshim made of store, state and configuration. Directories that hold anything else stay, with what they hold.
///
/// # Errors
/// Where something cannot be deleted; what comes after it is still there then, and the next purge takes it.
pub fn purge(layout: &Layout) -> Result<(), Error> {
    for dir in own::directories(layout) {
        for path in own::contents(layout, &dir).own {
            remove(layout, &dir, &path)?;
        }
        let _ = fs_err::remove_dir(dir);
    }
    remove_if_there(layout.config())?;
    for dir in around(layout) {
        let _ = fs_err::remove_dir(dir);
    }
    Ok(())
}

/// Deletes one thing of goshim's. SDKs, and those on their way in, go out of sight first: nobody sees half of one, nor publishes it.
fn remove(layout: &Layout, dir: &Path, path: &Path) -> Result<(), Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if dir == layout.sdks()
        && let Some((layout, version)) = layout.named(&name)
    {
        return match store::retire(&layout, &version) {
            Ok(stays) => stays.map_or(Ok(()), Err),
            // Another process was faster.
            Err(Error::NotInstalled { .. }) => Ok(()),
            Err(error) => Err(error),
        };
    }
    if dir == layout.staging()
        && let Some((layout, version)) = store::owner_of(layout, &name)
        && store::discard(&layout, &version, path).is_ok()
    {
        return Ok(());
    }
    remove_all(path)?;
    Ok(())
}
