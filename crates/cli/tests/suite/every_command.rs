//! Every command of the grammar: with any stdout, at any terminal, and with names that would steer one.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use goshim_resolver::variables::VARIABLES;
use goshim_test_support::{Script, Terminal, link_program, stand_in};

use crate::commands::without_colours;
use crate::support::{GO, Ran, World};

/// Every command, and calls of it in which it says something. They are run in this order.
const CALLS: &[(&str, &[&str])] = &[
    ("", &["", "-vv"]),
    ("help", &["help", "help install"]),
    ("version", &["version", "version --json"]),
    (
        "list",
        &[
            "list",
            "list --json --size",
            "list --remote",
            "list --remote --json",
        ],
    ),
    ("ls-remote", &["ls-remote", "ls-remote --all --json"]),
    ("latest", &["latest", "latest --json", "latest 1.19"]),
    ("outdated", &["outdated", "outdated --json"]),
    ("current", &["current", "current --json"]),
    ("which", &["which", "which gofmt"]),
    ("where", &["where", "where 1.22", "where --json"]),
    (
        "why",
        &[
            "why",
            "why -v",
            "why --json",
            "why --as-go go1.22.10",
            "why --what-if .. --what-if GOSHIM_POLICY=exact",
        ],
    ),
    (
        "env",
        &[
            "env",
            "env --explain",
            "env --json",
            "env --shell fish",
            "env --shell powershell",
            "env --dotenv",
            "env --github-actions",
        ],
    ),
    ("__direnv", &["__direnv"]),
    ("exec", &["-vv exec sh -c :", "exec nowhere"]),
    ("link", &["link tip ../own", "link banana ."]),
    ("prompt", &["prompt", "prompt --project"]),
    ("config", &["config", "config --json"]),
    ("config list", &["config list", "config list --json"]),
    (
        "config get",
        &["config get policy", "config get env.B", "config get stores"],
    ),
    (
        "config set",
        &["config set env.A x", "config set policy banana"],
    ),
    (
        "config unset",
        &["config unset env.A", "config unset banana"],
    ),
    (
        "trust",
        &[
            "trust --show",
            "trust --show --json",
            "trust",
            "trust --list",
            "trust --list --json",
            "trust --revoke",
            "trust --prune",
        ],
    ),
    ("layout init", &["layout init"]),
    ("layout show", &["layout show", "layout show --json"]),
    ("layout clean", &["layout clean", "layout clean --gone"]),
    (
        "install",
        &[
            "install",
            "install --json 1.22.10",
            "install 1.19.1",
            "install --from nowhere.tar.gz 1.22.10",
            "-vvv install --reinstall --timings 1.22.10",
        ],
    ),
    ("verify", &["verify", "verify --json", "verify 1.19.1"]),
    (
        "repair",
        &["repair 1.22.10", "repair --json --remove-extra 1.22.10"],
    ),
    (
        "default",
        &["default", "default 1.22.10", "default --unset"],
    ),
    (
        "use",
        &["use 1.22", "use 1.22 --exact", "use 1.22 --toolchain"],
    ),
    ("shell", &["shell 1.22"]),
    ("unuse", &["unuse"]),
    ("init", &["init", "init --yes", "init --toml --yes"]),
    ("upgrade", &["upgrade", "upgrade --json"]),
    ("prune", &["prune --json", "-v prune --days 0"]),
    ("cache", &["cache", "cache --json"]),
    ("cache clean", &["cache clean"]),
    ("uninstall", &["-vvv uninstall 1.21.13", "uninstall 1.19.1"]),
    ("unlink", &["unlink tip", "unlink banana"]),
    ("completions", &["completions bash", "completions nushell"]),
    ("__complete", &["__complete 2 -- goshim install 1.2"]),
    ("__session", &["__session -- true", "__session -- nowhere"]),
    (
        "setup",
        &[
            "setup",
            "setup --yes --direnv",
            "setup --print",
            "setup --print --shell fish --shell powershell",
        ],
    ),
    ("unsetup", &["unsetup", "unsetup --yes", "unsetup --purge"]),
];

/// Every call of [`CALLS`].
fn calls() -> impl Iterator<Item = &'static str> {
    CALLS.iter().flat_map(|(_, calls)| *calls).copied()
}

/// The words of a call.
fn words(call: &str) -> Vec<&str> {
    call.split_whitespace().collect()
}

/// The calls whose stdout is bytes for a shell or a program: a path, or a line with one.
fn is_for_programs(call: &str) -> bool {
    match words(call).first() {
        Some(&("which" | "__direnv")) => true,
        Some(&("where" | "env")) => !call.contains("--json") && !call.contains("--explain"),
        _ => false,
    }
}

/// A new command has its row, or this fails.
#[test]
fn every_command_of_the_grammar_is_called() {
    let definition = goshim::definition();
    let mut commands = BTreeSet::from([String::new(), "help".to_owned()]);
    for command in definition.get_subcommands() {
        let inner: Vec<_> = command.get_subcommands().collect();
        let name = command.get_name();
        commands.extend(
            inner
                .iter()
                .map(|inner| format!("{name} {}", inner.get_name())),
        );
        if !command.is_subcommand_required_set() {
            commands.insert(name.to_owned());
        }
    }
    let called: BTreeSet<_> = CALLS
        .iter()
        .map(|(command, _)| (*command).to_owned())
        .collect();
    assert_eq!(called, commands);
    for (command, calls) in CALLS {
        assert!(!calls.is_empty(), "{command}");
        for call in *calls {
            let mut inner = words(call);
            inner.retain(|word| !word.starts_with("-v"));
            assert!(
                inner.join(" ").starts_with(command),
                "{call} is no call of {command}"
            );
        }
    }
}

/// A world in which the calls have something to say.
fn world() -> World {
    let world = World::new(&[GO, "go1.21.13", "go1.22.12"]).with_shim();
    world.ok(["install", "--quiet", "1.22.10", "1.21.13"]);
    stand_in::write_sdk(&world.sandbox.mkdir("own"), "go1.22.5");
    world
}

/// stdout closed, cut off and full, stderr closed.
#[test]
fn any_stdout_will_do() {
    let world = world();
    let goshim = world.program.display();
    for call in calls() {
        let mut script = "exec 3>&1\n".to_owned();
        for to in [
            ">&-",
            "| head -1",
            "| head -0",
            ">/dev/null 2>&-",
            ">/dev/null 2>/dev/full",
            ">/dev/full",
            "<&- >&- 2>&-",
        ] {
            writeln!(
                script,
                "echo '@{call} {to}'; {{ '{goshim}' {call}; echo \"=$?\" >&3; }} {to}"
            )
            .unwrap();
        }
        let mut command = world.goshim_at("sh".as_ref(), ["-c", &script]);
        let path = format!("{}:/usr/bin:/bin", world.tools().display());
        command
            .env("PATH", path)
            .env("SHELL", "/bin/sh")
            .env_remove("NO_COLOR")
            .stdin(Stdio::null());
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = plain(call, said);
        let codes: Vec<_> = said
            .lines()
            .filter_map(|line| line.strip_prefix('='))
            .collect();
        assert_eq!(codes.len(), 7, "{said}");
        // 101 is a panic, and above 128 are signals.
        let is_an_end = |code: &u8| *code < 128 && *code != 101;
        assert!(
            codes
                .iter()
                .all(|code| code.parse().is_ok_and(|code| is_an_end(&code))),
            "{said}"
        );
    }
}

#[test]
fn any_terminal_will_do() {
    let world = world();
    let calls: Vec<_> = calls().collect();
    for terminal in [("dumb", 20), ("xterm", 20), ("no such terminal", 0)] {
        show(&world, &calls, terminal, &|command| command);
    }
}

/// A terminal escape, a bell, a C1 control, a line that moves, text that runs backwards in two ways, and characters that are not seen.
const HOSTILE: &str = "\u{1b}[31m\u{7}\u{9b}2J\u{202e}\r\u{200b}\u{2066}\u{85}\u{feff}x";

/// As a name of a file, with a newline and a byte that is no UTF-8.
fn hostile_name() -> &'static OsStr {
    OsStr::from_bytes(b"\x1b[31m\x07\xc2\x9b2J\xe2\x80\xae\r\xe2\x81\xa6\n\xff\xc2\x85 \"$(x)")
}

/// What was printed as text, after a look at it.
#[track_caller]
fn plain(call: &str, printed: Vec<u8>) -> String {
    let mut text = String::from_utf8(printed).unwrap_or_else(|error| panic!("{call}: {error}"));
    if call.starts_with("__complete") {
        // Between a word and its meaning.
        text = text.replace('\t', " ");
    }
    assert_eq!(stray(&text), None, "{call}\n{text:?}");
    // The newline of the hostile name is between these two.
    assert!(!text.contains("2066}\n"), "{call}\n{text}");
    assert!(!text.contains("panicked"), "{call}\n{text}");
    text
}

/// The first character that steers a terminal, and what stands around it.
fn stray(text: &str) -> Option<String> {
    let is_stray = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let at = text.find(is_stray)?;
    let before: Vec<_> = text[..at].chars().rev().take(300).collect();
    let around = before.into_iter().rev().chain(text[at..].chars().take(20));
    Some(around.collect())
}

#[test]
fn a_stray_character_is_found() {
    assert_eq!(stray("a\nb \u{e9}\u{4e16}"), None);
    for bad in [
        "\u{1b}", "\t", "\r", "\u{7f}", "\u{9b}", "\u{202e}", "\u{2069}", "\u{200b}", "\u{feff}",
    ] {
        assert_eq!(stray(&format!("a{bad}b")), Some(format!("a{bad}b")));
    }
}

/// Changes a command before it runs.
type Change<'a> = dyn Fn(&mut Command) -> &mut Command + 'a;

/// Runs `calls` into pipes and at a terminal. Nothing may come out that steers it.
#[track_caller]
fn scan(world: &World, calls: &[&str], change: &Change) {
    pipe(world, calls, change);
    show(world, calls, ("xterm", 80), change);
}

/// Runs `calls` into pipes.
#[track_caller]
fn pipe(world: &World, calls: &[&str], change: &Change) {
    for call in calls {
        let mut command = world.goshim(words(call));
        // Where there is no terminal there are no colours, without that anybody says so.
        command.env_remove("NO_COLOR").stdin(Stdio::null());
        let output = change(&mut command).output().unwrap();
        plain(call, output.stderr);
        if !is_for_programs(call) {
            plain(call, output.stdout);
        }
    }
}

/// Runs `calls` at a terminal, one after the other. They read nothing from it, so nobody is asked.
#[track_caller]
fn show(world: &World, calls: &[&str], terminal: (&str, u16), change: &Change) {
    let goshim = world.program.display();
    let mut script = String::new();
    // What completes a line is never at a terminal.
    for call in calls.iter().filter(|call| !call.starts_with("__complete")) {
        writeln!(script, "echo '@{call}'; '{goshim}' {call} </dev/null").unwrap();
    }
    let screen = screen(world, &script, terminal, "", change);
    // What a bar does.
    let codes = ["\r\u{1b}[2K", "\u{1b}[2K", "\u{1b}[1A", "\u{1b}[1B"];
    let still = codes
        .iter()
        .fold(screen.clone(), |screen, code| screen.replace(code, ""));
    assert!(terminal.0 != "dumb" || still == screen, "{screen:?}");
    plain("at a terminal", without_colours(&still).into_bytes());
}

/// What a terminal of so many columns gets from a script of the shell, at which somebody types `keys`.
fn screen(
    world: &World,
    script: &str,
    (term, columns): (&str, u16),
    keys: &str,
    change: &Change,
) -> String {
    let script = format!("{script}\necho '@the end'\n");
    let mut shell = world.goshim_at("sh".as_ref(), ["-c", &script]);
    let mut path = world.tools().into_os_string();
    path.push(":/usr/bin:/bin");
    change(shell.env("PATH", path))
        .env("SHELL", "/bin/sh")
        .env_remove("NO_COLOR")
        .env("TERM", term);
    let (screen, status) = Terminal::start(shell, columns, keys).finish();
    let screen = String::from_utf8(screen).unwrap();
    assert!(screen.ends_with("@the end\n"), "{status}: {screen:?}");
    screen
}

/// A project's file, and a user's configuration.
const PROJECT: &str = "project/.goshim.toml";
const USER: &str = "home/.config/goshim/config.toml";

/// The calls that show what files and variables say.
const OF_A_PROJECT: &[&str] = &[
    "",
    "list",
    "current",
    "which",
    "why -v",
    "why --json",
    "env --explain",
    "exec nowhere",
    "prompt",
    "config",
    "trust --show",
    "layout show",
    "install",
    "install 1.22.10",
    "verify",
    "default",
    "use 1.22",
    "unuse",
    "init",
    "upgrade",
    "-v prune",
    "shell 1.22",
    "setup --print",
];

/// The project, the store, the home directory, a system Go on PATH, and where goshim itself lies.
#[test]
fn hostile_directories() {
    let mut world = world();
    let make = |below: &str| {
        let dir = world.sandbox.root().join(below).join(hostile_name());
        fs_err::create_dir_all(&dir).unwrap();
        dir
    };
    let calls: Vec<_> = calls().collect();
    let project = make("project");
    fs_err::write(project.join(".go-version"), "1.22\n").unwrap();
    fs_err::write(project.join("go.mod"), "module m\n\ngo 1.21\n").unwrap();
    scan(&world, &calls, &|command| {
        command.current_dir(&project).env("PWD", &project)
    });
    // Where a person is asked.
    for call in ["init", "setup --shell zsh", "unsetup --purge"] {
        for pin in [".go-version", ".goshim.toml"] {
            fs_err::remove_file(project.join(pin)).unwrap_or_default();
        }
        let line = format!("'{}' {call}", world.program.display());
        let screen = screen(&world, &line, ("xterm", 80), "n\n", &|command| {
            let command = command.current_dir(&project).env("PWD", &project);
            command.env("ZDOTDIR", &project)
        });
        assert!(screen.contains("[y/N]"), "{call}: {screen:?}");
        plain(call, without_colours(&screen).into_bytes());
    }
    // Where the home directory says where everything is.
    let home = make("home");
    let at_home = |command: &mut Command| {
        command
            .env_remove("GOSHIM_HOME")
            .env("HOME", &home)
            .env("SHELL", "/bin/sh");
    };
    let mut install = world.goshim(["install", "--quiet", "1.22.10", "1.21.13"]);
    at_home(&mut install);
    Ran::of(&mut install).succeeded();
    // What a killed installation left is named in the log.
    let leftover = home.join(".local/share/goshim/staging/go1.22.9~kIlLeD");
    fs_err::create_dir_all(&leftover).unwrap();
    pipe(&world, &["-vv install --reinstall 1.22.10"], &|command| {
        at_home(command);
        command
    });
    assert!(!leftover.exists());
    symlink(project.join("nowhere"), home.join(".profile")).unwrap();
    scan(&world, &calls, &|command| {
        at_home(command);
        command
    });
    let system = make("system");
    stand_in::write_sdk(&system, "go1.20.3");
    let mut link = world.goshim(["link", "distro"]);
    Ran::of(link.arg(&system)).succeeded();
    let linked = [
        "list",
        "list --json --size",
        "current",
        "which",
        "where distro",
        "where distro --json",
        "why -v",
        "env --explain",
        "verify",
        "prune",
        "link distro .",
        "shell distro",
        "unlink distro",
    ];
    scan(&world, &linked, &|command| {
        command.env("GOSHIM_VERSION", "distro")
    });
    let path = [
        world.tools(),
        "/usr/bin".into(),
        "/bin".into(),
        system.join("bin"),
    ];
    let path = std::env::join_paths(path).unwrap();
    let empty = world.sandbox.root().join("empty");
    scan(&world, OF_A_PROJECT, &|command| {
        command.env("PATH", &path).env("GOSHIM_HOME", &empty)
    });
    // The programs themselves, without the shim beside goshim.
    let program = make("programs").join("goshim");
    link_program(&world.program, &program);
    world.program = program;
    pipe(&world, &calls, &|command| command);
}

/// Environment and Go that a project's file asks for.
const SETTINGS: &str = "[go]\nversion = \"1.22\"\n[env]\nAPP = \"HOSTILE\"\nGOPRIVATE = \"HOSTILE\"\nGOFLAGS = [\"-tags=HOSTILE\"]\n";

/// Runs `calls` where each of `files`, which are named below the sandbox, says something. `HOSTILE` in it stands for [`HOSTILE`] as TOML escapes it,
/// `RAW` for its own characters.
#[track_caller]
fn scan_files(files: &[(&str, &str)], calls: &[&str]) {
    let mut escaped = String::new();
    for c in HOSTILE.chars() {
        write!(escaped, "\\u{:04x}", u32::from(c)).unwrap();
    }
    let world = World::installed(&[GO, "go1.21.13"]).with_shim();
    for (file, text) in files {
        let text = text.replace("HOSTILE", &escaped).replace("RAW", HOSTILE);
        world.sandbox.write(file, text);
    }
    scan(&world, calls, &|command| command);
}

#[test]
fn hostile_settings() {
    let calls: Vec<_> = calls().collect();
    scan_files(&[(PROJECT, SETTINGS)], &calls);
}

#[test]
fn hostile_settings_where_they_are_passed_over() {
    let user = "untrusted = \"ignore\"\ntrusted_dirs = [\"/HOSTILE\"]\nstores = [\"/HOSTILE\"]\n[env]\nB = \"HOSTILE\"\n";
    let calls: Vec<_> = calls().collect();
    scan_files(&[(PROJECT, SETTINGS), (USER, user)], &calls);
}

#[test]
fn hostile_settings_where_everything_is_trusted() {
    let project = "[layout]\ngopath = \"HOSTILE\"\ngobin = \"HOSTILE/b\"\n";
    let user = "trusted_dirs = [\"/\"]\n";
    scan_files(&[(PROJECT, project), (USER, user)], OF_A_PROJECT);
}

#[test]
fn hostile_words_in_a_project_s_file() {
    for text in [
        "[profile.\"HOSTILE\".env]\nA = \"x\"\n",
        "\"HOSTILE\" = 1\n",
        "[env]\n\"HOSTILE\" = \"x\"\n",
        "[go]\nversion = \"HOSTILE\"\n",
    ] {
        scan_files(&[(PROJECT, text)], OF_A_PROJECT);
    }
}

#[test]
fn hostile_pins() {
    for (file, text) in [
        ("project/.go-version", "RAW"),
        ("project/.go-version", "1.22.10\nRAW\n"),
        ("project/.tool-versions", "golang RAW 1.22\n"),
        (
            "project/go.mod",
            "module RAW\n\ngo 1.21\n\ntoolchain go1.22.10-RAW\n",
        ),
        ("project/go.mod", "module m\n\ngo RAW\n"),
        ("project/go.work", "go 1.21\n\nuse RAW\n"),
    ] {
        scan_files(&[(file, text)], OF_A_PROJECT);
    }
}

#[test]
fn hostile_configuration() {
    for text in [
        "mirrors = [\"https://user:x@HOSTILE/\", \"/HOSTILE\"]\nindex = \"https://127.0.0.1:1/HOSTILE\"\n",
        "[http]\nca_file = \"/HOSTILE\"\n",
        "policy = \"HOSTILE\"\n",
    ] {
        scan_files(&[(USER, text)], OF_A_PROJECT);
    }
}

/// Names and texts in the store that nobody but its owner can have put there, and that are shown all the same.
#[test]
fn hostile_stores() {
    let world = world();
    let store = world.sandbox.goshim_home();
    let name = hostile_name();
    let nowhere = Path::new("/nowhere").join(name);
    for dir in [
        "sdks",
        "receipts",
        "manifests",
        "downloads",
        "index",
        "locks",
        "staging",
        "trash",
        "layouts",
        "links",
        "shims",
        "state/trust",
    ] {
        fs_err::create_dir_all(store.join(dir).join(name)).unwrap();
        symlink(&nowhere, store.join(dir).join("link")).unwrap();
    }
    let sdk = world.sdk(GO);
    fs_err::write(sdk.join(name), "extra").unwrap();
    symlink(&nowhere, sdk.join("link")).unwrap();
    symlink(&nowhere, store.join("sdks/go1.22.9")).unwrap();
    let calls: Vec<_> = calls().collect();
    scan(&world, &calls, &|command| command);
    let zeros = "0".repeat(64);
    for (file, text) in [
        (
            "receipts/go1.22.10.toml",
            format!("toolchain = \"{HOSTILE}\"\n\"{HOSTILE}\" = 1\n"),
        ),
        ("manifests/go1.22.10", format!("{zeros}  {HOSTILE}\n")),
        ("state/projects", format!("/{HOSTILE}\n")),
        ("links/tip", format!("/{HOSTILE}\n")),
        ("links/own", HOSTILE.to_owned()),
        (
            "sdks/go1.22.10/VERSION",
            format!("go1.22.10\ntime {HOSTILE}\n"),
        ),
        ("state/default", HOSTILE.to_owned()),
    ] {
        fs_err::write(store.join(file), text).unwrap();
        scan(&world, OF_A_PROJECT, &|command| command);
    }
}

/// Where a directory of the store is a file.
#[test]
fn broken_stores() {
    let world = world();
    let store = world.sandbox.root().join(hostile_name());
    fs_err::rename(world.sandbox.goshim_home(), &store).unwrap();
    for name in [
        "locks",
        "staging",
        "index",
        "downloads",
        "receipts",
        "sdks",
        "state",
        "trash",
        "manifests",
    ] {
        let (dir, aside) = (store.join(name), store.join("aside"));
        fs_err::create_dir_all(&dir).unwrap();
        fs_err::rename(&dir, &aside).unwrap();
        fs_err::write(&dir, "a file").unwrap();
        pipe(&world, OF_A_PROJECT, &|command| {
            command.env("GOSHIM_HOME", &store)
        });
        fs_err::remove_file(&dir).unwrap();
        fs_err::rename(&aside, &dir).unwrap();
    }
}

/// Every variable that goshim reads.
#[test]
fn hostile_variables() {
    let world = world();
    let file = "[env]\nGOPRIVATE = \"x\"\n[profile.a.env]\nB = \"c\"\n";
    world.sandbox.write("project/.goshim.toml", file);
    let of_others = [
        "GOTOOLCHAIN",
        "GO111MODULE",
        "GOWORK",
        "GOENV",
        "GOROOT",
        "GOFLAGS",
        "GOPATH",
        "GOPRIVATE",
        "GOTOOLCHAIN_INTERNAL_SWITCH_VERSION",
        "PWD",
        "TMPDIR",
        "HOME",
        "XDG_DATA_HOME",
        "XDG_STATE_HOME",
        "XDG_CONFIG_HOME",
        "PATH",
        "SHELL",
        "ZDOTDIR",
        "CI",
        "TERM",
        "COLUMNS",
        "HTTPS_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "NO_PROXY",
        "SSL_CERT_FILE",
        "NETRC",
    ];
    let variables: Vec<_> = VARIABLES
        .iter()
        .map(|variable| variable.name)
        .chain(of_others)
        .collect();
    assert!(variables.len() > 40, "{variables:?}");
    // Below the sandbox, for some of them name directories that are made.
    let root = world.sandbox.root().as_os_str().as_bytes();
    let absolute = [root, b"/1.22\n\x1b\xff\xc2\x9b"].concat();
    for variable in variables {
        for value in [HOSTILE.as_bytes(), &absolute] {
            for call in [
                "",
                "-vv why",
                "env --explain",
                "config",
                "install 1.22.12",
                "setup --print",
                "shell 1.22",
            ] {
                let mut command = world.goshim(words(call));
                command
                    .env(variable, OsStr::from_bytes(value))
                    .stdin(Stdio::null());
                let output = command.output().unwrap();
                let place = format!("{call} with {variable}");
                plain(&place, output.stdout);
                plain(&place, output.stderr);
            }
        }
    }
}

/// Heads of answers; what an index says is in words.rs.
#[test]
fn hostile_answers() {
    let world = world();
    let found = "HTTP/1.1 302 x\r\nContent-Length: 0\r\nLocation: ";
    for head in [
        "HTTP/1.1 404 \u{1b}[31m\u{202e}\u{9b}\r\n\r\n".to_owned(),
        format!("{found}https://\u{1b}[31m/\u{202e}\r\n\r\n"),
        format!("{found}/%1b%0a\u{202e}\r\n\r\n"),
        "HTTP/1.1 200 x\r\nContent-Type: \u{1b}[31m\u{202e}\r\nETag: \"\u{202e}\"\r\nContent-Length: 2\r\n\r\n[]".to_owned(),
        "\u{1b}[31m\u{202e}\r\n\r\n".to_owned(),
    ] {
        let server = Script::start(move |_, _, client| client.write_all(head.as_bytes()));
        let asking = ["list --remote", "latest", "upgrade", "use 1.19 --exact", "-vvv install 1.22.12"];
        scan(&world, &asking, &|command| command.env("GOSHIM_INDEX_URL", server.url()).env("GOSHIM_HTTP_RETRIES", "0"));
        scan(&world, &["-vvv install 1.22.12"], &|command| command.env("GOSHIM_MIRROR", server.url()).env("GOSHIM_HTTP_RETRIES", "0"));
    }
}
