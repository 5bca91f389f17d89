//! The environment for the next steps of a GitHub Actions job, by the two files that its runner reads after each step.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use fs_err::OpenOptions;
use goshim_resolver::Env;
use goshim_resolver::child::Change;

use super::NOT_TEXT;
use crate::error::Error;

/// Adds the changes to the file that `GITHUB_ENV` names, and instead of PATH the directories that come first on it to the one of `GITHUB_PATH`: the
/// runner puts those in front of whatever PATH a step has.
///
/// # Errors
/// Where this is no step of a workflow, a value cannot be written, or the files cannot. In the first two cases nothing was written.
pub(super) fn add(env: &Env, changes: &[Change], path_front: &[PathBuf]) -> Result<(), Error> {
    let file = |variable| {
        let file = env.var(variable).map(PathBuf::from);
        file.ok_or(Error::NotInActions(variable))
    };
    let (variables_file, path_file) = (file("GITHUB_ENV")?, file("GITHUB_PATH")?);
    let mut variables = String::new();
    for Change { name, value, .. } in changes.iter().filter(|change| change.name != "PATH") {
        variables.push_str(&entry(name, value.as_deref().unwrap_or_default())?);
    }
    let mut directories = String::new();
    // What was added last comes first.
    for directory in path_front.iter().rev() {
        let directory = text("PATH", directory.as_os_str())?;
        if directory.contains('\n') {
            return Err(unwritable("PATH", "a directory has a line break"));
        }
        directories.push_str(directory);
        directories.push('\n');
    }
    append(&variables_file, &variables)?;
    append(&path_file, &directories)
}

/// The lines for a variable. One that is taken away gets an empty value, for there is nothing else; for Go that is the same.
fn entry(name: &str, value: &OsStr) -> Result<String, Error> {
    let value = text(name, value)?;
    if !value.contains('\n') {
        return Ok(format!("{name}={value}\n"));
    }
    // A value of several lines ends before a line that its first one names: none that is in the value itself.
    let mut end = "GOSHIM_END".to_owned();
    while value.lines().any(|line| line == end) {
        end.push('_');
    }
    Ok(format!("{name}<<{end}\n{value}\n{end}\n"))
}

/// A value that the runner reads as it was written.
fn text<'a>(name: &str, value: &'a OsStr) -> Result<&'a str, Error> {
    let text = value.to_str().ok_or_else(|| unwritable(name, NOT_TEXT))?;
    if text.contains('\r') {
        return Err(unwritable(
            name,
            "it has a carriage return, which some runners take for the end of a line",
        ));
    }
    Ok(text)
}

fn unwritable(name: &str, problem: &'static str) -> Error {
    Error::Unwritable {
        name: name.to_owned(),
        format: "GitHub Actions",
        problem,
    }
}

/// Adds lines to a file of the runner's.
fn append(file: &Path, lines: &str) -> Result<(), Error> {
    let mut file = OpenOptions::new().append(true).create(true).open(file)?;
    // Whoever wrote before may have left the last line open; an empty one says nothing.
    Ok(file.write_all(format!("\n{lines}").as_bytes())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_value_ends_it() {
        let entry = |value: &str| entry("A", OsStr::new(value)).unwrap();
        assert_eq!(entry("a b=c<<d"), "A=a b=c<<d\n");
        assert_eq!(entry(""), "A=\n");
        assert_eq!(entry("\n"), "A<<GOSHIM_END\n\n\nGOSHIM_END\n");
        assert_eq!(
            entry("x\nGOSHIM_END\nEVIL=1\nGOSHIM_END_"),
            "A<<GOSHIM_END__\nx\nGOSHIM_END\nEVIL=1\nGOSHIM_END_\nGOSHIM_END__\n"
        );
    }
}
