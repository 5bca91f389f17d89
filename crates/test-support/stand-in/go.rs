//! Stands in for `go` and `gofmt` in tests: says who it is and how it was called. A source file of its own, compiled
//! by `stand_in.rs`; it is no part of the library.

use std::{env, ffi::OsStr, fs, io::Write, path::PathBuf, process::ExitCode};

const REPORTED: [&str; 4] = ["GOROOT", "GOTOOLCHAIN", "GOSHIM_VERSION", "GOTOOLCHAIN_INTERNAL_SWITCH_VERSION"];

fn main() -> ExitCode {
    let args: Vec<_> = env::args_os().collect();
    let mut out = Vec::new();
    let mut line = |start: &str, value: &OsStr| {
        out.extend_from_slice(start.as_bytes());
        out.extend_from_slice(value.as_encoded_bytes());
        out.push(b'\n');
    };
    let word = |at: usize| args.get(at).and_then(|arg| arg.to_str());
    match word(1) {
        Some("version") => {
            line("go version ", format!("{} {}/{}", toolchain(), os(), arch()).as_ref());
        }
        Some("env") => {
            for name in &args[2..] {
                line("", &env::var_os(name).unwrap_or_default());
            }
        }
        Some("exit") => {
            return ExitCode::from(word(2).and_then(|code| code.parse::<u8>().ok()).expect("an exit code"));
        }
        _ => {
            line("toolchain=", toolchain().as_ref());
            line("argv0=", args.first().map_or(OsStr::new(""), |arg| arg.as_os_str()));
            for arg in args.iter().skip(1) {
                line("arg=", arg);
            }
            for name in REPORTED {
                line(&format!("env {name}="), &env::var_os(name).unwrap_or("(unset)".into()));
            }
        }
    }
    // One write, so that reports of programs that run at the same time do not mix.
    std::io::stdout().write_all(&out).expect("stdout");
    ExitCode::SUCCESS
}

/// The first line of VERSION in the SDK in which this file lies, whatever links led to it.
fn toolchain() -> String {
    let program = env::current_exe().and_then(fs::canonicalize).expect("the path of this program");
    let version: PathBuf = program.parent().and_then(|bin| bin.parent()).expect("an SDK around bin").join("VERSION");
    let text = fs::read_to_string(&version).unwrap_or_else(|error| panic!("{}: {error}", version.display()));
    text.lines().next().unwrap_or_default().trim().to_owned()
}

fn os() -> &'static str {
    match env::consts::OS {
        "macos" => "darwin",
        other => other,
    }
}

fn arch() -> &'static str {
    match env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    }
}
