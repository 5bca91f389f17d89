//! Any value of a variable, through the line that exports it, a real shell, and out again.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::hash::{BuildHasher as _, RandomState};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::process::Command;

use goshim_shell::Shell;

/// How many values each shell gets.
const VALUES: usize = 1000;
/// How many of them one process gets.
const AT_A_TIME: usize = 50;

/// What shells have a meaning for, and what they use inside for themselves.
const HARD: &[&[u8]] = &[
    b"'",
    b"\"",
    b"\\",
    b"\\'",
    b"''",
    b"`id`",
    b"$(id)",
    b"$HOME",
    b"${x}",
    b"$",
    b"!",
    b"!!",
    b"*",
    b"?",
    b"[a]",
    b"{a,b}",
    b"~",
    b"~root",
    b"=ls",
    b"%self",
    b"#",
    b";",
    b"&",
    b"|",
    b"<",
    b">",
    b"(",
    b")",
    b" ",
    b"\t",
    b"\n",
    b"\r",
    b"\r\n",
    b"\x01",
    b"\x1b[31m",
    b"\x7f",
    b"\x80",
    b"\x81",
    b"\x84",
    b"\x88",
    b"\xa2",
    b"\xff",
    b"\xfe\xff",
    b"\xc3",
    b"\xc3\xa4",
    b"\xe2\x82",
    b"\xe2\x80\xae",
    b"\xed\xa0\x80",
    b"\xef\x98\x80",
    b"\xf0\x9f\x90\xb9",
    b"\xf4\x90\x80\x80",
    b"-n",
    b"--",
    b"1.22",
    b"true",
    b"EOF",
    b"\\x41",
    b"\\n",
    b"\\Xff",
    b"^",
    b"@",
    b"a",
];

/// Numbers without end, the same for the same seed.
struct Random(u64);

impl Random {
    /// A number below `bound`.
    fn below(&mut self, bound: usize) -> usize {
        // Knuth's generator; the upper half is the random one.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    /// Bytes without NUL.
    fn value(&mut self) -> Vec<u8> {
        let mut value = Vec::new();
        for _ in 0..self.below(12) {
            if self.below(3) == 0 {
                let count = self.below(20);
                value.extend((0..count).map(|_| u8::try_from(1 + self.below(255)).unwrap()));
            } else {
                value.extend_from_slice(HARD[self.below(HARD.len())]);
            }
        }
        value
    }
}

/// Sends [`VALUES`] random values through `program`, which runs the lines that are on its stdin by `script`.
fn round_trip(shell: Shell, program: &str, arguments: &[&str]) {
    let seed = RandomState::new().hash_one(program);
    let mut random = Random(seed);
    let dir = tempfile::tempdir().unwrap();
    let mut hard = 0;
    for round in 0..VALUES / AT_A_TIME {
        let values: BTreeMap<String, Vec<u8>> = (0..AT_A_TIME)
            .map(|index| (format!("VALUE_{index}"), random.value()))
            .collect();
        let mut lines = Vec::new();
        for (name, value) in &values {
            let line = shell.export(name, &OsString::from_vec(value.clone()));
            lines.extend_from_slice(line.as_bytes());
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
