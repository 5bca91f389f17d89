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

impl Sdk {
    /// The path of one of its programs: `go` or `gofmt`.
    pub fn program(&self, name: &str) -> PathBuf {
        self.root
            .join("bin")
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }
}

/// The SDK of exactly this version; one look, whatever else is installed.
pub fn find(layout: &Layout, version: &Version) -> Option<Sdk> {
    let root = layout.sdk(version);
    root.is_dir().then(|| Sdk {
        version: version.clone(),
        root,
    })
}

/// All installed SDKs for the platform of `layout`, newest first; empty where there is no store yet.
///
/// # Errors
/// Where the store is there and cannot be listed.
#[expect(
    clippy::disallowed_methods,
    reason = "`Error::Unreadable` names the path"
)]
pub fn list(layout: &Layout) -> Result<Vec<Sdk>, Error> {
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
