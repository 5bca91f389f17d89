//! What goshim makes in its directories, by name. Whatever else lies there is somebody else's, and is never deleted: `GOSHIM_HOME` may
//! name a directory that others use too, and a directory of the store may be a link to one.

use std::path::{Path, PathBuf};

use goshim_resolver::Layout;
use goshim_resolver::linked;

use crate::hex::{SHA256, is_hex};
use crate::{files, shims, store};

/// What lies in a directory of the store or the state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// What goshim made.
    pub own: Vec<PathBuf>,
    /// What it did not make, sorted; the directory itself where that is no directory, but a link to one.
    pub foreign: Vec<PathBuf>,
}

/// All directories that goshim makes, those inside others first; there or not.
pub(crate) fn directories(layout: &Layout) -> Vec<PathBuf> {
    let mut all = layout.contents();
    all.push(layout.trust());
    all.push(layout.state().to_owned());
    all
}

/// Looks at one of [`directories`]. What cannot be looked at has nothing of goshim's.
pub(crate) fn contents(layout: &Layout, dir: &Path) -> Contents {
    let mut found = Contents::default();
    match fs_err::symlink_metadata(dir) {
        Err(_) => return found,
        Ok(metadata) if !metadata.is_dir() => {
            found.foreign.push(dir.to_owned());
            return found;
        }
        Ok(_) => {}
    }
    let of_shims = if dir == layout.shims() {
        shims::own(layout)
    } else {
        Vec::new()
    };
    for entry in fs_err::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if path == layout.trust() && is_dir {
            continue;
        }
        let is_own = of_shims.contains(&path)
            || entry
                .file_name()
                .to_str()
                .is_some_and(|name| is_own(layout, dir, name, is_dir));
        if is_own {
            found.own.push(path);
        } else {
            found.foreign.push(path);
        }
    }
    found.own.sort_unstable();
    found.foreign.sort_unstable();
    found
}

/// Whether goshim makes such a name in `dir`: as a directory, where `is_dir` says so.
fn is_own(layout: &Layout, dir: &Path, name: &str, is_dir: bool) -> bool {
    let is_sdk = |name: &str| layout.named(name).is_some();
    if files::is_unfinished(name) {
        return true;
    }
    if dir == layout.state() {
        return !is_dir && matches!(name, "default" | "projects");
    }
    if dir == layout.trust() {
        return !is_dir && is_hex(name, SHA256);
    }
    let kind = dir.file_name().and_then(|name| name.to_str());
    match kind.unwrap_or_default() {
        // A link among the SDKs leads to somebody else's tree, and is itself in goshim's place.
        "sdks" => is_sdk(name),
        "staging" | "trash" => store::owner_of(layout, name).is_some(),
        "layouts" => is_dir && (is_sdk(name) || is_of_project(name)),
        "receipts" => !is_dir && name.strip_suffix(".toml").is_some_and(is_sdk),
        "manifests" | "locks" => !is_dir && is_sdk(name),
        "downloads" => {
            !is_dir
                && name
                    .strip_suffix(".part")
                    .is_some_and(|hash| is_hex(hash, SHA256))
        }
        "index" => !is_dir && is_hex(name, 16),
        "links" => !is_dir && linked::Name::parse(name).is_some(),
        _ => false,
    }
}

/// Whether a name is one of `environment::project_key`: the project's own and 16 digits of a digest, or these alone.
fn is_of_project(name: &str) -> bool {
    is_hex(name.rsplit_once('-').map_or(name, |(_, digest)| digest), 16)
}
