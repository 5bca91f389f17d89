//! Tar, as Go's archive/tar writes it: ustar headers, and PAX records for the names that do not fit into one. Releases of the first years may have been
//! packed by GNU tar: its headers are read where they say no more than ustar's.

use std::io::BufRead;

use goshim_resolver::escape::Escaped;
use tar::{EntryType, Header, PaxExtensions};

use super::tree::Tree;
use super::{Failure, name, refuse};

const BLOCK: u64 = 512;
/// PAX records hold a name and times.
const LONGEST_RECORDS: u64 = 16 << 10;

/// Reads an archive to the end of `source`, which ends with it, and writes what it holds to `tree`.
pub(super) fn read(mut source: impl BufRead, tree: &mut Tree<'_>) -> Result<(), Failure> {
    let mut long_name = None;
    while let Some(header) = header(&mut source)? {
        let size = size(&header)?;
        let kind = header.entry_type();
        if kind == EntryType::XHeader {
            if long_name.is_some() {
                return refuse("it has PAX records that belong to no entry");
            }
            long_name = Some(records(&mut source, size)?);
            continue;
        }
        let from_records = long_name.take().flatten();
        let path = from_records.unwrap_or_else(|| header.path_bytes().into_owned());
        let path = name::checked(&path, kind.is_dir())?;
        match kind {
            EntryType::Directory if size == 0 => tree.directory(&path)?,
            EntryType::Regular => {
                let mode = header.mode().map_err(|error| broken(&error))?;
                let mut file = tree.file(&path, mode, size)?;
                take(&mut source, size, &path, |bytes| file.write(bytes))?;
                tree.finish(&path, file);
                padding(&mut source, size)?;
            }
            kind => {
                return refuse(format!(
                    "`{}` is neither a file nor a directory (type {kind:?})",
                    Escaped(&path)
                ));
            }
        }
    }
    if long_name.is_some() {
        return refuse("it has PAX records that belong to no entry");
    }
    end(&mut source)
}

fn broken(error: &std::io::Error) -> Failure {
    Failure::Archive(Escaped(&error.to_string()).to_string())
}

/// The next header; `None` at the first block of the end.
fn header(source: &mut impl BufRead) -> Result<Option<Header>, Failure> {
    let mut header = Header::new_old();
    source
        .read_exact(header.as_mut_bytes())
        .map_err(|_| Failure::Archive("it ends without an end".to_owned()))?;
    let bytes = header.as_bytes();
    if bytes.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    // The sum is over the header with blanks in the sum's own place.
    let sum: u32 = (0..)
        .zip(bytes)
        .map(|(at, byte)| {
            let is_own = (148..156).contains(&at);
            u32::from(if is_own { b' ' } else { *byte })
        })
        .sum();
    if header.cksum().ok() != Some(sum) {
        return refuse("a header has the wrong checksum");
    }
    // What GNU's has in the place of the prefix (times, sparse files) no distribution needs.
    let is_plain_gnu = header.as_gnu().is_some()
        && bytes
            .get(345..)
            .is_some_and(|rest| rest.iter().all(|byte| *byte == 0));
    if header.as_ustar().is_none() && !is_plain_gnu {
        return refuse("a header is not one of ustar");
    }
    Ok(Some(header))
}

/// The size of an entry, from octal digits alone: readers differ in what else they take for a number.
fn size(header: &Header) -> Result<u64, Failure> {
    let is_plain = |field: &[u8]| {
        field
            .iter()
            .all(|byte| matches!(byte, b'0'..=b'7' | b' ' | 0))
    };
    let fields = header.as_old();
    if is_plain(&fields.size) && is_plain(&fields.mode) {
        header.entry_size().map_err(|error| broken(&error))
    } else {
        refuse("a header has a number that is not octal")
    }
}

/// The name in PAX records. Times are Go's too, and of no interest; anything else is not.
fn records(source: &mut impl BufRead, size: u64) -> Result<Option<Vec<u8>>, Failure> {
    if size > LONGEST_RECORDS {
        return refuse("its PAX records are longer than any name");
    }
    let mut bytes = Vec::new();
    take(source, size, "PAX records", |piece| {
        bytes.extend_from_slice(piece);
        Ok(())
    })?;
    padding(source, size)?;
    let mut path = None;
    for record in PaxExtensions::new(&bytes) {
        let record = record.map_err(|error| broken(&error))?;
        match record.key() {
            Ok("path") if path.is_none() => path = Some(record.value_bytes().to_vec()),
            Ok("mtime" | "atime" | "ctime") => {}
            key => {
                return refuse(format!(
                    "it has a PAX record that no Go archive has: {}",
                    Escaped(key.unwrap_or("not UTF-8"))
                ));
            }
        }
    }
    Ok(path)
}

/// Hands on the next `size` bytes as they come.
fn take(
    source: &mut impl BufRead,
    size: u64,
    what: &str,
    mut each: impl FnMut(&[u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut left = size;
    while left > 0 {
        let there = source.fill_buf().map_err(|error| broken(&error))?;
        let most = usize::try_from(left).unwrap_or(usize::MAX);
        let piece = there.get(..most).unwrap_or(there);
        let count = piece.len();
        if count == 0 {
            return refuse(format!("`{}` ends early", Escaped(what)));
        }
        each(piece)?;
        source.consume(count);
        left -= count as u64;
    }
    Ok(())
}

/// Skips the zeros that fill the last block of an entry.
fn padding(source: &mut impl BufRead, size: u64) -> Result<(), Failure> {
    take(
        source,
        size.next_multiple_of(BLOCK) - size,
        "padding",
        |bytes| zeros(bytes, "an entry has something behind its end"),
    )
}

/// The rest of the archive: a second block of zeros at least, and nothing but zeros.
fn end(source: &mut impl BufRead) -> Result<(), Failure> {
    take(source, BLOCK, "the archive", |bytes| {
        zeros(bytes, "something follows the end of the archive")
    })?;
    loop {
        let rest = source.fill_buf().map_err(|error| broken(&error))?;
        let count = rest.len();
        if count == 0 {
            return Ok(());
        }
        zeros(rest, "something follows the end of the archive")?;
        source.consume(count);
    }
}

fn zeros(bytes: &[u8], otherwise: &str) -> Result<(), Failure> {
    if bytes.iter().all(|byte| *byte == 0) {
        Ok(())
    } else {
        refuse(otherwise)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_header_of_gnu_tar_is_read() {
        let mut builder = tar::Builder::new(Vec::new());
        let mut add = |path: &str, kind, contents: &[u8]| {
            let mut header = Header::new_gnu();
            header.set_entry_type(kind);
            header.set_mode(0o644);
            header.set_size(contents.len() as u64);
            builder.append_data(&mut header, path, contents).unwrap();
        };
        add("go/", EntryType::Directory, b"");
        add("go/VERSION", EntryType::Regular, b"go1.2.2");
        let archive = builder.into_inner().unwrap();
        let staging = tempfile::tempdir().unwrap();
        assert!(read(archive.as_slice(), &mut Tree::new(staging.path())).is_ok());
        let version = fs_err::read_to_string(staging.path().join("go/VERSION")).unwrap();
        assert_eq!(version, "go1.2.2");
    }
}
