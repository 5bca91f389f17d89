//! What an operation tells while it works.

use goshim_resolver::{Platform, Version};

use crate::install::Timings;

/// A step of an operation, for progress bars and plain lines.
#[derive(Debug)]
pub enum Event<'a> {
    /// The index could not be fetched, or must not be: what was known before is used instead.
    OldIndex {
        /// The day on which the copy that is used was fetched, such as `2026-11-21`; `None` where there is no copy, and the table in
        /// this program is all there is.
        date: Option<String>,
        /// The newest release that it names, such as `go1.27.0`.
        newest: &'a str,
        /// Why the index itself was not used; `None` where the user wants it so.
        reason: Option<&'a str>,
    },
    /// There is no archive for the platform that was asked for, and one that runs there is used.
    Substitute {
        /// The release.
        version: &'a Version,
        /// The platform that was asked for.
        wanted: Platform,
        /// The one instead.
        instead: Platform,
    },
    /// Another process is changing the same SDK; this one waits for it.
    Waiting {
        /// The SDK.
        version: &'a Version,
    },
    /// The download begins or goes on.
    Downloading {
        /// The SDK's name in the store.
        name: &'a str,
        /// Where from, without credentials.
        url: &'a str,
        /// Bytes that an earlier run received.
        resumed: u64,
        /// Bytes in all, where anybody says so.
        total: Option<u64>,
    },
    /// So many bytes of the archive have arrived and been unpacked.
    Progress {
        /// Bytes so far.
        received: u64,
    },
    /// The connection failed; it is tried again.
    Retrying {
        /// Why.
        reason: &'a str,
    },
    /// A source failed for good; the next one is tried.
    NextSource {
        /// Why.
        reason: &'a str,
    },
    /// All bytes are verified; they are being made durable.
    Publishing,
    /// The SDK is there.
    Published {
        /// Its name in the store.
        name: &'a str,
        /// Where the time went.
        timings: Timings,
    },
    /// An SDK is gone, and something that belongs to it is not.
    Remains {
        /// Its name in the store.
        name: &'a str,
        /// What, and why.
        reason: &'a str,
    },
    /// The system does not say whether somebody is running from an SDK that is being taken away.
    UsersUnknown {
        /// Its name in the store.
        name: &'a str,
    },
}
