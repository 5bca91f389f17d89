//! `goshim setup`

use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use goshim_installer::shims;
use goshim_resolver::{escape, variables};
use goshim_shell::Shell;
use goshim_shell::startup::{self, Places};

use crate::context::Context;
use crate::error::Error;
use crate::exit;
use crate::new_shell;
use crate::output::{self, Output};
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
        let goshim = std::env::current_exe()?;
        let shim = goshim.with_file_name(format!("goshim-shim{}", std::env::consts::EXE_SUFFIX));
        let dir = shims::setup(&context.layout, &shim, &goshim)?;
        context
            .output
            .talk(&format!("the shims are in {}", escape::path(&dir)));
        if self.print || !(self.yes || is_person(context.output)) {
            return self.print_lines(context, &dir);
        }
        self.write_lines(context, &dir)
    }

    /// Shows what a person may do by hand.
    fn print_lines(&self, context: &Context, shims: &Path) -> Result<ExitCode, Error> {
        let talk = |line: &str| context.output.talk(line);
        let is_asked = self.print || !self.shell.is_empty();
        match first_go(context) {
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
            let file = shell.startup_files(&places).into_iter().next();
            talk(&format!(
                "add this at the end of {} and start a new shell, or let goshim setup --yes do it:",
                tilde(&file.unwrap_or_default(), &places)
            ));
            for line in lines(context, shell, shims).lines() {
                output::data(line)?;
            }
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
        if self.direnv {
            match Edit::whole(
                &direnv_file(&places),
                Some(goshim_shell::DIRENV),
                is_our_direnv,
            ) {
                Ok(edit) => edits.extend(edit.map(|edit| (edit, goshim_shell::DIRENV.to_owned()))),
                Err(reason) => refused.push((reason, goshim_shell::DIRENV.to_owned())),
            }
        }
        if edits.is_empty() && refused.is_empty() {
            context.output.talk("the start-up files have the line");
        }
        for (edit, text) in &edits {
            let file = tilde(&edit.file, &places);
            if text == goshim_shell::DIRENV {
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
        let works = look(context, &shells, shims);
        tell_more(context, &shells);
        Ok(if works && refused.is_empty() {
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
        let file = startup::session_file(places);
        let has_sessions =
            Path::new("/run/systemd/system").exists() || file.parent().is_some_and(Path::is_dir);
        if self.shell.is_empty() && has_sessions {
            files.extend(session_lines(context, shims).map(|lines| (file, lines)));
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

    fn named(&self) -> Option<Vec<Shell>> {
        (!self.shell.is_empty()).then(|| self.shell.iter().map(|name| name.0).collect())
    }
}

/// The lines for a shell's start-up file.
fn lines(context: &Context, shell: Shell, shims: &Path) -> String {
    let home = context.env.var(variables::HOME);
    let home = home.map(|home| shell.export_line(variables::HOME, &home.to_string_lossy()));
    let lines = home.into_iter().chain([shell.path_line(shims)]);
    lines.map(|line| line + "\n").collect()
}

/// The lines for systemd's user manager; `None` where its format cannot hold them.
fn session_lines(context: &Context, shims: &Path) -> Option<String> {
    let path = startup::session_path_line(shims)?;
    let home = context.env.var(variables::HOME).map(Path::new);
    let home = match home {
        Some(home) => startup::session_line(variables::HOME, home)? + "\n",
        None => String::new(),
    };
    Some(format!("{home}{path}\n"))
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
            None => context
                .output
                .talk(&format!("{shell} did not say in time what go is there")),
            Some(go) if go.parent() == Some(shims) => {
                context.output.talk(&format!("in {shell}, go is goshim's"));
            }
            Some(go) => {
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

fn tell_more(context: &Context, shells: &[Shell]) {
    if let Some(line) = shells.first().and_then(|shell| shell.completions_line()) {
        context
            .output
            .talk(&format!("for completions, add this as well: {line}"));
    }
    if first_go(context).is_none_or(|go| go.parent() != Some(&context.layout.shims())) {
        context.output.talk("start a new shell, and go is goshim's");
    }
}

/// The shell that the user logs in with.
fn login_shell(context: &Context) -> Shell {
    Shell::of_program(context.env.var("SHELL").map_or(Path::new("sh"), Path::new))
}

/// direnv's library file of goshim.
pub(super) fn direnv_file(places: &Places) -> PathBuf {
    places.config.join("direnv/lib/goshim.sh")
}

/// Whether a file of direnv's library is goshim's, of whichever version.
pub(super) fn is_our_direnv(text: &[u8]) -> bool {
    let mark = b"# goshim's library for direnv";
    text.split(|byte| *byte == b'\n')
        .take(2)
        .any(|line| line.starts_with(mark))
}

/// Whether somebody is there to be asked.
pub(super) fn is_person(output: Output) -> bool {
    !output.is_quiet() && io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks a person; nothing but a yes is one.
pub(super) fn says_yes(question: &str) -> bool {
    output::say("", &format!("{question} [y/N]"));
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes" | "Yes")
}

/// A file as people write it.
pub(super) fn tilde(file: &Path, places: &Places) -> String {
    match file.strip_prefix(&places.home) {
        Ok(rest) => format!("~/{}", escape::path(rest)),
        Err(_) => escape::path(file),
    }
}

/// The first `go` that PATH names.
fn first_go(context: &Context) -> Option<PathBuf> {
    let go = format!("go{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(context.env.var("PATH")?)
        .map(|dir| dir.join(&go))
        .find(|go| go.is_file())
}

fn is_on_path(context: &Context, dir: &Path) -> bool {
    context
        .env
        .var("PATH")
        .is_some_and(|path| std::env::split_paths(path).any(|entry| entry == dir))
}
