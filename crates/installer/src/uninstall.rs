//! Uninstalling: out of sight with one rename, then deleted.

use goshim_resolver::store::{self as installed, Holder};
use goshim_resolver::{Layout, Version};

use crate::cancel::Cancel;
use crate::error::Error;
use crate::event::Event;
use crate::lock::Lock;
use crate::{shims, store, usage};

/// Takes an SDK away from the user's own store. One that somebody is running from is not, unless `is_forced`: such processes keep the files
/// that they have open, and find no others.
///
/// # Errors
/// Where it is not installed or in use, or the store cannot be changed; then it is as it was.
pub fn uninstall(
    layout: &Layout,
    version: &Version,
    is_forced: bool,
    on_event: &mut dyn FnMut(Event<'_>),
) -> Result<(), Error> {
    own(layout, version)?;
    let lock = Lock::acquire(layout, version, &Cancel::default(), on_event)?;
    store::sweep(layout, version, Some(&lock));
    // Another process may have been faster.
    own(layout, version)?;
    if !is_forced {
        match usage::processes(&layout.sdk(version)) {
            None => on_event(Event::UsersUnknown {
                name: &layout.name(version),
            }),
            Some(processes) if !processes.is_empty() => {
                return Err(Error::InUse {
                    toolchain: layout.name(version),
                    processes,
                });
            }
            Some(_) => {}
        }
    }
    if let Some(error) = store::retire(layout, version)? {
        on_event(Event::Remains {
            name: &layout.name(version),
            reason: &error.to_string(),
        });
    }
    shims::sync(layout)
}

/// Fails where the user's own store does not have the SDK, and says who has it.
pub(crate) fn own(layout: &Layout, version: &Version) -> Result<(), Error> {
    if installed::find_own(layout, version).is_some() {
        return Ok(());
    }
    let toolchain = layout.name(version);
    Err(match installed::find(layout, version) {
        Some(sdk) => match installed::holder(layout, &sdk) {
            Holder::Further(store) => Error::NotOurs {
                toolchain,
                store: store.home().to_owned(),
            },
            Holder::Own => Error::NotInstalled { toolchain },
        },
        None => Error::NotInstalled { toolchain },
    })
}
