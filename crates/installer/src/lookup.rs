//! Where the index comes from: the server, its last copy, and for the official one the table in this program.

use std::sync::Arc;

use goshim_resolver::Layout;
use goshim_resolver::escape::Escaped;
use reqwest::Url;

use crate::cancel::Cancel;
use crate::copy::Copy;
use crate::date;
use crate::error::Error;
use crate::event::Event;
use crate::files;
use crate::http::{Fetched, Http, INDEX_CAP, pause_after};
use crate::index::Index;
use crate::source::{Location, Sources};
use crate::table;

/// Looks things up in the vouching index.
pub(crate) struct Lookup<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) sources: &'a Sources,
    pub(crate) cancel: &'a Cancel,
    pub(crate) is_offline: bool,
}

impl Lookup<'_> {
    /// The index. It is fetched and kept as a copy; where that cannot be, the copy and, for the official index, the table in this program
    /// answer, and an event says so.
    ///
    /// # Errors
    /// Where nobody answers, or what answers is no index.
    pub(crate) fn index(
        &self,
        http: &dyn Fn() -> Result<Arc<Http>, Error>,
        on_event: &mut dyn FnMut(Event<'_>),
    ) -> Result<Index, Error> {
        let url = match &self.sources.index {
            Location::Web(url) => url,
            Location::Disk(file) => {
                return Index::parse(
                    &files::read_text(file, INDEX_CAP)?,
                    &self.sources.index_shown(),
                );
            }
        };
        let copy = Copy::read(self.layout, url);
        if self.is_offline {
            let missing = Error::Offline {
                what: format!("the index at {}", self.sources.index_shown()),
            };
            return self.old_index(copy, missing, None, on_event);
        }
        let is_replaceable = copy.is_some() || self.sources.is_official;
        let etag = copy.as_ref().and_then(|copy| copy.etag.clone());
        match self.fetch(http()?, url, etag, is_replaceable) {
            Ok(Fetched::Unchanged) => {
                let unasked = || Error::Answer {
                    url: self.sources.index_shown(),
                    what: "status 304, which was not asked for".to_owned(),
                };
                Ok(self.renewed(copy.ok_or_else(unasked)?, url))
            }
            Ok(Fetched::Text { text, etag }) => {
                // Servers without ETags send what is known already.
                if let Some(copy) = copy.filter(|copy| copy.json == text && copy.etag == etag) {
                    return Ok(self.renewed(copy, url));
                }
                let index = Index::parse(&text, &self.sources.index_shown())?;
                let _ = Copy::write(self.layout, url, &text, etag.as_deref());
                Ok(self.vouched(index))
            }
            Err(Error::Cancelled) => Err(Error::Cancelled),
            Err(failure) => {
                let reason = failure.to_string();
                self.old_index(copy, failure, Some(&reason), on_event)
            }
        }
    }

    /// What is known without asking a server: the index in a file, the last copy, the table.
    pub(crate) fn known(&self) -> Result<Option<Index>, Error> {
        Ok(match &self.sources.index {
            Location::Disk(file) => Some(Index::parse(
                &files::read_text(file, INDEX_CAP)?,
                &self.sources.index_shown(),
            )?),
            Location::Web(url) => match Copy::read(self.layout, url) {
                Some(copy) => Some(self.vouched(copy.index)),
                None => self.sources.is_official.then(table::index),
            },
        })
    }

    /// What the copy says, which is today's index. Its date is a convenience, like the copy itself: a store that cannot be written shows at
    /// the installation.
    fn renewed(&self, copy: Copy, url: &Url) -> Index {
        let _ = Copy::renew(self.layout, url);
        self.vouched(copy.index)
    }

    /// What an index says together with the table, where it is the official one.
    fn vouched(&self, index: Index) -> Index {
        if self.sources.is_official {
            index.joined_with_table(table::index())
        } else {
            index
        }
    }

    fn old_index(
        &self,
        copy: Option<Copy>,
        failure: Error,
        reason: Option<&str>,
        on_event: &mut dyn FnMut(Event<'_>),
    ) -> Result<Index, Error> {
        let date = copy.as_ref().map(|copy| date::day(copy.date));
        let index = match copy {
            Some(copy) => self.vouched(copy.index),
            None if self.sources.is_official => table::index(),
            None => return Err(failure),
        };
        let newest = index.releases().iter().find(|release| release.is_stable);
        let newest = newest.map_or_else(String::new, |release| release.version.toolchain());
        on_event(Event::OldIndex {
            date,
            newest: &newest,
            reason,
        });
        Ok(index)
    }

    /// The text at `url`, tried as often as the user's limits say. Who can do without it does not wait for a server that is away.
    fn fetch(
        &self,
        http: Arc<Http>,
        url: &Url,
        etag: Option<String>,
        is_replaceable: bool,
    ) -> Result<Fetched, Error> {
        let url = url.clone();
        let fetched = self.cancel.leaving_behind(move || {
            let mut tried = 0;
            loop {
                let error = match http.text(&url, etag.as_deref()) {
                    Ok(fetched) => return Ok(fetched),
                    Err(error) => error,
                };
                let is_away = matches!(error, Error::Unreachable { .. }) && is_replaceable;
                let pause = pause_after(&error, tried)
                    .filter(|_| !is_away && tried < http.limits().retries);
                let Some(pause) = pause else {
                    return Err(error);
                };
                tracing::debug!(reason = %Escaped(&error.to_string()), "trying again");
                std::thread::sleep(pause);
                tried += 1;
            }
        });
        fetched?
    }
}
