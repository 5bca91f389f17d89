//! Installing: from queries to SDKs that everybody sees, or to nothing at all.
//!
//! An [`Order`] becomes a plan, which names the archive and its hash (`plan.rs`); the archive is received, hashed and unpacked into staging
//! (`fetch.rs`, `pieces.rs`); what is whole and right is published, here.

mod fetch;
mod pieces;
mod plan;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use goshim_resolver::resolve::is_offline;
use goshim_resolver::settings::Config;
use goshim_resolver::store::{self as installed, Sdk};
use goshim_resolver::{Env, Layout};

use self::fetch::Fetched;
use self::plan::{Plan, Step};
use crate::cancel::Cancel;
use crate::default;
use crate::download;
use crate::error::Error;
use crate::event::Event;
use crate::http::Http;
use crate::index::Index;
use crate::limits::Limits;
use crate::lock::Lock;
use crate::lookup::Lookup;
use crate::platform::Platform;
use crate::shims;
use crate::source::Sources;
use crate::store;

pub use self::plan::Order;

/// How many installations go on at a time: as many as there are processors, within these bounds. Each has its own connection.
const FEWEST_WORKERS: usize = 2;
const MOST_WORKERS: usize = 4;

/// Installs SDKs for one user from one set of sources.
#[derive(Debug)]
pub struct Installer {
    env: Env,
    config: Config,
    limits: Limits,
    /// The store, with the names of SDKs for [`Installer::platform`].
    layout: Layout,
    sources: Sources,
    is_offline: bool,
    platform: Platform,
    cancel: Cancel,
    /// Whether releases that are there are installed again.
    reinstalls: bool,
    /// Made when it is first needed, since it reads the system's certificates.
    http: Mutex<Option<Arc<Http>>>,
}

/// What an installation came to.
#[derive(Clone, Debug)]
pub struct Installed {
    /// The SDK, which is there.
    pub sdk: Sdk,
    /// Its name in the store: the toolchain, and the platform where that is not this machine's.
    pub name: String,
    /// Whether it was there before: then nothing was done.
    pub was_there: bool,
    /// Whether it became the default, because there was none.
    pub is_new_default: bool,
    /// Where the time went.
    pub timings: Timings,
}

/// The durations of an installation's stages; all zero where nothing was done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timings {
    /// Fetching and reading the index.
    pub index: Duration,
    /// Waiting for another process that was changing the same SDK.
    pub wait: Duration,
    /// Receiving, hashing, inflating and writing, which overlap.
    pub unpack: Duration,
    /// Making it durable and visible.
    pub publish: Duration,
}

impl Timings {
    /// All stages together.
    pub fn total(&self) -> Duration {
        self.index + self.wait + self.unpack + self.publish
    }
}

impl Installer {
    /// An installer for this machine's platform.
    ///
    /// # Errors
    /// Where an address, a limit or `GOSHIM_OFFLINE` is not what it should be.
    pub fn new(env: &Env, layout: &Layout, config: &Config) -> Result<Self, Error> {
        Ok(Self {
            env: env.clone(),
            config: config.clone(),
            limits: Limits::new(env, config)?,
            layout: layout.clone(),
            sources: Sources::new(env, config)?,
            is_offline: is_offline(env)?,
            platform: Platform::host(),
            cancel: Cancel::default(),
            reinstalls: false,
            http: Mutex::default(),
        })
    }

    /// The installer, for another platform: its SDKs are stored under names of their own, never run here, and are nobody's default.
    #[must_use]
    pub fn for_platform(self, platform: Platform) -> Self {
        Self {
            layout: self.layout.for_platform(platform),
            platform,
            ..self
        }
    }

    /// The installer, stopped by `cancel`: its operations then fail with [`Error::Cancelled`].
    #[must_use]
    pub fn stopped_by(self, cancel: Cancel) -> Self {
        Self { cancel, ..self }
    }

    /// The installer, for which releases that are there are no reason to do nothing: the new one takes the old one's place.
    #[must_use]
    pub fn reinstalling(self, reinstalls: bool) -> Self {
        Self { reinstalls, ..self }
    }

    /// What stops its operations.
    pub(crate) fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// The platform that it installs for.
    pub fn platform(&self) -> Platform {
        self.platform
    }

    /// The store, with the names of the SDKs for [`Installer::platform`].
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The index: fetched, and kept as a copy for the time without a network.
    ///
    /// # Errors
    /// Where nobody answers for it.
    pub fn index(&self, on_event: &mut dyn FnMut(Event<'_>)) -> Result<Index, Error> {
        self.lookup().index(&|| self.http(), on_event)
    }

    /// What is known of the index without asking a server: its last copy and, for the official one, the table in this program.
    ///
    /// # Errors
    /// Where the index is a file that cannot be read, or is no index.
    pub fn known_index(&self) -> Result<Option<Index>, Error> {
        self.lookup().known()
    }

    /// Installs what is ordered, several at a time; the index is read once. An installed release is left as it is.
    ///
    /// The results are in the order of `orders`, with whose place `on_event` is called, from several threads.
    ///
    /// # Errors
    /// Where one of the orders means no release, or nothing vouches for it: then nothing was done. Of an installation that failed later,
    /// nothing is visible, and what was installed before is untouched.
    pub fn install(
        &self,
        orders: &[Order],
        on_event: &(dyn Fn(usize, Event<'_>) + Sync),
    ) -> Result<Vec<Result<Installed, Error>>, Error> {
        let (steps, plans) = self.plan(orders, on_event)?;
        let outcomes: Vec<Mutex<Option<Result<Installed, Error>>>> =
            plans.iter().map(|_| Mutex::default()).collect();
        let place_of = |number: usize| {
            let is_it = |step: &Step| matches!(step, Step::Planned(planned) if *planned == number);
            steps.iter().position(is_it).unwrap_or_default()
        };
        let next = AtomicUsize::new(0);
        let work = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let (Some(plan), Some(outcome)) = (plans.get(number), outcomes.get(number)) else {
                    break;
                };
                let place = place_of(number);
                let done = self.carry_out(plan, &mut |event| on_event(place, event));
                *outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
            }
        };
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let workers = workers.clamp(FEWEST_WORKERS, MOST_WORKERS).min(plans.len());
        thread::scope(|scope| {
            // This thread is the first of them.
            for _ in 1..workers {
                // Where the system has no more threads, there are fewer of them.
                if thread::Builder::new().spawn_scoped(scope, work).is_err() {
                    break;
                }
            }
            work();
        });
        self.finish(orders, steps, outcomes)
    }

    /// The client, which is one for all threads.
    fn http(&self) -> Result<Arc<Http>, Error> {
        let mut http = self.http.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(http) = &*http {
            return Ok(Arc::clone(http));
        }
        let new = Arc::new(Http::new(&self.env, &self.config, self.limits)?);
        Ok(Arc::clone(http.insert(new)))
    }

    fn lookup(&self) -> Lookup<'_> {
        Lookup {
            layout: &self.layout,
            sources: &self.sources,
            cancel: &self.cancel,
            // Where all files lie in directories of this machine, there is no network to ask.
            is_offline: self.is_offline || self.sources.is_official && self.sources.are_local(),
        }
    }

    /// Sets the default and the shims' names, once for all, and gives each order its result. What a killed run did not get to is made up
    /// for here, as far as the store can be written.
    fn finish(
        &self,
        orders: &[Order],
        steps: Vec<Step>,
        outcomes: Vec<Mutex<Option<Result<Installed, Error>>>>,
    ) -> Result<Vec<Result<Installed, Error>>, Error> {
        let mut outcomes: Vec<_> = outcomes
            .into_iter()
            .map(|outcome| outcome.into_inner().unwrap_or_else(PoisonError::into_inner))
            .collect();
        let mut repeated: Vec<Option<Installed>> = outcomes.iter().map(|_| None).collect();
        let mut results: Vec<Result<Installed, Error>> = Vec::new();
        for step in steps {
            results.push(match step {
                Step::There(sdk) => {
                    store::sweep(&self.layout, &sdk.version, None);
                    Ok(Installed {
                        name: name_of(&sdk),
                        sdk,
                        was_there: true,
                        is_new_default: false,
                        timings: Timings::default(),
                    })
                }
                Step::Planned(number) => {
                    let outcome = outcomes.get_mut(number).and_then(Option::take);
                    match (outcome, repeated.get_mut(number)) {
                        (Some(outcome), Some(repeated)) => {
                            *repeated = outcome.as_ref().ok().map(|installed| Installed {
                                was_there: true,
                                ..installed.clone()
                            });
                            outcome
                        }
                        // Named twice: it failed, and was reported, or is there now.
                        (_, Some(Some(installed))) => Ok(installed.clone()),
                        _ => continue,
                    }
                }
            });
        }
        let is_host = self.platform == Platform::host();
        let done = orders.iter().zip(results.iter_mut());
        let mut done = done.filter_map(|(order, result)| Some((order, result.as_mut().ok()?)));
        if let Some((order, first)) = done.next()
            && is_host
        {
            let query = default::of_first(&order.query, &first.sdk.version);
            let is_new = default::set_first(&self.layout, &query);
            first.is_new_default = match is_new {
                Err(_) if first.was_there => false,
                is_new => is_new?,
            };
            let synced = shims::sync(&self.layout);
            if !first.was_there || done.any(|(_, installed)| !installed.was_there) {
                synced?;
            }
        }
        Ok(results)
    }

    /// Installs what is planned, unless another process has.
    fn carry_out(
        &self,
        plan: &Plan,
        on_event: &mut dyn FnMut(Event<'_>),
    ) -> Result<Installed, Error> {
        let (layout, version) = (&plan.layout, &plan.version);
        let sdk = Sdk {
            version: version.clone(),
            root: layout.sdk(version),
        };
        let mut installed = Installed {
            name: name_of(&sdk),
            sdk,
            was_there: true,
            is_new_default: false,
            timings: Timings {
                index: plan.index_time,
                ..Timings::default()
            },
        };
        let locations = self.locations(plan)?;
        let started = Instant::now();
        let lock = Lock::acquire(layout, version, &self.cancel, on_event)?;
        store::sweep(layout, version, Some(&lock));
        download::sweep(layout);
        if let Some(sdk) = installed::find(layout, version).filter(|_| !self.reinstalls) {
            installed.sdk = sdk;
            return Ok(installed);
        }
        installed.timings.wait = started.elapsed();
        let started = Instant::now();
        let mut fetched = self.receive_from(&locations, plan, on_event)?;
        installed.timings.unpack = started.elapsed();
        on_event(Event::Publishing);
        let started = Instant::now();
        fetched.timings = installed.timings;
        self.make_visible(plan, &fetched)
            .map_err(|error| fetched.staging.or_swept(error))?;
        installed.timings.publish = started.elapsed();
        installed.was_there = false;
        on_event(Event::Published {
            name: &installed.name,
            timings: installed.timings,
        });
        Ok(installed)
    }

    /// Publishes a tree and its records.
    fn make_visible(&self, plan: &Plan, fetched: &Fetched) -> Result<(), Error> {
        let (layout, version) = (&plan.layout, &plan.version);
        let records = fetched.stage_records(layout, version)?;
        self.cancel.check()?;
        let root = fetched.staging.path().join("go");
        if installed::find_own(layout, version).is_none() {
            // The records come before the name: what is visible has them. Records without an SDK are overwritten by the next installation.
            records.publish()?;
            return store::publish(layout, version, &root);
        }
        // The other way round, for the tree that is there has records too, and keeps them where it cannot be exchanged.
        store::replace(layout, version, &root)?;
        records.publish().inspect_err(|_| {
            let _ = store::replace(layout, version, &root);
        })
    }
}

/// The name of an SDK in the store: that of its directory.
fn name_of(sdk: &Sdk) -> String {
    let name = sdk.root.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
