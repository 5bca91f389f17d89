//! Which SDKs nobody needs: not the default, no known project, and nothing that ran of late.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use goshim_resolver::env::is_name;
use goshim_resolver::pin::Problem;
use goshim_resolver::resolve::resolve_anywhere;
use goshim_resolver::store::{self as installed, Sdk};
use goshim_resolver::{Env, Error as NoGo, Layout, Query, Selected, resolve, variables};

use crate::error::Error;
use crate::{default, projects, usage};

/// An SDK of the user's own store, and who needs it.
#[derive(Clone, Debug)]
pub struct Surveyed {
    /// The SDK.
    pub sdk: Sdk,
    /// Its size on disk, in bytes.
    pub bytes: u64,
    /// Why it stays; nobody needs it where there is no reason.
    pub reasons: Vec<Reason>,
}

/// Why an SDK stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The user's default means it.
    Default,
    /// It runs in this directory, which is a known project or the working directory.
    Project(PathBuf),
    /// It was installed or run within the time that was asked for.
    Recent(Duration),
    /// Processes are running from it.
    InUse,
}

/// Looks at every SDK of the user's own store. `recently` is the time within which a run, or its installation, keeps an SDK: the time of
/// the last run is that of the last access to its `bin/go`, as exact as the file system keeps it.
///
/// # Errors
/// Where the store cannot be listed, or a known project cannot be understood: then it is not known what that needs.
pub fn survey(env: &Env, layout: &Layout, recently: Duration) -> Result<Vec<Surveyed>, Error> {
    // Asked as a shell without settings would: a variable of this one says nothing about other times.
    let lasting = |name: &OsStr| {
        name.to_string_lossy().starts_with("XDG_")
            || [
                "PATH",
                "LOCALAPPDATA",
                "ProgramData",
                variables::HOME,
                variables::CEILING,
                variables::MACHINE_CONFIG,
            ]
            .iter()
            .any(|lasting| is_name(name, lasting))
    };
    let in_dir = |dir: &Path| {
        let mut plain = env.clone();
        plain.vars.retain(|(name, _)| lasting(name));
        plain.physical_dir = Some(dir.to_owned());
        plain.set_above = Vec::new();
        // What a project sets for go needs trust; which Go it needs does not.
        plain.with(variables::UNTRUSTED, "ignore")
    };
    let mut needed: Vec<(Reason, Sdk)> = Vec::new();
    let mut dirs = projects::list(layout)?;
    dirs.extend(env.physical_dir.clone());
    for dir in dirs {
        // A directory that is gone needs nothing; one without a choice of its own needs the default.
        if !dir.is_dir() {
            continue;
        }
        match resolve(&in_dir(&dir), layout, &[], None)?.outcome {
            Ok(Selected::Installed(sdk)) => needed.push((Reason::Project(dir), sdk)),
            Ok(Selected::System(_) | Selected::Linked(_) | Selected::Missing(_))
            | Err(
                NoGo::NothingInstalled
                | NoGo::NoSuchRelease { .. }
                | NoGo::NoSystemGo { .. }
                | NoGo::Link { .. },
            ) => {}
            // It asks for an SDK of the user's own.
            Err(NoGo::Pin {
                problem: Problem::Query(invalid),
                ..
            }) if invalid.is_not_linked() => {}
            Err(error) => return Err(error.into()),
        }
    }
    if let Some(text) = default::read(layout)?
        && Query::parse(text.trim()).is_ok()
        && let Ok(Selected::Installed(sdk)) = resolve_anywhere(env, layout, text.trim())?.outcome
    {
        needed.push((Reason::Default, sdk));
    }
    let mut surveyed = Vec::new();
    for sdk in installed::list_own(layout)? {
        let mut reasons: Vec<Reason> = Vec::new();
        for (reason, needed) in &needed {
            if *needed == sdk && !reasons.contains(reason) {
                reasons.push(reason.clone());
            }
        }
        if let Some(age) = last_use(&sdk).filter(|age| *age < recently) {
            reasons.push(Reason::Recent(age));
        }
        if usage::processes(&sdk.root).is_some_and(|processes| !processes.is_empty()) {
            reasons.push(Reason::InUse);
        }
        surveyed.push(Surveyed {
            bytes: size(&sdk.root),
            sdk,
            reasons,
        });
    }
    Ok(surveyed)
}

/// The time since an SDK was last run or installed. `None` where the clock or the file system does not tell.
fn last_use(sdk: &Sdk) -> Option<Duration> {
    let metadata = fs_err::metadata(sdk.program("go")).ok()?;
    let times = [metadata.accessed().ok(), metadata.modified().ok()];
    let last = times.into_iter().flatten().max()?;
    Some(SystemTime::now().duration_since(last).unwrap_or_default())
}

/// What a file, or the files below a directory, take on disk, in bytes; what cannot be read counts nothing. Links are not followed.
pub fn size(path: &Path) -> u64 {
    let Ok(metadata) = fs_err::symlink_metadata(path) else {
        return 0;
    };
    if !metadata.is_dir() {
        return on_disk(&metadata);
    }
    let entries = fs_err::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| size(&entry.path())).sum()
}

#[cfg(unix)]
fn on_disk(metadata: &std::fs::Metadata) -> u64 {
    // POSIX counts blocks of 512 bytes.
    std::os::unix::fs::MetadataExt::blocks(metadata) * 512
}

#[cfg(not(unix))]
fn on_disk(metadata: &std::fs::Metadata) -> u64 {
    metadata.len()
}
