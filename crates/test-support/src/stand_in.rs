//! SDKs small enough to make thousands of: laid out like the official ones, with a compiled program (never a script)
//! as `bin/go` and `bin/gofmt`.
//!
//! The program takes its version from VERSION beside its `bin`. What it does:
//! - `go version` prints `go version go1.22.10 linux/amd64`;
//! - `go env NAME…` prints the value of each environment variable, one a line, empty where it is unset;
//! - `go exit N` exits with N;
//! - anything else prints `toolchain=…`, `argv0=…`, `arg=…` for each argument, then `env NAME=…` for GOROOT,
//!   GOTOOLCHAIN, `GOSHIM_VERSION` and `GOTOOLCHAIN_INTERNAL_SWITCH_VERSION`, `(unset)` where it is unset.

use std::{
    collections::BTreeMap,
    env::{self, consts::EXE_SUFFIX},
    ffi::OsString,
    fs::File,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, OnceLock, PoisonError},
};

use sha2::{Digest, Sha256};

use crate::{ArchiveBuilder, host};

const SOURCE: &str = include_str!("../stand-in/go.rs");

/// Files of every SDK besides VERSION and the programs, with their contents; `{platform}` is `linux_amd64`.
const FILES: [(&str, &str); 37] = [
    ("CONTRIBUTING.md", "# Contributing to Go\n"),
    ("LICENSE", "Copyright 2009 The Go Authors.\n"),
    ("PATENTS", "Additional IP Rights Grant (Patents)\n"),
    ("README.md", "# The Go Programming Language\n"),
    ("SECURITY.md", "# Security Policy\n"),
    (
        "api/README",
        "Files in this directory are data for Go's API checker.\n",
    ),
    ("api/except.txt", ""),
    (
        "api/go1.txt",
        "pkg fmt, func Println(...interface{}) (int, error)\n",
    ),
    ("codereview.cfg", "branch: release-branch\n"),
    ("doc/README.md", "# Release Notes\n"),
    ("doc/godebug.md", "# GODEBUG\n"),
    (
        "go.env",
        "GOPROXY=https://proxy.golang.org,direct\nGOSUMDB=sum.golang.org\n\nGOTOOLCHAIN=auto\n",
    ),
    (
        "lib/time/README",
        "The zoneinfo.zip archive contains time zone files.\n",
    ),
    ("lib/time/update.bash", "#!/bin/bash\n"),
    (
        "lib/time/zoneinfo.zip",
        "PK\u{5}\u{6}\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
    ),
    ("misc/cgo/gmp/gmp.go", "package gmp\n"),
    ("misc/go.mod", "module misc\n\ngo 1.22\n"),
    ("pkg/include/textflag.h", "#define NOSPLIT 4\n"),
    ("pkg/tool/{platform}/asm", "asm\n"),
    ("pkg/tool/{platform}/compile", "compile\n"),
    ("pkg/tool/{platform}/link", "link\n"),
    ("src/all.bash", "#!/usr/bin/env bash\n"),
    ("src/bufio/bufio.go", "package bufio\n"),
    ("src/builtin/builtin.go", "package builtin\n"),
    ("src/cmd/go.mod", "module cmd\n\ngo 1.22\n"),
    ("src/cmd/go/main.go", "package main\n"),
    // More than 100 bytes with `go/` before it: such names need the second field of a tar header.
    (
        "src/cmd/vendor/github.com/google/pprof/internal/symbolizer/testdata/a/rather/long/name/in/the/standard/library.go",
        "package testdata\n",
    ),
    ("src/cmd/vendor/modules.txt", ""),
    ("src/errors/errors.go", "package errors\n"),
    ("src/fmt/print.go", "package fmt\n"),
    ("src/go.mod", "module std\n\ngo 1.22\n"),
    ("src/go.sum", ""),
    ("src/make.bash", "#!/usr/bin/env bash\n"),
    ("src/runtime/runtime.go", "package runtime\n"),
    (
        "src/runtime/testdata/\u{fc}n\u{ef} code.txt",
        "a name beyond ASCII, with a blank\n",
    ),
    ("src/time/time.go", "package time\n"),
    ("test/helloworld.go", "package main\n"),
];

/// The `.tar.gz` of the SDK of `toolchain`, e.g. `go1.22.10`, for this machine.
pub fn archive(toolchain: &str) -> Vec<u8> {
    // Compressing takes a test build a tenth of a second, and the tests of a binary ask for the same few toolchains.
    static ARCHIVES: Mutex<BTreeMap<String, Vec<u8>>> = Mutex::new(BTreeMap::new());
    // Where one test could not make its archive, the others say why they cannot either, or make theirs.
    let mut archives = ARCHIVES.lock().unwrap_or_else(PoisonError::into_inner);
    archives
        .entry(toolchain.to_owned())
        .or_insert_with(|| builder(toolchain).finish())
        .clone()
}

/// Writes the archives of `toolchains` into `dir` (created if need be), named as they are published, ready for
/// [`Mirror::start`](crate::Mirror::start).
pub fn write_mirror(dir: &Path, toolchains: &[&str]) {
    fs_err::create_dir_all(dir).unwrap();
    for toolchain in toolchains {
        fs_err::write(dir.join(host::archive_name(toolchain)), archive(toolchain)).unwrap();
    }
}

/// Writes the SDK of `toolchain` to `dir`, which becomes its GOROOT.
pub fn write_sdk(dir: &Path, toolchain: &str) {
    for (path, mode, contents) in files(toolchain) {
        let path = dir.join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, contents).unwrap();
        make_mode(&path, mode);
    }
    fs_err::create_dir_all(dir.join("bin")).unwrap();
    for name in ["go", "gofmt"] {
        copy_program(&dir.join("bin").join(format!("{name}{EXE_SUFFIX}")));
    }
}

/// Copies the program which stands in for `go` to `to`, e.g. the `bin/go` of a system's Go (which needs a VERSION
/// beside `bin`).
pub fn copy_program(to: &Path) {
    crate::copy_program(program(), to);
}

/// The path of the compiled program. The first call compiles it; later ones, also in other processes, find it.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(compile)
}

/// The entries of an SDK's archive, sorted like an official one's.
pub(crate) fn builder(toolchain: &str) -> ArchiveBuilder {
    let program = fs_err::read(program()).unwrap();
    let mut files = files(toolchain);
    for name in ["go", "gofmt"] {
        files.push((format!("bin/{name}{EXE_SUFFIX}"), 0o755, program.clone()));
    }
    files.sort();
    let mut builder = ArchiveBuilder::new();
    let mut dirs = Vec::new();
    for (path, mode, contents) in files {
        let path = format!("go/{path}");
        for (at, _) in path.match_indices('/') {
            let dir = path[..=at].to_owned();
            if has_toolchains(toolchain) && !dirs.contains(&dir) {
                builder = builder.dir(&dir, 0o755);
                dirs.push(dir);
            }
        }
        builder = builder.file(path, mode, contents);
    }
    builder
}

/// Path below GOROOT, mode and contents of every file but the programs.
fn files(toolchain: &str) -> Vec<(String, u32, Vec<u8>)> {
    let platform = format!("{}_{}", host::os(), host::arch());
    let mut files: Vec<_> = FILES
        .iter()
        .filter(|(path, _)| *path != "go.env" || has_toolchains(toolchain))
        .map(|(path, contents)| {
            let executable = path.starts_with("pkg/tool/") || contents.starts_with("#!");
            let mode = if executable { 0o755 } else { 0o644 };
            (
                path.replace("{platform}", &platform),
                mode,
                contents.as_bytes().to_vec(),
            )
        })
        .collect();
    let version = if has_toolchains(toolchain) {
        format!("{toolchain}\ntime 2024-11-27T20:27:20Z\n")
    } else {
        toolchain.to_owned()
    };
    files.push(("VERSION".to_owned(), 0o644, version.into_bytes()));
    files
}

/// Whether this is Go 1.21 or later, whose SDKs have go.env, a time in VERSION, and directories in their archives.
fn has_toolchains(toolchain: &str) -> bool {
    let minor = toolchain
        .strip_prefix("go1.")
        .expect("a toolchain name such as go1.22.10");
    let digits = minor
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(minor.len());
    minor[..digits].parse::<u32>().unwrap() >= 21
}

#[cfg(unix)]
fn make_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn make_mode(_path: &Path, _mode: u32) {}

fn compile() -> PathBuf {
    #[expect(
        clippy::disallowed_methods,
        reason = "the compiler is found as cargo finds it"
    )]
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    let flags = [
        "--edition=2024",
        "--crate-name=go",
        "-Copt-level=z",
        "-Cpanic=abort",
        "-Cstrip=symbols",
    ];
    let dir = cache_dir();
    fs_err::create_dir_all(&dir).unwrap();
    let key = Sha256::digest(format!("{SOURCE}{flags:?}").as_bytes());
    let stem = format!(
        "stand-in-{:02x}{:02x}{:02x}{:02x}",
        key[0], key[1], key[2], key[3]
    );
    let program = dir.join(format!("{stem}{EXE_SUFFIX}"));
    // Many test binaries start at once: one compiles, the others wait for it.
    let lock = File::create(dir.join(format!("{stem}.lock"))).unwrap();
    lock.lock().unwrap();
    if program.exists() {
        return program;
    }
    let source = dir.join(format!("{stem}.rs"));
    fs_err::write(&source, SOURCE).unwrap();
    let unfinished = dir.join(format!("{stem}.unfinished"));
    let status = Command::new(&rustc)
        .args(flags)
        .arg("-o")
        .arg(&unfinished)
        .arg(&source)
        .status();
    let status = status.unwrap_or_else(|error| panic!("cannot start {}: {error}", rustc.display()));
    assert!(
        status.success(),
        "{} cannot compile {}",
        rustc.display(),
        source.display()
    );
    fs_err::rename(&unfinished, &program).unwrap();
    program
}

/// `tmp` in cargo's target directory, around the running test binary; where there is none, the system's.
fn cache_dir() -> PathBuf {
    let exe = env::current_exe().unwrap();
    let target = exe
        .ancestors()
        .find(|dir| dir.join("CACHEDIR.TAG").is_file());
    target.map_or_else(env::temp_dir, |target| target.join("tmp"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sandbox;

    fn run(command: &mut Command) -> String {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Unpacks an archive and returns the directory around `go`. By another process, for the reason in `copy_program`.
    fn unpack(sandbox: &Sandbox, toolchain: &str) -> PathBuf {
        let file = sandbox.write("archive.tar.gz", archive(toolchain));
        let dir = sandbox.mkdir("unpacked");
        let status = sandbox
            .command("tar")
            .arg("-xzf")
            .arg(file)
            .arg("-C")
            .arg(&dir)
            .status()
            .unwrap();
        assert!(status.success());
        dir
    }

    #[test]
    fn the_archive_unpacks_to_an_sdk_that_runs() {
        let sandbox = Sandbox::new();
        let dir = unpack(&sandbox, "go1.22.10");
        let sdk = dir.join("go");
        assert_eq!(
            fs_err::read_to_string(sdk.join("VERSION")).unwrap(),
            "go1.22.10\ntime 2024-11-27T20:27:20Z\n"
        );
        let version = run(sandbox.command(sdk.join("bin/go")).arg("version"));
        assert_eq!(
            version,
            format!("go version go1.22.10 {}/{}\n", host::os(), host::arch())
        );
        assert!(
            sdk.join("src/runtime/testdata/\u{fc}n\u{ef} code.txt")
                .is_file()
        );
    }

    #[test]
    fn the_unpacked_archive_and_the_installed_sdk_are_the_same_tree() {
        let sandbox = Sandbox::new();
        let dir = unpack(&sandbox, "go1.20");
        let installed = sandbox.install_stand_in("go1.20");
        assert_eq!(installed, sandbox.goshim_home().join("sdks/go1.20"));
        let status = sandbox
            .command("diff")
            .arg("-r")
            .arg(dir.join("go"))
            .arg(&installed)
            .status()
            .unwrap();
        assert!(status.success());
        assert_eq!(
            fs_err::read_to_string(installed.join("VERSION")).unwrap(),
            "go1.20"
        );
        assert!(!installed.join("go.env").exists());
    }

    #[test]
    fn the_program_tells_how_it_was_called() {
        let sandbox = Sandbox::new();
        let go = sandbox.install_stand_in("go1.22.10").join("bin/go");
        let mut command = sandbox.command(&go);
        command
            .args(["build", "./a b"])
            .env("GOROOT", "/x y")
            .env("GOTOOLCHAIN", "local");
        assert_eq!(
            run(&mut command),
            format!(
                "toolchain=go1.22.10\nargv0={}\narg=build\narg=./a b\nenv GOROOT=/x y\nenv GOTOOLCHAIN=local\n\
                 env GOSHIM_VERSION=(unset)\nenv GOTOOLCHAIN_INTERNAL_SWITCH_VERSION=(unset)\n",
                go.display()
            )
        );
        assert_eq!(
            run(sandbox
                .command(&go)
                .args(["env", "GOROOT", "GOFLAGS"])
                .env("GOROOT", "/r")),
            "/r\n\n"
        );
        assert_eq!(
            sandbox
                .command(&go)
                .args(["exit", "7"])
                .status()
                .unwrap()
                .code(),
            Some(7)
        );
    }
}
