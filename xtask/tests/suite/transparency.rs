//! What a process knows of itself, run directly and through the shim: it differs in documented variables and in nothing else.
//!
//! `xtask/c/start.c` brings itself into a state and becomes the program; `xtask/c/probe.c`, which stands in for go, says what it sees.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use goshim_test_support::{Sandbox, copy_program};
use xtask::c;

use crate::product::{goshim, on_path, setup, shown, succeed};

/// The exit code of `start` where a state needs privileges that the tests do not have.
const NOT_POSSIBLE: i32 = 77;

/// A project that is pinned to 1.22.10, whose `bin/go` is the probe.
struct Ground {
    sandbox: Sandbox,
    report: PathBuf,
}

impl Ground {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        setup(&sandbox, sandbox.goshim_home());
        for toolchain in ["go1.21.13", "go1.22.10"] {
            let bin = sandbox
                .goshim_home()
                .join("sdks")
                .join(toolchain)
                .join("bin");
            fs_err::create_dir_all(&bin).unwrap();
            copy_program(c::program("probe").unwrap(), bin.join("go"));
        }
        succeed(goshim(&sandbox, sandbox.goshim_home()).arg("setup"));
        sandbox.write("project/.go-version", "1.22.10\n");
        // Where the working directory is gone, nothing but the default can be asked.
        succeed(goshim(&sandbox, sandbox.goshim_home()).args(["default", "1.22.10"]));
        let report = sandbox.write("tmp/report", "");
        // Another user reads and writes here as well.
        let open = |path: &Path, mode| {
            fs_err::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        open(&report, 0o666);
        open(sandbox.root().parent().unwrap(), 0o755);
        Self { sandbox, report }
    }

    fn goroot(&self, toolchain: &str) -> PathBuf {
        self.sandbox.goshim_home().join("sdks").join(toolchain)
    }

    fn shim(&self) -> PathBuf {
        self.sandbox.goshim_home().join("shims/go")
    }

    /// The attributes that the probe sees in `state`, started as `program`; `None` where the state cannot be had.
    fn probe(&self, state: &str, program: &Path) -> Option<Vec<String>> {
        let start = c::program("start").unwrap();
        let mut start = on_path(
            &self.sandbox,
            self.sandbox.goshim_home(),
            start.to_str().unwrap(),
        );
        let mut report = OsString::from("report=");
        report.push(&self.report);
        start
            .arg(state)
            .arg(program)
            .args(["build", "-x", "./..."])
            .arg(report);
        fs_err::write(&self.report, "").unwrap();
        let output = start.stdin(Stdio::null()).output().unwrap();
        if output.status.code() == Some(NOT_POSSIBLE) {
            return None;
        }
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{state} {}: {}",
            program.display(),
            shown(&output)
        );
        let report = fs_err::read_to_string(&self.report).unwrap();
        Some(report.lines().map(str::to_owned).collect())
    }
}

/// The environment of a report, and all else.
fn split(report: Vec<String>) -> (Vec<String>, Vec<String>) {
    report
        .into_iter()
        .partition(|line| line.starts_with("env "))
}

#[test]
fn nothing_differs_but_goroot_whatever_state_the_process_is_in() {
    let ground = Ground::new();
    let goroot = ground.goroot("go1.22.10");
    let direct = goroot.join("bin/go");
    let states = succeed(Command::new(c::program("start").unwrap()).arg("--list"));
    let mut attributes = BTreeSet::new();
    let (mut compared, mut impossible) = (BTreeSet::new(), Vec::new());
    for state in states.lines() {
        let (Some(expected), Some(seen)) = (
            ground.probe(state, &direct),
            ground.probe(state, &ground.shim()),
        ) else {
            impossible.push(state);
            continue;
        };
        let ((mut environment, expected), (child, seen)) = (split(expected), split(seen));
        attributes.extend(expected.iter().map(|line| {
            let key = line.split(':').next().unwrap();
            key.trim_end_matches(|c: char| c.is_ascii_digit())
                .to_owned()
        }));
        assert!(
            seen == expected,
            "{state}: {:#?}",
            difference(&expected, &seen)
        );
        environment.retain(|entry| !entry.starts_with("env GOROOT="));
        environment.push(format!("env GOROOT={}", goroot.display()));
        assert!(
            child == environment,
            "{state}: {:#?}",
            difference(&environment, &child)
        );
        compared.insert((environment, expected));
    }
    println!(
        "{} states, {} kinds of attributes; not possible here: {impossible:?}",
        compared.len(),
        attributes.len()
    );
    // Two states may look alike, as where the tests lead their own session; and only root can have some.
    assert!(compared.len() >= 50, "{} different states", compared.len());
    assert!(attributes.len() >= 40, "{attributes:?}");
    assert!(impossible.len() < 10, "{impossible:?}");
}

/// The lines that only one of the two has.
fn difference(expected: &[String], seen: &[String]) -> Vec<String> {
    let missing = expected
        .iter()
        .filter(|line| !seen.contains(line))
        .map(|line| format!("- {line}"));
    let new = seen
        .iter()
        .filter(|line| !expected.contains(line))
        .map(|line| format!("+ {line}"));
    missing.chain(new).collect()
}

/// A call, and the changes to the environment that the documents name for it: a new value, or `None` for a variable that goes.
struct Case {
    dir: &'static str,
    variables: &'static [(&'static str, &'static str)],
    query: &'static [&'static str],
    runs: &'static str,
    changes: &'static [(&'static str, Option<&'static str>)],
}

/// Stands for the root of the SDK that runs.
const ROOT: Option<&str> = Some("ROOT");

/// `GOSHIM_SET` beside `GOTOOLCHAIN=local`: the name with a digest of the value.
const HELD: &str = "GOTOOLCHAIN=249f1fb6f3a680e8";

const CASES: &[Case] = &[
    Case {
        dir: "project",
        variables: &[],
        query: &[],
        runs: "go1.22.10",
        changes: &[("GOROOT", ROOT)],
    },
    Case {
        dir: "project",
        variables: &[
            ("XDG_CONFIG_HOME", "config that unsets"),
            ("GOROOT", "/stale"),
        ],
        query: &[],
        runs: "go1.22.10",
        changes: &[("GOROOT", None)],
    },
    Case {
        dir: "held",
        variables: &[],
        query: &[],
        runs: "go1.22.10",
        changes: &[
            ("GOTOOLCHAIN", Some("local")),
            ("GOROOT", ROOT),
            ("GOSHIM_SET", Some(HELD)),
        ],
    },
    Case {
        dir: "project",
        variables: &[("GOTOOLCHAIN", "local"), ("GOSHIM_SET", HELD)],
        query: &[],
        runs: "go1.22.10",
        changes: &[
            ("GOTOOLCHAIN", None),
            ("GOSHIM_SET", None),
            ("GOROOT", ROOT),
        ],
    },
    Case {
        dir: "project",
        variables: &[],
        query: &["+1.21.13"],
        runs: "go1.21.13",
        changes: &[
            ("GOTOOLCHAIN", Some("local")),
            ("GOROOT", ROOT),
            ("GOSHIM_VERSION", Some("1.21.13")),
        ],
    },
    Case {
        dir: "project",
        variables: &[("GOSHIM_VERSION", "1.21")],
        query: &[],
        runs: "go1.21.13",
        changes: &[("GOTOOLCHAIN", Some("local")), ("GOROOT", ROOT)],
    },
    Case {
        dir: "project",
        variables: &[("GOTOOLCHAIN", "go1.21.13")],
        query: &[],
        runs: "go1.21.13",
        changes: &[("GOROOT", ROOT)],
    },
    Case {
        dir: "project",
        variables: &[
            ("GOTOOLCHAIN_INTERNAL_SWITCH_VERSION", "go1.21.13"),
            ("GOROOT", "/stale"),
        ],
        query: &[],
        runs: "go1.21.13",
        changes: &[("GOROOT", None)],
    },
];

#[test]
fn the_documented_variables_are_all_that_ever_differs() {
    let ground = Ground::new();
    let sandbox = &ground.sandbox;
    sandbox.write("held/go.mod", "module m\n\ngo 1.21\n\ntoolchain go1.27.3\n");
    sandbox.write("held/.go-version", "1.22.10\n");
    sandbox.write(
        "config that unsets/goshim/config.toml",
        "goroot = \"unset\"\n",
    );
    for Case {
        dir,
        variables,
        query,
        runs,
        changes,
    } in CASES
    {
        let dir = sandbox.root().join(dir);
        let run = |program: &Path, query: &[&str]| {
            let mut command = on_path(sandbox, sandbox.goshim_home(), program.to_str().unwrap());
            command.current_dir(&dir).env("PWD", &dir);
            for (name, value) in *variables {
                let is_path = *name == "XDG_CONFIG_HOME";
                let value = if is_path {
                    sandbox.root().join(value)
                } else {
                    value.into()
                };
                command.env(name, value);
            }
            let mut report = OsString::from("report=");
            report.push(&ground.report);
            succeed(command.args(query).args(["vet", "+1"]).arg(report));
            let report = fs_err::read_to_string(&ground.report).unwrap();
            // The programs have different names here, and no parent told them its number.
            let is_told = |line: &&str| {
                !["argument /", "process: ", "parent: "]
                    .iter()
                    .any(|start| line.starts_with(start))
            };
            split(report.lines().filter(is_told).map(str::to_owned).collect())
        };
        let goroot = ground.goroot(runs);
        let (mut environment, expected) = run(&goroot.join("bin/go"), &[]);
        let (child, seen) = run(&ground.shim(), query);
        environment.retain(|entry| {
            !changes
                .iter()
                .any(|(name, _)| entry.starts_with(&format!("env {name}=")))
        });
        for (name, value) in changes
            .iter()
            .filter_map(|(name, value)| Some((name, (*value)?)))
        {
            let value = if value == "ROOT" {
                goroot.to_str().unwrap()
            } else {
                value
            };
            environment.push(format!("env {name}={value}"));
        }
        assert_eq!(child, environment, "{variables:?} {query:?}");
        assert_eq!(seen, expected, "{variables:?} {query:?}");
    }
}
