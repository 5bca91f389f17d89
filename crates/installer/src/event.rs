//! What an operation tells while it works.

use std::time::Duration;

use goshim_resolver::Version;

/// A step of an operation, for progress bars and plain lines.
#[derive(Debug)]
pub enum Event<'a> {
    /// The index could not be fetched, or must not be: a copy of this age is used instead.
    OldIndex {
        /// Time since the copy was fetched.
        age: Duration,
        /// Why the index itself was not used.
        reason: &'a str,
    },
    /// Another process is changing the same SDK; this one waits for it.
    Waiting {
        /// The SDK.
        version: &'a Version,
    },
    /// The download begins or goes on.
    Downloading {
        /// The release.
        version: &'a Version,
        /// Where from, without credentials.
        url: &'a str,
        /// Bytes that an earlier run received.
        resumed: u64,
        /// Bytes in all, where the index says so.
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
    /// All bytes are verified; they are being made durable.
    Publishing,
}
