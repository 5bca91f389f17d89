//! The command tests: the real program, in sandboxes, against a mirror on the loopback interface.

#![expect(
    clippy::unwrap_used,
    reason = "a panic is how a test fails, in its helpers too"
)]

mod concurrency;
mod config;
mod default_version;
mod env;
mod exec;
mod init;
mod install;
mod interrupt;
mod kill;
mod layout;
mod list;
mod misbehaving;
mod modes;
mod offline;
mod pin;
mod resume;
mod sources;
mod support;
mod table;
mod trust;
mod uninstall;
mod verification;
mod which_and_why;
mod why_else;
mod words;
