//! Signals and exit codes through the shim: those of go itself, for the shim is no longer there.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Stdio;

use goshim_test_support::{Sandbox, copy_program};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, kill_process_group, waitpid};
use xtask::c;

use crate::product::{goshim, setup, succeed};

/// Who gets a signal.
#[derive(Clone, Copy, Debug)]
enum To {
    Process,
    Group,
}

/// Starts `go` in a process group of its own, waits until it is ready, and sends the signals one after the other. Returns what its parent
/// sees after each of them.
#[expect(
    clippy::zombie_processes,
    reason = "waitpid waits for it, and tells more than wait"
)]
fn seen(sandbox: &Sandbox, go: &Path, to: To, signals: &[Signal]) -> Vec<String> {
    // Who started the tests may ignore a signal (nohup, a shell's background), and every child would.
    let mut child = sandbox
        .command("env")
        .arg("--default-signal")
        .arg(go)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert_eq!(line, "ready\n");
    let pid = Pid::from_child(&child);
    let send = |signal| match to {
        To::Process => kill_process(pid, signal).unwrap(),
        To::Group => kill_process_group(pid, signal).unwrap(),
    };
    signals
        .iter()
        .map(|signal| {
            send(*signal);
            let options = WaitOptions::UNTRACED | WaitOptions::CONTINUED;
            let (_, status) = waitpid(Some(pid), options).unwrap().unwrap();
            format!("{status:?}")
        })
        .collect()
}

#[test]
fn the_parent_sees_what_it_would_see_without_the_shim() {
    let sandbox = Sandbox::new();
    setup(&sandbox, sandbox.goshim_home());
    let bin = sandbox.mkdir("goshim/sdks/go1.22.10/bin");
    copy_program(c::program("wait").unwrap(), bin.join("go"));
    succeed(goshim(&sandbox, sandbox.goshim_home()).arg("setup"));
    sandbox.write("project/.go-version", "1.22.10\n");
    let (direct, shim) = (bin.join("go"), sandbox.goshim_home().join("shims/go"));
    let stop_and_go_on = [
        Signal::TSTP,
        Signal::CONT,
        Signal::STOP,
        Signal::CONT,
        Signal::TERM,
    ];
    let endings = [
        Signal::INT,
        Signal::TERM,
        Signal::KILL,
        Signal::HUP,
        Signal::QUIT,
        Signal::USR1,
        Signal::PIPE,
    ];
    let mut sequences: Vec<&[Signal]> = endings.iter().map(std::slice::from_ref).collect();
    sequences.push(&stop_and_go_on);
    let mut all = Vec::new();
    for to in [To::Process, To::Group] {
        for signals in &sequences {
            let expected = seen(&sandbox, &direct, to, signals);
            let through = seen(&sandbox, &shim, to, signals);
            assert_eq!(through, expected, "{signals:?} to the {to:?}");
            all.extend(expected);
        }
    }
    // They are not all the same, so the comparison could have failed.
    all.sort();
    all.dedup();
    assert!(all.len() >= 10, "{all:?}");
}

#[test]
fn every_exit_code_is_go_s() {
    let sandbox = Sandbox::new();
    setup(&sandbox, sandbox.goshim_home());
    sandbox.install_stand_in("go1.22.10");
    sandbox.write("project/.go-version", "1.22.10\n");
    let shim = sandbox.goshim_home().join("shims/go");
    for code in 0..=255 {
        let status = sandbox
            .command(&shim)
            .args(["exit", &code.to_string()])
            .status()
            .unwrap();
        assert_eq!(status.code(), Some(code));
    }
}
