//! Where an SDK came from: a small TOML file beside it, for people and for later verification.

use std::path::Path;

use serde::{Deserialize, Serialize};

use goshim_resolver::{Layout, Platform, Version, regular_file};

use crate::error::Error;
use crate::files::{self, Staged};

/// A receipt is smaller.
const LARGEST: u64 = 1 << 20;

/// The [`Receipt::index`] where the user vouched.
const USER: &str = "the user, with --sha256";

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
    /// The sha256 of the manifest, hexadecimal; `None` in the receipt of an older goshim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest_sha256: Option<String>,
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
        let bytes = regular_file(&layout.receipt(version), LARGEST)?;
        toml::from_str(std::str::from_utf8(&bytes).ok()?).ok()
    }

    /// The command that installs the same archive again, for which the user vouched.
    pub fn command(&self, version: &Version) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,".contains(c);
        let source = &self.source;
        let from = match source.contains("://") {
            true => String::new(),
            false if source.chars().all(is_plain) => format!("--from {source} "),
            false => format!("--from '{}' ", source.replace('\'', r"'\''")),
        };
        let platform = self
            .platform
            .split_once('/')
            .and_then(|(os, arch)| Platform::parse(os, arch))
            .filter(|platform| *platform != Platform::host())
            .map_or_else(String::new, |platform| {
                format!("--os {} --arch {} ", platform.os, platform.arch)
            });
        let sha256 = &self.sha256;
        format!("goshim install {from}--sha256 {sha256} {platform}--reinstall {version}")
    }

    /// Whether the user vouched for the archive: then no index needs to know it.
    pub fn is_of_the_user(&self) -> bool {
        self.index == USER
    }
}
