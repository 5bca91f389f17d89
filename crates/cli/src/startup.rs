//! Changing a person's own files: planned and shown first, then written whole or not at all.

use std::path::{Path, PathBuf};

use goshim_installer::files;
use goshim_resolver::{Env, escape};
use goshim_shell::block::{self, Unpaired};
use goshim_shell::startup::Places;

use crate::error::Error;

/// The largest start-up file that is read.
const CAP: u64 = 16 << 20;

/// Where the user's start-up files are.
pub(crate) fn places(env: &Env) -> Result<Places, Error> {
    let home = env.absolute_home().ok_or(goshim_resolver::Error::NoHome)?;
    let dir = |variable: &str, fallback: PathBuf| {
        let named = env.var(variable).map(PathBuf::from);
        named.filter(|dir| dir.is_absolute()).unwrap_or(fallback)
    };
    Ok(Places {
        config: dir("XDG_CONFIG_HOME", home.join(".config")),
        zdotdir: dir("ZDOTDIR", home.to_owned()),
        home: home.to_owned(),
    })
}

/// A file to change.
#[derive(Debug)]
pub(crate) struct Edit {
    /// As the person knows it.
    pub(crate) file: PathBuf,
    /// Behind all links.
    target: PathBuf,
    old: Option<Vec<u8>>,
    /// `None`: the file goes.
    new: Option<Vec<u8>>,
    /// The file is goshim's alone.
    pub(crate) is_whole: bool,
}

/// A file that goshim leaves alone, and why.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) file: PathBuf,
    pub(crate) reason: String,
}

impl Refused {
    fn new(file: &Path, reason: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            reason: reason.into(),
        }
    }

    fn unpaired(file: &Path, Unpaired { line }: Unpaired) -> Self {
        let reason = format!("goshim's marks in it do not come in pairs: see line {line}");
        Self::new(file, reason)
    }
}

impl Edit {
    /// The edit that puts `lines` between goshim's marks; `None` where they are there.
    pub(crate) fn insert(file: &Path, lines: &str) -> Result<Option<Self>, Refused> {
        Self::plan(file, |old| {
            let new = block::insert(old, lines).map(Some);
            new.map_err(|unpaired| Refused::unpaired(file, unpaired))
        })
    }

    /// The edit that takes goshim's lines out; `None` where there are none.
    pub(crate) fn remove(file: &Path) -> Result<Option<Self>, Refused> {
        Self::plan(file, |old| {
            let new = old.map_or(Ok(None), block::remove);
            new.map_err(|unpaired| Refused::unpaired(file, unpaired))
        })
    }

    /// The edit that makes the whole file `text`, or with `None` takes it away, where it is not there yet or `is_ours`.
    pub(crate) fn whole(
        file: &Path,
        text: Option<&str>,
        is_ours: impl Fn(&[u8]) -> bool,
    ) -> Result<Option<Self>, Refused> {
        let mut is_foreign = false;
        let edit = Self::plan::<Refused>(file, |old| {
            is_foreign = old.is_some_and(|old| !is_ours(old));
            let new = if is_foreign {
                old
            } else {
                text.map(str::as_bytes)
            };
            Ok(new.map(<[u8]>::to_vec))
        });
        if is_foreign && text.is_some() {
            return Err(Refused::new(file, "it is there, and not goshim's"));
        }
        edit.map(|edit| {
            edit.map(|edit| Self {
                is_whole: true,
                ..edit
            })
        })
    }

    /// The edit that makes of a file what `change` makes of its bytes, of which there are none where it is not there; `None` where it stays as it is.
    pub(crate) fn plan<E: From<Refused>>(
        file: &Path,
        change: impl FnOnce(Option<&[u8]>) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Option<Self>, E> {
        let (target, old) = read(file)?;
        let new = change(old.as_deref())?;
        if new == old {
            return Ok(None);
        }
        // What is not to be changed need not be changeable.
        if old.is_some() {
            may_change(file, &target)?;
        }
        Ok(Some(Self {
            file: file.to_owned(),
            target,
            old,
            new,
            is_whole: false,
        }))
    }

    /// Removes the directories around a file that went, as far as they are empty and below `base`.
    pub(crate) fn remove_empty_directories(&self, base: &Path) {
        let is_gone = self.new.is_none();
        let dirs = self.file.ancestors().skip(1);
        let below = dirs.take_while(|dir| is_gone && dir.starts_with(base) && *dir != base);
        for dir in below {
            if fs_err::remove_dir(dir).is_err() {
                break;
            }
        }
    }

    /// Carries it out.
    pub(crate) fn apply(&self) -> Result<(), Refused> {
        let refused = |reason: String| Refused::new(&self.file, reason);
        if read(&self.file)? != (self.target.clone(), self.old.clone()) {
            return Err(refused("another program changed it just now".to_owned()));
        }
        match &self.new {
            Some(new) => files::replace(&self.target, new),
            None => fs_err::remove_file(&self.target).map_err(Into::into),
        }
        .map_err(|error| refused(escape::text(&error.to_string())))
    }
}

/// A file behind its links, and what is in it; `None` where there is none.
fn read(file: &Path) -> Result<(PathBuf, Option<Vec<u8>>), Refused> {
    let refused = |reason: &str| Refused::new(file, reason);
    let unreadable = |error: std::io::Error| Refused::new(file, escape::text(&error.to_string()));
    match fs_err::symlink_metadata(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok((file.to_owned(), None));
        }
        found => found.map_err(unreadable)?,
    };
    let target =
        dunce::canonicalize(file).map_err(|_| refused("it is a link that leads nowhere"))?;
    let metadata = fs_err::metadata(&target).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(refused("it is no regular file"));
    }
    if metadata.len() > CAP {
        return Err(refused("it is larger than 16 MiB"));
    }
    let text = fs_err::read(&target).map_err(unreadable)?;
    Ok((target, Some(text)))
}

/// Whether a file that is there is the user's to change: whoever made it read-only, or has it from somewhere else, had a reason.
fn may_change(file: &Path, target: &Path) -> Result<(), Refused> {
    let refused = |reason: &str| Err(Refused::new(file, reason));
    let Ok(metadata) = fs_err::metadata(target) else {
        return refused("it is gone");
    };
    if metadata.permissions().readonly() {
        return refused("it is read-only");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        if metadata.uid() != rustix::process::geteuid().as_raw() {
            return refused("it belongs to another user");
        }
        // Written anew it would be two files.
        if metadata.nlink() > 1 {
            return refused("it has other names (hard links)");
        }
    }
    Ok(())
}
