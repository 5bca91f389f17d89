//! Real shells in real terminals: setup, a new shell, projects, completion, a sub-shell, unsetup.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use goshim_test_support::{Sandbox, copy_program};

use crate::product::product;

/// How long a screen may take to show what must come. Only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_mins(1);

/// A shell, and where it differs from the others.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// The file that it reads in a terminal.
    rc: &'static str,
    /// What a person has in it: here, that tests find the prompt.
    start: &'static str,
    /// What starts it in a terminal.
    command: &'static str,
    /// Prints `$GOSHIM_VERSION` in brackets.
    show_version: &'static str,
}

pub(crate) const BASH: Kind = Kind {
    name: "bash",
    rc: ".bashrc",
    start: "PS1='ready> '\nHISTFILE=",
    command: "bash",
    show_version: "echo \"[$GOSHIM_VERSION]\"",
};

pub(crate) const ZSH: Kind = Kind {
    name: "zsh",
    rc: ".zshrc",
    start: "PROMPT='ready> '\nunsetopt zle_bracketed_paste\n",
    command: "zsh",
    show_version: "echo \"[$GOSHIM_VERSION]\"",
};

pub(crate) const FISH: Kind = Kind {
    name: "fish",
    rc: ".config/fish/config.fish",
    start: "function fish_prompt; echo -n 'ready> '; end\nset -g fish_greeting\n",
    command: "fish",
    show_version: "echo \"[$GOSHIM_VERSION]\"",
};

const ELVISH: Kind = Kind {
    name: "elvish",
    rc: ".config/elvish/rc.elv",
    start: "set edit:prompt = { put 'ready> ' }\nset edit:rprompt = { put '' }\n",
    command: "elvish",
    show_version: "echo '['$E:GOSHIM_VERSION']'",
};

const DASH: Kind = Kind {
    name: "dash",
    rc: ".profile",
    start: "PS1='ready> '\n",
    // dash reads its file in login shells alone.
    command: "dash -l",
    show_version: "echo \"[$GOSHIM_VERSION]\"",
};

/// A user with two projects, and a terminal of their own.
pub(crate) struct User {
    pub(crate) sandbox: Sandbox,
    kind: &'static Kind,
    socket: PathBuf,
}

impl User {
    pub(crate) fn new(kind: &'static Kind) -> Self {
        let sandbox = Sandbox::new();
        let programs = sandbox.home().join(".local/bin");
        fs_err::create_dir_all(&programs).unwrap();
        for program in [&product().goshim, &product().shim] {
            copy_program(program, &programs);
        }
        for release in ["1.21.13", "1.22.10"] {
            sandbox.install_stand_in(&format!("go{release}"));
            sandbox.write(&format!("project/{release}/.go-version"), release);
        }
        sandbox.write(&format!("home/{}", kind.rc), kind.start);
        let user = Self {
            // tmux wants a short one.
            socket: sandbox.root().parent().unwrap().join("tmux"),
            sandbox,
            kind,
        };
        user.tmux(&[
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            "120",
            "-y",
            "40",
            kind.command,
        ]);
        user.shows("ready>");
        user
    }

    pub(crate) fn rc(&self) -> PathBuf {
        self.sandbox.home().join(self.kind.rc)
    }

    /// A command with a new user's environment.
    fn command(&self, program: &str) -> Command {
        let mut command = self.sandbox.command(program);
        command
            .env("SHELL", format!("/usr/bin/{}", self.kind.name))
            .env("LC_ALL", "C.UTF-8")
            .env("TERM", "xterm-256color");
        command
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let mut command = self.command("tmux");
        command.arg("-S").arg(&self.socket).args(arguments);
        let output = command.output().expect("tmux is installed");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {stderr}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// A new shell in the same terminal, with an empty screen.
    pub(crate) fn new_shell(&self) {
        self.tmux(&["respawn-pane", "-k", self.kind.command]);
        self.tmux(&["clear-history"]);
        self.shows("ready>");
    }

    /// Types keys.
    fn types(&self, text: &str) {
        self.tmux(&["send-keys", "-l", text]);
    }

    /// Empties the screen.
    fn clears(&self) {
        // Not every shell has a key for it; the terminal can do it by itself.
        self.tmux(&["send-keys", "-R"]);
        self.tmux(&["clear-history"]);
    }

    /// Types a line on an empty screen, at the prompt.
    pub(crate) fn runs(&self, line: &str) {
        self.is_ready();
        self.clears();
        self.types(line);
        self.tmux(&["send-keys", "Enter"]);
    }

    /// Waits until the screen has `text`. Returns the screen.
    pub(crate) fn shows(&self, text: &str) -> String {
        self.waits(&format!("`{text}`"), |screen| screen.contains(text))
    }

    /// Waits for the shell's prompt. What a shell does before it shows one, such as asking direnv, is then done.
    pub(crate) fn is_ready(&self) {
        // The last two are a shell's own, where it reads no start-up file.
        let ends = |screen: &str| screen.trim_end().ends_with(['>', '#', '$']);
        self.waits("prompt", ends);
    }

    /// Waits until the screen is as it should be, which has a name. Returns the screen.
    fn waits(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let screen = self.tmux(&["capture-pane", "-p", "-J"]);
            if is_so(&screen) {
                return screen;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "{}: no {what} on the screen:\n{screen}",
                self.kind.name
            );
            thread::sleep(Duration::from_millis(30));
        }
    }
}

impl Drop for User {
    fn drop(&mut self) {
        let mut command = self.command("tmux");
        let _ = command
            .arg("-S")
            .arg(&self.socket)
            .arg("kill-server")
            .output();
    }
}

/// What a stand-in SDK says to `go version`.
pub(crate) fn version(release: &str) -> String {
    format!("go version go{release} ")
}

#[test]
fn bash() {
    a_day_with(&BASH);
}

#[test]
fn zsh() {
    a_day_with(&ZSH);
}

#[test]
fn fish() {
    a_day_with(&FISH);
}

#[test]
fn elvish() {
    a_day_with(&ELVISH);
}

#[test]
fn dash() {
    a_day_with(&DASH);
}

fn a_day_with(kind: &'static Kind) {
    let user = User::new(kind);
    let start = fs_err::read(user.rc()).unwrap();
    user.runs("~/.local/bin/goshim install 1.22.10");
    user.shows("go is not goshim's in this shell: goshim setup makes it so");
    // No is no.
    user.runs("~/.local/bin/goshim setup");
    let screen = user.shows("write this? [y/N]");
    assert!(
        screen.contains(&format!("to be added to ~/{}", kind.rc)),
        "{screen}"
    );
    user.types("n\n");
    user.shows("nothing was written");
    assert_eq!(fs_err::read(user.rc()).unwrap(), start);
    user.runs("~/.local/bin/goshim setup");
    user.shows("write this? [y/N]");
    user.types("y\n");
    user.shows("start a new shell");
    let screen = user.shows("go is goshim's\n");
    assert!(screen.contains(&format!("wrote ~/{}", kind.rc)), "{screen}");
    user.runs("~/.local/bin/goshim install 1.22.10");
    user.shows("go is not goshim's in this shell: a new one should have it");
    user.new_shell();
    user.runs("goshim setup");
    user.shows("the start-up files have the line");
    user.runs("goshim install 1.22.10; echo done");
    let screen = user.shows("\ndone");
    assert!(!screen.contains("not goshim's"), "{screen}");
    // From project to project.
    for release in ["1.21.13", "1.22.10", "1.21.13"] {
        let project = user.sandbox.project().join(release);
        user.runs(&format!("cd '{}'", project.display()));
        user.runs("go version");
        user.shows(&version(release));
    }
    // Another Go until `exit`.
    user.runs("goshim shell 1.22.10");
    user.shows("go is Go 1.22.10 in this shell");
    user.runs("go version");
    user.shows(&version("1.22.10"));
    user.runs(kind.show_version);
    let screen = user.shows("[1.22.10]");
    let has_hint = ["bash", "zsh", "fish"].contains(&kind.name);
    assert_eq!(screen.contains("(go 1.22.10) ready>"), has_hint, "{screen}");
    user.runs("exit");
    user.runs(kind.show_version);
    user.shows("[]");
    user.runs("go version");
    user.shows(&version("1.21.13"));
    user.runs("goshim unsetup");
    user.shows("do this? [y/N]");
    user.types("y\n");
    user.shows("done;");
    assert_eq!(fs_err::read(user.rc()).unwrap(), start);
    user.new_shell();
    user.runs(if kind.name == "elvish" {
        "has-external go"
    } else {
        "command -v go || echo no-go"
    });
    user.shows(if kind.name == "elvish" {
        "$false"
    } else {
        "\nno-go"
    });
}

/// The home directory has a blank in its name.
#[test]
fn a_zsh_that_splits_words_reads_its_own_files_in_a_sub_shell() {
    let user = User::new(&ZSH);
    user.sandbox.write("home/.zshenv", "setopt SH_WORD_SPLIT\n");
    user.new_shell();
    user.runs("~/.local/bin/goshim shell 1.22.10");
    user.shows("(go 1.22.10) ready>");
}

#[test]
fn completion_in_bash() {
    complete(&BASH, "source <(goshim completions bash)\n");
}

#[test]
fn completion_in_zsh() {
    complete(&ZSH, "source <(goshim completions zsh)\n");
}

/// Options and variables that people set change nothing.
#[test]
fn completion_in_a_bash_of_other_habits() {
    complete(
        &BASH,
        "set -fuC\nIFS=.\nsource <(goshim completions bash)\n",
    );
}

#[test]
fn completion_in_a_zsh_of_other_habits() {
    complete(
        &ZSH,
        "setopt KSH_ARRAYS SH_WORD_SPLIT GLOB_SUBST NO_UNSET NO_CLOBBER\nsource <(goshim completions zsh)\n",
    );
}

#[test]
fn completion_in_fish() {
    complete(&FISH, "goshim completions fish | source\n");
}

#[test]
fn completion_in_elvish() {
    complete(&ELVISH, "eval (goshim completions elvish | slurp)\n");
}

/// Typed with the Tab key: a command, a version that is installed, and one that is published.
fn complete(kind: &'static Kind, line: &str) {
    let user = User::new(kind);
    // Or a shell might complete their names.
    fs_err::remove_dir_all(user.sandbox.project().join("1.21.13")).unwrap();
    fs_err::remove_dir_all(user.sandbox.project().join("1.22.10")).unwrap();
    user.runs("~/.local/bin/goshim setup --yes --quiet");
    let deadline = Instant::now() + PATIENCE;
    let written = loop {
        let rc = fs_err::read_to_string(user.rc()).unwrap();
        if rc.contains("<<< goshim") || Instant::now() > deadline {
            break rc;
        }
        thread::sleep(Duration::from_millis(30));
    };
    fs_err::write(user.rc(), written + line).unwrap();
    user.new_shell();
    // Elvish shows what fits in a list of its own, from which Enter takes the first.
    let tab: &[&str] = if kind.name == "elvish" {
        &["send-keys", "Tab", "Enter"]
    } else {
        &["send-keys", "Tab"]
    };
    for (typed, completed) in [
        ("goshim unins", "goshim uninstall"),
        ("goshim uninstall 1.21.", "goshim uninstall 1.21.13"),
        ("goshim default olds", "goshim default oldstable"),
    ] {
        user.types(typed);
        user.shows(typed);
        user.tmux(tab);
        user.shows(completed);
        user.new_shell();
    }
    // All that fit are listed.
    user.types("goshim install 1.13.1");
    user.shows("1.13.1");
    user.tmux(&["send-keys", "Tab"]);
    if kind.name == "bash" {
        user.tmux(&["send-keys", "Tab"]);
    }
    let screen = user.shows("1.13.15");
    for patch in 10..=15 {
        assert!(
            screen.contains(&format!("1.13.{patch}")),
            "{}:\n{screen}",
            kind.name
        );
    }
}

/// The prompt's helper says what runs, in the time of a process, and nothing where something is wrong.
#[test]
fn prompt() {
    let user = User::new(&BASH);
    let goshim = user.sandbox.home().join(".local/bin/goshim");
    let said = |dir: &Path, arguments: &[&str]| {
        let mut command = user.command(goshim.to_str().unwrap());
        let output = command
            .arg("prompt")
            .args(arguments)
            .current_dir(dir)
            .env("PWD", dir)
            .output()
            .unwrap();
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{output:?}"
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let project = user.sandbox.project();
    assert_eq!(said(&project.join("1.21.13"), &[]), "1.21.13\n");
    assert_eq!(said(&project.join("1.21.13"), &["--project"]), "1.21.13\n");
    assert_eq!(said(user.sandbox.home(), &[]), "1.22.10\n");
    assert_eq!(said(user.sandbox.home(), &["--project"]), "");
    user.sandbox
        .write("project/missing/.go-version", "1.19.1\n");
    assert_eq!(said(&project.join("missing"), &[]), "1.19.1?\n");
    user.sandbox
        .write("project/broken/.go-version", "ba\u{1b}nana\n");
    assert_eq!(said(&project.join("broken"), &[]), "");
    user.sandbox
        .write("home/.config/goshim/config.toml", "= broken");
    assert_eq!(said(&project.join("1.21.13"), &[]), "");
}
