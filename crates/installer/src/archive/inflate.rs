//! Inflating on one thread while another one writes what came out.

use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use flate2::bufread::GzDecoder;
use goshim_resolver::escape::Escaped;

use super::{Failure, MOST_BYTES, refuse};

/// The size of the blocks that go from the inflating thread to the writing one, and how many may wait.
const BLOCK: usize = 256 << 10;
const BLOCKS: usize = 16;

/// No Go archive is compressed nearly as much; small ones are no danger whatever their ratio.
const MOST_RATIO: u64 = 30;
const FREE_OF_RATIO: u64 = 64 << 20;

/// A pair of ends: what the inflating thread puts in, the writing thread reads.
pub(super) fn blocks() -> (Sender, Blocks) {
    let (full, filled) = sync_channel(BLOCKS);
    let (empty, emptied) = sync_channel(BLOCKS + 2);
    let sender = Sender { full, emptied };
    let blocks = Blocks {
        filled,
        empty,
        current: Vec::new(),
        position: 0,
    };
    (sender, blocks)
}

/// The inflating end.
pub(super) struct Sender {
    full: SyncSender<Vec<u8>>,
    emptied: Receiver<Vec<u8>>,
}

impl Sender {
    /// Inflates a gzip file of one member to its end, behind which there must be nothing. Ends early, without an error, where nobody
    /// reads any more.
    pub(super) fn inflate(self, compressed: impl BufRead) -> Result<(), Failure> {
        let broken = |error: io::Error| Failure::Archive(Escaped(&error.to_string()).to_string());
        let mut decoder = GzDecoder::new(Counted {
            inner: compressed,
            count: 0,
        });
        let mut inflated = 0;
        loop {
            let mut block = self.emptied.try_recv().unwrap_or_default();
            block.resize(BLOCK, 0);
            let mut filled = 0;
            while let Some(room) = block.get_mut(filled..).filter(|room| !room.is_empty()) {
                match decoder.read(room).map_err(broken)? {
                    0 => break,
                    count => filled += count,
                }
            }
            if filled == 0 {
                break;
            }
            block.truncate(filled);
            inflated += filled as u64;
            let most = (decoder.get_ref().count * MOST_RATIO).max(FREE_OF_RATIO);
            if inflated > most {
                return refuse("it unpacks to far more than any Go distribution of its size");
            }
            // Names and padding come on top of the files' bytes, which are counted where they are written.
            if inflated > MOST_BYTES + (MOST_BYTES >> 3) {
                return refuse("it is larger than any Go distribution");
            }
            if self.full.send(block).is_err() {
                return Ok(());
            }
        }
        if decoder.get_mut().fill_buf().map_err(broken)?.is_empty() {
            Ok(())
        } else {
            refuse("something follows the compressed data")
        }
    }
}

/// Counts the bytes that are taken.
struct Counted<R> {
    inner: R,
    count: u64,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count += count as u64;
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.count += count as u64;
        self.inner.consume(count);
    }
}

/// The writing end: the inflated bytes. It ends where the inflating thread does, whether that succeeded or not.
pub(super) struct Blocks {
    filled: Receiver<Vec<u8>>,
    empty: SyncSender<Vec<u8>>,
    current: Vec<u8>,
    position: usize,
}

impl Read for Blocks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Blocks {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.position == self.current.len() {
            self.position = 0;
            let next = self.filled.recv().unwrap_or_default();
            let used = std::mem::replace(&mut self.current, next);
            // A block that nobody wants back is freed.
            let _ = self.empty.try_send(used);
        }
        Ok(self.current.get(self.position..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.position += count;
    }
}
