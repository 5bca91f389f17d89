//! What `go` is in a new shell: start-up files can undo each other, and only a shell that reads them knows.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use goshim_resolver::Env;
use goshim_shell::Shell;

/// How long a shell may take to start. People have slow ones.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take to end after the answer, before it is ended.
const PARTING: Duration = Duration::from_secs(2);
/// Before the answer, among all that start-up files may print.
const MARK: &str = "@goshim@";
/// The most that is read of what a shell prints.
const CAP: u64 = 1 << 20;

/// What a new shell calls `go`.
#[derive(Debug)]
pub(crate) struct Answer {
    /// `a new login bash`.
    pub(crate) shell: String,
    /// What `go` is there.
    pub(crate) go: Go,
}

/// What a shell says `go` is.
#[derive(Debug)]
pub(crate) enum Go {
    /// A path, or the words of an alias; empty where there is none.
    Is(PathBuf),
    /// It ended before it came to the question: a start-up file ended it, or became another program.
    Ended,
    /// It is still busy with its start-up files, or cannot be asked.
    NoAnswer,
}

/// Asks new shells of this kind, a login shell and another, what `go` is. The directory `shims` is left out of the PATH that they inherit, so that
/// it is there only if a start-up file puts it there. Empty where the shell is not installed, or not asked.
pub(crate) fn ask(shell: Shell, env: &Env, shims: &Path) -> Vec<Answer> {
    let bourne = format!("printf '\\n{MARK}%s\\n' \"$(command -v go)\"");
    let fish = format!("printf '\\n{MARK}%s\\n' (command -v go; or echo)");
    let elvish = format!("print \"\\n{MARK}\"(search-external go)\"\\n\"\n");
    // The name in the answer, the arguments, and what the shell reads.
    let ways: Vec<(&str, Vec<&str>, &str)> = match shell {
        Shell::Bash | Shell::Zsh => vec![
            ("login ", vec!["-l", "-i", "-c", &bourne], ""),
            ("", vec!["-i", "-c", &bourne], ""),
        ],
        Shell::Fish => vec![
            ("login ", vec!["-l", "-i", "-c", &fish], ""),
            ("", vec!["-i", "-c", &fish], ""),
        ],
        // Other shells of this family read a file in login shells alone.
        Shell::Posix => vec![("login ", vec!["-l", "-c", &bourne], "")],
        Shell::Elvish => vec![("", vec![], &elvish)],
        Shell::PowerShell | Shell::Nushell => Vec::new(),
    };
    let Some(program) = program(shell, env) else {
        return Vec::new();
    };
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    ways.into_iter()
        .map(|(kind, arguments, input)| Answer {
            shell: format!("a new {kind}{name}"),
            go: match answer(&program, &arguments, input, env, shims) {
                // Without a terminal it has no module `edit:`, at which most people's rc.elv then ends.
                Go::Ended if shell == Shell::Elvish => Go::NoAnswer,
                go => go,
            },
        })
        .collect()
}

/// The shell's program: the login shell where it is of this kind, else the one on PATH.
fn program(shell: Shell, env: &Env) -> Option<PathBuf> {
    let login = env.var("SHELL").map(PathBuf::from);
    if let Some(login) = login.filter(|login| Shell::of_program(login) == shell && login.is_file())
    {
        return Some(login);
    }
    let name = match shell {
        Shell::Posix => "sh",
        shell => shell.name(),
    };
    std::env::split_paths(env.var("PATH")?)
        .map(|dir| dir.join(name))
        .find(|program| program.is_file())
}

fn answer(program: &Path, arguments: &[&str], input: &str, env: &Env, shims: &Path) -> Go {
    said(program, arguments, input, env, shims).unwrap_or(Go::NoAnswer)
}

fn said(program: &Path, arguments: &[&str], input: &str, env: &Env, shims: &Path) -> Option<Go> {
    let mut child = Command::new(std::env::current_exe().ok()?)
        .args(["__session", "--"])
        .arg(program)
        .args(arguments)
        .env("PATH", path_without(env, shims))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut stdin = child.stdin.take()?;
    let stdout = child.stdout.take()?;
    // Far less than a pipe holds.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || listen(stdout, &sender));
    let answer = receiver.recv_timeout(PATIENCE);
    if answer.is_ok() {
        let started = Instant::now();
        while started.elapsed() < PARTING && matches!(child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    end(&mut child);
    answer.ok()
}

/// Tells the answer as soon as it is there: what start-up files left running may keep the pipe open for ever. Reads on for who still writes.
fn listen(stdout: ChildStdout, answer: &mpsc::Sender<Go>) {
    let mut said = BufReader::new(stdout.take(CAP));
    let mut line = Vec::new();
    let go = loop {
        line.clear();
        if !matches!(said.read_until(b'\n', &mut line), Ok(1..)) {
            // Everybody who could still answer has gone.
            break Go::Ended;
        }
        if let Some(go) = line.strip_prefix(MARK.as_bytes()) {
            break Go::Is(String::from_utf8_lossy(go).trim_end().into());
        }
    };
    let _ = answer.send(go);
    let _ = io::copy(&mut said.into_inner().into_inner(), &mut io::sink());
}

/// Ends the shell, and what its start-up files left running.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Ok(id) = i32::try_from(child.id())
        && let Some(group) = rustix::process::Pid::from_raw(id)
    {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// PATH without the shims.
fn path_without(env: &Env, shims: &Path) -> OsString {
    let path = env.var("PATH").unwrap_or(OsStr::new("/usr/bin:/bin"));
    let dirs = std::env::split_paths(path).filter(|dir| dir != shims);
    std::env::join_paths(dirs).unwrap_or_else(|_| path.to_owned())
}
