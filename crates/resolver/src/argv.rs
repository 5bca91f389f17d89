//! The parts of go's command line that decide which Go runs.
//!
//! `cmd/go/main.go` (`handleChdirFlag`, `lookupCmd`) and `cmd/go/internal/toolchain/select.go` read the raw arguments before any
//! flag is parsed; so does this file. Arguments are bytes: what is not UTF-8 is no word that matters here. Where the generations of
//! cmd/go differ, [`Era`] says which is meant.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::era::Era;

/// go's command line, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arguments {
    /// The query of a leading `+QUERY`, which the child does not get.
    pub query: Option<OsString>,
    /// The directory of `-C`, in one of its legal places.
    pub change_dir: Option<PathBuf>,
    /// All other arguments.
    words: Vec<OsString>,
}

/// The commands that have commands of their own, with them.
const GROUPS: &[(&str, &[&str])] = &[
    (
        "mod",
        &[
            "download", "edit", "graph", "init", "tidy", "vendor", "verify", "why",
        ],
    ),
    ("work", &["edit", "init", "sync", "use", "vendor"]),
];

/// All other commands.
const COMMANDS: &[&str] = &[
    "bug",
    "build",
    "clean",
    "doc",
    "env",
    "fix",
    "fmt",
    "generate",
    "get",
    "install",
    "list",
    "run",
    "telemetry",
    "test",
    "tool",
    "version",
    "vet",
];

impl Arguments {
    /// Takes the shim's arguments (without argv\[0\]) apart.
    pub fn parse(arguments: &[OsString]) -> Self {
        let query = arguments.first().and_then(|word| strip_prefix(word, b"+"));
        let of_go = match (&query, arguments) {
            (Some(_), [_, rest @ ..]) => rest,
            _ => arguments,
        };
        Self {
            query,
            ..Self::of_go(of_go, Era::NEWEST)
        }
    }

    /// Takes go's own arguments (without argv\[0\]) apart.
    pub(crate) fn of_go(arguments: &[OsString], era: Era) -> Self {
        let mut words = arguments.to_vec();
        let change_dir = take_change_dir(&mut words, era);
        Self {
            query: None,
            change_dir,
            words,
        }
    }

    /// `go env GOTOOLCHAIN`, `GOMOD` or `GOWORK`, and `go env -w GOTOOLCHAIN=…`, exactly: editors ask these, and cmd/go answers them without
    /// switching (select.go: "go env GOTOOLCHAIN" and its neighbours). They never install anything.
    pub fn never_installs(&self) -> bool {
        self.asks_for_module_file() || self.is_about_gotoolchain()
    }

    /// `go env GOMOD` and `go env GOWORK`, exactly: since 1.27 at the latest, and not in 1.22, cmd/go answers without switching.
    pub(crate) fn asks_for_module_file(&self) -> bool {
        matches!(self.words.as_slice(), [env, name] if env == "env" && (name == "GOMOD" || name == "GOWORK"))
    }

    /// `go env GOTOOLCHAIN` and `go env -w GOTOOLCHAIN=…`, exactly: no cmd/go switches for these (select.go: `Select`).
    pub(crate) fn is_about_gotoolchain(&self) -> bool {
        match self.words.as_slice() {
            [env, name] => env == "env" && name == "GOTOOLCHAIN",
            [env, write, assignment] => {
                env == "env" && write == "-w" && strip_prefix(assignment, b"GOTOOLCHAIN=").is_some()
            }
            _ => false,
        }
    }

    /// `go install pkg@version` and `go run pkg@version`, which serve somebody else's module.
    pub fn names_package_at_version(&self) -> bool {
        self.package_at_version(Era::NEWEST).unwrap_or(true)
    }

    /// Whether cmd/go takes this for `go install pkg@version` or `go run pkg@version` (select.go: `maybeSwitchForGoInstallVersion`, until 1.22
    /// `goInstallVersion`). It guesses: flags are not parsed yet, and may be those of a newer Go.
    ///
    /// # Errors
    /// Where cmd/go ends at this point.
    pub(crate) fn package_at_version(&self, era: Era) -> Result<bool, Refused> {
        let words: Vec<_> = self
            .words
            .iter()
            .map(|word| word.to_string_lossy())
            .collect();
        let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        let (command, mut rest) = match words.as_slice() {
            [command @ ("install" | "run"), rest @ ..] if !rest.is_empty() => (*command, rest),
            _ => return Ok(false),
        };
        let mut package = "";
        while let [word, after @ ..] = rest {
            rest = after;
            if *word == "--" {
                let [word, ..] = rest else {
                    return Ok(false);
                };
                package = word;
                break;
            }
            let Some(flag) = word.strip_prefix('-') else {
                package = word;
                break;
            };
            let flag = flag.strip_prefix('-').unwrap_or(flag);
            let (name, value) = match flag.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (flag, None),
            };
            if name == "modcacherw" {
                if value.is_some_and(|value| !is_go_bool(value)) {
                    return Ok(false);
                }
                continue;
            }
            if value.is_some() || BOOL_FLAGS.contains(&flag) || flag == "json" && era >= Era::Go127
            {
                continue;
            }
            // Until 1.22 the flags of run were looked up for install too.
            let is_exec = flag == "exec" && (command == "run" || era < Era::Go127);
            if VALUE_FLAGS.contains(&flag) || is_exec {
                rest = match rest {
                    [_, rest @ ..] => rest,
                    [] if era < Era::Go127 => return Err(Refused::Crash),
                    [] => return Ok(false),
                };
                continue;
            }
            if command == "run" {
                return Ok(false);
            }
            // An unknown flag of install: the package is assumed to be the last argument.
            while let [word, after @ ..] = rest {
                let name = word.split('=').next().unwrap_or_default();
                if name == "-modcacherw" || name == "--modcacherw" {
                    break;
                }
                if after.is_empty() && !word.starts_with('-') {
                    package = word;
                }
                rest = after;
            }
        }
        let is_local = matches!(package, "." | "..")
            || package.starts_with("./")
            || package.starts_with("../")
            || Path::new(package).is_absolute();
        let Some((path, version)) = package.split_once('@').filter(|_| !is_local) else {
            return Ok(false);
        };
        if era >= Era::Go127 && version.starts_with(['-', '/']) {
            return Err(Refused::Version(version.to_owned()));
        }
        Ok(!path.is_empty() && !version.is_empty() && path != "go" && path != "toolchain")
    }
}

/// Why cmd/go ends while it looks for `pkg@version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The version begins with `-` or `/` (`modload.ParsePathVersion`).
    Version(String),
    /// A flag lacks its value, with which Go 1.21 and 1.22 panic.
    Crash,
}

/// `strconv.ParseBool`.
fn is_go_bool(text: &str) -> bool {
    let all = [
        "1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False",
    ];
    all.contains(&text)
}

/// The flags of install and run that need no value (cmd/go's `AddBuildFlags` and `AddCoverFlags`).
const BOOL_FLAGS: &[&str] = &[
    "a",
    "asan",
    "buildvcs",
    "cover",
    "linkshared",
    "msan",
    "n",
    "race",
    "trimpath",
    "v",
    "work",
    "x",
];

/// Those that take their value from the next argument.
const VALUE_FLAGS: &[&str] = &[
    "C",
    "asmflags",
    "buildmode",
    "compiler",
    "covermode",
    "coverpkg",
    "debug-actiongraph",
    "debug-runtime-trace",
    "debug-trace",
    "gccgoflags",
    "gcflags",
    "installsuffix",
    "ldflags",
    "mod",
    "modfile",
    "overlay",
    "p",
    "pgo",
    "pkgdir",
    "tags",
    "toolexec",
];

/// Removes `-C dir` from its legal places: right after the command words, or first (`handleChdirFlag`).
fn take_change_dir(words: &mut Vec<OsString>, era: Era) -> Option<PathBuf> {
    let at = command_words(words, era);
    let flag = words.get(at)?;
    if flag == "-C" || flag == "--C" {
        let dir = words.get(at + 1)?.clone();
        words.drain(at..at + 2);
        return Some(dir.into());
    }
    let dir = strip_prefix(flag, b"-C=").or_else(|| strip_prefix(flag, b"--C="))?;
    words.remove(at);
    Some(dir.into())
}

/// How many leading arguments are command words (`lookupCmd`).
fn command_words(words: &[OsString], era: Era) -> usize {
    let Some(first) = words.first().and_then(|word| word.to_str()) else {
        return 0;
    };
    if let Some((_, members)) = GROUPS.iter().find(|(group, _)| *group == first) {
        let second = words.get(1).and_then(|word| word.to_str());
        let is_member = second.is_some_and(|word| {
            // `go work vendor` came with 1.22.
            members.contains(&word) && !(era < Era::Go122 && first == "work" && word == "vendor")
        });
        return if is_member { 2 } else { 1 };
    }
    // `go telemetry` came after 1.22.
    let is_known = COMMANDS.contains(&first) && !(era < Era::Go127 && first == "telemetry");
    usize::from(is_known)
}

/// The name that a program was called by: without its directory and, on Windows, without `.exe` and in lower case, for `GOFMT.EXE` is the same program
/// there. `None` where it is no text.
pub fn program_name(program: &Path) -> Option<Cow<'_, str>> {
    Some(plain_name(program.file_name()?.to_str()?, cfg!(windows)))
}

fn plain_name(name: &str, is_windows: bool) -> Cow<'_, str> {
    if !is_windows {
        return name.into();
    }
    let name = name.to_ascii_lowercase();
    let plain = name.strip_suffix(".exe").map(str::to_owned);
    plain.unwrap_or(name).into()
}

/// What follows `prefix` in a byte string.
#[cfg(unix)]
fn strip_prefix(word: &OsStr, prefix: &[u8]) -> Option<OsString> {
    use std::os::unix::ffi::OsStrExt;
    word.as_bytes()
        .strip_prefix(prefix)
        .map(|rest| OsStr::from_bytes(rest).to_owned())
}

#[cfg(not(unix))]
fn strip_prefix(word: &OsStr, prefix: &[u8]) -> Option<OsString> {
    word.to_str()?
        .strip_prefix(std::str::from_utf8(prefix).ok()?)
        .map(OsString::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Arguments {
        Arguments::parse(&line.split(' ').map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn finds_the_directory_in_its_four_places_only() {
        for line in [
            "-C d build",
            "build -C d",
            "mod -C d tidy",
            "mod tidy -C d",
            "build --C d",
            "build -C=d",
            "test --C=d ./...",
        ] {
            assert_eq!(parse(line).change_dir, Some(PathBuf::from("d")), "{line}");
        }
        for line in [
            "build -v -C d",
            "frobnicate -C d",
            "-C",
            "build -C",
            "help -C d",
        ] {
            assert_eq!(parse(line).change_dir, None, "{line}");
        }
    }

    #[test]
    fn a_query_is_the_first_argument() {
        assert_eq!(parse("+1.22 build -C d").query, Some("1.22".into()));
        assert_eq!(parse("+1.22 build -C d").change_dir, Some("d".into()));
        assert_eq!(parse("build +1.22").query, None);
    }

    #[test]
    fn editors_questions_never_install() {
        assert!(
            parse("env GOMOD").never_installs()
                && parse("env -w GOTOOLCHAIN=local").never_installs()
        );
        assert!(
            !parse("env").never_installs()
                && !parse("env GOMOD GOWORK").never_installs()
                && !parse("version").never_installs()
        );
    }

    #[test]
    fn programs_are_known_by_name() {
        let path = Path::new("dir").join("gofmt");
        assert_eq!(program_name(&path).as_deref(), Some("gofmt"));
        assert_eq!(program_name(Path::new("..")), None);
        for (name, unix, windows) in [
            ("go", "go", "go"),
            ("gofmt.exe", "gofmt.exe", "gofmt"),
            ("GOFMT.EXE", "GOFMT.EXE", "gofmt"),
            ("Go1.22.10", "Go1.22.10", "go1.22.10"),
            ("go1.27rc1.exe", "go1.27rc1.exe", "go1.27rc1"),
            (".exe", ".exe", ""),
        ] {
            assert_eq!(plain_name(name, false), unix);
            assert_eq!(plain_name(name, true), windows);
        }
    }

    #[test]
    fn packages_at_a_version() {
        for line in [
            "install x.y/z@latest",
            "run -v x.y/z@v1",
            "install -tags a x.y/z@v1",
            "run -ldflags=-s x.y/z@v1",
        ] {
            assert!(parse(line).names_package_at_version(), "{line}");
        }
        for line in [
            "install ./...",
            "run .",
            "install ./a@b",
            "build x.y/z@v1",
            "get x.y/z@v1",
            "run main.go a@b",
        ] {
            assert!(!parse(line).names_package_at_version(), "{line}");
        }
    }
}
