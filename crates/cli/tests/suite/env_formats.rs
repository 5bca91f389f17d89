//! `goshim env` in each of its formats: what goes in comes out of whoever reads it, or is refused by name.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::hash::{BuildHasher as _, RandomState};
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;
use std::process::Command;

use goshim_test_support::RandomValues;
use serde_json::Value;

use crate::support::{GO, Ran, World};

/// How many values each format gets.
const VALUES: usize = 1000;
/// How many of them one call gets.
const AT_A_TIME: usize = 20;
/// How many of those a project's file sets: text, for the file is. The others are PATH, GOROOT and four directories of a layout, of any bytes.
const TEXTS: usize = 14;

/// A string as TOML has it, and nothing in it as itself.
fn toml(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        write!(quoted, "\\U{:08x}", u32::from(c)).unwrap();
    }
    quoted + "\""
}

/// A trusted project whose Go gets [`AT_A_TIME`] random values, in directories with random names.
struct Hard {
    world: World,
    random: RandomValues,
    seed: u64,
    store: PathBuf,
    project: PathBuf,
    /// PATH of the calls.
    path: Vec<u8>,
    /// What goes in.
    values: BTreeMap<String, Vec<u8>>,
}

impl Hard {
    fn new() -> Self {
        let seed = RandomState::new().hash_one(());
        let world = World::installed(&[GO]);
        let root = world.sandbox.root();
        world.sandbox.write(
            "home/.config/goshim/config.toml",
            format!("trusted_dirs = [{:?}]\n", root.to_str().unwrap()),
        );
        Self {
            random: RandomValues::new(seed),
            seed,
            store: world.sandbox.goshim_home().to_owned(),
            project: world.sandbox.project().to_owned(),
            path: Vec::new(),
            values: BTreeMap::new(),
            world,
        }
    }

    /// Other values, and other names for the directories.
    fn change(&mut self) {
        let renamed = |from: &PathBuf, kind: &[u8], name: Vec<u8>| {
            let to = from.with_file_name(OsString::from_vec([kind, &name].concat()));
            fs_err::rename(from, &to).unwrap();
            to
        };
        self.store = renamed(&self.store, b"store", self.random.directory());
        self.project = renamed(&self.project, b"project", self.random.directory());
        // No entry is empty: that is the working directory, and fish writes it as one.
        let entries = self.random.value();
        let entries = entries.split(|byte| *byte == b':');
        self.path = entries
            .flat_map(|entry| [b":/", entry].concat())
            .skip(1)
            .collect();
        self.values.clear();
        let mut file = "[env]\n".to_owned();
        for index in 0..TEXTS {
            let (name, value) = (format!("VALUE_{index}"), self.random.text());
            writeln!(file, "{name} = {}", toml(&value)).unwrap();
            self.values.insert(name, value.into());
        }
        file.push_str("[layout]\n");
        for name in ["GOPATH", "GOBIN", "GOMODCACHE", "GOCACHE"] {
            let mut directory = format!("d{}", self.random.text());
            directory.retain(|c| !"/:".contains(c));
            writeln!(file, "{} = {}", name.to_lowercase(), toml(&directory)).unwrap();
            let directory = self.project.join(directory);
            self.values
                .insert(name.to_owned(), directory.into_os_string().into_vec());
        }
        fs_err::write(self.project.join(".goshim.toml"), file).unwrap();
        fs_err::write(self.project.join(".go-version"), "1.22.10\n").unwrap();
        let goroot = self.store.join("sdks").join(GO).into_os_string().into_vec();
        let path = [
            &goroot,
            &b"/bin:"[..],
            &self.values["GOBIN"],
            b":",
            &self.path,
        ]
        .concat();
        self.values.insert("PATH".to_owned(), path);
        self.values.insert("GOROOT".to_owned(), goroot);
        assert_eq!(self.values.len(), AT_A_TIME);
    }

    /// A command in the project.
    fn command(&self, program: &str) -> Command {
        let mut command = self.world.sandbox.command(program);
        command
            .current_dir(&self.project)
            .env("PWD", &self.project)
            .env("GOSHIM_HOME", &self.store)
            .env("PATH", OsString::from_vec(self.path.clone()))
            .env("GOSHIM", env!("CARGO_BIN_EXE_goshim"));
        command
    }
}

/// Sends [`VALUES`] random values through `goshim env` and a real shell, which runs `script`, to a program that the shell starts.
fn round_trip(shell: &str, arguments: &[&str], script: &str) {
    let mut hard = Hard::new();
    let (mut through, mut beyond_text) = (0, 0);
    for round in 0..VALUES / AT_A_TIME {
        hard.change();
        // Half of the time text is bytes for the system's library, too. There fish changes what it inherits, and so what goshim would get of it.
        let is_in_utf8 = shell == "fish" || round % 2 == 0;
        let locale = if is_in_utf8 { "C.UTF-8" } else { "C" };
        let mut command = hard.command(&format!("/usr/bin/{shell}"));
        let output = command
            .args(arguments)
            .arg(script)
            .env("LC_ALL", locale)
            .output()
            .unwrap();
        let context = format!(
            "{shell}, seed {}, round {round}, {locale}: {}",
            hard.seed,
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(output.status.success(), "{context}");
        let came_out: Vec<_> = output.stdout.split(|byte| *byte == 0).collect();
        for (name, value) in &hard.values {
            let expected = [name.as_bytes(), b"=", value].concat();
            let start = format!("{name}=");
            let out = came_out
                .iter()
                .find(|entry| entry.starts_with(start.as_bytes()));
            assert!(
                out == Some(&expected.as_slice()),
                "{context}\n  in {}\n out {:?}",
                expected.escape_ascii(),
                out.map(|out| out.escape_ascii().to_string()),
            );
            through += 1;
            beyond_text += usize::from(std::str::from_utf8(value).is_err());
        }
    }
    assert_eq!(through, VALUES);
    // PATH may be text by chance.
    assert!(beyond_text >= VALUES / 4, "{beyond_text}");
}

#[test]
fn bash() {
    let script = r#"eval "$("$GOSHIM" env --shell bash)" && /usr/bin/env -0"#;
    round_trip("bash", &["--norc", "-c"], script);
}

#[test]
fn zsh() {
    let script = r#"eval "$("$GOSHIM" env --shell zsh)" && /usr/bin/env -0"#;
    round_trip("zsh", &["-f", "-c"], script);
}

#[test]
fn dash() {
    let script = r#"eval "$("$GOSHIM" env --shell posix)" && /usr/bin/env -0"#;
    round_trip("dash", &["-c"], script);
}

#[test]
fn fish() {
    let script = "$GOSHIM env --shell fish | source; and /usr/bin/env -0";
    round_trip("fish", &["--no-config", "-c"], script);
}

#[test]
fn elvish() {
    let script = "eval ((external $E:GOSHIM) env --shell elvish | slurp); /usr/bin/env -0";
    round_trip("elvish", &["-norc", "-c"], script);
}

#[test]
fn json_has_every_byte() {
    let mut hard = Hard::new();
    let mut through = 0;
    while through < VALUES {
        hard.change();
        let mut command = hard.command(env!("CARGO_BIN_EXE_goshim"));
        let json = Ran::of(command.args(["env", "--json"])).succeeded().json();
        let environment = json["environment"].as_array().unwrap();
        for (name, value) in &hard.values {
            let entry = environment.iter().find(|entry| entry["name"] == **name);
            let entry = entry.unwrap();
            let text = entry["value"].as_str().unwrap();
            let bytes = entry["bytes"].as_array().map(|bytes| {
                let byte = |byte: &Value| u8::try_from(byte.as_u64().unwrap()).unwrap();
                bytes.iter().map(byte).collect::<Vec<u8>>()
            });
            assert_eq!(
                bytes.is_none(),
                std::str::from_utf8(value).is_ok(),
                "{entry}"
            );
            assert_eq!(text, String::from_utf8_lossy(value), "{entry}");
            assert_eq!(&bytes.unwrap_or_else(|| text.into()), value, "{entry}");
            through += 1;
        }
    }
}

/// A trusted project that sets `variables`.
fn project(variables: &[(&str, &str)]) -> World {
    let world = World::installed(&[GO]);
    world.sandbox.write("project/.go-version", "1.22.10\n");
    let mut file = "[env]\n".to_owned();
    for (name, value) in variables {
        writeln!(file, "{name} = {}", toml(value)).unwrap();
    }
    world.sandbox.write("project/.goshim.toml", file);
    world.ok(["trust"]);
    world
}

/// What nobody can install on the tests' machines, as their manuals have it.
#[test]
fn powershell_and_nushell() {
    let world = project(&[("A", "it's `$x`\n"), ("B", "\u{2019}\"\\")]);
    let (goroot, tools) = (world.sdk(GO), world.tools());
    let (goroot, tools) = (goroot.display(), tools.display());
    let lines = |shell: &str| {
        let lines = world.ok(["env", "--shell", shell]).stdout;
        let set = lines.find("GOSHIM_SET = ").unwrap();
        let end = set + lines[set..].find('\n').unwrap();
        lines.replace(&lines[set..end], "GOSHIM_SET = …")
    };
    assert_eq!(
        lines("powershell"),
        format!(
            "$env:A = 'it''s `$x`\n'\n$env:B = '\u{2019}\u{2019}\"\\'\n$env:GOROOT = '{goroot}'\n$env:GOSHIM_SET = …\n\
             $env:PATH = '{goroot}/bin:{tools}'\n"
        )
    );
    assert_eq!(
        lines("nu"),
        format!(
            "$env.A = \"it's `$x`\\u{{a}}\"\n$env.B = \"\u{2019}\\\"\\\\\"\n$env.GOROOT = \"{goroot}\"\n$env.GOSHIM_SET = …\n\
             $env.PATH = (\"{goroot}/bin:{tools}\" | split row (char esep))\n"
        )
    );
}

#[test]
fn dotenv() {
    let world = project(&[
        ("A", "plain"),
        ("B", "a b # c"),
        ("C", "it's"),
        ("D", ""),
        ("E", "$HOME \"x\" \\n"),
    ]);
    let goroot = world.sdk(GO).display().to_string();
    let said = world.ok(["env", "--dotenv"]).stdout;
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines[..5],
        [
            "A=plain",
            "B='a b # c'",
            "C=\"it's\"",
            "D=",
            "E='$HOME \"x\" \\n'"
        ]
    );
    // The sandbox's path has a blank.
    assert_eq!(lines[5], format!("GOROOT='{goroot}'"));
    assert!(lines[6].starts_with("GOSHIM_SET='A="), "{said}");
    assert_eq!(
        lines[7],
        format!("PATH='{goroot}/bin:{}'", world.tools().display())
    );
    assert_eq!(lines.len(), 8, "{said}");
    // A file takes nothing away; to Go an empty value is none.
    world
        .sandbox
        .write("home/.config/goshim/config.toml", "goroot = \"unset\"\n");
    let said = world.ok(["env", "--dotenv"]).stdout;
    assert!(said.lines().any(|line| line == "GOROOT="), "{said}");
}

/// What is written at all comes out of a reader as it went in. A shell is the reader that every machine has.
#[test]
fn dotenv_is_what_a_shell_reads() {
    let seed = RandomState::new().hash_one(());
    let mut random = RandomValues::new(seed);
    let world = project(&[]);
    world.sandbox.write(
        "home/.config/goshim/config.toml",
        format!(
            "trusted_dirs = [{:?}]\n",
            world.sandbox.root().to_str().unwrap()
        ),
    );
    let (mut written, mut refused, mut file) = (BTreeMap::new(), 0, String::new());
    for index in 0..300 {
        let (name, value) = (format!("VALUE_{index}"), random.text());
        let text = format!("[env]\n{name} = {}\n", toml(&value));
        world.sandbox.write("project/.goshim.toml", text);
        let ran = world.run(["env", "--dotenv"]);
        if ran.code == Some(0) {
            file.push_str(
                ran.stdout
                    .lines()
                    .find(|line| line.starts_with(&name))
                    .unwrap(),
            );
            file.push('\n');
            written.insert(name, value);
        } else {
            ran.refused(1, &format!("{name} cannot be written for a .env file"));
            refused += 1;
        }
    }
    assert!(
        written.len() > 30 && refused > 30,
        "{} written, {refused} refused",
        written.len()
    );
    let file = world.sandbox.write("project/.env", file);
    let mut shell = world.sandbox.command("/bin/sh");
    let script = "set -a; . \"$0\"; exec /usr/bin/env -0";
    let read = Ran::of(shell.args(["-c", script]).arg(file))
        .succeeded()
        .stdout;
    for (name, value) in written {
        let entry = format!("{name}={value}");
        assert!(
            read.split('\0').any(|read| read == entry),
            "seed {seed}: {entry:?}"
        );
    }
}

/// What the runner makes of the two files: `FileCommandManager.cs` of actions/runner, as it is since 2020, on systems other than Windows.
#[derive(Default)]
struct Job {
    variables: BTreeMap<String, String>,
    /// What it puts in front of PATH, the first of them last.
    prepended: Vec<String>,
}

impl Job {
    fn after_step(&mut self, variables: &str, path: &str) {
        let mut lines = variables.split_inclusive('\n');
        while let Some(line) = lines.next() {
            let line = line.strip_suffix('\n').unwrap_or(line);
            let (equals, heredoc) = (line.find('='), line.find("<<"));
            match (equals, heredoc) {
                _ if line.is_empty() => {}
                (Some(equals), heredoc) if heredoc.is_none_or(|heredoc| equals < heredoc) => {
                    self.set(&line[..equals], &line[equals + 1..]);
                }
                (_, Some(heredoc)) => {
                    let end = &line[heredoc + 2..];
                    let mut value = String::new();
                    let is_ended = lines.by_ref().any(|line| {
                        let is_end = line.strip_suffix('\n').unwrap_or(line) == end;
                        value.push_str(if is_end { "" } else { line });
                        is_end
                    });
                    assert!(is_ended, "no {end}");
                    self.set(&line[..heredoc], value.strip_suffix('\n').unwrap_or(&value));
                }
                _ => panic!("{line}"),
            }
        }
        for line in path.split(['\n', '\r']).filter(|line| !line.is_empty()) {
            self.prepended.retain(|there| there != line);
            self.prepended.push(line.to_owned());
        }
    }

    fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }
}

#[test]
fn github_actions() {
    let seed = RandomState::new().hash_one(());
    let mut random = RandomValues::new(seed);
    let mut through = 0;
    while through < VALUES {
        let mut values: Vec<(String, String)> = (0..100)
            .map(|index| (format!("VALUE_{index}"), random.text().replace('\r', "\n")))
            .collect();
        values[0].1 = "x\nGOSHIM_END\nEVIL=1\nEVIL<<GOSHIM_END_\n".to_owned();
        let named: Vec<_> = values
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let world = project(&named);
        let mut file =
            fs_err::read_to_string(world.sandbox.project().join(".goshim.toml")).unwrap();
        file.push_str("[layout]\nkind = \"per-project\"\n");
        world.sandbox.write("project/.goshim.toml", file);
        let variables = world.sandbox.write("variables", "BEFORE=1");
        let path = world.sandbox.write("path", "/before");
        let mut command = world.goshim(["env", "--github-actions"]);
        let ran = Ran::of(
            command
                .env("GITHUB_ENV", &variables)
                .env("GITHUB_PATH", &path),
        );
        assert_eq!(ran.succeeded().stdout, "");
        let mut job = Job::default();
        job.after_step(
            &fs_err::read_to_string(variables).unwrap(),
            &fs_err::read_to_string(path).unwrap(),
        );
        for (name, value) in &values {
            assert_eq!(job.variables.get(name), Some(value), "seed {seed}");
            through += 1;
        }
        assert_eq!(job.variables["BEFORE"], "1");
        assert_eq!(job.variables["GOROOT"], world.sdk(GO).to_str().unwrap());
        let mut others: Vec<_> = job.variables.keys().map(String::as_str).collect();
        others.retain(|name| !name.starts_with("VALUE_"));
        assert_eq!(
            others,
            [
                "BEFORE",
                "GOBIN",
                "GOMODCACHE",
                "GOPATH",
                "GOROOT",
                "GOSHIM_SET"
            ],
            "seed {seed}"
        );
        let bin = world.sdk(GO).join("bin").display().to_string();
        assert_eq!(job.prepended, ["/before", &job.variables["GOBIN"], &bin]);
    }
}

#[test]
fn what_a_format_cannot_hold_is_refused_by_name_and_nothing_is_written() {
    let refused = |world: &World, arguments: &[&str], reason: &str| {
        let variables = world.sandbox.write("variables", "");
        let path = world.sandbox.write("path", "");
        let mut command = world.goshim(arguments.iter().copied());
        command
            .env("GITHUB_ENV", &variables)
            .env("GITHUB_PATH", &path);
        Ran::of(&mut command).refused(1, reason).said("--json");
        for file in [variables, path] {
            assert_eq!(fs_err::read_to_string(file).unwrap(), "", "{arguments:?}");
        }
    };
    let world = project(&[("A", "fine"), ("B", "x\nEVIL=1"), ("C", "fine")]);
    refused(
        &world,
        &["env", "--dotenv"],
        "B cannot be written for a .env file: it has a line break",
    );
    let world = project(&[("A", "fine"), ("B", "x\rEVIL=1"), ("C", "fine")]);
    refused(
        &world,
        &["env", "--github-actions"],
        "B cannot be written for GitHub Actions: it has a carriage return",
    );
    let mut hard = Hard::new();
    hard.change();
    for format in [
        &["--dotenv"][..],
        &["--github-actions"],
        &["--shell", "powershell"],
        &["--shell", "nushell"],
    ] {
        let variables = hard.world.sandbox.write("variables", "");
        let mut command = hard.command(env!("CARGO_BIN_EXE_goshim"));
        command
            .arg("env")
            .args(format)
            .env("GITHUB_ENV", &variables)
            .env("GITHUB_PATH", &variables);
        Ran::of(&mut command).refused(1, " cannot be written for ");
        assert_eq!(fs_err::read_to_string(variables).unwrap(), "");
    }
    // A directory of PATH with a line break.
    let world = project(&[]);
    let moved = world.sandbox.root().join("go\nshim");
    fs_err::rename(world.sandbox.goshim_home(), &moved).unwrap();
    let mut command = world.goshim(["env", "--github-actions"]);
    command
        .env("GOSHIM_HOME", moved)
        .env("GITHUB_ENV", "/dev/null")
        .env("GITHUB_PATH", "/dev/null");
    Ran::of(&mut command).refused(1, "PATH cannot be written for GitHub Actions");
    // Not in a workflow.
    let world = project(&[]);
    world
        .run(["env", "--github-actions"])
        .refused(1, "GITHUB_ENV is not set");
    for two in [["--json", "--dotenv"], ["--shell=bash", "--explain"]] {
        world
            .run(["env", two[0], two[1]])
            .ended_with(2)
            .said("cannot be used with");
    }
}

/// A variable that claims to be goshim's never becomes code.
#[test]
fn a_name_that_is_none_is_not_taken_away() {
    let world = project(&[]);
    let name = "X; echo evil";
    let set = goshim_resolver::environment::marker([(name, "1".as_ref())].into_iter());
    let mut command = world.goshim(["env", "--shell", "bash"]);
    command.env(name, "1").env("GOSHIM_SET", set.unwrap());
    let ran = Ran::of(&mut command).succeeded();
    assert!(!ran.stdout.contains("evil"), "{ran}");
}
