//! Directories and environments as nobody wants them: each has its defined outcome, for the shim and for `goshim why` alike. Nothing
//! hangs, nothing panics, nothing prints what steers a terminal.

#![expect(clippy::too_many_lines, reason = "tables")]

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use fs_err::os::unix::fs::symlink;
use goshim_test_support::Sandbox;

use crate::product::{goshim, product, setup, shown, succeed};

/// What the directory above asks for.
const ABOVE: &str = "go1.23.4";
/// What the user's default asks for.
const DEFAULT: &str = "go1.22.10";
/// When a program counts as hanging, and is killed. The figure that is promised is one second; it is measured and printed.
const WATCHDOG: Duration = Duration::from_secs(10);

/// A case of the table.
struct Case {
    name: &'static str,
    arrange: fn(&mut Place),
    outcome: Outcome,
    /// What `goshim why` says of it beside the outcome.
    note: &'static str,
    /// Whether it needs files of another user, or must not be run as root: then root sets it up.
    needs_root: bool,
}

/// What must come of it.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    /// This Go runs.
    Runs(&'static str),
    /// This Go is missing: the shim names the command that installs it.
    Misses(&'static str),
    /// No Go runs, and the message has this in it. The shim's exit code.
    Refuses(u8, &'static str),
}
use Outcome::{Misses, Refuses, Runs};

/// A directory below one with a `.go-version` that says [`ABOVE`], and how the programs are called in it.
struct Place {
    sandbox: Sandbox,
    /// The working directory.
    dir: PathBuf,
    /// Variables, and those that are removed.
    variables: Vec<(&'static str, Option<OsString>)>,
    /// What a shell does first.
    script: Option<&'static str>,
    /// Whether somebody else than the owner of the files calls.
    is_stranger: bool,
}

impl Place {
    fn new(store: &Sandbox) -> Self {
        let sandbox = Sandbox::new();
        sandbox.write("project/.go-version", "1.23.4\n");
        let dir = sandbox.mkdir("project/in");
        open_to_all(&sandbox);
        Self {
            dir,
            variables: vec![
                ("GOSHIM_HOME", Some(store.goshim_home().into())),
                ("GOSHIM_OFFLINE", Some("1".into())),
            ],
            script: None,
            is_stranger: false,
            sandbox,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs_err::write(&path, contents).unwrap();
        path
    }

    /// A file of `size` bytes that takes no room.
    fn sparse(&self, name: &str, size: u64) {
        let file = fs_err::File::create(self.path(name)).unwrap();
        file.set_len(size).unwrap();
    }

    fn fifo(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        succeed(Command::new("mkfifo").arg(&path));
        path
    }

    fn socket(&self, name: &str) {
        drop(UnixListener::bind(self.path(name)).unwrap());
    }

    fn link(&self, target: impl AsRef<Path>, name: &str) {
        symlink(target.as_ref(), self.path(name)).unwrap();
    }

    fn mode(path: &Path, mode: u32) {
        fs_err::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    }

    /// A file that the caller may not read.
    fn unreadable(&mut self, name: &str, contents: &str) {
        Self::mode(&self.write(name, contents), 0o600);
        self.is_stranger = true;
    }

    /// A file that somebody else put into a directory that everybody may write to.
    fn planted(&self, name: &str, contents: &str) {
        let file = self.write(name, contents);
        std::os::unix::fs::lchown(&file, Some(12345), Some(12345)).unwrap();
        Self::mode(&self.dir, 0o1777);
    }

    fn variable(&mut self, name: &'static str, value: impl Into<OsString>) {
        self.variables.push((name, Some(value.into())));
    }

    fn without(&mut self, name: &'static str) {
        self.variables.push((name, None));
    }

    /// No pin file but this one's, so that the user's default runs where nothing else does.
    fn no_pin_above(&self) {
        fs_err::remove_file(self.sandbox.project().join(".go-version")).unwrap();
    }

    /// A go.mod above that asks for [`ABOVE`], and no pin file.
    fn module_above(&self) {
        self.no_pin_above();
        self.sandbox.write(
            "project/go.mod",
            "module m\n\ngo 1.23\n\ntoolchain go1.23.4\n",
        );
    }

    /// `program`, called here.
    fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut words: Vec<OsString> = Vec::new();
        if self.is_stranger {
            let stranger = [
                "setpriv",
                "--reuid=54321",
                "--regid=54321",
                "--clear-groups",
                "--",
            ];
            words.extend(stranger.map(OsString::from));
        }
        if let Some(script) = self.script {
            words.extend(["sh", "-c", script, "sh"].map(OsString::from));
        }
        words.push(program.into());
        words.extend(arguments.iter().map(OsString::from));
        let mut command = self.sandbox.command(&words[0]);
        command.args(&words[1..]).current_dir(&self.dir);
        command.env("PWD", &self.dir);
        for (name, value) in &self.variables {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }
}

/// Lets every user into the sandbox.
fn open_to_all(sandbox: &Sandbox) {
    let around = sandbox.root().parent().unwrap();
    Place::mode(around, 0o755);
}

fn is_root(sandbox: &Sandbox) -> bool {
    fs_err::metadata(sandbox.root()).unwrap().uid() == 0
}

/// Runs a command to its end, which must come soon. Returns what it did, and how long it took.
fn timed(mut command: Command) -> (Output, Duration) {
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A full pipe would stop it.
    let stdout = drain(child.stdout.take().unwrap());
    let stderr = drain(child.stderr.take().unwrap());
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > WATCHDOG {
            child.kill().unwrap();
            panic!("{command:?} hangs");
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let took = started.elapsed();
    let output = Output {
        status,
        stdout: stdout.join().unwrap(),
        stderr: stderr.join().unwrap(),
    };
    (output, took)
}

/// Reads to the end, elsewhere.
fn drain(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

fn case(name: &'static str, outcome: Outcome, arrange: fn(&mut Place)) -> Case {
    Case {
        name,
        arrange,
        outcome,
        note: "",
        needs_root: false,
    }
}

impl Case {
    fn noting(self, note: &'static str) -> Self {
        Self { note, ..self }
    }
}

/// A case with two users.
fn as_root(name: &'static str, outcome: Outcome, arrange: fn(&mut Place)) -> Case {
    Case {
        needs_root: true,
        ..case(name, outcome, arrange)
    }
}

/// What is called like a pin file and is none is passed over: the one above counts.
fn no_pin_files() -> Vec<Case> {
    vec![
        case("FIFO .go-version", Runs(ABOVE), |place| {
            place.fifo(".go-version");
        })
        .noting(".go-version: not a regular file"),
        case("FIFO .tool-versions", Runs(ABOVE), |place| {
            place.fifo(".tool-versions");
        }),
        case("FIFO .goshim.toml", Runs(ABOVE), |place| {
            place.fifo(".goshim.toml");
        })
        .noting(".goshim.toml: not a regular file"),
        case("socket .go-version", Runs(ABOVE), |place| {
            place.socket(".go-version");
        })
        .noting(".go-version: not a regular file"),
        case("directories of these names", Runs(ABOVE), |place| {
            for name in [".go-version", ".tool-versions", ".goshim.toml"] {
                fs_err::create_dir(place.path(name)).unwrap();
            }
        }),
        case("link to /dev/zero", Runs(ABOVE), |place| {
            place.link("/dev/zero", ".go-version");
        })
        .noting(".go-version: not a regular file"),
        case("link to /dev/null", Runs(ABOVE), |place| {
            place.link("/dev/null", ".go-version");
        }),
        case("link to /dev/stdin", Runs(ABOVE), |place| {
            place.link("/dev/stdin", ".tool-versions");
        }),
        case("link to a terminal's device", Runs(ABOVE), |place| {
            place.link("/dev/tty", ".goshim.toml");
        }),
        as_root("device of our own", Runs(ABOVE), |place| {
            let mut mknod = Command::new("mknod");
            succeed(mknod.arg(place.path(".go-version")).args(["c", "1", "5"]));
        }),
        case("dangling link", Runs(ABOVE), |place| {
            place.link("nowhere", ".go-version");
        }),
        case("link to itself", Runs(ABOVE), |place| {
            place.link(".go-version", ".go-version");
        }),
        case("two links to each other", Runs(ABOVE), |place| {
            place.link(".tool-versions", ".go-version");
            place.link(".go-version", ".tool-versions");
        }),
        case("chain of 50 links", Runs(ABOVE), |place| {
            place.write("0", "1.22.10\n");
            for number in 1..50 {
                place.link((number - 1).to_string(), &number.to_string());
            }
            place.link("49", ".go-version");
        }),
        case("link through a file", Runs(ABOVE), |place| {
            place.write("file", "");
            place.link("file/x", ".go-version");
        }),
        case("link to a FIFO", Runs(ABOVE), |place| {
            place.fifo("fifo");
            place.link("fifo", ".go-version");
        }),
        case("link to a directory", Runs(ABOVE), |place| {
            place.link("..", ".goshim.toml");
        }),
        case("link with a name that is too long", Runs(ABOVE), |place| {
            place.link("x".repeat(300), ".go-version");
        }),
    ]
}

/// A pin file that is there and cannot be read is never as if it were not there.
fn bad_pin_files() -> Vec<Case> {
    vec![
        as_root(
            "unreadable .go-version",
            Refuses(1, "in/.go-version: Permission denied"),
            |place| {
                place.unreadable(".go-version", "1.22.10\n");
            },
        ),
        as_root(
            "unreadable .tool-versions",
            Refuses(1, "in/.tool-versions: Permission denied"),
            |place| {
                place.unreadable(".tool-versions", "golang 1.22.10\n");
            },
        ),
        as_root(
            "unreadable .goshim.toml",
            Refuses(1, "in/.goshim.toml: Permission denied"),
            |place| {
                place.unreadable(".goshim.toml", "");
            },
        ),
        as_root(
            "link to an unreadable file",
            Refuses(1, "in/.go-version: Permission denied"),
            |place| {
                place.unreadable("file", "1.22.10\n");
                place.link("file", ".go-version");
            },
        ),
        case(
            "10 MB .go-version",
            Refuses(1, "in/.go-version is larger than 4096 bytes"),
            |place| {
                place.write(".go-version", "1.22.10\n".repeat(10 << 17));
            },
        ),
        case(
            "8 GiB .go-version",
            Refuses(1, "in/.go-version is larger than 4096 bytes"),
            |place| {
                place.sparse(".go-version", 8 << 30);
            },
        ),
        case(
            "100 MB .tool-versions",
            Refuses(1, "in/.tool-versions is larger than 65536 bytes"),
            |place| {
                place.sparse(".tool-versions", 100 << 20);
            },
        ),
        case(
            "100 MB .goshim.toml",
            Refuses(1, "in/.goshim.toml is larger than 65536 bytes"),
            |place| {
                place.sparse(".goshim.toml", 100 << 20);
            },
        ),
        case("64 KiB .tool-versions", Runs(DEFAULT), |place| {
            let line = "golang 1.22.10\n";
            place.write(".tool-versions", line.repeat((64 << 10) / line.len()));
        }),
        case("thousands of series on one line", Misses("1.19"), |place| {
            let series = "1.19 ".repeat((60 << 10) / 5);
            place.write(".tool-versions", format!("golang {series}\n"));
        }),
        case(
            "thousands of releases on one line",
            Misses("1.19.5"),
            |place| {
                let releases = "1.19.5 ".repeat((60 << 10) / 7);
                place.write(".tool-versions", format!("golang {releases}\n"));
            },
        ),
        case(
            "contents that are no text",
            Refuses(1, "in/.go-version:1: it is not text"),
            |place| {
                place.write(".go-version", b"1.22\xff\n");
            },
        ),
        case(
            "contents with NULs",
            Refuses(1, "in/.go-version:1: `1.22\\u{0}"),
            |place| {
                place.write(".go-version", b"1.22\0.10\n");
            },
        ),
        case(
            "contents that steer a terminal",
            Refuses(1, "in/.go-version:2: `\\u{1b}]0;x\\u{7}\\u{202e}`"),
            |place| {
                place.write(".go-version", "# c\n\u{1b}]0;x\u{7}\u{202e}\n");
            },
        ),
        case(
            "empty .go-version",
            Refuses(1, "in/.go-version:1: it names no version"),
            |place| {
                place.write(".go-version", "");
            },
        ),
        case(
            "arrays in arrays in .goshim.toml",
            Refuses(1, "in/.goshim.toml:1:"),
            |place| {
                place.write(".goshim.toml", format!("x = {}", "[".repeat(60_000)));
            },
        ),
        case(
            "tables in tables in .goshim.toml",
            Refuses(1, "in/.goshim.toml:1:"),
            |place| {
                place.write(".goshim.toml", format!("{}x = 1", "a.".repeat(30_000)));
            },
        ),
        case(
            "inline tables in .goshim.toml",
            Refuses(1, "in/.goshim.toml:1:"),
            |place| {
                place.write(".goshim.toml", format!("go = {}", "{a=".repeat(20_000)));
            },
        ),
    ]
}

/// go.mod and go.work are read by cmd/go's rules, except that what blocks or is huge is an error.
fn module_files() -> Vec<Case> {
    vec![
        case(
            "FIFO go.mod",
            Refuses(1, "in/go.mod is not a regular file"),
            |place| {
                place.fifo("go.mod");
            },
        ),
        case(
            "FIFO go.work",
            Refuses(1, "in/go.work is not a regular file"),
            |place| {
                place.fifo("go.work");
            },
        ),
        case(
            "socket go.mod",
            Refuses(1, "in/go.mod is not a regular file"),
            |place| {
                place.socket("go.mod");
            },
        ),
        case(
            "go.mod that is /dev/zero",
            Refuses(1, "in/go.mod is not a regular file"),
            |place| {
                place.link("/dev/zero", "go.mod");
            },
        ),
        case("go.mod that is /dev/null", Runs(DEFAULT), |place| {
            place.module_above();
            place.link("/dev/null", "go.mod");
        }),
        case("directory go.mod", Runs(ABOVE), |place| {
            place.module_above();
            fs_err::create_dir(place.path("go.mod")).unwrap();
            fs_err::create_dir(place.path("go.work")).unwrap();
        }),
        case("dangling go.mod", Runs(ABOVE), |place| {
            place.module_above();
            place.link("nowhere", "go.mod");
            place.link("nowhere", "go.work");
        }),
        case("go.mod that leads to itself", Runs(ABOVE), |place| {
            place.module_above();
            place.link("go.mod", "go.mod");
        }),
        as_root(
            "unreadable go.mod",
            Refuses(1, "in/go.mod: Permission denied"),
            |place| {
                place.unreadable("go.mod", "module m\n\ngo 1.23\n");
            },
        ),
        case(
            "100 MB go.mod",
            Refuses(1, "in/go.mod is larger than 16777216 bytes"),
            |place| {
                place.sparse("go.mod", 100 << 20);
            },
        ),
        case(
            "100 MB go.work",
            Refuses(1, "in/go.work is larger than 16777216 bytes"),
            |place| {
                place.sparse("go.work", 100 << 20);
            },
        ),
        case(
            "16 MiB of newlines before the go line",
            Runs(ABOVE),
            |place| {
                place.no_pin_above();
                let line = "go 1.23.4";
                let newlines = "\n".repeat((16 << 20) - line.len());
                place.write("go.mod", newlines + line);
            },
        ),
        case("16 MiB in one line", Runs(DEFAULT), |place| {
            place.no_pin_above();
            place.write("go.mod", " ".repeat(16 << 20));
        }),
        case("16 MiB of what is no text", Runs(DEFAULT), |place| {
            place.no_pin_above();
            place.write("go.mod", [0xc2].repeat(16 << 20));
        }),
        case(
            "GOWORK that is a FIFO",
            Refuses(1, "in/fifo is not a regular file"),
            |place| {
                let fifo = place.fifo("fifo");
                place.variable("GOWORK", fifo);
            },
        ),
        case(
            "GOWORK that is a directory",
            Refuses(1, "/in is not a regular file"),
            |place| {
                place.variable("GOWORK", place.dir.clone());
            },
        ),
        case("GOWORK that is not there", Runs(ABOVE), |place| {
            place.variable("GOWORK", place.path("nowhere"));
        }),
        case(
            "relative GOWORK",
            Refuses(1, "invalid GOWORK `go.work\\u{1b}`"),
            |place| {
                place.variable("GOWORK", "go.work\u{1b}");
            },
        ),
    ]
}

/// Working directories.
fn directories() -> Vec<Case> {
    vec![
        case("deleted directory", Runs(DEFAULT), |place| {
            place.script = Some("mkdir gone && cd gone && rmdir ../gone && exec \"$@\"");
        }),
        case(
            "deleted directory with a PWD that is there",
            Runs(DEFAULT),
            |place| {
                place.script =
                    Some("mkdir gone && cd gone && rmdir ../gone && PWD=${PWD%/gone} exec \"$@\"");
            },
        ),
        case("directory replaced by another", Runs(DEFAULT), |place| {
            place.write(".go-version", "1.22.10\n");
            place.script =
                Some("mkdir gone && cd gone && rmdir ../gone && mkdir ../gone && exec \"$@\"");
        }),
        case("path longer than PATH_MAX", Runs(ABOVE), |place| {
            place.script = Some(
                "exec bash -c 'n=$(printf %0200d 0); for i in {1..30}; do mkdir $n && cd $n || exit 9; done; unset PWD; exec \"$@\"' bash \"$@\"",
            );
        }),
        case("path just below PATH_MAX", Runs(ABOVE), |place| {
            // The directory has a name, and the files in it have none that can be opened.
            let name = "n".repeat(200);
            while place.dir.as_os_str().len() < 4080 - name.len() {
                place.dir.push(&name);
            }
            let rest = 4088 - place.dir.as_os_str().len();
            place.dir.push("r".repeat(rest));
            fs_err::create_dir_all(&place.dir).unwrap();
        }),
        case("path that is not UTF-8", Runs(DEFAULT), |place| {
            place.dir.push(OsStr::from_bytes(b"n\xff\n \"$(x)\""));
            fs_err::create_dir(&place.dir).unwrap();
            place.write(".go-version", "1.22.10\n");
        }),
        case(
            "bad file in a path that is not UTF-8",
            Refuses(1, "\u{fffd}\\u{a} \\u{1b}[31m/.go-version:1: "),
            |place| {
                place.dir.push(OsStr::from_bytes(b"n\xff\n \x1b[31m"));
                fs_err::create_dir(&place.dir).unwrap();
                place.write(".go-version", "x\n");
            },
        ),
        as_root("directory that may not be listed", Runs(DEFAULT), |place| {
            place.write(".go-version", "1.22.10\n");
            Place::mode(&place.dir, 0o711);
            place.is_stranger = true;
        }),
        as_root(
            "directory above that may not be entered",
            Runs(DEFAULT),
            |place| {
                place.dir.push("sub");
                fs_err::create_dir(&place.dir).unwrap();
                Place::mode(place.sandbox.project(), 0o700);
                place.is_stranger = true;
            },
        )
        .noting("it may not be entered"),
        as_root(
            "working directory that may not be entered",
            Runs(ABOVE),
            |place| {
                place.write(".go-version", "1.22.10\n");
                Place::mode(&place.dir, 0o600);
                place.is_stranger = true;
            },
        )
        .noting("/project/in: it may not be entered"),
        case("PWD that lies", Runs(ABOVE), |place| {
            place
                .sandbox
                .write("project/other/.go-version", "1.22.10\n");
            place.variable("PWD", place.sandbox.project().join("other"));
        }),
        case("relative PWD", Runs(ABOVE), |place| {
            place
                .sandbox
                .write("project/in/in/.go-version", "1.22.10\n");
            place.variable("PWD", "in");
        }),
        case("PWD of 100 KB that is not UTF-8", Runs(ABOVE), |place| {
            let mut pwd = vec![b'/'];
            pwd.extend([0xff].repeat(100 << 10));
            place.variable("PWD", OsString::from_vec(pwd));
        }),
        case("PWD that is a FIFO", Runs(ABOVE), |place| {
            let fifo = place.fifo("fifo");
            place.variable("PWD", fifo);
        }),
        case("PWD through a linked directory", Runs(DEFAULT), |place| {
            place.sandbox.write("linked/.go-version", "1.22.10\n");
            let link = place.sandbox.root().join("linked/in");
            symlink(&place.dir, &link).unwrap();
            place.variable("PWD", link);
        }),
    ]
}

/// What others plant where everybody may write (A18).
fn planted() -> Vec<Case> {
    vec![
        as_root("planted .go-version", Runs(ABOVE), |place| {
            place.planted(".go-version", "1.22.10\n");
        })
        .noting("somebody else's file"),
        as_root("planted .tool-versions", Runs(ABOVE), |place| {
            place.planted(".tool-versions", "golang 1.22.10\n");
        }),
        as_root(
            "planted .goshim.toml that is broken",
            Runs(ABOVE),
            |place| {
                place.planted(".goshim.toml", "[env]\n");
            },
        ),
        as_root("planted .go-version that is broken", Runs(ABOVE), |place| {
            place.planted(".go-version", "../../evil\n");
        }),
        as_root("planted .go-version that is huge", Runs(ABOVE), |place| {
            place.planted(".go-version", "");
            place.sparse(".go-version", 1 << 30);
        })
        .noting("somebody else's file"),
        as_root("planted link to somebody's file", Runs(ABOVE), |place| {
            place.sandbox.write("home/go-version", "1.22.10\n");
            let target = place.sandbox.home().join("go-version");
            place.link(target, ".go-version");
            let link = place.path(".go-version");
            std::os::unix::fs::lchown(link, Some(12345), Some(12345)).unwrap();
            Place::mode(&place.dir, 0o1777);
        })
        .noting("somebody else's file"),
        as_root(
            "planted file that only its owner may read",
            Runs(ABOVE),
            |place| {
                place.planted(".go-version", "1.22.10\n");
                Place::mode(&place.path(".go-version"), 0o600);
                place.is_stranger = true;
            },
        ),
        as_root(
            "root's file where everybody may write",
            Runs(DEFAULT),
            |place| {
                place.write(".go-version", "1.22.10\n");
                Place::mode(&place.dir, 0o777);
                place.is_stranger = true;
            },
        ),
        as_root(
            "one's own file where everybody may write",
            Runs(DEFAULT),
            |place| {
                place.write(".go-version", "1.22.10\n");
                std::os::unix::fs::chown(place.path(".go-version"), Some(54321), None).unwrap();
                Place::mode(&place.dir, 0o777);
                place.is_stranger = true;
            },
        ),
    ]
}

/// Variables.
fn variables() -> Vec<Case> {
    vec![
        case("no HOME", Runs(ABOVE), |place| place.without("HOME")),
        case("empty HOME", Runs(ABOVE), |place| {
            place.variable("HOME", "");
        }),
        case("relative HOME", Runs(ABOVE), |place| {
            place.variable("HOME", ".");
        }),
        case("HOME that is /", Runs(ABOVE), |place| {
            place.variable("HOME", "/");
        }),
        case("HOME that is not UTF-8", Runs(ABOVE), |place| {
            place.variable("HOME", OsString::from_vec(b"/\xff\n".to_vec()));
        }),
        case("HOME that is a FIFO", Runs(ABOVE), |place| {
            let fifo = place.sandbox.root().join("fifo");
            fs_err::rename(place.fifo("fifo"), &fifo).unwrap();
            place.variable("HOME", fifo);
        }),
        case("HOME that is the project", Runs(DEFAULT), |place| {
            let project = place.sandbox.project().to_owned();
            place.variable("HOME", project);
        })
        .noting("a default, not a pin"),
        case(
            "relative GOSHIM_HOME",
            Refuses(1, "GOSHIM_HOME is not an absolute path: x\\u{1b}"),
            |place| {
                place.variable("GOSHIM_HOME", "x\u{1b}");
            },
        ),
        case("GOSHIM_HOME that is not there", Misses("1.23.4"), |place| {
            place.variable("GOSHIM_HOME", "/nonexistent");
        }),
        case("GOSHIM_HOME that is a file", Misses("1.23.4"), |place| {
            place.variable("GOSHIM_HOME", "/dev/null");
        }),
        case("SDKs that are FIFOs", Misses("1.23.4"), |place| {
            fs_err::create_dir_all(place.path("home/sdks")).unwrap();
            place.fifo("home/sdks/go1.23.4");
            place.variable("GOSHIM_HOME", place.path("home"));
        }),
        case(
            "sdks that is a FIFO",
            Refuses(1, "home/sdks: Not a directory"),
            |place| {
                place.write(".go-version", "1.22\n");
                fs_err::create_dir_all(place.path("home")).unwrap();
                place.fifo("home/sdks");
                place.variable("GOSHIM_HOME", place.path("home"));
            },
        ),
        as_root(
            "store that may not be listed",
            Refuses(1, "home/sdks: Permission denied"),
            |place| {
                place.write(".go-version", "1.22\n");
                fs_err::create_dir_all(place.path("home/sdks")).unwrap();
                Place::mode(&place.path("home/sdks"), 0o700);
                place.variable("GOSHIM_HOME", place.path("home"));
                place.is_stranger = true;
            },
        ),
        case("default that is a FIFO", Misses("1.21"), |place| {
            place.no_pin_above();
            place.write("go.mod", "go 1.21.5\n");
            fs_err::create_dir_all(place.path("home/state")).unwrap();
            place.fifo("home/state/default");
            place.variable("GOSHIM_HOME", place.path("home"));
        }),
        case(
            "default that is no query",
            Refuses(1, "state/default:1: `\\u{1b}` is not a Go version"),
            |place| {
                place.no_pin_above();
                fs_err::create_dir_all(place.path("home/state")).unwrap();
                place.write("home/state/default", "\u{1b}\n");
                place.variable("GOSHIM_HOME", place.path("home"));
            },
        ),
        case("config.toml that is a FIFO", Runs(ABOVE), |place| {
            fs_err::create_dir_all(place.path("goshim")).unwrap();
            place.fifo("goshim/config.toml");
            place.variable("XDG_CONFIG_HOME", place.dir.clone());
        }),
        case(
            "config.toml that is huge",
            Refuses(1, "goshim/config.toml is larger than 65536 bytes"),
            |place| {
                fs_err::create_dir_all(place.path("goshim")).unwrap();
                place.sparse("goshim/config.toml", 100 << 20);
                place.variable("XDG_CONFIG_HOME", place.dir.clone());
            },
        ),
        case(
            "config.toml that is no text",
            Refuses(1, "goshim/config.toml: it is not UTF-8"),
            |place| {
                fs_err::create_dir_all(place.path("goshim")).unwrap();
                place.write("goshim/config.toml", b"\xff");
                place.variable("XDG_CONFIG_HOME", place.dir.clone());
            },
        ),
        case("GOENV that is a FIFO", Runs(DEFAULT), |place| {
            place.no_pin_above();
            let fifo = place.fifo("fifo");
            place.variable("GOENV", fifo);
        }),
        case("GOENV that is /dev/zero", Runs(ABOVE), |place| {
            place.variable("GOENV", "/dev/zero");
        }),
        case("GOENV that is a directory", Runs(ABOVE), |place| {
            place.variable("GOENV", ".");
        }),
        case(
            "GOENV that is huge",
            Refuses(1, "in/env is larger than 16777216 bytes"),
            |place| {
                place.sparse("env", 100 << 20);
                place.variable("GOENV", "env");
            },
        ),
        as_root(
            "GOENV that may not be read",
            Refuses(1, "in/env: Permission denied"),
            |place| {
                place.unreadable("env", "");
                place.variable("GOENV", "env");
            },
        ),
        case(
            "GOSHIM_VERSION that is not UTF-8",
            Refuses(1, "GOSHIM_VERSION: `\u{fffd}\\u{1b}` is not"),
            |place| {
                place.variable("GOSHIM_VERSION", OsString::from_vec(b"\xff\x1b".to_vec()));
            },
        ),
        case(
            "GOSHIM_VERSION of 100 KB",
            Refuses(1, "GOSHIM_VERSION: `9999"),
            |place| {
                place.variable("GOSHIM_VERSION", "9".repeat(100 << 10));
            },
        ),
        case(
            "GOTOOLCHAIN that is hostile",
            Refuses(1, "invalid GOTOOLCHAIN `../go\\u{1b}`"),
            |place| {
                place.variable("GOTOOLCHAIN", "../go\u{1b}");
            },
        ),
        case("GOSHIM_CEILING that is nothing", Runs(ABOVE), |place| {
            place.variable(
                "GOSHIM_CEILING",
                OsString::from_vec(b":\xff::relative:/nonexistent".to_vec()),
            );
        }),
        case(
            "PATH with nothing but traps",
            Refuses(127, "PATH has no go but goshim's own"),
            |place| {
                place.write(".go-version", "system\n");
                Place::mode(&place.write("go", "#!/bin/sh\necho planted\n"), 0o755);
                for (dir, target) in [
                    ("loop", "go"),
                    ("null", "/dev/null"),
                    ("dangling", "nowhere"),
                ] {
                    fs_err::create_dir(place.path(dir)).unwrap();
                    place.link(target, &format!("{dir}/go"));
                }
                fs_err::create_dir_all(place.path("dir/go")).unwrap();
                fs_err::create_dir(place.path("fifo")).unwrap();
                place.fifo("fifo/go");
                let mut path = OsString::from(".::relative:/nonexistent");
                for dir in ["loop", "null", "dangling", "dir", "fifo"] {
                    path.push(":");
                    path.push(place.path(dir));
                }
                place.variable("PATH", path);
            },
        ),
        case(
            "PATH of 10,000 entries",
            Refuses(127, "PATH has no go but goshim's own"),
            |place| {
                place.write(".go-version", "system\n");
                place.variable("PATH", "/nonexist:".repeat(10_000));
            },
        ),
        case(
            "no PATH",
            Refuses(127, "PATH has no go but goshim's own"),
            |place| {
                place.write(".go-version", "system\n");
                place.without("PATH");
            },
        ),
        case("an environment without anything", Runs(ABOVE), |place| {
            for name in ["HOME", "PATH", "PWD", "TMPDIR", "LC_ALL", "NO_COLOR"] {
                place.without(name);
            }
        }),
        case("8 open files", Runs(ABOVE), |place| {
            place.script = Some("ulimit -n 8; exec \"$@\"");
        }),
        case("64 MiB of memory", Runs(ABOVE), |place| {
            place.script = Some("ulimit -v 65536; exec \"$@\"");
        }),
        case("stdin and stderr closed", Runs(ABOVE), |place| {
            place.script = Some("exec \"$@\" <&- 2>&-");
        }),
    ]
}

/// A store with two SDKs, a default, and the programs, where everybody may read them.
fn store() -> (Sandbox, PathBuf, PathBuf) {
    let store = Sandbox::new();
    open_to_all(&store);
    setup(&store, store.goshim_home());
    for toolchain in [ABOVE, DEFAULT] {
        store.install_stand_in(toolchain);
    }
    let version = DEFAULT.trim_start_matches("go");
    succeed(goshim(&store, store.goshim_home()).args(["default", version]));
    let [shim, program] = [&product().shim, &product().goshim].map(|program| {
        let name = if program.ends_with("goshim") {
            "goshim"
        } else {
            "go"
        };
        let copy = store.bin().join(name);
        succeed(Command::new("cp").arg(program).arg(&copy));
        copy
    });
    (store, shim, program)
}

/// What is wrong with what one program did; nothing, if it is the case's outcome.
fn complaint(case: &Case, program: &str, output: &Output) -> Option<String> {
    let is_why = program == "why";
    let (code, data, talk) = match case.outcome {
        Runs(go) if is_why => (0, format!("{go} runs here: "), ""),
        Runs(go) => (0, format!("go version {go} "), ""),
        Misses(query) if is_why => (0, format!("Go {query}"), ""),
        Misses(_) => (127, String::new(), "is not installed"),
        Refuses(_, problem) if is_why => (1, String::new(), problem),
        Refuses(code, problem) => (code, String::new(), problem),
    };
    let steers = |c: char| c.is_control() && c != '\n';
    let mut complaints = Vec::new();
    for (bytes, expected) in [(&output.stdout, data.as_str()), (&output.stderr, talk)] {
        match std::str::from_utf8(bytes) {
            Ok(text) if text.contains(steers) => {
                complaints.push("it steers the terminal".to_owned());
            }
            Ok(text) if text.contains("panicked") => complaints.push("it panicked".to_owned()),
            Ok(text) if text.contains(expected) => {}
            Ok(_) => complaints.push(format!("no `{expected}`")),
            Err(_) => complaints.push("it printed what is no text".to_owned()),
        }
    }
    if is_why && !String::from_utf8_lossy(&output.stdout).contains(case.note) {
        complaints.push(format!("no note `{}`", case.note));
    }
    if output.status.code() != Some(i32::from(code)) {
        complaints.push(format!("not the exit code {code}"));
    }
    (!complaints.is_empty()).then(|| {
        let complaints = complaints.join(", ");
        format!("{}: {program}: {complaints}\n{}", case.name, shown(output))
    })
}

#[test]
fn every_hostile_place_has_its_outcome() {
    let (store, shim, program) = store();
    let cases: Vec<Case> = [
        no_pin_files(),
        bad_pin_files(),
        module_files(),
        directories(),
        planted(),
        variables(),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut slowest = (Duration::ZERO, "");
    let mut checked = 0;
    let mut left_out = 0;
    let mut complaints = Vec::new();
    for case in &cases {
        if case.needs_root && !is_root(&store) {
            println!("NOT CHECKED: {}: files of two users need root", case.name);
            left_out += 1;
            continue;
        }
        for (program, arguments) in [(&shim, &["version"]), (&program, &["why"])] {
            let mut place = Place::new(&store);
            (case.arrange)(&mut place);
            let (output, took) = timed(place.command(program, arguments));
            slowest = slowest.max((took, case.name));
            complaints.extend(complaint(case, arguments[0], &output));
            // What nobody may enter could not be removed either.
            Place::mode(place.sandbox.project(), 0o755);
        }
        checked += 1;
    }
    println!(
        "{checked} hostile places, the slowest ({}) took {} ms; not checked: {left_out}",
        slowest.1,
        slowest.0.as_millis()
    );
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert_eq!(checked + left_out, 112);
    assert!(checked >= 40);
}

#[test]
fn output_that_cannot_be_written_is_no_reason_to_panic() {
    let (store, shim, program) = store();
    for (script, code, said) in [
        ("exec \"$@\" >&-", 0, ""),
        ("exec \"$@\" >&- 2>&-", 0, ""),
        ("exec \"$@\" >/dev/full", 1, "No space left on device"),
        ("exec \"$@\" >/dev/full 2>/dev/full", 1, ""),
        ("exec \"$@\" >/dev/full 2>&-", 1, ""),
        // A reader that has gone: the writer starts when it has, and says nothing.
        (
            "{ sleep 0.2; \"$@\" 2>&3; echo code=$? >&3; } 3>&2 | exec true",
            0,
            "code=0\n",
        ),
    ] {
        for arguments in [&["why"][..], &["why", "--json"], &["which"], &["list"]] {
            let mut place = Place::new(&store);
            place.script = Some(script);
            let (output, _) = timed(place.command(&program, arguments));
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(
                output.status.code() == Some(code)
                    && stderr.contains(said)
                    && (code != 0 || !stderr.contains("error"))
                    && !stderr.contains("panicked"),
                "{arguments:?} {script}: {}",
                shown(&output)
            );
        }
    }
    let mut place = Place::new(&store);
    place.write(".go-version", "x\n");
    for script in [
        "exec \"$@\" >&- 2>&-",
        "exec \"$@\" 2>/dev/full",
        "exec \"$@\" 2>&-",
    ] {
        place.script = Some(script);
        for (program, arguments) in [(&shim, &["version"]), (&program, &["why"])] {
            let (output, _) = timed(place.command(program, arguments));
            assert_eq!(
                output.status.code(),
                Some(1),
                "{script}: {}",
                shown(&output)
            );
        }
    }
}
