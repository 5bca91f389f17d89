//! Installing: from a query to an SDK that everybody sees, or to nothing at all.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use goshim_resolver::resolve::is_offline;
use goshim_resolver::settings::Config;
use goshim_resolver::store::{self as installed, Sdk};
use goshim_resolver::{Env, Layout, Query, Version};
use sha2::{Digest, Sha256};

use crate::archive::{self, Failure};
use crate::default;
use crate::download::Download;
use crate::error::Error;
use crate::event::Event;
use crate::files;
use crate::http::Http;
use crate::index::{Archive, Index, Release};
use crate::lock::Lock;
use crate::manifest::{Manifest, hex};
use crate::platform::Platform;
use crate::receipt::Receipt;
use crate::shims;
use crate::source::{Sources, shown};
use crate::store;

/// The size of the pieces that go from the network's thread to the unpacking one, and how many may wait.
const PIECE: usize = 256 << 10;
const PIECES: usize = 16;

/// Installs SDKs for one user from one pair of sources.
#[derive(Debug)]
pub struct Installer {
    layout: Layout,
    sources: Sources,
    is_offline: bool,
    platform: Platform,
}

/// What an installation came to.
#[derive(Debug)]
pub struct Installed {
    /// The SDK, which is there.
    pub sdk: Sdk,
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
    /// Receiving, hashing, inflating and writing, which overlap.
    pub unpack: Duration,
    /// Making it durable and visible.
    pub publish: Duration,
}

impl Installer {
    /// An installer for this machine's platform.
    ///
    /// # Errors
    /// Where an address or `GOSHIM_OFFLINE` is not what it should be.
    pub fn new(env: &Env, layout: &Layout, config: &Config) -> Result<Self, Error> {
        let sources = Sources::new(env, config)?;
        Ok(Self {
            layout: layout.clone(),
            sources,
            is_offline: is_offline(env)?,
            platform: Platform::host(),
        })
    }

    /// The index: fetched, and kept as a copy for the time without a network.
    ///
    /// # Errors
    /// Where it can neither be fetched nor a copy be read.
    pub fn index(&self, on_event: &mut dyn FnMut(Event<'_>)) -> Result<Index, Error> {
        let url = self.sources.index_shown();
        let copy = self.layout.index().join(format!(
            "{}.json",
            &hex(&Sha256::digest(self.sources.index.as_str()))[..16]
        ));
        let failure = if self.is_offline {
            Error::Offline {
                what: format!("the index at {url}"),
            }
        } else {
            match Http::new().and_then(|http| http.text(&self.sources.index)) {
                Ok(json) => {
                    let index = Index::parse(&json, &url)?;
                    // The copy is a convenience: a store that cannot be written shows at the installation itself.
                    let _ = files::write_whole(&copy, &json);
                    return Ok(index);
                }
                Err(error) => error,
            }
        };
        let Ok(json) = fs_err::read_to_string(&copy) else {
            return Err(failure);
        };
        let age = fs_err::metadata(&copy)?
            .modified()
            .ok()
            .and_then(|time| time.elapsed().ok())
            .unwrap_or_default();
        let reason = if self.is_offline {
            "GOSHIM_OFFLINE is set".to_owned()
        } else {
            failure.to_string()
        };
        on_event(Event::OldIndex {
            age,
            reason: &reason,
        });
        Index::parse(&json, &url)
    }

    /// This machine.
    pub fn platform(&self) -> Platform {
        self.platform
    }

    /// Installs the release that `query` means, of which nothing below `at_least` will do. An installed release is left as it is.
    ///
    /// # Errors
    /// Nothing of a failed installation is visible, and what was installed before is untouched.
    pub fn install(
        &self,
        query: &Query,
        at_least: Option<&Version>,
        on_event: &mut dyn FnMut(Event<'_>),
    ) -> Result<Installed, Error> {
        if let Query::Release(version) = query
            && at_least.is_none_or(|floor| version >= floor)
            && installed::find(&self.layout, version).is_some()
        {
            return Ok(self.was_there(version));
        }
        let started = Instant::now();
        let index = self.index(on_event)?;
        let release = index.select(query, at_least, self.platform)?;
        let mut timings = Timings {
            index: started.elapsed(),
            ..Timings::default()
        };
        if self.install_release(release, &mut timings, on_event)? {
            return Ok(self.was_there(&release.version));
        }
        let sdk = Sdk {
            version: release.version.clone(),
            root: self.layout.sdk(&release.version),
        };
        let is_new_default =
            default::set_first(&self.layout, &Query::Release(release.version.clone()))?;
        shims::sync(&self.layout)?;
        Ok(Installed {
            sdk,
            was_there: false,
            is_new_default,
            timings,
        })
    }

    /// What an installation comes to where the SDK is there. What a killed run did not get to is made up for, as far as the store can
    /// be written.
    fn was_there(&self, version: &Version) -> Installed {
        store::sweep(&self.layout, version, None);
        let is_new_default =
            default::set_first(&self.layout, &Query::Release(version.clone())).unwrap_or_default();
        let _ = shims::sync(&self.layout);
        let sdk = Sdk {
            version: version.clone(),
            root: self.layout.sdk(version),
        };
        Installed {
            sdk,
            was_there: true,
            is_new_default,
            timings: Timings::default(),
        }
    }

    /// Installs `release` unless it is there. Returns whether it was.
    fn install_release(
        &self,
        release: &Release,
        timings: &mut Timings,
        on_event: &mut dyn FnMut(Event<'_>),
    ) -> Result<bool, Error> {
        let version = &release.version;
        if installed::find(&self.layout, version).is_some() {
            return Ok(true);
        }
        let toolchain = version.toolchain();
        let no_archive = || Error::NoArchive {
            toolchain: toolchain.clone(),
            platform: self.platform.to_string(),
        };
        let archive = release.archive(self.platform).ok_or_else(no_archive)?;
        let sha256 = archive.sha256.as_deref().ok_or_else(|| Error::NoHash {
            toolchain: toolchain.clone(),
        })?;
        if self.is_offline {
            return Err(Error::Offline {
                what: archive.filename.clone(),
            });
        }
        let lock = Lock::acquire(&self.layout, version, on_event)?;
        store::sweep(&self.layout, version, Some(&lock));
        if installed::find(&self.layout, version).is_some() {
            return Ok(true);
        }
        let started = Instant::now();
        let url = self.sources.file(&archive.filename);
        let mut staging = store::stage(&self.layout, version)?;
        let mut unpacked = self.unpack(archive, sha256, &url, version, staging.path(), on_event);
        if let Err(Failed {
            is_resumed: true,
            error: Error::Checksum { .. },
        }) = unpacked
        {
            // What an earlier run left behind can be damaged where the machine went down: once more, from the start.
            staging = store::stage(&self.layout, version)?;
            unpacked = self.unpack(archive, sha256, &url, version, staging.path(), on_event);
        }
        let manifest = unpacked.map_err(|failed| failed.error)?;
        timings.unpack = started.elapsed();
        on_event(Event::Publishing);
        let started = Instant::now();
        // The records come before the name: what is visible has them. Records without an SDK are overwritten by the next installation.
        files::write_staged(
            staging.path(),
            &self.layout.manifest(version),
            &manifest.text(),
        )?;
        let receipt = Receipt {
            toolchain,
            platform: self.platform.to_string(),
            source: shown(&url),
            index: self.sources.index_shown(),
            sha256: sha256.to_owned(),
            h1: manifest.h1(version, self.platform),
            installed_at: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default()
                .as_secs(),
            goshim: env!("CARGO_PKG_VERSION").to_owned(),
        };
        receipt.write(staging.path(), &self.layout, version)?;
        store::publish(&self.layout, version, &staging.path().join("go"))?;
        timings.publish = started.elapsed();
        Ok(false)
    }

    /// Receives the archive, hashes it, and unpacks it into `staging` at the same time. What is there afterwards has the published hash.
    fn unpack(
        &self,
        archive: &Archive,
        sha256: &str,
        url: &reqwest::Url,
        version: &Version,
        staging: &Path,
        on_event: &mut dyn FnMut(Event<'_>),
    ) -> Result<Manifest, Failed> {
        let http = Http::new()?;
        let address = shown(url);
        let (sender, arriving) = sync_channel(PIECES);
        let (tell_retry, retries) = sync_channel::<String>(PIECES);
        let on_retry = Box::new(move |reason: &str| drop(tell_retry.try_send(reason.to_owned())));
        let download = Download::new(
            &self.layout,
            &http,
            url.clone(),
            archive.size,
            sha256,
            on_retry,
        )?;
        let resumed = download.resumed();
        on_event(Event::Downloading {
            version,
            url: &address,
            resumed,
            total: archive.size,
        });
        let unpacked = thread::scope(|scope| {
            let network = scope.spawn(move || receive(download, &sender));
            let mut pieces = Pieces {
                arriving,
                current: VecDeque::new(),
                received: 0,
                retries,
                on_event,
            };
            let unpacked = archive::unpack(&mut pieces, staging, version, self.platform);
            // A broken archive is most often a damaged one, so its hash decides what is said: the rest is received too.
            if !matches!(unpacked, Err(Failure::Disk(_))) {
                pieces.drain();
            }
            // The network's side ends at once where nobody takes its pieces.
            drop(pieces);
            let received = network
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            if let Err(Failure::Disk(error)) = unpacked {
                return Err(Error::Io(error));
            }
            let (download, actual) = received?;
            // Right or wrong, these bytes are of no further use.
            download.discard()?;
            if actual != sha256 {
                return Err(Error::Checksum {
                    url: address,
                    actual,
                    expected: sha256.to_owned(),
                });
            }
            unpacked.map_err(|failure| match failure {
                Failure::Disk(error) => Error::Io(error),
                Failure::Archive(reason) => Error::Archive {
                    url: address,
                    reason,
                },
            })
        });
        unpacked.map_err(|error| Failed {
            is_resumed: resumed > 0,
            error,
        })
    }
}

/// A failed download, and whether it went on from what an earlier run left.
struct Failed {
    is_resumed: bool,
    error: Error,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self {
            is_resumed: false,
            error,
        }
    }
}

/// The network's side: hashes every byte on its way to the unpacking side. Returns the digest, hexadecimal.
fn receive<'a>(
    mut download: Download<'a>,
    sender: &SyncSender<Vec<u8>>,
) -> Result<(Download<'a>, String), Error> {
    let mut hasher = Sha256::new();
    loop {
        let mut piece = vec![0; PIECE];
        let mut filled = 0;
        // Full pieces, for a read from the network gives a few kilobytes and each piece has its cost.
        while filled < piece.len() {
            match download.next(&mut piece[filled..])? {
                0 => break,
                count => filled += count,
            }
        }
        if filled == 0 {
            return Ok((download, hex(&hasher.finalize())));
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
    current: VecDeque<u8>,
    received: u64,
    retries: Receiver<String>,
    on_event: &'a mut (dyn FnMut(Event<'_>) + 'b),
}

impl Pieces<'_, '_> {
    /// The next piece; `false` at the end.
    fn advance(&mut self) -> bool {
        let next = loop {
            for reason in self.retries.try_iter() {
                (self.on_event)(Event::Retrying { reason: &reason });
            }
            match self.arriving.recv_timeout(Duration::from_millis(200)) {
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
        self.current = piece.into();
        true
    }

    /// Lets the rest arrive, for its hash.
    fn drain(&mut self) {
        while self.advance() {}
    }
}

impl Read for Pieces<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.current.is_empty() && !self.advance() {
            return Ok(0);
        }
        self.current.read(buffer)
    }
}
