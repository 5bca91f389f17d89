//! A missing SDK in front of a person, and in front of a program that cannot answer.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use goshim_test_support::{Mirror, Sandbox, host, stand_in};

use crate::product::{goshim, on_path, setup, shown, succeed};

const QUESTION: &str = "Install it? [Y/n]";
const COMMAND: &str = "run goshim install 1.22.10";

/// A project that asks for a release which the mirror has, and the store has not.
struct Ground {
    sandbox: Sandbox,
    mirror: Mirror,
}

impl Ground {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        setup(&sandbox, sandbox.goshim_home());
        let dir = sandbox.mkdir("mirror");
        stand_in::write_mirror(&dir, &["go1.22.10"]);
        let mirror = Mirror::start(&dir).unwrap();
        sandbox.write("project/.go-version", "1.22.10\n");
        Self { sandbox, mirror }
    }

    fn command(&self, program: &str, auto_install: &str) -> Command {
        let mut command = on_path(&self.sandbox, self.sandbox.goshim_home(), program);
        command
            .env("GOSHIM_INDEX_URL", self.mirror.url())
            .env("GOSHIM_AUTO_INSTALL", auto_install)
            .env("TERM", "xterm");
        command
    }

    /// Runs a script of the shell in a terminal of its own, at which somebody types `keys` and then Ctrl-D.
    fn at_a_terminal(&self, auto_install: &str, script: &str, keys: &str) -> Output {
        let mut terminal = self.command("script", auto_install);
        terminal.env("SHELL", "/bin/sh").args([
            "--quiet",
            "--return",
            "--command",
            script,
            "/dev/null",
        ]);
        let mut child = terminal
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(keys.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    }

    fn downloads(&self) -> usize {
        self.mirror.hits(&host::archive_name("go1.22.10"))
    }
}

/// What came out at the terminal.
fn screen(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_person_is_asked_and_the_answer_counts() {
    // Enter alone is yes; the end of input is no answer.
    for (keys, installs) in [
        ("y\n", true),
        ("\n", true),
        ("YES\n", true),
        ("n\n", false),
        ("what?\n", false),
        ("", false),
    ] {
        let ground = Ground::new();
        let output = ground.at_a_terminal("ask", "go version", keys);
        let screen = screen(&output);
        assert!(
            screen.contains(QUESTION) && screen.contains(".go-version:1"),
            "{keys:?}: {}",
            shown(&output)
        );
        assert_eq!(
            output.status.code(),
            Some(if installs { 0 } else { 127 }),
            "{keys:?}: {}",
            shown(&output)
        );
        assert_eq!(
            screen.contains("go version go1.22.10 "),
            installs,
            "{keys:?}: {screen}"
        );
        assert_eq!(screen.contains(COMMAND), !installs, "{keys:?}: {screen}");
        assert_eq!(ground.downloads(), usize::from(installs));
    }
}

#[test]
fn stdout_stays_go_s_while_the_person_is_asked() {
    let ground = Ground::new();
    let output = ground.at_a_terminal("ask", "go version > out", "y\n");
    assert!(
        output.status.success() && screen(&output).contains(QUESTION),
        "{}",
        shown(&output)
    );
    let out = fs_err::read_to_string(ground.sandbox.project().join("out")).unwrap();
    assert!(
        out.starts_with("go version go1.22.10 ") && out.lines().count() == 1,
        "{out}"
    );
}

/// An answer could not be given, or would not be a person's: nothing waits for one.
#[test]
fn who_cannot_answer_is_not_asked() {
    let ground = Ground::new();
    for script in [
        // As programs run it that read its output, with a terminal somewhere above them.
        "go version < /dev/null",
        "go env < /dev/null 2> err; code=$?; cat err; exit $code",
        "go version 2> err; code=$?; cat err; exit $code",
        "true | go version",
        // In the background reading from the terminal would stop it.
        "set -m; go version & wait $!",
    ] {
        let output = ground.at_a_terminal("ask", script, "");
        let screen = screen(&output);
        assert_eq!(
            output.status.code(),
            Some(127),
            "{script}: {}",
            shown(&output)
        );
        assert!(
            screen.contains(COMMAND) && !screen.contains(QUESTION),
            "{script}: {screen}"
        );
    }
    // Without any terminal, and the session's leader.
    for question in [
        &["version"][..],
        &["env"],
        &["env", "-json"],
        &["list", "./..."],
    ] {
        let mut go = ground.command("setsid", "ask");
        go.arg("--wait")
            .arg(ground.sandbox.goshim_home().join("shims/go"))
            .args(question);
        let output = go.stdin(Stdio::null()).output().unwrap();
        assert_eq!(output.status.code(), Some(127), "{}", shown(&output));
        assert!(
            String::from_utf8_lossy(&output.stderr).contains(COMMAND) && output.stdout.is_empty(),
            "{}",
            shown(&output)
        );
    }
    assert_eq!(ground.mirror.requests().len(), 0);
}

#[test]
fn never_says_what_to_run_also_at_a_terminal() {
    let ground = Ground::new();
    let output = ground.at_a_terminal("never", "go version", "y\n");
    let screen = screen(&output);
    assert_eq!(output.status.code(), Some(127), "{}", shown(&output));
    assert!(
        screen.contains(COMMAND) && screen.contains("asked for by") && !screen.contains(QUESTION),
        "{screen}"
    );
    assert_eq!(ground.mirror.requests().len(), 0);
}

/// What the shim hands on to go also survives the installation before it.
#[test]
fn an_installation_succeeds_in_odd_states_and_says_one_line() {
    for script in [
        "trap '' CHLD; exec go version",
        "exec go version 0<&-",
        "exec go version 2>&-",
        "umask 077; exec go version",
        "mkdir gone; cd gone; rmdir ../gone; GOSHIM_VERSION=1.22.10 exec go version",
    ] {
        let ground = Ground::new();
        let mut sh = ground.command("sh", "always");
        let output = sh
            .args(["-c", script])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(output.status.success(), "{script}: {}", shown(&output));
        assert!(
            output.stdout.starts_with(b"go version go1.22.10 "),
            "{script}: {}",
            shown(&output)
        );
        let stderr = String::from_utf8_lossy(&output.stderr);
        let said = stderr
            .lines()
            .filter(|line| line.contains("is not installed"))
            .count();
        assert_eq!(
            said,
            usize::from(!script.contains("2>&-")),
            "{script}: {stderr}"
        );
        assert_eq!(
            succeed(goshim(&ground.sandbox, ground.sandbox.goshim_home()).arg("default")),
            "1.22.10\n"
        );
    }
}
