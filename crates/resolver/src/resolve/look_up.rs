//! What is asked for, among the Gos that are here.

use super::{Choice, Resolver, Selected, Wanted};
use crate::error::Error;
use crate::origin::{Origin, Verdict};
use crate::query::{self, InvalidQuery, Query};
use crate::store::{self, Sdk};
use crate::version::Version;
use crate::{linked, system};

impl Resolver<'_> {
    /// An explicit choice: exact, whatever the module requires.
    pub(super) fn look_up_exactly(&mut self, choice: &Choice) -> Result<Selected, Error> {
        let query = choice.queries.first().cloned().unwrap_or(Query::Latest);
        match self.find(&query, None, &choice.origin)? {
            Some(selected) => Ok(selected),
            None if is_installable(&query) => Ok(Selected::Missing(Wanted {
                query,
                at_least: None,
            })),
            None => Err(not_here(query, &choice.origin)),
        }
    }

    /// The choice under its floor.
    pub(super) fn look_up(&mut self) -> Result<Selected, Error> {
        let floor = self.floor.as_ref().map(|floor| floor.version.clone());
        let Some(choice) = self.choice.clone() else {
            // Nothing is installed and nothing is asked for: the floor alone says what would do.
            return match self.reachable_floor()? {
                Some(floor) => self.meet(floor),
                None => Err(Error::NothingInstalled),
            };
        };
        let mut is_here_but_below = false;
        for query in &choice.queries {
            match self.find(query, floor.as_ref(), &choice.origin)? {
                Some(selected) if is_below(&selected, floor.as_ref()) => is_here_but_below = true,
                Some(selected) => return Ok(selected),
                None => {}
            }
        }
        // A system Go that is not there, or a name that is not linked, is passed over like an SDK that is not, but nobody can install it.
        let candidates = || {
            let is_one = |query: &&Query| is_installable(query) || is_here_but_below;
            choice.queries.iter().filter(is_one)
        };
        // Of several that are not here, the first one that can meet the floor.
        let can_meet = |query: &&Query| match (query, floor.as_ref()) {
            (Query::Release(version), Some(floor)) => version >= floor,
            (Query::Series(series), Some(floor)) => series.reaches(floor),
            (_, floor) => floor.is_none(),
        };
        let Some(query) = candidates()
            .find(can_meet)
            .or_else(|| candidates().next())
            .cloned()
        else {
            let first = choice.queries.into_iter().next();
            return Err(not_here(first.unwrap_or(Query::System), &choice.origin));
        };
        let floor = self.reachable_floor()?;
        let raise = floor.clone().filter(|floor| match &query {
            Query::Release(version) => version < floor,
            Query::Series(series) => !series.reaches(floor),
            Query::OldStable => is_here_but_below || self.is_oldstable_below(floor),
            Query::Latest | Query::System | Query::Linked(_) | Query::Named(_) => is_here_but_below,
        });
        let Some(floor) = raise else {
            return Ok(Selected::Missing(Wanted {
                query,
                at_least: floor,
            }));
        };
        self.raised = true;
        self.step(
            "floor",
            None,
            Some(floor.to_string()),
            Verdict::Raised,
            "the choice is below it",
        );
        self.meet(floor)
    }

    /// Whether the minor before the newest installed one is below the floor, so that none of its releases can meet it.
    fn is_oldstable_below(&self, floor: &Version) -> bool {
        let newest = self.newest_installed(None, |_| true).ok().flatten();
        let before = newest.and_then(|newest| Version::parse(&newest.version.previous_language()));
        before.is_some_and(|before| before < *floor && !before.same_minor(floor))
    }

    /// The floor, where it has to be met by something that is not here yet: then a release must be able to.
    fn reachable_floor(&self) -> Result<Option<Version>, Error> {
        match &self.floor {
            Some(floor) if !query::within_limits(&floor.version) => Err(floor.no_such_release()),
            floor => Ok(floor.as_ref().map(|floor| floor.version.clone())),
        }
    }

    /// The newest patch of the floor's own minor that meets it.
    fn meet(&self, floor: Version) -> Result<Selected, Error> {
        let patch = self.newest_installed(Some(&floor), |version| version.same_minor(&floor))?;
        Ok(patch.map_or_else(
            || {
                Selected::Missing(Wanted {
                    query: Query::series_of(&floor),
                    at_least: Some(floor),
                })
            },
            Selected::Installed,
        ))
    }

    /// The Go that `query` means among those that are here; `None` where it is not installed.
    fn find(
        &self,
        query: &Query,
        floor: Option<&Version>,
        origin: &Origin,
    ) -> Result<Option<Selected>, Error> {
        Ok(match query {
            Query::Release(version) => store::find(self.layout, version).map(Selected::Installed),
            Query::Series(series) => self
                .newest_installed(floor, |version| series.covers(version))?
                .map(Selected::Installed),
            Query::Latest => self
                .newest_installed(None, |_| true)?
                .map(Selected::Installed),
            Query::OldStable => match self.newest_installed(None, |_| true)? {
                Some(newest) => {
                    let previous = newest.version.previous_language();
                    self.newest_installed(None, |version| version.language() == previous)?
                        .map(Selected::Installed)
                }
                None => None,
            },
            Query::System => system::find(&self.env, self.layout).map(Selected::System),
            Query::Linked(name) => linked::find(self.layout, name)?.map(Selected::Linked),
            Query::Named(name) => {
                return Err(Error::NoSuchRelease {
                    name: name.clone(),
                    asker: origin.to_string(),
                });
            }
        })
    }

    /// The newest installed stable SDK that meets the floor and that `accepts` takes. Prereleases count only where they are named:
    /// a floor that is one lets it or a later one do where there is nothing stable, as the installer has it.
    pub(super) fn newest_installed(
        &self,
        floor: Option<&Version>,
        accepts: impl Fn(&Version) -> bool,
    ) -> Result<Option<Sdk>, Error> {
        let mut sdks = store::list(self.layout)?;
        sdks.retain(|sdk| accepts(&sdk.version) && floor.is_none_or(|floor| sdk.version >= *floor));
        let stable = sdks.iter().position(|sdk| !sdk.version.is_prerelease());
        let at = if floor.is_some_and(Version::is_prerelease) {
            stable.or(Some(0))
        } else {
            stable
        };
        Ok(at.and_then(|at| sdks.into_iter().nth(at)))
    }
}

/// Whether what is not here could be installed: neither a system Go nor a name of the user's own can.
fn is_installable(query: &Query) -> bool {
    !matches!(query, Query::System | Query::Linked(_))
}

/// The error for what is not here and cannot be installed. A name is as wrong as any other word in its place.
fn not_here(query: Query, origin: &Origin) -> Error {
    let Query::Linked(name) = query else {
        return Error::NoSystemGo {
            asker: origin.to_string(),
        };
    };
    let source = InvalidQuery::not_linked(&name);
    match (origin.place(), origin) {
        (Some(place), _) => Error::Pin {
            place: place.clone(),
            problem: source.into(),
        },
        (None, Origin::Variable(what)) => Error::Query { what, source },
        (None, _) => Error::Query {
            what: "the query",
            source,
        },
    }
}

fn is_below(selected: &Selected, floor: Option<&Version>) -> bool {
    // A Go of unknown version is used as it is.
    matches!((selected.version(), floor), (Some(version), Some(floor)) if version < floor)
}
