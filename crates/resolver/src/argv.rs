//! The parts of go's command line that decide which Go runs.
//!
//! `cmd/go/main.go` (`handleChdirFlag`, `lookupCmd`) and `cmd/go/internal/toolchain/select.go` read the raw arguments before any
//! flag is parsed; so does this file. Arguments are bytes: what is not UTF-8 is no word that matters here.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

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
    /// Takes go's arguments (without argv\[0\]) apart.
    pub fn parse(arguments: &[OsString]) -> Self {
        let mut words = arguments.to_vec();
        let query = words.first().and_then(|word| strip_prefix(word, b"+"));
        if query.is_some() {
            words.remove(0);
        }
        let change_dir = take_change_dir(&mut words);
        Self {
            query,
            change_dir,
            words,
        }
    }

    /// `go env GOTOOLCHAIN`, `GOMOD` or `GOWORK`, and `go env -w GOTOOLCHAIN=…`, exactly: editors ask these, and cmd/go answers them without
    /// switching (select.go: "go env GOTOOLCHAIN" and its neighbours). They never install anything.
    pub fn never_installs(&self) -> bool {
        let asks_where = matches!(self.words.as_slice(), [env, name] if env == "env" && (name == "GOMOD" || name == "GOWORK"));
        asks_where || self.is_about_gotoolchain()
    }

    /// `go env GOTOOLCHAIN` and `go env -w GOTOOLCHAIN=…`, exactly: no cmd/go switches for these (select.go: `Select`).
    pub(crate) fn is_about_gotoolchain(&self) -> bool {
        let words: Vec<_> = self
            .words
            .iter()
            .map(|word| word.to_string_lossy())
            .collect();
        match words
            .iter()
            .map(AsRef::as_ref)
            .collect::<Vec<_>>()
            .as_slice()
        {
            ["env", "GOTOOLCHAIN"] => true,
            ["env", "-w", assignment] => assignment.starts_with("GOTOOLCHAIN="),
            _ => false,
        }
    }

    /// `go install pkg@version` and `go run pkg@version`, which serve somebody else's module (select.go: `maybeSwitchForGoInstallVersion`).
    pub fn names_package_at_version(&self) -> bool {
        let mut words = self.words.iter().map(|word| word.to_string_lossy());
        if !words
            .next()
            .is_some_and(|command| command == "install" || command == "run")
        {
            return false;
        }
        while let Some(word) = words.next() {
            if !word.starts_with('-') {
                let is_local =
                    word.starts_with("./") || word.starts_with("../") || word.starts_with('/');
                return word.contains('@') && !is_local;
            }
            let name = word.trim_start_matches('-');
            if !name.contains('=') && VALUE_FLAGS.contains(&name) {
                words.next();
            }
        }
        false
    }
}

/// The build flags that take their value from the next argument.
const VALUE_FLAGS: &[&str] = &[
    "C",
    "asmflags",
    "buildmode",
    "compiler",
    "covermode",
    "coverpkg",
    "exec",
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
fn take_change_dir(words: &mut Vec<OsString>) -> Option<PathBuf> {
    let at = command_words(words);
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
fn command_words(words: &[OsString]) -> usize {
    let Some(first) = words.first().and_then(|word| word.to_str()) else {
        return 0;
    };
    if let Some((_, members)) = GROUPS.iter().find(|(group, _)| *group == first) {
        let second = words.get(1).and_then(|word| word.to_str());
        return if second.is_some_and(|word| members.contains(&word)) {
            2
        } else {
            1
        };
    }
    usize::from(COMMANDS.contains(&first))
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
