//! Writes `.tar.gz` files, hostile ones included.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use tar::Header;

/// Unix time of every entry: that of the `time` line which stand-in SDKs have in VERSION.
pub(crate) const MTIME: u64 = 1_732_739_240;

const FILE: u8 = b'0';
const HARD_LINK: u8 = b'1';
const SYMLINK: u8 = b'2';
const DIR: u8 = b'5';
const PAX: u8 = b'x';

/// Builds an archive entry by entry. Paths are bytes, complete (`go/bin/go`), and written as they are: no check keeps
/// `../x`, `/abs`, doubles or blanks out. Links point where they are told to.
#[must_use = "`finish` makes the archive"]
#[derive(Clone, Debug, Default)]
pub struct ArchiveBuilder {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    path: Vec<u8>,
    kind: u8,
    mode: u32,
    link: Vec<u8>,
    contents: Vec<u8>,
}

impl ArchiveBuilder {
    /// An archive without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// The entries of the stand-in SDK of `toolchain`, e.g. `go1.22.10`; see [`stand_in`](crate::stand_in).
    pub fn stand_in(toolchain: &str) -> Self {
        crate::stand_in::builder(toolchain)
    }

    /// Adds a regular file.
    pub fn file(self, path: impl AsRef<[u8]>, mode: u32, contents: impl AsRef<[u8]>) -> Self {
        self.raw(path, FILE, mode, "", contents)
    }

    /// Adds a directory. As in other archives `path` ends with `/`, which is not added here.
    pub fn dir(self, path: impl AsRef<[u8]>, mode: u32) -> Self {
        self.raw(path, DIR, mode, "", "")
    }

    /// Adds a symbolic link at `path` to `target`.
    pub fn symlink(self, path: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        self.raw(path, SYMLINK, 0o777, target, "")
    }

    /// Adds a hard link at `path` to the entry `target`.
    pub fn hard_link(self, path: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        self.raw(path, HARD_LINK, 0o644, target, "")
    }

    /// Adds an entry of any type: `kind` is the type flag of its header (`b'3'` a character device, `b'6'` a FIFO,
    /// `b'x'` PAX records for the next entry).
    pub fn raw(
        mut self,
        path: impl AsRef<[u8]>,
        kind: u8,
        mode: u32,
        link: impl AsRef<[u8]>,
        contents: impl AsRef<[u8]>,
    ) -> Self {
        self.entries.push(Entry {
            path: path.as_ref().to_vec(),
            kind,
            mode,
            link: link.as_ref().to_vec(),
            contents: contents.as_ref().to_vec(),
        });
        self
    }

    /// Gives the file `path` other contents, or adds it (0644) where there is none.
    pub fn replace(mut self, path: &str, contents: impl AsRef<[u8]>) -> Self {
        match self
            .entries
            .iter_mut()
            .find(|entry| entry.path == path.as_bytes())
        {
            Some(entry) => {
                entry.contents = contents.as_ref().to_vec();
                self
            }
            None => self.file(path, 0o644, contents),
        }
    }

    /// Replaces the text of `go/VERSION`, e.g. to make an archive lie about what it holds.
    pub fn version(self, text: &str) -> Self {
        self.replace("go/VERSION", text)
    }

    /// Drops the entry `path`, e.g. `go/bin/go`; panics if there is none.
    pub fn without(mut self, path: &str) -> Self {
        let before = self.entries.len();
        self.entries.retain(|entry| entry.path != path.as_bytes());
        assert!(self.entries.len() < before, "no entry {path}");
        self
    }

    /// The archive before compression.
    pub fn tar(&self) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for entry in &self.entries {
            append(&mut tar, entry);
        }
        tar.into_inner().unwrap()
    }

    /// The bytes of the `.tar.gz`.
    pub fn finish(&self) -> Vec<u8> {
        // Unoptimised test binaries compress slowly; nobody downloads this from afar.
        let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
        gz.write_all(&self.tar()).unwrap();
        gz.finish().unwrap()
    }
}

/// Writes an entry as Go's archive/tar does: names of more than 100 bytes are split at a `/` into the header's two
/// fields, and what does not fit there goes into PAX records.
fn append(tar: &mut tar::Builder<Vec<u8>>, entry: &Entry) {
    let mut header = Header::new_ustar();
    let mut records = Vec::new();
    let fields = header.as_ustar_mut().unwrap();
    let (prefix, name) = split(&entry.path).unwrap_or_else(|| {
        records.extend(record("path", &entry.path));
        (&[], &entry.path[..fields.name.len()])
    });
    fields.prefix[..prefix.len()].copy_from_slice(prefix);
    fields.name[..name.len()].copy_from_slice(name);
    let room = fields.linkname.len();
    if entry.link.len() > room {
        records.extend(record("linkpath", &entry.link));
    }
    let link = &entry.link[..entry.link.len().min(room)];
    fields.linkname[..link.len()].copy_from_slice(link);
    fields.typeflag = [entry.kind];
    if !records.is_empty() {
        append(
            tar,
            &Entry {
                path: b"PaxHeaders.0/x".to_vec(),
                kind: PAX,
                mode: 0o644,
                link: Vec::new(),
                contents: records,
            },
        );
    }
    header.set_mode(entry.mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(MTIME);
    header.set_size(entry.contents.len() as u64);
    header.set_cksum();
    tar.append(&header, &*entry.contents).unwrap();
}

/// The prefix and the name as a ustar header holds them, if it can.
fn split(path: &[u8]) -> Option<(&[u8], &[u8])> {
    if path.len() <= 100 {
        return Some((&[], path));
    }
    let at = (path.len() - 101..path.len().min(156))
        .find(|&at| path[at] == b'/' && at > 0 && at + 1 < path.len())?;
    Some((&path[..at], &path[at + 1..]))
}

/// A PAX record, which begins with its own length.
fn record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut len = rest;
    while len != rest + len.to_string().len() {
        len = rest + len.to_string().len();
    }
    [format!("{len} {key}=").as_bytes(), value, b"\n"].concat()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    /// Path, type flag, mode, link and contents of each entry, as the tar crate reads them.
    fn read(archive: &[u8]) -> Vec<(String, u8, u32, String, String)> {
        let mut tar = tar::Archive::new(GzDecoder::new(archive));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        tar.entries()
            .unwrap()
            .map(|entry| {
                let mut entry = entry.unwrap();
                let mut contents = Vec::new();
                entry.read_to_end(&mut contents).unwrap();
                (
                    text(&entry.path_bytes()),
                    entry.header().entry_type().as_byte(),
                    entry.header().mode().unwrap(),
                    entry
                        .link_name_bytes()
                        .map(|link| text(&link))
                        .unwrap_or_default(),
                    text(&contents),
                )
            })
            .collect()
    }

    #[test]
    fn hostile_entries_come_out_as_they_went_in() {
        let archive = ArchiveBuilder::new()
            .file("../x", 0o644, "a")
            .file("/abs", 0o4755, "b")
            .file(b"go/\xff", 0o644, "c")
            .symlink("go/link", "/etc/passwd")
            .hard_link("go/hard", "../../x")
            .raw("go/fifo", b'6', 0o600, "", "")
            .dir("go/d/", 0o777)
            .finish();
        let entry = |path: &str, kind: u8, mode: u32, link: &str, contents: &str| {
            (
                path.to_owned(),
                kind,
                mode,
                link.to_owned(),
                contents.to_owned(),
            )
        };
        assert_eq!(
            read(&archive),
            [
                entry("../x", b'0', 0o644, "", "a"),
                entry("/abs", b'0', 0o4755, "", "b"),
                entry("go/\u{fffd}", b'0', 0o644, "", "c"),
                entry("go/link", b'2', 0o777, "/etc/passwd", ""),
                entry("go/hard", b'1', 0o644, "../../x", ""),
                entry("go/fifo", b'6', 0o600, "", ""),
                entry("go/d/", b'5', 0o777, "", ""),
            ]
        );
    }

    #[test]
    fn long_names_survive() {
        let split = format!("go/{}/{}", "p".repeat(80), "n".repeat(80));
        let pax = format!("go/{}", "n".repeat(1000));
        let link = "l".repeat(101);
        let entries = read(
            &ArchiveBuilder::new()
                .file(&split, 0o644, "1")
                .symlink(&pax, &link)
                .finish(),
        );
        assert_eq!(
            (&entries[0].0, &entries[1].0, &entries[1].3),
            (&split, &pax, &link)
        );
        assert_eq!(entries.len(), 2);
    }

    #[test]
    fn replaces_and_drops() {
        let builder = ArchiveBuilder::stand_in("go1.22.10")
            .version("go9.9.9\n")
            .without("go/bin/go");
        let entries = read(&builder.finish());
        assert!(
            entries
                .iter()
                .any(|entry| entry.0 == "go/VERSION" && entry.4 == "go9.9.9\n")
        );
        assert!(!entries.iter().any(|entry| entry.0 == "go/bin/go"));
    }
}
