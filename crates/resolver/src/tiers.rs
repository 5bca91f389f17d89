//! What a project's file may say about the environment, in one table.
//!
//! Anybody can write a project's file, and whoever clones the project runs `go` in it. So a setting is **free** where it can neither run code nor choose a
//! path or an origin nor weaken a check; it **needs trust** where it might; and it is **never** allowed where it would steer goshim itself, the shell
//! or the loader. The parser, docs/reference/project-file.md and the tests are made from this table.

use std::fmt;
use std::path::Path;

use serde::Deserialize;

/// What a setting takes to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Nothing.
    Free,
    /// A record that the user trusts the file's settings.
    NeedsTrust,
    /// It never counts, not even with a record.
    Never,
}

/// A value as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a string, or for GOFLAGS a list of strings"
)]
pub enum Value {
    /// One text.
    Text(String),
    /// A list of texts, for GOFLAGS.
    List(Vec<String>),
}

impl Value {
    /// The variable's value: the items of a list separated by blanks, and in quotes where they have blanks themselves
    /// (`cmd/internal/quoted`).
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::List(items) => {
                let quoted = items.iter().map(|item| {
                    let is_plain = !item.contains([' ', '\t', '\n', '\r', '\'', '"']);
                    let quote = if item.contains('\'') { '"' } else { '\'' };
                    if is_plain {
                        item.clone()
                    } else {
                        format!("{quote}{item}{quote}")
                    }
                });
                quoted.collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// What is wrong with it as the value of `name`, whoever sets it and whatever that takes; `None` where nothing is.
    pub fn problem(&self, name: &str) -> Option<&'static str> {
        let is_directory = name == "GOTMPDIR" || DIRECTORIES.contains(&name);
        match self {
            Self::Text(text) if text.contains('\0') => Some("a value has no NUL"),
            Self::Text(_) if name == "GOFLAGS" => {
                Some("GOFLAGS must be a list, such as [\"-mod=readonly\"]")
            }
            Self::Text(text) if is_directory && !Path::new(text).is_absolute() => {
                Some("the directory is not absolute; `[layout]` of a project has relative ones")
            }
            Self::Text(_) => None,
            Self::List(_) if name != "GOFLAGS" => {
                Some("only GOFLAGS is a list, other variables are strings")
            }
            Self::List(flags) if flags.iter().any(|flag| flag.contains('\0')) => {
                Some("a value has no NUL")
            }
            Self::List(flags) => flags
                .iter()
                .any(|flag| flag.is_empty() || flag.contains('\'') && flag.contains('"'))
                .then_some("a flag is not empty, and has one kind of quotes"),
        }
    }
}

/// The values of a variable that are free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grammar {
    /// One of these words.
    Words(&'static [&'static str]),
    /// The name of a platform or of a level of one: up to 24 of `a-z 0-9 . ,`.
    Platform,
    /// A list in which each flag is one of [`FREE_FLAGS`].
    Flags,
}

impl Grammar {
    fn accepts(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Words(words), Value::Text(text)) => words.contains(&text.as_str()),
            (Self::Platform, Value::Text(text)) => {
                let is_known = |byte: u8| {
                    byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".,".contains(&byte)
                };
                (1..=24).contains(&text.len()) && text.bytes().all(is_known)
            }
            (Self::Flags, Value::List(flags)) => flags.iter().all(|flag| is_free_flag(flag)),
            _ => false,
        }
    }
}

impl fmt::Display for Grammar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) => {
                let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
                f.write_str(&words.join(", "))
            }
            Self::Platform => f.write_str("up to 24 of `a`-`z`, `0`-`9`, `.`, `,`"),
            Self::Flags => {
                let flags = FREE_FLAGS.iter().map(|flag| format!("`{flag}`"));
                write!(f, "a list of {}", flags.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// A flag that GOFLAGS may have without trust.
#[derive(Clone, Copy, Debug)]
pub struct FreeFlag {
    name: &'static str,
    value: FlagValue,
}

#[derive(Clone, Copy, Debug)]
enum FlagValue {
    None,
    Words(&'static [&'static str]),
    Tags,
    Number,
    Duration,
}

/// All of them. Whatever names a program, a file or a directory is not among them, nor what links something in.
pub const FREE_FLAGS: &[FreeFlag] = &[
    FreeFlag::new("-mod", FlagValue::Words(&["readonly", "vendor"])),
    FreeFlag::new("-trimpath", FlagValue::None),
    FreeFlag::new("-buildvcs", FlagValue::Words(&["true", "false", "auto"])),
    FreeFlag::new("-tags", FlagValue::Tags),
    FreeFlag::new("-race", FlagValue::None),
    FreeFlag::new("-v", FlagValue::None),
    FreeFlag::new("-short", FlagValue::None),
    FreeFlag::new("-count", FlagValue::Number),
    FreeFlag::new("-p", FlagValue::Number),
    FreeFlag::new("-timeout", FlagValue::Duration),
    FreeFlag::new("-modcacherw", FlagValue::None),
];

impl FreeFlag {
    const fn new(name: &'static str, value: FlagValue) -> Self {
        Self { name, value }
    }

    fn accepts(&self, value: Option<&str>) -> bool {
        let is_made_of = |value: &str, known: fn(u8) -> bool| {
            (1..=64).contains(&value.len()) && value.bytes().all(known)
        };
        match (self.value, value) {
            (FlagValue::None, None) => true,
            (FlagValue::Words(words), Some(value)) => words.contains(&value),
            (FlagValue::Tags, Some(value)) => is_made_of(value, |byte| {
                byte.is_ascii_alphanumeric() || b"_.,".contains(&byte)
            }),
            (FlagValue::Number, Some(value)) => {
                value.len() <= 6 && is_made_of(value, |byte| byte.is_ascii_digit())
            }
            (FlagValue::Duration, Some(value)) => is_made_of(value, |byte| {
                byte.is_ascii_digit() || b".hmsun".contains(&byte)
            }),
            _ => false,
        }
    }
}

impl fmt::Display for FreeFlag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        match self.value {
            FlagValue::None => Ok(()),
            FlagValue::Words(words) => write!(f, "={}", words.join("/")),
            FlagValue::Tags => f.write_str("=TAGS"),
            FlagValue::Number => f.write_str("=NUMBER"),
            FlagValue::Duration => f.write_str("=DURATION"),
        }
    }
}

fn is_free_flag(flag: &str) -> bool {
    let (name, value) = match flag.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (flag, None),
    };
    FREE_FLAGS
        .iter()
        .any(|free| free.name == name && free.accepts(value))
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The names: whole, or with a `*` at one end.
    pub names: &'static [&'static str],
    /// What they take, whatever the value.
    pub tier: Tier,
    /// The values that are free all the same.
    pub free: Option<Grammar>,
    /// Why.
    pub reason: &'static str,
}

/// The table. The first row with the name counts; the last one has every name.
pub const RULES: &[Rule] = &[
    Rule {
        names: &["GOSHIM_*"],
        tier: Tier::Never,
        free: None,
        reason: "goshim's own settings are the user's",
    },
    Rule {
        names: &[
            "GOROOT",
            "GOENV",
            "GOTOOLDIR",
            "GOTELEMETRY*",
            "GOTOOLCHAIN_INTERNAL_*",
        ],
        tier: Tier::Never,
        free: None,
        reason: "they choose which Go runs and which settings it reads",
    },
    Rule {
        names: &[
            "PATH",
            "HOME",
            "SHELL",
            "USER",
            "LOGNAME",
            "PWD",
            "OLDPWD",
            "TMPDIR",
            "TMP",
            "TEMP",
            "XDG_*",
            "PATHEXT",
            "COMSPEC",
            "SYSTEMROOT",
            "WINDIR",
            "USERPROFILE",
            "APPDATA",
            "LOCALAPPDATA",
            "PROGRAMDATA",
        ],
        tier: Tier::Never,
        free: None,
        reason: "they choose programs and the user's own places",
    },
    Rule {
        names: &[
            "IFS",
            "ENV",
            "BASH_*",
            "PS*",
            "PROMPT_COMMAND",
            "ZDOTDIR",
            "CDPATH",
        ],
        tier: Tier::Never,
        free: None,
        reason: "shells run what they say",
    },
    Rule {
        names: &[
            "LD_*",
            "DYLD_*",
            "GCONV_PATH",
            "LOCPATH",
            "GLIBC_TUNABLES",
            "MALLOC_*",
        ],
        tier: Tier::Never,
        free: None,
        reason: "the loader and the C library obey them in every program",
    },
    Rule {
        names: &["GIT_*", "SSH_*"],
        tier: Tier::Never,
        free: None,
        reason: "git and ssh run what they say, with the user's keys",
    },
    Rule {
        names: &["*_PROXY", "SSL_CERT_*", "NETRC"],
        tier: Tier::Never,
        free: None,
        reason: "they choose whom the user's programs talk to, and whom they believe",
    },
    Rule {
        names: &[
            "GOOS",
            "GOARCH",
            "GOARM",
            "GOARM64",
            "GOAMD64",
            "GO386",
            "GOMIPS",
            "GOMIPS64",
            "GOPPC64",
            "GORISCV64",
            "GOWASM",
        ],
        tier: Tier::NeedsTrust,
        free: Some(Grammar::Platform),
        reason: "the platform to build for",
    },
    Rule {
        names: &["CGO_ENABLED"],
        tier: Tier::NeedsTrust,
        free: Some(Grammar::Words(&["0", "1"])),
        reason: "whether cgo is used",
    },
    Rule {
        names: &["GO111MODULE"],
        tier: Tier::NeedsTrust,
        free: Some(Grammar::Words(&["on"])),
        reason: "`off`, and `auto` outside a module in older releases, ask origins directly and leave the checksum database out",
    },
    Rule {
        names: &["GOTOOLCHAIN"],
        tier: Tier::NeedsTrust,
        free: Some(Grammar::Words(&["local"])),
        reason: "anything else may choose another Go than goshim verified",
    },
    Rule {
        names: &["GOPROXY", "GOWORK"],
        tier: Tier::NeedsTrust,
        free: Some(Grammar::Words(&["off"])),
        reason: "anything else chooses an origin or a file",
    },
    Rule {
        names: &["GOFLAGS"],
        tier: Tier::NeedsTrust,
        free: Some(Grammar::Flags),
        reason: "other flags run programs, replace files or link something in",
    },
    Rule {
        names: &[
            "GOPRIVATE",
            "GONOPROXY",
            "GONOSUMDB",
            "GOSUMDB",
            "GOINSECURE",
            "GOVCS",
            "GOAUTH",
        ],
        tier: Tier::NeedsTrust,
        free: None,
        reason: "they choose origins, and which of them are checked",
    },
    Rule {
        names: &["GOPATH", "GOBIN", "GOMODCACHE", "GOCACHE", "GOTMPDIR"],
        tier: Tier::NeedsTrust,
        free: None,
        reason: "a directory that the project chooses may have been filled by it. They must be absolute; `[layout]` has relative ones",
    },
    Rule {
        names: &["GODEBUG", "GOEXPERIMENT", "GOFIPS140"],
        tier: Tier::NeedsTrust,
        free: None,
        reason: "they switch checks of the runtime and of cmd/go off",
    },
    Rule {
        names: &[
            "CC",
            "CXX",
            "AR",
            "FC",
            "GCCGO",
            "PKG_CONFIG",
            "CGO_*",
            "GOCACHEPROG",
        ],
        tier: Tier::NeedsTrust,
        free: None,
        reason: "Go runs what they say",
    },
    Rule {
        names: &["*"],
        tier: Tier::NeedsTrust,
        free: None,
        reason: "the application's own variables",
    },
];

/// The row that decides about a variable.
pub fn rule(name: &str) -> Option<&'static Rule> {
    // Every setting of a file is asked about in front of every go command, so this compares bytes.
    let name = name.as_bytes();
    let has_name = |pattern: &str| match pattern.as_bytes() {
        [b'*', end @ ..] => name.ends_with(end),
        [start @ .., b'*'] => name.starts_with(start),
        whole => name == whole,
    };
    RULES
        .iter()
        .find(|rule| rule.names.iter().any(|pattern| has_name(pattern)))
}

/// What a setting takes. A name that is not made of `A-Z 0-9 _`, or begins with a digit, is never allowed: `http_proxy` is one.
pub fn tier(name: &str, value: &Value) -> Tier {
    let is_name = name.starts_with(|c: char| c.is_ascii_uppercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    match rule(name).filter(|_| is_name) {
        None => Tier::Never,
        Some(Rule { tier, free, .. }) => {
            if free.is_some_and(|free| free.accepts(value)) {
                Tier::Free
            } else {
                *tier
            }
        }
    }
}

/// The directories of a layout that may be named in a project's file.
pub const DIRECTORIES: [&str; 4] = ["GOPATH", "GOBIN", "GOCACHE", "GOMODCACHE"];

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, value: &str) -> Tier {
        tier(name, &Value::Text(value.to_owned()))
    }

    /// The free settings, written out: whoever makes another one free has to say so here as well.
    #[test]
    fn nothing_else_is_free() {
        let free: Vec<&str> = RULES
            .iter()
            .filter(|rule| rule.free.is_some() || rule.tier == Tier::Free)
            .flat_map(|rule| rule.names)
            .copied()
            .collect();
        assert_eq!(
            free,
            [
                "GOOS",
                "GOARCH",
                "GOARM",
                "GOARM64",
                "GOAMD64",
                "GO386",
                "GOMIPS",
                "GOMIPS64",
                "GOPPC64",
                "GORISCV64",
                "GOWASM",
                "CGO_ENABLED",
                "GO111MODULE",
                "GOTOOLCHAIN",
                "GOPROXY",
                "GOWORK",
                "GOFLAGS",
            ]
        );
        let flags: Vec<String> = FREE_FLAGS.iter().map(ToString::to_string).collect();
        assert_eq!(
            flags,
            [
                "-mod=readonly/vendor",
                "-trimpath",
                "-buildvcs=true/false/auto",
                "-tags=TAGS",
                "-race",
                "-v",
                "-short",
                "-count=NUMBER",
                "-p=NUMBER",
                "-timeout=DURATION",
                "-modcacherw",
            ]
        );
    }

    #[test]
    fn every_variable_has_its_tier() {
        for (name, value, expected) in [
            ("GOOS", "linux", Tier::Free),
            ("GOOS", "../x", Tier::NeedsTrust),
            ("GOOS", "", Tier::NeedsTrust),
            ("GOAMD64", "v3", Tier::Free),
            ("GOPPC64", "power9", Tier::Free),
            ("GOARM", "7,softfloat", Tier::Free),
            ("CGO_ENABLED", "2", Tier::NeedsTrust),
            ("GO111MODULE", "off", Tier::NeedsTrust),
            ("GO111MODULE", "auto", Tier::NeedsTrust),
            ("GO111MODULE", "on", Tier::Free),
            ("GOTOOLCHAIN", "local", Tier::Free),
            ("GOTOOLCHAIN", "go1.22.10", Tier::NeedsTrust),
            ("GOPROXY", "off", Tier::Free),
            ("GOPROXY", "direct", Tier::NeedsTrust),
            ("GOWORK", "/x", Tier::NeedsTrust),
            ("GOFLAGS", "-race", Tier::NeedsTrust),
            ("GOPRIVATE", "x", Tier::NeedsTrust),
            ("CC", "x", Tier::NeedsTrust),
            ("CGO_CFLAGS", "x", Tier::NeedsTrust),
            ("DATABASE_URL", "x", Tier::NeedsTrust),
            ("PATH", "x", Tier::Never),
            ("LD_PRELOAD", "x", Tier::Never),
            ("HTTPS_PROXY", "x", Tier::Never),
            ("http_proxy", "x", Tier::Never),
            ("GOTELEMETRYDIR", "x", Tier::Never),
            ("GOTOOLCHAIN_INTERNAL_SWITCH_VERSION", "x", Tier::Never),
            ("GOSHIM_HOME", "x", Tier::Never),
            ("PS1", "x", Tier::Never),
            ("A-B", "x", Tier::Never),
            ("", "x", Tier::Never),
            ("1A", "x", Tier::Never),
        ] {
            assert_eq!(of(name, value), expected, "{name}={value}");
        }
    }

    #[test]
    fn flags_are_free_one_by_one() {
        let tier = |flags: &[&str]| {
            let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
            tier("GOFLAGS", &Value::List(flags))
        };
        assert_eq!(
            tier(&["-mod=readonly", "-trimpath", "-tags=a,b", "-timeout=1m30s"]),
            Tier::Free
        );
        assert_eq!(tier(&[]), Tier::Free);
        for flag in [
            "-toolexec=x",
            "-exec=x",
            "-overlay=x",
            "-modfile=x",
            "-ldflags=-s",
            "-C=x",
            "-o=x",
            "-pgo=x",
            "-vettool=x",
            "--race",
            "-mod=mod",
            "-race=true",
            "-tags=a b",
            "-tags=",
            "-p=",
            "-p=x",
            "-count=9999999",
            "-timeout=1 h",
            "race",
            "",
            "-",
            "-v -toolexec=x",
            "-trimpath\n-toolexec=x",
        ] {
            assert_eq!(tier(&["-race", flag]), Tier::NeedsTrust, "{flag}");
        }
    }

    #[test]
    fn a_list_becomes_what_go_splits_again() {
        let list = |items: &[&str]| {
            Value::List(items.iter().map(|item| (*item).to_owned()).collect()).text()
        };
        assert_eq!(list(&["-v", "-race"]), "-v -race");
        assert_eq!(list(&["-ldflags=-s -w"]), "'-ldflags=-s -w'");
        assert_eq!(list(&["-ldflags=-X 'a'"]), "\"-ldflags=-X 'a'\"");
    }
}
