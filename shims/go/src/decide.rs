//! From a command line and an environment to the program that takes this process over.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use goshim_resolver::argv::program_name;
use goshim_resolver::child::Change;
use goshim_resolver::child::user_changes;
use goshim_resolver::origin::Origin;
use goshim_resolver::resolve::{Choice, Floor};
use goshim_resolver::settings::Config;
use goshim_resolver::store::Sdk;
use goshim_resolver::{
    Env, Error, Layout, Resolution, Selected, Version, escape, resolve, store, system, variables,
};

use crate::{install, say, trace};

/// The program cannot be executed; the shells' convention.
pub(crate) const CANNOT_EXECUTE: u8 = 126;
/// There is nothing to execute; the shells' convention.
pub(crate) const NOTHING_TO_EXECUTE: u8 = 127;

/// The project's settings may not count (`EX_CONFIG` of sysexits.h).
pub(crate) const UNTRUSTED: u8 = 78;

/// cmd/go's internal variable: run exactly this toolchain, for a parent go has decided (`toolchain.Exec` in select.go).
const SWITCH_VERSION: &str = "GOTOOLCHAIN_INTERNAL_SWITCH_VERSION";

/// What the process becomes.
#[derive(Debug)]
pub(crate) struct Exec {
    pub(crate) program: PathBuf,
    /// The arguments, argv\[0\] included.
    pub(crate) arguments: Vec<OsString>,
    /// The variables that change; all others keep their bytes, order and duplicates.
    pub(crate) changes: Vec<Change>,
}

/// Decides what to execute. An error code comes back after its message was printed.
pub(crate) fn decide(arguments: Vec<OsString>, env: &Env) -> Result<Exec, u8> {
    let plain = arguments
        .first()
        .and_then(|program| program_name(Path::new(program)));
    let plain = plain.as_deref();
    trace::started(env);
    let layout = Layout::new(env).map_err(|error| fail(&error))?;
    // cmd/go sets the variable for go alone.
    if let Some(toolchain) = env.var(SWITCH_VERSION).filter(|_| plain != Some("gofmt")) {
        let sdk = named(env, &layout, toolchain)?;
        trace::step(env, || format!("{SWITCH_VERSION} names the SDK"));
        // What the go that decided so has got from a shim above is this one's as well.
        return Ok(Exec {
            program: sdk.program("go"),
            arguments,
            changes: vec![Change::remove("GOROOT")],
        });
    }
    match plain {
        Some("gofmt") => selected(&layout, env, "gofmt", arguments),
        Some(toolchain) if Version::from_toolchain(toolchain).is_some() => {
            if arguments.get(1).is_some_and(|word| word == "download") {
                // golang.org/dl's habit: the wrapper of a release that is installed has nothing left to do.
                named(env, &layout, toolchain.as_ref())?;
                say::line(&format!("{toolchain} is installed"));
                return Err(0);
            }
            trace::step(env, || format!("called as {toolchain}"));
            let sdk = named(env, &layout, toolchain.as_ref())?;
            let mut changes = user_changes(env, &layout).map_err(|error| fail(&error))?;
            changes.push(Change::set("GOROOT", &sdk.root));
            Ok(Exec {
                program: sdk.program("go"),
                arguments,
                changes,
            })
        }
        _ => selected(&layout, env, "go", arguments),
    }
}

/// Exactly the SDK with this toolchain name.
fn named(env: &Env, layout: &Layout, toolchain: &OsStr) -> Result<Sdk, u8> {
    let toolchain = toolchain.to_string_lossy();
    let version =
        Version::from_toolchain(&toolchain).filter(|version| version.toolchain() == toolchain);
    let sdk = version.and_then(|version| {
        // The configuration, which names further stores, is read only where the user's own has no such SDK.
        store::find_own(layout, &version).or_else(|| {
            let config = Config::load(env, layout).ok()?;
            store::find(&layout.with_stores(&config), &version)
        })
    });
    sdk.ok_or_else(|| {
        let shown = escape::Escaped(&toolchain);
        say::error(
            &format!("{shown} is not installed"),
            Some(&format!("run goshim install {shown}")),
        );
        NOTHING_TO_EXECUTE
    })
}

/// The program `name` of the Go that the directory asks for.
fn selected(
    layout: &Layout,
    env: &Env,
    name: &str,
    mut arguments: Vec<OsString>,
) -> Result<Exec, u8> {
    // gofmt has no -C and no +QUERY: its arguments are files.
    let mut go_arguments = if name == "go" {
        arguments.clone()
    } else {
        Vec::new()
    };
    if !go_arguments.is_empty() {
        go_arguments.remove(0);
    }
    let resolve = || resolve(env, layout, &go_arguments, None).map_err(|error| fail(&error));
    let mut resolution = resolve()?;
    trace::resolution(env, &resolution);
    if let Ok(Selected::Missing(wanted)) = &resolution.outcome {
        install::install(layout, env, &resolution, wanted)?;
        trace::step(env, || "installed it".to_owned());
        resolution = resolve()?;
    }
    tell(&resolution, env);
    let mut changes: Vec<Change> = resolution.changes(env);
    let Resolution {
        choice, outcome, ..
    } = resolution;
    let outcome = outcome.map_err(|error| {
        let code = fail(&error);
        tell_of_passed_over(&error, env, layout);
        code
    });
    let program = match outcome? {
        Selected::Installed(sdk) => {
            if env.var(variables::CHAIN).is_some() {
                changes.push(Change::remove(variables::CHAIN));
            }
            sdk.program(name)
        }
        Selected::System(go) => followed(env, go.program(name), &mut changes)?,
        Selected::Linked(linked) => followed(env, linked.program(name), &mut changes)?,
        Selected::Missing(wanted) => {
            say::error(
                &format!("Go {} is still not installed", wanted.text()),
                Some("run goshim why"),
            );
            return Err(NOTHING_TO_EXECUTE);
        }
    };
    if let Some(Choice {
        origin: Origin::Argument,
        ..
    }) = choice
        && arguments.len() > 1
    {
        arguments.remove(1);
    }
    Ok(Exec {
        program,
        arguments,
        changes,
    })
}

/// The program of a Go that is not goshim's, which may be a wrapper that calls the shim again: the chain goes on with it.
fn followed(env: &Env, program: PathBuf, changes: &mut Vec<Change>) -> Result<PathBuf, u8> {
    let chain = lengthen_chain(env, &program)?;
    changes.push(Change::set(variables::CHAIN, chain));
    Ok(program)
}

/// How many Gos that are not goshim's may follow each other. A go that runs go, which runs go, is one for each; a wrapper that calls the shim again
/// never ends.
const LONGEST_CHAIN: usize = 8;

/// The chain of Gos that are not goshim's with one more. Where it leads in a circle, what it says is printed and this ends.
fn lengthen_chain(env: &Env, program: &Path) -> Result<OsString, u8> {
    let chain = env.var(variables::CHAIN).map(OsStr::to_owned);
    let mut chain: Vec<PathBuf> = chain
        .iter()
        .flat_map(|chain| std::env::split_paths(chain))
        .collect();
    if chain.len() >= LONGEST_CHAIN {
        let shown: Vec<_> = chain.iter().map(|program| escape::path(program)).collect();
        let text = format!(
            "a go that is not goshim's leads back to goshim: {}",
            shown.join(" -> ")
        );
        say::error(
            &text,
            Some(
                "take that program off PATH, or link another one; or install a Go: goshim install latest",
            ),
        );
        return Err(CANNOT_EXECUTE);
    }
    chain.push(program.to_owned());
    // A program found on PATH has no separator in its name.
    Ok(std::env::join_paths(chain).unwrap_or_default())
}

/// One line where a pin and the module disagree: on a terminal and in CI, where somebody reads it.
fn tell(resolution: &Resolution, env: &Env) {
    let Some(notice) = &resolution.notice else {
        return;
    };
    if say::is_terminal() || env.var("CI").is_some() {
        let Floor { version, place } = &notice.floor;
        say::line(&format!(
            "{} asks for Go {}, but {place} requires {version}: the newer one runs",
            notice.pin, notice.query
        ));
    }
}

/// Where there is no go but shims, each of them with what it leads to: one line for each.
fn tell_of_passed_over(error: &Error, env: &Env, layout: &Layout) {
    if !matches!(error, Error::NothingInstalled | Error::NoSystemGo { .. }) {
        return;
    }
    for (go, real) in system::passed_over(env, layout) {
        let go_shown = escape::path(&go);
        if go == real {
            say::line(&format!("passed over {go_shown}, a shim of goshim"));
        } else {
            let real = escape::path(&real);
            say::line(&format!(
                "passed over {go_shown} -> {real}, a shim of goshim"
            ));
        }
    }
}

/// The exit code where the Go that was selected is this very program, after its message was printed: executing it would never end.
pub(crate) fn refuse_itself(program: &Path) -> u8 {
    let shown = escape::path(program);
    say::error(
        &format!("{shown} is goshim's own shim: goshim -> {shown} -> goshim"),
        Some("take it away, and install the Go that belongs there with goshim install"),
    );
    CANNOT_EXECUTE
}

/// Prints why nothing can run.
pub(crate) fn fail(error: &Error) -> u8 {
    say::error(&error.to_string(), error.hint().as_deref());
    match error {
        Error::NothingInstalled
        | Error::NoSuchRelease { .. }
        | Error::NoSystemGo { .. }
        | Error::NoHome => NOTHING_TO_EXECUTE,
        Error::Link { problem, .. } if problem.is_absence() => NOTHING_TO_EXECUTE,
        Error::Link { .. } => CANNOT_EXECUTE,
        error if error.is_about_trust() => UNTRUSTED,
        _ => 1,
    }
}

/// The exit code where `program` could not be executed, after its message was printed.
pub(crate) fn cannot_execute(program: &Path, error: &std::io::Error) -> u8 {
    let shown = escape::path(program);
    say::error(
        &format!("cannot execute {shown}: {error}"),
        Some("run goshim why to see which Go this is"),
    );
    if error.kind() == std::io::ErrorKind::NotFound {
        NOTHING_TO_EXECUTE
    } else {
        CANNOT_EXECUTE
    }
}
