//! The last copy of an index: what answers where the index cannot be reached, and what spares fetching it again.
//!
//! `index/<hash of the address>`: a line with the server's `ETag`, or an empty one, and then the JSON as it came. Its date is the
//! file's: when the server last said that this is its index.

use std::path::PathBuf;
use std::time::SystemTime;

use goshim_resolver::Layout;
use reqwest::Url;
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::files;
use crate::hex::hex;
use crate::http;
use crate::index::Index;
use crate::source::shown;

/// The most bytes of the line before the JSON.
const ETAG_CAP: u64 = 64 << 10;

/// A copy that could be read.
pub(crate) struct Copy {
    /// What it says.
    pub(crate) index: Index,
    /// The same, as it came.
    pub(crate) json: String,
    /// The server's name for this state of the index.
    pub(crate) etag: Option<String>,
    /// When it was fetched, or found unchanged.
    pub(crate) date: SystemTime,
}

impl Copy {
    /// The copy of the index at `address`; `None` where there is none, or it is damaged: then it is made again.
    pub(crate) fn read(layout: &Layout, address: &Url) -> Option<Self> {
        let file = file(layout, address);
        let text = files::read_text(&file, http::INDEX_CAP + ETAG_CAP).ok()?;
        let (etag, json) = text.split_once('\n')?;
        Some(Self {
            index: Index::parse(json, &shown(address)).ok()?,
            json: json.to_owned(),
            etag: Some(etag.to_owned()).filter(|etag| !etag.is_empty()),
            date: fs_err::metadata(&file)
                .and_then(|metadata| metadata.modified())
                .ok()?,
        })
    }

    /// Keeps what was fetched.
    pub(crate) fn write(
        layout: &Layout,
        address: &Url,
        json: &str,
        etag: Option<&str>,
    ) -> Result<(), Error> {
        let etag = etag.unwrap_or_default();
        files::write_whole(&file(layout, address), &format!("{etag}\n{json}"))
    }

    /// Notes that the server still has it.
    pub(crate) fn renew(layout: &Layout, address: &Url) -> std::io::Result<()> {
        let file = fs_err::OpenOptions::new()
            .write(true)
            .open(file(layout, address))?;
        file.file().set_modified(SystemTime::now())
    }
}

fn file(layout: &Layout, address: &Url) -> PathBuf {
    let hash = hex(&Sha256::digest(address.as_str()));
    layout.index().join(hash.get(..16).unwrap_or(&hash))
}
