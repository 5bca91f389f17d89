//! Where an SDK came from: a small TOML file beside it, for people and for later verification.

use std::path::Path;

use serde::{Deserialize, Serialize};

use goshim_resolver::{Layout, Version};

use crate::error::Error;
use crate::files;

/// The record of an installation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The toolchain, such as `go1.22.10`.
    pub toolchain: String,
    /// GOOS/GOARCH.
    pub platform: String,
    /// The address of the archive, without credentials.
    pub source: String,
    /// The address of the index whose hash the archive has, without credentials.
    pub index: String,
    /// The archive's sha256, hexadecimal.
    pub sha256: String,
    /// The h1 of the tree, as the checksum database has it for the toolchain module.
    pub h1: String,
    /// When it was published here: seconds since 1970, UTC.
    pub installed_at: u64,
    /// The goshim that did it.
    pub goshim: String,
}

impl Receipt {
    /// Writes it, whole, by way of `staging`.
    pub(crate) fn write(
        &self,
        staging: &Path,
        layout: &Layout,
        version: &Version,
    ) -> Result<(), Error> {
        let text = toml::to_string(self).map_err(std::io::Error::other)?;
        files::write_staged(staging, &layout.receipt(version), &text)
    }

    /// Reads the receipt of an SDK; `None` where there is none or it is unreadable, which never matters for running the SDK.
    pub fn read(layout: &Layout, version: &Version) -> Option<Self> {
        toml::from_str(&fs_err::read_to_string(layout.receipt(version)).ok()?).ok()
    }
}
