//! What a Go itself would select once it runs (`cmd/go/internal/toolchain/select.go`: `Select`, `Exec`).
//!
//! [`select`] is that function: from a local toolchain, the environment, go's settings files, the arguments and the tree to the toolchain
//! that would run, or to the words with which cmd/go refuses. goshim's own rule (`resolve`) uses the parts: what a value of
//! GOTOOLCHAIN means, and what the lines of a module make of it.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::argv::{self, Arguments};
use crate::env::Env;
use crate::era::Era;
use crate::error::{Error, GoToolchainProblem};
use crate::escape;
use crate::goenv::GoEnv;
use crate::governing::{self, Governing};
use crate::origin::Origin;
use crate::version::Version;
use crate::{system, workdir};

/// A Go that looks at a directory: the "local toolchain" of `cmd/go/internal/gover/local.go`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalGo {
    /// What `runtime.Version` says: `go1.27.3`, `go1.27.3 X:nodwarf5`, `devel go1.28-abc123`.
    text: String,
    /// Its toolchain name; of a development build the name of the language version that it is built for.
    name: String,
    version: Version,
}

impl LocalGo {
    /// The Go that calls itself `text`: a toolchain name, or `devel …` for a development build, for which the newest observed Go stands. `None` for any
    /// other text.
    pub fn new(text: &str) -> Option<Self> {
        let (name, version) = match Version::from_toolchain(text) {
            Some(version) => (text.to_owned(), version),
            None if text.starts_with("devel ") => {
                (Era::NEWEST.first().toolchain(), Era::NEWEST.first())
            }
            None => return None,
        };
        Some(Self {
            text: text.to_owned(),
            name,
            version,
        })
    }
}

/// What a Go would run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The toolchain's name; of the local toolchain, what it calls itself.
    pub toolchain: String,
    /// Where it comes from.
    pub source: Source,
    /// The line that says so; `None` where nothing but the environment or go's own setting does.
    pub origin: Option<Origin>,
}

/// Where cmd/go takes a toolchain from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// It is the one that looks.
    Local,
    /// A program on PATH.
    Path(PathBuf),
    /// The module golang.org/toolchain, from the module cache or a proxy.
    Download,
    /// It must be on PATH and is not: cmd/go refuses.
    NotFound,
}

impl Source {
    /// The word in JSON; stable.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Path(_) => "path",
            Self::Download => "download",
            Self::NotFound => "not-found",
        }
    }
}

/// cmd/go's refusal to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its message, in cmd/go's words and with its quoting, from `go: ` on.
    pub message: String,
    /// The file that is to blame.
    pub file: Option<PathBuf>,
}

/// What the Go `local` would run for `arguments` (go's, without argv\[0\]).
///
/// `env` is the environment in which it would be started. Its GOROOT says where `go.env` is; without one the file is taken to be the one that
/// Go is published with. Nothing is run and no network is used: a Go that would ask a proxy which Go somebody else's module needs
/// (`go install pkg@version`) is answered for as if that module needed none.
///
/// # Errors
/// Where cmd/go would refuse, and for files that it would read and goshim does not: FIFOs, and what is larger than 16 MiB.
pub fn select(local: &LocalGo, env: &Env, arguments: &[OsString]) -> Result<Selection, Refusal> {
    let stay = Selection {
        toolchain: local.text.clone(),
        source: Source::Local,
        origin: None,
    };
    let Some(era) = Era::of(&local.version) else {
        return Ok(stay);
    };
    let arguments = Arguments::of_go(arguments, era);
    // A working directory that cannot be told is an error only where it is asked for.
    let work_dir = workdir::work_dir(env, arguments.change_dir.as_deref())
        .map_err(|error| Refusal::new(&error, None))?;
    let work_dir = work_dir.as_deref();
    let dirs: Vec<&Path> = work_dir.into_iter().flat_map(Path::ancestors).collect();
    let refused = |error: Error| Refusal::new(&error, work_dir.map(|dir| (dir, era)));
    let needs_work_dir = || {
        let message = "go: cannot determine current directory: getwd: no such file or directory";
        match work_dir {
            Some(_) => Ok(()),
            None => Err(Refusal::with_message(message.to_owned())),
        }
    };

    let go_env = settings(env, era).map_err(refused)?;
    if go_env.setting(env, "GO111MODULE").as_deref() == Some("auto") {
        needs_work_dir()?;
    }
    if !governing::modules_are_on(env, &go_env, &dirs, era).map_err(refused)?
        || arguments.is_about_gotoolchain()
        || era >= Era::Go127 && arguments.asks_for_module_file()
    {
        return Ok(stay);
    }
    let Some(value) = go_env.setting(env, "GOTOOLCHAIN") else {
        return Ok(stay);
    };
    let wish = GoToolchain::parse(&value).map_err(refused)?;
    // Until 1.27 the module's file is not for a package of somebody else's module; since then it is, and the version is looked at afterwards.
    let named = || arguments.package_at_version(era).map_err(Refusal::from);
    let is_read = wish.mode != Mode::Fixed && (era >= Era::Go127 || !named()?);
    let governing = if is_read {
        needs_work_dir()?;
        Governing::find_whatever_the_mode(env, &go_env, &dirs).map_err(refused)?
    } else {
        None
    };
    let (name, origin) = upgrade(
        (&local.name, &local.version),
        &wish,
        governing.as_ref(),
        era,
    )
    .map_err(refused)?;
    if is_read && era >= Era::Go127 {
        named()?;
    }
    // Where the module has no say, it is the setting that names the toolchain.
    let origin = origin.or_else(|| {
        wish.name.as_ref()?;
        Some(
            match (env.var("GOTOOLCHAIN"), go_env.entry("GOTOOLCHAIN")) {
                (None, Some((_, place))) => Origin::GoEnvFile(place.clone()),
                _ => Origin::Variable("GOTOOLCHAIN"),
            },
        )
    });

    if let Some(target) = env.text("GOTOOLCHAIN_INTERNAL_SWITCH_VERSION") {
        return if target == local.name {
            Ok(stay)
        } else {
            Err(Refusal::mismatch(&local.name, &target))
        };
    }
    if name == "local" || name == local.name {
        return Ok(Selection { origin, ..stay });
    }
    check_name(&name).map_err(refused)?;
    if switches_so_far(env) >= MOST_SWITCHES {
        return Err(Refusal::with_message(
            "go: too many toolchain switches".to_owned(),
        ));
    }
    let source = match look_path(env, work_dir, &name) {
        Some(program) => {
            refuse_mismatch(&program, &name)?;
            Source::Path(program)
        }
        None if value == "path" || value.ends_with("+path") => Source::NotFound,
        None => Source::Download,
    };
    Ok(Selection {
        toolchain: name,
        source,
        origin,
    })
}

impl Selection {
    /// The message with which cmd/go refuses a toolchain that is not found.
    pub fn refusal(&self) -> Option<Refusal> {
        (self.source == Source::NotFound).then(|| {
            let name = escape::go_quoted(&self.toolchain);
            Refusal {
                message: format!("go: cannot find {name} in PATH"),
                file: self
                    .origin
                    .as_ref()
                    .and_then(Origin::place)
                    .map(|place| place.file.clone()),
            }
        })
    }
}

/// go's settings. What cmd/go cannot read it ignores.
fn settings(env: &Env, era: Era) -> Result<GoEnv, Error> {
    let ignored = |error| match error {
        Error::Unreadable { .. } => Ok(()),
        error => Err(error),
    };
    let mut go_env = match GoEnv::read(env, era) {
        Ok(go_env) => go_env,
        Err(error) => {
            ignored(error)?;
            GoEnv::default()
        }
    };
    go_env.add_goroot_file(env).or_else(ignored)?;
    Ok(go_env)
}

/// `maxSwitch` of select.go.
const MOST_SWITCHES: i64 = 100;

/// The count that each switch raises, read as `strconv.Atoi` does: junk is 0, and what is too large is large.
fn switches_so_far(env: &Env) -> i64 {
    let text = env
        .text("GOTOOLCHAIN_INTERNAL_SWITCH_COUNT")
        .unwrap_or_default();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(&text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return 0;
    }
    let most = if text.starts_with('-') {
        i64::MIN
    } else {
        i64::MAX
    };
    text.parse().unwrap_or(most)
}

/// `exec.LookPath`: the first file of this name on PATH that may be executed. A relative entry that has one ends the search without a
/// result (`exec.ErrDot`), unless GODEBUG says otherwise.
fn look_path(env: &Env, work_dir: Option<&Path>, name: &str) -> Option<PathBuf> {
    let work_dir = work_dir.unwrap_or(Path::new(""));
    let program = std::env::split_paths(env.var("PATH")?)
        // `filepath.Join` cleans: `..` is not looked up. A relative entry is one of the directory that -C leads to.
        .map(|dir| {
            if dir.is_absolute() {
                workdir::clean(&dir).join(name)
            } else {
                dir.join(name)
            }
        })
        .find(|program| is_executable(&work_dir.join(program)))?;
    let godebug = env.text("GODEBUG").unwrap_or_default();
    let dot = godebug
        .rsplit(',')
        .find_map(|setting| setting.strip_prefix("execerrdot="));
    (program.is_absolute() || dot == Some("0")).then_some(program)
}

#[cfg(unix)]
fn is_executable(program: &Path) -> bool {
    use rustix::fs::{Access, AtFlags, CWD, accessat};
    use rustix::io::Errno;
    use std::os::unix::fs::PermissionsExt as _;
    let Ok(metadata) = std::fs::metadata(program) else {
        return false;
    };
    if metadata.is_dir() {
        return false;
    }
    match accessat(CWD, program, Access::EXEC_OK, AtFlags::EACCESS) {
        Ok(()) => true,
        // Kernels and sandboxes without the call: the mode has to do, as in Go.
        Err(Errno::NOSYS | Errno::PERM) => metadata.permissions().mode() & 0o111 != 0,
        Err(_) => false,
    }
}

#[cfg(not(unix))]
fn is_executable(program: &Path) -> bool {
    program.is_file()
}

/// A program on PATH that is the `go` of an SDK which has another name than the one it is called by: it would refuse. Go 1.20 and older would not
/// look.
fn refuse_mismatch(program: &Path, name: &str) -> Result<(), Refusal> {
    match system::toolchain_of(program) {
        Some(other) if other != name => {
            let version = Version::from_toolchain(&other).and_then(|version| Era::of(&version));
            version.map_or(Ok(()), |_| Err(Refusal::mismatch(&other, name)))
        }
        _ => Ok(()),
    }
}

impl Refusal {
    fn with_message(message: String) -> Self {
        Self {
            message,
            file: None,
        }
    }

    fn mismatch(local: &str, target: &str) -> Self {
        Self::with_message(format!("go: toolchain {local} invoked to provide {target}"))
    }

    /// The error in cmd/go's words. `seen_from` is the directory from which it names files, and its generation.
    fn new(error: &Error, seen_from: Option<(&Path, Era)>) -> Self {
        let quoted = escape::go_quoted;
        let (message, file) = match error {
            Error::GoToolchain { value, problem, .. } => {
                let invalid = format!("invalid GOTOOLCHAIN {}", quoted(value));
                let minimum = value.split('+').next().unwrap_or_default();
                let message = match problem {
                    GoToolchainProblem::Name => invalid,
                    GoToolchainProblem::Minimum => {
                        format!("{invalid}: invalid minimum toolchain {}", quoted(minimum))
                    }
                    GoToolchainProblem::Suffix => {
                        format!("{invalid}: only version suffixes are +auto and +path")
                    }
                };
                (message, None)
            }
            Error::ToolchainLine { place, value } => {
                let short = short_path(&place.file, seen_from);
                (
                    format!("invalid toolchain {} in {short}", quoted(value)),
                    Some(&place.file),
                )
            }
            // cmd/go itself puts two prefixes in front of this one.
            Error::GoWork { .. } => ("go: invalid GOWORK: not an absolute path".to_owned(), None),
            Error::Unreadable { file, source } => (
                format!("open {}: {}", file.display(), go_errno(source)),
                Some(file),
            ),
            Error::NotAFile { file } if file.is_dir() => (
                format!("read {}: is a directory", file.display()),
                Some(file),
            ),
            Error::NotAFile { file } | Error::TooLarge { file, .. } => {
                (error.to_string(), Some(file))
            }
            Error::ChangeDir { dir, source } => (
                format!("chdir {}: {}", dir.display(), go_errno(source)),
                None,
            ),
            error => (error.to_string(), None),
        };
        Self {
            message: format!("go: {message}"),
            file: file.cloned(),
        }
    }
}

impl From<argv::Refused> for Refusal {
    fn from(refused: argv::Refused) -> Self {
        Self::with_message(match refused {
            argv::Refused::Version(version) => {
                // Two prefixes, as cmd/go has it.
                let version = escape::go_quoted(&version);
                format!("go: go: invalid module version {version}")
            }
            argv::Refused::Crash => {
                "panic: runtime error: slice bounds out of range [1:0]".to_owned()
            }
        })
    }
}

/// The file as seen from the working directory, where that is shorter (`base.ShortPath`). Since 1.27 only where it leads to the same file: below
/// a linked directory, `..` leads elsewhere.
fn short_path(file: &Path, seen_from: Option<(&Path, Era)>) -> String {
    let relative = seen_from.and_then(|(dir, era)| {
        let up = dir.ancestors().position(|above| file.starts_with(above))?;
        let above = dir.ancestors().nth(up)?;
        let mut relative: PathBuf = std::iter::repeat_n("..", up).collect();
        relative.push(file.strip_prefix(above).ok()?);
        let is_shorter = relative.as_os_str().len() < file.as_os_str().len();
        let is_same = era < Era::Go127 || workdir::same_file(&dir.join(&relative), file);
        (is_shorter && is_same).then_some(relative)
    });
    let shown = relative.as_deref().unwrap_or(file);
    shown.to_string_lossy().into_owned()
}

/// An error of the system in Go's words: those of the C library, in lower case (`syscall.Errno.Error`).
fn go_errno(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    if error.raw_os_error().is_none() {
        // An error of our own making: only a directory that is not there, and one that is a file.
        return match error.kind() {
            io::ErrorKind::NotFound => "no such file or directory".to_owned(),
            io::ErrorKind::NotADirectory => "not a directory".to_owned(),
            _ => text.to_lowercase(),
        };
    }
    text.to_lowercase()
}

/// A value of GOTOOLCHAIN, taken apart: `(NAME|local)[+auto|+path]`, `auto` or `path`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GoToolchain {
    /// The toolchain that it names, and that toolchain's version.
    pub(crate) name: Option<(String, Version)>,
    pub(crate) mode: Mode,
}

/// Whether go.mod and go.work may raise the selection, and from where the toolchain may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// They may not.
    Fixed,
    /// They may, and it may be downloaded.
    Auto,
    /// They may, and it must be on PATH.
    Path,
}

impl GoToolchain {
    /// Parses a value that is not empty.
    ///
    /// # Errors
    /// Where cmd/go says "invalid GOTOOLCHAIN".
    pub(crate) fn parse(value: &str) -> Result<Self, Error> {
        let invalid = |problem| Error::GoToolchain {
            place: None,
            value: value.to_owned(),
            problem,
        };
        let (name, suffix) = match value {
            "auto" | "path" => ("local", Some(value)),
            _ => match value.split_once('+') {
                Some((name, suffix)) => (name, Some(suffix)),
                None => (value, None),
            },
        };
        let name = if name == "local" {
            None
        } else {
            let problem = match suffix {
                Some(_) => GoToolchainProblem::Minimum,
                None => GoToolchainProblem::Name,
            };
            let version = Version::from_toolchain(name).ok_or_else(|| invalid(problem))?;
            Some((name.to_owned(), version))
        };
        let mode = match suffix {
            None => Mode::Fixed,
            Some("auto") => Mode::Auto,
            Some("path") => Mode::Path,
            Some(_) => return Err(invalid(GoToolchainProblem::Suffix)),
        };
        Ok(Self { name, mode })
    }
}

/// The sanity check of select.go in front of PATH and downloads: `go2.0` has passed everything before it.
///
/// # Errors
/// Where cmd/go refuses the name.
pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    if name.starts_with("go1") || name.contains("-go1") {
        return Ok(());
    }
    Err(Error::GoToolchain {
        place: None,
        value: name.to_owned(),
        problem: GoToolchainProblem::Name,
    })
}

/// What the minimum of `wish`, else `local` (a name and its version), becomes under the lines of the governing file, with the line that raised
/// it.
///
/// # Errors
/// Where cmd/go refuses the governing file's toolchain line.
pub(crate) fn upgrade(
    local: (&str, &Version),
    wish: &GoToolchain,
    governing: Option<&Governing>,
    era: Era,
) -> Result<(String, Option<Origin>), Error> {
    let (mut name, mut least) = match &wish.name {
        Some((name, version)) => (name.clone(), version.clone()),
        None => (local.0.to_owned(), local.1.clone()),
    };
    let mut origin = None;
    let Some(governing) = governing.filter(|_| wish.mode != Mode::Fixed) else {
        return Ok((name, origin));
    };
    if let Some(toolchain) = &governing.toolchain {
        if toolchain.value == "default" {
            return Ok((name, origin));
        }
        let place = governing.place(toolchain);
        let Some(version) = Version::from_toolchain(&toolchain.value) else {
            return Err(Error::ToolchainLine {
                place,
                value: toolchain.value.clone(),
            });
        };
        if version > least || era == Era::Go121 && version == least {
            name.clone_from(&toolchain.value);
            least = version;
            origin = Some(Origin::ToolchainLine(place));
        }
    }
    if let Some((go, place)) = governing.go_version()
        && go > least
    {
        // A language version names no toolchain; its first release does.
        name = go.toolchain();
        if go.is_language() && go >= Era::Go121.first() {
            name.push_str(".0");
        }
        origin = Some(Origin::GoLine(place));
    }
    Ok((name, origin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gomod::directive;

    fn selected(local: &str, gotoolchain: &str, go_mod: &str) -> Result<String, String> {
        let governing = Governing {
            file: "/m/go.mod".into(),
            go: directive(go_mod.as_bytes(), "go"),
            toolchain: directive(go_mod.as_bytes(), "toolchain"),
        };
        let wish = GoToolchain::parse(gotoolchain).map_err(|error| error.to_string())?;
        let version = Version::from_toolchain(local).unwrap();
        upgrade((local, &version), &wish, Some(&governing), Era::NEWEST)
            .map(|(name, _)| name)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_greater_of_the_two_lines_wins() {
        let local = "go1.22.10";
        for (wish, go_mod, expected) in [
            ("auto", "go 1.22\n", "go1.22.10"),
            ("auto", "go 1.23\n", "go1.23.0"),
            ("auto", "go 1.23.4\n", "go1.23.4"),
            ("auto", "go 1.23\ntoolchain go1.23.4\n", "go1.23.4"),
            ("auto", "go 1.24\ntoolchain go1.23.4\n", "go1.24.0"),
            ("auto", "go 1.24\ntoolchain default\n", "go1.22.10"),
            ("auto", "go 1.30 x\n", "go1.22.10"),
            ("local", "go 1.30\n", "go1.22.10"),
            ("go1.21.0", "go 1.30\n", "go1.21.0"),
            ("go1.22.0+auto", "go 1.21\n", "go1.22.0"),
            ("go1.22.0+auto", "go 1.23.4\n", "go1.23.4"),
        ] {
            assert_eq!(
                selected(local, wish, go_mod).as_deref(),
                Ok(expected),
                "{wish} {go_mod:?}"
            );
        }
        assert!(selected(local, "auto", "toolchain x\n").is_err());
    }

    #[test]
    fn forms_that_cmd_go_refuses() {
        for value in [
            "default",
            "auto+path",
            "+auto",
            "local+",
            "Auto",
            " go1.22.0",
            "go1.22.0+x",
            "1.22.0",
        ] {
            assert!(GoToolchain::parse(value).is_err(), "{value:?}");
        }
        assert!(check_name("go2.0").is_err());
        assert!(check_name("go1.22.0").is_ok());
    }

    #[test]
    fn the_count_of_switches_is_read_as_go_reads_numbers() {
        for (text, count) in [
            ("", 0),
            ("abc", 0),
            ("7", 7),
            ("+7", 7),
            ("1_0", 0),
            ("99999999999999999999", i64::MAX),
            ("-99999999999999999999", i64::MIN),
        ] {
            let env = Env::default().with("GOTOOLCHAIN_INTERNAL_SWITCH_COUNT", text);
            assert_eq!(switches_so_far(&env), count, "{text:?}");
        }
    }
}
