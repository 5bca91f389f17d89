//! Whether an SDK is still what was installed: every file against its manifest.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::Metadata;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use goshim_resolver::store::{self as installed, Holder, Sdk};
use goshim_resolver::{Layout, Platform, own_file};
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::hex::hex;
use crate::manifest::Manifest;
use crate::receipt::Receipt;

/// The largest manifest: so many names as an archive may have, and their digests.
const LARGEST: u64 = 32 << 20;

/// What is not as it was installed; paths are relative to GOROOT, with slashes, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Files with other contents, unsafe permissions or another owner, and what has a file's name and is none. Directories with unsafe permissions or
    /// another owner, with a slash at the end.
    pub changed: Vec<String>,
    /// Files that are gone.
    pub missing: Vec<String>,
    /// What was not installed: files and links, never directories alone.
    pub extra: Vec<OsString>,
    /// Those of `changed` whose permissions or owner are wrong; their contents may be right.
    pub(crate) modes: Vec<String>,
    /// Whether the file system keeps no permissions, so that nothing is to be said of them.
    pub has_no_modes: bool,
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
    let compared = recorded(&holder, sdk).and_then(|manifest| compare(&manifest, &sdk.root));
    match compared {
        // Another process took it away meanwhile.
        Err(_) if !sdk.root.is_dir() => Err(Error::NotInstalled {
            toolchain: layout.name(&sdk.version),
        }),
        compared => compared,
    }
}

/// The manifest of an SDK's installation. That it is the right one the receipt says: by its sha256, and by the h1 where an older goshim wrote it.
pub(crate) fn recorded(layout: &Layout, sdk: &Sdk) -> Result<Manifest, Error> {
    let toolchain = layout.name(&sdk.version);
    let file = layout.manifest(&sdk.version);
    let no_records = |reason: &str| Error::NoRecords {
        toolchain: toolchain.clone(),
        reason: reason.to_owned(),
    };
    let bytes = match own_file(&file, LARGEST) {
        Ok(bytes) => bytes.ok_or_else(|| no_records("it has no manifest"))?,
        Err(_) => return Err(no_records("its manifest cannot be read")),
    };
    let digest = hex(&Sha256::digest(&bytes));
    let manifest = String::from_utf8(bytes)
        .ok()
        .and_then(|text| Manifest::parse(&text))
        .ok_or_else(|| no_records("its manifest is broken"))?;
    let receipt =
        Receipt::read(layout, &sdk.version).ok_or_else(|| no_records("it has no receipt"))?;
    let platform = receipt
        .platform
        .split_once('/')
        .and_then(|(os, arch)| Platform::parse(os, arch))
        .ok_or_else(|| no_records("its receipt is broken"))?;
    let is_the_one = receipt
        .manifest_sha256
        .is_none_or(|sha256| sha256 == digest);
    if !is_the_one || manifest.h1(&sdk.version, platform) != receipt.h1 {
        return Err(no_records(
            "its manifest and its receipt contradict each other",
        ));
    }
    Ok(manifest)
}

/// Compares the tree at `root` with a manifest.
pub(crate) fn compare(manifest: &Manifest, root: &Path) -> Result<Differences, Error> {
    let top = fs_err::metadata(root)?;
    let mut found = Differences {
        has_no_modes: !keeps_modes(root),
        ..Differences::default()
    };
    let mut tree = Tree::default();
    let is_safe_directory = |directory: &Metadata| {
        found.has_no_modes || is_safe_directory(directory) && has_same_owner(directory, &top)
    };
    if !is_safe_directory(&top) {
        tree.unsafe_directories.push("./".to_owned());
    }
    walk(root, OsStr::new(""), &is_safe_directory, &mut tree)?;
    let mut buffer = vec![0; 256 << 10];
    for (path, digest) in manifest.files() {
        let Some(there) = tree.files.remove(OsStr::new(path)) else {
            found.missing.push(path.to_owned());
            continue;
        };
        let has_mode = found.has_no_modes
            || !there.is_file()
            || is_safe_file(path, &there) && has_same_owner(&there, &top);
        if !has_mode {
            found.modes.push(path.to_owned());
        }
        // What cannot be read is not what was installed, whatever it is.
        let is_same = there.is_file()
            && sha256(&root.join(path), &mut buffer).is_ok_and(|there| there == *digest);
        if !has_mode || !is_same {
            found.changed.push(path.to_owned());
        }
    }
    found.changed.extend_from_slice(&tree.unsafe_directories);
    found.changed.sort_unstable();
    found.modes.extend(tree.unsafe_directories);
    found.extra.extend(tree.files.into_keys());
    Ok(found)
}

/// What lies below a root.
#[derive(Default)]
struct Tree {
    /// Everything that is no directory, by its path.
    files: BTreeMap<OsString, Metadata>,
    /// Directories that others may write to or own, or that their owner cannot look into, with a slash at the end.
    unsafe_directories: Vec<String>,
}

/// Finds everything below `dir`. Links are not followed.
fn walk(
    dir: &Path,
    prefix: &OsStr,
    is_safe_directory: &dyn Fn(&Metadata) -> bool,
    tree: &mut Tree,
) -> Result<(), Error> {
    // It is among the unsafe ones, and its files are missing.
    let is_closed =
        |error: &io::Error| error.kind() == ErrorKind::PermissionDenied && !prefix.is_empty();
    let entries = match fs_err::read_dir(dir) {
        Err(error) if is_closed(&error) => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let mut path = prefix.to_owned();
        path.push(entry.file_name());
        let metadata = match entry.metadata() {
            // Somebody took it away since.
            Err(error) if error.kind() == ErrorKind::NotFound || is_closed(&error) => continue,
            metadata => metadata?,
        };
        if !metadata.is_dir() {
            tree.files.insert(path, metadata);
            continue;
        }
        path.push("/");
        if let Some(path) = path.to_str().filter(|_| !is_safe_directory(&metadata)) {
            tree.unsafe_directories.push(path.to_owned());
        }
        walk(&entry.path(), &path, is_safe_directory, tree)?;
    }
    Ok(())
}

/// Whether a file lies where Go's programs are, which the installation makes executable whatever the archive says.
#[cfg(unix)]
pub(crate) fn is_program(path: &str) -> bool {
    path.starts_with("bin/")
        || path.starts_with("pkg/tool/")
        || path.starts_with("lib/") && path.ends_with("_exec")
}

/// Whether the owner can read a file, and run it where it is a program, and nobody else can change it or become its owner by it. The
/// installation gives 0755 or 0644 less the umask; the manifest has no modes.
#[cfg(unix)]
fn is_safe_file(path: &str, metadata: &Metadata) -> bool {
    let mode = std::os::unix::fs::MetadataExt::mode(metadata);
    mode & 0o6022 == 0 && mode & 0o400 != 0 && (mode & 0o100 != 0 || !is_program(path))
}

/// Whether the owner can look into a directory, and nobody else can change it.
#[cfg(unix)]
fn is_safe_directory(metadata: &Metadata) -> bool {
    let mode = std::os::unix::fs::MetadataExt::mode(metadata);
    mode & 0o022 == 0 && mode & 0o500 == 0o500
}

/// Whether nobody owns a file or directory but who owns the SDK's own, or root: an owner may change what nobody else may.
#[cfg(unix)]
fn has_same_owner(metadata: &Metadata, top: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    metadata.uid() == 0 || metadata.uid() == top.uid()
}

/// Whether the file system keeps permissions: where it does not, all files have those that it was mounted with, which says nothing of an SDK.
#[cfg(target_os = "linux")]
fn keeps_modes(root: &Path) -> bool {
    /// What Linux calls FAT and exFAT (`linux/magic.h`).
    const WITHOUT: [u64; 2] = [0x4d44, 0x2011_bab0];
    rustix::fs::statfs(root).map_or(true, |system| {
        !u64::try_from(system.f_type).is_ok_and(|kind| WITHOUT.contains(&kind))
    })
}

#[cfg(not(target_os = "linux"))]
fn keeps_modes(_root: &Path) -> bool {
    true
}

/// Other systems have no such bits.
#[cfg(not(unix))]
fn is_safe_file(_path: &str, _metadata: &Metadata) -> bool {
    true
}

#[cfg(not(unix))]
fn has_same_owner(_metadata: &Metadata, _top: &Metadata) -> bool {
    true
}

#[cfg(not(unix))]
fn is_safe_directory(_metadata: &Metadata) -> bool {
    true
}

fn sha256(file: &Path, buffer: &mut [u8]) -> io::Result<[u8; 32]> {
    let mut file = fs_err::File::open(file)?;
    let mut hasher = Sha256::new();
    loop {
        match file.read(buffer)? {
            0 => return Ok(hasher.finalize().into()),
            count => hasher.update(buffer.get(..count).unwrap_or_default()),
        }
    }
}
