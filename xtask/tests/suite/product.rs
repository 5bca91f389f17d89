//! What the tests stand on: the release build, and a store with real SDKs.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use goshim_test_support::{Mirror, Sandbox};
use xtask::product::{self, Product};
use xtask::{demo, mirror};

/// The release build, made once.
pub(crate) fn product() -> &'static Product {
    static PRODUCT: OnceLock<Product> = OnceLock::new();
    PRODUCT.get_or_init(|| product::build().unwrap())
}

/// A directory for this run's large files, emptied first. Its name has a blank.
fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs_err::remove_dir_all(&dir);
    fs_err::create_dir_all(&dir).unwrap();
    dir
}

/// A mirror of real SDKs, served once.
pub(crate) fn real_mirror() -> &'static Mirror {
    static MIRROR: OnceLock<Mirror> = OnceLock::new();
    MIRROR.get_or_init(|| {
        let dir = scratch("real mirror");
        mirror::build(&dir, &demo::VERSIONS.map(str::to_owned)).unwrap();
        Mirror::start(&dir).unwrap()
    })
}

/// A goshim home with three real SDKs, installed once by the product itself.
pub(crate) fn real_home() -> &'static Path {
    static HOME: OnceLock<PathBuf> = OnceLock::new();
    HOME.get_or_init(|| {
        let home = scratch("real store");
        let sandbox = Sandbox::new();
        setup(&sandbox, &home);
        let mut install = goshim(&sandbox, &home);
        install
            .env("GOSHIM_INDEX_URL", real_mirror().url())
            .arg("install")
            .args(demo::VERSIONS);
        succeed(&mut install);
        home
    })
}

/// Puts the shims of `home` in place.
pub(crate) fn setup(sandbox: &Sandbox, home: &Path) {
    succeed(goshim(sandbox, home).arg("setup"));
}

/// The command line, working on `home`.
pub(crate) fn goshim(sandbox: &Sandbox, home: &Path) -> Command {
    let mut command = sandbox.command(&product().goshim);
    command.env("GOSHIM_HOME", home);
    command
}

/// A program found as a user's shell would find it: the shims of `home` come first on PATH.
pub(crate) fn on_path(sandbox: &Sandbox, home: &Path, program: &str) -> Command {
    let shims = home.join("shims");
    let shim = shims.join(program);
    // std looks a bare name up in the PATH of this process, not in the child's.
    let mut command = if shim.exists() {
        sandbox.command(shim)
    } else {
        sandbox.command(program)
    };
    command
        .env("GOSHIM_HOME", home)
        .env("PATH", format!("{}:/usr/bin:/bin", shims.display()));
    command
}

/// Runs a command that must succeed. Returns its stdout.
pub(crate) fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}\n{}", shown(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// What a command said, for messages.
pub(crate) fn shown(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!(
        "{}\nstdout: {}\nstderr: {}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    )
}
