//! The go.work or go.mod that governs a directory, found as cmd/go finds it (`cmd/go/internal/modload/init.go`).

use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::era::Era;
use crate::error::Error;
use crate::goenv::GoEnv;
use crate::gomod::{self, Directive};
use crate::origin::Place;
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
    pub(crate) fn find(env: &Env, go_env: &GoEnv, dirs: &[&Path]) -> Result<Option<Self>, Error> {
        if modules_are_on(env, go_env, dirs, Era::NEWEST)? {
            Self::find_whatever_the_mode(env, go_env, dirs)
        } else {
            Ok(None)
        }
    }

    /// The same, where it is known that modules are on (`modGoToolchain`): go.work replaces go.mod.
    ///
    /// # Errors
    /// A file that cannot be read, and a relative GOWORK.
    pub(crate) fn find_whatever_the_mode(
        env: &Env,
        go_env: &GoEnv,
        dirs: &[&Path],
    ) -> Result<Option<Self>, Error> {
        let work = find_work(env, go_env, dirs)?
            .filter(|file| !env.is_hidden(file) && std::fs::metadata(file).is_ok());
        let Some(file) = work.or_else(|| find_mod(env, dirs)) else {
            return Ok(None);
        };
        match read::read(&file, read::MODULE_FILE_CAP)? {
            Found::File(bytes, _) => {
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
            Found::Nothing | Found::Hidden => Ok(None),
        }
    }

    /// The version of the go line; `None` where it is absent or invalid, which selection takes for no requirement.
    pub(crate) fn go_version(&self) -> Option<(Version, Place)> {
        let directive = self.go.as_ref()?;
        Some((Version::parse(&directive.value)?, self.place(directive)))
    }

    /// The place of one of this file's directives.
    pub(crate) fn place(&self, directive: &Directive) -> Place {
        Place::of_line(&self.file, directive.line)
    }
}

/// Whether modules are on, without which GOTOOLCHAIN and the module's files say nothing (`modload.WillBeEnabled`): with `GO111MODULE=auto`
/// only where there is a go.mod, or since 1.27 a go.work.
///
/// # Errors
/// A relative GOWORK, where it is asked for.
pub(crate) fn modules_are_on(
    env: &Env,
    go_env: &GoEnv,
    dirs: &[&Path],
    era: Era,
) -> Result<bool, Error> {
    Ok(match go_env.setting(env, "GO111MODULE").as_deref() {
        None | Some("on") => true,
        Some("auto") => {
            find_mod(env, dirs).is_some()
                || era >= Era::Go127 && find_work(env, go_env, dirs)?.is_some()
        }
        Some(_) => false,
    })
}

/// `FindGoWork`: GOWORK's file, which may not exist, else the nearest go.work, but none in or above GOROOT.
fn find_work(env: &Env, go_env: &GoEnv, dirs: &[&Path]) -> Result<Option<PathBuf>, Error> {
    // A path may be any bytes.
    let named = match env.var("GOWORK") {
        Some(value) => Some(PathBuf::from(value)),
        None => go_env.setting(env, "GOWORK").map(PathBuf::from),
    };
    match named {
        Some(word) if word.as_os_str() == "off" => return Ok(None),
        Some(word) if word.as_os_str() != "auto" => {
            if word.is_absolute() {
                return Ok(Some(word));
            }
            return Err(Error::GoWork {
                value: word.to_string_lossy().into_owned(),
            });
        }
        _ => {}
    }
    // The spelling counts, as in cmd/go: `/usr/lib/go/` is above nothing.
    let goroot = go_env.goroot(env);
    let goroot = goroot.as_deref().map(Path::as_os_str);
    for dir in dirs {
        let file = dir.join("go.work");
        if is_candidate(env, &file) {
            return Ok(Some(file));
        }
        if goroot.is_some() && dir.parent().map(Path::as_os_str) == goroot {
            return Ok(None);
        }
    }
    Ok(None)
}

/// `findModuleRoot` and the rule that a go.mod in the system's temporary directory is no module.
fn find_mod(env: &Env, dirs: &[&Path]) -> Option<PathBuf> {
    let dir = dirs
        .iter()
        .find(|dir| is_candidate(env, &dir.join("go.mod")))?;
    (!is_temp_root(env, dir)).then(|| dir.join("go.mod"))
}

/// Whether there is something that is not a directory; links are followed.
fn is_candidate(env: &Env, file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|metadata| !metadata.is_dir()) && !env.is_hidden(file)
}

/// Whether `dir` is `os.TempDir()`: as text, or after the links of one or of both are followed, in this order. A directory *below* it by one
/// of these readings is not (`search.InDir(dir, temp) == "."`).
fn is_temp_root(env: &Env, dir: &Path) -> bool {
    let temp = env
        .var(if cfg!(windows) { "TMP" } else { "TMPDIR" })
        .map_or_else(|| PathBuf::from("/tmp"), PathBuf::from);
    // Two looks rule out almost everything before links are followed.
    if !temp.is_absolute() || !same_file(dir, &temp) {
        return false;
    }
    let real = |path: &Path| dunce::canonicalize(path).ok();
    // cmd/go compares text: `/tmp/` contains /tmp only once its links are followed, which cleans it.
    let is_spelled_clean = |path: &PathBuf| !path.as_os_str().to_string_lossy().ends_with('/');
    let in_order = [
        (
            Some(dir.to_owned()),
            Some(temp.clone()).filter(is_spelled_clean),
        ),
        (real(dir), Some(temp.clone()).filter(is_spelled_clean)),
        (Some(dir.to_owned()), real(&temp)),
        (real(dir), real(&temp)),
    ];
    for (dir, temp) in in_order {
        if let (Some(dir), Some(temp)) = (dir, temp)
            && dir.starts_with(&temp)
        {
            return dir == temp;
        }
    }
    false
}
