//! A place of its own for each test.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::stand_in;

/// A throw-away root with `home/ project/ goshim/ bin/ tmp/` in it, removed when dropped. Its path has a blank in it, as
/// any user's may. The process's umask is 022 from then on,
/// and a panic is told at once.
#[derive(Debug)]
pub struct Sandbox {
    root: PathBuf,
    home: PathBuf,
    goshim_home: PathBuf,
    project: PathBuf,
    bin: PathBuf,
    _removed_on_drop: TempDir,
}

impl Sandbox {
    /// A new root below the system's temporary directory.
    #[expect(
        clippy::new_without_default,
        reason = "it makes directories, which a default value should not"
    )]
    pub fn new() -> Self {
        Self::of(TempDir::with_prefix("goshim-").unwrap())
    }

    /// As [`Sandbox::new`], in memory where the system has a place for that: what is synced there costs no time.
    pub fn in_memory() -> Self {
        let dir = memory().and_then(|memory| TempDir::with_prefix_in("goshim-", memory).ok());
        dir.map_or_else(Self::new, Self::of)
    }

    fn of(dir: TempDir) -> Self {
        crate::failure::is_said_at_once();
        // Files of tests, and of the programs that they start, have the usual permissions whoever started the tests.
        #[cfg(unix)]
        rustix::process::umask(rustix::fs::Mode::WGRP | rustix::fs::Mode::WOTH);
        // Where the temporary directory is a link (macOS), a child's getcwd would differ from what tests expect.
        let root = fs_err::canonicalize(dir.path()).unwrap().join("with blank");
        for name in ["home", "project", "goshim", "bin", "tmp"] {
            fs_err::create_dir_all(root.join(name)).unwrap();
        }
        Self {
            home: root.join("home"),
            goshim_home: root.join("goshim"),
            project: root.join("project"),
            bin: root.join("bin"),
            root,
            _removed_on_drop: dir,
        }
    }

    /// The directory which holds all others.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// HOME of the commands.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// `GOSHIM_HOME` of the commands.
    pub fn goshim_home(&self) -> &Path {
        &self.goshim_home
    }

    /// The working directory of the commands.
    pub fn project(&self) -> &Path {
        &self.project
    }

    /// A directory for programs. It is not on the PATH of the commands until a test puts it there.
    pub fn bin(&self) -> &Path {
        &self.bin
    }

    /// Writes a file and the directories above it; `relative` is relative to the root. Returns its path.
    pub fn write(&self, relative: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.root.join(relative);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, contents).unwrap();
        path
    }

    /// Makes a directory and those above it; `relative` is relative to the root. Returns its path.
    pub fn mkdir(&self, relative: &str) -> PathBuf {
        let path = self.root.join(relative);
        fs_err::create_dir_all(&path).unwrap();
        path
    }

    /// A command for `program`, run in [`project`](Self::project). Its environment is HOME, `GOSHIM_HOME`,
    /// `GOSHIM_CEILING` (the root),
    /// `GOSHIM_MACHINE_CONFIG` (`machine.toml` in the root), TMPDIR, `LC_ALL=C`, `NO_COLOR=1`, `PATH=/usr/bin:/bin` and PWD, and nothing else.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.project())
            .env_clear()
            .env("HOME", self.home())
            .env("GOSHIM_HOME", self.goshim_home())
            .env("GOSHIM_CEILING", self.root())
            .env("TMPDIR", self.root.join("tmp"))
            .env("GOSHIM_MACHINE_CONFIG", self.root.join("machine.toml"))
            .env("LC_ALL", "C")
            .env("NO_COLOR", "1")
            .env("PATH", "/usr/bin:/bin")
            .env("PWD", self.project());
        command
    }

    /// Puts a [stand-in SDK](stand_in) into the store as if it had been installed. Returns its root,
    /// `<GOSHIM_HOME>/sdks/<toolchain>`.
    pub fn install_stand_in(&self, toolchain: &str) -> PathBuf {
        let sdk = self.goshim_home().join("sdks").join(toolchain);
        stand_in::write_sdk(&sdk, toolchain);
        sdk
    }
}

/// The directory whose files are in memory, where there is one in which SDKs have room and can run. A container's often has 64 MiB, and runs no
/// program.
#[cfg(target_os = "linux")]
fn memory() -> Option<&'static Path> {
    use rustix::fs::{StatVfsMountFlags, statvfs};

    /// What the tests that run at the same time take, by far.
    const ROOM: u64 = 1 << 30;
    let memory = Path::new("/dev/shm");
    let system = statvfs(memory).ok()?;
    let has_room = system.f_bavail.saturating_mul(system.f_frsize) >= ROOM;
    (has_room && !system.f_flag.contains(StatVfsMountFlags::NOEXEC)).then_some(memory)
}

#[cfg(not(target_os = "linux"))]
fn memory() -> Option<&'static Path> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_see_nothing_of_the_environment_of_the_test() {
        let sandbox = Sandbox::new();
        let output = sandbox.command("env").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let mut names: Vec<_> = text
            .lines()
            .map(|line| line.split('=').next().unwrap())
            .collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "GOSHIM_CEILING",
                "GOSHIM_HOME",
                "GOSHIM_MACHINE_CONFIG",
                "HOME",
                "LC_ALL",
                "NO_COLOR",
                "PATH",
                "PWD",
                "TMPDIR"
            ]
        );
    }

    #[test]
    fn is_removed_when_dropped() {
        let sandbox = Sandbox::new();
        let file = sandbox.write("project/a/b/go.mod", "module m\n");
        assert!(file.is_file() && file.starts_with(sandbox.root()));
        drop(sandbox);
        assert!(!file.exists());
    }
}
