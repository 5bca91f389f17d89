//! The environment snapshot: process state, read once and passed as a value.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::{environment, home, variables, workdir};

/// Whether `key` is the variable `name`: in any case on Windows, where the system itself writes `Path` and `ComSpec`.
pub fn is_name(key: &OsStr, name: &str) -> bool {
    if cfg!(windows) {
        key.eq_ignore_ascii_case(name)
    } else {
        key == name
    }
}

/// What the resolver knows of the process. Tests build it by hand; programs use [`Env::from_os`].
#[derive(Clone, Debug, Default)]
pub struct Env {
    /// The environment in its order; of duplicate names the first counts, as in Go's `os.Getenv`.
    pub vars: Vec<(OsString, OsString)>,
    /// The working directory as the kernel names it; `None` where it was deleted or cannot be read.
    pub physical_dir: Option<PathBuf>,
    /// The user's home directory: [`home::VARIABLE`], else what the system records for the user.
    pub home: Option<PathBuf>,
    /// The variables that a goshim above this process set for a project. They are not in [`Env::vars`]: nobody but goshim said so.
    pub set_above: Vec<(String, OsString)>,
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
            set_above: Vec::new(),
            hidden: Vec::new(),
            started,
        };
        env.home = env
            .var(home::VARIABLE)
            .map(PathBuf::from)
            .or_else(home::recorded);
        env.set_above = environment::set_above(&env.vars);
        if !env.set_above.is_empty() {
            let is_ours = |name: &OsStr| env.set_above.iter().any(|(ours, _)| is_name(name, ours));
            env.vars.retain(|(name, _)| !is_ours(name));
        }
        env
    }

    /// The value of a variable; an empty one counts as unset, as cmd/go has it (`cfg.Getenv`) and as people expect.
    pub fn var(&self, name: &str) -> Option<&OsStr> {
        self.vars
            .iter()
            .find(|(key, _)| is_name(key, name))
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
        self.vars.retain(|(key, _)| !is_name(key, name));
        self.vars.push((name.into(), value.into()));
        self
    }

    /// Removes a variable from the snapshot.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.vars.retain(|(key, _)| !is_name(key, name));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_a_case_except_on_windows() {
        let env = Env::default().with("Path", "/a").with("LocalAppData", "/b");
        assert_eq!(env.var("PATH").is_some(), cfg!(windows));
        assert_eq!(env.var("Path"), Some(OsStr::new("/a")));
        let env = env.with("PATH", "/c").without("LOCALAPPDATA");
        assert_eq!(env.vars.len(), if cfg!(windows) { 1 } else { 3 });
        assert_eq!(env.var("PATH"), Some(OsStr::new("/c")));
    }
}
