//! The C programs below `xtask/c`: small enough to be what goshim's programs are measured against, and free of Rust's start-up, which
//! changes the process that a test wants to look at.

use std::fs::File;
use std::path::PathBuf;
use std::process::Command;

use crate::product::run;
use crate::{Error, root};

/// Compiles `xtask/c/<name>.c` with `cc -O2 -static` where it is newer than its program, and returns the program. Several processes may
/// ask at once.
///
/// # Errors
/// Where `cc` fails.
pub fn program(name: &str) -> Result<PathBuf, Error> {
    let source = root().join(format!("xtask/c/{name}.c"));
    let dir = root().join("target/c");
    fs_err::create_dir_all(&dir)?;
    let program = dir.join(name);
    let lock = File::create(dir.join(format!("{name}.lock")))?;
    lock.lock()?;
    let written = |file| fs_err::metadata(file).and_then(|metadata| metadata.modified());
    let is_fresh = written(&program).is_ok_and(|built| {
        fs_err::metadata(&source)
            .and_then(|metadata| metadata.modified())
            .is_ok_and(|source| source < built)
    });
    if !is_fresh {
        let new = dir.join(format!("{name}.new"));
        let mut cc = Command::new("cc");
        cc.args(["-O2", "-static", "-Wall", "-Wextra", "-Werror", "-o"]);
        run(cc.arg(&new).arg(&source))?;
        fs_err::rename(new, &program)?;
    }
    Ok(program)
}
