//! What the store keeps for convenience alone: parts of downloads, copies of indexes, and what killed processes left.

use std::path::PathBuf;
use std::time::Duration;

use goshim_resolver::Layout;

use crate::{prune, store};

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

/// What is kept at the moment.
pub fn sizes(layout: &Layout) -> Sizes {
    Sizes {
        downloads: prune::size(&layout.downloads()),
        index: prune::size(&layout.index()),
        leftovers: prune::size(&layout.staging()) + prune::size(&layout.trash()),
    }
}

/// Removes all of it but what somebody is working with. Returns what could not be removed.
pub fn clean(layout: &Layout) -> Vec<PathBuf> {
    store::sweep_all(layout);
    let mut left = Vec::new();
    for dir in [layout.downloads(), layout.index()] {
        let entries = fs_err::read_dir(dir);
        for entry in entries.into_iter().flatten().flatten() {
            let age = entry
                .metadata()
                .and_then(|metadata| metadata.modified())
                .ok()
                .and_then(|time| time.elapsed().ok());
            let is_at_work = entry.path().extension() == Some("part".as_ref())
                && age.is_none_or(|age| age < AT_WORK);
            if !is_at_work && fs_err::remove_file(entry.path()).is_err() {
                left.push(entry.path());
            }
        }
    }
    left
}
