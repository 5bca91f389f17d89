//! The missing SDK: installed by the command line, or named.

use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use goshim_resolver::resolve::Wanted;
use goshim_resolver::settings::{AutoInstall, Config};
use goshim_resolver::{Env, Layout, Resolution};

use crate::decide::{NOTHING_TO_EXECUTE, fail};
use crate::{platform, say};

/// Installs what is wanted, where the user's settings allow it. Progress goes to stderr, for stdout is go's.
pub(crate) fn install(
    layout: &Layout,
    env: &Env,
    resolution: &Resolution,
    wanted: &Wanted,
) -> Result<(), u8> {
    let what = format!("Go {}", wanted.text());
    let asker = resolution.asker();
    let command = wanted.command();
    let refuse = |reason: &str| {
        say::error(
            &format!("{what} is not installed ({asker}){reason}"),
            Some(&format!("run {command}")),
        );
        NOTHING_TO_EXECUTE
    };
    let config = Config::load(env, layout).map_err(|error| fail(&error))?;
    if let Some(min) = resolution.refuses_as_old(wanted, &config) {
        return Err(refuse(&format!(
            "; releases before {min} are not installed on a project's word"
        )));
    }
    match resolution.auto_install {
        AutoInstall::Never => return Err(refuse("")),
        AutoInstall::Ask
            if !ask(&format!(
                "goshim: {what} is not installed ({asker}). Install it? [Y/n] "
            )) =>
        {
            return Err(refuse(""));
        }
        AutoInstall::Ask => {}
        AutoInstall::Always => {
            say::line(&format!("{what} is not installed ({asker}): installing it"));
        }
    }
    run(
        &layout
            .shims()
            .join(format!("goshim{}", std::env::consts::EXE_SUFFIX)),
        env,
        wanted,
        &command,
    )
}

fn run(goshim: &Path, env: &Env, wanted: &Wanted, command: &str) -> Result<(), u8> {
    let mut install = Command::new(goshim);
    install.args(wanted.arguments());
    // The working directory may be gone, and the installer has no use for it.
    if env.physical_dir.is_none() {
        install.current_dir("/");
    }
    match install
        .stdin(Stdio::null())
        .stdout(platform::stderr())
        .status()
    {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(status
            .code()
            .and_then(|code| u8::try_from(code).ok())
            .unwrap_or(1)),
        // Where SIGCHLD is ignored, the system forgets a child's status: whether the SDK is there now is asked in any case.
        Err(error) if platform::is_forgotten(&error) => Ok(()),
        Err(error) => {
            let shown = goshim_resolver::escape::path(goshim);
            say::error(
                &format!("cannot run {shown}: {error}"),
                Some(&format!("run goshim setup again, or {command}")),
            );
            Err(NOTHING_TO_EXECUTE)
        }
    }
}

/// Asks the person at the terminal. Where nobody is there, or an editor or script stands between, nothing is asked: the answer is no.
///
/// Stdin and stderr must both be terminals, for a program that reads go's output runs it with a pipe or nothing as stdin; the question
/// itself goes to the terminal and not to stdin, whose bytes are go's.
fn ask(question: &str) -> bool {
    if !say::is_terminal() || !std::io::stdin().is_terminal() {
        return false;
    }
    let Some(mut terminal) = platform::terminal() else {
        return false;
    };
    if write!(terminal, "{question}")
        .and_then(|()| terminal.flush())
        .is_err()
    {
        return false;
    }
    let mut answer = String::new();
    match BufReader::new(terminal).read_line(&mut answer) {
        Ok(read) => {
            read > 0
                && matches!(
                    answer.trim().to_ascii_lowercase().as_str(),
                    "" | "y" | "yes"
                )
        }
        Err(_) => false,
    }
}
