//! `cargo xtask bench install`: an installation against the pipe that people would write instead, and against inflating alone.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use flate2::bufread::GzDecoder;
use goshim_test_support::Mirror;

use crate::product::{self, run};
use crate::{Error, mirror};

/// An installation against `curl | tee >(sha256sum) | tar -xz`, and against inflating alone
#[derive(Debug, clap::Args)]
pub struct Install {
    /// The Go version to install
    #[arg(long, default_value = "1.22.10")]
    version: String,
    /// How often each contestant runs
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Where to unpack to: a file system in memory, or the disk is what is measured
    #[arg(long, default_value = "/dev/shm")]
    dir: PathBuf,
}

/// What an installation may take of the pipe's time, of the time for inflating alone, and of memory.
const MOST_OF_PIPE: f64 = 0.45;
const MOST_OF_INFLATING: f64 = 1.5;
const MOST_MEMORY: u64 = 64 << 20;

impl Install {
    /// Measures, and prints medians, ratios and goals.
    ///
    /// # Errors
    /// Where a contestant fails. A goal that is missed is printed and is no error: the machine may be busy.
    pub fn run(&self) -> Result<(), Error> {
        let product = product::build()?;
        let dir = tempfile::Builder::new()
            .prefix("goshim-bench-")
            .tempdir_in(&self.dir)?;
        // The archive is in memory as well: the mirror's disk is nobody's subject.
        let files = dir.path().join("mirror");
        let archives = mirror::build(&files, std::slice::from_ref(&self.version))?;
        let archive = archives
            .first()
            .ok_or_else(|| Error("there is no archive".to_owned()))?;
        let server = Mirror::start(&files)?;
        server.warm_up()?;
        let (home, unpacked) = (dir.path().join("goshim"), dir.path().join("unpacked"));
        let goshim = || {
            let mut command = Command::new(&product.goshim);
            command
                .args(["--quiet", "install", &self.version])
                .env_clear()
                .env("HOME", dir.path())
                .env("GOSHIM_HOME", &home)
                .env("GOSHIM_INDEX_URL", server.url())
                .env("GOSHIM_MIRROR", server.url());
            command
        };
        let name = archive.file_name().unwrap_or_default().to_string_lossy();
        let pipe = || {
            let mut command = Command::new("bash");
            let script = "set -o pipefail; curl -fs \"$1\" | tee >(sha256sum > \"$2.sha256\") | tar -xz -C \"$2\"";
            let url = format!("{}{name}", server.url());
            command.args(["-c", script, "bash", &url]).arg(&unpacked);
            command
        };
        let memory = peak_memory(&mut goshim())?;
        let [mut installing, mut piping, mut inflating, mut gzip] = [const { Vec::new() }; 4];
        // One turn to warm up, which is not counted.
        for round in 0..=self.rounds {
            clear(&home)?;
            let install = timed(|| run(&mut goshim()))?;
            clear(&home)?;
            fs_err::create_dir_all(&unpacked)?;
            let piped = timed(|| run(&mut pipe()))?;
            clear(&unpacked)?;
            let inflated = timed(|| inflate(archive))?;
            let gzipped = timed(|| {
                run(Command::new("gzip")
                    .arg("-dc")
                    .arg(archive)
                    .stdout(Stdio::null()))
            })?;
            if round > 0 {
                installing.push(install);
                piping.push(piped);
                inflating.push(inflated);
                gzip.push(gzipped);
            }
        }
        let [installing, piping, inflating, gzip] =
            [installing, piping, inflating, gzip].map(|mut times| median(&mut times));
        println!(
            "go{} in {}, medians of {} rounds in turns",
            self.version,
            self.dir.display(),
            self.rounds
        );
        for (what, time) in [
            ("goshim install", installing),
            ("curl | tee >(sha256sum) | tar -xz", piping),
            (
                "inflating alone: flate2 with zlib-rs, nothing written",
                inflating,
            ),
            ("inflating alone: gzip -dc", gzip),
        ] {
            println!("{:>8.0} ms  {what}", time.as_secs_f64() * 1000.0);
        }
        let ratio = |to: Duration| installing.as_secs_f64() / to.as_secs_f64();
        let goal = |is_met: bool| if is_met { "reached" } else { "MISSED" };
        let of_pipe = ratio(piping);
        println!(
            "{of_pipe:.2} of the pipe; goal {MOST_OF_PIPE}: {}",
            goal(of_pipe <= MOST_OF_PIPE)
        );
        let of_inflating = ratio(inflating);
        println!(
            "{of_inflating:.2} of inflating alone; goal {MOST_OF_INFLATING}: {}",
            goal(of_inflating <= MOST_OF_INFLATING)
        );
        println!(
            "{:.1} MiB at most in memory; goal {}: {}",
            memory_in_mib(memory),
            MOST_MEMORY >> 20,
            goal(memory <= MOST_MEMORY)
        );
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn memory_in_mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn clear(dir: &Path) -> Result<(), Error> {
    match fs_err::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn timed(work: impl FnOnce() -> Result<(), Error>) -> Result<Duration, Error> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed())
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Inflates an archive with the installer's backend, and drops what comes out. The backend is optimised in every profile.
fn inflate(archive: &Path) -> Result<(), Error> {
    let compressed = io::BufReader::with_capacity(128 << 10, File::open(archive)?);
    let mut inflated = GzDecoder::new(compressed);
    let mut buffer = vec![0; 256 << 10];
    while inflated.read(&mut buffer)? > 0 {}
    Ok(())
}

/// The most memory that a program had resident, in bytes, as the kernel remembers it while the program lives.
fn peak_memory(command: &mut Command) -> Result<u64, Error> {
    let mut child = command.spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait()?.is_none() {
        let text = fs_err::read_to_string(&status).unwrap_or_default();
        let peak = text.lines().find_map(|line| {
            let kib = line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?;
            kib.parse::<u64>().ok()
        });
        most = most.max(peak.unwrap_or_default() << 10);
        std::thread::sleep(Duration::from_millis(2));
    }
    if !child.wait()?.success() || most == 0 {
        return Err(Error("the installation to measure failed".to_owned()));
    }
    Ok(most)
}
