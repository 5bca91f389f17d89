//! Why an operation failed.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use goshim_resolver::escape::{self, Escaped};

use crate::date;
use crate::usage::Process;

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
    #[error("{what} is neither an http, https or file address nor an absolute path: `{}`", Escaped(.value))]
    Address {
        /// The variable or setting.
        what: &'static str,
        /// Its value, without credentials.
        value: String,
    },
    /// An address of the user's is several, with commas between them, where one is expected.
    #[error("{what} has one entry with several addresses in it: `{}`", Escaped(.value))]
    SeveralAddresses {
        /// The variable or setting.
        what: &'static str,
        /// Its value, without credentials.
        value: String,
    },
    /// A limit of the user's is none.
    #[error("{what} is `{}`, not {expected}", Escaped(.value))]
    Setting {
        /// The variable or setting.
        what: &'static str,
        /// Its value.
        value: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The user's file of certificates cannot be used.
    #[error("{what} names {}, which cannot be used: {reason}", escape::path(.file))]
    Certificates {
        /// The variable or setting.
        what: &'static str,
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// The user's sha256 is none.
    #[error("`{}` is no sha256: that has 64 hexadecimal digits", Escaped(.value))]
    NotASha256 {
        /// What was given.
        value: String,
    },
    /// The name of the user's file does not say which release it is.
    #[error("the name of {} does not say which release it is", escape::path(.file))]
    UnknownFile {
        /// The file.
        file: PathBuf,
    },
    /// The user asked to stop.
    #[error("stopped")]
    Cancelled,
    /// A server could not be reached, or broke off.
    #[error("cannot fetch {url}: {reason}")]
    Unreachable {
        /// What was asked for, without credentials.
        url: String,
        /// Why.
        reason: String,
    },
    /// A server said no.
    #[error("{url} answered with status {status} {reason}{}", asks_to_wait(*.retry_after))]
    Status {
        /// What was asked for, without credentials.
        url: String,
        /// The status of HTTP.
        status: u16,
        /// Its name.
        reason: &'static str,
        /// How long the server asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// A server answered, but not with what was asked for.
    #[error("{url} answered with {what}")]
    Answer {
        /// What was asked for, without credentials.
        url: String,
        /// What came instead.
        what: String,
    },
    /// A server answered with a web page.
    #[error("{url} answered with a web page instead of a file")]
    Page {
        /// What was asked for, without credentials.
        url: String,
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
    /// Nobody published a hash for it.
    #[error("{toolchain} has no published sha256, so nothing vouches for its bytes")]
    NoHash {
        /// The release.
        toolchain: String,
    },
    /// The user's sha256 is not the published one.
    #[error("the published sha256 of {toolchain} is {published}, not {given}")]
    AnotherHash {
        /// The release.
        toolchain: String,
        /// What the index vouches for.
        published: String,
        /// What the user gave.
        given: String,
    },
    /// What is installed came from another archive than the one that the user vouches for.
    #[error("{toolchain} is installed already, and its archive's sha256 is {sha256}, not {given}")]
    FromAnotherArchive {
        /// The release.
        toolchain: String,
        /// What the receipt says.
        sha256: String,
        /// What the user gave.
        given: String,
    },
    /// Index and compiled table name different hashes.
    #[error(
        "the index at {index} has the sha256 {published} for {filename}, and this goshim knows {known}: one of the two was tampered with"
    )]
    Disputed {
        /// The archive.
        filename: String,
        /// The index's address, without credentials.
        index: String,
        /// What the index vouches for.
        published: String,
        /// What the table in this program vouches for.
        known: String,
    },
    /// The archive is not what the index vouches for.
    #[error("{url} is not the published file: its sha256 is {actual}, published is {expected}")]
    Checksum {
        /// Where it came from, without credentials.
        url: String,
        /// The digest of what came.
        actual: String,
        /// The digest in the index.
        expected: String,
    },
    /// An archive in a directory, or the one that the user names, cannot be read.
    #[error("cannot read {}: {reason}", escape::path(.file))]
    Unreadable {
        /// It.
        file: PathBuf,
        /// Why.
        reason: String,
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
    /// Another process took the staging directory for a leftover.
    #[error("another process removed the unfinished installation of {toolchain}")]
    Swept {
        /// The SDK.
        toolchain: String,
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
    /// Somebody is running from it.
    #[error("{toolchain} is in use by {}", users(.processes))]
    InUse {
        /// The SDK.
        toolchain: String,
        /// Who.
        processes: Vec<Process>,
    },
    /// It is in a store that is only read.
    #[error("{toolchain} is in {}, which goshim only reads", escape::path(.store))]
    NotOurs {
        /// The SDK.
        toolchain: String,
        /// That store.
        store: PathBuf,
    },
    /// There is nothing to compare an SDK with.
    #[error("{toolchain} cannot be verified: {reason}")]
    NoRecords {
        /// The SDK.
        toolchain: String,
        /// What is wrong with its records.
        reason: String,
    },
    /// No index vouches for the archive of an SDK.
    #[error("{toolchain} was installed on your own word, with --sha256: only you can say it again")]
    OfTheUser {
        /// The SDK.
        toolchain: String,
        /// The command that installs it again.
        command: String,
    },
    /// An SDK's name is a link.
    #[error("{} is a symbolic link, and what it leads to is not goshim's", escape::path(.path))]
    SdkIsALink {
        /// The link.
        path: PathBuf,
        /// The release.
        release: String,
    },
    /// An SDK was taken away, or another one put in its place.
    #[error("{toolchain} was taken away while it was being repaired")]
    Vanished {
        /// The SDK.
        toolchain: String,
        /// The release.
        release: String,
    },
    /// Somebody changes an SDK as it is being repaired.
    #[error("{toolchain} was repaired, and is again not as it was installed")]
    NotMended {
        /// The SDK.
        toolchain: String,
    },
    /// The file system cannot let two directories change places.
    #[error("{toolchain} cannot be replaced in one step on this file system")]
    NoExchange {
        /// The SDK.
        toolchain: String,
    },
    /// The query names nothing that can be installed.
    #[error("{query} cannot be installed")]
    NotInstallable {
        /// What was asked for.
        query: String,
    },
    /// A program of somebody else's has a shim's name.
    #[error("{} is there, and not goshim's", escape::path(.path))]
    NotAShim {
        /// It.
        path: PathBuf,
    },
    /// The shims' file system is mounted `noexec`.
    #[error("no program can be run from {}: its file system is mounted noexec", escape::path(.dir))]
    NoExec {
        /// Their directory.
        dir: PathBuf,
    },
    /// The shim's program does not lie beside goshim's.
    #[error("the shim is missing: {} does not exist", escape::path(.file))]
    NoShim {
        /// Where it should be.
        file: PathBuf,
    },
}

/// An error of the system's that says what could not be done, of a call that does not say it. Its kind stays, for the hint.
pub(crate) fn cannot(what: impl fmt::Display, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot {what}: {error}"))
}

/// The reason of an [`Error::Index`] where a web page came.
pub(crate) const PAGE: &str = "it is a web page";

const CAPTIVE_PORTAL: &str = "this is often a login page of the network (a captive portal): open a browser; if it is not, check GOSHIM_INDEX_URL and GOSHIM_MIRROR";

fn asks_to_wait(retry_after: Option<Duration>) -> String {
    retry_after
        .filter(|pause| !pause.is_zero())
        .map_or_else(String::new, |pause| {
            format!(" and asks to wait {} s", pause.as_secs())
        })
}

/// At most five processes, for a message.
fn users(processes: &[Process]) -> String {
    let shown = processes.iter().take(5).map(|process| {
        format!(
            "process {} ({})",
            process.pid,
            escape::path(&process.program)
        )
    });
    let text = shown.collect::<Vec<_>>().join(", ");
    match processes.len().saturating_sub(5) {
        0 => text,
        more => format!("{text} and {more} more"),
    }
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
            Self::Io(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                "the directories of a store are on one file system: let GOSHIM_HOME itself be the link or mount".to_owned()
            }
            Self::Io(error) if error.kind() == io::ErrorKind::ResourceBusy => "unmount it, and try again".to_owned(),
            Self::Io(_) => return None,
            Self::Address { .. } => "write an address such as https://go.dev/dl/, or a directory such as /srv/go".to_owned(),
            Self::SeveralAddresses { .. } => "write each as an entry of its own: mirrors = [\"https://a.example/\", \"https://b.example/\"]; an index is one".to_owned(),
            Self::Setting { .. } => "docs/reference/environment.md lists what each variable takes, docs/reference/config.md what each key".to_owned(),
            Self::Certificates { .. } => "name a PEM file with certificates, or unset it".to_owned(),
            Self::NotASha256 { .. } => "pass the one that whoever published the archive gives for it".to_owned(),
            Self::UnknownFile { .. } => "name the release too: goshim install --from FILE 1.22.10".to_owned(),
            Self::Cancelled => "the same command goes on with what has arrived".to_owned(),
            Self::Unreachable { reason, .. } if reason.contains("certificate") => {
                let today = date::day(SystemTime::now());
                format!("if it is not {today}, the system's clock is wrong; SSL_CERT_FILE names the certificates of further authorities")
            }
            Self::Unreachable { .. } => "check the network and the proxy variables; GOSHIM_INDEX_URL and GOSHIM_MIRROR name other servers".to_owned(),
            Self::Unreadable { .. } => "name the archive with --from, or its directory with GOSHIM_MIRROR".to_owned(),
            Self::Swept { .. } => "nothing was installed: try again; it happens where the store's locks do not reach every machine that uses it, or somebody removes their files".to_owned(),
            Self::Status { status: 401 | 407, .. } => {
                "a name and password are needed: write them into ~/.netrc (for a proxy, into its address)".to_owned()
            }
            Self::Status { retry_after: Some(pause), .. } if !pause.is_zero() => "try again after that time, or use another mirror (GOSHIM_MIRROR)".to_owned(),
            Self::Status { .. } | Self::Answer { .. } => "check GOSHIM_INDEX_URL and GOSHIM_MIRROR".to_owned(),
            Self::Page { .. } => CAPTIVE_PORTAL.to_owned(),
            Self::Index { reason, .. } if reason == PAGE => CAPTIVE_PORTAL.to_owned(),
            Self::Index { .. } => "GOSHIM_INDEX_URL must serve the JSON that https://go.dev/dl/?mode=json serves".to_owned(),
            Self::Offline { .. } => "unset GOSHIM_OFFLINE, or install it where there is a network".to_owned(),
            Self::NoRelease { .. } => "goshim list --remote shows what is published".to_owned(),
            Self::NoArchive { .. } => "goshim list --remote shows what is published for this machine".to_owned(),
            Self::NoHash { .. } => "install a newer release, or vouch for the archive yourself with --sha256".to_owned(),
            Self::FromAnotherArchive { .. } => "leave --sha256 out to keep it, or add --reinstall to install the other one in its place".to_owned(),
            Self::AnotherHash { .. } => "leave --sha256 out, and the published one decides".to_owned(),
            Self::Disputed { .. } => "nothing was installed: report it to the Go project and to goshim's; an index that you name yourself (GOSHIM_INDEX_URL) replaces both".to_owned(),
            Self::Checksum { .. } | Self::Length { .. } => {
                "try again; if it happens again, the mirror is damaged or tampered with: use another one (GOSHIM_MIRROR)".to_owned()
            }
            Self::Archive { .. } => "nothing was installed; use another index and mirror (GOSHIM_INDEX_URL, GOSHIM_MIRROR)".to_owned(),
            Self::Busy { .. } => "look for a hanging goshim process and end it: its lock goes with it".to_owned(),
            Self::InTheWay { .. } => "look at it, remove it, and try again".to_owned(),
            Self::InUse { .. } => "end them first; --force takes it away all the same".to_owned(),
            Self::NotOurs { .. } => "whoever made that store changes it; stores in config.toml names it".to_owned(),
            Self::NoRecords { toolchain, .. } => format!("goshim repair {toolchain} fetches its archive and mends both"),
            Self::OfTheUser { command, .. } => format!("{command} does so"),
            Self::SdkIsALink { release, .. } => format!("remove the link, and install it: goshim install {release}; goshim link gives a tree of your own a name"),
            Self::Vanished { release, .. } => format!("goshim install {release} installs it again"),
            Self::NotMended { toolchain } => format!("something else writes to it: goshim verify {toolchain} names what differs"),
            Self::NoExchange { toolchain } => format!("goshim repair {toolchain} replaces only what differs; or uninstall it and install it again"),
            Self::NotInstalled { .. } => "goshim list shows what is installed".to_owned(),
            Self::NotInstallable { .. } => "name a release (1.22.10), a series (1.22), latest or oldstable".to_owned(),
            Self::NotAShim { .. } => "move it to another directory of PATH, and try again".to_owned(),
            Self::NoExec { .. } => "set GOSHIM_HOME to a directory on another file system".to_owned(),
            Self::NoShim { .. } => "goshim-shim belongs beside goshim: install both again".to_owned(),
        })
    }
}
