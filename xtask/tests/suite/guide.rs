//! docs/guide/getting-started.md, followed line by line in real shells on real SDKs.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use goshim_test_support::page;

use crate::product::{product, real_mirror};

const PAGE: &str = include_str!("../../../docs/guide/getting-started.md");

/// The home directory of the page's author.
const HOME_OF_PAGE: &str = "/home/you";

/// A shell, the file that it reads when it starts, and the words that make it read it here.
struct Shell {
    name: &'static str,
    rc: &'static str,
    source: &'static str,
}

#[test]
fn in_bash() {
    follow(&Shell {
        name: "bash",
        rc: ".bashrc",
        source: "source ~/.bashrc",
    });
}

#[test]
fn in_zsh() {
    follow(&Shell {
        name: "zsh",
        rc: ".zshrc",
        source: "source ~/.zshrc",
    });
}

#[test]
fn in_fish() {
    // fish reads its configuration by itself.
    follow(&Shell {
        name: "fish",
        rc: ".config/fish/config.fish",
        source: "",
    });
}

fn follow(shell: &Shell) {
    product();
    let home = tempfile::Builder::new()
        .prefix("goshim-guide-")
        .tempdir()
        .unwrap();
    let home = Follower {
        shell,
        home: fs_err::canonicalize(home.path()).unwrap(),
        _removed_on_drop: home,
    };
    let blocks = page::blocks(PAGE);
    let rc = blocks
        .iter()
        .position(|block| block.info == shell.name)
        .expect("a block for the start-up file");
    // The first shell, in which everything is built, installed and set up.
    home.session(&blocks[..rc], "");
    let lines = blocks[rc]
        .text
        .replace(HOME_OF_PAGE, home.home.to_str().unwrap());
    let file = home.home.join(shell.rc);
    assert_eq!(
        fs_err::read_to_string(&file).unwrap(),
        lines,
        "{}: setup writes the lines that the page has",
        shell.name
    );
    // The new shell.
    home.session(&blocks[rc + 1..], shell.source);
    let names = [
        ".local/share/goshim",
        ".local/state/goshim",
        ".local/bin/goshim",
        "goshim-tour",
        shell.rc,
    ];
    let left: Vec<_> = names
        .iter()
        .filter(|name| home.home.join(name).exists())
        .collect();
    assert!(left.is_empty(), "{}: {left:?} is left", shell.name);
}

struct Follower<'a> {
    shell: &'a Shell,
    home: PathBuf,
    _removed_on_drop: tempfile::TempDir,
}

impl Follower<'_> {
    /// Runs the commands of `blocks` in one shell and compares what each block says.
    fn session(&self, blocks: &[page::Block], first: &str) {
        let mut script = format!("{first}\n");
        for block in blocks.iter().filter(|block| block.info == "sh") {
            write!(script, "echo '@@{}'\n{}", block.line, block.text).unwrap();
        }
        let (mut reader, writer) = std::io::pipe().unwrap();
        let mut command = Command::new(self.shell.name);
        self.environment(&mut command);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(writer.try_clone().unwrap())
            .stderr(writer)
            .spawn()
            .expect("the shell is installed");
        // The command holds the pipe's other end.
        drop(command);
        child
            .stdin
            .take()
            .unwrap()
            .write_all(script.as_bytes())
            .unwrap();
        let mut said = String::new();
        reader.read_to_string(&mut said).unwrap();
        assert!(
            child.wait().unwrap().success(),
            "{}: {said}",
            self.shell.name
        );
        let mut outputs = said.split("@@").skip(1);
        for (index, block) in blocks
            .iter()
            .enumerate()
            .filter(|(_, block)| block.info == "sh")
        {
            let output = outputs.next().unwrap_or_else(|| {
                panic!(
                    "{}: nothing of line {}: {said}",
                    self.shell.name, block.line
                )
            });
            let (line, output) = output.split_once('\n').unwrap();
            assert_eq!(line, block.line.to_string(), "{}: {said}", self.shell.name);
            let expected = blocks
                .get(index + 1)
                .filter(|next| next.info == "text")
                .map_or("", |next| next.text.as_str());
            let expected = expected.replace(HOME_OF_PAGE, self.home.to_str().unwrap());
            assert!(
                page::is_shown(output, &expected),
                "{}, line {}:\n{}\nsays\n{output}\ninstead of\n{expected}",
                self.shell.name,
                block.line,
                block.text
            );
        }
    }

    /// A new user's environment, with cargo and the loopback mirror.
    #[expect(
        clippy::disallowed_methods,
        reason = "where this machine's cargo is, the test's own process knows"
    )]
    fn environment(&self, command: &mut Command) {
        let cargo = std::env::var_os("CARGO").map(PathBuf::from).unwrap();
        let own_home = std::env::var_os("HOME").map(PathBuf::from).unwrap();
        let of = |variable: &str, fallback: &str| {
            std::env::var_os(variable).map_or_else(|| own_home.join(fallback), PathBuf::from)
        };
        let path = format!(
            "{}:/usr/local/bin:/usr/bin:/bin",
            cargo.parent().unwrap().display()
        );
        command
            .env_clear()
            .env("HOME", &self.home)
            .env("PATH", path)
            .env("LC_ALL", "C.UTF-8")
            .env("SHELL", format!("/usr/bin/{}", self.shell.name));
        command
            .env("CARGO_HOME", of("CARGO_HOME", ".cargo"))
            .env("RUSTUP_HOME", of("RUSTUP_HOME", ".rustup"));
        command.env("GOSHIM_INDEX_URL", real_mirror().url());
        command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap());
    }
}
