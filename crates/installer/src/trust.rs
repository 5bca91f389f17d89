//! Records of trust in the state directory: a file each, whose name is all that the resolver looks at. What is in it is for people.

use std::path::{Path, PathBuf};

use goshim_resolver::trust::Request;
use goshim_resolver::{Layout, regular_file};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::Error;
use crate::hex::{SHA256, is_hex};
use crate::{files, place};

/// A record is smaller.
const LARGEST: u64 = 1 << 20;

/// A record.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Record {
    /// The id: the file's name, not in it.
    #[serde(skip)]
    pub id: String,
    /// The project's file.
    #[serde(serialize_with = "serialize", deserialize_with = "deserialize")]
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
        let is_id = is_hex(&id, SHA256);
        let bytes = regular_file(&entry.path(), LARGEST);
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let record = text.and_then(|text| toml::from_str::<Record>(&text).ok());
        if let Some(record) = record.filter(|_| is_id) {
            records.push(Record { id, ..record });
        }
    }
    records.sort_by(|a, b| (&a.file, &a.id).cmp(&(&b.file, &b.id)));
    Ok(records)
}

fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&place::text(path))
}

fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
    let text = String::deserialize(from)?;
    Ok(place::path(text.as_bytes()).unwrap_or_else(|| text.into()))
}

/// A directory that nobody else can look into or write to: only in such a one do records count.
fn create_private(dir: &Path) -> Result<(), Error> {
    files::create_dirs(dir)?;
    // The records in it would not count, and what it leads to is not goshim's to close.
    if fs_err::symlink_metadata(dir)?.is_symlink() {
        let message = format!(
            "{} is a symbolic link: records of trust count in a directory alone",
            dir.display()
        );
        return Err(std::io::Error::other(message).into());
    }
    #[cfg(unix)]
    fs_err::set_permissions(dir, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}
