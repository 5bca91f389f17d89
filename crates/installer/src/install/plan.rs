//! From what somebody wants to what is to be fetched: a release, its archive, and who vouches for its hash.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use goshim_resolver::store::{self as installed, Holder, Sdk};
use goshim_resolver::{Layout, Query, Version};

use super::Installer;
use crate::error::Error;
use crate::event::Event;
use crate::hex::{SHA256, is_hex};
use crate::index::{Hash, Index, parse_filename};
use crate::platform::Platform;
use crate::receipt::Receipt;

/// What somebody wants installed.
#[derive(Clone, Debug)]
pub struct Order {
    /// Which release.
    pub query: Query,
    /// None below this one will do.
    pub at_least: Option<Version>,
    /// The sha256 that the user vouches for: 64 hexadecimal digits. It takes the place of a published one where there is none, and must be
    /// the published one where there is.
    pub sha256: Option<String>,
    /// The archive itself, instead of the sources.
    pub file: Option<PathBuf>,
}

/// A release that is to be installed: everything but its bytes.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) version: Version,
    /// What the archive is for.
    pub(super) platform: Platform,
    /// The store, with the SDK's name in it.
    pub(super) layout: Layout,
    pub(super) filename: String,
    pub(super) sha256: String,
    pub(super) size: Option<u64>,
    /// Who vouches for the hash.
    pub(super) origin: String,
    pub(super) file: Option<PathBuf>,
    pub(super) index_time: Duration,
}

/// What becomes of an order.
pub(super) enum Step {
    /// It is there.
    There(Sdk),
    /// It is the plan of this number.
    Planned(usize),
}

impl Order {
    /// An order for what `query` means, from the user's sources.
    pub fn new(query: Query, at_least: Option<Version>) -> Self {
        Self {
            query,
            at_least,
            sha256: None,
            file: None,
        }
    }

    /// An order for the release that the name of an archive means, and the platform that it is for.
    ///
    /// # Errors
    /// Where the name is not one such as `go1.22.10.linux-amd64.tar.gz`.
    pub fn of_file(file: &Path) -> Result<(Self, Platform), Error> {
        let name = file.file_name().and_then(|name| name.to_str());
        let (version, platform) =
            name.and_then(parse_filename)
                .ok_or_else(|| Error::UnknownFile {
                    file: file.to_owned(),
                })?;
        let order = Self {
            file: Some(file.to_owned()),
            ..Self::new(Query::Release(version), None)
        };
        Ok((order, platform))
    }

    /// The order, with the user's word for its archive.
    ///
    /// # Errors
    /// Where `sha256` is not 64 hexadecimal digits.
    pub fn vouched(self, sha256: &str) -> Result<Self, Error> {
        let lower = sha256.to_ascii_lowercase();
        if !is_hex(&lower, SHA256) {
            return Err(Error::NotASha256 {
                value: sha256.to_owned(),
            });
        }
        Ok(Self {
            sha256: Some(lower),
            ..self
        })
    }

    /// Refuses an SDK that is there already and came from another archive than the one that the user vouches for.
    fn accepts(&self, layout: &Layout, sdk: &Sdk) -> Result<(), Error> {
        let Some(given) = &self.sha256 else {
            return Ok(());
        };
        let store = match installed::holder(layout, sdk) {
            Holder::Own => layout.clone(),
            Holder::Further(store) => store,
        };
        let sha256 = Receipt::read(&store, &sdk.version).map(|receipt| receipt.sha256);
        if sha256.as_ref() == Some(given) {
            return Ok(());
        }
        Err(Error::FromAnotherArchive {
            toolchain: sdk.version.toolchain(),
            sha256: sha256.unwrap_or_else(|| "unknown".to_owned()),
            given: given.clone(),
        })
    }
}

impl Installer {
    /// Makes a release of each query, and of each release one plan.
    pub(super) fn plan(
        &self,
        orders: &[Order],
        on_event: &(dyn Fn(usize, Event<'_>) + Sync),
    ) -> Result<(Vec<Step>, Vec<Plan>), Error> {
        let mut index: Option<(Index, Duration)> = None;
        let mut plans: Vec<Plan> = Vec::new();
        let mut steps = Vec::new();
        for (place, order) in orders.iter().enumerate() {
            if let Query::Release(version) = &order.query
                && !self.reinstalls
                && (order.at_least.as_ref()).is_none_or(|floor| version >= floor)
                && let Some(sdk) = installed::find(&self.layout, version)
            {
                order.accepts(&self.layout, &sdk)?;
                steps.push(Step::There(sdk));
                continue;
            }
            let on_event = &mut |event: Event<'_>| on_event(place, event);
            let plan = if let Some(plan) = self.plan_of_known(order)? {
                plan
            } else {
                let (index, time) = if let Some(index) = &index {
                    index
                } else {
                    let started = Instant::now();
                    let read = self.index(on_event)?;
                    index.insert((read, started.elapsed()))
                };
                Plan {
                    index_time: *time,
                    ..self.plan_of(order, index)?
                }
            };
            if plan.platform != self.platform {
                on_event(Event::Substitute {
                    version: &plan.version,
                    wanted: self.platform,
                    instead: plan.platform,
                });
            }
            let name = plan.layout.name(&plan.version);
            let same = plans
                .iter()
                .position(|known| known.layout.name(&known.version) == name);
            let there = installed::find(&plan.layout, &plan.version);
            steps.push(if let Some(sdk) = there.filter(|_| !self.reinstalls) {
                order.accepts(&plan.layout, &sdk)?;
                Step::There(sdk)
            } else if let Some(number) = same {
                Step::Planned(number)
            } else {
                plans.push(plan);
                Step::Planned(plans.len() - 1)
            });
        }
        Ok((steps, plans))
    }

    /// The plan of a release whose file the user names, where nobody need be asked: the user vouches for it, or it is known already.
    pub(super) fn plan_of_known(&self, order: &Order) -> Result<Option<Plan>, Error> {
        if order.file.is_none() || !matches!(order.query, Query::Release(_)) {
            return Ok(None);
        }
        let nothing = || Index::new(String::new(), Vec::new());
        let known = match self.lookup().known()? {
            Some(known) => known,
            None if order.sha256.is_some() => nothing(),
            None => return Ok(None),
        };
        match self.plan_of(order, &known) {
            Ok(plan) => Ok(Some(plan)),
            Err(Error::NoRelease { .. } | Error::NoArchive { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The plan of the release that the order means in `index`.
    pub(super) fn plan_of(&self, order: &Order, index: &Index) -> Result<Plan, Error> {
        let at_least = order.at_least.as_ref();
        let selected = index.select(&order.query, at_least, self.platform);
        let user = "the user, with --sha256";
        let (release, given) = match (selected, &order.query, &order.sha256) {
            (Ok(release), _, given) => (release, given.as_deref()),
            // A release that the index does not know, for which the user vouches.
            (
                Err(Error::NoRelease { .. } | Error::NoArchive { .. }),
                Query::Release(version),
                Some(sha256),
            ) if at_least.is_none_or(|floor| version >= floor) => {
                return Ok(Plan {
                    version: version.clone(),
                    platform: self.platform,
                    layout: self.layout.clone(),
                    filename: self.platform.archive(&version.toolchain()),
                    sha256: sha256.clone(),
                    size: None,
                    origin: user.to_owned(),
                    file: order.file.clone(),
                    index_time: Duration::ZERO,
                });
            }
            (Err(error), _, _) => return Err(error),
        };
        let toolchain = release.version.toolchain();
        let archive = release
            .archive(self.platform)
            .ok_or_else(|| Error::NoArchive {
                toolchain: toolchain.clone(),
                platform: self.platform.to_string(),
            })?;
        let (sha256, origin) = match (&archive.hash, given) {
            (Hash::Published(published), Some(given)) if published != given => {
                return Err(Error::AnotherHash {
                    toolchain,
                    published: published.clone(),
                    given: given.to_owned(),
                });
            }
            (Hash::Published(published), _) => (published.clone(), index.origin.clone()),
            (Hash::Missing, Some(given)) => (given.to_owned(), user.to_owned()),
            (Hash::Missing, None) => return Err(Error::NoHash { toolchain }),
            (
                Hash::Disputed {
                    index: published,
                    table,
                },
                _,
            ) => {
                return Err(Error::Disputed {
                    filename: archive.filename.clone(),
                    index: self.sources.index_shown(),
                    published: published.clone(),
                    known: table.clone(),
                });
            }
        };
        Ok(Plan {
            version: release.version.clone(),
            platform: archive.platform,
            layout: if self.platform == Platform::host() {
                self.layout.clone()
            } else {
                self.layout.for_platform(archive.platform)
            },
            filename: archive.filename.clone(),
            sha256,
            size: archive.size,
            origin,
            file: order.file.clone(),
            index_time: Duration::ZERO,
        })
    }
}
