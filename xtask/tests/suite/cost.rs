//! What `goshim why` and the shim cost in a deep directory: system calls are counted, for they do not vary; the time is printed, and decides nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use goshim_test_support::Sandbox;

use crate::product::{goshim, on_path, product, setup, succeed};

/// How deep the directory lies below the one with the files.
const LEVELS: usize = 30;

/// A store with this many SDKs, and a directory far below an exact pin and a go.mod.
fn deep(sdks: usize) -> (Sandbox, PathBuf) {
    let sandbox = Sandbox::new();
    setup(&sandbox, sandbox.goshim_home());
    sandbox.install_stand_in("go1.22.10");
    for patch in 11..10 + sdks {
        // That they are there is all that counts of the others.
        sandbox.mkdir(&format!("goshim/sdks/go1.22.{patch}"));
    }
    sandbox.write("project/.go-version", "1.22.10\n");
    sandbox.write("project/go.mod", "module m\n\ngo 1.22\n");
    let dir = sandbox.mkdir(&format!("project{}", "/d".repeat(LEVELS)));
    (sandbox, dir)
}

/// How often a program makes each system call that is about files.
fn calls(sandbox: &Sandbox, dir: &Path, program: &Path, argument: &str) -> BTreeMap<String, usize> {
    let trace = sandbox.root().join("trace");
    let mut traced = on_path(sandbox, sandbox.goshim_home(), "strace");
    traced
        .current_dir(dir)
        .env("PWD", dir)
        .args(["-e", "trace=%file,%desc,%process", "-o"])
        .arg(&trace)
        .arg(program)
        .arg(argument);
    let said = succeed(&mut traced);
    assert!(said.contains("go1.22.10"), "{said}");
    let mut calls = BTreeMap::new();
    // From the second execve on it is the Go that runs.
    let trace = fs_err::read_to_string(trace).unwrap();
    let own = trace
        .lines()
        .enumerate()
        .take_while(|(index, line)| *index == 0 || !line.starts_with("execve("));
    for (_, line) in own {
        if let Some((name, _)) = line.split_once('(') {
            *calls.entry(name.to_owned()).or_default() += 1;
        }
    }
    calls
}

/// The middle one of many runs.
fn median(mut command: Command) -> Duration {
    let mut times: Vec<_> = (0..31)
        .map(|_| {
            let started = Instant::now();
            succeed(&mut command);
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

#[test]
fn an_exact_pin_costs_the_same_whatever_is_installed() {
    let [one, many] = [1, 24].map(|sdks| {
        let (sandbox, dir) = deep(sdks);
        let shim = sandbox.goshim_home().join("shims/go");
        let calls = [
            calls(&sandbox, &dir, &product().goshim, "why"),
            calls(&sandbox, &dir, &shim, "version"),
        ];
        let mut why = goshim(&sandbox, sandbox.goshim_home());
        why.current_dir(&dir).env("PWD", &dir).arg("why");
        let why = median(why).as_secs_f64() * 1e3;
        println!("{sdks} SDKs, {LEVELS} levels: goshim why takes {why:.1} ms");
        calls
    });
    assert_eq!(one, many);
    // Five names are looked for in each directory; `why` also asks what cmd/go does next, which looks for two of them again, and once
    // more where cmd/go would select. The rest is the program's start and what it found.
    for (calls, names) in one.iter().zip([9, 5]) {
        assert_eq!(calls.get("getdents64"), None, "{calls:?}");
        let count: usize = calls.values().sum();
        let directories = LEVELS + 2;
        let most = names * directories + 100;
        assert!(
            (5 * directories..most).contains(&count),
            "{count}: {calls:?}"
        );
    }
}
