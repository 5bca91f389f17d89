//! The environment snapshot: process state, read once and passed as a value.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[cfg(target_os = "linux")]
use crate::read::{self, Found};
use crate::{variables, workdir};

/// What the resolver knows of the process. Tests build it by hand; programs use [`Env::from_os`].
#[derive(Clone, Debug, Default)]
pub struct Env {
    /// The environment in its order; of duplicate names the first counts, as in Go's `os.Getenv`.
    pub vars: Vec<(OsString, OsString)>,
    /// The working directory as the kernel names it; `None` where it was deleted or cannot be read.
    pub physical_dir: Option<PathBuf>,
    /// The user's home directory: `HOME`, else what the system records for the user.
    pub home: Option<PathBuf>,
    /// Whether a goshim above this process set `GOTOOLCHAIN=local` for a project. That is not in [`Env::vars`]: nobody but goshim said so.
    pub is_held: bool,
    /// Files to take for absent, for what-if questions. Empty in every program but `goshim why`.
    pub hidden: Vec<PathBuf>,
    /// When this process started to work, where `GOSHIM_TRACE` asks for the time of each step; nobody looks at a clock otherwise.
    pub started: Option<Instant>,
}

impl Env {
    /// Takes the snapshot of this process.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads process state"
    )]
    pub fn from_os() -> Self {
        let started = std::env::var_os(variables::TRACE)
            .is_some_and(|value| value == "1" || value == "true")
            .then(Instant::now);
        let mut env = Self {
            vars: std::env::vars_os().collect(),
            physical_dir: std::env::current_dir().ok(),
            home: None,
            is_held: false,
            hidden: Vec::new(),
            started,
        };
        env.home = env.var("HOME").map(PathBuf::from).or_else(recorded_home);
        env.is_held = env.var(variables::HELD).is_some()
            && env.var("GOTOOLCHAIN").is_some_and(|value| value == "local");
        if env.is_held {
            env.vars.retain(|(name, _)| name != "GOTOOLCHAIN");
        }
        env
    }

    /// The value of a variable; an empty one counts as unset, as cmd/go has it (`cfg.Getenv`) and as people expect.
    pub fn var(&self, name: &str) -> Option<&OsStr> {
        self.vars
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_os_str())
            .filter(|value| !value.is_empty())
    }

    /// The value of a variable as text; bytes that are not UTF-8 are replaced, which no value that matters survives.
    pub fn text(&self, name: &str) -> Option<String> {
        self.var(name)
            .map(|value| value.to_string_lossy().into_owned())
    }

    /// Sets a variable in the snapshot, for what-if questions and tests.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.vars.retain(|(key, _)| key != name);
        self.vars.push((name.into(), value.into()));
        self
    }

    /// Removes a variable from the snapshot.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.vars.retain(|(key, _)| key != name);
        self
    }

    /// A path as the process would find it: a relative one from the working directory.
    pub(crate) fn absolute(&self, path: &Path) -> PathBuf {
        match &self.physical_dir {
            Some(dir) => dir.join(path),
            None => path.to_owned(),
        }
    }

    /// Whether a what-if question takes this file for absent. The directories above it may be named in any way.
    pub(crate) fn is_hidden(&self, file: &Path) -> bool {
        self.hidden.iter().any(|hidden| {
            let is_same_dir = || match (hidden.parent(), file.parent()) {
                (Some(a), Some(b)) => workdir::same_file(a, b),
                _ => false,
            };
            hidden == file || hidden.file_name() == file.file_name() && is_same_dir()
        })
    }

    /// The time since this process started to work, where `GOSHIM_TRACE` asks for it.
    pub fn elapsed(&self) -> Option<Duration> {
        self.started.map(|started| started.elapsed())
    }

    /// The home directory, where it is absolute: a relative one would name a different place in each directory.
    pub fn absolute_home(&self) -> Option<&Path> {
        self.home.as_deref().filter(|home| home.is_absolute())
    }
}

/// The home directory that the system records for the user; `None` where it records none.
///
/// Read from `/etc/passwd` itself: C's `getpwuid` opens sockets, and in a static program loads the shared libraries of a C library
/// that may be another one, or not there at all. A user whom only a directory service knows needs `HOME`.
#[cfg(target_os = "linux")]
fn recorded_home() -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt;

    let Ok(Found::File(bytes)) = read::read(Path::new("/etc/passwd"), read::PASSWD_CAP) else {
        return None;
    };
    let home = home_in_passwd(&bytes, rustix::process::getuid().as_raw())?;
    Some(OsString::from_vec(home.to_owned()).into())
}

/// Elsewhere the system is asked as it wants to be asked.
#[cfg(not(target_os = "linux"))]
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads process state"
)]
fn recorded_home() -> Option<PathBuf> {
    std::env::home_dir()
}

/// The home directory of the user `uid` in the text of `/etc/passwd`: `name:password:uid:gid:comment:home:shell`.
#[cfg(target_os = "linux")]
fn home_in_passwd(text: &[u8], uid: u32) -> Option<&[u8]> {
    let uid = uid.to_string();
    let home = text.split(|byte| *byte == b'\n').find_map(|line| {
        let mut fields = line.split(|byte| *byte == b':');
        let is_user = fields.nth(2) == Some(uid.as_bytes());
        fields.nth(2).filter(|_| is_user)
    });
    home.filter(|home| !home.is_empty())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_home_directory_of_a_user_in_passwd() {
        let text = b"root:x:0:0:root:/root:/bin/sh\nbroken:x\nno:x:7\nu:x:1000:7:,,,:/home/\xffu:/bin/sh\nempty:x:8:8:::\nlast:x:9:9::/last:";
        for (uid, home) in [
            (0, Some(&b"/root"[..])),
            (1000, Some(b"/home/\xffu")),
            (7, None),
            (8, None),
            (9, Some(b"/last")),
            (1, None),
        ] {
            assert_eq!(home_in_passwd(text, uid), home, "{uid}");
        }
    }
}
