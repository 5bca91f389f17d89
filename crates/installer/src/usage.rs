//! Who is running from an SDK, as far as the system tells.

use std::path::{Path, PathBuf};

/// A process that has a program or its working directory in an SDK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// Its program.
    pub program: PathBuf,
}

/// The processes whose program or working directory lies below `root`; `None` where the system does not tell. Processes of other users are
/// not seen unless root asks.
pub fn processes(root: &Path) -> Option<Vec<Process>> {
    // The kernel names files by their real path.
    let root = fs_err::canonicalize(root).ok()?;
    let entries = fs_err::read_dir("/proc").ok()?;
    // Where /proc is something else than Linux has, this process is not there either.
    fs_err::read_link("/proc/self/exe").ok()?;
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let link = |name: &str| fs_err::read_link(entry.path().join(name)).ok();
        let program = link("exe");
        let is_in =
            |path: &Option<PathBuf>| path.as_ref().is_some_and(|path| path.starts_with(&root));
        if is_in(&program) || is_in(&link("cwd")) {
            found.push(Process {
                pid,
                program: program.unwrap_or_default(),
            });
        }
    }
    found.sort_by_key(|process| process.pid);
    Some(found)
}
