//! The product as users get it: a release build of `goshim` with the shim beside it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Error, root};

/// The two programs, in one directory.
#[derive(Clone, Debug)]
pub struct Product {
    /// The command line.
    pub goshim: PathBuf,
    /// The shim, linked statically on Linux.
    pub shim: PathBuf,
}

/// Builds a release. Where nothing has changed this takes a second.
///
/// # Errors
/// Where cargo fails.
pub fn build() -> Result<Product, Error> {
    let target = root().join("target");
    cargo(
        &[
            "build",
            "--quiet",
            "--release",
            "--locked",
            "--package",
            "goshim",
        ],
        None,
    )?;
    let host = host()?;
    let shim = [
        "build",
        "--quiet",
        "--release",
        "--locked",
        "--package",
        "goshim-shim",
        "--target",
        &host,
    ];
    // With --target these flags reach the shim alone, not the build scripts and procedural macros on its way.
    cargo(
        &shim,
        host.contains("linux")
            .then_some("-C target-feature=+crt-static"),
    )?;
    let dir = target.join("product");
    fs_err::create_dir_all(&dir)?;
    let place = |built: PathBuf, name: &str| -> Result<PathBuf, Error> {
        let file = dir.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        place(&built, &file)?;
        Ok(file)
    };
    let suffix = std::env::consts::EXE_SUFFIX;
    Ok(Product {
        goshim: place(target.join(format!("release/goshim{suffix}")), "goshim")?,
        shim: place(
            target
                .join(&host)
                .join(format!("release/goshim-shim{suffix}")),
            "goshim-shim",
        )?,
    })
}

/// Puts a program in its place by a rename, for the one that is there may be running. One that is the same stays.
pub(crate) fn place(program: &Path, to: &Path) -> Result<(), Error> {
    if fs_err::read(to).is_ok_and(|there| fs_err::read(program).is_ok_and(|new| new == there)) {
        return Ok(());
    }
    let new = to.with_extension(format!("new-{}", std::process::id()));
    // A child's copy: had this process the file open for writing, a concurrent fork could keep it from being executed.
    let copied = Command::new("cp").arg(program).arg(&new).status()?;
    if !copied.success() {
        return Err(Error(format!("cannot copy {}", program.display())));
    }
    Ok(fs_err::rename(new, to)?)
}

/// Runs cargo in the workspace, with more flags for the compiler where `flags` are given.
pub(crate) fn cargo(arguments: &[&str], flags: Option<&str>) -> Result<(), Error> {
    let mut command = Command::new(cargo_program());
    command.args(arguments).current_dir(root());
    if let Some(flags) = flags {
        let inherited = variable("RUSTFLAGS")
            .map(|flags| flags.to_string_lossy().into_owned())
            .unwrap_or_default();
        command.env("RUSTFLAGS", format!("{inherited} {flags}"));
    }
    run(&mut command)
}

/// The cargo that started this task.
pub(crate) fn cargo_program() -> OsString {
    variable("CARGO").unwrap_or_else(|| "cargo".into())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a developer's task, outside the product"
)]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Result<(), Error> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command
        .status()
        .map_err(|error| Error(format!("cannot run {program}: {error}")))?;
    if status.success() {
        return Ok(());
    }
    let words: Vec<_> = command
        .get_args()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    Err(Error(format!(
        "`{program} {}` failed ({status})",
        words.join(" ")
    )))
}

/// The compiler's name of this machine.
fn host() -> Result<String, Error> {
    let output = Command::new("rustc")
        .arg("-vV")
        .current_dir(root())
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .ok_or_else(|| Error("rustc -vV names no host".to_owned()))
}
