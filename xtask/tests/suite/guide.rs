//! docs/guide/getting-started.md, followed line by line in real shells on real SDKs.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::product::{product, real_mirror};

const PAGE: &str = include_str!("../../../docs/guide/getting-started.md");

/// The home directory of the page's author.
const HOME_OF_PAGE: &str = "/home/you";

/// A fenced block of the page.
#[derive(Debug)]
struct Block {
    language: String,
    text: String,
    /// Its first line on the page.
    line: usize,
}

fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in PAGE.lines().enumerate() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(language), None) => {
                open = Some(Block {
                    language: language.to_owned(),
                    text: String::new(),
                    line: number + 2,
                });
            }
            (Some(_), Some(block)) => blocks.push(block),
            (None, Some(mut block)) => {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    blocks
}

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
    let blocks = blocks();
    let rc = blocks
        .iter()
        .position(|block| block.language == shell.name)
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
    fn session(&self, blocks: &[Block], first: &str) {
        let mut script = format!("{first}\n");
        for block in blocks.iter().filter(|block| block.language == "sh") {
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
            .filter(|(_, block)| block.language == "sh")
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
                .filter(|next| next.language == "text")
                .map_or("", |next| next.text.as_str());
            let expected = expected.replace(HOME_OF_PAGE, self.home.to_str().unwrap());
            assert!(
                matches(output, &expected),
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

/// Whether what was said is what the page shows, in which `…` stands for anything within a line.
fn matches(said: &str, page: &str) -> bool {
    let (said, page): (Vec<_>, Vec<_>) = (said.lines().collect(), page.lines().collect());
    said.len() == page.len()
        && said
            .iter()
            .zip(page)
            .all(|(said, page)| matches_line(said, page))
}

fn matches_line(said: &str, page: &str) -> bool {
    let mut parts = page.split('…');
    let Some(mut rest) = said.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else {
            return false;
        };
        last = Some(part);
        rest = after;
    }
    // Without a `…` everything must be used up; with one, the end must be the page's end.
    last.map_or(rest.is_empty(), |last| {
        last.is_empty() || said.ends_with(last)
    })
}

#[test]
fn the_comparison_can_fail() {
    assert!(
        matches("a b\nx\n", "a …\nx\n")
            && matches("installed in 2 s", "installed in … s")
            && matches("anything", "…")
    );
    assert!(
        !matches("a b\n", "a c\n")
            && !matches("a\nb\n", "a\n")
            && !matches("installed in 2 m", "installed in … s")
            && !matches("ab", "a")
    );
}
