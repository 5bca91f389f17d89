//! Records of trust in the state directory: a file each, whose name is all that the resolver looks at. What is in it is for people.

use std::path::{Path, PathBuf};

use goshim_resolver::Layout;
use goshim_resolver::trust::Request;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::files;

/// A record.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Record {
    /// The id: the file's name, not in it.
    #[serde(skip)]
    pub id: String,
    /// The project's file.
    #[serde(with = "place")]
    pub file: PathBuf,
    /// What was trusted, a line each.
    pub settings: Vec<String>,
}

/// Records that the user trusts what `request` asks for.
///
/// # Errors
/// Where the state directory cannot be written.
pub fn grant(layout: &Layout, request: &Request) -> Result<(), Error> {
    let dir = layout.trust();
    create_private(&dir)?;
    let record = Record {
        id: request.id(),
        file: request.file.clone(),
        settings: request.settings.clone(),
    };
    let text = toml::to_string(&record).map_err(std::io::Error::other)?;
    files::write_whole(&dir.join(&record.id), &text)
}

/// Removes a record; one that is not there is as good as removed.
///
/// # Errors
/// Where the state directory cannot be written.
pub fn revoke(layout: &Layout, id: &str) -> Result<(), Error> {
    files::remove_if_there(&layout.trust().join(id))
}

/// All records, by their files.
///
/// # Errors
/// Where the directory cannot be read. What is no record in it is passed over.
pub fn list(layout: &Layout) -> Result<Vec<Record>, Error> {
    let dir = layout.trust();
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let mut records = Vec::new();
    for entry in fs_err::read_dir(&dir)? {
        let entry = entry?;
        let id = entry.file_name().to_string_lossy().into_owned();
        let is_id = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let text = fs_err::read_to_string(entry.path()).ok();
        let record = text.and_then(|text| toml::from_str::<Record>(&text).ok());
        if let Some(record) = record.filter(|_| is_id) {
            records.push(Record { id, ..record });
        }
    }
    records.sort_by(|a, b| (&a.file, &a.id).cmp(&(&b.file, &b.id)));
    Ok(records)
}

/// A path as a text: itself, or where it is not UTF-8 its bytes. No absolute path begins as those do.
mod place {
    use std::path::{Path, PathBuf};

    use goshim_resolver::trust::hex;
    use serde::{Deserialize as _, Deserializer, Serializer};

    const BYTES: &str = "hex:";

    pub(super) fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
        if let Some(text) = path.to_str() {
            return to.serialize_str(text);
        }
        let digits = hex(path.as_os_str().as_encoded_bytes());
        to.serialize_str(&format!("{BYTES}{digits}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
        let text = String::deserialize(from)?;
        let path = text.strip_prefix(BYTES).and_then(from_hex);
        Ok(path.unwrap_or_else(|| text.into()))
    }

    #[cfg(unix)]
    fn from_hex(digits: &str) -> Option<PathBuf> {
        let pairs = digits.as_bytes().chunks(2);
        let bytes: Option<Vec<u8>> = pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        Some(std::os::unix::ffi::OsStringExt::from_vec(bytes?))
            .map(|path: std::ffi::OsString| path.into())
    }

    #[cfg(not(unix))]
    fn from_hex(_digits: &str) -> Option<PathBuf> {
        None
    }
}

/// A directory that nobody else can look into or write to: only in such a one do records count.
fn create_private(dir: &Path) -> Result<(), Error> {
    files::create_dirs(dir)?;
    #[cfg(unix)]
    fs_err::set_permissions(dir, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}
