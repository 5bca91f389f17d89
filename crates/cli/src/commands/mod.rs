//! The commands, a file each: its arguments and its `run`.

pub(crate) mod cache;
pub(crate) mod current;
pub(crate) mod default;
pub(crate) mod exec;
pub(crate) mod install;
pub(crate) mod latest;
pub(crate) mod list;
pub(crate) mod outdated;
pub(crate) mod prune;
pub(crate) mod repair;
pub(crate) mod setup;
pub(crate) mod status;
pub(crate) mod uninstall;
pub(crate) mod unuse;
pub(crate) mod upgrade;
pub(crate) mod use_version;
pub(crate) mod verify;
pub(crate) mod version;
pub(crate) mod where_root;
pub(crate) mod which;
pub(crate) mod why;
