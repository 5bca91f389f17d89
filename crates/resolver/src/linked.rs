//! Linked SDKs: trees of the user's own under a name, such as a Go built from source, a distribution's or a company's.
//!
//! A link is a small file of the store, `links/NAME`, which holds the absolute path of the tree and nothing else. So whatever goshim deletes of
//! its own, no path of its own leads into the tree. Only `goshim link` writes one: a project's file may say a name, and never what it stands for.

use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::escape;
use crate::layout::Layout;
use crate::read::{self, Found};
use crate::system;
use crate::version::Version;
use crate::workdir::same_file;

/// The name of a linked SDK: `[a-z][a-z0-9_-]*`, at most 32 characters. It is one plain path component, and never a version or a word that means
/// something else where versions are written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(String);

/// Words that are no names: those of [`crate::Query`], those of `GOTOOLCHAIN` and of toolchain lines, and the programs'.
const TAKEN: [&str; 12] = [
    "latest",
    "stable",
    "oldstable",
    "system",
    "local",
    "auto",
    "path",
    "default",
    "none",
    "go",
    "golang",
    "gofmt",
];

/// The longest name.
const LONGEST: usize = 32;

impl Name {
    /// What may be a name, for messages.
    pub const RULE: &'static str = "a name has lower-case letters, digits, - and _, begins with a letter, and is neither a version nor a word such as latest or auto";

    /// The name; `None` where the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        let is_allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        let is_name = text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.len() <= LONGEST
            && text.bytes().all(is_allowed)
            && !TAKEN.contains(&text)
            && !looks_like_a_version(text);
        is_name.then(|| Self(text.to_owned()))
    }

    /// It, as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `go122`, `go-1`, `v2`, `golang1`: what stands for a version somewhere, or is one with a mistake.
fn looks_like_a_version(text: &str) -> bool {
    ["golang", "go", "v"].iter().any(|prefix| {
        let rest = text.strip_prefix(prefix);
        rest.is_some_and(|rest| {
            rest.trim_start_matches(['-', '_'])
                .starts_with(|c: char| c.is_ascii_digit())
        })
    })
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A linked SDK that can run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// Its name.
    pub name: Name,
    /// Its root, the GOROOT, as the user named it.
    pub root: PathBuf,
    /// Its version as cmd/go counts it: a development build of Go 1.28 is the language version `1.28`, below every release of 1.28. `None`
    /// where the tree does not say.
    pub version: Option<Version>,
}

impl Linked {
    /// The path of one of its programs: `go` or `gofmt`.
    pub fn program(&self, name: &str) -> PathBuf {
        program(&self.root, name)
    }

    /// It for people: `tip (go1.28)`.
    pub fn text(&self) -> String {
        match &self.version {
            Some(version) => format!("{} ({})", self.name, version.toolchain()),
            None => self.name.to_string(),
        }
    }
}

/// Why a tree cannot be used under a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The link does not hold an absolute path: somebody else wrote it.
    #[error("its link is damaged")]
    Damaged,
    /// There is no such directory, or none that may be entered.
    #[error("there is no such directory")]
    Gone,
    /// There is no go to run.
    #[error("it has no bin/go{}", std::env::consts::EXE_SUFFIX)]
    NoGo,
    /// cmd/go would not take it for a GOROOT (`cfg.isGOROOT`).
    #[error("it is no GOROOT, for it has no pkg/tool")]
    NotARoot,
    /// Nobody may execute its go.
    #[error("its bin/go is not executable")]
    NotExecutable,
    /// Its go is for another system.
    #[error("its bin/go is for {0}")]
    OtherSystem(&'static str),
    /// Anybody could change what runs.
    #[error("everybody may write to {}", escape::path(.0))]
    OpenToAll(PathBuf),
    /// It belongs to a store, where goshim replaces and deletes.
    #[error("it lies in a store of goshim's")]
    InStore,
    /// Its go is goshim's own.
    #[error("its bin/go is a shim of goshim's")]
    Shim,
}

impl Problem {
    /// Whether there is nothing to execute, rather than something that may not be.
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::Damaged | Self::Gone | Self::NoGo)
    }

    /// What to do about it under this name.
    pub(crate) fn hint(&self, name: &Name) -> String {
        match self {
            Self::Damaged | Self::Gone | Self::Shim => {
                format!("name another place with goshim link {name} DIR, or goshim unlink {name}")
            }
            Self::NoGo | Self::NotARoot => {
                "name the root of a Go that is built: what its go env GOROOT prints".to_owned()
            }
            Self::NotExecutable => "make it executable with chmod +x".to_owned(),
            Self::OtherSystem(_) => "link one that is built for this machine".to_owned(),
            Self::OpenToAll(path) => format!("take that away: chmod o-w {}", escape::path(path)),
            Self::InStore => {
                "what is installed needs no name: goshim use takes its version".to_owned()
            }
        }
    }
}

/// The SDK that the user linked under a name; `None` where there is no such link.
///
/// # Errors
/// [`Error::Link`] where the tree cannot be used now.
pub fn find(layout: &Layout, name: &Name) -> Result<Option<Linked>, Error> {
    let Some(root) = root_of(layout, name)? else {
        return Ok(None);
    };
    inspect(layout, name, &root).map(Some)
}

/// The tree as a linked SDK: what is asked when it is linked, and again whenever it is to run.
///
/// # Errors
/// [`Error::Link`] where it cannot be used.
pub fn inspect(layout: &Layout, name: &Name, root: &Path) -> Result<Linked, Error> {
    if let Some(problem) = problem_of(layout, root) {
        return Err(Error::Link {
            name: name.clone(),
            root: root.to_owned(),
            problem,
        });
    }
    Ok(Linked {
        name: name.clone(),
        root: root.to_owned(),
        version: version_of(root),
    })
}

/// The names that are linked, in their order. What else lies in the directory is none.
#[expect(clippy::disallowed_methods, reason = "no error is told")]
pub fn names(layout: &Layout) -> Vec<Name> {
    let entries = std::fs::read_dir(layout.links()).into_iter().flatten();
    let mut names: Vec<Name> = entries
        .flatten()
        .filter_map(|entry| Name::parse(entry.file_name().to_str()?))
        .collect();
    names.sort_unstable();
    names
}

/// Where a name leads, whether or not a Go is there; `None` where it is not linked.
///
/// # Errors
/// Where the link cannot be read or holds no absolute path.
pub fn root_of(layout: &Layout, name: &Name) -> Result<Option<PathBuf>, Error> {
    let file = layout.link(name);
    let bytes = match read::read(&file, read::SETTINGS_CAP)? {
        Found::File(bytes) => bytes,
        Found::Nothing | Found::Hidden | Found::NotAFile => return Ok(None),
    };
    let path = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    match path_of(path).filter(|root| root.is_absolute()) {
        Some(root) => Ok(Some(root)),
        None => Err(Error::Link {
            name: name.clone(),
            root: file,
            problem: Problem::Damaged,
        }),
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt as _;
    Some(std::ffi::OsStr::from_bytes(bytes).into())
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(bytes).ok().map(PathBuf::from)
}

/// Whether a root is that of a linked SDK.
pub(crate) fn is_root(layout: &Layout, root: &Path) -> bool {
    names(layout).iter().any(|name| {
        let linked = root_of(layout, name).ok().flatten();
        linked.is_some_and(|linked| same_file(&linked, root))
    })
}

fn program(root: &Path, name: &str) -> PathBuf {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    root.join("bin").join(file)
}

fn problem_of(layout: &Layout, root: &Path) -> Option<Problem> {
    if !root.is_dir() {
        return Some(Problem::Gone);
    }
    if is_in_a_store(layout, root) {
        return Some(Problem::InStore);
    }
    let go = program(root, "go");
    let Some(metadata) = std::fs::metadata(&go)
        .ok()
        .filter(std::fs::Metadata::is_file)
    else {
        // Where Windows' name is, everything else may be there as well.
        let other = root.join("bin/go.exe").is_file();
        return Some(if other {
            Problem::OtherSystem("Windows")
        } else {
            Problem::NoGo
        });
    };
    if !root.join("pkg/tool").is_dir() {
        return Some(Problem::NotARoot);
    }
    if !is_executable(&metadata) {
        return Some(Problem::NotExecutable);
    }
    if let Some(path) = [root, &root.join("bin"), &go]
        .into_iter()
        .find(|path| is_open_to_all(path))
    {
        return Some(Problem::OpenToAll(path.to_owned()));
    }
    if system::is_shim(&go, &layout.shims().join("go")) {
        return Some(Problem::Shim);
    }
    built_for(&go)
        .filter(|system| *system != THIS_SYSTEM)
        .map(Problem::OtherSystem)
}

/// Whether a tree lies in what this store, or a further one, keeps.
fn is_in_a_store(layout: &Layout, root: &Path) -> bool {
    let Ok(root) = std::fs::canonicalize(root) else {
        return false;
    };
    std::iter::once(layout.clone())
        .chain(layout.further())
        .flat_map(|store| store.contents())
        .filter_map(|dir| std::fs::canonicalize(dir).ok())
        .any(|dir| root.starts_with(dir))
}

#[cfg(unix)]
fn is_executable(metadata: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(metadata) & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_metadata: &std::fs::Metadata) -> bool {
    true
}

/// Whether everybody may write to what is there.
#[cfg(unix)]
fn is_open_to_all(path: &Path) -> bool {
    let metadata = std::fs::metadata(path);
    metadata.is_ok_and(|it| std::os::unix::fs::MetadataExt::mode(&it) & 0o002 != 0)
}

/// Other systems have no such bit; Windows' shared directories are protected by their access lists.
#[cfg(not(unix))]
fn is_open_to_all(_path: &Path) -> bool {
    false
}

/// This system, in the words of [`built_for`].
const THIS_SYSTEM: &str = if cfg!(windows) {
    "Windows"
} else if cfg!(target_os = "macos") {
    "macOS"
} else if cfg!(target_os = "freebsd") {
    "FreeBSD"
} else {
    "Linux"
};

/// The system that a program is for, as far as its first bytes tell; `None` for a script and what else there may be.
fn built_for(program: &Path) -> Option<&'static str> {
    let mut head = Vec::new();
    let file = std::fs::File::open(program).ok()?;
    file.take(8).read_to_end(&mut head).ok()?;
    match head.as_slice() {
        [b'M', b'Z', ..] => Some("Windows"),
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] | [0xca, 0xfe, 0xba, 0xbe, ..] => Some("macOS"),
        // The byte for the system's binary interface; Linux has none of its own.
        [0x7f, b'E', b'L', b'F', _, _, _, 9] => Some("FreeBSD"),
        [0x7f, b'E', b'L', b'F', _, _, _, 0 | 3] => Some("Linux"),
        _ => None,
    }
}

/// The version of a tree: the first line of VERSION, else of VERSION.cache, which a checkout has once it is built (`cmd/dist/build.go`:
/// `findgoversion`).
///
/// A line `devel go1.28-abcdef …` counts as `1.28`, as a development build counts itself (`gover.Local`).
fn version_of(root: &Path) -> Option<Version> {
    let line = system::first_line(&root.join("VERSION"))
        .or_else(|| system::first_line(&root.join("VERSION.cache")))?;
    Version::from_toolchain(line.strip_prefix("devel ").unwrap_or(&line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Query;

    #[test]
    fn a_name_can_be_mistaken_for_nothing_else() {
        for text in ["tip", "corp", "my-go", "fork_2", "g", "gotip", "very-good"] {
            assert_eq!(Name::parse(text).unwrap().as_str(), text);
            assert_eq!(Query::parse(text).unwrap().to_string(), text);
        }
        let too_long = "a".repeat(LONGEST + 1);
        for text in [
            "",
            "1",
            "1tip",
            "-tip",
            "_tip",
            "Tip",
            "TIP",
            "a.b",
            "a/b",
            "..",
            "a b",
            "a\n",
            "é",
            "+tip",
            "tip+auto",
            "golang",
            "latest",
            "stable",
            "oldstable",
            "system",
            "local",
            "auto",
            "path",
            "default",
            "go",
            "go1",
            "go1x",
            "go122",
            "go-1",
            "v1",
            "v2",
            "golang1",
            "1.22d",
            "go1.22.10",
            "C:",
            "con:",
            "~",
            "tip@main",
            &too_long,
        ] {
            assert_eq!(Name::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_system_of_a_program_is_read_from_its_first_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("go");
        for (bytes, system) in [
            (&b"MZ\x90\0\0\0\0\0"[..], Some("Windows")),
            (b"\xcf\xfa\xed\xfe\x07\0\0\x01", Some("macOS")),
            (b"\x7fELF\x02\x01\x01\x09", Some("FreeBSD")),
            (b"\x7fELF\x02\x01\x01\0", Some("Linux")),
            (b"#!/bin/sh", None),
            (b"", None),
        ] {
            fs_err::write(&file, bytes).unwrap();
            assert_eq!(built_for(&file), system, "{bytes:?}");
        }
    }

    #[test]
    fn versions_are_read_as_a_go_counts_itself() {
        let dir = tempfile::tempdir().unwrap();
        for (file, line, version) in [
            (
                "VERSION.cache",
                "devel go1.28-7a2cf1b Tue Nov 3",
                Some("1.28"),
            ),
            (
                "VERSION.cache",
                "go1.28-devel_7a2cf1b Tue Nov 3",
                Some("1.28"),
            ),
            ("VERSION.cache", "devel +7a2cf1b Tue Nov 3", None),
            ("VERSION", "go1.22.10", Some("1.22.10")),
            ("VERSION", "go1.22.10-corp.3\ntime x", Some("1.22.10")),
            ("VERSION", "go1.22.10 X:boringcrypto", Some("1.22.10")),
            ("VERSION", "mine", None),
        ] {
            fs_err::write(dir.path().join(file), line).unwrap();
            let found = version_of(dir.path());
            assert_eq!(found.as_ref().map(Version::as_str), version, "{line}");
        }
    }
}
