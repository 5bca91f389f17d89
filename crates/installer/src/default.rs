//! The user's default: one line in the state directory, which the resolver reads.

use std::io;

use goshim_resolver::{Layout, Query, Version, own_file};

use crate::error::Error;
use crate::files;

/// A query is shorter.
const LARGEST: u64 = 64 << 10;

/// The text of the default, as it was written; `None` where none is set.
///
/// # Errors
/// Where something is there that cannot be read.
pub fn read(layout: &Layout) -> Result<Option<String>, Error> {
    let file = layout.default_file();
    let text = own_file(&file, LARGEST)?.map(String::from_utf8).transpose();
    Ok(text.map_err(|_| {
        let message = format!("cannot read {}: it is not UTF-8", file.display());
        io::Error::new(io::ErrorKind::InvalidData, message)
    })?)
}

/// Sets the default. The query is stored as it is: a series stays a series.
///
/// # Errors
/// Where the state directory cannot be written.
pub fn set(layout: &Layout, query: &Query) -> Result<(), Error> {
    files::write_whole(&layout.default_file(), &format!("{query}\n"))
}

/// Removes the default; one that is not set is as good as removed.
///
/// # Errors
/// Where the state directory cannot be written.
pub fn unset(layout: &Layout) -> Result<(), Error> {
    files::remove_if_there(&layout.default_file())
}

/// What the first installation makes the default: the release where one was named, else the series, so that `goshim upgrade` moves it and an installed
/// newer minor does not.
pub(crate) fn of_first(asked: &Query, installed: &Version) -> Query {
    match asked {
        Query::Series(_) => asked.clone(),
        Query::Latest | Query::OldStable if !installed.is_prerelease() => {
            Query::series_of(installed)
        }
        _ => Query::Release(installed.clone()),
    }
}

/// Sets the default where there is none: the first installed SDK is what people expect to run. Of several processes one succeeds.
pub(crate) fn set_first(layout: &Layout, query: &Query) -> Result<bool, Error> {
    let file = layout.default_file();
    Ok(!file.exists() && files::write_new(&file, &format!("{query}\n"))?)
}
