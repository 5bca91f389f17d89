//! What the shim adds to a call of go, as a multiple of what the least C program adds that does the same job (`xtask/c/least.c`).

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::product::{self, Product, run};
use crate::{Error, c, sdk};

/// The shim against a static C program of the same opens and exec, and against cmd/go's own switching
#[derive(Debug, clap::Args)]
pub struct Shim {
    /// How often each contestant is called in each situation
    #[arg(long, default_value_t = 400)]
    calls: usize,
}

/// What the shim may add at most, in multiples of what the C program adds.
const GOAL_ON_EXACT_PIN: f64 = 1.5;
const GOAL_ELSEWHERE: f64 = 2.0;
const GOAL_WITH_SETTINGS: f64 = 2.5;

/// The size of the project's settings in the situation that has some, in bytes.
const SETTINGS: usize = 4 << 10;

/// The Go that runs in every situation, and the one that cmd/go switches from.
const SELECTED: &str = "1.27.3";
const SWITCHES: &str = "1.21.13";

/// How many directories lie between the pin and the working directory in the deep situation.
const DEPTH: usize = 30;

/// A directory in which a Go is asked for.
#[derive(Debug)]
pub struct Situation {
    /// What asks, in words.
    pub name: &'static str,
    /// The working directory.
    pub dir: PathBuf,
    goal: f64,
}

/// The medians of one situation.
#[derive(Clone, Copy, Debug)]
pub struct Medians {
    /// A call of the SDK's own program.
    pub direct: Duration,
    /// The same through the C program.
    pub least: Duration,
    /// The same through the shim.
    pub shim: Duration,
}

impl Medians {
    /// What the shim adds, in multiples of what the C program adds.
    pub fn ratio(&self) -> f64 {
        over(self.shim, self.direct) / over(self.least, self.direct)
    }
}

/// What `time` takes more than `direct`, in microseconds.
fn over(time: Duration, direct: Duration) -> f64 {
    (time.as_secs_f64() - direct.as_secs_f64()) * 1e6
}

/// A project's file of that size that is settings throughout: a pin, a layout, variables, and as many profiles as there is room for.
fn settings() -> String {
    let env = "GOOS = \"linux\"\nGOFLAGS = [\"-mod=readonly\", \"-trimpath\", \"-tags=a,b\"]\nCGO_ENABLED = \"0\"\n";
    let mut text = format!(
        "[go]\nversion = \"{SELECTED}\"\n\n[layout]\nkind = \"per-project\"\n\n[env]\n{env}"
    );
    for number in 0.. {
        let profile = format!("\n[profile.stage-{number}.env]\n{env}");
        if text.len() + profile.len() > SETTINGS {
            break;
        }
        text.push_str(&profile);
    }
    text
}

/// A throw-away home with a store of 20 SDKs in which `bin/go` does nothing, and a project for each situation.
#[derive(Debug)]
pub struct Ground {
    dir: TempDir,
    least: PathBuf,
    /// The situations, the exact pin first.
    pub situations: Vec<Situation>,
}

impl Ground {
    /// Makes it.
    ///
    /// # Errors
    /// Where the C programs cannot be compiled, or files cannot be written.
    pub fn new(product: &Product) -> Result<Self, Error> {
        let dir = tempfile::Builder::new().prefix("goshim-bench-").tempdir()?;
        let nothing = c::program("nothing")?;
        let path = |relative: &str| dir.path().join(relative);
        for relative in ["home", "goshim/state", "goshim/shims"] {
            fs_err::create_dir_all(path(relative))?;
        }
        product::place(&product.shim, &path("goshim/shims/go"))?;
        for version in versions() {
            let sdk = path("goshim/sdks").join(format!("go{version}"));
            fs_err::create_dir_all(sdk.join("bin"))?;
            fs_err::write(sdk.join("VERSION"), format!("go{version}\n"))?;
            product::place(&nothing, &sdk.join("bin/go"))?;
        }
        // An older series is the default, so that the go line alone makes the newest patch of another one run.
        fs_err::write(path("goshim/state/default"), "1.21\n")?;
        let module = "module example.com/m\n\ngo 1.27\n";
        let deep = format!("deep{}", "/d".repeat(DEPTH));
        let mut situations = Vec::new();
        for (name, below, file, text, goal) in [
            (
                "an exact pin",
                "pin",
                ".go-version",
                format!("{SELECTED}\n"),
                GOAL_ON_EXACT_PIN,
            ),
            (
                "a toolchain line",
                "toolchain",
                "go.mod",
                format!("{module}\ntoolchain go{SELECTED}\n"),
                GOAL_ELSEWHERE,
            ),
            (
                "a go line, 20 SDKs",
                "line",
                "go.mod",
                module.to_owned(),
                GOAL_ELSEWHERE,
            ),
            (
                "a pin 30 levels up",
                deep.as_str(),
                ".go-version",
                format!("{SELECTED}\n"),
                GOAL_ELSEWHERE,
            ),
            (
                "4 KiB of .goshim.toml",
                "settings",
                ".goshim.toml",
                settings(),
                GOAL_WITH_SETTINGS,
            ),
        ] {
            let root = path("projects").join(below.split('/').next().unwrap_or(below));
            let dir = path("projects").join(below);
            fs_err::create_dir_all(&dir)?;
            fs_err::write(root.join("go.mod"), module)?;
            fs_err::write(root.join(file), text)?;
            situations.push(Situation { name, dir, goal });
        }
        Ok(Self {
            dir,
            least: c::program("least")?,
            situations,
        })
    }

    /// The shim of this ground.
    pub fn shim(&self) -> PathBuf {
        self.dir.path().join("goshim/shims/go")
    }

    /// The C program.
    pub fn least(&self) -> &Path {
        &self.least
    }

    /// The program that the shim is to execute in every situation.
    pub fn selected(&self) -> PathBuf {
        let sdks = self.dir.path().join("goshim/sdks");
        sdks.join(format!("go{SELECTED}/bin/go"))
    }

    /// `go version` with `program` as go, in a user's environment.
    pub fn call(&self, program: &Path, dir: &Path) -> Command {
        let mut command = self.command(program, dir);
        command.arg("version");
        command
    }

    /// `program` in that environment.
    fn command(&self, program: &Path, dir: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(dir)
            .env_clear()
            .env("HOME", self.dir.path().join("home"))
            .env("GOSHIM_HOME", self.dir.path().join("goshim"))
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("PWD", dir)
            .env("LANG", "C.UTF-8")
            .env("TERM", "xterm-256color")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    /// Calls go directly, through the C program and through the shim, in turns.
    ///
    /// # Errors
    /// Where one of them fails.
    pub fn measure(&self, situation: &Situation, calls: usize) -> Result<Medians, Error> {
        let programs = [self.selected(), self.least.clone(), self.shim()];
        let mut commands = programs.map(|program| self.call(&program, &situation.dir));
        let [direct, least, shim] = medians(&mut commands, calls)?;
        Ok(Medians {
            direct,
            least,
            shim,
        })
    }

    /// How many instructions `program` executes until it would become go. For the count to be printed the program must not be replaced,
    /// so go cannot be executed here, and what the programs do about that is counted as well.
    fn instructions(&self, program: &Path, dir: &Path) -> Result<u64, Error> {
        let mut valgrind = self.command(Path::new("valgrind"), dir);
        valgrind
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(program)
            .arg("version");
        let output = valgrind
            .output()
            .map_err(|error| Error(format!("cannot run valgrind: {error}")))?;
        let text = String::from_utf8_lossy(&output.stderr);
        let count = text
            .lines()
            .find_map(|line| line.split_once("Collected : "))
            .and_then(|(_, count)| count.trim().parse().ok());
        count.ok_or_else(|| Error(format!("callgrind counted nothing: {text}")))
    }
}

/// Twenty releases, four patches of five minors; [`SELECTED`] is the newest.
fn versions() -> impl Iterator<Item = String> {
    [21, 22, 25, 26, 27]
        .into_iter()
        .flat_map(|minor| (0..4).map(move |patch| format!("1.{minor}.{patch}")))
}

/// The median time of each command, run `calls` times in turns after a first turn that is not counted.
fn medians<const N: usize>(
    commands: &mut [Command; N],
    calls: usize,
) -> Result<[Duration; N], Error> {
    let mut times = [const { Vec::new() }; N];
    for turn in 0..=calls {
        for (command, times) in commands.iter_mut().zip(&mut times) {
            let started = Instant::now();
            let status = command.status()?;
            let time = started.elapsed();
            if !status.success() {
                return Err(Error(format!("{command:?}: {status}")));
            }
            if turn > 0 {
                times.push(time);
            }
        }
    }
    Ok(times.map(|mut times| {
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default()
    }))
}

impl Shim {
    /// Measures the situations, then real Go, then counts instructions.
    ///
    /// # Errors
    /// Where a contestant fails.
    pub fn run(&self) -> Result<(), Error> {
        let product = product::build()?;
        let ground = Ground::new(&product)?;
        let calls = self.calls;
        println!(
            "medians of {calls} calls each, in turns; go is a static program that does nothing"
        );
        println!(
            "{:20} {:>9} {:>12} {:>12}  {:>5}  goal",
            "", "direct", "C adds", "shim adds", "ratio"
        );
        for situation in &ground.situations {
            let medians = ground.measure(situation, calls)?;
            let ratio = medians.ratio();
            println!(
                "{:20} {:>6.0} us {:>9.0} us {:>9.0} us  {ratio:>5.2}  {:.1} {}",
                situation.name,
                medians.direct.as_secs_f64() * 1e6,
                over(medians.least, medians.direct),
                over(medians.shim, medians.direct),
                situation.goal,
                if ratio <= situation.goal {
                    "reached"
                } else {
                    "MISSED"
                }
            );
        }
        real(&ground, calls)?;
        let Some(pinned) = ground.situations.first() else {
            return Ok(());
        };
        println!("instructions until go is executed, by callgrind");
        // Removed and not changed: the programs of the other SDKs may be the same file.
        fs_err::remove_file(ground.selected())?;
        fs_err::write(ground.selected(), "")?;
        for (name, program) in [("C program", ground.least()), ("shim", &ground.shim())] {
            let count = ground.instructions(program, &pinned.dir)?;
            println!("{name:20} {count:>9}");
        }
        Ok(())
    }
}

/// The same with a real Go, and cmd/go finding on PATH what the toolchain line names, as it does by itself.
fn real(ground: &Ground, calls: usize) -> Result<(), Error> {
    let dir = tempfile::Builder::new().prefix("goshim-bench-").tempdir()?;
    let (home, bin) = (dir.path().join("goshim"), dir.path().join("bin"));
    fs_err::create_dir_all(home.join("sdks"))?;
    fs_err::create_dir_all(&bin)?;
    let sdk = sdk::unpacked(SELECTED)?;
    fs_err::os::unix::fs::symlink(&sdk, home.join(format!("sdks/go{SELECTED}")))?;
    fs_err::os::unix::fs::symlink(sdk.join("bin/go"), bin.join(format!("go{SELECTED}")))?;
    let module = format!("module m\n\ngo 1.21\n\ntoolchain go{SELECTED}\n");
    fs_err::write(dir.path().join("go.mod"), module)?;
    let call = |program: &Path| {
        let mut command = ground.call(program, dir.path());
        command.env("GOSHIM_HOME", &home).env("PATH", &bin);
        command
    };
    let switching = sdk::unpacked(SWITCHES)?.join("bin/go");
    run(&mut call(&switching))?;
    let mut commands = [
        call(&sdk.join("bin/go")),
        call(ground.least()),
        call(&ground.shim()),
        call(&switching),
    ];
    let [direct, least, shim, switched] = medians(&mut commands, calls)?;
    println!(
        "go version of go{SELECTED} itself: {:.0} us",
        direct.as_secs_f64() * 1e6
    );
    let of_least = over(least, direct);
    for (name, time) in [
        ("C program", least),
        ("shim", shim),
        ("cmd/go switching", switched),
    ] {
        let added = over(time, direct);
        println!("{name:20} adds {added:>6.0} us  {:>5.2}", added / of_least);
    }
    Ok(())
}
