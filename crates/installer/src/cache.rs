//! What the store keeps for convenience alone: parts of downloads, copies of indexes, and what killed processes left.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use goshim_resolver::Layout;

use crate::error::Error;
use crate::lock::Lock;
use crate::{files, own, prune, store};

/// A file that changed within this time belongs to a download at work.
const AT_WORK: Duration = Duration::from_mins(1);

/// The kinds of what is kept, with their directories and their sizes in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Archives that did not arrive whole; a later installation goes on with them.
    pub downloads: u64,
    /// Copies of indexes, for the time without a network.
    pub index: u64,
    /// SDKs on their way in or out; those of killed processes go with the next installation.
    pub leftovers: u64,
}

impl Sizes {
    /// All together.
    pub fn total(self) -> u64 {
        self.downloads + self.index + self.leftovers
    }
}

/// What is kept at the moment. What others have put there does not count.
pub fn sizes(layout: &Layout) -> Sizes {
    let size = |dir: &Path| -> u64 {
        let own = own::contents(layout, dir).own;
        own.iter().map(|path| prune::size(path)).sum()
    };
    Sizes {
        downloads: size(&layout.downloads()),
        index: size(&layout.index()),
        leftovers: size(&layout.staging()) + size(&layout.trash()),
    }
}

/// Removes all of it but what somebody is working with. Returns what is there and not goshim's, which stays.
///
/// # Errors
/// Where something of goshim's cannot be removed; all else is.
pub fn clean(layout: &Layout) -> Result<Vec<PathBuf>, Error> {
    store::sweep_all(layout);
    let mut foreign = Vec::new();
    let mut failed: Option<io::Error> = None;
    for dir in [
        layout.downloads(),
        layout.index(),
        layout.staging(),
        layout.trash(),
    ] {
        let contents = own::contents(layout, &dir);
        foreign.extend(contents.foreign);
        for path in contents.own {
            if let Err(error) = remove(layout, &path) {
                failed.get_or_insert(error);
            }
        }
    }
    failed.map_or(Ok(foreign), |error| Err(error.into()))
}

/// Removes one thing of goshim's, unless somebody is working with it.
fn remove(layout: &Layout, path: &Path) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let owner = store::owner_of(layout, &name);
    // Whoever works on an SDK holds its lock. Where the file system has none, nobody can tell.
    let lock = match &owner {
        None => None,
        Some((layout, version)) => match Lock::try_acquire(layout, version) {
            Ok(Some(lock)) if lock.is_real() => Some(lock),
            _ => return Ok(()),
        },
    };
    if path.parent() == Some(&layout.staging()) && !store::is_abandoned(path) {
        return Ok(());
    }
    if lock.is_none() && path.extension() == Some("part".as_ref()) && changed_of_late(path) {
        return Ok(());
    }
    files::remove_all(path).map(drop)
}

/// Whether a file changed just now; one from the future did not.
fn changed_of_late(file: &Path) -> bool {
    let changed = fs_err::symlink_metadata(file).and_then(|metadata| metadata.modified());
    let now = SystemTime::now();
    changed.is_ok_and(|changed| {
        let distance = now
            .duration_since(changed)
            .unwrap_or_else(|ahead| ahead.duration());
        distance < AT_WORK
    })
}
