//! Uninstalling: out of sight with one rename, then deleted.

use goshim_resolver::{Layout, Version, store as installed};

use crate::cancel::Cancel;
use crate::error::Error;
use crate::event::Event;
use crate::lock::Lock;
use crate::{shims, store};

/// Takes an SDK away.
///
/// # Errors
/// Where it is not installed, or the store cannot be changed; then it is as it was.
pub fn uninstall(
    layout: &Layout,
    version: &Version,
    on_event: &mut dyn FnMut(Event<'_>),
) -> Result<(), Error> {
    let not_installed = || Error::NotInstalled {
        toolchain: layout.name(version),
    };
    installed::find(layout, version).ok_or_else(not_installed)?;
    let lock = Lock::acquire(layout, version, &Cancel::default(), on_event)?;
    store::sweep(layout, version, Some(&lock));
    // Another process may have been faster.
    installed::find(layout, version).ok_or_else(not_installed)?;
    store::retire(layout, version)?;
    shims::sync(layout)
}
