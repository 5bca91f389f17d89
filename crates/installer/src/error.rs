//! Why an operation failed.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use goshim_resolver::escape::{self, Escaped};

/// A failure: what is wrong, and where. [`Error::hint`] says what to do about it. Nothing that was installed before is lost.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file system refused; the message names the operation and the path.
    #[error("{}", escape::path(.0.to_string().as_ref()))]
    Io(#[from] io::Error),
    /// The store cannot be listed or the default not read.
    #[error(transparent)]
    Resolver(#[from] goshim_resolver::Error),
    /// An address of the user's is none.
    #[error("{what} is not an http or https address: `{}`", Escaped(.value))]
    Address {
        /// The variable or setting.
        what: &'static str,
        /// Its value, without credentials.
        value: String,
    },
    /// A server could not be reached, or broke off.
    #[error("cannot fetch {url}: {reason}")]
    Unreachable {
        /// What was asked for, without credentials.
        url: String,
        /// Why.
        reason: String,
    },
    /// A server answered, but not with what was asked for.
    #[error("{url} answered with {what}")]
    Answer {
        /// What was asked for, without credentials.
        url: String,
        /// The status, or what came instead.
        what: String,
    },
    /// The index is not the JSON that it should be.
    #[error("the index at {url} cannot be read: {reason}")]
    Index {
        /// Its address, without credentials.
        url: String,
        /// Why.
        reason: String,
    },
    /// The network is needed, and forbidden or away.
    #[error("{what} is needed, and GOSHIM_OFFLINE is set")]
    Offline {
        /// What would have been fetched.
        what: String,
    },
    /// The index has no such release.
    #[error("no published release matches {query}{}", floor(.at_least.as_deref()))]
    NoRelease {
        /// What was asked for.
        query: String,
        /// The least release that would do.
        at_least: Option<String>,
    },
    /// There is such a release, but not for this platform.
    #[error("{toolchain} was not published for {platform}")]
    NoArchive {
        /// The release.
        toolchain: String,
        /// Go's names of the system and architecture.
        platform: String,
    },
    /// The index has no hash for it.
    #[error("{toolchain} has no published sha256, so nothing vouches for its bytes")]
    NoHash {
        /// The release.
        toolchain: String,
    },
    /// The archive is not what the index vouches for.
    #[error(
        "{url} is not the file that the index names: its sha256 is {actual}, published is {expected}"
    )]
    Checksum {
        /// Where it came from, without credentials.
        url: String,
        /// The digest of what came.
        actual: String,
        /// The digest in the index.
        expected: String,
    },
    /// The archive ended early or was longer than the index says.
    #[error("{url} sent {actual} bytes instead of {expected}")]
    Length {
        /// Where it came from, without credentials.
        url: String,
        /// Bytes that came.
        actual: u64,
        /// Bytes in the index.
        expected: u64,
    },
    /// The archive is not a Go distribution.
    #[error("the archive from {url} is not a Go distribution: {reason}")]
    Archive {
        /// Where it came from, without credentials.
        url: String,
        /// Why; foreign text in it is escaped.
        reason: String,
    },
    /// Another process has held the lock for too long.
    #[error("another process has been changing {toolchain} for {} minutes ({})", .waited.as_secs() / 60, escape::path(.lock))]
    Busy {
        /// The SDK.
        toolchain: String,
        /// How long this one waited.
        waited: Duration,
        /// The locked file.
        lock: PathBuf,
    },
    /// Something that is no SDK has an SDK's name.
    #[error("{} is in the way: it is no directory", escape::path(.path))]
    InTheWay {
        /// It.
        path: PathBuf,
    },
    /// There is nothing to uninstall.
    #[error("{toolchain} is not installed")]
    NotInstalled {
        /// The SDK.
        toolchain: String,
    },
    /// The query names nothing that can be installed.
    #[error("{query} cannot be installed")]
    NotInstallable {
        /// What was asked for.
        query: String,
    },
    /// The shim's program does not lie beside goshim's.
    #[error("the shim is missing: {} does not exist", escape::path(.file))]
    NoShim {
        /// Where it should be.
        file: PathBuf,
    },
}

fn floor(at_least: Option<&str>) -> String {
    at_least.map_or_else(String::new, |floor| format!(" and is {floor} or newer"))
}

impl Error {
    /// What to do about it, as a sentence without a full stop; `None` where the message says it all.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Resolver(error) => return error.hint(),
            Self::Io(error) if error.kind() == io::ErrorKind::StorageFull => "free some space: a Go SDK takes about 300 MB".to_owned(),
            Self::Io(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) => {
                "set GOSHIM_HOME to a directory that you may write to".to_owned()
            }
            Self::Io(_) => return None,
            Self::Address { .. } => "write an address such as https://go.dev/dl/".to_owned(),
            Self::Unreachable { .. } => "check the network and the proxy variables; GOSHIM_INDEX_URL and GOSHIM_MIRROR name other servers".to_owned(),
            Self::Answer { .. } => "check GOSHIM_INDEX_URL and GOSHIM_MIRROR; a web page instead of a file is often a login page of the network".to_owned(),
            Self::Index { .. } => "GOSHIM_INDEX_URL must serve the JSON that https://go.dev/dl/?mode=json serves".to_owned(),
            Self::Offline { .. } => "unset GOSHIM_OFFLINE, or install it where there is a network".to_owned(),
            Self::NoRelease { .. } => "goshim list --remote shows what is published".to_owned(),
            Self::NoArchive { .. } => "goshim list --remote shows what is published for this machine".to_owned(),
            Self::NoHash { .. } => "install a newer patch of the same minor".to_owned(),
            Self::Checksum { .. } | Self::Length { .. } => {
                "try again; if it happens again, the mirror is damaged or tampered with: use another one (GOSHIM_MIRROR)".to_owned()
            }
            Self::Archive { .. } => "nothing was installed; use another index and mirror (GOSHIM_INDEX_URL, GOSHIM_MIRROR)".to_owned(),
            Self::Busy { .. } => "look for a hanging goshim process and end it: its lock goes with it".to_owned(),
            Self::InTheWay { .. } => "look at it, remove it, and try again".to_owned(),
            Self::NotInstalled { .. } => "goshim list shows what is installed".to_owned(),
            Self::NotInstallable { .. } => "name a release (1.22.10), a series (1.22), latest or oldstable".to_owned(),
            Self::NoShim { .. } => "goshim-shim belongs beside goshim: install both again".to_owned(),
        })
    }
}
