//! What cmd/go will do once it runs as the selection: goshim and cmd/go look at the same files, and both may have a say.

use std::ffi::OsString;
use std::path::Path;

use crate::argv::Arguments;
use crate::cmdgo::{self, LocalGo, Selection, Source};
use crate::env::Env;
use crate::era::Era;
use crate::goenv::GoEnv;
use crate::governing::Governing;
use crate::resolve::{Resolution, walk};
use crate::version::Version;
use crate::workdir;

/// cmd/go's next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// It runs the command.
    Stay,
    /// It runs another toolchain.
    Switch(Selection),
    /// It refuses, in these words.
    Refuse(String),
}

/// What cmd/go does as the selection of `resolution`, with go's `arguments` and the child's environment; `None` where nothing runs or its
/// version is unknown.
///
/// A go line above the selected version is a refusal for every command that loads the module (`modload.CheckGoVersion`), which `go version` and
/// `go env` do not.
pub fn next(resolution: &Resolution, env: &Env, arguments: &[OsString]) -> Option<Next> {
    let selected = resolution.outcome.as_ref().ok()?;
    let (version, goroot) = (selected.version()?, selected.root()?);
    let changes = resolution.changes(env);
    let mut env = env.clone();
    for change in changes {
        env = match change.value {
            Some(value) => env.with(&change.name, value),
            None => env.without(&change.name),
        };
    }
    if env.var("GOROOT").is_none() {
        // It finds its own root.
        env = env.with("GOROOT", goroot);
    }
    let arguments = without_query(arguments);
    let local = LocalGo::new(&version.toolchain())?;
    Some(match cmdgo::select(&local, &env, arguments) {
        Err(refusal) => Next::Refuse(refusal.message),
        Ok(selection) => match (&selection.source, selection.refusal()) {
            (_, Some(refusal)) => Next::Refuse(refusal.message),
            (Source::Local, None) => match requirement(version, &env, arguments) {
                Some(words) => Next::Refuse(words),
                None => Next::Stay,
            },
            (_, None) => Next::Switch(selection),
        },
    })
}

/// go's own arguments: the shim's without its query.
fn without_query(arguments: &[OsString]) -> &[OsString] {
    match (Arguments::parse(arguments).query, arguments) {
        (Some(_), [_, rest @ ..]) => rest,
        _ => arguments,
    }
}

/// cmd/go's words for a module that requires a newer Go, where this one stays. Go 1.20 and older try all the same.
fn requirement(version: &Version, env: &Env, arguments: &[OsString]) -> Option<String> {
    let arguments = Arguments::of_go(arguments, Era::of(version)?);
    if arguments.names_package_at_version() {
        return None;
    }
    let work_dir = workdir::work_dir(env, arguments.change_dir.as_deref()).ok()?;
    let go_env = GoEnv::read(env, Era::NEWEST).ok()?;
    let dirs: Vec<&Path> = walk(env, work_dir.as_deref());
    let governing = Governing::find(env, &go_env, &dirs).ok()??;
    let (floor, place) = governing
        .go_version()
        .filter(|(floor, _)| floor > version)?;
    Some(format!(
        "{place} requires go >= {floor} (running go {version})"
    ))
}
