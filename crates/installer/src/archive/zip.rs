//! Zip, as Go's archive/zip writes it, and in no other form: entries one behind the other from the first byte, then the central directory in
//! the same order, then its end record, without comments. So there is one way to read it, and nothing can be hidden in between.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use goshim_resolver::escape::Escaped;
use sha2::{Digest as _, Sha256};

use super::tree::Tree;
use super::{Failure, MOST_BYTES, name, refuse};
use crate::hex::hex;

const END_LEN: u64 = 22;
/// The central directory is read whole; go1.27.3's for the toolchain module has 1.5 MB.
const MOST_DIRECTORY_BYTES: u64 = 16 << 20;
/// No distribution is compressed nearly as much; small ones are no danger whatever their ratio.
const MOST_RATIO: u64 = 30;
const FREE_OF_RATIO: u64 = 64 << 20;

/// General purpose flags: sizes follow the data; the name is UTF-8.
const HAS_DESCRIPTOR: u16 = 1 << 3;
const IS_UTF8: u16 = 1 << 11;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// The only extra field that Go writes: a time.
const EXTENDED_TIMESTAMP: u16 = 0x5455;

/// Reads an archive and writes what it holds to `tree`. The names begin with `go/`, or all with `module_prefix`, which then becomes `go/`.
///
/// Returns the sha256, hexadecimal, of the very bytes that were unpacked: somebody may be writing to the file. So it is read from its first byte to
/// its last in one go, and the directory, which had to be read before, must come by again as it was.
pub(super) fn read(
    mut file: &File,
    module_prefix: &str,
    tree: &mut Tree<'_>,
) -> Result<String, Failure> {
    let length = file.seek(SeekFrom::End(0))?;
    let (entries, directory_at, tail) = directory(file, length)?;
    let total = entries
        .iter()
        .fold(0u64, |sum, entry| sum.saturating_add(entry.size.into()));
    if total > MOST_BYTES || total > (length * MOST_RATIO).max(FREE_OF_RATIO) {
        return refuse("it is larger than any Go distribution");
    }
    let is_module = entries
        .first()
        .is_some_and(|entry| entry.name.starts_with(module_prefix.as_bytes()));
    file.seek(SeekFrom::Start(0))?;
    let mut hashed = Hashed {
        file,
        hasher: Sha256::new(),
    };
    let mut source = BufReader::with_capacity(128 << 10, &mut hashed);
    let mut position = 0;
    for entry in &entries {
        if u64::from(entry.at) != position {
            return refuse("its entries do not lie one behind the other");
        }
        let path = if is_module {
            distribution_name(&entry.name, module_prefix)?
        } else {
            entry.name.clone()
        };
        let path = name::checked(&path, entry.is_directory())?;
        position += local_header(&mut source, entry)?;
        if entry.is_directory() {
            tree.directory(&path)?;
        } else {
            contents(&mut source, entry, &path, tree)?;
        }
        position += u64::from(entry.compressed);
        if entry.flags & HAS_DESCRIPTOR != 0 {
            position += descriptor(&mut source, entry)?;
        }
    }
    if position != directory_at {
        return refuse("something lies between its entries and its directory");
    }
    let mut again = Vec::with_capacity(tail.len());
    let most = tail.len() as u64 + 1;
    source.by_ref().take(most).read_to_end(&mut again)?;
    drop(source);
    if again == tail {
        Ok(hex(&hashed.hasher.finalize()))
    } else {
        refuse("it was changed while it was unpacked")
    }
}

/// A file, and the hash of what was read from it.
struct Hashed<'a> {
    file: &'a File,
    hasher: Sha256,
}

impl Read for Hashed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.hasher.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// The name in the distribution of a file of the module: without the module's prefix, and `_go.mod` by its own name.
fn distribution_name(name: &[u8], prefix: &str) -> Result<Vec<u8>, Failure> {
    let Some(below) = name.strip_prefix(prefix.as_bytes()) else {
        return refuse(format!(
            "the name `{}` is not below {prefix}",
            Escaped(&String::from_utf8_lossy(name))
        ));
    };
    let cut = below
        .iter()
        .rposition(|byte| *byte == b'/')
        .map_or(0, |at| at + 1);
    let (dir, file) = below.split_at_checked(cut).unwrap_or((b"", below));
    let file = match file {
        b"_go.mod" => b"go.mod",
        b"go.mod" => return refuse("it has a go.mod, which the toolchain module does not"),
        file => file,
    };
    Ok([b"go/", dir, file].concat())
}

/// An entry as the central directory has it.
struct Entry {
    flags: u16,
    method: u16,
    time: u32,
    crc: u32,
    compressed: u32,
    size: u32,
    mode: u32,
    at: u32,
    name: Vec<u8>,
}

impl Entry {
    fn is_directory(&self) -> bool {
        self.name.ends_with(b"/")
    }

    fn shown(&self) -> String {
        Escaped(&String::from_utf8_lossy(&self.name)).to_string()
    }
}

/// The central directory, where it begins, and its bytes with those of its end record, which are the last of the file.
fn directory(mut file: &File, length: u64) -> Result<(Vec<Entry>, u64, Vec<u8>), Failure> {
    let none = || Failure::Archive("it is no zip file as Go writes them".to_owned());
    let end_at = length.checked_sub(END_LEN).ok_or_else(none)?;
    file.seek(SeekFrom::Start(end_at))?;
    let mut end = Fields::read::<22>(&mut file)?;
    let is_end = end.u32() == 0x0605_4b50;
    let disks = end.u32();
    let (count_here, count) = (end.u16(), end.u16());
    let (size, at) = (u64::from(end.u32()), u64::from(end.u32()));
    let comment = end.u16();
    let is_plain = is_end && disks == 0 && count_here == count && comment == 0;
    // A directory that does not end at its record belongs to a zip64 file, or to one with something in between.
    if !is_plain || count == u16::MAX || at + size != end_at || size > MOST_DIRECTORY_BYTES {
        return Err(none());
    }
    file.seek(SeekFrom::Start(at))?;
    let mut tail = Vec::new();
    file.take(size + END_LEN).read_to_end(&mut tail)?;
    let (mut rest, _) = usize::try_from(size)
        .ok()
        .and_then(|size| tail.split_at_checked(size))
        .ok_or_else(none)?;
    let mut entries = Vec::new();
    for _ in 0..count {
        entries.push(directory_entry(&mut rest)?);
    }
    if !rest.is_empty() {
        return refuse("its directory is longer than its entries");
    }
    Ok((entries, at, tail))
}

fn directory_entry(source: &mut impl Read) -> Result<Entry, Failure> {
    let mut fields = Fields::read::<46>(source)?;
    if fields.u32() != 0x0201_4b50 {
        return refuse("its directory is broken");
    }
    let made_by = fields.u16() >> 8;
    let _needed = fields.u16();
    let (flags, method, time) = (fields.u16(), fields.u16(), fields.u32());
    let (crc, compressed, size) = (fields.u32(), fields.u32(), fields.u32());
    let (name_len, extra_len, comment_len) = (fields.u16(), fields.u16(), fields.u16());
    let disk = fields.u16();
    let _internal = fields.u16();
    let (attributes, at) = (fields.u32(), fields.u32());
    let name = bytes(source, name_len)?;
    only_times(&bytes(source, extra_len)?)?;
    let entry = Entry {
        flags,
        method,
        time,
        crc,
        compressed,
        size,
        // Where it was not made on Unix there is no mode.
        mode: if made_by == 3 { attributes >> 16 } else { 0 },
        at,
        name,
    };
    let refuse_entry = |reason: &str| refuse(format!("`{}` {reason}", entry.shown()));
    if comment_len != 0 || disk != 0 || flags & !(HAS_DESCRIPTOR | IS_UTF8) != 0 {
        return refuse_entry("is encrypted, or has what no Go archive has");
    }
    let is_one_kind = match entry.mode & 0o170_000 {
        0 => true,
        0o040_000 => entry.is_directory(),
        0o100_000 => !entry.is_directory(),
        _ => false,
    };
    if !is_one_kind {
        return refuse_entry("is neither a file nor a directory");
    }
    let is_empty = compressed == 0 && size == 0;
    let is_sound = match method {
        STORED => compressed == size,
        DEFLATED => true,
        _ => return refuse_entry("is compressed by an unknown method"),
    };
    if !is_sound || entry.is_directory() && !(is_empty && flags & HAS_DESCRIPTOR == 0) {
        return refuse_entry("has sizes that contradict each other");
    }
    Ok(entry)
}

/// Reads the header before an entry's data, which says what the directory says. Returns its length.
fn local_header(source: &mut impl BufRead, entry: &Entry) -> Result<u64, Failure> {
    let mut fields = Fields::read::<30>(source)?;
    let is_header = fields.u32() == 0x0403_4b50;
    let _needed = fields.u16();
    let same =
        fields.u16() == entry.flags && fields.u16() == entry.method && fields.u32() == entry.time;
    let sums = [fields.u32(), fields.u32(), fields.u32()];
    let expected = if entry.flags & HAS_DESCRIPTOR == 0 {
        [entry.crc, entry.compressed, entry.size]
    } else {
        [0; 3]
    };
    let (name_len, extra_len) = (fields.u16(), fields.u16());
    if !is_header || !same || sums != expected || bytes(source, name_len)? != entry.name {
        return refuse(format!(
            "`{}` and the directory contradict each other",
            entry.shown()
        ));
    }
    only_times(&bytes(source, extra_len)?)?;
    Ok(30 + u64::from(name_len) + u64::from(extra_len))
}

/// Reads the sums behind an entry's data. Returns their length.
fn descriptor(source: &mut impl BufRead, entry: &Entry) -> Result<u64, Failure> {
    let mut fields = Fields::read::<16>(source)?;
    let is_right = fields.u32() == 0x0807_4b50
        && fields.u32() == entry.crc
        && fields.u32() == entry.compressed
        && fields.u32() == entry.size;
    if is_right {
        Ok(16)
    } else {
        refuse(format!(
            "`{}` and the directory contradict each other",
            entry.shown()
        ))
    }
}

/// Writes a file, and checks that its data is exactly what the directory says.
fn contents(
    source: &mut impl BufRead,
    entry: &Entry,
    path: &str,
    tree: &mut Tree<'_>,
) -> Result<(), Failure> {
    let wrong = || Failure::Archive(format!("`{}` is damaged", entry.shown()));
    let mut file = tree.file(path, entry.mode, entry.size.into())?;
    let mut data = source.take(entry.compressed.into());
    let (mut crc, mut written) = (Crc::new(), 0u64);
    {
        let mut inflated: Box<dyn Read + '_> = match entry.method {
            STORED => Box::new(&mut data),
            _ => Box::new(DeflateDecoder::new(&mut data)),
        };
        let mut buffer = vec![0; 64 << 10];
        loop {
            let count = inflated.read(&mut buffer).map_err(|_| wrong())?;
            let piece = buffer.get(..count).unwrap_or_default();
            if piece.is_empty() {
                break;
            }
            written += piece.len() as u64;
            if written > entry.size.into() {
                return Err(wrong());
            }
            crc.update(piece);
            file.write(piece)?;
        }
    }
    if data.limit() > 0 || written != u64::from(entry.size) || crc.sum() != entry.crc {
        return Err(wrong());
    }
    tree.finish(path, file);
    Ok(())
}

/// Extra fields may change a name or a size; only times do no harm.
fn only_times(mut extra: &[u8]) -> Result<(), Failure> {
    while !extra.is_empty() {
        let next = extra.split_at_checked(4).and_then(|(head, rest)| {
            let (&[a, b, c, d], rest) = (head.first_chunk()?, rest);
            let (_, rest) = rest.split_at_checked(u16::from_le_bytes([c, d]).into())?;
            (u16::from_le_bytes([a, b]) == EXTENDED_TIMESTAMP).then_some(rest)
        });
        match next {
            Some(rest) => extra = rest,
            None => return refuse("it has an extra field that no Go archive has"),
        }
    }
    Ok(())
}

fn bytes(source: &mut impl Read, count: u16) -> Result<Vec<u8>, Failure> {
    let mut bytes = vec![0; count.into()];
    source.read_exact(&mut bytes).map_err(cut)?;
    Ok(bytes)
}

fn cut(error: io::Error) -> Failure {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        Failure::Archive("it ends early".to_owned())
    } else {
        Failure::Disk(error)
    }
}

/// A record of fixed length, its numbers from the front; little-endian.
struct Fields {
    bytes: Vec<u8>,
    at: usize,
}

impl Fields {
    fn read<const LEN: usize>(source: &mut impl Read) -> Result<Self, Failure> {
        let mut bytes = vec![0; LEN];
        source.read_exact(&mut bytes).map_err(cut)?;
        Ok(Self { bytes, at: 0 })
    }

    fn number<const LEN: usize>(&mut self) -> [u8; LEN] {
        let number = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk);
        self.at += LEN;
        number.copied().unwrap_or([0; LEN])
    }

    fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.number())
    }

    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.number())
    }
}
