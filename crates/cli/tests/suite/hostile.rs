//! Archives that no honest tool makes, each with its correct sha256: every one is refused, and touches nothing outside of staging.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use flate2::write::{DeflateEncoder, GzEncoder};
use flate2::{Compression, Crc};
use goshim_test_support::ArchiveBuilder;

use crate::support::{GO, RELEASE, Ran, World, gzip};

use std::io::Write;

/// Fewer would mean that something is no longer looked at.
const LEAST_ARCHIVES: usize = 100;
const LEAST_FAMILIES: usize = 40;
/// What an archive may cost before it is refused, in bytes: the memory that is allowed, and the data before a ratio counts.
const MOST_MEMORY: u64 = 64 << 20;
const MOST_WRITTEN: u64 = 66 << 20;

/// An archive, and what it is an example of.
struct Case {
    family: &'static str,
    name: String,
    bytes: Vec<u8>,
}

#[derive(Default)]
struct Cases(Vec<Case>);

impl Cases {
    fn add(&mut self, family: &'static str, name: impl Into<String>, bytes: Vec<u8>) {
        self.0.push(Case {
            family,
            name: name.into(),
            bytes,
        });
    }

    fn families(&self) -> BTreeSet<&'static str> {
        self.0.iter().map(|case| case.family).collect()
    }
}

fn go() -> ArchiveBuilder {
    ArchiveBuilder::new()
        .file("go/VERSION", 0o644, format!("{GO}\n"))
        .file("go/bin/go", 0o755, b"\x7fELF and more")
}

/// A tar header with everything in its place, for `tweak` to change; the sum is made after that.
fn header(name: &[u8], kind: u8, size: u64, tweak: impl Fn(&mut [u8; 512])) -> Vec<u8> {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name);
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    header[136..148].copy_from_slice(b"14722301610\0");
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    tweak(&mut header);
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header.to_vec()
}

/// `tar` with more blocks before its end, filled up to whole ones.
fn with(blocks: &[Vec<u8>]) -> Vec<u8> {
    let mut tar = go().tar();
    tar.truncate(tar.len() - 1024);
    for block in blocks {
        tar.extend(block);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.extend([0; 1024]);
    tar
}

fn same(_: &mut [u8; 512]) {}

fn names(cases: &mut Cases) {
    let long = format!("go/{}", "n".repeat(300));
    let path = format!("go/{}x", "directory/".repeat(110));
    let deep = format!("go/{}x", "d/".repeat(40));
    for (family, names) in [
        (
            "upward",
            &["../x", "go/../../x", "go/a/../../../x", "go/.."][..],
        ),
        ("absolute", &["/tmp/goshim-hostile", "//x"]),
        ("elsewhere", &["x", "gox/x", "GO/x"]),
        ("dots", &["./go/x", "go/./x"]),
        ("empty parts", &["go//x", "go/x/"]),
        ("backslash", &["go\\x", "go/a\\..\\b"]),
        ("drive or stream", &["go/C:x", "go/VERSION:stream"]),
        ("wildcards", &["go/a<b", "go/a|b", "go/a?b", "go/a*b"]),
        ("device names", &["go/nul", "go/aux.go", "go/COM1.txt"]),
        ("trailing", &["go/x.", "go/x ", "go/d./x"]),
        (
            "control characters",
            &["go/x\n", "go/\u{1b}]0;x\u{7}", "go/\u{7f}"],
        ),
        (
            "hidden text",
            &["go/\u{202e}x", "go/\u{200b}x", "go/\u{feff}"],
        ),
        ("combining", &["go/e\u{301}", "go/u\u{308}"]),
        ("too long", &[&long, &path]),
        ("too deep", &[&deep]),
    ] {
        for name in names {
            cases.add(family, *name, go().file(name, 0o644, "x").finish());
        }
    }
    for name in [&b"go/\xff"[..], b"go/\xc0\xafx", b"go/\xed\xa0\x80"] {
        cases.add(
            "not UTF-8",
            format!("{name:?}"),
            go().file(name, 0o644, "x").finish(),
        );
    }
}

fn kinds(cases: &mut Cases) {
    for (name, target) in [
        ("in", "VERSION"),
        ("out", "../../../canary"),
        ("absolute", "/etc/passwd"),
    ] {
        cases.add(
            "symbolic link",
            name,
            go().symlink("go/link", target).finish(),
        );
        cases.add(
            "hard link",
            name,
            go().hard_link("go/link", target).finish(),
        );
    }
    cases.add(
        "through a link",
        "a file",
        go().symlink("go/lib", "../../../canary")
            .file("go/lib/file", 0o644, "x")
            .finish(),
    );
    cases.add(
        "through a link",
        "the link later",
        go().file("go/lib/x", 0o644, "x")
            .symlink("go/lib", "/tmp")
            .finish(),
    );
    for (family, kind) in [
        ("character device", b'3'),
        ("block device", b'4'),
        ("FIFO", b'6'),
        ("contiguous", b'7'),
        ("GNU sparse", b'S'),
        ("GNU volume", b'V'),
        ("GNU multi-volume", b'M'),
        ("GNU long name", b'L'),
        ("GNU long link", b'K'),
        ("Solaris", b'X'),
        ("unknown kind", b'Z'),
        ("unknown kind", 0x80),
    ] {
        cases.add(
            family,
            format!("{kind:#x}"),
            go().raw("go/x", kind, 0o644, "", "").finish(),
        );
    }
    cases.add(
        "directory with data",
        "",
        gzip(&with(&[header(b"go/d/", b'5', 3, same), b"xyz".to_vec()])),
    );
    for (name, twice) in [
        ("a file", go().file("go/VERSION", 0o644, "x")),
        ("a directory", go().dir("go/d/", 0o755).dir("go/d/", 0o755)),
        (
            "a directory without its slash",
            go().dir("go/d/", 0o755).dir("go/d", 0o755),
        ),
    ] {
        cases.add("twice", name, twice.finish());
    }
    for (a, b) in [
        ("go/version", "go/x"),
        ("go/ß", "go/SS"),
        ("go/Þ", "go/þ"),
        ("go/D/x", "go/d/X"),
    ] {
        cases.add(
            "case alone",
            a,
            go().file(a, 0o644, "x")
                .file(b, 0o644, "x")
                .file(a.to_uppercase().replace("GO/", "go/"), 0o644, "")
                .finish(),
        );
    }
    cases.add(
        "file and directory",
        "file first",
        go().file("go/VERSION/x", 0o644, "").finish(),
    );
    cases.add(
        "file and directory",
        "directory first",
        go().file("go/s/x", 0o644, "")
            .file("go/s", 0o644, "")
            .finish(),
    );
}

fn records(cases: &mut Cases) {
    let pax = |records: &str| {
        gzip(&with(&[
            header(b"PaxHeaders.0/x", b'x', records.len() as u64, same),
            records.as_bytes().to_vec(),
            header(b"go/x", b'0', 1, same),
            b"x".to_vec(),
        ]))
    };
    for (family, text) in [
        ("PAX size", "10 size=9\n"),
        ("PAX size", "18 size=0000000001\n"),
        ("PAX other key", "22 linkpath=/etc/shad\n"),
        ("PAX other key", "23 GNU.sparse.major=1\n\n"),
        ("PAX other key", "13 uid=0000\n\n"),
        ("PAX name", "14 path=../x\n\n"),
        ("PAX name", "16 path=go/a\0bc\n"),
        ("PAX name", "11 path=/x\n\n"),
        ("PAX twice", "13 path=go/y\n13 path=go/z\n"),
        ("PAX broken", "99999 path=x\n"),
        ("PAX broken", "x path=go/y\n"),
        ("PAX broken", "no record at all"),
    ] {
        cases.add(family, text, pax(text));
    }
    let long = format!("20000 path=go/{}\n", "n".repeat(19_984));
    cases.add("PAX without end", "20 KB", pax(&long));
    let global = header(b"pax_global_header", b'g', 13, same);
    cases.add(
        "PAX global",
        "",
        gzip(&with(&[global, b"13 path=go/y\n".to_vec()])),
    );
    let orphan = header(b"PaxHeaders.0/x", b'x', 13, same);
    let record = b"13 path=go/y\n".to_vec();
    cases.add(
        "PAX for nothing",
        "at the end",
        gzip(&with(&[orphan.clone(), record.clone()])),
    );
    cases.add(
        "PAX for nothing",
        "two",
        gzip(&with(&[orphan.clone(), record.clone(), orphan, record])),
    );
}

fn headers(cases: &mut Cases) {
    let one = |tweak: &dyn Fn(&mut [u8; 512])| {
        gzip(&with(&[header(b"go/x", b'0', 1, tweak), b"x".to_vec()]))
    };
    let mut sum = header(b"go/x", b'0', 0, same);
    sum[148] ^= 1;
    cases.add("wrong checksum", "", gzip(&with(&[sum])));
    cases.add(
        "negative size",
        "",
        one(&|header| header[124..136].fill(0xff)),
    );
    cases.add(
        "binary size",
        "",
        one(&|header| header[124..136].copy_from_slice(b"\x80\0\0\0\0\0\0\0\0\0\0\x01")),
    );
    cases.add(
        "size no number",
        "letters",
        one(&|header| header[124..136].copy_from_slice(b"one        \0")),
    );
    cases.add(
        "size no number",
        "signed",
        one(&|header| header[124..136].copy_from_slice(b"-0000000001\0")),
    );
    cases.add("binary mode", "", one(&|header| header[100] = 0x80));
    cases.add(
        "another magic",
        "GNU, sparse",
        one(&|header| {
            header[257..265].copy_from_slice(b"ustar  \0");
            header[482] = 1;
        }),
    );
    cases.add(
        "another magic",
        "none",
        one(&|header| header[257..265].fill(0)),
    );
    cases.add(
        "huge size",
        "600 MB",
        gzip(&with(&[header(b"go/x", b'0', 600 << 20, same)])),
    );
    cases.add(
        "huge size",
        "8 GB",
        gzip(&with(&[header(b"go/x", b'0', (8 << 30) - 1, same)])),
    );
    let mut padded = header(b"go/x", b'0', 1, same);
    padded.extend([b'x'; 512]);
    cases.add("hidden in padding", "", gzip(&with(&[padded])));
}

fn ends(cases: &mut Cases) {
    let tar = go().tar();
    let other = ArchiveBuilder::new().file("go/hidden", 0o755, "x").tar();
    let body = &tar[..tar.len() - 1024];
    cases.add("no end", "none", gzip(body));
    cases.add("no end", "one block", gzip(&tar[..tar.len() - 512]));
    cases.add("no end", "half a block", gzip(&tar[..tar.len() - 256]));
    cases.add("behind the end", "a byte", gzip(&[&tar[..], b"x"].concat()));
    cases.add(
        "behind the end",
        "an archive",
        gzip(&[&tar[..], &other].concat()),
    );
    cases.add(
        "behind the end",
        "between its blocks",
        gzip(&[body, &[0; 512], &other].concat()),
    );
    let whole = gzip(&tar);
    cases.add("behind gzip", "a byte", [&whole[..], b"x"].concat());
    cases.add("behind gzip", "zeros", [&whole[..], &[0; 512]].concat());
    cases.add(
        "second member",
        "an archive",
        [whole.clone(), gzip(&other)].concat(),
    );
    cases.add(
        "second member",
        "the same archive in two",
        [gzip(body), gzip(&[0; 1024])].concat(),
    );
    cases.add(
        "second member",
        "empty",
        [whole.clone(), gzip(b"")].concat(),
    );
    for at in [8, whole.len() / 2, whole.len() - 8, whole.len() - 1] {
        cases.add("cut gzip", format!("at {at}"), whole[..at].to_vec());
    }
    for (name, from_end) in [("checksum", 8), ("length", 1)] {
        let mut wrong = whole.clone();
        let at = wrong.len() - from_end;
        wrong[at] ^= 1;
        cases.add("wrong gzip trailer", name, wrong);
    }
    cases.add("no gzip", "empty", Vec::new());
    cases.add("no gzip", "tar", tar.clone());
    cases.add(
        "no gzip",
        "zip",
        zip(&[Zipped::file("go/VERSION", format!("{GO}\n").as_bytes())]),
    );
    cases.add("no gzip", "text", b"hello".to_vec());
    cases.add("no tar", "noise", gzip(&[7; 2000]));
    cases.add("no tar", "nothing", gzip(b""));
    cases.add("no tar", "an end alone", gzip(&[0; 1024]));
}

fn contents(cases: &mut Cases) {
    for version in [
        "go1.22.1\n",
        "go1.22.100\n",
        "",
        "\ngo1.22.10\n",
        "go1.22.10-evil\n",
    ] {
        cases.add("another release", version, go().version(version).finish());
    }
    cases.add("no VERSION", "", go().without("go/VERSION").finish());
    cases.add("no go", "", go().without("go/bin/go").finish());
    cases.add(
        "no go",
        "a directory",
        go().without("go/bin/go").dir("go/bin/go/", 0o755).finish(),
    );
    for (name, program) in [
        ("script", &b"#!/bin/sh\n"[..]),
        ("Windows", b"MZ\x90\0"),
        ("empty", b""),
    ] {
        cases.add(
            "another program",
            name,
            go().replace("go/bin/go", program).finish(),
        );
    }
}

fn bombs(cases: &mut Cases) {
    // Hundreds of megabytes of zeros, made and packed piece by piece.
    let zeros = |megabytes: usize| {
        let mut gz = GzEncoder::new(Vec::new(), Compression::best());
        let tar = go().tar();
        gz.write_all(&tar[..tar.len() - 1024]).unwrap();
        gz.write_all(&header(b"go/zeros", b'0', (megabytes as u64) << 20, same))
            .unwrap();
        for _ in 0..megabytes {
            gz.write_all(&vec![0; 1 << 20]).unwrap();
        }
        gz.write_all(&[0; 1024]).unwrap();
        gz.finish().unwrap()
    };
    cases.add("bomb of zeros", "200 MB", zeros(200));
    cases.add("bomb behind the end", "100 MB", {
        let mut gz = GzEncoder::new(Vec::new(), Compression::best());
        gz.write_all(&go().tar()).unwrap();
        for _ in 0..100 {
            gz.write_all(&vec![0; 1 << 20]).unwrap();
        }
        gz.finish().unwrap()
    });
    let mut entries = go();
    for number in 0..60_001 {
        entries = entries.file(format!("go/{number}"), 0o644, "");
    }
    cases.add("entries without end", "60,003", entries.finish());
    let mut directories = go();
    for number in 0..3000 {
        let name = format!("go/{number}/{}f", "d/".repeat(28));
        directories = directories.file(name, 0o644, "");
    }
    cases.add("directories without end", "87,000", directories.finish());
    let mut names = go();
    for number in 0..9500 {
        let name = format!("go/{number}/{0}/{0}/{0}/{0}", "n".repeat(240));
        names = names.dir(format!("{name}/"), 0o755);
    }
    cases.add("names without end", "9 MB", names.finish());
}

/// An entry of a zip archive, with every field open to lies.
#[derive(Clone)]
pub(crate) struct Zipped {
    name: Vec<u8>,
    local_name: Vec<u8>,
    contents: Vec<u8>,
    method: u16,
    flags: u16,
    attributes: u32,
    extra: Vec<u8>,
    crc: u32,
    size: u32,
    local_size: u32,
    descriptor_size: u32,
    gap: usize,
}

impl Zipped {
    /// As Go writes it.
    pub(crate) fn file(name: &str, contents: &[u8]) -> Self {
        let mut crc = Crc::new();
        crc.update(contents);
        Self {
            name: name.into(),
            local_name: name.into(),
            contents: contents.to_vec(),
            method: 8,
            flags: 8,
            attributes: 0o100_644 << 16,
            extra: Vec::new(),
            crc: crc.sum(),
            size: quad(contents.len()),
            local_size: 0,
            descriptor_size: quad(contents.len()),
            gap: 0,
        }
    }
}

/// A length as zip has it.
fn quad(length: usize) -> u32 {
    length.try_into().unwrap()
}

/// A short one.
fn short(length: usize) -> u16 {
    length.try_into().unwrap()
}

pub(crate) fn zip(entries: &[Zipped]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    let mut known: Vec<(Vec<u8>, u32)> = Vec::new();
    for entry in entries {
        let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
        deflate.write_all(&entry.contents).unwrap();
        let data = if entry.method == 0 {
            entry.contents.clone()
        } else {
            deflate.finish().unwrap()
        };
        let (name, extra) = (short(entry.name.len()), short(entry.extra.len()));
        bytes.resize(bytes.len() + entry.gap, 0);
        let at = quad(bytes.len());
        known.push((entry.name.clone(), at));
        bytes.extend(0x0403_4b50u32.to_le_bytes());
        for field in [0x14, entry.flags, entry.method, 0, 0] {
            bytes.extend(field.to_le_bytes());
        }
        let has_descriptor = entry.flags & 8 != 0;
        let sums = if has_descriptor {
            [0, 0, entry.local_size]
        } else {
            [entry.crc, quad(data.len()), entry.size]
        };
        for field in sums {
            bytes.extend(field.to_le_bytes());
        }
        bytes.extend((short(entry.local_name.len())).to_le_bytes());
        bytes.extend(extra.to_le_bytes());
        bytes.extend(&entry.local_name);
        bytes.extend(&entry.extra);
        bytes.extend(&data);
        if has_descriptor {
            for field in [
                0x0807_4b50,
                entry.crc,
                quad(data.len()),
                entry.descriptor_size,
            ] {
                bytes.extend(field.to_le_bytes());
            }
        }
        directory.extend(0x0201_4b50u32.to_le_bytes());
        for field in [0x0314, 0x14, entry.flags, entry.method, 0, 0] {
            directory.extend(field.to_le_bytes());
        }
        for field in [entry.crc, quad(data.len()), entry.size] {
            directory.extend(field.to_le_bytes());
        }
        for field in [name, extra, 0, 0, 0] {
            directory.extend(field.to_le_bytes());
        }
        directory.extend(entry.attributes.to_le_bytes());
        directory.extend(at.to_le_bytes());
        directory.extend(&entry.name);
        directory.extend(&entry.extra);
    }
    let (at, size) = (quad(bytes.len()), quad(directory.len()));
    bytes.extend(directory);
    bytes.extend(0x0605_4b50u32.to_le_bytes());
    for field in [0, 0, short(entries.len()), short(entries.len())] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.extend(size.to_le_bytes());
    bytes.extend(at.to_le_bytes());
    bytes.extend(0u16.to_le_bytes());
    bytes
}

/// The files of a distribution for Windows.
pub(crate) fn windows(prefix: &str) -> Vec<Zipped> {
    let file = |name: &str, contents: &[u8]| Zipped::file(&format!("{prefix}{name}"), contents);
    vec![
        file("VERSION", format!("{GO}\n").as_bytes()),
        file("bin/go.exe", b"MZ\x90\0"),
        file("src/fmt/print.go", b"package fmt\n"),
    ]
}

const MODULE: &str = "golang.org/toolchain@v0.0.1-go1.22.10.windows-amd64/";

#[expect(clippy::too_many_lines, reason = "it is a list")]
fn zips(cases: &mut Cases) {
    let one = |name: &str, tweak: &dyn Fn(&mut Zipped)| {
        let mut entries = windows("go/");
        let mut entry = Zipped::file(name, b"contents");
        tweak(&mut entry);
        entries.push(entry);
        zip(&entries)
    };
    let good = zip(&windows("go/"));
    for name in [
        "../x",
        "/x",
        "x",
        "go/a\\b",
        "go/nul",
        "go/x.",
        "go/\u{202e}x",
        "go/VERSION",
        "go/version",
        "go/VERSION/x",
    ] {
        cases.add("zip: names", name, one(name, &|_| ()));
    }
    cases.add(
        "zip: names",
        "not UTF-8",
        one("go/x", &|entry| {
            entry.name = b"go/\xff".to_vec();
            entry.local_name.clone_from(&entry.name);
        }),
    );
    cases.add("zip: before", "bytes", [b"MZ", &good[..]].concat());
    cases.add("zip: behind", "a byte", [&good[..], b"x"].concat());
    let mut comment = good.clone();
    let at = comment.len() - 2;
    comment[at] = 3;
    comment.extend(b"abc");
    cases.add("zip: comment", "", comment);
    cases.add(
        "zip: in between",
        "a gap",
        one("go/x", &|entry| entry.gap = 4),
    );
    cases.add(
        "zip: two names",
        "",
        one("go/x", &|entry| entry.local_name = b"go/y".to_vec()),
    );
    cases.add(
        "zip: two names",
        "of other length",
        one("go/x", &|entry| entry.local_name = b"../evil".to_vec()),
    );
    cases.add(
        "zip: two sizes",
        "header",
        one("go/x", &|entry| entry.local_size = 8),
    );
    cases.add(
        "zip: two sizes",
        "descriptor",
        one("go/x", &|entry| entry.descriptor_size = 9),
    );
    cases.add(
        "zip: two sizes",
        "data shorter",
        one("go/x", &|entry| {
            entry.size = 9;
            entry.descriptor_size = 9;
        }),
    );
    cases.add(
        "zip: two sizes",
        "data longer",
        one("go/x", &|entry| {
            entry.size = 3;
            entry.descriptor_size = 3;
        }),
    );
    cases.add("zip: checksum", "", one("go/x", &|entry| entry.crc ^= 1));
    cases.add("zip: encrypted", "", one("go/x", &|entry| entry.flags |= 1));
    cases.add(
        "zip: flags",
        "patch data",
        one("go/x", &|entry| entry.flags |= 1 << 5),
    );
    for method in [1, 9, 12, 93, 99] {
        cases.add(
            "zip: method",
            method.to_string(),
            one("go/x", &|entry| entry.method = method),
        );
    }
    for (name, kind) in [
        ("symbolic link", 0o120_777),
        ("device", 0o020_666),
        ("FIFO", 0o010_644),
        ("directory", 0o040_755),
    ] {
        cases.add(
            "zip: kind",
            name,
            one("go/x", &|entry| entry.attributes = kind << 16),
        );
    }
    cases.add("zip: kind", "file with a slash", one("go/x/", &|_| ()));
    for (name, id) in [
        ("zip64", 1u16),
        ("Unicode path", 0x7075),
        ("unknown", 0x1234),
    ] {
        cases.add(
            "zip: extra field",
            name,
            one("go/x", &|entry| {
                entry.extra = [&id.to_le_bytes()[..], &[1, 0, 0]].concat();
            }),
        );
    }
    cases.add(
        "zip: extra field",
        "cut",
        one("go/x", &|entry| entry.extra = vec![0x55, 0x54, 9, 0]),
    );
    let end = good.len() - 22;
    for (name, at, value) in [
        ("disks", 4, 1),
        ("more entries", 10, 9),
        ("zip64 count", 10, 0xff),
        ("directory elsewhere", 16, 1),
        ("directory longer", 12, 1),
    ] {
        let mut lie = good.clone();
        lie[end + at] = value;
        if at == 10 {
            lie[end + 8] = value;
            lie[end + 9] = if value == 0xff { 0xff } else { 0 };
            lie[end + 11] = lie[end + 9];
        }
        cases.add("zip: end record", name, lie);
    }
    // Two entries of the directory that share one file's data.
    let mut overlap = windows("go/");
    overlap.push(Zipped::file("go/a", b"shared"));
    overlap.push(Zipped::file("go/b", b"shared"));
    let mut overlapping = zip(&overlap);
    let shared = quad(overlapping.windows(4).position(|at| at == b"go/a").unwrap()) - 30;
    let last = overlapping.len() - 22 - 4 - 4;
    overlapping[last..last + 4].copy_from_slice(&shared.to_le_bytes());
    cases.add("zip: overlap", "", overlapping);
    for at in [0, 10, good.len() / 2, good.len() - 1] {
        cases.add("zip: cut", format!("at {at}"), good[..at].to_vec());
    }
    cases.add("zip: bomb", "100 MB", {
        let mut entries = windows("go/");
        entries.push(Zipped::file("go/zeros", &vec![0; 100 << 20]));
        zip(&entries)
    });
    let mut mixed = windows(MODULE);
    mixed.push(Zipped::file("go/x", b""));
    cases.add("zip: module", "two prefixes", zip(&mixed));
    let mut renamed = windows(MODULE);
    renamed.push(Zipped::file(&format!("{MODULE}src/go.mod"), b""));
    cases.add("zip: module", "an unrenamed go.mod", zip(&renamed));
    let other = windows("golang.org/toolchain@v0.0.1-go1.22.11.windows-amd64/");
    cases.add("zip: module", "of another release", zip(&other));
    cases.add(
        "zip: module",
        "upward",
        zip(&[
            windows(MODULE),
            vec![Zipped::file(&format!("{MODULE}../x"), b"")],
        ]
        .concat()),
    );
    for (name, program) in [("ELF", &b"\x7fELF"[..]), ("empty", b"")] {
        let mut entries = windows("go/");
        entries[1] = Zipped::file("go/bin/go.exe", program);
        cases.add("zip: program", name, zip(&entries));
    }
}

/// Runs a command to its end, and sees how much memory it had and how much it wrote.
fn watched(command: &mut Command) -> (Ran, u64, u64) {
    let what = format!("{command:?}");
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let proc = Path::new("/proc").join(child.id().to_string());
    // From the moment at which the child execs until it bears the program's name, the memory that is shown is still that of this process.
    let name = Path::new(command.get_program()).file_name().unwrap();
    let is_it = format!("Name:\t{}\n", name.to_str().unwrap());
    let number = |text: &str, key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    let (mut memory, mut written) = (0, 0);
    while child.try_wait().unwrap().is_none() {
        let text = |file: &str| fs_err::read_to_string(proc.join(file)).unwrap_or_default();
        let status = text("status");
        if status.starts_with(&is_it) {
            memory = memory.max(number(&status, "VmHWM:").unwrap_or(0) << 10);
        }
        written = written.max(number(&text("io"), "wchar:").unwrap_or(0));
        std::thread::sleep(Duration::from_millis(1));
    }
    (
        Ran::from_output(what, child.wait_with_output().unwrap()),
        memory,
        written,
    )
}

/// Lets the program install each archive, which it must not.
fn refuse_all(cases: &Cases, file: &str, words: &[&str]) -> (u64, u64) {
    let world = World::in_memory(&[GO]);
    let canary = world.sandbox.write("canary/file", "untouched");
    world.sandbox.write("goshim/downloads/canary", "untouched");
    let outside = world.outside();
    let (mut memory, mut written) = (0, 0);
    for case in &cases.0 {
        fs_err::write(world.sandbox.root().join("mirror").join(file), &case.bytes).unwrap();
        let (ran, had, wrote) = watched(&mut world.goshim(words.iter().copied()));
        (memory, written) = (had.max(memory), wrote.max(written));
        let ran = ran.refused(1, "is not a Go distribution").printed_plainly();
        let context = format!("{}: {:?}\n{ran}", case.family, case.name);
        world.assert_nothing_is_installed(&context);
        assert!(
            outside == world.outside(),
            "something outside the store changed: {context}"
        );
        assert_eq!(fs_err::read(&canary).unwrap(), b"untouched", "{context}");
        assert_eq!(world.stored("downloads"), ["canary"], "{context}");
        let known = ["downloads", "index", "locks", "staging"];
        assert_eq!(world.stored(""), known, "{context}");
        assert!(had < MOST_MEMORY, "{had} bytes of memory: {context}");
        assert!(
            wrote < MOST_WRITTEN + case.bytes.len() as u64,
            "{wrote} bytes written: {context}"
        );
    }
    assert!(memory > 0 && written > 0, "nothing was seen");
    (memory, written)
}

#[test]
fn hostile_archives() {
    let mut tars = Cases::default();
    names(&mut tars);
    kinds(&mut tars);
    records(&mut tars);
    headers(&mut tars);
    ends(&mut tars);
    contents(&mut tars);
    bombs(&mut tars);
    let mut zipped = Cases::default();
    zips(&mut zipped);
    let name = goshim_test_support::host::archive_name(GO);
    let windows = ["install", RELEASE, "--os", "windows", "--arch", "amd64"];
    let (a, b) = std::thread::scope(|scope| {
        let zips = scope.spawn(|| refuse_all(&zipped, "go1.22.10.windows-amd64.zip", &windows));
        (
            refuse_all(&tars, &name, &["install", RELEASE]),
            zips.join().unwrap(),
        )
    });
    let (archives, families) = (
        tars.0.len() + zipped.0.len(),
        tars.families().len() + zipped.families().len(),
    );
    println!(
        "{archives} hostile archives of {families} families: all refused, nothing outside touched; at most {} MiB of memory and {} MiB written",
        a.0.max(b.0) >> 20,
        a.1.max(b.1) >> 20
    );
    assert!(
        archives >= LEAST_ARCHIVES && families >= LEAST_FAMILIES,
        "{archives} of {families}"
    );
}

/// That they are refused for what is wrong with them, and not for what all of them have in common.
#[test]
fn the_honest_ones_are_accepted() {
    let world = World::in_memory(&[GO]);
    world.publish(
        GO,
        &gzip(&with(&[header(b"go/x", b'0', 1, same), b"x".to_vec()])),
    );
    world.ok(["install", RELEASE]);
    assert!(world.sdk(GO).join("x").is_file());
    let windows_zip = ["install", RELEASE, "--os", "windows", "--arch", "amd64"];
    let root = world
        .sandbox
        .goshim_home()
        .join("sdks/go1.22.10.windows-amd64");
    let file = world
        .sandbox
        .root()
        .join("mirror/go1.22.10.windows-amd64.zip");
    let mut stamped = windows("go/");
    // With times, and with sizes in the header, as older ones have them; a directory of its own; and a file that is not compressed.
    stamped[0].extra = vec![0x55, 0x54, 5, 0, 1, 0, 0, 0, 0];
    stamped[1].flags = 0;
    stamped[2].method = 0;
    let mut dir = Zipped::file("go/pkg/", b"");
    (dir.flags, dir.method, dir.attributes) = (0, 0, 0o040_755 << 16);
    stamped.push(dir);
    let mut module = windows(MODULE);
    module.push(Zipped::file(
        &format!("{MODULE}src/_go.mod"),
        b"module std\n",
    ));
    for (entries, go_mod) in [(windows("go/"), false), (stamped, false), (module, true)] {
        fs_err::write(&file, zip(&entries)).unwrap();
        world.ok(windows_zip);
        assert_eq!(fs_err::read(root.join("bin/go.exe")).unwrap(), b"MZ\x90\0");
        assert_eq!(root.join("src/go.mod").is_file(), go_mod);
        fs_err::remove_dir_all(&root).unwrap();
    }
}
