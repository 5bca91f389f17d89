//! The go.work or go.mod that governs a directory, found as cmd/go finds it (`cmd/go/internal/modload/init.go`).

use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::error::Error;
use crate::goenv::GoEnvFile;
use crate::gomod::{self, Directive};
use crate::origin::{Origin, Place};
use crate::read::{self, Found};
use crate::version::Version;
use crate::workdir::same_file;

/// The governing file with its two directives, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Governing {
    pub(crate) file: PathBuf,
    pub(crate) go: Option<Directive>,
    pub(crate) toolchain: Option<Directive>,
}

impl Governing {
    /// Finds and reads the file that governs the walk `dirs` (nearest first); `None` where modules are off or there is none.
    ///
    /// # Errors
    /// A file that cannot be read, and a relative GOWORK.
    pub(crate) fn find(
        env: &Env,
        go_env: &GoEnvFile,
        dirs: &[&Path],
    ) -> Result<Option<Self>, Error> {
        if !modules_are_on(env, go_env) {
            return Ok(None);
        }
        let file = match go_env.setting(env, "GOWORK").as_deref() {
            Some("off") => None,
            None | Some("auto") => find_work(env, dirs),
            Some(named) => {
                let named = PathBuf::from(named);
                if !named.is_absolute() {
                    return Err(Error::GoWork {
                        value: named.to_string_lossy().into_owned(),
                    });
                }
                named.exists().then_some(named)
            }
        };
        let Some(file) = file.or_else(|| find_mod(env, dirs)) else {
            return Ok(None);
        };
        match read::read(&file, read::MODULE_FILE_CAP)? {
            Found::File(bytes) => {
                let go = gomod::directive(&bytes, "go");
                let toolchain = gomod::directive(&bytes, "toolchain");
                Ok(Some(Self {
                    file,
                    go,
                    toolchain,
                }))
            }
            // /dev/null stands for an empty file, and people do link to it.
            Found::NotAFile if same_file(&file, Path::new("/dev/null")) => Ok(Some(Self {
                file,
                go: None,
                toolchain: None,
            })),
            Found::NotAFile => Err(Error::NotAFile { file }),
            Found::Nothing => Ok(None),
        }
    }

    /// The version of the go line; `None` where it is absent or invalid, which selection takes for no requirement.
    pub(crate) fn go_version(&self) -> Option<(Version, Place)> {
        let directive = self.go.as_ref()?;
        Some((Version::parse(&directive.value)?, self.place(directive)))
    }

    /// The line that made cmd/go select the toolchain `name`.
    pub(crate) fn origin_of(&self, name: &str) -> Origin {
        match (&self.toolchain, &self.go) {
            (Some(toolchain), _) if toolchain.value == name => {
                Origin::ToolchainLine(self.place(toolchain))
            }
            (_, Some(go)) => Origin::GoLine(self.place(go)),
            (Some(toolchain), None) => Origin::ToolchainLine(self.place(toolchain)),
            (None, None) => Origin::Variable("GOTOOLCHAIN"),
        }
    }

    /// The place of one of this file's directives.
    pub(crate) fn place(&self, directive: &Directive) -> Place {
        Place {
            file: self.file.clone(),
            line: directive.line,
        }
    }
}

/// GO111MODULE: `on`, `auto` and nothing switch modules on (`auto` where there is a file, and without one nothing governs anyway).
pub(crate) fn modules_are_on(env: &Env, go_env: &GoEnvFile) -> bool {
    matches!(
        go_env.setting(env, "GO111MODULE").as_deref(),
        None | Some("on" | "auto")
    )
}

/// `FindGoWork`: the nearest go.work, but none in or above GOROOT.
fn find_work(env: &Env, dirs: &[&Path]) -> Option<PathBuf> {
    let goroot = env.var("GOROOT").map(PathBuf::from);
    for dir in dirs {
        let file = dir.join("go.work");
        if is_candidate(&file) {
            return Some(file);
        }
        if goroot.is_some() && dir.parent() == goroot.as_deref() {
            return None;
        }
    }
    None
}

/// `findModuleRoot` and the rule that a go.mod in the system's temporary directory is no module.
fn find_mod(env: &Env, dirs: &[&Path]) -> Option<PathBuf> {
    let dir = dirs.iter().find(|dir| is_candidate(&dir.join("go.mod")))?;
    (!is_temp_root(env, dir)).then(|| dir.join("go.mod"))
}

/// Whether there is something that is not a directory; links are followed.
fn is_candidate(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|metadata| !metadata.is_dir())
}

/// Whether `dir` is `os.TempDir()` (`search.InDir` of `modload.findModuleRoot`'s caller).
fn is_temp_root(env: &Env, dir: &Path) -> bool {
    let temp = env
        .var(if cfg!(windows) { "TMP" } else { "TMPDIR" })
        .map_or_else(|| PathBuf::from("/tmp"), PathBuf::from);
    dir == temp || same_file(dir, &temp)
}
