//! The `go` on PATH that is not goshim's.

use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::layout::Layout;
use crate::linked;
use crate::read::{self, Found};
use crate::version::Version;
use crate::workdir::same_file;

/// A Go that somebody else installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemGo {
    /// Its `go`, as PATH names it: some are links to a program that looks at its own name.
    pub go: PathBuf,
    /// The root it belongs to: two levels above the program that the links lead to.
    pub root: PathBuf,
    /// The first line of its VERSION file; `None` for a development build or a layout of its own.
    pub version: Option<Version>,
}

/// The first `go` on PATH that is no shim of ours and of no SDK in one of our stores; its version is read, never run.
///
/// An SDK of ours is first on PATH below `goshim exec` and `go generate`: what runs must not depend on who called.
///
/// Entries that are empty or relative are passed over: they would make the choice depend on the directory (`exec.ErrDot` in Go).
/// The same holds for a linked SDK that runs above, which its GOROOT tells; unless there is no other, for the user may have linked the system's.
pub fn find(env: &Env, layout: &Layout) -> Option<SystemGo> {
    let shim = layout.shims().join("go");
    let mut found = on_path(env, layout)
        .filter(|go| !is_shim(go, &shim))
        .filter_map(|go| {
            let real = dunce::canonicalize(&go).ok()?;
            let root = real.parent().and_then(Path::parent);
            let root = root.unwrap_or(Path::new("/")).to_owned();
            (!is_in_a_store(&root, layout)).then_some((go, root))
        });
    let first = found.next()?;
    let runs_above = |(_, root): &(PathBuf, PathBuf)| {
        let above = env.var("GOROOT").map(Path::new);
        above.is_some_and(|above| same_file(above, root)) && linked::is_root(layout, root)
    };
    let other = if runs_above(&first) {
        found.find(|found| !runs_above(found))
    } else {
        None
    };
    let (go, root) = other.unwrap_or(first);
    let version = toolchain_in(&root).and_then(|name| Version::from_toolchain(&name));
    Some(SystemGo { go, root, version })
}

/// The shims on PATH that [`find`] passes over, with what their links lead to: for the message that there is no other `go`.
///
/// The shim directory itself is not among them.
pub fn passed_over(env: &Env, layout: &Layout) -> Vec<(PathBuf, PathBuf)> {
    let shim = layout.shims().join("go");
    on_path(env, layout)
        .filter(|go| is_shim(go, &shim))
        .map(|go| {
            let real = dunce::canonicalize(&go).unwrap_or_else(|_| go.clone());
            (go, real)
        })
        .collect()
}

/// Whether a root is that of an SDK in the user's own store or a further one.
pub(crate) fn is_in_a_store(root: &Path, layout: &Layout) -> bool {
    let is_in = |store: &Layout| {
        let parent = root.parent();
        parent.is_some_and(|parent| same_file(parent, &store.sdks()))
    };
    is_in(layout) || layout.further().any(|store| is_in(&store))
}

/// Every `go` on PATH outside the shim directory, in order.
fn on_path(env: &Env, layout: &Layout) -> impl Iterator<Item = PathBuf> {
    let shims = layout.shims();
    let entries = env
        .var("PATH")
        .into_iter()
        .flat_map(std::env::split_paths)
        .filter(|dir| dir.is_absolute() && !same_file(dir, &shims));
    std::env::join_paths(entries)
        .ok()
        .and_then(|path| which::which_in_all("go", Some(path), "/").ok())
        .into_iter()
        .flatten()
}

/// The toolchain whose `go` a program is, by the VERSION file of its tree: links are followed, nothing is run. `None` for any other program.
pub(crate) fn toolchain_of(program: &Path) -> Option<String> {
    let real = std::fs::canonicalize(program).ok()?;
    toolchain_in(real.parent().and_then(Path::parent)?)
}

/// The first line of a tree's VERSION file (`cmd/dist/build.go`: `findgoversion`).
fn toolchain_in(root: &Path) -> Option<String> {
    first_line(&root.join("VERSION"))
}

/// The first line of a small file; `None` where there is no such file, or it is no text.
pub(crate) fn first_line(file: &Path) -> Option<String> {
    let Ok(Found::File(bytes, _)) = read::read(file, read::PIN_CAP) else {
        return None;
    };
    let line = bytes.split(|byte| *byte == b'\n').next()?;
    Some(std::str::from_utf8(line).ok()?.trim().to_owned())
}

impl SystemGo {
    /// The path of one of its programs: `go` itself, or `gofmt` beside it.
    pub fn program(&self, name: &str) -> PathBuf {
        if name == "go" {
            return self.go.clone();
        }
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        let beside = self.go.with_file_name(&file);
        if beside.exists() {
            beside
        } else {
            self.root.join("bin").join(file)
        }
    }
}

/// Whether a program is a shim: this one (by device and inode, through any link), or the shim of another goshim home, which would
/// only hand the question on. Those are known by the name that lies beside them in every shim directory.
pub(crate) fn is_shim(go: &Path, shim: &Path) -> bool {
    same_file(go, shim) || same_file(go, Path::new("/proc/self/exe")) || is_in_shim_directory(go)
}

fn is_in_shim_directory(go: &Path) -> bool {
    let real = std::fs::canonicalize(go).unwrap_or_else(|_| go.to_owned());
    [go, real.as_path()]
        .iter()
        .filter_map(|path| path.parent())
        .any(|dir| dir.join(MARKER).symlink_metadata().is_ok())
}

/// The name of the empty file that `goshim setup` puts beside the shims, so that one goshim knows the shims of another.
pub const MARKER: &str = ".goshim";
