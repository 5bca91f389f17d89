//! `goshim setup`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use goshim_installer::shims;
use goshim_resolver::{escape, variables};
use goshim_shell::startup::Places;
use goshim_shell::{Shell, session};

use crate::ask::{is_person, says_yes};
use crate::context::Context;
use crate::error::Error;
use crate::exit;
use crate::new_shell::{self, Go};
use crate::output;
use crate::shells::ShellName;
use crate::startup::{Edit, Refused, places};

/// The arguments of `setup`
#[derive(Debug, Args)]
pub struct Setup {
    /// Write without asking
    #[arg(short, long)]
    yes: bool,

    /// Print the lines and write nothing, for a start-up file that you keep by other means
    #[arg(long, conflicts_with = "yes")]
    print: bool,

    /// Set up this shell only; may be given several times [default: the login shell, and those with a start-up file]
    #[arg(long, value_enum, value_name = "SHELL")]
    shell: Vec<ShellName>,

    /// Also put `use goshim` and `layout goshim` into direnv's library
    #[arg(long)]
    direnv: bool,
}

impl Setup {
    /// Puts the shims in place, and the line for PATH into start-up files. Printed lines are data, all else is talk.
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        refuse_somebodys_home(context)?;
        let goshim = std::env::current_exe()?;
        let mut shim = goshim.with_file_name(shims::program("goshim-shim"));
        // Where PATH has copies, this one is beside the other: they are put in order.
        if !shim.is_file() && goshim.parent() == Some(&context.layout.shims()) {
            shim = goshim.with_file_name(shims::program("go"));
        }
        let dir = shims::setup(&context.layout, &shim, &goshim)?;
        context
            .output
            .talk(&format!("the shims are in {}", escape::path(&dir)));
        if !is_nameable(&dir) {
            return Err(Error::Unnameable(dir));
        }
        if cfg!(windows) && self.shell.is_empty() {
            return self.print_windows_lines(context, &dir);
        }
        if self.print || !(self.yes || is_person(context.output)) {
            return self.print_lines(context, &dir);
        }
        self.write_lines(context, &dir)
    }

    /// Shows what a person may do by hand.
    fn print_lines(&self, context: &Context, shims: &Path) -> Result<ExitCode, Error> {
        let talk = |line: &str| context.output.talk(line);
        let is_asked = self.print || !self.shell.is_empty();
        match context.first_go() {
            Some(go) if go.parent() == Some(shims) && !is_asked => {
                talk("PATH names them first: go is goshim's here");
                return Ok(ExitCode::SUCCESS);
            }
            Some(go) if go.parent() != Some(shims) && is_on_path(context, shims) => {
                talk(&format!(
                    "PATH names them, but {} comes first",
                    escape::path(&go)
                ));
            }
            _ => {}
        }
        let places = places(&context.env)?;
        for shell in self.named().unwrap_or_else(|| vec![login_shell(context)]) {
            let files = shell.startup_files(&places);
            let files: Vec<_> = files.iter().map(|file| tilde(file, &places)).collect();
            talk(&format!(
                "add this at the end of {} and start a new shell, or let goshim setup --yes do it:",
                files.join(" and ")
            ));
            for line in lines(context, shell, shims).lines() {
                output::data(line)?;
            }
        }
        self.tell_stranger(context, shims);
        Ok(ExitCode::SUCCESS)
    }

    /// Shows what puts the shims on the PATH of every program on Windows, which no start-up file of a shell does.
    fn print_windows_lines(&self, context: &Context, shims: &Path) -> Result<ExitCode, Error> {
        match context.first_go() {
            Some(go) if go.parent() == Some(shims) && !self.print => {
                context
                    .output
                    .talk("PATH names them first: go is goshim's here");
                return Ok(ExitCode::SUCCESS);
            }
            Some(go) if is_on_path(context, shims) => context.output.talk(&format!(
                "PATH names them, but {} comes first",
                escape::path(&go)
            )),
            _ => {}
        }
        context
            .output
            .talk("run this once in PowerShell, and start new programs: go is goshim's there");
        for line in session::windows_lines(&home(context), shims) {
            output::data(&line)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Shows what would be written, asks where nobody said yes, writes, and looks whether it worked.
    fn write_lines(&self, context: &Context, shims: &Path) -> Result<ExitCode, Error> {
        let places = places(&context.env)?;
        let shells = self.shells(context, &places);
        let mut edits = Vec::new();
        let mut refused = Vec::new();
        for (file, text) in self.files(context, &shells, &places, shims) {
            match Edit::insert(&file, &text) {
                Ok(None) => {}
                Ok(Some(edit)) => edits.push((edit, text)),
                Err(reason) => refused.push((reason, text)),
            }
        }
        for (whole, text) in self.whole_files(context, shims) {
            let edit = Edit::whole(&whole.file(&places), Some(&text), |old| whole.is_ours(old));
            match edit {
                Ok(edit) => edits.extend(edit.map(|edit| (edit, text))),
                Err(reason) => refused.push((reason, text)),
            }
        }
        if edits.is_empty() && refused.is_empty() {
            context.output.talk("the start-up files have the line");
        }
        for (edit, text) in &edits {
            let file = tilde(&edit.file, &places);
            if edit.is_whole {
                context.output.talk(&format!("to be written: {file}"));
                continue;
            }
            context.output.talk(&format!("to be added to {file}:"));
            text.lines()
                .for_each(|line| context.output.talk(&format!("    {line}")));
        }
        if !edits.is_empty() && !self.yes && !says_yes("write this?") {
            context.output.talk("nothing was written");
            return Ok(ExitCode::SUCCESS);
        }
        for (edit, text) in edits {
            match edit.apply() {
                Ok(()) => context
                    .output
                    .talk(&format!("wrote {}", tilde(&edit.file, &places))),
                Err(reason) => refused.push((reason, text)),
            }
        }
        for (Refused { file, reason }, text) in &refused {
            let file = tilde(file, &places);
            output::say("", &format!("left {file} as it is: {reason}"));
            output::say("", &format!("add this to {file} yourself:"));
            for line in text.lines() {
                output::data(line)?;
            }
        }
        let works = look(context, &shells, shims) && refused.is_empty();
        let is_stranger = self.tell_stranger(context, shims);
        if !is_stranger {
            tell_more(context, &shells, works);
        }
        Ok(if works && !is_stranger {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(exit::FAILURE)
        })
    }

    /// Each file that needs lines, and the lines.
    fn files(
        &self,
        context: &Context,
        shells: &[Shell],
        places: &Places,
        shims: &Path,
    ) -> Vec<(PathBuf, String)> {
        let mut files: Vec<(PathBuf, String)> = Vec::new();
        for shell in shells {
            for file in shell.startup_files(places) {
                // Bash and other shells may share ~/.profile.
                if !files.iter().any(|(there, _)| *there == file) {
                    files.push((file, lines(context, *shell, shims)));
                }
            }
        }
        let file = session::environment_d_file(places);
        let has_sessions =
            Path::new("/run/systemd/system").exists() || file.parent().is_some_and(Path::is_dir);
        if self.shell.is_empty() && has_sessions {
            let lines = session::environment_d_lines(&home(context), shims);
            files.extend(lines.map(|lines| (file, lines)));
        }
        files
    }

    /// Each file that goshim makes as a whole, and its text.
    fn whole_files(&self, context: &Context, shims: &Path) -> Vec<(Whole, String)> {
        let mut files = Vec::new();
        if cfg!(target_os = "macos") && self.shell.is_empty() {
            let agent = session::launch_agent(&home(context), shims);
            files.extend(agent.map(|text| (Whole::LaunchAgent, text)));
        }
        if self.direnv {
            files.push((Whole::Direnv, goshim_shell::DIRENV.to_owned()));
        }
        files
    }

    /// The shells to set up.
    fn shells(&self, context: &Context, places: &Places) -> Vec<Shell> {
        self.named().unwrap_or_else(|| {
            let login = login_shell(context);
            let mut shells = vec![login];
            // ~/.profile alone says nothing about the shell.
            let others = Shell::ALL.into_iter().filter(|shell| {
                let files = shell.startup_files(places);
                *shell != login
                    && *shell != Shell::Posix
                    && files.first().is_some_and(|file| file.exists())
            });
            shells.extend(others);
            shells
        })
    }

    /// Says what to do where the login shell is one that goshim has no line for. Returns whether it is.
    fn tell_stranger(&self, context: &Context, shims: &Path) -> bool {
        let login = context.env.var("SHELL").map(Path::new);
        let stranger = login.filter(|login| self.shell.is_empty() && !Shell::knows(login));
        let name = stranger.and_then(Path::file_name).unwrap_or_default();
        let is_stranger = !name.is_empty();
        if is_stranger {
            output::say(
                "",
                &format!(
                    "goshim has no line for {}, which need not read these files: put {} in front of PATH where it starts",
                    escape::path(name.as_ref()),
                    escape::path(shims)
                ),
            );
        }
        is_stranger
    }

    fn named(&self) -> Option<Vec<Shell>> {
        (!self.shell.is_empty()).then(|| self.shell.iter().map(|name| name.0).collect())
    }
}

/// Refuses to write as root into the home directory of the user who called sudo, which keeps HOME on some systems.
#[cfg(unix)]
fn refuse_somebodys_home(context: &Context) -> Result<(), Error> {
    use std::os::unix::fs::MetadataExt as _;
    let caller = context.env.text("SUDO_UID");
    let caller = caller.and_then(|id| id.parse::<u32>().ok());
    let (Some(caller), Some(home)) = (caller, context.env.absolute_home()) else {
        return Ok(());
    };
    let is_callers = fs_err::metadata(home).is_ok_and(|home| home.uid() == caller);
    if is_callers && caller != rustix::process::geteuid().as_raw() {
        return Err(Error::SomebodysHome(home.to_owned()));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_somebodys_home(_context: &Context) -> Result<(), Error> {
    Ok(())
}

/// Whether a line of every shell, and PATH, can hold this name.
fn is_nameable(dir: &Path) -> bool {
    dir.to_str().is_some_and(escape::is_printable) && std::env::join_paths([dir]).is_ok()
}

/// The lines for a shell's start-up file.
fn lines(context: &Context, shell: Shell, shims: &Path) -> String {
    let home = home(context);
    let home = home
        .iter()
        .map(|(name, path)| shell.export_line(name, &path.to_string_lossy()));
    let lines = home.chain([shell.path_line(shims)]);
    lines.map(|line| line + "\n").collect()
}

/// The variable that says where the store is, where the user set it.
fn home(context: &Context) -> Vec<(&'static str, &Path)> {
    let home = context.env.var(variables::HOME).map(Path::new);
    home.into_iter()
        .map(|home| (variables::HOME, home))
        .collect()
}

/// Says what `go` is in new shells. Returns whether it is the shim in all that answered.
fn look(context: &Context, shells: &[Shell], shims: &Path) -> bool {
    let mut works = true;
    for answer in shells
        .iter()
        .flat_map(|shell| new_shell::ask(*shell, &context.env, shims))
    {
        let shell = escape::text(&answer.shell);
        match answer.go {
            Go::NoAnswer => context
                .output
                .talk(&format!("{shell} did not say what go is there")),
            Go::Ended => {
                works = false;
                output::say(
                    "",
                    &format!(
                        "{shell} ended before it could say what go is there: see its start-up files"
                    ),
                );
            }
            Go::Is(go) if go.parent() == Some(shims) => {
                context.output.talk(&format!("in {shell}, go is goshim's"));
            }
            Go::Is(go) => {
                works = false;
                let there = if go.as_os_str().is_empty() {
                    "there is no go: is the line reached?".to_owned()
                } else {
                    format!(
                        "go is {} and not goshim's: something later puts that in front",
                        escape::path(&go)
                    )
                };
                output::say("", &format!("in {shell}, {there}"));
            }
        }
    }
    works
}

fn tell_more(context: &Context, shells: &[Shell], works: bool) {
    if let Some(line) = shells.first().and_then(|shell| shell.completions_line()) {
        context
            .output
            .talk(&format!("for completions, add this as well: {line}"));
    }
    if !works {
        output::say(
            "hint: ",
            "move goshim's lines to where every shell comes by, with nothing behind them that changes PATH; then run goshim setup again",
        );
    } else if context
        .first_go()
        .is_none_or(|go| go.parent() != Some(&context.layout.shims()))
    {
        context.output.talk("start a new shell, and go is goshim's");
    }
}

/// The shell that the user logs in with.
fn login_shell(context: &Context) -> Shell {
    Shell::of_program(context.login_shell())
}

/// A file that goshim makes as a whole, and that is nobody else's.
#[derive(Clone, Copy, Debug)]
pub(super) enum Whole {
    /// The library for direnv.
    Direnv,
    /// What sets PATH for programs of macOS's desktop.
    LaunchAgent,
}

impl Whole {
    pub(super) fn file(self, places: &Places) -> PathBuf {
        match self {
            Self::Direnv => places.config.join("direnv/lib/goshim.sh"),
            Self::LaunchAgent => session::launch_agent_file(places),
        }
    }

    /// Whether a text in its place is goshim's, of whichever version.
    pub(super) fn is_ours(self, text: &[u8]) -> bool {
        let mark = match self {
            Self::Direnv => "# goshim's library for direnv",
            Self::LaunchAgent => session::LAUNCH_AGENT_MARK,
        };
        text.split(|byte| *byte == b'\n')
            .take(3)
            .any(|line| line.starts_with(mark.as_bytes()))
    }
}

/// A file as people write it.
pub(super) fn tilde(file: &Path, places: &Places) -> String {
    match file.strip_prefix(&places.home) {
        Ok(rest) => format!("~/{}", escape::path(rest)),
        Err(_) => escape::path(file),
    }
}

fn is_on_path(context: &Context, dir: &Path) -> bool {
    context
        .env
        .var("PATH")
        .is_some_and(|path| std::env::split_paths(path).any(|entry| entry == dir))
}
