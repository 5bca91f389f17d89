//! Working directories and variables with which nobody would call go.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use fs_err::os::unix::fs::symlink;

use super::Outcome::{Misses, Refuses, Runs};
use super::{ABOVE, Case, DEFAULT, Place, as_root, case};

/// Working directories.
pub(super) fn directories() -> Vec<Case> {
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

/// Variables.
pub(super) fn variables() -> Vec<Case> {
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
