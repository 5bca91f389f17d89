//! Every environment variable of goshim's own, in one table. `cargo xtask codegen` makes docs/reference/environment.md of it.

/// A variable that goshim reads.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it accepts.
    pub values: &'static str,
    /// What holds without it.
    pub default: &'static str,
    /// What it does.
    pub purpose: &'static str,
}

/// Where the store is.
pub const HOME: &str = "GOSHIM_HOME";
/// The address of the index.
pub const INDEX_URL: &str = "GOSHIM_INDEX_URL";
/// The base addresses of the files.
pub const MIRROR: &str = "GOSHIM_MIRROR";
/// Seconds without a byte after which a connection counts as broken.
pub const HTTP_TIMEOUT: &str = "GOSHIM_HTTP_TIMEOUT";
/// Seconds until a connection must stand.
pub const HTTP_CONNECT_TIMEOUT: &str = "GOSHIM_HTTP_CONNECT_TIMEOUT";
/// How often a broken download is tried again.
pub const HTTP_RETRIES: &str = "GOSHIM_HTTP_RETRIES";
/// Bytes a second below which a server counts as too slow.
pub const HTTP_MIN_RATE: &str = "GOSHIM_HTTP_MIN_RATE";
/// The Go to run, whatever the directory asks for.
pub const VERSION: &str = "GOSHIM_VERSION";
/// How go.mod's lines are read.
pub const POLICY: &str = "GOSHIM_POLICY";
/// Whether a pin below the floor is an error.
pub const STRICT: &str = "GOSHIM_STRICT";
/// What the shim does where the selected SDK is missing.
pub const AUTO_INSTALL: &str = "GOSHIM_AUTO_INSTALL";
/// No network.
pub const OFFLINE: &str = "GOSHIM_OFFLINE";
/// Where the walk upward ends.
pub const CEILING: &str = "GOSHIM_CEILING";
/// What goshim set in the child's environment.
pub const SET: &str = "GOSHIM_SET";
/// The profile of projects' files.
pub const PROFILE: &str = "GOSHIM_PROFILE";
/// The ids of trusted settings.
pub const TRUST: &str = "GOSHIM_TRUST";
/// What becomes of settings that are not trusted.
pub const UNTRUSTED: &str = "GOSHIM_UNTRUSTED";
/// The machine's configuration.
pub const MACHINE_CONFIG: &str = "GOSHIM_MACHINE_CONFIG";
/// The programs that the shim handed over to as a Go that is not its own.
pub const CHAIN: &str = "GOSHIM_CHAIN";
/// Whether the shim tells each of its steps.
pub const TRACE: &str = "GOSHIM_TRACE";
/// What the command line logs.
pub const LOG: &str = "GOSHIM_LOG";

/// The table, in the order of the reference page.
pub const VARIABLES: &[Variable] = &[
    Variable {
        name: HOME,
        values: "an absolute directory",
        default: "`$XDG_DATA_HOME/goshim`, else `~/.local/share/goshim` (Windows: `%LOCALAPPDATA%\\goshim`)",
        purpose: "Where SDKs and shims live. Where it is set, the state (the default, known projects) lives in its `state` directory as well. \
                  It is a directory of its own: your home directory itself and `/` are refused.",
    },
    Variable {
        name: VERSION,
        values: "a query: a release (`1.22.10`), a series (`1.22`), `latest`, `oldstable`, `system`, or the name of a linked SDK",
        default: "unset",
        purpose: "The Go to run, in every directory and exactly: no pin file, toolchain line or floor changes it. The child gets \
                  `GOTOOLCHAIN=local`, so that cmd/go does not leave it either. `go +QUERY` sets it for one call and its children.",
    },
    Variable {
        name: POLICY,
        values: "`project`, `exact`, `floor`, `native`",
        default: "`[go] policy` of the nearest `.goshim.toml`, else of the user's config, else `project`",
        purpose: "How the lines of go.mod and go.work count: see the concepts page on resolution.",
    },
    Variable {
        name: STRICT,
        values: "`1` or `true`, `0` or `false`",
        default: "`[go] strict` of the nearest `.goshim.toml`, else of the user's config, else off",
        purpose: "A pin below the floor of go.mod or go.work is an error instead of being raised with a notice.",
    },
    Variable {
        name: AUTO_INSTALL,
        values: "`always`, `ask`, `never`",
        default: "`auto_install` of the user's config, else `always`",
        purpose: "What the shim does where the selected SDK is not installed. `ask` asks a person: stdin and stderr are \
                  terminals, in the foreground. Elsewhere it is `never`. \
                  `GOTOOLCHAIN` set to `local`, `path` or `…+path`, and `GOSHIM_OFFLINE`, mean `never`.",
    },
    Variable {
        name: INDEX_URL,
        values: "an `http` or `https` address, to which `?mode=json&include=all` is added where it has no query and does not end in `.json`; or a \
                 `file` address or an absolute path of such a file, or of a directory with an `index.json`; a file has at most 32 MiB",
        default: "`index` of the user's config, else `https://go.dev/dl/` with the table that is compiled into goshim",
        purpose: "The index of published releases. It vouches for the bytes: its sha256 is what a download must have, whichever mirror served it. \
                  It replaces the official index and the compiled table.",
    },
    Variable {
        name: MIRROR,
        values: "`http` or `https` addresses, `file` addresses or absolute directories, separated by commas",
        default: "`mirrors` of the user's config, else the index's address up to its last `/`",
        purpose: "Where the files come from, tried in this order: `<mirror>/go1.22.10.linux-amd64.tar.gz`. A mirror is never trusted, only the \
                  index is.",
    },
    Variable {
        name: OFFLINE,
        values: "`1` or `true`, `0` or `false`",
        default: "off",
        purpose: "No network: commands use the last copy of the index and the compiled table, the shim installs nothing, and `goshim install` only \
                  what lies in a directory or is named with `--from`.",
    },
    Variable {
        name: HTTP_TIMEOUT,
        values: "seconds, such as `30` or `0.5`",
        default: "`timeout` in `[http]` of the user's config, else 30",
        purpose: "After so long without a byte, or without the whole head of an answer, a connection counts as broken. Twice this time is the \
                  window over which `GOSHIM_HTTP_MIN_RATE` is measured.",
    },
    Variable {
        name: HTTP_CONNECT_TIMEOUT,
        values: "seconds, such as `10` or `0.5`",
        default: "`connect_timeout` in `[http]` of the user's config, else 10",
        purpose: "How long a connection may take to be made.",
    },
    Variable {
        name: HTTP_RETRIES,
        values: "a number from 0 to 20",
        default: "`retries` in `[http]` of the user's config, else 2",
        purpose: "How often a failed connection is made again before the next mirror is tried. Progress of 256 KiB gives all of them back.",
    },
    Variable {
        name: HTTP_MIN_RATE,
        values: "bytes a second; `0` for none",
        default: "`min_rate` in `[http]` of the user's config, else 1024",
        purpose: "A server that sends less than this counts as broken.",
    },
    Variable {
        name: CEILING,
        values: "absolute directories, separated as in PATH",
        default: "unset",
        purpose: "The walk upward from the working directory looks into such a directory, and not above it.",
    },
    Variable {
        name: PROFILE,
        values: "the name of a profile, such as `dev`",
        default: "unset",
        purpose: "The `[profile.NAME.env]` of projects' files that counts, before their `[env]`. A file that has profiles and not this one is an error; \
                  one without profiles is not concerned.",
    },
    Variable {
        name: TRUST,
        values: "ids as `goshim trust --show` prints them, separated by commas",
        default: "unset",
        purpose: "Project settings that are trusted without a record, for CI: an id names the file's place and its settings.",
    },
    Variable {
        name: UNTRUSTED,
        values: "`refuse`, `ignore`",
        default: "`untrusted` of the user's config, else `refuse`",
        purpose: "What becomes of a project's settings that need trust and have none: no Go runs, or they are left out and the child gets \
                  `GOPROXY=off` and `GOSUMDB=off`. For editors and scanners.",
    },
    Variable {
        name: MACHINE_CONFIG,
        values: "a file",
        default: "`/etc/goshim/config.toml` (Windows: `%ProgramData%\\goshim\\config.toml`)",
        purpose: "The machine's configuration, which fills what the user's leaves open.",
    },
    Variable {
        name: SET,
        values: "set by goshim for the child",
        default: "unset",
        purpose: "Names the variables that goshim set, for this project alone: `GOTOOLCHAIN=local` of a hold, and those of project, layout and \
                  configuration, each with a digest of its value. A shim that is called by the child, for another project perhaps, does not take them \
                  for the user's word.",
    },
    Variable {
        name: CHAIN,
        values: "set by the shim for the child",
        default: "unset",
        purpose: "The programs that were run as the system's Go or a linked one, separated as in PATH. Where eight of them lead back to the shim, it refuses to go \
                  on. With an SDK of the store the child does not get it.",
    },
    Variable {
        name: TRACE,
        values: "`1` or `true`; anything else is off",
        default: "off",
        purpose: "The shim prints each of its steps to stderr, with the microseconds since it started: what it read, what that decided, and what it \
                  executes. Shims that the child calls do the same.",
    },
    Variable {
        name: LOG,
        values: "a filter such as `debug` or `goshim_installer=trace`",
        default: "what `-v` asks for",
        purpose: "What `goshim` logs to stderr.",
    },
];
