//! The command tests: the real program, in sandboxes, against a mirror on the loopback interface.

#![expect(
    clippy::unwrap_used,
    reason = "a panic is how a test fails, in its helpers too"
)]

mod commands;
mod concurrency;
mod config;
mod default_version;
mod env;
mod env_formats;
mod every_command;
mod exec;
mod hostile;
mod init;
mod install;
mod interrupt;
mod kill;
mod layout;
mod link;
mod list;
mod misbehaving;
mod modes;
mod offline;
mod pin;
mod power;
mod races;
mod removing;
mod resume;
mod schemas;
mod screens;
mod setup;
mod sources;
mod store;
mod storm;
mod support;
mod table;
mod torture;
mod trust;
mod uninstall;
mod verification;
mod which_and_why;
mod why_else;
mod words;
