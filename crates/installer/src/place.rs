//! A path as a text on one line: itself, or where it is not UTF-8 or has a line break, its bytes. No absolute path begins as those do.

use std::path::{Path, PathBuf};

use crate::hex::{hex, unhex};

const BYTES: &str = "hex:";

/// The text of a path.
pub(crate) fn text(path: &Path) -> String {
    match path.to_str().filter(|text| !text.contains(['\n', '\r'])) {
        Some(text) => text.to_owned(),
        None => format!("{BYTES}{}", hex(path.as_os_str().as_encoded_bytes())),
    }
}

/// The path of a text, which need not be UTF-8 where somebody else wrote it; `None` where it can be none on this system.
pub(crate) fn path(text: &[u8]) -> Option<PathBuf> {
    let decoded = text
        .strip_prefix(BYTES.as_bytes())
        .and_then(unhex)
        .and_then(from_bytes);
    decoded.or_else(|| from_bytes(text.to_vec()))
}

/// The path of these bytes; `None` where they can be none on this system.
#[cfg(unix)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "elsewhere not all bytes are a path"
)]
pub(crate) fn from_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
    let path: std::ffi::OsString = std::os::unix::ffi::OsStringExt::from_vec(bytes);
    Some(path.into())
}

#[cfg(not(unix))]
pub(crate) fn from_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
    String::from_utf8(bytes).ok().map(PathBuf::from)
}
