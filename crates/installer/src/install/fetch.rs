//! An archive into staging: received, hashed and unpacked at the same time, from the first source that has it.

use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use goshim_resolver::{Layout, Version};

use super::pieces::{PIECES, Pieces, receive};
use super::plan::{Order, Plan};
use super::{Installer, Timings};
use crate::archive::{self, Failure};
use crate::download::{Download, LocalFile, Supply};
use crate::error::Error;
use crate::event::Event;
use crate::files::{self, Staged};
use crate::manifest::Manifest;
use crate::receipt::{Receipt, Stages};
use crate::source::Location;
use crate::store::{self, Staging};
use crate::threads;

/// A distribution in staging, whole and right, which goes away when dropped.
pub(crate) struct Fetched {
    /// It has the distribution as `go`.
    pub(crate) staging: Staging,
    pub(crate) manifest: Manifest,
    /// All but the times.
    receipt: Receipt,
    pub(super) timings: Timings,
}

impl Fetched {
    /// Writes the manifest, and then the receipt.
    pub(crate) fn write_records(&self, layout: &Layout, version: &Version) -> Result<(), Error> {
        self.stage_records(layout, version)?.publish()
    }

    /// Writes both into staging, whence they go to their places.
    pub(super) fn stage_records(
        &self,
        layout: &Layout,
        version: &Version,
    ) -> Result<Records, Error> {
        let staging = self.staging.path();
        let manifest =
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
        let receipt = receipt.stage(staging, layout, version)?;
        Ok(Records { manifest, receipt })
    }
}

/// The records of an installation, which wait for their names.
pub(super) struct Records {
    manifest: Staged,
    receipt: Staged,
}

impl Records {
    /// Gives both their names.
    pub(super) fn publish(self) -> Result<(), Error> {
        self.manifest.publish()?;
        self.receipt.publish()
    }
}

impl Installer {
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
    pub(super) fn locations(&self, plan: &Plan) -> Result<Vec<Location>, Error> {
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
    pub(super) fn receive_from(
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
                        manifest_sha256: Some(manifest.sha256()),
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
                    let error = staging.or_swept(error);
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
        let network = threads::start(move || receive(supply, &sender)).map_err(Error::Io)?;
        let mut pieces = Pieces::new(arriving, retries, self.cancel.clone(), on_event);
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
        let (supply, mut actual) = received?;
        let is_pieced = supply.is_pieced();
        let unpacked = if is_zip && actual == plan.sha256 {
            // Another process may have written to the file since: what counts is the hash of what was unpacked.
            archive::unpack_zip(supply.file(), staging, &plan.version, plan.platform).map(
                |(manifest, sha256)| {
                    actual = sha256;
                    manifest
                },
            )
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

/// Whether another source may do better.
fn is_the_source_s(error: &Error) -> bool {
    matches!(
        error,
        Error::Unreachable { .. }
            | Error::Unreadable { .. }
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
