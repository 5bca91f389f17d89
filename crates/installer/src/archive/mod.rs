//! Unpacking: only what real Go distributions contain is accepted, and every byte is hashed as it is written.
//!
//! The entries are read one by one and written by `tree.rs`; nothing here follows a name or a mode out of an archive.

mod inflate;
mod name;
mod tar;
mod tree;
mod zip;

use std::io::{BufRead, Read};
use std::path::Path;
use std::thread;

use goshim_resolver::Version;
use goshim_resolver::escape::Escaped;

use crate::manifest::{self, Manifest};
use crate::platform::Platform;
use crate::threads;
use tree::Tree;

/// What the files of an archive may come to; real ones are an eighth of it.
const MOST_BYTES: u64 = 2 << 30;

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
///
/// The calling thread reads and inflates, another one writes: the two take about the same time.
pub(crate) fn unpack_tar_gz(
    compressed: impl BufRead,
    staging: &Path,
    version: &Version,
    platform: Platform,
) -> Result<Manifest, Failure> {
    let manifest = thread::scope(|scope| {
        let (sender, blocks) = inflate::blocks();
        let write = move || {
            let mut tree = Tree::new(staging);
            tar::read(blocks, &mut tree)?;
            Ok(tree.manifest)
        };
        let writer = thread::Builder::new()
            .spawn_scoped(scope, write)
            .map_err(|error| threads::refused(&error))?;
        let inflated = sender.inflate(compressed);
        let written = writer
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // Where inflating fails, what the writer saw is the consequence, unless the disk refused.
        match (inflated, written) {
            (_, Err(failure @ Failure::Disk(_))) | (Err(failure), _) => Err(failure),
            (Ok(()), written) => written,
        }
    })?;
    check_contents(staging, &manifest, version, platform)?;
    Ok(manifest)
}

/// As [`unpack_tar_gz`], from a `.zip`, which is wholly there: the distribution for Windows, or the module `golang.org/toolchain`. Returns also the
/// sha256 of what was unpacked.
pub(crate) fn unpack_zip(
    file: &std::fs::File,
    staging: &Path,
    version: &Version,
    platform: Platform,
) -> Result<(Manifest, String), Failure> {
    let mut tree = Tree::new(staging);
    let sha256 = zip::read(file, &manifest::module_prefix(version, platform), &mut tree)?;
    check_contents(staging, &tree.manifest, version, platform)?;
    Ok((tree.manifest, sha256))
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
