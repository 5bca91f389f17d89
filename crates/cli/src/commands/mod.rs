//! The commands, a file each: its arguments and its `run`.

pub(crate) mod cache;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod default;
pub(crate) mod env;
pub(crate) mod exec;
pub(crate) mod init;
pub(crate) mod install;
pub(crate) mod layout;
pub(crate) mod list;
pub(crate) mod prompt;
pub(crate) mod prune;
pub(crate) mod repair;
pub(crate) mod session;
pub(crate) mod setup;
pub(crate) mod shell;
pub(crate) mod trust;
pub(crate) mod uninstall;
pub(crate) mod unsetup;
pub(crate) mod use_version;
pub(crate) mod verify;
pub(crate) mod which;
pub(crate) mod why;
