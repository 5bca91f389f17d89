//! The shim with stand-in SDKs: what it does, and above all what it does not do.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

use goshim_resolver::environment;
use goshim_test_support::{Mirror, Sandbox, copy_program, stand_in};

use crate::product::{goshim, on_path, setup, shown, succeed};

/// A sandbox with the shims in place and these SDKs in the store.
fn sandbox(toolchains: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    setup(&sandbox, sandbox.goshim_home());
    for toolchain in toolchains {
        sandbox.install_stand_in(toolchain);
    }
    succeed(goshim(&sandbox, sandbox.goshim_home()).arg("setup"));
    sandbox
}

fn go(sandbox: &Sandbox) -> Command {
    on_path(sandbox, sandbox.goshim_home(), "go")
}

fn line<'a>(output: &'a str, key: &str) -> &'a str {
    output
        .lines()
        .find_map(|line| line.strip_prefix(key))
        .unwrap_or_else(|| panic!("no `{key}` in {output}"))
}

/// A mirror of stand-in SDKs, in the sandbox.
fn mirror(sandbox: &Sandbox, toolchains: &[&str]) -> Mirror {
    let dir = sandbox.mkdir("mirror");
    stand_in::write_mirror(&dir, toolchains);
    Mirror::start(&dir).unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn it_is_linked_statically() {
    let headers = succeed(
        Command::new("readelf")
            .arg("--program-headers")
            .arg("--wide")
            .arg(&crate::product::product().shim),
    );
    assert!(
        headers.contains("LOAD") && !headers.contains("INTERP"),
        "{headers}"
    );
}

#[test]
fn the_child_differs_in_the_documented_variables_only() {
    let sandbox = sandbox(&["go1.22.10"]);
    sandbox.write("project/.go-version", "1.22.10\n");
    let argument = OsStr::from_bytes(b"not \xff utf-8\x1b");
    let goroot = sandbox.goshim_home().join("sdks/go1.22.10");
    let said = go(&sandbox)
        .args(["build", "-x"])
        .arg(argument)
        .arg("")
        .env("GOROOT", "/stale")
        .output()
        .unwrap();
    assert!(
        said.stdout
            .windows(argument.len())
            .any(|window| window == argument.as_bytes()),
        "{}",
        shown(&said)
    );
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert_eq!(line(&said, "toolchain="), "go1.22.10");
    assert_eq!(line(&said, "env GOROOT="), goroot.to_str().unwrap());
    assert_eq!(line(&said, "env GOTOOLCHAIN="), "(unset)");
    assert_eq!(
        said.lines().filter(|line| line.starts_with("arg=")).count(),
        4,
        "{said}"
    );
    // The whole environment, by a program that prints it, in its order.
    let env = sandbox.goshim_home().join("sdks/go1.22.10/bin/go");
    fs_err::remove_file(&env).unwrap();
    copy_program("/usr/bin/env", &env);
    let direct = succeed(
        go(&sandbox)
            .env("A_FIRST", "1")
            .env("ZZ", "2")
            .env("GOROOT", "x")
            .arg("-u")
            .arg("GOROOT"),
    );
    let direct: Vec<_> = direct.lines().collect();
    let expected = succeed(
        sandbox
            .command("env")
            .env("GOSHIM_HOME", sandbox.goshim_home())
            .env("PATH", path_of(&sandbox))
            .env("A_FIRST", "1")
            .env("ZZ", "2"),
    );
    assert_eq!(direct, expected.lines().collect::<Vec<_>>());
}

fn path_of(sandbox: &Sandbox) -> String {
    format!(
        "{}:/usr/bin:/bin",
        sandbox.goshim_home().join("shims").display()
    )
}

#[test]
fn with_the_sdk_there_it_opens_no_socket_writes_nothing_locks_nothing_and_starts_nothing() {
    let sandbox = sandbox(&["go1.22.10", "go1.27.3"]);
    sandbox.write(
        "project/a/go.mod",
        "module m\n\ngo 1.27\n\ntoolchain go1.27.3\n",
    );
    sandbox.write("project/b/.go-version", "1.22\n");
    for dir in ["a", "b"] {
        let dir = sandbox.project().join(dir);
        let trace = sandbox.root().join("trace");
        let shim = sandbox.goshim_home().join("shims/go");
        let mut traced = on_path(&sandbox, sandbox.goshim_home(), "strace");
        traced
            .current_dir(&dir)
            .env("PWD", &dir)
            .args(["-f", "-o"])
            .arg(&trace)
            .arg(shim)
            .arg("version");
        succeed(&mut traced);
        let trace = fs_err::read_to_string(trace).unwrap();
        let calls: Vec<&str> = trace
            .lines()
            .filter_map(|line| line.split_once(' ').map(|(_, call)| call.trim_start()))
            .collect();
        // The first execve starts the shim; the second is the shim becoming go.
        let mut execs = calls
            .iter()
            .enumerate()
            .filter(|(_, call)| call.starts_with("execve("))
            .map(|(index, _)| index);
        let (first, second) = (execs.next().unwrap(), execs.next().unwrap());
        let own = &calls[first + 1..second];
        assert!(own.len() > 10, "the shim's own calls are seen: {own:?}");
        let forbidden = [
            "socket",
            "connect",
            "write",
            "flock",
            "clone",
            "fork",
            "vfork",
            "mkdir",
            "unlink",
            "rename",
            "link",
            "symlink",
            "chmod",
            "ftruncate",
            "utime",
        ];
        for call in own {
            let name = call.split('(').next().unwrap();
            let writes = name.starts_with("open")
                && ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"]
                    .iter()
                    .any(|flag| call.contains(flag));
            let locks = name == "fcntl" && call.contains("LK");
            assert!(
                !forbidden.iter().any(|word| name.starts_with(word)) && !writes && !locks,
                "{call}"
            );
        }
    }
}

#[test]
fn a_missing_sdk_is_installed_once_for_all_who_wait() {
    let sandbox = sandbox(&[]);
    let mirror = mirror(&sandbox, &["go1.22.9", "go1.22.10"]);
    sandbox.write("project/.go-version", "1.22\n");
    let children: Vec<_> = (0..64)
        .map(|_| {
            go(&sandbox)
                .arg("version")
                .env("GOSHIM_INDEX_URL", mirror.url())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", shown(&output));
        // stdout is go's alone.
        assert!(
            output.stdout.starts_with(b"go version go1.22.10 ")
                && String::from_utf8_lossy(&output.stdout).lines().count() == 1
        );
    }
    assert_eq!(
        mirror.hits(&goshim_test_support::host::archive_name("go1.22.10")),
        1
    );
    assert_eq!(
        mirror.hits(&goshim_test_support::host::archive_name("go1.22.9")),
        0
    );
    assert_eq!(
        succeed(goshim(&sandbox, sandbox.goshim_home()).arg("default")),
        "1.22\n",
        "the first installation sets the default"
    );
    assert!(sandbox.goshim_home().join("shims/go1.22.10").exists());
}

#[test]
fn oldstable_works_in_an_empty_store() {
    let sandbox = sandbox(&[]);
    let mirror = mirror(&sandbox, &["go1.22.10", "go1.23.8", "go1.23.9", "go1.24.1"]);
    sandbox.write("project/.go-version", "oldstable\n");
    let said = succeed(
        go(&sandbox)
            .arg("version")
            .env("GOSHIM_INDEX_URL", mirror.url()),
    );
    assert!(said.starts_with("go version go1.23.9 "), "{said}");
}

#[test]
fn what_may_not_be_installed_is_named_with_the_command_that_installs_it() {
    let sandbox = sandbox(&[]);
    let mirror = mirror(&sandbox, &["go1.20.14", "go1.22.10"]);
    for (pin, variables, arguments, said) in [
        (
            "1.22.10",
            &[("GOSHIM_AUTO_INSTALL", "never")][..],
            &["version"][..],
            "goshim install 1.22.10",
        ),
        (
            "1.22.10",
            &[("GOSHIM_AUTO_INSTALL", "ask")],
            &["version"],
            "goshim install 1.22.10",
        ),
        (
            "1.22.10",
            &[("GOSHIM_OFFLINE", "1")],
            &["version"],
            "goshim install 1.22.10",
        ),
        (
            "1.22.10",
            &[("GOTOOLCHAIN", "local")],
            &["version"],
            "goshim install 1.22.10",
        ),
        ("1.22.10", &[], &["env", "GOMOD"], "goshim install 1.22.10"),
        ("1.20", &[], &["version"], "releases before 1.21.1"),
        ("1.21.0", &[], &["version"], "releases before 1.21.1"),
    ] {
        sandbox.write("project/.go-version", format!("{pin}\n"));
        let output = go(&sandbox)
            .args(arguments)
            .env("GOSHIM_INDEX_URL", mirror.url())
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(127),
            "{pin} {variables:?}: {}",
            shown(&output)
        );
        assert!(
            stderr.contains(said) && stderr.contains(".go-version:1") && output.stdout.is_empty(),
            "{pin} {variables:?}: {}",
            shown(&output)
        );
    }
    // The module may not raise the user's own word to one of those either.
    sandbox.write(
        "project/go.mod",
        "module m\n\ngo 1.20\n\ntoolchain go1.21.0\n",
    );
    let raised = go(&sandbox)
        .arg("version")
        .env("GOTOOLCHAIN", "go1.20+auto")
        .env("GOSHIM_INDEX_URL", mirror.url())
        .output()
        .unwrap();
    assert!(
        String::from_utf8_lossy(&raised.stderr).contains("releases before 1.21.1"),
        "{}",
        shown(&raised)
    );
    fs_err::remove_file(sandbox.project().join("go.mod")).unwrap();
    assert_eq!(mirror.requests().len(), 0);
    // The person at the keyboard may have any release.
    let said = succeed(
        go(&sandbox)
            .args(["+1.20", "version"])
            .env("GOSHIM_INDEX_URL", mirror.url()),
    );
    assert!(said.starts_with("go version go1.20.14 "), "{said}");
}

#[test]
fn cmd_go_s_switch_variable_and_the_program_s_name_run_exactly_that_sdk() {
    let sandbox = sandbox(&["go1.21.13", "go1.22.10"]);
    sandbox.write("project/.go-version", "1.22.10\n");
    // cmd/go executes the name that it found on PATH with its own argv[0], and unsets GOROOT.
    let switched = succeed(
        go(&sandbox)
            .arg("x")
            .env("GOTOOLCHAIN_INTERNAL_SWITCH_VERSION", "go1.21.13")
            .env("GOROOT", "/stale"),
    );
    assert_eq!(
        (
            line(&switched, "toolchain="),
            line(&switched, "env GOROOT=")
        ),
        ("go1.21.13", "(unset)")
    );
    assert_eq!(
        line(&switched, "env GOTOOLCHAIN_INTERNAL_SWITCH_VERSION="),
        "go1.21.13"
    );
    let named = succeed(
        on_path(&sandbox, sandbox.goshim_home(), "go1.21.13")
            .arg("x")
            .env("GOTOOLCHAIN", "auto"),
    );
    assert_eq!(
        (line(&named, "toolchain="), line(&named, "env GOTOOLCHAIN=")),
        ("go1.21.13", "auto")
    );
    assert_eq!(
        line(&named, "env GOROOT="),
        sandbox
            .goshim_home()
            .join("sdks/go1.21.13")
            .to_str()
            .unwrap()
    );
    let missing = go(&sandbox)
        .arg("x")
        .env("GOTOOLCHAIN_INTERNAL_SWITCH_VERSION", "go1.99.1")
        .output()
        .unwrap();
    assert_eq!(missing.status.code(), Some(127), "{}", shown(&missing));
    succeed(goshim(&sandbox, sandbox.goshim_home()).args(["uninstall", "1.21.13"]));
    assert!(
        !sandbox.goshim_home().join("shims/go1.21.13").exists(),
        "the name goes with its SDK"
    );
}

#[test]
fn a_query_is_taken_off_and_reaches_nested_calls() {
    let sandbox = sandbox(&["go1.21.13", "go1.22.10"]);
    sandbox.write("project/.go-version", "1.22.10\n");
    let said = succeed(go(&sandbox).args(["+1.21", "list", "+x"]));
    assert_eq!(
        said.lines()
            .filter_map(|line| line.strip_prefix("arg="))
            .collect::<Vec<_>>(),
        ["list", "+x"]
    );
    assert_eq!(
        (
            line(&said, "toolchain="),
            line(&said, "env GOSHIM_VERSION="),
            line(&said, "env GOTOOLCHAIN=")
        ),
        ("go1.21.13", "1.21", "local")
    );
    let wrong = go(&sandbox)
        .args(["+../../evil", "version"])
        .output()
        .unwrap();
    assert!(
        !wrong.status.success()
            && String::from_utf8_lossy(&wrong.stderr).contains("not a Go version"),
        "{}",
        shown(&wrong)
    );
}

#[test]
fn a_linked_sdk_runs_with_its_own_root() {
    let sandbox = sandbox(&["go1.22.10"]);
    let root = sandbox.root().join("own");
    stand_in::write_sdk(&root, "go1.27.3");
    let mut link = goshim(&sandbox, sandbox.goshim_home());
    succeed(link.args(["link", "tip"]).arg(&root));
    sandbox.write("project/.go-version", "tip\n");
    let runs = |said: &str, hold: &str| {
        assert_eq!(
            [
                line(said, "toolchain="),
                line(said, "env GOROOT="),
                line(said, "env GOTOOLCHAIN=")
            ],
            ["go1.27.3", root.to_str().unwrap(), hold]
        );
    };
    runs(&succeed(go(&sandbox).arg("x")), "(unset)");
    sandbox.write("project/.go-version", "1.22.10\n");
    let said = succeed(go(&sandbox).args(["+tip", "x"]));
    runs(&said, "local");
    assert_eq!(line(&said, "env GOSHIM_VERSION="), "tip");
    let refused = |code: i32, words: &str| {
        let output = go(&sandbox).args(["+tip", "x"]).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.code() == Some(code) && stderr.contains(words),
            "{}",
            shown(&output)
        );
        assert!(output.stdout.is_empty());
    };
    succeed(Command::new("chmod").arg("o+w").arg(&root));
    refused(126, "everybody may write to");
    fs_err::remove_dir_all(&root).unwrap();
    refused(127, "there is no such directory");
    let mut unlink = goshim(&sandbox, sandbox.goshim_home());
    succeed(unlink.args(["unlink", "tip"]));
    refused(1, "no linked SDK has this name");
}

#[test]
fn the_system_s_go_is_found_past_the_shims_of_every_goshim() {
    let sandbox = sandbox(&[]);
    let other = Sandbox::new();
    setup(&other, other.goshim_home());
    stand_in::write_sdk(&sandbox.root().join("usr/lib/go"), "go1.19.8");
    let bin = sandbox.root().join("usr/lib/go/bin");
    let path = format!(
        "{0}:{1}:{0}/:.::{2}:/usr/bin:/bin",
        sandbox.goshim_home().join("shims").display(),
        other.goshim_home().join("shims").display(),
        bin.display()
    );
    let said = succeed(
        go(&sandbox)
            .env("PATH", &path)
            .arg("x")
            .env("GOROOT", "/as/it/was"),
    );
    assert_eq!(
        (line(&said, "toolchain="), line(&said, "env GOROOT=")),
        ("go1.19.8", "/as/it/was")
    );
    // Without it there is nothing to run: no loop between the two homes.
    let path = path.replace(bin.to_str().unwrap(), "/nonexistent");
    let nothing = go(&sandbox)
        .env("PATH", &path)
        .arg("version")
        .output()
        .unwrap();
    assert_eq!(nothing.status.code(), Some(127), "{}", shown(&nothing));
    assert!(
        String::from_utf8_lossy(&nothing.stderr).contains("goshim install latest"),
        "{}",
        shown(&nothing)
    );
}

#[test]
fn a_pin_that_is_none_is_named_without_its_control_characters() {
    let sandbox = sandbox(&["go1.22.10"]);
    sandbox.write("project/bad/.go-version", "1.22.10\u{1b}[31m\n");
    let bad = go(&sandbox)
        .current_dir(sandbox.project().join("bad"))
        .env("PWD", sandbox.project().join("bad"))
        .arg("version")
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&bad.stderr);
    assert!(
        bad.status.code() == Some(1)
            && stderr.contains(".go-version:1")
            && !stderr.contains('\u{1b}'),
        "{}",
        shown(&bad)
    );
}

#[test]
fn a_hold_is_for_one_project() {
    let sandbox = sandbox(&["go1.21.13", "go1.22.10"]);
    let mirror = mirror(&sandbox, &["go1.23.9"]);
    sandbox.write("project/.go-version", "1.22.10\n");
    sandbox.write(
        "project/go.mod",
        "module m\n\ngo 1.22\n\ntoolchain go1.23.1\n",
    );
    let held = succeed(go(&sandbox).arg("x"));
    assert_eq!(line(&held, "env GOTOOLCHAIN="), "local");
    // What the child sees, a shim below it sees; another project there is free to ask for another Go.
    sandbox.write("project/other/.go-version", "1.23\n");
    let other = sandbox.project().join("other");
    let mut nested = go(&sandbox);
    let local = OsStr::new("local");
    let marker = environment::marker([("GOTOOLCHAIN", local)].into_iter()).unwrap();
    nested.env("GOTOOLCHAIN", local).env("GOSHIM_SET", marker);
    nested
        .env("GOSHIM_INDEX_URL", mirror.url())
        .current_dir(&other)
        .env("PWD", &other);
    let freed = succeed(nested.arg("x"));
    assert_eq!(
        (line(&freed, "toolchain="), line(&freed, "env GOTOOLCHAIN=")),
        ("go1.23.9", "(unset)"),
        "installed, and nothing holds what nothing would divert"
    );
    sandbox.write("project/other/go.mod", "module o\n\ngo 1.23\n");
    let freed = succeed(nested.arg("x"));
    assert_eq!(line(&freed, "env GOTOOLCHAIN="), "(unset)");
}

#[test]
fn what_a_shim_above_left_does_no_harm_below() {
    let sandbox = sandbox(&["go1.22.10"]);
    let root = sandbox.goshim_home().join("sdks/go1.22.10");
    // A hold is for the project, and not for who names a Go.
    let local = OsStr::new("local");
    let marker = environment::marker([("GOTOOLCHAIN", local)].into_iter()).unwrap();
    let mut named = on_path(&sandbox, sandbox.goshim_home(), "go1.22.10");
    named.env("GOTOOLCHAIN", local).env("GOSHIM_SET", marker);
    let named = succeed(named.arg("x"));
    assert_eq!(line(&named, "env GOTOOLCHAIN="), "(unset)");
    let mut by_user = on_path(&sandbox, sandbox.goshim_home(), "go1.22.10");
    let by_user = succeed(by_user.env("GOTOOLCHAIN", local).arg("x"));
    assert_eq!(line(&by_user, "env GOTOOLCHAIN="), "local");
    // Neither are another project's variables. The user's own configuration counts under every name.
    sandbox.write(
        "home/.config/goshim/config.toml",
        "[env]\nGOPRIVATE = \"git.corp.example\"\n",
    );
    let cc = OsStr::new("evil");
    let marker = environment::marker([("CC", cc)].into_iter()).unwrap();
    let mut named = on_path(&sandbox, sandbox.goshim_home(), "go1.22.10");
    named.env("CC", cc).env("GOSHIM_SET", marker);
    assert_eq!(
        succeed(named.args(["env", "CC", "GOPRIVATE"])),
        "\ngit.corp.example\n"
    );
    fs_err::remove_file(sandbox.home().join(".config/goshim/config.toml")).unwrap();
    // The system's Go gets no GOROOT of ours, and an SDK of ours is not the system's Go, wherever it stands on PATH.
    stand_in::write_sdk(&sandbox.mkdir("usr/go"), "go1.20.5");
    let bin = sandbox.root().join("usr/go/bin");
    let path = format!(
        "{}:{}:{}",
        root.join("bin").display(),
        bin.display(),
        path_of(&sandbox)
    );
    let mut system = go(&sandbox);
    system
        .env("GOSHIM_VERSION", "system")
        .env("PATH", path)
        .env("GOROOT", &root);
    let system = succeed(system.arg("x"));
    assert_eq!(line(&system, "env GOROOT="), "(unset)");
    assert_eq!(line(&system, "toolchain="), "go1.20.5");
}

#[test]
fn gofmt_is_gofmt_below_a_switched_go_too() {
    let sandbox = sandbox(&["go1.22.10"]);
    sandbox.write("project/.go-version", "1.22.10\n");
    let gofmt = sandbox.goshim_home().join("sdks/go1.22.10/bin/gofmt");
    fs_err::remove_file(&gofmt).unwrap();
    copy_program("/bin/echo", &gofmt);
    let mut command = on_path(&sandbox, sandbox.goshim_home(), "gofmt");
    command.env("GOTOOLCHAIN_INTERNAL_SWITCH_VERSION", "go1.22.10");
    assert_eq!(succeed(command.arg("-l")), "-l\n");
}

#[test]
fn what_no_release_can_meet_is_named_and_what_repairs_things_is_answered() {
    let sandbox = sandbox(&["go1.22.10"]);
    for (requirement, said) in [
        ("2.0", "go2.0"),
        (&format!("1.{}", "9".repeat(100_000)), "go1.999"),
    ] {
        sandbox.write("project/go.mod", format!("module m\n\ngo {requirement}\n"));
        let output = go(&sandbox).arg("version").output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(127), "{said}: {stderr:.300}");
        assert!(stderr.contains(said) && stderr.contains("go.mod:3") && stderr.len() < 2000);
    }
    sandbox.write("project/go.mod", "module m\n");
    sandbox.write("home/.config/go/env", "X=1\nGOTOOLCHAIN=bogus\n");
    let broken = go(&sandbox).arg("version").output().unwrap();
    assert!(
        String::from_utf8_lossy(&broken.stderr).contains("go/env:2: invalid GOTOOLCHAIN `bogus`"),
        "{}",
        shown(&broken)
    );
    succeed(go(&sandbox).args(["env", "-w", "GOTOOLCHAIN=auto"]));
    succeed(
        go(&sandbox)
            .args(["env", "GOTOOLCHAIN"])
            .env("GOTOOLCHAIN", "bogus"),
    );
}

#[test]
fn the_trace_tells_each_step_with_its_time_and_nothing_is_told_without_it() {
    let sandbox = sandbox(&["go1.22.10"]);
    sandbox.write("project/.go-version", "1.22.10\n");
    sandbox.write("project/go.mod", "module m\n\ngo 1.20\n");
    let pin = sandbox.project().join(".go-version");
    let goroot = sandbox.goshim_home().join("sdks/go1.22.10");
    for (value, is_told) in [("1", true), ("true", true), ("0", false), ("", false)] {
        let output = go(&sandbox)
            .arg("version")
            .env("GOSHIM_TRACE", value)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && output.stdout.starts_with(b"go version go1.22.10 "),
            "{}",
            shown(&output)
        );
        if !is_told {
            assert_eq!(stderr, "", "{value}");
            continue;
        }
        let times: Vec<u64> = stderr
            .lines()
            .map(|line| {
                let (time, _) = line
                    .strip_prefix("goshim: ")
                    .and_then(|line| line.split_once(" us  "))
                    .unwrap_or_else(|| panic!("{line}"));
                time.trim().parse().unwrap()
            })
            .collect();
        assert!(times.len() >= 4 && times.is_sorted(), "{stderr}");
        for part in [
            &format!("{} (1.22.10): chosen", pin.display()),
            "go line",
            &format!(
                "exec {}/bin/go, GOROOT={}",
                goroot.display(),
                goroot.display()
            ),
        ] {
            assert!(stderr.contains(part), "{part}: {stderr}");
        }
    }
    for arguments in [&["+1.22.10", "version"][..], &["version"]] {
        let mut other = on_path(&sandbox, sandbox.goshim_home(), "go1.22.10");
        if arguments.len() > 1 {
            other = go(&sandbox);
        }
        let output = other
            .args(arguments)
            .env("GOSHIM_TRACE", "1")
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        let step = if arguments.len() > 1 {
            "argument (1.22.10): chosen"
        } else {
            "called as go1.22.10"
        };
        assert!(stderr.contains(step), "{stderr}");
    }
}

#[test]
fn why_measures_what_the_shim_adds_here() {
    let sandbox = sandbox(&["go1.22.10"]);
    sandbox.write("project/.go-version", "1.22.10\n");
    let mut why = goshim(&sandbox, sandbox.goshim_home());
    let said = succeed(why.args(["why", "--timings"]));
    assert!(
        said.contains("ms directly, ") && said.contains("ms through the shim, which adds "),
        "{said}"
    );
    let mut why = goshim(&sandbox, sandbox.goshim_home());
    let said = succeed(why.args(["why", "--timings", "--json"]));
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let timings = &said["timings"];
    let [direct, shim, added] =
        ["direct_us", "shim_us", "added_us"].map(|key| timings[key].as_u64().unwrap());
    assert!(
        direct > 0 && added == shim.saturating_sub(direct),
        "{timings}"
    );
    let mut why = goshim(&sandbox, sandbox.goshim_home());
    sandbox.write("project/.go-version", "1.21.13\n");
    let said = succeed(why.args(["why", "--timings"]));
    assert!(said.contains("nothing to measure"), "{said}");
    // Without the shims there is nothing that could be measured, and that is said.
    let other = Sandbox::new();
    other.install_stand_in("go1.22.10");
    let output = goshim(&other, other.goshim_home())
        .args(["why", "--timings"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(127), "{}", shown(&output));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("cannot run ")
            && shown(&output).contains("shims/go"),
        "{}",
        shown(&output)
    );
}
