//! Programs named go that lead back to the shim: refused with the chain, not run for ever.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use goshim_test_support::{Sandbox, copy_program, stand_in, write_script};

use crate::product::{on_path, product, setup, shown, succeed};

/// A refusal takes milliseconds (docs/internals/performance.md); what takes this long goes in circles, also where others use the machine.
const FOR_EVER: Duration = Duration::from_mins(1);

/// Something that leads back, made in a sandbox: the directories for PATH after the shims.
type Trap = fn(&Sandbox) -> Vec<PathBuf>;

/// Each trap with the exit code, and what the chain has to name.
const TRAPS: &[(&str, Trap, i32, &[&str])] = &[
    (
        "link",
        link,
        127,
        &["passed over", "trap/go -> ", "shims/go"],
    ),
    ("hard link", hard_link, 127, &["passed over", "trap/go"]),
    ("copy", copy, 127, &["passed over", "trap/go"]),
    (
        "two copies",
        two_copies,
        126,
        &["leads back to goshim", "trap/go -> ", "trap2/go -> "],
    ),
    (
        "script",
        script,
        126,
        &["leads back to goshim", "trap/go -> "],
    ),
    (
        "two scripts",
        two_scripts,
        126,
        &["leads back to goshim", "trap/go"],
    ),
    (
        "another goshim",
        another_goshim,
        127,
        &["passed over", "other/shims/go"],
    ),
    (
        "a linked wrapper",
        linked_wrapper,
        126,
        &["leads back to goshim", "trap/bin/go"],
    ),
    (
        "a linked copy",
        linked_copy,
        126,
        &["trap as trap: its bin/go is a shim of goshim's"],
    ),
    (
        "an SDK that is a link to the shim",
        sdk_link,
        126,
        &["goshim's own shim", "sdks/go1.22.10/bin/go"],
    ),
    (
        "an SDK that is a hard link to the shim",
        sdk_hard_link,
        126,
        &["goshim's own shim", "sdks/go1.22.10/bin/go"],
    ),
];

fn shim(sandbox: &Sandbox) -> PathBuf {
    sandbox.goshim_home().join("shims/go")
}

fn link(sandbox: &Sandbox) -> Vec<PathBuf> {
    let trap = sandbox.mkdir("trap");
    fs_err::os::unix::fs::symlink(shim(sandbox), trap.join("go")).unwrap();
    vec![trap]
}

fn hard_link(sandbox: &Sandbox) -> Vec<PathBuf> {
    let trap = sandbox.mkdir("trap");
    fs_err::hard_link(shim(sandbox), trap.join("go")).unwrap();
    vec![trap]
}

fn copy(sandbox: &Sandbox) -> Vec<PathBuf> {
    vec![copy_to(sandbox, "trap")]
}

fn two_copies(sandbox: &Sandbox) -> Vec<PathBuf> {
    vec![copy_to(sandbox, "trap"), copy_to(sandbox, "trap2")]
}

fn copy_to(sandbox: &Sandbox, name: &str) -> PathBuf {
    let trap = sandbox.mkdir(name);
    copy_program(&product().shim, trap.join("go"));
    trap
}

fn script(sandbox: &Sandbox) -> Vec<PathBuf> {
    vec![script_to(
        sandbox,
        "trap",
        "exec \"$GOSHIM_HOME/shims/go\" \"$@\"",
    )]
}

/// The second one calls the first, and the first whatever PATH names.
fn two_scripts(sandbox: &Sandbox) -> Vec<PathBuf> {
    let second = script_to(sandbox, "trap2", "go \"$@\"");
    let call = format!("exec '{}' \"$@\"", second.join("go").display());
    vec![script_to(sandbox, "trap", &call), second]
}

fn script_to(sandbox: &Sandbox, name: &str, line: &str) -> PathBuf {
    let script = sandbox.root().join(name).join("go");
    write_script(&script, &format!("#!/bin/sh\n{line}\n"));
    script.parent().unwrap().to_owned()
}

/// A tree that is linked by hand, as if it had become so since `goshim link`, and pinned.
fn linked(sandbox: &Sandbox) -> PathBuf {
    let root = sandbox.root().join("trap");
    sandbox.mkdir("trap/pkg/tool");
    let line = format!("{}\n", root.display());
    sandbox.write("goshim/links/trap", line);
    sandbox.write("project/.go-version", "trap\n");
    root
}

fn linked_wrapper(sandbox: &Sandbox) -> Vec<PathBuf> {
    linked(sandbox);
    script_to(sandbox, "trap/bin", "go \"$@\"");
    Vec::new()
}

fn linked_copy(sandbox: &Sandbox) -> Vec<PathBuf> {
    linked(sandbox);
    let bin = sandbox.mkdir("trap/bin");
    fs_err::hard_link(shim(sandbox), bin.join("go")).unwrap();
    Vec::new()
}

fn another_goshim(sandbox: &Sandbox) -> Vec<PathBuf> {
    let other = sandbox.mkdir("other");
    setup(sandbox, &other);
    vec![other.join("shims")]
}

fn sdk_link(sandbox: &Sandbox) -> Vec<PathBuf> {
    let bin = sandbox.mkdir("goshim/sdks/go1.22.10/bin");
    fs_err::os::unix::fs::symlink(shim(sandbox), bin.join("go")).unwrap();
    Vec::new()
}

fn sdk_hard_link(sandbox: &Sandbox) -> Vec<PathBuf> {
    let bin = sandbox.mkdir("goshim/sdks/go1.22.10/bin");
    fs_err::hard_link(shim(sandbox), bin.join("go")).unwrap();
    Vec::new()
}

/// The shim, called with these directories after its own on PATH.
fn call(sandbox: &Sandbox, program: &Path, dirs: &[PathBuf]) -> Command {
    let mut command = on_path(sandbox, sandbox.goshim_home(), program.to_str().unwrap());
    let mut path = vec![sandbox.goshim_home().join("shims")];
    path.extend(dirs.iter().cloned());
    path.extend(["/usr/bin".into(), "/bin".into()]);
    command
        .env("PATH", std::env::join_paths(path).unwrap())
        .arg("version")
        .stdin(Stdio::null());
    command
}

#[test]
fn what_leads_back_is_refused_with_the_chain() {
    for (name, trap, code, chain) in TRAPS {
        let sandbox = Sandbox::new();
        setup(&sandbox, sandbox.goshim_home());
        let dirs = trap(&sandbox);
        let started = Instant::now();
        let output = call(&sandbox, &shim(&sandbox), &dirs).output().unwrap();
        let time = started.elapsed();
        let stderr = String::from_utf8_lossy(&output.stderr);
        println!("{name}: {:.1} ms", time.as_secs_f64() * 1000.0);
        assert_eq!(
            output.status.code(),
            Some(*code),
            "{name}: {}",
            shown(&output)
        );
        assert!(
            chain.iter().all(|part| stderr.contains(part)),
            "{name}: {}",
            shown(&output)
        );
        assert!(
            output.stdout.is_empty() && time < FOR_EVER,
            "{name}: {time:?}"
        );
    }
}

/// The other way round, what only looks like a circle works: a wrapper around a Go that is there.
#[test]
fn a_wrapper_around_a_real_go_runs_it() {
    let sandbox = Sandbox::new();
    setup(&sandbox, sandbox.goshim_home());
    let sdk = sandbox.root().join("usr/lib/go");
    stand_in::write_sdk(&sdk, "go1.19.8");
    let line = format!("exec '{}' \"$@\"", sdk.join("bin/go").display());
    let trap = script_to(&sandbox, "trap", &line);
    let said = succeed(&mut call(&sandbox, &shim(&sandbox), &[trap]));
    assert!(said.starts_with("go version go1.19.8 "), "{said}");
}
