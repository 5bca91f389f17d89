//! docs/guide/screens.md: what a person sees at a terminal of 80 columns, compared with what the program shows.

use std::time::{Duration, Instant};

use goshim_test_support::{ArchiveBuilder, Fault, Terminal, host, page};

use crate::support::World;

const PAGE: &str = include_str!("../../../../docs/guide/screens.md");

/// How long the server of the screen in progress is silent: longer than the screen is looked at.
const SILENCE: Duration = Duration::from_mins(1);

#[test]
fn the_page_shows_what_is_seen() {
    let desk = Desk::new();
    let blocks = page::blocks(PAGE);
    let mut followed = 0;
    for (at, block) in blocks.iter().enumerate() {
        let Some(shown) = blocks.get(at + 1).filter(|next| next.info == "text") else {
            continue;
        };
        let screen = match &*block.info {
            "sh" => desk.screen(&block.text),
            "sh in-progress" => desk.screen_in_progress(&block.text),
            _ => continue,
        };
        assert!(
            page::is_shown(&screen, &shown.text),
            "line {}: {}shows\n{screen}\ninstead of\n{}",
            block.line,
            block.text,
            shown.text
        );
        followed += 1;
    }
    assert!(followed >= 8, "{followed}");
}

/// What is logged while there is a bar stands above it, and nothing is left of the bar.
#[test]
fn the_log_and_the_bar_share_the_terminal() {
    let desk = Desk::new();
    let archive = host::archive_name("go1.27.3");
    let fault = Fault::Truncate(3_000_000);
    desk.world.mirror.set_fault(&archive, Some(fault));
    let screen = desk.screen("goshim -vv install 1.27.3");
    let logged: Vec<_> = screen
        .lines()
        .filter(|line| line.contains("DEBUG"))
        .collect();
    let asked = logged.iter().filter(|line| line.contains(": GET url="));
    assert!(asked.count() >= 3, "{screen}");
    assert!(
        logged.iter().all(|line| line.starts_with("DEBUG ")),
        "{screen}"
    );
    assert!(!screen.contains("MiB"), "{screen}");
}

/// Where a person sits: a home directory with a project, and a mirror.
struct Desk {
    world: World,
}

impl Desk {
    fn new() -> Self {
        let world = World::new(page::PUBLISHED);
        world.sandbox.mkdir("home/app");
        // Large enough that half of it is a bar.
        let mut noise = 1_u32;
        let bytes: Vec<u8> = (0..8_000_000)
            .map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                noise.to_be_bytes()[0]
            })
            .collect();
        let large = ArchiveBuilder::stand_in("go1.27.3").file("go/pkg/large", 0o644, bytes);
        world.publish("go1.27.3", &large.finish());
        Self { world }
    }

    /// A shell at a terminal, in the project, with goshim on PATH.
    fn shell(&self, words: &str) -> Terminal {
        let home = self.world.sandbox.home();
        let script = format!("cd ~/app\n{words}");
        let mut command = self.world.goshim_at("sh".as_ref(), ["-c", &script]);
        let goshim = std::path::Path::new(env!("CARGO_BIN_EXE_goshim"));
        // A Go of this machine's is none of the page's.
        let path = [goshim.parent().unwrap().to_owned(), self.world.tools()];
        let path = std::env::join_paths(path).unwrap();
        command
            .env("PATH", path)
            .env("SHELL", "/bin/sh")
            .env("TERM", "xterm")
            .env("LC_ALL", "C.UTF-8")
            .env_remove("GOSHIM_HOME")
            .current_dir(home);
        Terminal::start(command, COLUMNS, "")
    }

    fn screen(&self, words: &str) -> String {
        let (screen, _) = self.shell(words).finish();
        self.shown(&String::from_utf8_lossy(&screen))
    }

    /// What stands there while the second half of the archive is awaited.
    fn screen_in_progress(&self, words: &str) -> String {
        let archive = host::archive_name("go1.27.3");
        self.world
            .mirror
            .set_fault(&archive, Some(Fault::Stall(SILENCE)));
        let mut terminal = self.shell(words);
        let mut said = Vec::new();
        let started = Instant::now();
        loop {
            let piece = terminal.read();
            let is_over = piece.is_none() || started.elapsed() > SILENCE;
            said.extend(piece.unwrap_or_default());
            let screen = self.shown(&String::from_utf8_lossy(&said));
            if screen.contains("███████") {
                break;
            }
            assert!(!is_over, "no bar: {screen}");
        }
        drop(terminal);
        self.world.mirror.set_fault(&archive, None);
        self.shown(&String::from_utf8_lossy(&said))
    }

    /// The screen after so much output, with the page's names for what differs from run to run.
    fn shown(&self, output: &str) -> String {
        let sandbox = &self.world.sandbox;
        // Before the lines are broken, for the page's names are shorter.
        let output = output
            .replace(sandbox.home().to_str().unwrap(), "/home/you")
            .replace(&self.world.mirror.url(), "https://go.dev/dl/");
        rendered(&output)
    }
}

/// The width of the terminal.
const COLUMNS: u16 = 80;

/// What a terminal shows after so much output: lines, without colours.
fn rendered(output: &str) -> String {
    let mut lines: Vec<Vec<char>> = vec![Vec::new()];
    let (mut row, mut column) = (0, 0);
    let mut rest = output.chars();
    while let Some(c) = rest.next() {
        match c {
            '\n' => {
                row += 1;
                column = 0;
                if row == lines.len() {
                    lines.push(Vec::new());
                }
            }
            '\r' => column = 0,
            '\u{1b}' => {
                let mut number = String::new();
                let end = rest
                    .by_ref()
                    .skip_while(|c| *c == '[' || *c == '?')
                    .find(|c| {
                        number.push(*c);
                        c.is_ascii_alphabetic()
                    });
                let number = number.trim_end_matches(|c: char| !c.is_ascii_digit());
                match end {
                    Some('A') => row = row.saturating_sub(number.parse().unwrap_or(1)),
                    Some('B') => {
                        row += number.parse().unwrap_or(1);
                        lines.resize(lines.len().max(row + 1), Vec::new());
                    }
                    Some('K') if number == "2" => lines[row].clear(),
                    Some('K') => lines[row].truncate(column),
                    Some('m' | 'h' | 'l') | None => {}
                    Some(other) => panic!("the terminal does not know {other}: {output:?}"),
                }
            }
            c => {
                if column == usize::from(COLUMNS) {
                    row += 1;
                    column = 0;
                    lines.insert(row, Vec::new());
                }
                let line = &mut lines[row];
                if column >= line.len() {
                    line.resize(column + 1, ' ');
                }
                line[column] = c;
                column += 1;
            }
        }
    }
    let mut text = String::new();
    for line in lines {
        let line: String = line.into_iter().collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    format!("{}\n", text.trim_end())
}

#[test]
fn a_terminal_is_rendered() {
    assert_eq!(rendered("a\r\n\u{1b}[1mb\u{1b}[0m\r\n"), "a\nb\n");
    assert_eq!(rendered("one\rtw\u{1b}[K\n"), "tw\n");
    assert_eq!(rendered("a\nb\u{1b}[1A\r\u{1b}[2Kc\n"), "c\nb\n");
}
