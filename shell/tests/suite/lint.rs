//! The shell files, read by the tools of their languages.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The files with this extension.
fn files(extension: &str) -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("files");
    let entries = fs_err::read_dir(dir).unwrap();
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|file| file.extension().is_some_and(|it| it == extension))
        .collect();
    files.sort_unstable();
    assert!(!files.is_empty(), "there is no file *.{extension}");
    files
}

/// Runs `program` for each of the files. It must find nothing, neither in them nor in the variables and the home directory of whoever runs the tests.
fn check(program: &str, arguments: &[&str], extension: &str) {
    let home = tempfile::tempdir().unwrap();
    for file in files(extension) {
        let output = Command::new(program)
            .args(arguments)
            .arg(&file)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .env("HOME", home.path())
            .output();
        let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
        let said = [output.stdout, output.stderr].concat();
        assert!(
            output.status.success() && said.is_empty(),
            "{program} {}:\n{}",
            file.display(),
            String::from_utf8_lossy(&said)
        );
    }
}

#[test]
fn shellcheck_finds_nothing() {
    check(
        "shellcheck",
        &["--enable=all", "--exclude=SC2250,SC2312"],
        "sh",
    );
    check(
        "shellcheck",
        &["--enable=all", "--exclude=SC2250,SC2312"],
        "bash",
    );
}

#[test]
fn the_shells_themselves_find_nothing() {
    check("bash", &["-n"], "bash");
    check("zsh", &["-n"], "zsh");
    check("fish", &["--no-execute"], "fish");
}
