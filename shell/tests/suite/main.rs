//! What goshim says to shells, said to real shells.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod lint;
mod round_trip;
mod session;
