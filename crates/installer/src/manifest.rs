//! The sha256 of each file of an SDK, and the h1 that the checksum database has for it.

use std::collections::BTreeMap;

use goshim_resolver::Version;
use sha2::{Digest, Sha256};

use crate::hex::{hex, unhex};
use crate::platform::Platform;

/// The files of an SDK by their path below GOROOT, with their digests.
///
/// Its text has a line for each file, sorted by bytes, in the form of Go's `dirhash.Hash1`: hexadecimal digest, two blanks, name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    files: BTreeMap<String, [u8; 32]>,
}

impl Manifest {
    /// Adds a file.
    pub(crate) fn insert(&mut self, path: String, digest: [u8; 32]) {
        self.files.insert(path, digest);
    }

    /// The digest of a file.
    pub fn digest(&self, path: &str) -> Option<&[u8; 32]> {
        self.files.get(path)
    }

    /// The files with their digests, sorted by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8; 32])> {
        self.files
            .iter()
            .map(|(path, digest)| (path.as_str(), digest))
    }

    /// The manifest with this text; `None` where it is none. No path in it leads out of GOROOT.
    pub fn parse(text: &str) -> Option<Self> {
        let mut files = BTreeMap::new();
        for line in text.lines() {
            let (digest, path) = line.split_once("  ")?;
            let is_plain = |name: &str| !matches!(name, "" | "." | "..");
            if !path.split('/').all(is_plain) {
                return None;
            }
            files.insert(path.to_owned(), unhex(digest.as_bytes())?.try_into().ok()?);
        }
        Some(Self { files })
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The text that is stored.
    pub fn text(&self) -> String {
        lines(
            self.files
                .iter()
                .map(|(path, digest)| (path.clone(), digest)),
        )
    }

    /// The sha256 of its text, hexadecimal.
    pub fn sha256(&self) -> String {
        hex(&Sha256::digest(self.text()))
    }

    /// The `h1:` of the module `golang.org/toolchain` that Go's own switching would download for this SDK.
    ///
    /// The module is the distribution without `api`, `doc`, `misc` and `test`, each `go.mod` renamed to `_go.mod`
    /// (`cmd/distpack/pack.go`), hashed as `dirhash.Hash1` does.
    pub fn h1(&self, version: &Version, platform: Platform) -> String {
        let prefix = module_prefix(version, platform);
        let in_module = self.files.iter().filter(|(path, _)| {
            !["api/", "doc/", "misc/", "test/"]
                .iter()
                .any(|dir| path.starts_with(dir))
        });
        let renamed: BTreeMap<String, &[u8; 32]> = in_module
            .map(|(path, digest)| (format!("{prefix}{}", module_name(path)), digest))
            .collect();
        hash1(&lines(renamed.into_iter()))
    }
}

/// How the names of the toolchain module begin: module path, version, and the toolchain with its platform.
pub(crate) fn module_prefix(version: &Version, platform: Platform) -> String {
    format!(
        "golang.org/toolchain@v0.0.1-{}.{}-{}/",
        version.toolchain(),
        platform.os,
        platform.arch
    )
}

/// Go's `dirhash.Hash1`, of its lines.
fn hash1(lines: &str) -> String {
    format!("h1:{}", base64(&Sha256::digest(lines)))
}

fn lines<'a>(files: impl Iterator<Item = (String, &'a [u8; 32])>) -> String {
    let mut text = String::new();
    for (path, digest) in files {
        text.push_str(&hex(digest));
        text.push_str("  ");
        text.push_str(&path);
        text.push('\n');
    }
    text
}

fn module_name(path: &str) -> String {
    match path.rsplit_once('/') {
        None if path == "go.mod" => "_go.mod".to_owned(),
        Some((dir, "go.mod")) => format!("{dir}/_go.mod"),
        _ => path.to_owned(),
    }
}

/// Standard base64 with padding (RFC 4648 §4); one digest an SDK is no reason for a dependency.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .fold(0u32, |group, byte| group << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for index in 0..4 {
            let sextet = (group >> (18 - 6 * index)) as usize & 63;
            text.push(if index <= chunk.len() {
                char::from(ALPHABET[sextet])
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_rfc_4648() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    /// Computed by Go's own package.
    #[test]
    fn hash1_is_go_s() {
        for (files, h1) in [
            (
                &[("go.mod", "module golang.org/toolchain\n")][..],
                "h1:8wlg68NqwW7eMnI1aABk/C2pDYXj8mrMY4TyRfiLeS0=",
            ),
            (
                &[("a", ""), ("b", "x\n")],
                "h1:jOa0rP09+Hy0CqI+ISmtzm42z+s1iqjZkkawhgZ1Rpo=",
            ),
            (
                &[
                    ("p@v1/B", "3"),
                    ("p@v1/a.go", "1"),
                    ("p@v1/a/b.go", "2"),
                    ("p@v1/é", "4"),
                ],
                "h1:EwTOrT4YknUtJtUmxT6Z1fiA72rnCSx30cFCqWVHVOc=",
            ),
        ] {
            let mut manifest = Manifest::default();
            for (path, contents) in files {
                manifest.insert((*path).to_owned(), Sha256::digest(contents).into());
            }
            assert_eq!(hash1(&manifest.text()), h1);
            assert_eq!(Manifest::parse(&manifest.text()), Some(manifest));
        }
    }

    #[test]
    fn the_module_is_the_distribution_without_four_directories_and_with_go_mod_renamed() {
        let digest = |text: &str| Sha256::digest(text).into();
        let mut distribution = Manifest::default();
        for path in [
            "VERSION",
            "api/go1.txt",
            "doc/x",
            "misc/x",
            "test/x.go",
            "src/go.mod",
            "src/cmd/go.mod",
            "src/api/kept.go",
        ] {
            distribution.insert(path.to_owned(), digest(path));
        }
        let version = Version::parse("1.22.10").unwrap();
        let platform = Platform {
            os: "linux",
            arch: "amd64",
        };
        let prefix = "golang.org/toolchain@v0.0.1-go1.22.10.linux-amd64/";
        let expected: String = [
            ("VERSION", "VERSION"),
            ("src/_go.mod", "src/go.mod"),
            ("src/api/kept.go", "src/api/kept.go"),
            ("src/cmd/_go.mod", "src/cmd/go.mod"),
        ]
        .map(|(name, contents)| format!("{}  {prefix}{name}\n", hex(&digest(contents))))
        .concat();
        let h1 = distribution.h1(&version, platform);
        assert_eq!(h1, hash1(&expected));
        assert_eq!(
            distribution.text().lines().count(),
            8,
            "the manifest names every file"
        );
    }
}
