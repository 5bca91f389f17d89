//! The tree that an archive becomes: the only file that writes what archives hold.

use std::collections::HashSet;
use std::fs::DirBuilder;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use goshim_resolver::escape::Escaped;
use sha2::{Digest, Sha256};

use super::{Failure, MOST_BYTES, name, refuse};
use crate::error::cannot;
use crate::files;
use crate::manifest::Manifest;

/// Limits far above any Go distribution (go1.27.3 has 15,000 entries and 250 MB, its largest file 30 MB; its names come to 800 KB).
const MOST_ENTRIES: usize = 60_000;
const MOST_BYTES_PER_FILE: u64 = 512 << 20;
const MOST_NAME_BYTES: usize = 8 << 20;

const TWICE: &str = "is there twice";

/// A distribution under construction, as `go` in a staging directory. Nothing in it exists before, so nothing is followed or replaced.
pub(super) struct Tree<'a> {
    staging: &'a Path,
    pub(super) manifest: Manifest,
    /// Files and directories so far, [folded](name::folded), whether entries of their own or on the way to one.
    seen: HashSet<String>,
    /// The entries among them that are directories.
    declared: HashSet<String>,
    name_bytes: usize,
    directories: HashSet<PathBuf>,
    builder: DirBuilder,
    bytes: u64,
}

impl<'a> Tree<'a> {
    pub(super) fn new(staging: &'a Path) -> Self {
        Self {
            staging,
            manifest: Manifest::default(),
            seen: HashSet::new(),
            declared: HashSet::new(),
            name_bytes: 0,
            directories: HashSet::new(),
            builder: files::dir_builder(),
            bytes: 0,
        }
    }

    /// Counts a file or directory before it is made; one that is there already is refused as `twice` says.
    fn count(&mut self, path: &str, twice: &str) -> Result<(), Failure> {
        self.name_bytes += path.len();
        if self.seen.len() >= MOST_ENTRIES || self.name_bytes > MOST_NAME_BYTES {
            return refuse(format!(
                "it has more than {MOST_ENTRIES} entries, or names without end"
            ));
        }
        if !self.seen.insert(name::folded(path)) {
            return refuse(format!("`{}` {twice}", Escaped(path)));
        }
        Ok(())
    }

    /// Adds a directory. The path is a [checked](name::checked) one.
    pub(super) fn directory(&mut self, path: &str) -> Result<(), Failure> {
        if !self.declared.insert(name::folded(path)) {
            return refuse(format!("`{}` {TWICE}", Escaped(path)));
        }
        self.create_directories(Path::new(path))
    }

    /// Creates a directory and those above it, once each.
    fn create_directories(&mut self, path: &Path) -> Result<(), Failure> {
        if path.as_os_str().is_empty() || self.directories.contains(path) {
            return Ok(());
        }
        if let Some(parent) = path.parent() {
            self.create_directories(parent)?;
        }
        self.count(
            &path.to_string_lossy(),
            "is a file and a directory, or there in two spellings",
        )?;
        let target = self.staging.join(path);
        match self.builder.create(&target) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return refuse(format!(
                    "`{}` is a file and a directory",
                    Escaped(&path.to_string_lossy())
                ));
            }
            created => created
                .map_err(|error| cannot(format_args!("create {}", target.display()), &error))?,
        }
        self.directories.insert(path.to_owned());
        Ok(())
    }

    /// Begins a file of `size` bytes. The path is a [checked](name::checked) one; of `mode` only the owner's right to execute counts.
    pub(super) fn file(&mut self, path: &str, mode: u32, size: u64) -> Result<Growing, Failure> {
        self.bytes = self.bytes.saturating_add(size);
        if size > MOST_BYTES_PER_FILE || self.bytes > MOST_BYTES {
            return refuse("it is larger than any Go distribution");
        }
        if let Some(parent) = Path::new(path).parent() {
            self.create_directories(parent)?;
        }
        self.count(path, TWICE)?;
        let target = self.staging.join(path);
        match create(&target, is_program(path, mode)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                refuse(format!("`{}` is a file and a directory", Escaped(path)))
            }
            created => Ok(Growing {
                file: created?,
                hasher: Sha256::new(),
            }),
        }
    }

    /// Ends a file, of which everything was written.
    pub(super) fn finish(&mut self, path: &str, file: Growing) {
        let below_root = path.strip_prefix("go/").unwrap_or(path);
        self.manifest
            .insert(below_root.to_owned(), file.hasher.finalize().into());
    }
}

/// A file that is being written, and hashed as it is.
pub(super) struct Growing {
    file: fs_err::File,
    hasher: Sha256,
}

impl Growing {
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.hasher.update(bytes);
        Ok(self.file.write_all(bytes)?)
    }
}

/// Whether a file is executable: as the archive says, and always where Go's programs are. No other mode bit counts.
///
/// The toolchain module does not say it; cmd/go makes its programs executable by their place as well.
fn is_program(path: &str, mode: u32) -> bool {
    mode & 0o100 != 0
        || path.starts_with("go/bin/")
        || path.starts_with("go/pkg/tool/")
        || path.starts_with("go/lib/") && path.ends_with("_exec")
}

/// Creates a file that must be new, with 0755 or 0644 less the umask.
fn create(path: &Path, is_program: bool) -> io::Result<fs_err::File> {
    let mut options = fs_err::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    fs_err::os::unix::fs::OpenOptionsExt::mode(
        &mut options,
        if is_program { 0o755 } else { 0o644 },
    );
    #[cfg(not(unix))]
    let _ = is_program;
    options.open(path)
}
