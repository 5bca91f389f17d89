//! What goes from the network's thread to the unpacking one.

use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};

use sha2::{Digest as _, Sha256};

use crate::cancel::{Cancel, LOOK};
use crate::download::Supply;
use crate::error::Error;
use crate::event::Event;
use crate::hex::hex;

/// The size of the pieces that go from the network's thread to the unpacking one, and how many may wait.
const PIECE: usize = 256 << 10;
pub(super) const PIECES: usize = 16;

/// The network's side: hashes every byte on its way to the unpacking side. Returns the digest, hexadecimal.
pub(super) fn receive(
    mut supply: Supply,
    sender: &SyncSender<Vec<u8>>,
) -> Result<(Supply, String), Error> {
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
pub(super) struct Pieces<'a, 'b> {
    arriving: Receiver<Vec<u8>>,
    current: Vec<u8>,
    position: usize,
    received: u64,
    retries: Receiver<String>,
    cancel: Cancel,
    on_event: &'a mut (dyn FnMut(Event<'_>) + 'b),
}

impl<'a, 'b> Pieces<'a, 'b> {
    /// What arrives, until `cancel` stops it. What comes out of `retries` is told to `on_event` as well as the progress.
    pub(super) fn new(
        arriving: Receiver<Vec<u8>>,
        retries: Receiver<String>,
        cancel: Cancel,
        on_event: &'a mut (dyn FnMut(Event<'_>) + 'b),
    ) -> Self {
        Self {
            arriving,
            current: Vec::new(),
            position: 0,
            received: 0,
            retries,
            cancel,
            on_event,
        }
    }

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
    pub(super) fn drain(&mut self) {
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
