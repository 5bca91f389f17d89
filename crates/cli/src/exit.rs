//! The exit codes. Those of `goshim exec` and of the shim follow the shells: 126 and 127.

/// The operation failed; the message says why.
pub(crate) const FAILURE: u8 = 1;
/// The words of the command line are not understood.
pub(crate) const USAGE: u8 = 2;
/// `uninstall`: somebody is running the SDK.
pub(crate) const IN_USE: u8 = 3;
/// A project's settings are not trusted (`EX_CONFIG` of sysexits.h).
pub(crate) const UNTRUSTED: u8 = 78;
/// `exec`: the program is there and cannot be executed.
pub(crate) const CANNOT_EXECUTE: u8 = 126;
/// `exec`, `which`: there is nothing to execute.
pub(crate) const NOTHING_TO_EXECUTE: u8 = 127;
