//! Any value of a variable, through the line that exports it, a real shell, and out again.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::hash::{BuildHasher as _, RandomState};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::process::Command;

use goshim_shell::Shell;
use goshim_test_support::RandomValues;

/// How many values each shell gets.
const VALUES: usize = 1000;
/// How many of them one process gets.
const AT_A_TIME: usize = 50;

/// Sends [`VALUES`] random values through `program`, which runs the lines that are on its stdin by `script`.
fn round_trip(shell: Shell, program: &str, arguments: &[&str]) {
    let seed = RandomState::new().hash_one(program);
    let mut random = RandomValues::new(seed);
    let dir = tempfile::tempdir().unwrap();
    let mut hard = 0;
    for round in 0..VALUES / AT_A_TIME {
        let values: BTreeMap<String, Vec<u8>> = (0..AT_A_TIME)
            .map(|index| (format!("VALUE_{index}"), random.value()))
            .collect();
        let mut lines = Vec::new();
        for (name, value) in &values {
            let line = shell.export(name, &OsString::from_vec(value.clone()));
            lines.extend_from_slice(line.unwrap().as_bytes());
            lines.push(b'\n');
            hard += usize::from(std::str::from_utf8(value).is_err());
        }
        let file = dir.path().join("lines");
        fs_err::write(&file, &lines).unwrap();
        // One round in two runs where text is bytes for the system's library, too.
        let locale = ["C.UTF-8", "C"][round % 2];
        let output = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs([("PATH", "/usr/bin:/bin"), ("LC_ALL", locale)])
            .env("HOME", dir.path())
            .env("LINES_FILE", &file)
            .output()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let context = || {
            format!(
                "{program}, seed {seed}, round {round}, {locale}: {}",
                String::from_utf8_lossy(&output.stderr)
            )
        };
        assert!(output.status.success(), "{}", context());
        let came_out: BTreeMap<String, Vec<u8>> = output
            .stdout
            .split(|byte| *byte == 0)
            .filter_map(|entry| {
                let middle = entry.iter().position(|byte| *byte == b'=')?;
                let name = std::str::from_utf8(&entry[..middle]).ok()?;
                let is_ours = name.starts_with("VALUE_");
                is_ours.then(|| (name.to_owned(), entry[middle + 1..].to_vec()))
            })
            .collect();
        for (name, value) in &values {
            let out = came_out.get(name);
            assert!(
                out == Some(value),
                "{}\n{}\n  in {:?}\n out {:?}",
                context(),
                shell
                    .export(name, &OsString::from_vec(value.clone()))
                    .unwrap()
                    .display(),
                value.escape_ascii().to_string(),
                out.map(|out| out.escape_ascii().to_string()),
            );
        }
    }
    assert!(hard > VALUES / 3, "{hard} of the values were no UTF-8");
}

const EVAL: &str = "eval \"$(cat \"$LINES_FILE\")\"; env -0";

#[test]
fn bash() {
    round_trip(Shell::Bash, "bash", &["-c", EVAL]);
}

#[test]
fn zsh() {
    round_trip(Shell::Zsh, "zsh", &["-f", "-c", EVAL]);
}

#[test]
fn dash() {
    round_trip(Shell::Posix, "dash", &["-c", EVAL]);
}

#[test]
fn fish() {
    round_trip(
        Shell::Fish,
        "fish",
        &["--no-config", "-c", "cat $LINES_FILE | source; env -0"],
    );
}

#[test]
fn elvish() {
    round_trip(
        Shell::Elvish,
        "elvish",
        &["-norc", "-c", "eval (cat $E:LINES_FILE | slurp); env -0"],
    );
}
