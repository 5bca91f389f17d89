//! An archive as a stream of bytes: from a server, where it survives broken connections, or from a file of this machine.
//!
//! What a server has sent lies in `downloads/<sha256>.part`; a later run, or a later try of this one, goes on behind it. The bytes are
//! trusted by nobody until the whole of them has the published sha256. One process at a time writes to it: it is locked, and who cannot lock it
//! has a file without a name instead.

use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use fs_err::File;
use goshim_resolver::{Layout, escape};
use reqwest::Url;

use crate::error::{Error, cannot};
use crate::files;
use crate::http::{Body, Http, pause_after};
use crate::lock::{self, Locked};
use crate::own;
use crate::source::shown;

/// So much progress gives a download all its tries back. Less would let a server that sends a byte at a time go on for ever.
const PROGRESS: u64 = 256 << 10;
/// The largest archive that is received where the index does not say its size; official ones are below 210 MB.
const CAP: u64 = 512 << 20;
/// After this time without a new byte a part file is what nobody will go on with.
const ABANDONED: Duration = Duration::from_hours(7 * 24);

/// The bytes of an archive.
pub(crate) enum Supply {
    /// From a server.
    Server(Box<Download>),
    /// From a file of this machine, which is never changed.
    File(LocalFile),
}

impl Supply {
    /// The next bytes of the archive; 0 at its end. Errors are final: everything that can be tried again was.
    pub(crate) fn next(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        match self {
            Self::Server(download) => download.next(buffer),
            Self::File(file) => file.next(buffer),
        }
    }

    /// Bytes that an earlier run left.
    pub(crate) fn resumed(&self) -> u64 {
        match self {
            Self::Server(download) => download.replay,
            Self::File(_) => 0,
        }
    }

    /// Whether the bytes came in several answers, which need not be of one file.
    pub(crate) fn is_pieced(&self) -> bool {
        match self {
            Self::Server(download) => download.is_pieced,
            Self::File(_) => false,
        }
    }

    /// The file with what has arrived; its position is anywhere.
    pub(crate) fn file(&self) -> &std::fs::File {
        match self {
            Self::Server(download) => download.part.file(),
            Self::File(local) => local.file.file(),
        }
    }

    /// Deletes the part file: its bytes were used up, or are wrong.
    pub(crate) fn discard(self) -> Result<(), Error> {
        match self {
            Self::Server(download) => match &download.path {
                Some(path) => files::remove_if_there(path),
                None => Ok(()),
            },
            Self::File(_) => Ok(()),
        }
    }
}

/// A file of this machine.
pub(crate) struct LocalFile {
    file: File,
    path: PathBuf,
}

impl LocalFile {
    /// Opens the file, which must have `size` bytes where that is known.
    pub(crate) fn open(path: &Path, size: Option<u64>) -> Result<Self, Error> {
        let unreadable = |error: &io::Error| unreadable(path, error);
        let file = files::open_regular(path, fs_err::OpenOptions::new().read(true))
            .map_err(|error| unreadable(&error))?;
        let metadata = file.metadata().map_err(|error| unreadable(&error))?;
        if let Some(size) = size.filter(|size| *size != metadata.len()) {
            return Err(Error::Length {
                url: escape::path(path),
                actual: metadata.len(),
                expected: size,
            });
        }
        Ok(Self {
            file,
            path: path.to_owned(),
        })
    }

    fn next(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        let read = self.file.read(buffer);
        read.map_err(|error| unreadable(&self.path, &error))
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::Unreadable {
        file: path.to_owned(),
        reason: match error.kind() {
            io::ErrorKind::NotFound => "no such file".to_owned(),
            io::ErrorKind::InvalidInput => "it is no regular file".to_owned(),
            kind => kind.to_string(),
        },
    }
}

/// An archive on a server: the bytes of the part file first, and then those from the network.
pub(crate) struct Download {
    http: Arc<Http>,
    url: Url,
    /// Bytes in all: what the index says, else what the server said first.
    size: Option<u64>,
    part: File,
    /// The part file's; `None` where it has no name and goes when it is closed.
    path: Option<PathBuf>,
    /// Bytes of the part file that are still to be read back.
    replay: u64,
    /// Bytes handed out so far.
    position: u64,
    body: Option<Body>,
    /// Bytes at the front of the body that are known already, where the server ignored the offset.
    skip: u64,
    /// Whether the body is at the file's start, and nothing of it was looked at.
    is_unseen: bool,
    is_pieced: bool,
    tried: u32,
    /// Bytes since the last failure.
    progress: u64,
    on_retry: RetryCallback,
}

/// Told why the connection is made again.
pub(crate) type RetryCallback = Box<dyn FnMut(&str) + Send>;

impl Download {
    /// Opens the part file of an archive of `size` bytes.
    pub(crate) fn new(
        layout: &Layout,
        http: Arc<Http>,
        url: Url,
        size: Option<u64>,
        sha256: &str,
        on_retry: RetryCallback,
    ) -> Result<Self, Error> {
        let dir = layout.downloads();
        files::create_dirs(&dir)?;
        let path = dir.join(format!("{sha256}.part"));
        let (part, path) = match own_part(&path)? {
            Some(part) => (part, Some(path)),
            None => (nameless(&dir)?, None),
        };
        let mut replay = part.metadata()?.len();
        if replay > size.unwrap_or(CAP) {
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
            is_unseen: false,
            is_pieced: replay > 0,
            tried: 0,
            progress: 0,
            on_retry,
        })
    }

    fn next(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
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
                    self.try_again(self.length(self.position, expected))?;
                }
                Ok(count) => {
                    self.part.write_all(&buffer[..count])?;
                    self.position += count as u64;
                    self.progress += count as u64;
                    let limit = self.size.unwrap_or(CAP);
                    if self.position > limit {
                        self.part.set_len(0)?;
                        return Err(self.length(self.position, limit));
                    }
                    return Ok(count);
                }
                Err(error) => self.try_again(error)?,
            }
        }
    }

    /// Bytes from the network, over a new connection where there is none.
    fn receive(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        if self.body.is_none() {
            self.connect()?;
        }
        loop {
            let Some(body) = &mut self.body else {
                return Ok(0);
            };
            let room = usize::try_from(self.skip).unwrap_or(usize::MAX);
            let room = if self.skip > 0 {
                room.min(buffer.len())
            } else {
                buffer.len()
            };
            let count = body
                .read(&mut buffer[..room])
                .map_err(|error| self.http.broke_off(&self.url, &error))?;
            if std::mem::take(&mut self.is_unseen) && is_page(&buffer[..count]) {
                return Err(Error::Page {
                    url: shown(&self.url),
                });
            }
            if self.skip == 0 || count == 0 {
                return Ok(count);
            }
            self.skip -= count as u64;
        }
    }

    /// Asks for the bytes behind what is there.
    fn connect(&mut self) -> Result<(), Error> {
        let body = self.http.body(&self.url, self.position)?;
        match (body.total, self.size) {
            (Some(total), Some(size)) if total != size => return Err(self.length(total, size)),
            // A mirror is not trusted with the disk.
            (Some(total), None) if total > CAP => return Err(self.length(total, CAP)),
            // Where there is less than what an earlier run left, that is no part of this file; the hash will say so.
            (Some(total), None) if total >= self.position => self.size = Some(total),
            _ => {}
        }
        self.skip = self.position - body.offset;
        self.is_unseen = body.offset == 0;
        self.is_pieced |= self.position > 0;
        // What follows is written behind what is known, wherever the reading back left off.
        self.part.seek(io::SeekFrom::Start(self.position))?;
        self.body = Some(body);
        Ok(())
    }

    /// Drops the connection and waits, or gives `error` back where enough was tried or trying is no use.
    fn try_again(&mut self, error: Error) -> Result<(), Error> {
        self.body = None;
        if self.progress >= PROGRESS {
            self.tried = 0;
        }
        self.progress = 0;
        let pause =
            pause_after(&error, self.tried).filter(|_| self.tried < self.http.limits().retries);
        let Some(pause) = pause else {
            return Err(error);
        };
        self.tried += 1;
        (self.on_retry)(&error.to_string());
        sleep(pause);
        Ok(())
    }

    fn length(&self, actual: u64, expected: u64) -> Error {
        Error::Length {
            url: shown(&self.url),
            actual,
            expected,
        }
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        // A part of nothing is no use to anybody. `replay` says that nothing was looked at yet.
        if let Some(path) = &self.path
            && self.position == 0
            && self.replay == 0
        {
            let _ = fs_err::remove_file(path);
        }
    }
}

/// How often a part file is opened anew because it was replaced in between.
const TRIES: usize = 100;

/// The part file at `path`, locked; `None` where another process has locked it, or nobody can.
///
/// What is no file, a link to one, or has a second name is somebody's own: it loses this name, and nothing is written to it.
fn own_part(path: &Path) -> Result<Option<File>, Error> {
    for _ in 0..TRIES {
        if fs_err::symlink_metadata(path).is_ok_and(|it| !it.is_dir() && !is_sole(&it)) {
            files::remove_if_there(path)?;
        }
        let mut options = fs_err::OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true);
        #[cfg(unix)]
        fs_err::os::unix::fs::OpenOptionsExt::custom_flags(
            &mut options,
            files::flags(rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW),
        );
        let part = match options.open(path) {
            // Something else came there since.
            Err(_) if fs_err::symlink_metadata(path).is_ok_and(|it| it.is_symlink()) => continue,
            part => part?,
        };
        if !is_sole(&part.metadata()?) {
            continue;
        }
        match lock::try_lock(&part)? {
            Locked::Held if files::is_at(&part, path) => return Ok(Some(part)),
            // Another process was done with it and deleted it.
            Locked::Held => {}
            Locked::Busy => return Ok(None),
            Locked::Unsupported => {
                // Made just now, and of no use.
                if part.metadata()?.len() == 0 {
                    files::remove_if_there(path)?;
                }
                return Ok(None);
            }
        }
    }
    Ok(None)
}

/// Whether this is a file, by one name alone.
fn is_sole(metadata: &std::fs::Metadata) -> bool {
    #[cfg(unix)]
    let is_linked = std::os::unix::fs::MetadataExt::nlink(metadata) > 1;
    #[cfg(not(unix))]
    let is_linked = false;
    metadata.is_file() && !is_linked
}

/// A file that nobody else can find.
fn nameless(dir: &Path) -> Result<File, Error> {
    let file = tempfile::tempfile_in(dir)
        .map_err(|error| cannot(format_args!("create a file in {}", dir.display()), &error))?;
    Ok(File::from_parts(file, dir.join("(a file without a name)")))
}

/// Whether bytes are the start of a web page: an archive begins with other ones.
fn is_page(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"<")
}

/// Removes the part files that nobody has gone on with for a week. Failures are left for the next run.
pub(crate) fn sweep(layout: &Layout) {
    for path in own::contents(layout, &layout.downloads()).own {
        if files::age(&path).is_some_and(|age| age > ABANDONED) {
            let _ = fs_err::remove_file(path);
        }
    }
}
