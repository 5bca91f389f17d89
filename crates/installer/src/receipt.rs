//! Where an SDK came from: a small TOML file beside it, for people and for later verification.

use std::path::Path;

use serde::{Deserialize, Serialize};

use goshim_resolver::{Layout, Version};

use crate::error::Error;
use crate::files::{self, Staged};

/// The record of an installation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The toolchain, such as `go1.22.10`.
    pub toolchain: String,
    /// GOOS/GOARCH.
    pub platform: String,
    /// The address of the archive, without credentials.
    pub source: String,
    /// Who vouched for the archive: the address of the index, without credentials; this goshim, where no index could be reached; or the
    /// user, with `--sha256`.
    pub index: String,
    /// The archive's sha256, hexadecimal.
    pub sha256: String,
    /// The h1 of the tree, as the checksum database has it for the toolchain module.
    pub h1: String,
    /// When it was published here: seconds since 1970, UTC.
    pub installed_at: u64,
    /// The goshim that did it.
    pub goshim: String,
    /// Where the time went, in milliseconds, up to the writing of this record.
    #[serde(default)]
    pub timings_ms: Stages,
}

/// The durations of an installation's stages, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stages {
    /// Fetching and reading the index.
    pub index: u64,
    /// Waiting for another process that was changing the same SDK.
    pub wait: u64,
    /// Receiving, hashing, inflating and writing, which overlap.
    pub unpack: u64,
}

impl Receipt {
    /// Writes it into `staging`, whence it goes to its place.
    pub(crate) fn stage(
        &self,
        staging: &Path,
        layout: &Layout,
        version: &Version,
    ) -> Result<Staged, Error> {
        let text = toml::to_string(self).map_err(std::io::Error::other)?;
        files::write_staged(staging, &layout.receipt(version), &text)
    }

    /// Reads the receipt of an SDK; `None` where there is none or it is unreadable, which never matters for running the SDK.
    pub fn read(layout: &Layout, version: &Version) -> Option<Self> {
        toml::from_str(&fs_err::read_to_string(layout.receipt(version)).ok()?).ok()
    }
}
