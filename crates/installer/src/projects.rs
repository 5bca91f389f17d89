//! The known projects: directories whose files chose a Go. Commands record them, never the shim; `goshim prune` keeps what they need.

use std::io::Write;
use std::path::{Path, PathBuf};

use goshim_resolver::{Layout, escape};

use crate::error::Error;
use crate::files;

/// More are not kept: the oldest are forgotten.
const MOST: usize = 1000;

/// Records a directory. A convenience: that it cannot be written, or that the name has a line break, is no reason to fail.
pub fn record(layout: &Layout, dir: &Path) {
    let Some(name) = dir.to_str().filter(|name| !name.contains(['\n', '\r'])) else {
        return;
    };
    let known = read(layout);
    if known.iter().any(|line| line == name) {
        return;
    }
    let file = layout.projects();
    if known.len() >= MOST {
        let kept = known.get(known.len() - MOST / 2..).unwrap_or_default();
        let _ = files::write_whole(&file, &lines(kept.iter().map(String::as_str).chain([name])));
        return;
    }
    // One short line in one write: of several processes none spoils another's.
    let appended = file
        .parent()
        .map_or(Ok(()), files::create_dirs)
        .and_then(|()| {
            fs_err::OpenOptions::new()
                .create(true)
                .append(true)
                .open(&file)?
                .write_all(format!("{name}\n").as_bytes())
        });
    if let Err(error) = appended {
        let error = escape::text(&error.to_string());
        tracing::debug!(error, "the project is not recorded");
    }
}

/// The known projects, those that were recorded first first.
pub fn list(layout: &Layout) -> Vec<PathBuf> {
    read(layout).into_iter().map(PathBuf::from).collect()
}

/// Forgets the projects whose directories are gone.
///
/// # Errors
/// Where the record cannot be written; it is then as it was.
pub fn forget_gone(layout: &Layout) -> Result<(), Error> {
    let known = read(layout);
    let there: Vec<_> = known
        .iter()
        .map(String::as_str)
        .filter(|dir| Path::new(dir).is_dir())
        .collect();
    if there.len() == known.len() {
        return Ok(());
    }
    files::write_whole(&layout.projects(), &lines(there.into_iter()))
}

fn lines<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.flat_map(|name| [name, "\n"]).collect()
}

fn read(layout: &Layout) -> Vec<String> {
    let text = fs_err::read_to_string(layout.projects()).unwrap_or_default();
    let mut known: Vec<String> = Vec::new();
    for line in text.lines() {
        // Two processes may have recorded the same one; half a line is what a power cut left.
        if Path::new(line).is_absolute() && !known.iter().any(|known| known == line) {
            known.push(line.to_owned());
        }
    }
    known
}
