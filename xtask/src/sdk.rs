//! Unpacked real SDKs, for tasks that ask a real Go.

use std::fs::File;
use std::path::PathBuf;

use flate2::read::GzDecoder;

use crate::{Error, mirror, root, wheel};

/// The root of Go `version` (`1.22.10`), unpacked below `target/sdks` if need be; several processes may ask at once.
///
/// # Errors
/// As [`wheel::archive`], and where it cannot be unpacked.
pub fn unpacked(version: &str) -> Result<PathBuf, Error> {
    let archive = wheel::archive(version, &mirror::cache_dir())?;
    let dir = root().join("target/sdks");
    fs_err::create_dir_all(&dir)?;
    let sdk = dir.join(format!("go{version}"));
    let lock = File::create(dir.join(format!("go{version}.lock")))?;
    lock.lock()?;
    if !sdk.exists() {
        let unfinished = dir.join(format!("go{version}.unfinished"));
        if unfinished.exists() {
            fs_err::remove_dir_all(&unfinished)?;
        }
        tar::Archive::new(GzDecoder::new(File::open(archive)?)).unpack(&unfinished)?;
        fs_err::rename(unfinished.join("go"), &sdk)?;
        fs_err::remove_dir(unfinished)?;
    }
    Ok(sdk)
}
