//! Installing: from queries to SDKs that everybody sees, or to nothing at all.

use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use goshim_resolver::resolve::is_offline;
use goshim_resolver::settings::Config;
use goshim_resolver::store::{self as installed, Sdk};
use goshim_resolver::{Env, Layout, Query, Version};
use sha2::{Digest, Sha256};

use crate::archive::{self, Failure};
use crate::cancel::{Cancel, LOOK};
use crate::default;
use crate::download::{self, Download, LocalFile, Supply};
use crate::error::Error;
use crate::event::Event;
use crate::files;
use crate::http::Http;
use crate::index::{Hash, Index, is_sha256, parse_filename};
use crate::limits::Limits;
use crate::lock::Lock;
use crate::lookup::Lookup;
use crate::manifest::{Manifest, hex};
use crate::platform::Platform;
use crate::receipt::{Receipt, Stages};
use crate::shims;
use crate::source::{Location, Sources};
use crate::store;

/// The size of the pieces that go from the network's thread to the unpacking one, and how many may wait.
const PIECE: usize = 256 << 10;
const PIECES: usize = 16;
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

/// A release that is to be installed: everything but its bytes.
#[derive(Clone, Debug)]
struct Plan {
    version: Version,
    /// What the archive is for.
    platform: Platform,
    /// The store, with the SDK's name in it.
    layout: Layout,
    filename: String,
    sha256: String,
    size: Option<u64>,
    /// Who vouches for the hash.
    origin: String,
    file: Option<PathBuf>,
    index_time: Duration,
}

/// What becomes of an order.
enum Step {
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
        if !is_sha256(&lower) {
            return Err(Error::NotASha256 {
                value: sha256.to_owned(),
            });
        }
        Ok(Self {
            sha256: Some(lower),
            ..self
        })
    }
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
                scope.spawn(work);
            }
            work();
        });
        self.finish(steps, outcomes)
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

    /// Makes a release of each query, and of each release one plan.
    fn plan(
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
    fn plan_of_known(&self, order: &Order) -> Result<Option<Plan>, Error> {
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
    fn plan_of(&self, order: &Order, index: &Index) -> Result<Plan, Error> {
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

    /// Sets the default and the shims' names, once for all, and gives each order its result. What a killed run did not get to is made up
    /// for here, as far as the store can be written.
    fn finish(
        &self,
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
        let mut done = results.iter_mut().flatten().peekable();
        if let Some(first) = done.peek_mut()
            && is_host
        {
            let query = Query::Release(first.sdk.version.clone());
            let is_new = default::set_first(&self.layout, &query);
            first.is_new_default = match is_new {
                Err(_) if first.was_there => false,
                is_new => is_new?,
            };
            let synced = shims::sync(&self.layout);
            if done.any(|installed| !installed.was_there) {
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
        let fetched = self.receive_from(&locations, plan, on_event)?;
        installed.timings.unpack = started.elapsed();
        on_event(Event::Publishing);
        let started = Instant::now();
        let fetched = Fetched {
            timings: installed.timings,
            ..fetched
        };
        // The records come before the name: what is visible has them. Records without an SDK are overwritten by the next installation.
        fetched.write_records(layout, version)?;
        self.cancel.check()?;
        let root = fetched.staging.path().join("go");
        if installed::find_own(layout, version).is_some() {
            store::replace(layout, version, &root)?;
        } else {
            store::publish(layout, version, &root)?;
        }
        installed.timings.publish = started.elapsed();
        installed.was_there = false;
        on_event(Event::Published {
            name: &installed.name,
            timings: installed.timings,
        });
        Ok(installed)
    }

    /// Fetches the archive that an order means into staging. The caller holds the lock.
    pub(crate) fn fetch(
        &self,
        order: &Order,
        on_event: &mut dyn FnMut(Event<'_>),
    ) -> Result<Fetched, Error> {
        let plan = match self.plan_of_known(order)? {
            Some(plan) => plan,
            None => self.plan_of(order, &self.index(on_event)?)?,
        };
        self.receive_from(&self.locations(&plan)?, &plan, on_event)
    }

    /// Where the archive may come from, in the order in which it is tried.
    fn locations(&self, plan: &Plan) -> Result<Vec<Location>, Error> {
        if let Some(file) = &plan.file {
            return Ok(vec![Location::Disk(file.clone())]);
        }
        let locations = self
            .sources
            .mirrors
            .iter()
            .map(|mirror| mirror.file(&plan.filename))
            .filter(|location| !self.is_offline || matches!(location, Location::Disk(_)));
        let locations: Vec<_> = locations.collect();
        if locations.is_empty() {
            return Err(Error::Offline {
                what: plan.filename.clone(),
            });
        }
        Ok(locations)
    }

    /// Receives and unpacks the archive from the first of the locations that has it, whole and right.
    fn receive_from(
        &self,
        locations: &[Location],
        plan: &Plan,
        on_event: &mut dyn FnMut(Event<'_>),
    ) -> Result<Fetched, Error> {
        let mut rest = locations.iter();
        let mut current = rest.next();
        let mut is_again = false;
        while let Some(location) = current {
            let staging = store::stage(&plan.layout, &plan.version)?;
            match self.unpack(plan, location, staging.path(), on_event) {
                Ok(manifest) => {
                    let receipt = Receipt {
                        toolchain: plan.version.toolchain(),
                        platform: plan.platform.to_string(),
                        source: location.shown(),
                        index: plan.origin.clone(),
                        sha256: plan.sha256.clone(),
                        h1: manifest.h1(&plan.version, plan.platform),
                        installed_at: 0,
                        goshim: env!("CARGO_PKG_VERSION").to_owned(),
                        timings_ms: Stages::default(),
                    };
                    return Ok(Fetched {
                        staging,
                        manifest,
                        receipt,
                        timings: Timings::default(),
                    });
                }
                // Pieces of different files, or what a crash left damaged: once more, from the start.
                Err(Failed {
                    is_pieced: true,
                    error: error @ Error::Checksum { .. },
                }) if !is_again => {
                    is_again = true;
                    on_event(Event::Retrying {
                        reason: &error.to_string(),
                    });
                }
                Err(Failed { error, .. }) => {
                    let Some(next) = rest.next().filter(|_| is_the_source_s(&error)) else {
                        return Err(error);
                    };
                    on_event(Event::NextSource {
                        reason: &error.to_string(),
                    });
                    current = Some(next);
                    is_again = false;
                }
            }
        }
        // There is at least one location, and the last one's failure was returned.
        Err(Error::Cancelled)
    }

    /// Receives the archive, hashes it, and unpacks it into `staging` at the same time. What is there afterwards has the vouched hash.
    fn unpack(
        &self,
        plan: &Plan,
        location: &Location,
        staging: &Path,
        on_event: &mut dyn FnMut(Event<'_>),
    ) -> Result<Manifest, Failed> {
        let address = location.shown();
        let (sender, arriving) = sync_channel(PIECES);
        let (tell_retry, retries) = sync_channel::<String>(PIECES);
        let supply = match location {
            Location::Disk(path) => Supply::File(LocalFile::open(path, plan.size)?),
            Location::Web(url) => Supply::Server(Box::new(Download::new(
                &plan.layout,
                self.http()?,
                url.clone(),
                plan.size,
                &plan.sha256,
                Box::new(move |reason: &str| drop(tell_retry.try_send(reason.to_owned()))),
            )?)),
        };
        on_event(Event::Downloading {
            name: &plan.layout.name(&plan.version),
            url: &address,
            resumed: supply.resumed(),
            total: plan.size,
        });
        // A thread of its own, which is left behind where nobody takes its pieces: it may be waiting for a server.
        let network = thread::spawn(move || receive(supply, &sender));
        let mut pieces = Pieces {
            arriving,
            current: Vec::new(),
            position: 0,
            received: 0,
            retries,
            cancel: self.cancel.clone(),
            on_event,
        };
        let is_zip = plan.filename.ends_with(".zip");
        let unpacked = if is_zip {
            // Its directory is at its end: it is unpacked from the file, below.
            Ok(Manifest::default())
        } else {
            archive::unpack_tar_gz(&mut pieces, staging, &plan.version, plan.platform)
        };
        self.cancel.check()?;
        // A broken archive is most often a damaged one, so its hash decides what is said: the rest is received too.
        if let Err(Failure::Disk(error)) = unpacked {
            return Err(Error::Io(error).into());
        }
        pieces.drain();
        drop(pieces);
        self.cancel.check()?;
        let received = network
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let (supply, actual) = received?;
        let is_pieced = supply.is_pieced();
        let unpacked = if is_zip && actual == plan.sha256 {
            archive::unpack_zip(supply.file(), staging, &plan.version, plan.platform)
        } else {
            unpacked
        };
        // Right or wrong, these bytes are of no further use.
        supply.discard()?;
        if actual != plan.sha256 {
            return Err(Failed {
                is_pieced,
                error: Error::Checksum {
                    url: address,
                    actual,
                    expected: plan.sha256.clone(),
                },
            });
        }
        unpacked.map_err(|failure| match failure {
            Failure::Disk(error) => Error::Io(error).into(),
            Failure::Archive(reason) => Error::Archive {
                url: address,
                reason,
            }
            .into(),
        })
    }
}

/// A distribution in staging, whole and right, which goes away when dropped.
pub(crate) struct Fetched {
    /// It has the distribution as `go`.
    pub(crate) staging: tempfile::TempDir,
    pub(crate) manifest: Manifest,
    /// All but the times.
    receipt: Receipt,
    timings: Timings,
}

impl Fetched {
    /// Writes the manifest, and then the receipt.
    pub(crate) fn write_records(&self, layout: &Layout, version: &Version) -> Result<(), Error> {
        let staging = self.staging.path();
        files::write_staged(staging, &layout.manifest(version), &self.manifest.text())?;
        let milliseconds =
            |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let receipt = Receipt {
            installed_at: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default()
                .as_secs(),
            timings_ms: Stages {
                index: milliseconds(self.timings.index),
                wait: milliseconds(self.timings.wait),
                unpack: milliseconds(self.timings.unpack),
            },
            ..self.receipt.clone()
        };
        receipt.write(staging, layout, version)
    }
}

/// The name of an SDK in the store: that of its directory.
fn name_of(sdk: &Sdk) -> String {
    let name = sdk.root.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Whether another source may do better.
fn is_the_source_s(error: &Error) -> bool {
    matches!(
        error,
        Error::Unreachable { .. }
            | Error::Status { .. }
            | Error::Answer { .. }
            | Error::Page { .. }
            | Error::Length { .. }
            | Error::Checksum { .. }
    )
}

/// A failed download, and whether it was put together from several answers.
struct Failed {
    is_pieced: bool,
    error: Error,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self {
            is_pieced: false,
            error,
        }
    }
}

/// The network's side: hashes every byte on its way to the unpacking side. Returns the digest, hexadecimal.
fn receive(mut supply: Supply, sender: &SyncSender<Vec<u8>>) -> Result<(Supply, String), Error> {
    let mut hasher = Sha256::new();
    loop {
        let mut piece = vec![0; PIECE];
        let mut filled = 0;
        // Full pieces, for a read from the network gives a few kilobytes and each piece has its cost.
        while filled < piece.len() {
            match supply.next(&mut piece[filled..])? {
                0 => break,
                count => filled += count,
            }
        }
        if filled == 0 {
            return Ok((supply, hex(&hasher.finalize())));
        }
        piece.truncate(filled);
        hasher.update(&piece);
        if sender.send(piece).is_err() {
            return Err(io::Error::other("unpacking failed").into());
        }
    }
}

/// The unpacking side's view of what arrives.
struct Pieces<'a, 'b> {
    arriving: Receiver<Vec<u8>>,
    current: Vec<u8>,
    position: usize,
    received: u64,
    retries: Receiver<String>,
    cancel: Cancel,
    on_event: &'a mut (dyn FnMut(Event<'_>) + 'b),
}

impl Pieces<'_, '_> {
    /// The next piece; `false` at the end, or where the operation is to stop.
    fn advance(&mut self) -> bool {
        let next = loop {
            if self.cancel.check().is_err() {
                return false;
            }
            for reason in self.retries.try_iter() {
                (self.on_event)(Event::Retrying { reason: &reason });
            }
            match self.arriving.recv_timeout(LOOK) {
                Ok(piece) => break Some(piece),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break None,
            }
        };
        let Some(piece) = next else { return false };
        self.received += piece.len() as u64;
        (self.on_event)(Event::Progress {
            received: self.received,
        });
        self.current = piece;
        self.position = 0;
        true
    }

    /// Lets the rest arrive, for its hash.
    fn drain(&mut self) {
        while self.advance() {}
    }
}

impl Read for Pieces<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Pieces<'_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.position == self.current.len() && !self.advance() {
            return Ok(&[]);
        }
        Ok(&self.current[self.position..])
    }

    fn consume(&mut self, count: usize) {
        self.position += count;
    }
}
