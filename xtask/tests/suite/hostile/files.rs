//! Pin files, go.mod and go.work that are none, or not readable, or not the person's.

use std::process::Command;

use super::Outcome::{Misses, Refuses, Runs};
use super::{ABOVE, Case, DEFAULT, Place, as_root, case};
use crate::product::succeed;

/// What is called like a pin file and is none is passed over: the one above counts.
pub(super) fn no_pin_files() -> Vec<Case> {
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
pub(super) fn bad_pin_files() -> Vec<Case> {
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
pub(super) fn module_files() -> Vec<Case> {
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

/// What others plant where everybody may write (A18).
pub(super) fn planted() -> Vec<Case> {
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
