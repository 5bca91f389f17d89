//! Many shims at the same moment, as editors, linters and `make -j` start them.

use goshim_test_support::{Sandbox, copy_program};
use xtask::c;

use crate::product::{goshim, on_path, setup, succeed};

const SHIMS: usize = 500;
const ROUNDS: usize = 20;

/// What none of them may do: talk to anybody, lock, start a process, write, or change a file.
const FORBIDDEN: &str = "%network,flock,fcntl,clone,clone3,fork,vfork,write,writev,pwrite64,ftruncate,truncate,creat,mkdir,mkdirat,unlink,unlinkat,\
                         rename,renameat,renameat2,link,linkat,symlink,symlinkat,chmod,fchmod,fchmodat,chown,fchown,fchownat,utimensat,fsync,fdatasync";

#[test]
fn five_hundred_at_once_all_succeed_and_write_connect_and_lock_nothing() {
    let sandbox = Sandbox::new();
    setup(&sandbox, sandbox.goshim_home());
    let bin = sandbox.mkdir("goshim/sdks/go1.22.10/bin");
    let go = bin.join("go");
    copy_program(c::program("nothing").unwrap(), &go);
    succeed(goshim(&sandbox, sandbox.goshim_home()).arg("setup"));
    sandbox.write("project/.go-version", "1.22\n");
    sandbox.write("project/go.mod", "module m\n\ngo 1.22\n");
    let trace = sandbox.root().join("trace");
    let mut strace = on_path(&sandbox, sandbox.goshim_home(), "strace");
    strace
        .args(["-f", "--seccomp-bpf", "-s", "200", "-e"])
        .arg(format!("trace={FORBIDDEN},execve,open,openat"))
        .arg("-o")
        .arg(&trace)
        .arg(c::program("crowd").unwrap())
        .args([SHIMS.to_string(), ROUNDS.to_string()])
        .arg(sandbox.goshim_home().join("shims/go"))
        .arg("version");
    assert_eq!(
        succeed(&mut strace),
        format!("ran {} failed 0\n", SHIMS * ROUNDS)
    );
    let trace = fs_err::read_to_string(trace).unwrap();
    // The first process is the crowd's own: it starts the others, and prints.
    let crowd = trace.split_whitespace().next().unwrap();
    let mut became_go = 0;
    for line in trace.lines() {
        let Some((pid, call)) = line.split_once(' ') else {
            continue;
        };
        let call = call.trim_start();
        if pid == crowd
            || call.starts_with("+++")
            || call.starts_with("---")
            || call.starts_with("<...")
        {
            continue;
        }
        if call.starts_with("execve(") {
            became_go += usize::from(call.contains(go.to_str().unwrap()));
            continue;
        }
        let is_reading = call.starts_with("open")
            && !["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"]
                .iter()
                .any(|flag| call.contains(flag));
        assert!(is_reading, "{line}");
    }
    assert_eq!(became_go, SHIMS * ROUNDS);
}
