//! What `go` is in a new shell: start-up files can undo each other, and only a shell that reads them knows.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use goshim_resolver::Env;
use goshim_shell::Shell;

/// How long a shell may take to start. People have slow ones.
const PATIENCE: Duration = Duration::from_secs(10);
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
    std::thread::spawn(move || {
        let _ = sender.send(up_to_the_answer(stdout));
    });
    let said = receiver.recv_timeout(PATIENCE);
    end(&mut child);
    let said = String::from_utf8_lossy(&said.ok()?).into_owned();
    let mut answers = said.lines().filter_map(|line| line.strip_prefix(MARK));
    let go = answers.next_back().map(|go| Go::Is(go.trim_end().into()));
    // Everybody who could still answer has gone.
    Some(go.unwrap_or(Go::Ended))
}

/// What a shell prints, up to the answer's line or to the end. What start-up files left running may keep the end away for ever.
fn up_to_the_answer(stdout: impl Read) -> Vec<u8> {
    let mut stdout = BufReader::new(stdout.take(CAP));
    let mut said = Vec::new();
    let mut line = Vec::new();
    while stdout
        .read_until(b'\n', &mut line)
        .is_ok_and(|count| count > 0)
    {
        let is_answer = line.starts_with(MARK.as_bytes());
        said.append(&mut line);
        if is_answer {
            break;
        }
    }
    said
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
