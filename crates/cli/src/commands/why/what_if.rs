//! `goshim why --what-if`: the same question for another directory, another environment, or without a file.

use std::path::Path;

use goshim_resolver::{Env, home, workdir};

use crate::context::in_directory;
use crate::error::Error;

/// The environment as it would be.
///
/// A word is a file to take for absent (`-FILE`), a variable (`NAME=VALUE`; an empty value unsets it), else a directory.
///
/// # Errors
/// Where a directory is none.
pub(super) fn apply(env: &Env, words: &[String]) -> Result<Env, Error> {
    let mut env = env.clone();
    for word in words {
        env = if let Some(file) = word.strip_prefix('-') {
            env.hidden.push(here(&env, file.as_ref()));
            env
        } else if let Some((name, value)) = assignment(word) {
            let mut env = if value.is_empty() {
                env.without(name)
            } else {
                env.with(name, value)
            };
            if name == home::VARIABLE {
                env.home = Some(value.into()).filter(|_| !value.is_empty());
            }
            env
        } else {
            in_directory(env, word.as_ref()).ok_or_else(|| Error::WhatIf(word.clone()))?
        };
    }
    Ok(env)
}

/// A path from the working directory as the person sees it.
fn here(env: &Env, path: &Path) -> std::path::PathBuf {
    let dir = workdir::work_dir(env, None).ok().flatten();
    workdir::clean(&dir.map_or_else(|| path.to_owned(), |dir| dir.join(path)))
}

fn assignment(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then_some((name, value))
}
