//! Unpacking: only what real Go distributions contain is accepted, and every byte is hashed as it is written.
//!
//! The entries are read one by one and written by this file; nothing here follows a name or a mode out of an archive.

use std::collections::HashSet;
use std::fs::DirBuilder;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use flate2::bufread::GzDecoder;
use goshim_resolver::Version;
use goshim_resolver::escape::{self, Escaped};
use sha2::{Digest, Sha256};
use tar::EntryType;

use crate::files;
use crate::manifest::Manifest;
use crate::platform::Platform;

/// Limits far above any Go distribution (go1.27.3 has 15,000 entries and 250 MB, its largest file 30 MB).
const MOST_ENTRIES: usize = 60_000;
const MOST_BYTES: u64 = 2 << 30;
const MOST_BYTES_PER_FILE: u64 = 512 << 20;
const LONGEST_PATH: usize = 1024;
const LONGEST_NAME: usize = 255;
const DEEPEST: usize = 32;

/// Why unpacking failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The archive is broken, hostile or something else than a Go distribution. Foreign text is escaped.
    Archive(String),
    /// The disk refused.
    Disk(std::io::Error),
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Disk(error)
    }
}

fn refuse<T>(reason: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::Archive(reason.into()))
}

/// Unpacks the `.tar.gz` that `compressed` yields into `staging`, which then has the distribution as `go`.
pub(crate) fn unpack(
    compressed: impl Read,
    staging: &Path,
    version: &Version,
    platform: Platform,
) -> Result<Manifest, Failure> {
    let broken = |error: std::io::Error| Failure::Archive(Escaped(&error.to_string()).to_string());
    let mut archive = tar::Archive::new(GzDecoder::new(BufReader::with_capacity(
        128 << 10,
        compressed,
    )));
    let mut unpacker = Unpacker::new(staging);
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let path = checked_path(&entry.path_bytes(), entry.header().entry_type())?;
        match entry.header().entry_type() {
            EntryType::Directory => unpacker.directory(&path)?,
            EntryType::Regular => {
                let mode = entry.header().mode().map_err(broken)?;
                let size = entry.size();
                unpacker.file(&path, mode, size, &mut entry)?;
            }
            kind => {
                return refuse(format!(
                    "`{}` is neither a file nor a directory (type {:?})",
                    Escaped(&path),
                    kind
                ));
            }
        }
    }
    // The hash is over all bytes: read to the end, and let nothing hide behind the archive.
    let mut rest = archive.into_inner();
    let mut buffer = [0; 16 << 10];
    loop {
        match rest.read(&mut buffer).map_err(broken)? {
            0 => break,
            count if buffer.iter().take(count).all(|byte| *byte == 0) => {}
            _ => return refuse("something follows the end of the archive"),
        }
    }
    if !rest.into_inner().fill_buf().map_err(broken)?.is_empty() {
        return refuse("something follows the compressed data");
    }
    check_contents(staging, &unpacker.manifest, version, platform)?;
    Ok(unpacker.manifest)
}

/// The path of an entry where it is one that Go's archives have: relative, plain, printable UTF-8 below `go/`.
fn checked_path(bytes: &[u8], kind: EntryType) -> Result<String, Failure> {
    let shown = String::from_utf8_lossy(bytes);
    let bad = |reason: &str| refuse(format!("the name `{}` {reason}", Escaped(&shown)));
    let Ok(path) = std::str::from_utf8(bytes) else {
        return bad("is not UTF-8");
    };
    if !escape::is_printable(path) || path.contains('\\') {
        return bad("has a character that no Go archive has");
    }
    // Only a directory's name may end with a slash.
    let path = path
        .strip_suffix('/')
        .filter(|_| kind.is_dir())
        .unwrap_or(path);
    let components: Vec<&str> = path.split('/').collect();
    if components.first() != Some(&"go") {
        return bad("is not below go/");
    }
    let is_plain = |name: &&str| {
        !matches!(*name, "" | "." | "..")
            && name.len() <= LONGEST_NAME
            && !name.ends_with([' ', '.'])
            && !name.contains(':')
    };
    if !components.iter().all(is_plain) || components.len() > DEEPEST || path.len() > LONGEST_PATH {
        return bad("leads out of the archive or is no portable name");
    }
    Ok(path.to_owned())
}

struct Unpacker<'a> {
    staging: &'a Path,
    manifest: Manifest,
    /// Entries so far, in lower case: two names that differ in case alone are one on some file systems.
    seen: HashSet<String>,
    directories: HashSet<PathBuf>,
    builder: DirBuilder,
    bytes: u64,
    buffer: Vec<u8>,
}

impl<'a> Unpacker<'a> {
    fn new(staging: &'a Path) -> Self {
        Self {
            staging,
            manifest: Manifest::default(),
            seen: HashSet::new(),
            directories: HashSet::new(),
            builder: files::dir_builder(),
            bytes: 0,
            buffer: vec![0; 256 << 10],
        }
    }

    fn count(&mut self, path: &str) -> Result<(), Failure> {
        if !self.seen.insert(path.to_lowercase()) {
            return refuse(format!("`{}` is there twice", Escaped(path)));
        }
        if self.seen.len() > MOST_ENTRIES {
            return refuse(format!("it has more than {MOST_ENTRIES} entries"));
        }
        Ok(())
    }

    fn directory(&mut self, path: &str) -> Result<(), Failure> {
        self.count(path)?;
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
        let target = self.staging.join(path);
        match self.builder.create(&target) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                return refuse(format!(
                    "`{}` is a file and a directory",
                    Escaped(&path.to_string_lossy())
                ));
            }
            created => created.map_err(|error| {
                std::io::Error::new(
                    error.kind(),
                    format!("cannot create {}: {error}", target.display()),
                )
            })?,
        }
        self.directories.insert(path.to_owned());
        Ok(())
    }

    fn file(
        &mut self,
        path: &str,
        mode: u32,
        size: u64,
        contents: &mut impl Read,
    ) -> Result<(), Failure> {
        self.count(path)?;
        self.bytes = self.bytes.saturating_add(size);
        if size > MOST_BYTES_PER_FILE || self.bytes > MOST_BYTES {
            return refuse("it is larger than any Go distribution");
        }
        if let Some(parent) = Path::new(path).parent() {
            self.create_directories(parent)?;
        }
        let target = self.staging.join(path);
        let mut file = match create(&target, is_program(path, mode)) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                return refuse(format!("`{}` is a file and a directory", Escaped(path)));
            }
            created => created?,
        };
        let mut hasher = Sha256::new();
        let mut written = 0u64;
        loop {
            let count = contents
                .read(&mut self.buffer)
                .map_err(|error| Failure::Archive(Escaped(&error.to_string()).to_string()))?;
            if count == 0 {
                break;
            }
            hasher.update(&self.buffer[..count]);
            file.write_all(&self.buffer[..count])?;
            written += count as u64;
        }
        if written != size {
            return refuse(format!("`{}` ends early", Escaped(path)));
        }
        let below_root = path.strip_prefix("go/").unwrap_or(path);
        self.manifest
            .insert(below_root.to_owned(), hasher.finalize().into());
        Ok(())
    }
}

/// Whether a file is executable: as the archive says, and always in the directories of programs. No other mode bit counts.
fn is_program(path: &str, mode: u32) -> bool {
    mode & 0o100 != 0 || path.starts_with("go/bin/") || path.starts_with("go/pkg/tool/")
}

/// Creates a file that must be new, with 0755 or 0644 less the umask.
fn create(path: &Path, is_program: bool) -> std::io::Result<fs_err::File> {
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

/// Whether what was unpacked is the release that was asked for, for this machine.
fn check_contents(
    staging: &Path,
    manifest: &Manifest,
    version: &Version,
    platform: Platform,
) -> Result<(), Failure> {
    let root = staging.join("go");
    if manifest.digest("VERSION").is_none() {
        return refuse("it has no VERSION file");
    }
    let mut text = Vec::new();
    fs_err::File::open(root.join("VERSION"))?
        .take(4096)
        .read_to_end(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    let first = text.lines().next().unwrap_or_default().trim();
    if first != version.toolchain() {
        return refuse(format!(
            "its VERSION is `{}`, not {}",
            Escaped(first),
            version.toolchain()
        ));
    }
    let go = if platform.os == "windows" {
        "bin/go.exe"
    } else {
        "bin/go"
    };
    if manifest.digest(go).is_none() {
        return refuse(format!("it has no {go}"));
    }
    let mut magic = [0; 4];
    let is_program = fs_err::File::open(root.join(go))?
        .read_exact(&mut magic)
        .is_ok()
        && matches_platform(magic, platform);
    if is_program {
        Ok(())
    } else {
        refuse(format!("its {go} is no program for {platform}"))
    }
}

/// Whether a program begins as programs of the platform do: Mach-O, PE, else ELF.
fn matches_platform(magic: [u8; 4], platform: Platform) -> bool {
    match platform.os {
        "darwin" | "ios" => matches!(
            u32::from_le_bytes(magic),
            0xfeed_face | 0xfeed_facf | 0xbeba_feca
        ),
        "windows" => magic.starts_with(b"MZ"),
        // AIX has XCOFF and Plan 9 a.out; neither is a machine that goshim is built for.
        _ => magic == *b"\x7fELF",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_below_go() {
        for name in [
            "go/VERSION",
            "go/src",
            "go/test/fixedbugs/issue27836.dir/Þfoo.go",
            "go/lib/time/zoneinfo.zip",
        ] {
            assert!(
                checked_path(name.as_bytes(), EntryType::Regular).is_ok(),
                "{name}"
            );
        }
        assert!(checked_path(b"go/src/", EntryType::Directory).is_ok_and(|path| path == "go/src"));
        let long = format!("go/{}", "x".repeat(256));
        let deep = format!("go/{}", "d/".repeat(40));
        for name in [
            "",
            "/etc/passwd",
            "../x",
            "go/../../x",
            "go/./x",
            "go//x",
            "goo/x",
            "x",
            "go/a\\b",
            "go/c:x",
            "go/nul\0",
            "go/\u{1b}[31m",
            "go/x.",
            "go/x ",
            "go/\u{202e}x",
            "/go/x",
            "./go/x",
            "go/x/",
            &long,
            &deep,
        ] {
            assert!(
                checked_path(name.as_bytes(), EntryType::Regular).is_err(),
                "{name:?}"
            );
        }
        assert!(checked_path(b"go/\xff", EntryType::Regular).is_err());
    }
}
