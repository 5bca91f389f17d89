//! An archive as a stream of bytes that survives broken connections.
//!
//! What has arrived lies in `downloads/<sha256>.part`; a later run, or a later try of this one, goes on behind it. The bytes are
//! trusted by nobody until the whole of them has the published sha256.

use std::io::{self, Read, Seek, Write};
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use fs_err::File;
use goshim_resolver::Layout;
use reqwest::Url;

use crate::error::Error;
use crate::files;
use crate::http::{Body, Http, io_cause};
use crate::source::shown;

/// How often a broken connection is made again without a byte in between.
const TRIES: u32 = 3;
/// The pause before the second try; it doubles.
const PAUSE: Duration = Duration::from_millis(300);
/// The largest archive that is received where the index gives no size; official ones are a quarter of it.
const CAP: u64 = 1 << 30;

/// The archive's bytes, from the part file first and then from the network.
pub(crate) struct Download<'a> {
    http: &'a Http,
    url: Url,
    size: Option<u64>,
    part: File,
    path: PathBuf,
    /// Bytes of the part file that are still to be read back.
    replay: u64,
    /// Bytes handed out so far.
    position: u64,
    body: Option<Body>,
    /// Bytes at the front of the body that are known already, where the server ignored the offset.
    skip: u64,
    tries: u32,
    on_retry: RetryCallback<'a>,
}

/// Told why the connection is made again.
pub(crate) type RetryCallback<'a> = Box<dyn FnMut(&str) + Send + 'a>;

impl<'a> Download<'a> {
    /// Opens the part file of an archive of `size` bytes.
    pub(crate) fn new(
        layout: &Layout,
        http: &'a Http,
        url: Url,
        size: Option<u64>,
        sha256: &str,
        on_retry: RetryCallback<'a>,
    ) -> Result<Self, Error> {
        let dir = layout.downloads();
        files::create_dirs(&dir)?;
        let path = dir.join(format!("{sha256}.part"));
        let part = fs_err::OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)?;
        let mut replay = part.metadata()?.len();
        if size.is_some_and(|size| replay > size) {
            part.set_len(0)?;
            replay = 0;
        }
        Ok(Self {
            http,
            url,
            size,
            part,
            path,
            replay,
            position: 0,
            body: None,
            skip: 0,
            tries: 0,
            on_retry,
        })
    }

    /// Bytes that an earlier run left.
    pub(crate) fn resumed(&self) -> u64 {
        self.replay
    }

    /// Deletes the part file: its bytes were used up, or are wrong.
    pub(crate) fn discard(self) -> Result<(), Error> {
        files::remove_if_there(&self.path)
    }

    /// The next bytes of the archive; 0 at its end. Errors are final: everything that can be tried again was.
    pub(crate) fn next(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        if self.replay > 0 {
            let most = usize::try_from(self.replay)
                .unwrap_or(usize::MAX)
                .min(buffer.len());
            let count = self.part.read(&mut buffer[..most])?;
            self.replay = if count == 0 {
                0
            } else {
                self.replay - count as u64
            };
            self.position += count as u64;
            if count > 0 {
                return Ok(count);
            }
        }
        loop {
            if self.size == Some(self.position) && self.body.is_none() {
                return Ok(0);
            }
            match self.receive(buffer) {
                Ok(0) if self.size.is_none_or(|size| size == self.position) => return Ok(0),
                Ok(0) => {
                    let expected = self.size.unwrap_or_default();
                    self.try_again(Error::Length {
                        url: shown(&self.url),
                        actual: self.position,
                        expected,
                    })?;
                }
                Ok(count) => {
                    self.part.write_all(&buffer[..count])?;
                    self.position += count as u64;
                    self.tries = 0;
                    let limit = self.size.unwrap_or(CAP);
                    if self.position > limit {
                        self.part.set_len(0)?;
                        return Err(Error::Length {
                            url: shown(&self.url),
                            actual: self.position,
                            expected: limit,
                        });
                    }
                    return Ok(count);
                }
                Err(error) => self.try_again(error)?,
            }
        }
    }

    /// Bytes from the network, over a new connection where there is none.
    fn receive(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        let body = if let Some(body) = &mut self.body {
            body
        } else {
            let body = self.http.body(&self.url, self.position)?;
            self.skip = self.position - body.offset;
            // What follows is written behind what is known, wherever the reading back left off.
            self.part.seek(io::SeekFrom::Start(self.position))?;
            self.body.insert(body)
        };
        let failed = |error: &io::Error| Error::Unreachable {
            url: shown(&self.url),
            reason: io_cause(error),
        };
        while self.skip > 0 {
            let most = usize::try_from(self.skip)
                .unwrap_or(usize::MAX)
                .min(buffer.len());
            match body
                .read(&mut buffer[..most])
                .map_err(|error| failed(&error))?
            {
                0 => return Ok(0),
                count => self.skip -= count as u64,
            }
        }
        body.read(buffer).map_err(|error| failed(&error))
    }

    /// Drops the connection and waits, or gives `error` back where enough was tried or trying is no use.
    fn try_again(&mut self, error: Error) -> Result<(), Error> {
        self.body = None;
        self.tries += 1;
        let is_final = matches!(&error, Error::Io(_))
            || matches!(&error, Error::Answer { what, .. } if !what.starts_with("status 5"));
        if is_final || self.tries >= TRIES {
            return Err(error);
        }
        (self.on_retry)(&error.to_string());
        sleep(PAUSE * 2u32.pow(self.tries - 1));
        Ok(())
    }
}
