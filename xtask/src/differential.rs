//! `cargo xtask differential`: random trees, environments and arguments, put to a real Go and to `goshim why --as-go`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Instant, SystemTime};

use crate::case::{Case, Outcome};
use crate::random_case::{Dice, RELEASES, random_case};
use crate::{Error, product, sdk};

/// Put random cases to real Go binaries and to goshim, and report every difference
#[derive(Debug, clap::Args)]
pub struct Differential {
    /// How many cases
    #[arg(long, default_value_t = 100_000)]
    cases: usize,
    /// The seed of the first case [default: the clock]
    #[arg(long)]
    seed: Option<u64>,
}

/// The most differences that are worth printing.
const ENOUGH: usize = 20;

impl Differential {
    /// Prints seed and result.
    ///
    /// # Errors
    /// Where a case differs, or a real Go is out of reach.
    pub fn run(&self) -> Result<(), Error> {
        let seed = self.seed.unwrap_or_else(|| {
            let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            since.map_or(0, |since| since.as_secs())
        });
        let started = Instant::now();
        let report = compare(&product::build()?.goshim, self.cases, seed)?;
        println!("{report} in {:.0} s", started.elapsed().as_secs_f64());
        if report.differences.is_empty() {
            return Ok(());
        }
        Err(Error("goshim and cmd/go differ".to_owned()))
    }
}

/// What came out.
#[derive(Debug)]
pub struct Report {
    seed: u64,
    /// How many cases were put to both.
    pub cases: usize,
    /// How many ended in which way.
    pub outcomes: BTreeMap<String, usize>,
    /// The cases about which they differ.
    pub differences: Vec<String>,
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for difference in &self.differences {
            writeln!(f, "DIFFERENCE {difference}")?;
        }
        let outcomes: Vec<_> = self
            .outcomes
            .iter()
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        write!(
            f,
            "{} cases from seed {}, {} differences ({})",
            self.cases,
            self.seed,
            self.differences.len(),
            outcomes.join(", ")
        )
    }
}

/// Puts `cases` cases to real Go binaries and to the program `goshim`. Stops early where many differ.
///
/// # Errors
/// Where a real Go is out of reach, or a tree cannot be made.
pub fn compare(goshim: &Path, cases: usize, seed: u64) -> Result<Report, Error> {
    let mut gos = Vec::new();
    for release in RELEASES {
        gos.push(sdk::unpacked(release)?.join("bin/go"));
    }
    let next = AtomicUsize::new(0);
    let report = Mutex::new(Report {
        seed,
        cases: 0,
        outcomes: BTreeMap::new(),
        differences: Vec::new(),
    });
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let work = || -> Result<(), Error> {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= cases {
                return Ok(());
            }
            let (name, difference) = compare_one(goshim, &gos, seed.wrapping_add(index as u64))?;
            let mut report = report
                .lock()
                .map_err(|_| Error("another worker failed".to_owned()))?;
            report.cases += 1;
            *report.outcomes.entry(name).or_default() += 1;
            report.differences.extend(difference);
            if report.differences.len() >= ENOUGH {
                return Ok(());
            }
        }
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| {
            thread
                .join()
                .unwrap_or_else(|_| Err(Error("a worker panicked".to_owned())))
        })
    })?;
    report
        .into_inner()
        .map_err(|_| Error("a worker panicked".to_owned()))
}

/// How it ended, and the difference if there is one.
fn compare_one(
    goshim: &Path,
    gos: &[PathBuf],
    seed: u64,
) -> Result<(String, Option<String>), Error> {
    let mut dice = Dice(seed);
    let release = dice.pick(&[0, 0, 1, 2]);
    let case = random_case(&mut dice, RELEASES[release]);
    let dir = tempfile::Builder::new().prefix("goshim-").tempdir()?;
    let root = fs_err::canonicalize(dir.path())?;
    case.lay_out(&root)?;
    // First goshim, which changes nothing: `go env -w` writes.
    let ours = case.ask_goshim(goshim, &root)?;
    let (theirs, said) = ask_go(&case, &gos[release], &root)?;
    let is_same = match (&ours, &theirs) {
        (Outcome::Refused(ours), Outcome::Refused(theirs)) => {
            ours.trim_end() == theirs.trim_end() || theirs.starts_with(ours)
        }
        _ => ours == theirs,
    };
    let name = match &theirs {
        Outcome::Selected(_, source) => source.clone(),
        Outcome::Refused(_) => "refused".to_owned(),
    };
    Ok((
        name,
        (!is_same).then(|| {
            format!(
                "seed {seed}: {case:#?}\n  goshim {ours:?}\n  go     {theirs:?}, it said {said:?}"
            )
        }),
    ))
}

/// What a real Go selects: its programs on PATH report that they were reached, and with GOPROXY=off a download fails by name.
fn ask_go(case: &Case, go: &Path, root: &Path) -> Result<(Outcome, String), Error> {
    let mut command = case.command(go, root)?;
    command.args(case.arguments(root)?);
    let output = loop {
        let output = command.output()?;
        // A thread that forked while a program of this case was being written gave its child that open file, until the child execs.
        if !String::from_utf8_lossy(&output.stderr).contains("text file busy") {
            break output;
        }
    };
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let selected =
        |toolchain: &str, source: &str| Outcome::Selected(toolchain.to_owned(), source.to_owned());
    let mut outcome = None;
    if let Some(toolchain) = stdout.strip_prefix("reached ") {
        outcome = Some(selected(
            toolchain.strip_suffix('\n').unwrap_or(toolchain),
            "path",
        ));
    }
    // A real Go on PATH, which was asked for its version.
    if let Some(version) = stdout
        .strip_prefix("go version ")
        .and_then(|rest| rest.split(' ').next())
        && version != case.local_version
    {
        outcome = Some(selected(version, "path"));
    }
    // The last lines count: in front of them may be what a depth of switches makes cmd/go say.
    for (at, line) in stderr.lines().enumerate() {
        if outcome.is_some() {
            break;
        }
        let rest = || stderr.lines().skip(at).collect::<Vec<_>>().join("\n");
        outcome = if let Some(rest) = line.strip_prefix("go: download ") {
            let name = rest.split(" for ").next().unwrap_or_default();
            let name = name.split(": ").next().unwrap_or_default();
            Some(selected(name, "download"))
        } else if let Some(rest) = line.strip_prefix("go: invalid toolchain: ") {
            // A language version: not to be downloaded, which only the attempt to do so tells.
            let name = rest.split(' ').next().unwrap_or_default();
            Some(selected(name, "download"))
        } else if let Some(rest) = line.strip_prefix("go: cannot find \"") {
            let name = rest.split("\" in PATH").next().unwrap_or_default();
            // It is quoted, and a tab is all in it that quoting changes.
            Some(selected(&name.replace("\\t", "\t"), "not-found"))
        } else if REFUSALS.iter().any(|start| line.starts_with(start)) {
            Some(Outcome::Refused(rest()))
        } else {
            None
        };
    }
    let local = || selected(&case.local_version, "local");
    Ok((outcome.unwrap_or_else(local), format!("{stdout}{stderr}")))
}

/// How the refusals of the selection begin; all others come after it.
const REFUSALS: &[&str] = &[
    "go: invalid GOTOOLCHAIN ",
    "go: invalid toolchain \"",
    "go: go: invalid GOWORK",
    "go: go: invalid module version",
    "go: chdir ",
    // A relative name comes from later: the selection reads absolute ones.
    "go: open /",
    "go: read /",
    "go: toolchain ",
    "go: too many toolchain switches",
    "go: cannot determine current directory",
    "panic: runtime error: slice bounds out of range [1:0]",
];
