//! Directories and environments as nobody wants them: each has its defined outcome, for the shim and for `goshim why` alike. Nothing
//! hangs, nothing panics, nothing prints what steers a terminal.

#![expect(clippy::too_many_lines, reason = "tables")]

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use fs_err::os::unix::fs::symlink;
use goshim_test_support::{Sandbox, copy_program};

mod calls;
mod files;

use crate::product::{goshim, product, setup, shown, succeed};

/// What the directory above asks for.
const ABOVE: &str = "go1.23.4";
/// What the user's default asks for.
const DEFAULT: &str = "go1.22.10";
/// When a program counts as hanging, and is killed. The figure that is promised is one second; it is measured and printed.
const WATCHDOG: Duration = Duration::from_mins(1);

/// A case of the table.
struct Case {
    name: &'static str,
    arrange: fn(&mut Place),
    outcome: Outcome,
    /// What `goshim why` says of it beside the outcome.
    note: &'static str,
    /// Whether it needs files of another user, or must not be run as root: then root sets it up.
    needs_root: bool,
}

/// What must come of it.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    /// This Go runs.
    Runs(&'static str),
    /// This Go is missing: the shim names the command that installs it.
    Misses(&'static str),
    /// No Go runs, and the message has this in it. The shim's exit code.
    Refuses(u8, &'static str),
}
use Outcome::{Misses, Refuses, Runs};

/// A directory below one with a `.go-version` that says [`ABOVE`], and how the programs are called in it.
struct Place {
    sandbox: Sandbox,
    /// The working directory.
    dir: PathBuf,
    /// Variables, and those that are removed.
    variables: Vec<(&'static str, Option<OsString>)>,
    /// What a shell does first.
    script: Option<&'static str>,
    /// Whether somebody else than the owner of the files calls.
    is_stranger: bool,
}

impl Place {
    fn new(store: &Sandbox) -> Self {
        let sandbox = Sandbox::new();
        sandbox.write("project/.go-version", "1.23.4\n");
        let dir = sandbox.mkdir("project/in");
        open_to_all(&sandbox);
        Self {
            dir,
            variables: vec![
                ("GOSHIM_HOME", Some(store.goshim_home().into())),
                ("GOSHIM_OFFLINE", Some("1".into())),
            ],
            script: None,
            is_stranger: false,
            sandbox,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs_err::write(&path, contents).unwrap();
        path
    }

    /// A file of `size` bytes that takes no room.
    fn sparse(&self, name: &str, size: u64) {
        let file = fs_err::File::create(self.path(name)).unwrap();
        file.set_len(size).unwrap();
    }

    fn fifo(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        succeed(Command::new("mkfifo").arg(&path));
        path
    }

    fn socket(&self, name: &str) {
        drop(UnixListener::bind(self.path(name)).unwrap());
    }

    fn link(&self, target: impl AsRef<Path>, name: &str) {
        symlink(target.as_ref(), self.path(name)).unwrap();
    }

    fn mode(path: &Path, mode: u32) {
        fs_err::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    }

    /// A file that the caller may not read.
    fn unreadable(&mut self, name: &str, contents: &str) {
        Self::mode(&self.write(name, contents), 0o600);
        self.is_stranger = true;
    }

    /// A file that somebody else put into a directory that everybody may write to.
    fn planted(&self, name: &str, contents: &str) {
        let file = self.write(name, contents);
        std::os::unix::fs::lchown(&file, Some(12345), Some(12345)).unwrap();
        Self::mode(&self.dir, 0o1777);
    }

    fn variable(&mut self, name: &'static str, value: impl Into<OsString>) {
        self.variables.push((name, Some(value.into())));
    }

    fn without(&mut self, name: &'static str) {
        self.variables.push((name, None));
    }

    /// No pin file but this one's, so that the user's default runs where nothing else does.
    fn no_pin_above(&self) {
        fs_err::remove_file(self.sandbox.project().join(".go-version")).unwrap();
    }

    /// A go.mod above that asks for [`ABOVE`], and no pin file.
    fn module_above(&self) {
        self.no_pin_above();
        self.sandbox.write(
            "project/go.mod",
            "module m\n\ngo 1.23\n\ntoolchain go1.23.4\n",
        );
    }

    /// `program`, called here.
    fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut words: Vec<OsString> = Vec::new();
        if self.is_stranger {
            let stranger = [
                "setpriv",
                "--reuid=54321",
                "--regid=54321",
                "--clear-groups",
                "--",
            ];
            words.extend(stranger.map(OsString::from));
        }
        if let Some(script) = self.script {
            words.extend(["sh", "-c", script, "sh"].map(OsString::from));
        }
        words.push(program.into());
        words.extend(arguments.iter().map(OsString::from));
        let mut command = self.sandbox.command(&words[0]);
        command.args(&words[1..]).current_dir(&self.dir);
        command.env("PWD", &self.dir);
        for (name, value) in &self.variables {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }
}

/// Lets every user into the sandbox.
fn open_to_all(sandbox: &Sandbox) {
    let around = sandbox.root().parent().unwrap();
    Place::mode(around, 0o755);
}

fn is_root(sandbox: &Sandbox) -> bool {
    fs_err::metadata(sandbox.root()).unwrap().uid() == 0
}

/// Runs a command to its end, which must come soon. Returns what it did, and how long it took.
fn timed(mut command: Command) -> (Output, Duration) {
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A full pipe would stop it.
    let stdout = drain(child.stdout.take().unwrap());
    let stderr = drain(child.stderr.take().unwrap());
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > WATCHDOG {
            child.kill().unwrap();
            panic!("{command:?} hangs");
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let took = started.elapsed();
    let output = Output {
        status,
        stdout: stdout.join().unwrap(),
        stderr: stderr.join().unwrap(),
    };
    (output, took)
}

/// Reads to the end, elsewhere.
fn drain(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

fn case(name: &'static str, outcome: Outcome, arrange: fn(&mut Place)) -> Case {
    Case {
        name,
        arrange,
        outcome,
        note: "",
        needs_root: false,
    }
}

impl Case {
    fn noting(self, note: &'static str) -> Self {
        Self { note, ..self }
    }
}

/// A case with two users.
fn as_root(name: &'static str, outcome: Outcome, arrange: fn(&mut Place)) -> Case {
    Case {
        needs_root: true,
        ..case(name, outcome, arrange)
    }
}

/// A store with two SDKs, a default, and the programs, where everybody may read them.
fn store() -> (Sandbox, PathBuf, PathBuf) {
    let store = Sandbox::new();
    open_to_all(&store);
    setup(&store, store.goshim_home());
    for toolchain in [ABOVE, DEFAULT] {
        store.install_stand_in(toolchain);
    }
    let version = DEFAULT.trim_start_matches("go");
    succeed(goshim(&store, store.goshim_home()).args(["default", version]));
    let [shim, program] = [&product().shim, &product().goshim].map(|program| {
        let name = if program.ends_with("goshim") {
            "goshim"
        } else {
            "go"
        };
        let copy = store.bin().join(name);
        copy_program(program, &copy);
        copy
    });
    (store, shim, program)
}

/// What is wrong with what one program did; nothing, if it is the case's outcome.
fn complaint(case: &Case, program: &str, output: &Output) -> Option<String> {
    let is_why = program == "why";
    let (code, data, talk) = match case.outcome {
        Runs(go) if is_why => (0, format!("{go} runs here: "), ""),
        Runs(go) => (0, format!("go version {go} "), ""),
        Misses(query) if is_why => (0, format!("Go {query}"), ""),
        Misses(_) => (127, String::new(), "is not installed"),
        Refuses(_, problem) if is_why => (1, String::new(), problem),
        Refuses(code, problem) => (code, String::new(), problem),
    };
    let steers = |c: char| c.is_control() && c != '\n';
    let mut complaints = Vec::new();
    for (bytes, expected) in [(&output.stdout, data.as_str()), (&output.stderr, talk)] {
        match std::str::from_utf8(bytes) {
            Ok(text) if text.contains(steers) => {
                complaints.push("it steers the terminal".to_owned());
            }
            Ok(text) if text.contains("panicked") => complaints.push("it panicked".to_owned()),
            Ok(text) if text.contains(expected) => {}
            Ok(_) => complaints.push(format!("no `{expected}`")),
            Err(_) => complaints.push("it printed what is no text".to_owned()),
        }
    }
    if is_why && !String::from_utf8_lossy(&output.stdout).contains(case.note) {
        complaints.push(format!("no note `{}`", case.note));
    }
    if output.status.code() != Some(i32::from(code)) {
        complaints.push(format!("not the exit code {code}"));
    }
    (!complaints.is_empty()).then(|| {
        let complaints = complaints.join(", ");
        format!("{}: {program}: {complaints}\n{}", case.name, shown(output))
    })
}

#[test]
fn every_hostile_place_has_its_outcome() {
    let (store, shim, program) = store();
    let cases: Vec<Case> = [
        files::no_pin_files(),
        files::bad_pin_files(),
        files::module_files(),
        calls::directories(),
        files::planted(),
        calls::variables(),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut slowest = (Duration::ZERO, "");
    let mut checked = 0;
    let mut left_out = 0;
    let mut complaints = Vec::new();
    for case in &cases {
        if case.needs_root && !is_root(&store) {
            println!("NOT CHECKED: {}: files of two users need root", case.name);
            left_out += 1;
            continue;
        }
        for (program, arguments) in [(&shim, &["version"]), (&program, &["why"])] {
            let mut place = Place::new(&store);
            (case.arrange)(&mut place);
            let (output, took) = timed(place.command(program, arguments));
            slowest = slowest.max((took, case.name));
            complaints.extend(complaint(case, arguments[0], &output));
            // What nobody may enter could not be removed either.
            Place::mode(place.sandbox.project(), 0o755);
        }
        checked += 1;
    }
    println!(
        "{checked} hostile places, the slowest ({}) took {} ms; not checked: {left_out}",
        slowest.1,
        slowest.0.as_millis()
    );
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert_eq!(checked + left_out, 112);
    assert!(checked >= 40);
}

#[test]
fn output_that_cannot_be_written_is_no_reason_to_panic() {
    let (store, shim, program) = store();
    for (script, code, said) in [
        ("exec \"$@\" >&-", 0, ""),
        ("exec \"$@\" >&- 2>&-", 0, ""),
        ("exec \"$@\" >/dev/full", 1, "No space left on device"),
        ("exec \"$@\" >/dev/full 2>/dev/full", 1, ""),
        ("exec \"$@\" >/dev/full 2>&-", 1, ""),
        // A reader that has gone: the writer starts when it has, and says nothing.
        (
            "{ sleep 0.2; \"$@\" 2>&3; echo code=$? >&3; } 3>&2 | exec true",
            0,
            "code=0\n",
        ),
    ] {
        for arguments in [&["why"][..], &["why", "--json"], &["which"], &["list"]] {
            let mut place = Place::new(&store);
            place.script = Some(script);
            let (output, _) = timed(place.command(&program, arguments));
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(
                output.status.code() == Some(code)
                    && stderr.contains(said)
                    && (code != 0 || !stderr.contains("error"))
                    && !stderr.contains("panicked"),
                "{arguments:?} {script}: {}",
                shown(&output)
            );
        }
    }
    let mut place = Place::new(&store);
    place.write(".go-version", "x\n");
    for script in [
        "exec \"$@\" >&- 2>&-",
        "exec \"$@\" 2>/dev/full",
        "exec \"$@\" 2>&-",
    ] {
        place.script = Some(script);
        for (program, arguments) in [(&shim, &["version"]), (&program, &["why"])] {
            let (output, _) = timed(place.command(program, arguments));
            assert_eq!(
                output.status.code(),
                Some(1),
                "{script}: {}",
                shown(&output)
            );
        }
    }
}
