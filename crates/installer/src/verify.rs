//! Whether an SDK is still what was installed: every file against its manifest.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use goshim_resolver::store::{self as installed, Holder, Sdk};
use goshim_resolver::{Layout, Platform};
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::manifest::Manifest;
use crate::receipt::Receipt;

/// What is not as it was installed; paths are relative to GOROOT, with slashes, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Files with other contents, and what has a file's name and is none.
    pub changed: Vec<String>,
    /// Files that are gone.
    pub missing: Vec<String>,
    /// What was not installed: files and links, never directories alone.
    pub extra: Vec<String>,
}

impl Differences {
    /// Whether everything is as it was installed.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.missing.is_empty() && self.extra.is_empty()
    }
}

/// Hashes every file of an SDK again, which may be in a further store, and compares it with the manifest of its installation. Writes nothing.
///
/// # Errors
/// Where there is no manifest to compare with, it is not the one of the installation, or a file cannot be read.
pub fn verify(layout: &Layout, sdk: &Sdk) -> Result<Differences, Error> {
    let holder = match installed::holder(layout, sdk) {
        Holder::Own => layout.clone(),
        Holder::Further(store) => store,
    };
    compare(&recorded(&holder, sdk)?, &sdk.root)
}

/// The manifest of an SDK's installation. That it is the right one its h1 in the receipt says.
pub(crate) fn recorded(layout: &Layout, sdk: &Sdk) -> Result<Manifest, Error> {
    let toolchain = layout.name(&sdk.version);
    let file = layout.manifest(&sdk.version);
    let no_records = |reason: &str| Error::NoRecords {
        toolchain: toolchain.clone(),
        reason: reason.to_owned(),
    };
    let text = match fs_err::read_to_string(&file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(no_records("it has no manifest"));
        }
        text => text?,
    };
    let manifest = Manifest::parse(&text).ok_or_else(|| no_records("its manifest is broken"))?;
    let receipt =
        Receipt::read(layout, &sdk.version).ok_or_else(|| no_records("it has no receipt"))?;
    let platform = receipt
        .platform
        .split_once('/')
        .and_then(|(os, arch)| Platform::parse(os, arch))
        .ok_or_else(|| no_records("its receipt is broken"))?;
    if manifest.h1(&sdk.version, platform) != receipt.h1 {
        return Err(no_records(
            "its manifest and its receipt contradict each other",
        ));
    }
    Ok(manifest)
}

/// Compares the tree at `root` with a manifest.
pub(crate) fn compare(manifest: &Manifest, root: &Path) -> Result<Differences, Error> {
    let mut found = Differences::default();
    let mut there = BTreeMap::new();
    walk(root, "", &mut there)?;
    let mut buffer = vec![0; 256 << 10];
    for (path, digest) in manifest.files() {
        match there.remove(path) {
            None => found.missing.push(path.to_owned()),
            Some(true) if sha256(&root.join(path), &mut buffer)? == *digest => {}
            Some(_) => found.changed.push(path.to_owned()),
        }
    }
    found.extra.extend(there.into_keys());
    Ok(found)
}

/// Everything below `dir` that is no directory, and whether it is a regular file. Links are not followed.
fn walk(dir: &Path, prefix: &str, there: &mut BTreeMap<String, bool>) -> Result<(), Error> {
    for entry in fs_err::read_dir(dir)? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&entry.path(), &format!("{path}/"), there)?;
        } else {
            there.insert(path, kind.is_file());
        }
    }
    Ok(())
}

fn sha256(file: &Path, buffer: &mut [u8]) -> Result<[u8; 32], Error> {
    let mut file = fs_err::File::open(file)?;
    let mut hasher = Sha256::new();
    loop {
        match file.read(buffer)? {
            0 => return Ok(hasher.finalize().into()),
            count => hasher.update(buffer.get(..count).unwrap_or_default()),
        }
    }
}
