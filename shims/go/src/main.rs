//! The shim: installed as `go`, `gofmt` and `go1.22.10`, it becomes the Go that the working directory asks for.
//!
//! With the SDK there it reads a few files and replaces itself: no socket, no write, no lock, no child. Only where the SDK is
//! missing, and may be installed, it starts the command line beside it and waits.

#![cfg_attr(unix, no_main)]
#![deny(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    reason = "this code runs before every go command: no input may end it"
)]

mod decide;
mod install;
mod say;
mod trace;

#[cfg(unix)]
#[path = "unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "windows.rs"]
mod platform;

#[cfg(windows)]
fn main() -> std::process::ExitCode {
    platform::main()
}
