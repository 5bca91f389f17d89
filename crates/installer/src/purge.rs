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
            if dir == layout.sdks() {
                remove_sdk(layout, &path)?;
            } else {
                remove_all(&path)?;
            }
        }
        let _ = fs_err::remove_dir(dir);
    }
    remove_if_there(layout.config())?;
    for dir in around(layout) {
        let _ = fs_err::remove_dir(dir);
    }
    Ok(())
}

/// Deletes an SDK. It goes to the trash by one rename first, if that can be done: nobody sees half an SDK.
fn remove_sdk(layout: &Layout, root: &Path) -> Result<(), Error> {
    let name = root.file_name().unwrap_or_default().to_string_lossy();
    let is_dir = fs_err::symlink_metadata(root).is_ok_and(|metadata| metadata.is_dir());
    let trash = match layout.named(&name) {
        Some((layout, version)) if is_dir => store::trash(&layout, &version).ok(),
        _ => None,
    };
    let hidden = trash.as_ref().map(|trash| trash.path().join("go"));
    match hidden.filter(|hidden| fs_err::rename(root, hidden).is_ok()) {
        Some(hidden) => remove_all(&hidden)?,
        None => remove_all(root)?,
    };
    Ok(())
}
