//! The SDKs that are installed. A directory below `sdks/` is complete and verified by being there (the installer's invariant).

use std::path::PathBuf;

use crate::error::Error;
use crate::layout::Layout;
use crate::version::Version;

/// An installed SDK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sdk {
    /// Its version.
    pub version: Version,
    /// Its root, the GOROOT.
    pub root: PathBuf,
}

/// The store that an SDK is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// The user's own.
    Own,
    /// A further one, which is never written.
    Further(Layout),
}

impl Sdk {
    /// The path of one of its programs: `go` or `gofmt`.
    pub fn program(&self, name: &str) -> PathBuf {
        self.root
            .join("bin")
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }
}

/// The SDK of exactly this version, in the user's own store or else in a further one; one look for each, whatever else is installed.
pub fn find(layout: &Layout, version: &Version) -> Option<Sdk> {
    find_own(layout, version)
        .or_else(|| layout.further().find_map(|store| find_own(&store, version)))
}

/// The SDK of exactly this version in the user's own store.
pub fn find_own(layout: &Layout, version: &Version) -> Option<Sdk> {
    let root = layout.sdk(version);
    root.is_dir().then(|| Sdk {
        version: version.clone(),
        root,
    })
}

/// The store that an SDK which was found here is in.
pub fn holder(layout: &Layout, sdk: &Sdk) -> Holder {
    let is_in = |store: &Layout| sdk.root.parent() == Some(&store.sdks());
    if is_in(layout) {
        return Holder::Own;
    }
    layout
        .further()
        .find(is_in)
        .map_or(Holder::Own, Holder::Further)
}

/// All installed SDKs for the platform of `layout`, newest first: the user's own, and those that only a further store has. Empty where
/// there is no store yet. A further one that cannot be listed counts as empty, see [`unlisted`].
///
/// # Errors
/// Where the user's own is there and cannot be listed.
pub fn list(layout: &Layout) -> Result<Vec<Sdk>, Error> {
    let mut sdks = list_own(layout)?;
    for store in layout.further() {
        for sdk in list_own(&store).unwrap_or_default() {
            if !sdks.iter().any(|known| known.version == sdk.version) {
                sdks.push(sdk);
            }
        }
    }
    sdks.sort_by(|a, b| b.version.cmp(&a.version));
    Ok(sdks)
}

/// The further stores that are there and cannot be listed, each with the reason. Somebody else keeps them, so they are no reason to fail.
pub fn unlisted(layout: &Layout) -> Vec<Error> {
    layout
        .further()
        .filter_map(|store| list_own(&store).err())
        .collect()
}

/// The SDKs of the user's own store, newest first; empty where there is none yet.
///
/// # Errors
/// Where the store is there and cannot be listed.
#[expect(
    clippy::disallowed_methods,
    reason = "`Error::Unreadable` names the path"
)]
pub fn list_own(layout: &Layout) -> Result<Vec<Sdk>, Error> {
    let dir = layout.sdks();
    let unreadable = |source| Error::Unreadable {
        file: dir.clone(),
        source,
    };
    let entries = match std::fs::read_dir(&dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let mut sdks = Vec::new();
    for entry in entries {
        let entry = entry.map_err(unreadable)?;
        // `go1.22.10.linux-386`, an SDK for another platform, never runs here.
        let version = entry
            .file_name()
            .to_str()
            .and_then(|name| layout.version_named(name));
        if let Some(version) = version
            && is_directory(&entry)
        {
            sdks.push(Sdk {
                version,
                root: entry.path(),
            });
        }
    }
    sdks.sort_by(|a, b| b.version.cmp(&a.version));
    Ok(sdks)
}

/// Whether an entry is a directory or leads to one; only links cost a look at the disk.
fn is_directory(entry: &std::fs::DirEntry) -> bool {
    entry
        .file_type()
        .is_ok_and(|kind| kind.is_dir() || kind.is_symlink() && entry.path().is_dir())
}
